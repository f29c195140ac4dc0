"""Constraints, indexes, defaults and tables: what SQLAlchemy's constructors for them make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from alembic_lint.extract.binding import Bound, Signature, bind
from alembic_lint.extract.coercion import (
    as_element,
    as_expression,
    as_flag,
    as_maybe_flag,
    as_maybe_name,
    as_name,
    as_names,
    as_sql,
    misfit,
)
from alembic_lint.model import (
    UNSET,
    Argument,
    CheckConstraint,
    Computed,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    IndexElement,
    MaybeName,
    Name,
    PrimaryKeyConstraint,
    Sequence_,
    SqlExpression,
    TableValue,
    UniqueConstraint,
    Unknown,
    Unset,
    Value,
)

_OPTIONS = "onupdate=, ondelete=, deferrable=, initially="

CONSTRUCTORS: dict[str, Signature] = {
    "CheckConstraint": Signature.of(
        "sqltext, name=, deferrable=, initially=, table=, info=, **dialect_kw"
    ),
    "Computed": Signature.of("sqltext, persisted="),
    "DefaultClause": Signature.of("arg, for_update="),
    "ExcludeConstraint": Signature.of("*elements, **kw"),
    "FetchedValue": Signature.of("for_update="),
    "ForeignKey": Signature.of(
        f"column, _constraint=, use_alter=, name=, {_OPTIONS}, "
        "link_to_name=, match=, info=, comment=, _unresolvable=, **dialect_kw"
    ),
    "ForeignKeyConstraint": Signature.of(
        f"columns, refcolumns, name=, {_OPTIONS}, "
        "use_alter=, link_to_name=, match=, table=, info=, comment=, **dialect_kw"
    ),
    "Identity": Signature.of(
        "always=, on_null=, start=, increment=, minvalue=, maxvalue=, nominvalue=, nomaxvalue=, "
        "cycle=, cache=, order=, **dialect_kw"
    ),
    "Index": Signature.of("name, *expressions, unique=, quote=, info=, **dialect_kw"),
    "PrimaryKeyConstraint": Signature.of(
        "*columns, name=, deferrable=, initially=, info=, **dialect_kw"
    ),
    "Sequence": Signature.of(
        "name, start=, increment=, minvalue=, maxvalue=, nominvalue=, nomaxvalue=, cycle=, "
        "schema=, cache=, order=, data_type=, optional=, quote=, metadata=, quote_schema=, "
        "for_update=, **dialect_kw"
    ),
    "Table": Signature.of("name, metadata, *args, schema=, **kw"),
    "UniqueConstraint": Signature.of(
        "*columns, name=, deferrable=, initially=, info=, **dialect_kw"
    ),
    "table": Signature.of("name, *columns, **kw"),
}
"""SQLAlchemy's signatures, without the parameters that only SQLAlchemy itself passes by keyword."""


def construct_schema_item(last: str, arguments: tuple[Argument, ...]) -> Value | Unset:
    """What calling SQLAlchemy's `last` makes; UNSET where it is none of `CONSTRUCTORS`."""
    builder = _BUILDERS.get(last)
    return UNSET if builder is None else builder(bind(CONSTRUCTORS[last], arguments))


def foreign_key(
    bound: Bound,
    *,
    columns: tuple[Name, ...] | Unknown,
    referent: Name,
    referent_columns: tuple[Name, ...] | Unknown,
    referent_schema: MaybeName = None,
    taken: tuple[str, ...] = (),
) -> ForeignKeyConstraint:
    """A foreign key with the options that the call passes; `taken` are no options of it."""
    return ForeignKeyConstraint(
        columns=columns,
        referent=referent,
        referent_columns=referent_columns,
        name=as_maybe_name(bound.get("name")),
        referent_schema=referent_schema,
        ondelete=as_maybe_name(bound.get("ondelete")),
        onupdate=as_maybe_name(bound.get("onupdate")),
        deferrable=as_maybe_flag(bound.get("deferrable")),
        initially=as_maybe_name(bound.get("initially")),
        match=as_maybe_name(bound.get("match")),
        use_alter=as_flag(bound.get("use_alter")),
        not_valid=as_flag(bound.get("postgresql_not_valid")),
        keywords=bound.leftover("use_alter", "match", "postgresql_not_valid", *taken),
    )


def unique(bound: Bound, columns: tuple[Name, ...] | Unknown, *taken: str) -> UniqueConstraint:
    """A unique constraint with the options that the call passes."""
    return UniqueConstraint(
        columns=columns,
        name=as_maybe_name(bound.get("name")),
        deferrable=as_maybe_flag(bound.get("deferrable")),
        initially=as_maybe_name(bound.get("initially")),
        keywords=bound.leftover("deferrable", "initially", *taken),
    )


def check(bound: Bound, condition: Value | Unset, *taken: str) -> CheckConstraint:
    """A check constraint with the options that the call passes."""
    return CheckConstraint(
        condition=as_sql(condition),
        name=as_maybe_name(bound.get("name")),
        not_valid=as_flag(bound.get("postgresql_not_valid")),
        keywords=_given(bound, "deferrable", "initially")
        + bound.leftover("deferrable", "initially", "postgresql_not_valid", *taken),
    )


