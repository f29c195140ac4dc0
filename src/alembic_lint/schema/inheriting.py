"""Tables that are partitions of others, or inherit from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alembic_lint.model import CreateTable
from alembic_lint.schema.objects import Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Presence, TableKey


def parents(schema: Schema, operation: CreateTable) -> tuple[TableKey, ...]:
    """The keys of the tables that a new one takes its columns from, as far as they are known."""
    return tuple(
        schema.key(name, place)
        for place, name in operation.inherits
        if isinstance(name, str) and (place is None or isinstance(place, str))
    )


def dropped_along(schema: Schema, key: TableKey, *, cascade: bool) -> Iterator[Table]:
    """The tables that go when a table is dropped, those that go with these included.

    A partition goes with its table, one that inherits with CASCADE only.

    Source: PostgreSQL's documentation, "Inheritance" and "Table Partitioning".
    """
    pending, seen = [key], {key}
    while pending:
        above = pending.pop()
        for other in sorted(schema.heirs, key=lambda item: (item[0] or "", item[1])):
            table = schema.at(other)
            if other in seen or above not in table.inherits:
                continue
            if table.presence is not Presence.ABSENT and (table.partition or cascade):
                seen.add(other)
                pending.append(other)
                yield table


def with_parent_renamed(schema: Schema, old: TableKey, new: TableKey) -> Schema:
    """The schema in which what takes its columns from a renamed table knows its new name."""
    for other in list(schema.heirs):
        table = schema.tables_by_key.get(other)
        if table is not None and old in table.inherits:
            named = tuple(new if item == old else item for item in table.inherits)
            schema = schema.with_table(replace(table, inherits=named))
    return schema
