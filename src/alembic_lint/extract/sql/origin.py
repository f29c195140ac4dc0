"""What is the same for every operation that one piece of SQL text amounts to."""

from __future__ import annotations

from typing import TypedDict

from alembic_lint.model import Call, Context, Direction, EnumType, Operation, Statement
from alembic_lint.source import Span


class Origin(TypedDict):
    """The fields that every operation carries."""

    span: Span
    call: Call
    direction: Direction
    context: Context


Read = tuple[Statement, tuple[Operation, ...]]
"""One statement and what it amounts to."""

Enums = dict[tuple[object, object], EnumType]
"""Enum types that the text itself declares, by (schema, name)."""
