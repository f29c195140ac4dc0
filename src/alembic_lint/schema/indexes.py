"""What operations on indexes make of them."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.model import CreateIndex, DropIndex, MaybeName, RenameIndex, Unknown
from alembic_lint.schema.keys import (
    MERGED,
    forget,
    forget_index,
    on_constraint,
    renamed,
    with_index,
    with_merged,
)
from alembic_lint.schema.objects import Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_table, blurred_wherever, standing
from alembic_lint.schema.ticks import INDEX
from alembic_lint.schema.values import Origin, Presence

_BY_SCHEMA = frozenset({"postgresql", "sqlite", "oracle"})
"""Databases on which the name of an index is unique in its schema, not only in its table."""


def create_index(schema: Schema, origin: Origin, operation: CreateIndex) -> Schema:
    """The schema after `op.create_index`; an index on a materialized view comes and goes unseen."""
    match operation:
        case CreateIndex(table=str(name), schema=None | str() as place):
            if schema.is_view(name, place):
                return schema
        case _:
            pass
    return on_constraint(schema, origin, operation.table, operation.schema, operation.index)


def home_of(schema: Schema, name: str, table: MaybeName, place: str | None) -> Table | None:
    """The table whose index of this name an operation means; None where it is not known."""
    given = schema.table(table, place) if isinstance(table, str) else None
    if given is not None and given.presence is Presence.ABSENT:
        given = None
    if given is not None and given.index(name) is not None:
        return given
    if schema.database in _BY_SCHEMA or given is None:
        home = schema.home(name, place)
        if home is not None and home.presence is not Presence.ABSENT and home.index(name):
            return home
    return given


def drop_index(schema: Schema, origin: Origin, operation: DropIndex) -> Schema:
    """The schema after `op.drop_index`."""
    match operation:
        case DropIndex(table=str(owner), schema=None | str() as place):
            if schema.is_view(owner, place):
                return schema
        case _:
            pass
    if not isinstance(operation.name, str) or isinstance(operation.schema, Unknown):
        if isinstance(operation.table, str):
            if isinstance(operation.schema, Unknown):
                return blurred_wherever(schema, operation.table, keys_only=True)
            return _without_some_index(schema, operation.table, operation.schema)
        return schema.blurred_keys(with_merged(schema, (INDEX,)), gained=False)
    table = home_of(schema, operation.name, operation.table, operation.schema)
    if table is None:
        return _perhaps_without_nameless(schema, schema.key("", operation.schema)[0])
    table = replace(table, since=schema.clock, presence=Presence.PRESENT)
    index = table.index(operation.name)
    if index is not None and index.presence is not Presence.ABSENT:
        return schema.with_table(forget_index(table, index, schema, origin))
    unique = table.constraint(operation.name)
    if unique is not None and schema.database in MERGED:
        return schema.with_table(forget(table, unique, schema, origin))
    gone = Index(
        name=operation.name,
        columns=Unknown("it was dropped"),
        presence=Presence.ABSENT,
        since=schema.clock,
        gone=origin,
    )
    schema = schema.with_table(_with_nameless_maybe(schema, table))
    table = schema.at(table.key)
    if table.all_known(INDEX):
        return schema
    return schema.with_table(with_index(table, gone))


def _without_some_index(schema: Schema, name: str, place: str | None) -> Schema:
    """The schema after one index of a table is dropped, and which one is not known."""
    table = standing(schema, name, place)
    if table is None or schema.database in MERGED:
        return blurred_table(schema, name, place, keys_only=True)
    for item in table.indexes:
        perhaps = replace(item, presence=Presence.MAYBE, since=schema.clock)
        table = with_index(table, perhaps)
    return schema.with_table(table)


def _perhaps_without_nameless(schema: Schema, place: str | None) -> Schema:
    """The schema after an index is dropped by a name that nothing is known to have."""
    for table in schema.tables:
        if table.schema == place:
            changed = _with_nameless_maybe(schema, table)
            schema = schema if changed is table else schema.with_table(changed)
    return schema


def _with_nameless_maybe(schema: Schema, table: Table) -> Table:
    """A table whose indexes of a name that is not known may be gone."""
    for item in table.indexes:
        if isinstance(item.name, Unknown) and item.presence is Presence.PRESENT:
            perhaps = replace(item, presence=Presence.MAYBE, since=schema.clock)
            table = with_index(table, perhaps)
    return table


def rename_index(schema: Schema, origin: Origin, operation: RenameIndex) -> Schema:
    """The schema after `ALTER INDEX … RENAME TO …`, which renames a constraint's index as well."""
    match operation:
        case RenameIndex(name=str(old), new_name=str(new), schema=None | str() as place):
            table = schema.home(old, place)
        case _:
            return schema.blurred_keys((INDEX, "primary", "unique", "exclude"))
    if table is None or table.presence is Presence.ABSENT:
        return schema
    index, constraint = table.index(old), table.constraint(old)
    if index is not None and index.presence is not Presence.ABSENT:
        table = with_index(
            forget_index(table, index, schema, origin),
            replace(index, name=new, likely=None, since=schema.clock),
        )
    elif constraint is not None and constraint.presence is not Presence.ABSENT:
        table = renamed(table, constraint, new, schema, origin)
    else:
        return schema
    return schema.with_table(table).with_home(new, table)
