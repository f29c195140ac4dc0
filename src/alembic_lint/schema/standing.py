"""The table that an operation works on."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.schema.objects import Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.ticks import ticked
from alembic_lint.schema.values import Presence


def standing(schema: Schema, name: str, place: str | None) -> Table | None:
    """A table as something works on it, which shows that it is there; None where it is not."""
    table = schema.table(name, place)
    if table.presence is Presence.ABSENT:
        return None
    return replace(table, presence=Presence.PRESENT, since=schema.clock, gone=None)


def blurred_table(
    schema: Schema, name: str, place: str | None, *, keys_only: bool = False, itself: bool = False
) -> Schema:
    """The schema after something that could have changed what is in a table.

    With `itself`, it could also have made or dropped the table.
    """
    return _blurred(schema, schema.table(name, place), keys_only=keys_only, itself=itself)


def blurred_wherever(
    schema: Schema, name: str, *, keys_only: bool = False, itself: bool = False, lost: bool = True
) -> Schema:
    """The schema after something on a table that stands in a schema that is not known.

    Without `lost`, it only adds to the table; with it, the tables that have foreign keys to this
    one may be told of it.
    """
    for key in schema.called(name):
        for other in list(schema.referring(key)) if lost else ():
            schema = _blurred(schema, other, keys_only=True)
        table = schema.at(key, name)
        schema = _blurred(schema, table, keys_only=keys_only, itself=itself, lost=lost)
    return schema


def _blurred(
    schema: Schema,
    table: Table,
    *,
    keys_only: bool = False,
    itself: bool = False,
    lost: bool = True,
) -> Schema:
    clock = schema.clock
    if itself:
        table = replace(table, presence=Presence.MAYBE, gone=None)
    table = replace(table, since=clock, keys_gained=ticked(clock))
    if lost:
        table = replace(table, keys_lost=ticked(clock))
    if not keys_only:
        table = replace(table, columns_gained=clock)
    if lost and not keys_only:
        table = replace(table, columns_lost=clock)
    return schema.with_table(table)
