"""What operations make of tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import (
    CreateTable,
    CreateTableComment,
    DropTable,
    MaybeName,
    RenameTable,
    Unknown,
    Unset,
)
from alembic_lint.schema import definitions, keys, named_keys, renaming
from alembic_lint.schema.enums import enums_of, made_with
from alembic_lint.schema.inheriting import dropped_along, parents, with_parent_renamed
from alembic_lint.schema.joining import join
from alembic_lint.schema.numbering import numbered
from alembic_lint.schema.objects import Column, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_table, blurred_wherever, standing
from alembic_lint.schema.ticks import ticked
from alembic_lint.schema.values import Origin, Presence, TableKey, distinct


def create(schema: Schema, origin: Origin, operation: CreateTable) -> Schema:
    """The schema after `op.create_table`; a session's own table is none of it."""
    if operation.temporary:
        return schema
    match operation:
        case CreateTable(table=str(name), schema=None | str() as place):
            old = schema.table(name, place)
        case CreateTable(table=str(name)) if not tuple(enums_of(operation)):
            return blurred_wherever(schema, name, itself=True)
        case _:
            return schema.blurred(lost=False)
    if old.presence is Presence.PRESENT:
        return _with_indexes(schema, origin, operation, old)
    made = _with(schema, origin, operation, name, place, old.makers)
    if old.presence is Presence.MAYBE and operation.if_not_exists is not False:
        kept = replace(
            old,
            presence=Presence.PRESENT,
            since=schema.clock,
            makers=distinct((*old.makers, origin)),
        )
        return join(made, schema.with_table(kept), schema)
    return made


def _with(
    schema: Schema,
    origin: Origin,
    operation: CreateTable,
    name: str,
    place: str | None,
    makers: tuple[Origin, ...],
) -> Schema:
    key = schema.key(name, place)
    blank = schema.table(name, place)
    table = Table(
        name=name,
        schema=key[0],
        since=schema.clock,
        origin=origin,
        makers=distinct((*makers, origin)),
        external=False,
        comment=operation.comment,
        inherits=parents(schema, operation),
        partition=operation.partition,
        folds=blank.folds,
        limit=blank.limit,
    )
    table = _with_columns(schema, table, origin, operation)
    for item in definitions.of_table(operation, schema.database):
        schema, table = keys.add(schema, table, item, origin)
    # A foreign key to the table itself may stand before its primary key.
    table = keys.to_own_primary_key(schema, table)
    if isinstance(operation.columns, Unknown):
        table = replace(table, columns_gained=schema.clock, keys_gained=ticked(schema.clock))
    schema = schema.with_table(table)
    return schema if origin.sql else made_with(schema, origin, operation)


def _with_indexes(schema: Schema, origin: Origin, operation: CreateTable, table: Table) -> Schema:
    """The schema with the indexes that `if_not_exists` has made all the same, where it can.

    Source: alembic/ddl/impl.py, `DefaultImpl.create_table`: CREATE INDEX follows without asking.
    """
    if operation.if_not_exists is not True or origin.sql:
        return schema
    for item in definitions.of_table(operation, schema.database):
        if isinstance(item, model.Index):
            index = named_keys.index(item, origin, schema, table)
            name = index.name if isinstance(index.name, str) else index.likely
            if name is not None and table.has_index(name) is not Presence.PRESENT:
                schema, table = keys.add(schema, table, item, origin)
    return schema.with_table(table)


def _with_columns(schema: Schema, table: Table, origin: Origin, operation: CreateTable) -> Table:
    in_key = definitions.key_columns(operation)
    columns = table.columns_by_name
    position = table.next_position
    written = () if isinstance(operation.columns, Unknown) else operation.columns
    for each in written:
        found: Column | None = None
        if isinstance(each, model.Column):
            keyed = None if in_key is None else each.name in in_key
            serial = numbered(
                each,
                schema.database,
                sql=origin.sql,
                in_key=keyed,
                alone=in_key is None or len(in_key) == 1,
                referring=_refers(operation, each),
            )
            found = definitions.column(each, origin, schema, position, in_key=keyed, serial=serial)
        if found is None:
            table = replace(table, columns_gained=schema.clock, keys_gained=ticked(schema.clock))
        else:
            columns = columns.insert(table.fold(found.name), found)
            position += 1
    return replace(table, columns_by_name=columns, next_position=position)