def exclude(bound: Bound, *taken: str) -> ExcludeConstraint:
    """An exclusion constraint; each element is a pair of an expression and an operator."""
    elements: list[tuple[IndexElement, Name]] = []
    known = bound.rest_known
    for value in bound.rest:
        match value:
            case (element, operator):
                elements.append((as_element(element), as_name(operator)))
            case _:
                known = False
    where = bound.get("where")
    return ExcludeConstraint(
        elements=tuple(elements) if known else Unknown("an element is not known"),
        name=as_maybe_name(bound.get("name")),
        using=as_maybe_name(bound.get("using")),
        where=None if where is UNSET or where is None else as_expression(where),
        keywords=bound.leftover("name", "using", "where", *taken),
    )


def referent_of(target: str) -> tuple[str, str | None, str | None]:
    """Table, schema and column of a foreign key's target, `schema.table.column`.

    A lone word is a table, whose column then has the name of the column it is for.
    Source: sqlalchemy/sql/schema.py, `ForeignKey._column_tokens`.
    """
    match target.split("."):
        case [table]:
            return table, None, None
        case [table, column]:
            return table, None, column
        case [*schema, table, column]:
            return table, ".".join(schema), column
        case _:
            return target, None, None


def attached(key: ForeignKeyConstraint, column: Name) -> ForeignKeyConstraint:
    """A column's own foreign key, with the column it is for."""
    remote: tuple[Name, ...] | Unknown = key.referent_columns
    return replace(key, columns=(column,), referent_columns=(column,) if remote == () else remote)


def _given(bound: Bound, *names: str) -> tuple[tuple[str, Value], ...]:
    found = ((name, bound.get(name)) for name in names)
    return tuple((name, value) for name, value in found if value is not UNSET)


def _columns(bound: Bound) -> tuple[Name, ...] | Unknown:
    if not bound.rest_known:
        return Unknown("the columns are not known")
    return tuple(as_name(value) for value in bound.rest)


def _column_foreign_key(bound: Bound) -> ForeignKeyConstraint:
    """`ForeignKey(…)`, whose `columns` stay empty until it stands in a column."""
    referent: Name
    schema: MaybeName = None
    remote: tuple[Name, ...] | Unknown
    match bound.get("column"):
        case str(target):
            referent, schema, column = referent_of(target)
            remote = () if column is None else (column,)
        case value:
            referent = misfit("" if value is UNSET else value, "the name of a column")
            schema = remote = referent
    return foreign_key(
        bound, columns=(), referent=referent, referent_columns=remote, referent_schema=schema
    )


def _foreign_key_constraint(bound: Bound) -> ForeignKeyConstraint:
    referent: Name
    schema: MaybeName
    remote: tuple[Name, ...] | Unknown
    columns = as_names(bound.get("columns"))
    targets = as_names(bound.get("refcolumns"))
    found = {
        referent_of(item)[:2] if isinstance(item, str) else item
        for item in (targets if isinstance(targets, tuple) else ())
    }
    match tuple(item for item in found if isinstance(item, tuple)):
        case ((table, namespace),) if isinstance(targets, tuple):
            # A target that is not known is in the same table as the others: it could not be else.
            referent, schema = table, namespace
            remote = tuple(
                referent_of(item)[2] or Unknown(f"{item!r} names no column")
                if isinstance(item, str)
                else item
                for item in targets
            )
        case _:
            why = targets if isinstance(targets, Unknown) else None
            referent = schema = remote = why or Unknown("the referent columns are not known")
    return foreign_key(
        bound, columns=columns, referent=referent, referent_columns=remote, referent_schema=schema
    )


def _primary_key(bound: Bound) -> PrimaryKeyConstraint:
    keywords = _given(bound, "deferrable", "initially") + bound.leftover()
    return PrimaryKeyConstraint(_columns(bound), as_maybe_name(bound.get("name")), keywords)


def _index(bound: Bound) -> Index:
    columns: tuple[IndexElement, ...] | Unknown
    columns = Unknown("the columns are not known")
    if bound.rest_known:
        columns = tuple(as_element(value) for value in bound.rest)
    return Index(
        name=as_maybe_name(bound.get("name")),
        columns=columns,
        unique=as_flag(bound.get("unique")),
        keywords=bound.leftover(),
    )


def _identity(bound: Bound) -> Identity:
    names = CONSTRUCTORS["Identity"].positional
    return Identity(_given(bound, *(name for name in names if name in bound.values)))


def _default_clause(bound: Bound) -> Value:
    value = bound.get("arg")
    return value if isinstance(value, str | SqlExpression | Unknown) else as_sql(value)


def _table(bound: Bound) -> TableValue:
    return TableValue(
        name=as_name(bound.get("name")),
        schema=as_maybe_name(bound.get("schema")),
        items=bound.rest,
    )


_BUILDERS: dict[str, Callable[[Bound], Value]] = {
    "CheckConstraint": lambda bound: check(bound, bound.get("sqltext")),
    "Computed": lambda bound: Computed(
        as_sql(bound.get("sqltext")), as_maybe_flag(bound.get("persisted"))
    ),
    "DefaultClause": _default_clause,
    "ExcludeConstraint": exclude,
    "FetchedValue": lambda _: Unknown("FetchedValue() says that the database makes the default"),
    "ForeignKey": _column_foreign_key,
    "ForeignKeyConstraint": _foreign_key_constraint,
    "Identity": _identity,
    "Index": _index,
    "PrimaryKeyConstraint": _primary_key,
    "Sequence": lambda bound: Sequence_(as_name(bound.get("name"))),
    "Table": _table,
    "UniqueConstraint": lambda bound: unique(bound, _columns(bound)),
    "table": _table,
}
