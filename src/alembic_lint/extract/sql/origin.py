"""What is the same for every operation that one piece of SQL text amounts to."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TypedDict

from alembic_lint.model import (
    Call,
    Condition,
    Context,
    Direction,
    EnumType,
    Guard,
    MaybeName,
    Name,
    Operation,
    Statement,
    TableExists,
)
from alembic_lint.source import Span


class Origin(TypedDict):
    """The fields that every operation carries."""

    span: Span
    call: Call
    direction: Direction
    context: Context


def guard(origin: Origin, condition: Condition, text: str, at: int) -> Guard:
    """A guard for a block of its own: a part of the text, which begins at this token."""
    place = f"{origin['span']}{at}{text}"
    return Guard(condition, -1 - zlib.crc32(place.encode()), origin["span"])


def where_there(origin: Origin, table: Name, schema: MaybeName, text: str) -> Origin:
    """The fields of what is done with `ALTER TABLE IF EXISTS`, which asks for the table first."""
    context = origin["context"]
    asked = guard(origin, TableExists(table, schema), text, 0)
    changed = origin.copy()
    changed["context"] = replace(context, guards=(*context.guards, asked))
    return changed


Read = tuple[Statement, tuple[Operation, ...]]
"""One statement and what it amounts to."""

Enums = dict[tuple[object, object], EnumType]
"""Enum types that the text itself declares, by (schema, name)."""