def _refers(operation: CreateTable, column: model.Column) -> bool:
    """Whether a foreign key of a new table is on a column of it."""
    return bool(column.foreign_keys) or any(
        isinstance(item, model.ForeignKeyConstraint)
        and isinstance(item.columns, tuple)
        and column.name in item.columns
        for item in operation.constraints
    )


def drop(schema: Schema, origin: Origin, operation: DropTable) -> Schema:
    """The schema after `op.drop_table`."""
    match operation:
        case DropTable(table=str(name), schema=None | str() as place):
            key = schema.key(name, place)
        case DropTable(table=str(name)):
            return blurred_wherever(schema, name, itself=True)
        case _:
            return schema.blurred(gained=False)
    table = schema.at(key, name)
    if table.presence is Presence.ABSENT:
        return schema
    cascade = operation.cascade is not False
    for gone in (table, *dropped_along(schema, key, cascade=cascade)):
        if cascade:
            schema = _without_references(schema, gone.key, origin)
        schema = schema.with_table(_tombstone(schema, gone, origin))
    return schema


def _tombstone(schema: Schema, table: Table, origin: Origin) -> Table:
    return Table(
        name=table.name,
        schema=table.schema,
        presence=Presence.ABSENT,
        since=schema.clock,
        origin=table.origin,
        gone=origin,
        folds=table.folds,
        limit=table.limit,
    )


def _without_references(schema: Schema, key: TableKey, origin: Origin) -> Schema:
    """The schema without the foreign keys to a table, which CASCADE takes with it."""
    for other in list(schema.referring(key)):
        table = other
        for item in other.constraints:
            if item.kind == "foreignkey" and schema.referent(item.definition, other) == key:
                table = keys.forget(table, item, schema, origin)
        schema = schema.with_table(table)
    return schema


def rename(schema: Schema, origin: Origin, operation: RenameTable) -> Schema:
    """The schema after `op.rename_table`; foreign keys, indexes and constraints follow it."""
    match operation:
        case RenameTable(table=str(name), new_table=str(new), schema=None | str() as place) if (
            not isinstance(operation.new_schema, Unknown)
        ):
            target = operation.new_schema
        case RenameTable(table=str(name), new_table=str(new)):
            schema = blurred_wherever(schema, name, itself=True)
            return blurred_wherever(schema, new, itself=True)
        case _:
            return schema.blurred()
    table = schema.table(name, place)
    if table.presence is Presence.ABSENT:
        return schema
    old_key = schema.key(name, place)
    new_key = schema.key(new, place if isinstance(target, Unset) else target)
    moved = replace(
        table,
        name=new,
        schema=new_key[0],
        since=schema.clock,
        makers=distinct((*table.makers, origin)) if table.external else table.makers,
    )
    if operation.if_exists is False:
        moved = replace(moved, presence=Presence.PRESENT, gone=None)
    before = schema
    gone = replace(_tombstone(schema, table, origin), renamed_to=new)
    schema = schema.with_table(gone).with_table(moved)
    schema = with_parent_renamed(schema, old_key, new_key)
    for index in table.keys:
        if isinstance(index.name, str):
            schema = schema.with_home(index.name, moved)
    for item in moved.constraints:
        referred = schema.referent(item.definition, moved)
        if referred is not None:
            schema = schema.with_referrer(referred, moved)
    for other in list(before.referring(old_key)):
        current = moved if other.key == table.key else other
        changed = renaming.with_referent_renamed(current, name, moved)
        schema = schema.with_table(changed).with_referrer(new_key, changed)
    return schema


def comment(schema: Schema, operation: CreateTableComment) -> Schema:
    """The schema after a table's comment was set, or taken away."""
    match operation:
        case CreateTableComment(table=str(name), schema=None | str() as place):
            table = standing(schema, name, place)
        case _:
            return schema
    return schema if table is None else schema.with_table(replace(table, comment=operation.comment))


def blurred(schema: Schema, names: Iterable[tuple[MaybeName, MaybeName]]) -> Schema:
    """The schema after something that could have made, dropped or changed these tables."""
    found = list(names)
    if not found:
        return schema.blurred()
    for place, name in found:
        if not isinstance(name, str):
            return schema.blurred()
        if isinstance(place, Unknown):
            schema = blurred_wherever(schema, name, itself=True)
            continue
        schema = blurred_table(schema, name, place, itself=True)
    return schema
