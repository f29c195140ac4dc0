"""A schema as text: compact, what is not certain marked with a question mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alembic_lint.model import Unknown
from alembic_lint.report.schema_types import shown_type
from alembic_lint.report.schema_words import default, enum, index, key, name_of
from alembic_lint.report.style import width
from alembic_lint.schema import Column, Presence, Schema, Table
from alembic_lint.schema.doubts import certain, doubts
from alembic_lint.wording import plural, printable

_SHOWN = 4
"""Doubts that are told of one table; the last line says how many more there are."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A schema, and the point of the history that it is at, as people name it."""

    schema: Schema
    at: str


def render(moment: Moment) -> str:
    """Tables, enum types and views, and how much of it is certain."""
    schema = moment.schema
    tables = [table for table in schema.tables if table.columns or not _is_hearsay(table)]
    lines = [f"{moment.at} on {schema.database}: {_counts(schema, tables)}"]
    sure = sum(certain(schema, table) for table in tables)
    if tables:
        lines.append(f"certain: {sure:,} of {plural(len(tables), 'table')}")
    if schema.gained >= 0:
        lines.append(
            "? there may be more tables: something in the history that cannot be read could have "
            "made some"
        )
    for table in tables:
        lines += ["", *table_lines(schema, table)]
    enums = [
        (" " if item.presence is Presence.PRESENT else "?", enum(item)) for item in schema.enums
    ]
    if enums and schema.database == "postgresql":
        lines += ["", "enum types", *(f"{mark} {text}" for mark, text in enums)]
    views = sorted(name_of(at) for at, view in schema.views_by_key.items() if _there(view.presence))
    if views:
        lines += ["", "views", *(f"  {name}" for name in views)]
    return "".join(f"{printable(line)}".rstrip() + "\n" for line in lines)


def _there(presence: Presence) -> bool:
    return presence is not Presence.ABSENT


def _is_hearsay(table: Table) -> bool:
    """Whether nothing is known of a table but that it is there."""
    return table.external and not table.keys and not table.columns


def _counts(schema: Schema, tables: Sequence[Table]) -> str:
    parts = [plural(len(tables), "table")]
    if schema.enums and schema.database == "postgresql":
        parts.append(plural(len(schema.enums), "enum type"))
    return ", ".join(parts)


def table_lines(schema: Schema, table: Table) -> Iterator[str]:
    """A table, its columns, keys and indexes, a line each, and what is not certain of it."""
    mark = "? " if table.presence is Presence.MAYBE else ""
    comment = f"  -- {' '.join(table.comment.split())}" if isinstance(table.comment, str) else ""
    yield f"{mark}{name_of(table.key)}{comment}"
    rows = [_row(column, schema.database) for column in table.columns]
    widths = [max((width(row[at]) for row in rows), default=0) for at in range(3)]
    for row in rows:
        cells = [cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=False)]
        yield "  ".join((*cells, *row[3:])).rstrip()
    for item in table.constraints:
        yield f"{_mark(item.presence, item.name)} {key(item)}"
    for each in table.indexes:
        yield f"{_mark(each.presence, each.name)} {index(each, schema.database)}"
    told = list(doubts(schema, table))
    yield from (f"  ? {doubt}" for doubt in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield f"  ? and {plural(len(told) - _SHOWN, 'more thing')} not certain"


def _mark(presence: Presence, *values: object) -> str:
    sure = presence is Presence.PRESENT and not any(isinstance(item, Unknown) for item in values)
    return " " if sure else "?"


def _row(column: Column, database: str) -> tuple[str, ...]:
    known = column.type if isinstance(column.type, Unknown) or column.type.known else Unknown("")
    mark = _mark(column.presence, known, column.nullable, column.default)
    null = (
        "null?" if isinstance(column.nullable, Unknown) else "" if column.nullable else "not null"
    )
    comment = f"-- {' '.join(column.comment.split())}" if isinstance(column.comment, str) else ""
    return (
        f"{mark} {column.name}",
        shown_type(column.type, database),
        null,
        f"{default(column.default)}  {comment}".strip(),
    )
