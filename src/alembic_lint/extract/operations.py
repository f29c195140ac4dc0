"""Calls on `op` and `batch_op`, as the operations they make.

Source: alembic/operations/ops.py, alembic/operations/toimpl.py and alembic/ddl/postgresql.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict

from alembic_lint.extract import constraints
from alembic_lint.extract.binding import Bound, bind
from alembic_lint.extract.coercion import (
    as_autoincrement,
    as_elements,
    as_expression,
    as_flag,
    as_maybe_name,
    as_name,
    as_names,
    as_server_default,
    misfit,
)
from alembic_lint.extract.column_types import as_type
from alembic_lint.extract.signatures import BATCH, OP, UNSEEN, WITHOUT_EFFECT
from alembic_lint.extract.sql import read_sql
from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sqlalchemy_names import resolve
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    BulkInsert,
    Call,
    CheckConstraint,
    Column,
    Constraint,
    Context,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    Direction,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    ExcludeConstraint,
    ExecuteSql,
    Flag,
    ForeignKeyConstraint,
    Index,
    MaybeName,
    Name,
    Opaque,
    Operation,
    PrimaryKeyConstraint,
    Reference,
    RenameTable,
    ServerDefault,
    SqlExpression,
    Statement,
    TableValue,
    Type,
    UniqueConstraint,
    Unknown,
    Unset,
    Value,
)
from alembic_lint.source import Span


class _Place(TypedDict):
    """The fields that every operation has."""

    span: Span
    call: Call
    direction: Direction
    context: Context


@dataclass(frozen=True, slots=True)
class _Bound:
    """One call: its arguments by parameter, and where it stands."""

    arguments: Bound
    place: _Place

    def get(self, name: str) -> Value | Unset:
        return self.arguments.get(name)

    @property
    def table(self) -> Name:
        """The table: that of the batch, where there is one."""
        batch = self.place["context"].batch
        return as_name(self.get("table_name")) if batch is None else batch.table

    @property
    def schema(self) -> MaybeName:
        batch = self.place["context"].batch
        return as_maybe_name(self.get("schema")) if batch is None else batch.schema


def operation(
    method: str, call: Call, *, span: Span, direction: Direction, context: Context
) -> Operation | None:
    """The operation that a call makes; None where the method changes nothing by itself.

    `method` is the name on `op`, or on `batch_op` when `context.batch` is set. What the call leaves
    open, or does not pass although Alembic requires it, is Unknown. A method that Alembic does not
    have, such as one of a plugin, is Opaque.
    """
    if method in WITHOUT_EFFECT:
        return None
    place = _Place(span=span, call=call, direction=direction, context=context)
    owner, signatures = ("op", OP) if context.batch is None else ("batch_op", BATCH)
    signature = signatures.get(method)
    if signature is None:
        what = "runs what is not seen here" if method in UNSEEN else "is not Alembic's own"
        return Opaque(**place, why=f"{owner}.{method} {what}")
    return _BUILDERS[method](_Bound(bind(signature, call.arguments), place))


def _create_table(bound: _Bound) -> Operation:
    """Like Alembic, take columns, constraints and indexes, and skip whatever else is passed."""
    columns: list[Column | Unknown] = []
    table_constraints: list[Constraint] = []
    indexes: list[Index] = []
    for item in bound.arguments.rest:
        match item:
            case Column():
                columns.append(item)
            case Index():
                indexes.append(item)
            case ForeignKeyConstraint(columns=()):
                pass  # a ForeignKey, which belongs into a column
            case (
                PrimaryKeyConstraint()
                | ForeignKeyConstraint()
                | UniqueConstraint()
                | CheckConstraint()
                | ExcludeConstraint()
            ):
                table_constraints.append(item)
            case Reference(name=name) if resolve(name) is not None:
                pass  # a MetaData, say
            case Unknown() | Reference():
                unseen = misfit(item, "a column")
                columns.append(unseen)
                table_constraints.append(unseen)
            case _:
                pass
    return CreateTable(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        columns=tuple(columns),
        constraints=tuple(table_constraints),
        indexes=tuple(indexes),
        if_not_exists=as_flag(bound.get("if_not_exists")),
        comment=as_maybe_name(bound.get("comment")),
        keywords=bound.arguments.leftover("schema", "comment"),
    )


def _drop_table(bound: _Bound) -> Operation:
    return DropTable(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        if_exists=as_flag(bound.get("if_exists")),
    )


def _rename_table(bound: _Bound) -> Operation:
    return RenameTable(
        **bound.place,
        table=as_name(bound.get("old_table_name")),
        new_table=as_name(bound.get("new_table_name")),
        schema=bound.schema,
    )


def _add_column(bound: _Bound) -> Operation:
    value = bound.get("column")
    column = value if isinstance(value, Column) else _no_column(value)
    return AddColumn(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        column=column,
        if_not_exists=as_flag(bound.get("if_not_exists")),
    )


def _no_column(value: Value | Unset) -> Unknown:
    return Unknown("no column is passed") if value is UNSET else misfit(value, "a column")


def _drop_column(bound: _Bound) -> Operation:
    return DropColumn(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        column=as_name(bound.get("column_name")),
        if_exists=as_flag(bound.get("if_exists")),
    )


def _alter_column(bound: _Bound) -> Operation:
    """What is passed as None, or as False where None has a meaning, is left alone."""
    using = bound.get("postgresql_using")
    return AlterColumn(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        column=as_name(bound.get("column_name")),
        nullable=_changed_flag(bound.get("nullable")),
        server_default=_changed_default(bound.get("server_default")),
        new_name=_changed_name(bound.get("new_column_name")),
        type=_changed_type(bound.get("type_")),
        comment=_changed_comment(bound.get("comment")),
        autoincrement=_changed_autoincrement(bound.get("autoincrement")),
        existing_type=_changed_type(bound.get("existing_type")),
        existing_nullable=_changed_flag(bound.get("existing_nullable")),
        existing_server_default=_changed_default(bound.get("existing_server_default")),
        existing_comment=_changed_comment(bound.get("existing_comment")),
        existing_autoincrement=_changed_autoincrement(bound.get("existing_autoincrement")),
        using=_using(using),
        keywords=bound.arguments.leftover(
            "postgresql_using", "autoincrement", "existing_autoincrement"
        ),
    )


def _changed_flag(value: Value | Unset) -> Flag | Unset:
    return UNSET if value is UNSET or value is None else as_flag(value)


def _changed_default(value: Value | Unset) -> ServerDefault | Unset:
    return UNSET if value is UNSET or value is False else as_server_default(value)


def _changed_name(value: Value | Unset) -> Name | Unset:
    return UNSET if value is UNSET or value is None else as_name(value)


def _changed_type(value: Value | Unset) -> Type | Unset:
    return UNSET if value is UNSET or value is None else as_type(value)


def _changed_comment(value: Value | Unset) -> MaybeName | Unset:
    return UNSET if value is UNSET or value is False else as_maybe_name(value)


def _changed_autoincrement(value: Value | Unset) -> Flag | str | Unset:
    return UNSET if value is UNSET or value is None else as_autoincrement(value)


def _using(value: Value | Unset) -> SqlExpression | Unset:
    if value is UNSET or value is None:
        return UNSET
    expression = as_expression(value)
    return SqlExpression(expression) if isinstance(expression, Unknown) else expression


def _create_index(bound: _Bound) -> Operation:
    return CreateIndex(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        index=Index(
            name=as_maybe_name(bound.get("index_name")),
            columns=as_elements(bound.get("columns")),
            unique=as_flag(bound.get("unique")),
            keywords=bound.arguments.leftover(
                "unique", "if_not_exists", "schema", "postgresql_concurrently"
            ),
        ),
        if_not_exists=as_flag(bound.get("if_not_exists")),
        concurrently=as_flag(bound.get("postgresql_concurrently")),
    )


def _drop_index(bound: _Bound) -> Operation:
    batch = bound.place["context"].batch
    return DropIndex(
        **bound.place,
        name=as_maybe_name(bound.get("index_name")),
        table=as_maybe_name(bound.get("table_name")) if batch is None else batch.table,
        schema=bound.schema,
        if_exists=as_flag(bound.get("if_exists")),
        concurrently=as_flag(bound.get("postgresql_concurrently")),
    )


def _constraint_name(bound: _Bound) -> MaybeName:
    return as_maybe_name(bound.get("constraint_name"))


def _create_foreign_key(bound: _Bound) -> Operation:
    batch = bound.place["context"].batch
    constraint = constraints.foreign_key(
        bound.arguments,
        columns=as_names(bound.get("local_cols")),
        referent=as_name(bound.get("referent_table")),
        referent_columns=as_names(bound.get("remote_cols")),
        referent_schema=as_maybe_name(bound.get("referent_schema")),
    )
    return CreateForeignKey(
        **bound.place,
        table=as_name(bound.get("source_table")) if batch is None else batch.table,
        schema=as_maybe_name(bound.get("source_schema")) if batch is None else batch.schema,
        constraint=replace(constraint, name=_constraint_name(bound)),
    )


def _create_unique_constraint(bound: _Bound) -> Operation:
    constraint = constraints.unique(bound.arguments, as_names(bound.get("columns")), "schema")
    return CreateUniqueConstraint(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        constraint=replace(constraint, name=_constraint_name(bound)),
    )


def _create_check_constraint(bound: _Bound) -> Operation:
    constraint = constraints.check(bound.arguments, bound.get("condition"), "schema")
    return CreateCheckConstraint(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        constraint=replace(constraint, name=_constraint_name(bound)),
    )


def _create_primary_key(bound: _Bound) -> Operation:
    return CreatePrimaryKey(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        constraint=PrimaryKeyConstraint(
            columns=as_names(bound.get("columns")),
            name=_constraint_name(bound),
            keywords=bound.arguments.leftover(),
        ),
    )


def _create_exclude_constraint(bound: _Bound) -> Operation:
    constraint = constraints.exclude(bound.arguments, "schema")
    return CreateExcludeConstraint(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        constraint=replace(constraint, name=_constraint_name(bound)),
    )


def _drop_constraint(bound: _Bound) -> Operation:
    return DropConstraint(
        **bound.place,
        name=_constraint_name(bound),
        table=bound.table,
        schema=bound.schema,
        type_=as_maybe_name(bound.get("type_")),
        if_exists=as_flag(bound.get("if_exists")),
    )


def _create_table_comment(bound: _Bound) -> Operation:
    return CreateTableComment(
        **bound.place,
        table=bound.table,
        schema=bound.schema,
        comment=as_maybe_name(bound.get("comment")),
    )


def _drop_table_comment(bound: _Bound) -> Operation:
    return CreateTableComment(**bound.place, table=bound.table, schema=bound.schema, comment=None)


def _bulk_insert(bound: _Bound) -> Operation:
    rows = bound.get("rows")
    table: Name
    schema: MaybeName
    columns: tuple[str, ...] = ()
    match bound.get("table"):
        case TableValue(name=table, schema=schema, items=items):
            keyed = any(isinstance(item, Column) and "key" in dict(item.keywords) for item in items)
            columns = () if keyed else _keys_of_first(rows)
        case value:
            table = schema = (
                Unknown("no table is passed") if value is UNSET else misfit(value, "a table")
            )
    return BulkInsert(
        **bound.place,
        table=table,
        schema=schema,
        rows=len(rows) if isinstance(rows, tuple) else Unknown("the rows are not known"),
        columns=columns,
    )


def _keys_of_first(rows: Value | Unset) -> tuple[str, ...]:
    """The known keys of the first of several dicts."""
    first = rows[0] if isinstance(rows, tuple) and rows else ()
    pairs = first if isinstance(first, tuple) else ()
    return tuple(
        pair[0]
        for pair in pairs
        if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
    )


def _execute(bound: _Bound) -> Operation:
    match bound.get("sqltext"):
        case str(text) | SqlExpression(text=str(text)):
            place = bound.place
            statements, operations = read_sql(text, dialects=place["context"].dialects, **place)
            return ExecuteSql(
                **place, sql=known(text), statements=statements, operations=operations
            )
        case Statement(text=sql) as statement:
            return ExecuteSql(**bound.place, sql=sql, statements=(statement,))
        case value:
            unknown = _no_sql(value)
            return ExecuteSql(**bound.place, sql=unknown, statements=unknown)


def _no_sql(value: Value | Unset) -> Unknown:
    match value:
        case SqlExpression(text=Unknown() as why):
            return why
        case Unset.UNSET:
            return Unknown("no SQL is passed")
        case _:
            return misfit(value, "an SQL statement")


_BUILDERS: dict[str, Callable[[_Bound], Operation]] = {
    "add_column": _add_column,
    "alter_column": _alter_column,
    "bulk_insert": _bulk_insert,
    "create_check_constraint": _create_check_constraint,
    "create_exclude_constraint": _create_exclude_constraint,
    "create_foreign_key": _create_foreign_key,
    "create_index": _create_index,
    "create_primary_key": _create_primary_key,
    "create_table": _create_table,
    "create_table_comment": _create_table_comment,
    "create_unique_constraint": _create_unique_constraint,
    "drop_column": _drop_column,
    "drop_constraint": _drop_constraint,
    "drop_index": _drop_index,
    "drop_table": _drop_table,
    "drop_table_comment": _drop_table_comment,
    "execute": _execute,
    "rename_table": _rename_table,
}
