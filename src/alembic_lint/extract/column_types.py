"""Column types: what a call such as `sa.String(50)` or a bare class such as `sa.Integer` makes."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.extract.binding import Bound, Signature, bind
from alembic_lint.extract.coercion import as_flag, as_maybe_name, as_name, misfit
from alembic_lint.extract.sqlalchemy_names import (
    DIALECT_TYPES,
    GENERIC_TYPES,
    is_dotted_type,
    resolve,
)
from alembic_lint.model import (
    UNSET,
    Argument,
    ColumnType,
    EnumType,
    Flag,
    MaybeName,
    Name,
    Reference,
    Type,
    Unknown,
    Unset,
    Value,
)

_ANY = Signature.of("*args, **keywords")

_AUTO_STRINGS = frozenset({"sqlmodel.AutoString", "sqlmodel.sql.sqltypes.AutoString"})

_ENUM_NAMES = {(None, "Enum"), ("postgresql", "ENUM"), ("mysql", "ENUM")}


def construct_type(name: str, arguments: tuple[Argument, ...]) -> Type | None:
    """The type that calling `name` makes; None where `name` is no type that is known by name."""
    bound = bind(_ANY, arguments)
    if name in _AUTO_STRINGS:
        return _auto_string(bound)
    if name.endswith(".as_mutable") and arguments:
        return as_type(bound.rest[0] if bound.rest else bound.get("sqltype"))
    known = resolve(name)
    if known is None:
        return ColumnType(name, *_written(bound), known=False) if is_dotted_type(name) else None
    dialect = _owner(known.last, known.dialect)
    if isinstance(dialect, Unset):
        return None
    enum = _enum(bound, dialect) if (dialect, known.last) in _ENUM_NAMES else None
    return ColumnType(known.last, *_written(bound), dialect=dialect, enum=enum)


def as_type(value: Value | Unset) -> Type:
    """The type that a value stands for where SQLAlchemy wants one; a bare class is instantiated."""
    match value:
        case ColumnType() | Unknown():
            return value
        case None:
            return ColumnType("NullType")
        case Reference(name, called):
            made = construct_type(name, ())
            if isinstance(made, ColumnType):
                # Of a call that only its name is left of, the arguments are gone.
                return replace(made, known=made.known and not called)
            if resolve(name) is not None:
                return Unknown(f"{name} is not a type")
            return ColumnType(name, known=False)
        case _:
            return misfit("no value" if value is UNSET else value, "a type")


def is_type(value: Value) -> bool:
    """Whether `Column` would take a positional argument for its type."""
    match value:
        case ColumnType():
            return True
        case Reference(name):
            return construct_type(name, ()) is not None or resolve(name) is None
        case _:
            return False


def with_variant(base: ColumnType, arguments: tuple[Argument, ...]) -> ColumnType:
    """`base.with_variant(type, "dialect", …)`.

    A variant that is not known is a type that is not known, on its dialects only.
    """
    bound = bind(Signature.of("type_, *dialect_names"), arguments)
    given = as_type(bound.get("type_"))
    variant = ColumnType("unknown", known=False) if isinstance(given, Unknown) else given
    names = tuple(name for name in bound.rest if isinstance(name, str))
    complete = bound.rest_known and len(names) == len(bound.rest)
    return replace(
        base,
        known=base.known and complete,
        variants=(*base.variants, *((name, variant) for name in names)),
    )


def _owner(last: str, dialect: str | None) -> str | Unset | None:
    """The dialect a type belongs to, None for a generic one, UNSET where it is no type.

    A dialect's module passes on generic types under their own names.
    """
    if dialect is not None and last in DIALECT_TYPES.get(dialect, ()):
        return dialect
    return None if last in GENERIC_TYPES else UNSET


def _written(bound: Bound) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
    """Arguments and keywords as written, but that types among them are types."""
    args = tuple(_inner(value) for value in bound.rest)
    return args, tuple((keyword, _inner(value)) for keyword, value in bound.keywords)


def _inner(value: Value) -> Value:
    """A type inside another one, `ARRAY(sa.Integer)`; other values as they are."""
    match value:
        case Reference(name) if construct_type(name, ()) is not None:
            return as_type(value)
        case _:
            return value


def _auto_string(bound: Bound) -> ColumnType:
    """SQLModel's string, a `String` that is given 255 characters on MySQL when it has no length.

    Source: sqlmodel/sql/sqltypes.py, `AutoString.load_dialect_impl`.
    """
    args, keywords = _written(bound)
    sized = bool(args) or bound.get("length") not in (UNSET, None)
    variants = () if sized else (("mysql", ColumnType("String", (255,))),)
    return ColumnType("String", args, keywords, variants=variants)


def _enum(bound: Bound, dialect: str | None) -> EnumType:
    """The enumeration that `sa.Enum` or a dialect's ENUM describes.

    Source: sqlalchemy/sql/sqltypes.py, `Enum._enum_init`: a Python enum lends its name in lower
    case. `create_type` reaches PostgreSQL from `sa.Enum` since SQLAlchemy 2.1 only.
    """
    values: tuple[Name, ...] | Unknown
    name: MaybeName = as_maybe_name(bound.get("name"))
    match bound.rest:
        case (Reference(name=reference, called=False),) if bound.rest_known:
            values = Unknown(f"the members of {reference} are not known")
            if bound.get("name") is UNSET:
                name = reference.rpartition(".")[2].lower()
        case (Unknown() as unseen,):
            # It may be a Python enum, which would also lend its name.
            values = unseen
            name = unseen if bound.get("name") is UNSET else name
        case items if bound.rest_known:
            values = tuple(as_name(item) for item in items)
        case _:
            values = Unknown("the values are not known")
    create_type: Flag = as_flag(bound.get("create_type"), default=True)
    if dialect is None and create_type is False:
        create_type = Unknown("SQLAlchemy before 2.1 ignores create_type on sa.Enum")
    return EnumType(
        name=name,
        values=values,
        schema=as_maybe_name(bound.get("schema")),
        native=as_flag(bound.get("native_enum"), default=True),
        create_type=create_type,
        create_constraint=as_flag(bound.get("create_constraint")),
        postgresql=dialect == "postgresql",
    )
