"""What an operation works on and a schema certainly does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint.model import (
    DropConstraint,
    DropEnum,
    DropIndex,
    ExecuteSql,
    MaybeName,
    Operation,
    Unknown,
)
from alembic_lint.schema.indexes import home_of
from alembic_lint.schema.needs import NeededColumn, needed_columns, needed_tables, needed_views
from alembic_lint.schema.objects import Column, Constraint, EnumType, Index, Table, View
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Presence, TableKey

_MERGED = frozenset({"mysql", "mariadb"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """An object that is not there.

    `kind` is "table", "view", "column", "index", "constraint" or "enum type". `table` is the one
    that it should be in, or is; None for an enum type or a view. `part` is what is left of it where
    it was dropped or renamed (`part.gone`), None where it never was there.
    """

    kind: str
    name: str
    table: TableKey | None
    part: Table | Column | Constraint | Index | EnumType | View | None = None


def lacking(schema: Schema, operation: Operation) -> Lacking | None:
    """The first thing that an operation works on and that is known not to be there.

    None where all is there, or may be, and where the operation asks first (`if_exists`).
    """
    return next(_lacking(schema, operation), None)


def _lacking(schema: Schema, operation: Operation) -> Iterator[Lacking]:
    for needed in needed_tables(operation, schema.database):
        # A view takes some of the statements that tables take.
        table = schema.table(needed.name, needed.schema)
        if table.presence is Presence.ABSENT and schema.view(needed.name, needed.schema) is None:
            yield _absent(table, needed.name)
    for column in needed_columns(operation, schema.database):
        table = schema.table(column.table.name, column.table.schema)
        if table.presence is Presence.ABSENT:
            continue
        if table.has_column(column.name) is Presence.ABSENT and not may_be_elsewhere(
            schema, column
        ):
            part = table.column(column.name)
            yield Lacking(kind="column", name=column.name, table=table.key, part=part)
    match operation:
        case DropIndex(if_exists=False, name=str(name), schema=None | str() as place):
            yield from _index(schema, name, operation.table, place)
        case DropConstraint(if_exists=False):
            yield from _constraint(schema, operation)
        case ExecuteSql():
            yield from _views(schema, operation)
        case DropEnum(if_exists=False, name=str(name), schema=None | str() as place) if (
            schema.database == "postgresql" and schema.has_enum(name, place) is Presence.ABSENT
        ):
            yield Lacking(kind="enum type", name=name, table=None, part=schema.enum(name, place))
        case _:
            return


def _views(schema: Schema, operation: ExecuteSql) -> Iterator[Lacking]:
    """The views that SQL text drops or renames after they were dropped or renamed."""
    for change in needed_views(operation):
        if isinstance(change.name, str) and not isinstance(change.schema, Unknown):
            view = schema.view(change.name, change.schema)
            absent = view is not None and view.presence is Presence.ABSENT
            if absent and schema.gained < 0:
                yield Lacking(kind="view", name=change.name, table=None, part=view)


def may_be_elsewhere(schema: Schema, column: NeededColumn) -> bool:
    """Whether a column that a table lacks may be one of another table that SQL reads with it."""
    return any(
        schema.view(other.name, other.schema) is not None
        or schema.table(other.name, other.schema).presence is not Presence.PRESENT
        or schema.table(other.name, other.schema).has_column(column.name) is not Presence.ABSENT
        for other in column.others
    )


def _absent(table: Table, name: str) -> Lacking:
    part = table if table.gone is not None else None
    return Lacking(kind="table", name=name, table=table.key, part=part)


def _index(schema: Schema, name: str, given: MaybeName, place: str | None) -> Iterator[Lacking]:
    if isinstance(given, Unknown) or (given is not None and schema.is_view(given, place)):
        return
    table = home_of(schema, name, given, place)
    if table is None:
        # Either the table that is named, or the one it was on, is gone.
        table = schema.home(name, place) if given is None else schema.table(given, place)
        if table is not None and table.presence is Presence.ABSENT:
            yield _absent(table, table.name)
        return
    index, constraint = table.index(name), table.constraint(name)
    if table.presence is Presence.ABSENT:
        yield _absent(table, table.name)
    elif table.has_index(name) is Presence.ABSENT and (
        # A unique constraint is dropped by the name of its index on MySQL; elsewhere, that is
        # refused for another reason.
        constraint is None or constraint.presence is Presence.ABSENT
    ):
        gone = next((item for item in (index, constraint) if item is not None), None)
        yield Lacking(kind="index", name=name, table=table.key, part=gone)


def _constraint(schema: Schema, operation: DropConstraint) -> Iterator[Lacking]:
    match operation:
        case DropConstraint(name=str(name), table=str(owner), schema=None | str() as place):
            table = schema.table(owner, place)
        case _:
            return
    if schema.database == "sqlite" and operation.context.batch is None:
        # Alembic refuses it there, whatever is in the table.
        return
    part = table.constraint(name)
    if part is not None and part.presence is not Presence.ABSENT:
        return
    if part is None and not table.all_keys_known:
        return
    # One whose name is not known may have it, if it was made when the name was free; batch mode
    # finds those that have none, as on SQLite, by a convention.
    since = -1 if part is None else part.position
    for item in table.constraints:
        alike = not isinstance(operation.type_, str) or item.kind == operation.type_
        if alike and not isinstance(item.name, str) and item.position > since:
            return
    merged = schema.database in _MERGED and operation.type_ != "foreignkey"
    if merged and table.has_index(name) is not Presence.ABSENT:
        return
    yield Lacking(kind="constraint", name=name, table=table.key, part=part)
