"""What a run finds: diagnostics, and how two of them are told apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from alembic_lint.counts import Counts
from alembic_lint.rule import Confidence, Related, Severity
from alembic_lint.source import Span

Position = tuple[str, Span, str, str]

Told = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Party:
    """A place that takes part in a finding.

    `revision` is the id of its file's revision; `operation`, `table` and `object` are those of the
    operation that stands there; None as in `Diagnostic`.
    """

    path: str
    span: Span
    revision: str | None = None
    operation: str | None = None
    table: str | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding, with all that a report says about it.

    `revision` is the id of the file's revision, None where it has none; `down_revision` are its
    parents' ids. `operation` is the kind of the operation it speaks of, as Alembic names it, and
    `table` that operation's table and `object` the column, index, constraint or type in it; None
    where there is none, or its name is not known. `others` are the places in other files that take
    part in it. `mutual` tells that it could stand in any of these as well (see `Finding`).
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    path: str
    span: Span
    message: str
    help: str | None = None
    related: tuple[Related, ...] = ()
    revision: str | None = None
    down_revision: tuple[str, ...] = ()
    operation: str | None = None
    table: str | None = None
    object: str | None = None
    others: tuple[Party, ...] = ()
    mutual: bool = False


@dataclass(frozen=True, slots=True)
class InternalError:
    """A bug in alembic-lint.

    `code` is the rule that failed, or "replay". `path` is the file it failed on, `revision` that
    file's id; for a check of a whole history, the history's name or locations, and None.
    """

    code: str
    path: str
    revision: str | None
    message: str


class LeftOut(StrEnum):
    """Why a finding is not shown."""

    SUPPRESSED = "suppressed"
    """A comment at its place says so."""
    GRANDFATHERED = "grandfathered"
    """It concerns nothing that is later than `lint-after`."""
    BASELINED = "baselined"
    """The baseline holds it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found; the diagnostics are sorted by path, line, column and code.

    `elsewhere` is how many more there are in files that were neither asked for nor excluded, and
    `before` how many that the base of the branch has already.
    Of those asked for, `suppressed`, `grandfathered` and `baselined` are how many are left out for
    these reasons (see `LeftOut`), each counted for the first one only.
    """

    diagnostics: tuple[Diagnostic, ...]
    internal_errors: tuple[InternalError, ...]
    counts: Counts
    elsewhere: int = 0
    before: int = 0
    suppressed: int = 0
    grandfathered: int = 0
    baselined: int = 0


def concerned(diagnostic: Diagnostic, asked: Collection[str]) -> tuple[Related, ...]:
    """The places in `asked` files that take part in what a finding in another file says.

    A second head, say, is as much the first one's doing, and a hook is told of the file that
    changed, which may be either. Empty where the finding itself stands in one of the files.
    """
    if diagnostic.path in asked:
        return ()
    return tuple(place for place in diagnostic.related if place.path in asked and not place.context)


def position(diagnostic: Diagnostic) -> Position:
    """What diagnostics are sorted by, and by what two are the same."""
    return diagnostic.path, diagnostic.span, diagnostic.code, diagnostic.message


def told_by(diagnostic: Diagnostic) -> Told:
    """What a finding says, wherever in its file it stands."""
    return diagnostic.path, diagnostic.code, diagnostic.message
