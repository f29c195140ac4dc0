"""What operations make of columns."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    DropColumn,
    Unknown,
    Unset,
)
from alembic_lint.schema import definitions, keys, named_keys, renaming
from alembic_lint.schema.enums import resolved
from alembic_lint.schema.joining import joined_columns
from alembic_lint.schema.numbering import numbered
from alembic_lint.schema.objects import Column, Table, unseen
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_wherever, standing
from alembic_lint.schema.ticks import ticked
from alembic_lint.schema.type_checks import check_of
from alembic_lint.schema.values import Origin, Presence

_RESET = Unknown("MySQL sets what is not repeated back")


def add(schema: Schema, origin: Origin, operation: AddColumn) -> Schema:
    """The schema after `op.add_column`."""
    match operation:
        case AddColumn(table=str(name), schema=None | str() as place):
            table = standing(schema, name, place)
        case AddColumn(table=str(name)):
            return blurred_wherever(schema, name, lost=False)
        case _:
            return schema.blurred_parts(lost=False)
    if table is None:
        return schema
    written = operation.column
    column: Column | None = None
    if isinstance(written, model.Column):
        in_key = None if isinstance(written.primary_key, Unknown) else written.primary_key
        refers = bool(written.foreign_keys)
        serial = numbered(written, schema.database, sql=origin.sql, in_key=in_key, referring=refers)
        column = definitions.column(
            written, origin, schema, table.next_position, in_key=False, serial=serial
        )
    if column is None or isinstance(written, Unknown):
        clock = schema.clock
        return schema.with_table(replace(table, columns_gained=clock, keys_gained=ticked(clock)))
    there = table.has_column(column.name)
    if there is Presence.PRESENT:
        return schema.with_table(table)
    if there is Presence.MAYBE and operation.if_not_exists is not False:
        old = table.column(column.name)
        column = column if old is None else joined_columns(column, old, schema.clock)
        return schema.with_table(replace(_put(table, column), keys_gained=ticked(schema.clock)))
    table = replace(_put(table, column), next_position=table.next_position + 1)
    # Alembic leaves it out on SQLite, which cannot add one; see its `SQLiteImpl.add_constraint`.
    checked = schema.database != "sqlite" or operation.context.batch is not None
    for item in definitions.of_column(written, schema.database, own_check=checked):
        schema, table = keys.add(schema, table, item, origin)
    if written.primary_key is True and origin.sql:
        key = model.PrimaryKeyConstraint((column.name,))
        schema, table = keys.add(schema, table, key, origin)
    return schema.with_table(table)


def _put(table: Table, column: Column) -> Table:
    columns = table.columns_by_name.insert(table.fold(column.name), column)
    return replace(table, columns_by_name=columns)


def drop(schema: Schema, origin: Origin, operation: DropColumn) -> Schema:
    """The schema after `op.drop_column`, and what goes with the column."""
    match operation:
        case DropColumn(table=str(name), schema=None | str() as place):
            table = standing(schema, name, place)
        case DropColumn(table=str(name)):
            return blurred_wherever(schema, name)
        case _:
            return schema.blurred_parts(gained=False)
    if table is None:
        return schema
    if not isinstance(operation.column, str):
        clock = schema.clock
        return schema.with_table(replace(table, columns_lost=clock, keys_lost=ticked(clock)))
    if table.has_column(operation.column) is Presence.ABSENT:
        return schema.with_table(table)
    old = table.column(operation.column) or unseen(operation.column)
    gone = replace(old, presence=Presence.ABSENT, since=schema.clock, gone=origin)
    table = _put(keys.without_column(schema, table, operation.column, origin), gone)
    if operation.cascade is not False and schema.database == "postgresql":
        schema = _without_references(schema, table, operation.column, origin)
    return schema.with_table(table)


def _without_references(schema: Schema, table: Table, name: str, origin: Origin) -> Schema:
    """The schema without the foreign keys to a column, which CASCADE takes with it."""
    key = schema.key(table.name, table.schema)
    for other in list(schema.referring(key)):
        changed = other
        for item in other.constraints:
            definition = item.definition
            if (
                isinstance(definition, model.ForeignKeyConstraint)
                and schema.referent(definition, other) == key
                and isinstance(definition.referent_columns, tuple)
                and name in definition.referent_columns
            ):
                changed = keys.forget(changed, item, schema, origin)
        schema = schema.with_table(changed)
    return schema


def alter(schema: Schema, origin: Origin, operation: AlterColumn) -> Schema:
    """The schema after `op.alter_column`."""
    match operation:
        case AlterColumn(table=str(name), schema=None | str() as place):
            table = standing(schema, name, place)
        case AlterColumn(table=str(name)):
            return blurred_wherever(schema, name)
        case _:
            return schema.blurred_parts()
    if table is None:
        return schema
    if not isinstance(operation.column, str):
        return schema.with_table(replace(table, columns_lost=schema.clock))
    old = table.column(operation.column)
    if table.has_column(operation.column) is Presence.ABSENT:
        return schema.with_table(table)
    if old is None or old.presence is not Presence.PRESENT:
        old = unseen(operation.column)
    column = _altered(replace(old, since=schema.clock), operation, schema)
    schema, table = _checked(schema, _put(table, column), operation, origin)
    if not isinstance(operation.new_name, Unset):
        return _renamed(schema, table, column, operation.new_name, origin)
    return schema.with_table(table)


def _checked(
    schema: Schema, table: Table, operation: AlterColumn, origin: Origin
) -> tuple[Schema, Table]:
    """A schema and a table of it, with the check that a new type brings, without the old one's.

    Source: alembic/operations/toimpl.py, `alter_column`.
    """
    if isinstance(operation.type, Unset):
        return schema, table
    old = check_of(operation.existing_type, operation.column, schema.database)
    if isinstance(old, model.CheckConstraint) and old.name is not None:
        named = named_keys.constraint(old, origin, schema, table).name
        found = table.constraint(named) if isinstance(named, str) else None
        if found is not None and found.presence is not Presence.ABSENT:
            table = keys.forget(table, found, schema, origin)
    new = check_of(operation.type, operation.column, schema.database)
    return (schema, table) if new is None else keys.add(schema, table, new, origin)


def _altered(column: Column, operation: AlterColumn, schema: Schema) -> Column:
    if not isinstance(operation.type, Unset):
        column = replace(column, type=resolved(operation.type, schema))
    if not isinstance(operation.nullable, Unset):
        column = replace(column, nullable=operation.nullable)
    if not isinstance(operation.server_default, Unset):
        default = definitions.default_of(operation.server_default, schema.database)
        column = replace(column, default=default)
        if schema.database == "postgresql":
            column = replace(column, serial=False)
    if not isinstance(operation.comment, Unset):
        column = replace(column, comment=operation.comment)
    if not isinstance(operation.autoincrement, Unset):
        column = replace(column, autoincrement=operation.autoincrement)
    return _reset(column, operation) if schema.database in {"mysql", "mariadb"} else column


def _reset(column: Column, operation: AlterColumn) -> Column:
    """MySQL writes a column anew: what neither the change nor `existing_…` says is lost.

    Source: alembic/ddl/mysql.py, `MySQLImpl.alter_column`, which uses MODIFY or CHANGE for all but
    a default alone.
    """
    changed = (operation.type, operation.nullable, operation.new_name, operation.autoincrement)
    if all(item is UNSET for item in (*changed, operation.comment)):
        return column
    told = (operation.autoincrement, operation.existing_autoincrement)
    given = next((item for item in told if not isinstance(item, Unset)), False)
    column = replace(column, serial=given if isinstance(given, Unknown) else given is True)
    if operation.nullable is UNSET and operation.existing_nullable is UNSET:
        column = replace(column, nullable=_RESET)
    if operation.server_default is UNSET and operation.existing_server_default is UNSET:
        column = replace(column, default=_RESET if column.default is not None else None)
    if operation.comment is UNSET and operation.existing_comment is UNSET:
        column = replace(column, comment=_RESET if column.comment is not None else None)
    return column


def _renamed(
    schema: Schema, table: Table, column: Column, new: str | Unknown, origin: Origin
) -> Schema:
    gone = replace(
        column,
        presence=Presence.ABSENT,
        since=schema.clock,
        gone=origin,
        renamed_to=new if isinstance(new, str) else None,
    )
    if not isinstance(new, str):
        return schema.with_table(replace(_put(table, gone), columns_gained=schema.clock))
    if table.fold(new) != table.fold(column.name):
        table = _put(table, gone)
    table = _put(table, replace(column, name=new, presence=Presence.PRESENT, gone=None))
    table = renaming.with_column_renamed(table, column.name, new)
    schema = schema.with_table(table)
    key = schema.key(table.name, table.schema)
    for other in list(schema.referring(key)):
        changed = renaming.with_referred_column_renamed(schema, other, key, column.name, new)
        schema = schema.with_table(changed)
    return schema
