"""Places in SQL text that the source does not tell, such as `f"DROP TABLE {name}"`."""

from __future__ import annotations

from collections.abc import Iterable

from alembic_lint.model import Name, Unknown

UNKNOWN_MARK = "\ufffc"
"""Stands in SQL text for a part that is not known.

One character, so that truncating a long identifier seldom loses it, and a letter to PostgreSQL
and to sqlglot alike, so that a statement still parses where the part stands for a name, a part of
a name or a value.
"""

_WHY = "a part of the SQL text is not known"


def marked(parts: Iterable[Name]) -> str:
    """The SQL text made of these parts, with a mark for each Unknown."""
    return "".join(part if isinstance(part, str) else UNKNOWN_MARK for part in parts)


def has_mark(text: str) -> bool:
    """Whether any part of the text is not known."""
    return UNKNOWN_MARK in text


def known(text: str) -> Name:
    """The text itself, or Unknown if a part of it is not known."""
    return Unknown(_WHY) if UNKNOWN_MARK in text else text


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
