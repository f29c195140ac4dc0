"""Comments that tell the linter to leave something out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alembic_lint.source import Span

Lines = tuple[int, int]
"""The first and the last of a range of lines, from 1, both inclusive."""


class SuppressionKind(StrEnum):
    """The word of a suppression comment; a `noqa` is an IGNORE."""

    IGNORE = "ignore"
    """One statement: the one it stands in or ends, or the next one below it."""
    DISABLE = "disable"
    """From here to an ENABLE of the same rule, or to the end of the block."""
    FILE = "file-ignore"
    """The whole file."""
    ENABLE = "enable"
    """Suppresses nothing: the end of a DISABLE."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One word between the brackets, as written, and the lines it holds for.

    `lines` are, of a DISABLE, those to the end of its block: where an ENABLE ends it before depends
    on the rules that both name. They are None for an ENABLE, and for a comment that nothing follows
    in its block.
    """

    text: str
    span: Span
    lines: Lines | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """A suppression comment. `span` begins at its `#`; `reason` is the text after the brackets.

    `problem` tells what is wrong with one that is not written as such comments are; it has no
    `selectors` then. `noqa` tells that it is one of the form that other linters share.
    """

    kind: SuppressionKind
    span: Span
    selectors: tuple[Selector, ...] = ()
    reason: str = ""
    noqa: bool = False
    problem: str = ""
