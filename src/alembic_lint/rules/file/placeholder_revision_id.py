"""ALM216 placeholder-revision-id."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Revision
from alembic_lint.rule import Finding, Severity, each_revision

_RINGS = ("0123456789abcdef", "0123456789", "123456789", "abcdef", "abcdefghijklmnopqrstuvwxyz")
"""Characters in counting order; the first follows the last."""

_SHORTEST = 8
"""Below this, a pattern is as likely chance or a name."""


@each_revision("ALM216", Severity.INFO)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """An id typed by hand in a counting pattern, such as `a1b2c3d4e5f6`.

    Different people, and code generators, type the same ones: two branches of one project then
    hold the same id, and Alembic keeps only one of the two files, with a warning.

    Source: alembic/script/revision.py, `RevisionMap._revision_map`.
    """
    match revision.revision:
        case Assigned(value=str(identifier), span=span) if is_placeholder(identifier):
            yield Finding(
                span,
                f'revision id "{identifier}" is a counting pattern that others type as well, '
                "and Alembic runs only one of two files with the same id; "
                "let alembic revision generate the id",
            )
        case _:
            return


def is_placeholder(identifier: str) -> bool:
    """Whether an id counts: every character follows from the one 1, 2, 3 or 4 places before it.

    Each of the interleaved sequences keeps one direction (up, down, or standing still) around a
    ring of characters, as in `a1b2c3d4e5f6` (two sequences), `aabbccddeeff`, `111122223333`. From
    twelve characters on, one or two sequences that count may restart once: `abcdef123456`. A random
    hexadecimal id of twelve characters passes about once in a million.
    """
    text = identifier.lower()
    if len(text) < _SHORTEST or not text.isascii() or not text.isalnum():
        return False
    return any(_counts(text, stride) for stride in (1, 2, 3, 4) if len(text) >= 3 * stride)


def _counts(text: str, stride: int) -> bool:
    """Whether the interleaved sequences of this stride all count."""
    restarts = 1 if stride <= 2 and len(text) >= 12 else 0
    for start in range(stride):
        breaks = _breaks(text[start::stride])
        if breaks > restarts:
            return False
        restarts -= breaks
    return True


def _breaks(sequence: str) -> int:
    """The number of steps that leave the sequence's direction, in its best direction."""
    steps = list(pairwise(sequence))
    if all(left == right for left, right in steps):
        return 0
    up = sum(not _follows(left, right) for left, right in steps)
    down = sum(not _follows(right, left) for left, right in steps)
    return min(up, down)


def _follows(left: str, right: str) -> bool:
    """Whether `right` is next after `left` in one of the rings."""
    return any(
        left in ring and ring[(ring.index(left) + 1) % len(ring)] == right for ring in _RINGS
    )
