"""What calling a SQLAlchemy name makes, and what the methods of such values make.

No code is run: a call is known by its dotted name and its evaluated arguments.
"""

from __future__ import annotations

from alembic_lint.extract.binding import Signature, bind
from alembic_lint.extract.coercion import (
    as_autoincrement,
    as_flag,
    as_maybe_name,
    as_name,
    as_server_default,
    described,
)
from alembic_lint.extract.column_types import as_type, construct_type, is_type, with_variant
from alembic_lint.extract.constraints import attached, construct_schema_item
from alembic_lint.extract.expressions import construct_expression, expression_method
from alembic_lint.extract.sqlalchemy_names import resolve
from alembic_lint.model import (
    UNSET,
    Argument,
    CheckConstraint,
    Column,
    ColumnType,
    Computed,
    FinalName,
    Flag,
    ForeignKeyConstraint,
    Identity,
    Reference,
    Sequence_,
    ServerDefault,
    SqlExpression,
    Type,
    Unknown,
    Unset,
    Value,
)

__all__ = ["as_type", "construct", "method"]

COLUMN = Signature.of(
    "*items, name=, type_=, autoincrement=, default=, insert_default=, doc=, key=, index=, "
    "unique=, info=, nullable=, onupdate=, primary_key=, server_default=, server_onupdate=, "
    "quote=, system=, comment=, insert_sentinel=, **dialect_kwargs"
)
"""`sa.Column`: its name and its type may also be the first two items."""

_KEPT = ("doc", "key", "info", "onupdate", "server_onupdate", "quote", "system", "insert_sentinel")

_COLUMN_NAMES = frozenset({"sqlalchemy.orm.mapped_column", "sqlalchemy.orm.column_property"})


def construct(name: str, arguments: tuple[Argument, ...]) -> Value | None:
    """The value that calling `name`, a dotted reference, makes; None where it is not known.

    A `ForeignKey` is a `ForeignKeyConstraint` whose `columns` are empty until it stands in a
    column. A string that SQLAlchemy only wraps (`quoted_name`, `conv`) is that string.
    """
    made = construct_type(name, arguments)
    if made is not None:
        return made
    known = resolve(name)
    if name in _COLUMN_NAMES or (known is not None and known.last == "Column"):
        return _column(arguments)
    if known is not None:
        item = construct_schema_item(known.last, arguments)
        if not isinstance(item, Unset):
            return item
    match None if known is None else known.last:
        case "column" | "ColumnClause":
            bound = bind(Signature.of("text, type_=, is_literal="), arguments)
            type_ = bound.get("type_")
            given = None if type_ is UNSET or type_ is None else as_type(type_)
            return Column(name=as_name(bound.get("text")), type=given)
        case "quoted_name" | "conv" as last:
            text = as_name(bind(Signature.of("value, quote="), arguments).get("value"))
            return FinalName(text) if last == "conv" and isinstance(text, str) else text
        case _:
            return construct_expression(name, arguments)


def method(value: Value, method: str, arguments: tuple[Argument, ...]) -> Value | None:
    """What a method of a value makes; None where the value has no method that is known."""
    match value:
        case ColumnType():
            if method == "with_variant":
                return with_variant(value, arguments)
            return value if method in {"copy", "evaluates_none"} else None
        case SqlExpression() | Column():
            return expression_method(value, method)
        case Sequence_() if method == "next_value":
            return SqlExpression(Unknown("each database has its own SQL for next_value()"))
        case _:
            return None


def _column(arguments: tuple[Argument, ...]) -> Column:
    """`sa.Column`. Source: sqlalchemy/sql/schema.py, `Column.__init__`."""
    bound = bind(COLUMN, arguments)
    name, type_, items = _leading(bound.rest, named="name" in bound.values)
    if name is UNSET:
        name = bound.get("name")
    if type_ is UNSET or type_ is None:
        type_ = bound.get("type_")
    if not bound.rest_known and type_ is UNSET:
        type_ = Unknown("the arguments of the column are not known")
        items = (*items, type_)
    column_name = as_name(name)
    keys: list[ForeignKeyConstraint | Unknown] = []
    checks: list[CheckConstraint] = []
    keywords: list[tuple[str, Value]] = []
    sequence: Sequence_ | None = None
    default = False
    server_default: ServerDefault = None
    for value in (bound.get("default"), bound.get("insert_default")):
        match value:
            case None | Unset.UNSET:
                pass
            case Sequence_():
                sequence = value
            case _:
                default = True
    given = bound.get("server_default")
    if not isinstance(given, Unset):
        server_default = as_server_default(given)
        if isinstance(server_default, Unknown) and not isinstance(given, Unknown):
            keywords.append(("server_default", given))
    for item in items:
        match item:
            case ForeignKeyConstraint():
                keys.append(attached(item, column_name))
            case CheckConstraint():
                checks.append(item)
            case Sequence_():
                sequence = item
            case Computed() | Identity() | str() | SqlExpression():
                server_default = item
            case Reference(name="sqlalchemy.Identity" | "sqlalchemy.schema.Identity"):
                server_default = Identity()
            case None:
                pass
            case Unknown():
                keys.append(item)
            case _:
                keys.append(Unknown(f"{described(item)} may be part of the column"))
    kept = ((keyword, bound.values.get(keyword, UNSET)) for keyword in _KEPT)
    keywords.extend((keyword, value) for keyword, value in kept if value is not UNSET)
    return Column(
        name=column_name,
        type=_given_type(type_),
        nullable=_nullable(bound.get("nullable")),
        primary_key=as_flag(bound.get("primary_key")),
        server_default=server_default,
        default=default,
        autoincrement=as_autoincrement(bound.get("autoincrement")),
        unique=as_flag(bound.get("unique")),
        index=as_flag(bound.get("index")),
        foreign_keys=tuple(keys),
        checks=tuple(checks),
        sequence=sequence,
        comment=as_maybe_name(bound.get("comment")),
        keywords=(*keywords, *bound.leftover()),
    )


def _leading(
    items: tuple[Value, ...], *, named: bool
) -> tuple[Value | Unset, Value | Unset, tuple[Value, ...]]:
    """Name and type where they are the first items, and the other items.

    An Unknown is taken for the name when it comes first (unless the call is `named` by keyword),
    and for the type when it comes second: it could be another part, but in practice is not.
    """
    name: Value | Unset = UNSET
    type_: Value | Unset = UNSET
    if items and (isinstance(items[0], str) or (isinstance(items[0], Unknown) and not named)):
        name, items = items[0], items[1:]
    elif items and items[0] is None:
        items = items[1:]
    if items and (items[0] is None or isinstance(items[0], Unknown) or is_type(items[0])):
        type_, items = items[0], items[1:]
    return name, type_, items


def _given_type(value: Value | Unset) -> Type | None:
    """A column's type; None where it is not given. SQLAlchemy treats a `type_=None` so, too."""
    return None if value is UNSET or value is None else as_type(value)


def _nullable(value: Value | Unset) -> Flag | None:
    """`nullable`; None where it is not given. An explicit `nullable=None` makes NOT NULL."""
    match value:
        case Unset.UNSET:
            return None
        case Reference(name=name) if name.endswith("NULL_UNSPECIFIED"):
            return None
        case _:
            return as_flag(value)
