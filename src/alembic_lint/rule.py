"""What a rule is: a pure function from facts to findings, with its code, name and defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from alembic_lint.config import Settings
from alembic_lint.history import Branch, History
from alembic_lint.model import Revision, Selector, Suppression
from alembic_lint.replay import Replay, RoundTrip, Step
from alembic_lint.source import Span


class Severity(StrEnum):
    """How bad a finding is: see DESIGN 6.4."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for info."""
        return list(Severity).index(self)

    def lowered(self) -> Severity:
        """The next lower severity; info stays info."""
        return list(Severity)[min(self.rank + 1, 2)]


class Confidence(StrEnum):
    """Whether a finding is sure."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding speaks of.

    `context` tells that it only helps to understand: its file takes no part in what is wrong.
    """

    path: str
    span: Span
    message: str
    context: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim of a rule.

    `path` None means the revision the rule was called with; a rule over the whole history names it.
    `help` is what to write instead, when the message has no room for it; it may have several lines.
    `mutual` tells that it could stand in any of the other places as well: which of the revisions it
    stands in follows from the order in which they are loaded, or from which of them are new.
    `severity` overrides the rule's default. A POSSIBLE finding is reported one severity lower; its
    message says why it is only possible.
    """

    span: Span
    message: str
    path: str | None = None
    help: str | None = None
    related: tuple[Related, ...] = ()
    mutual: bool = False
    severity: Severity | None = None
    confidence: Confidence = Confidence.CERTAIN


class Scope(StrEnum):
    """What a rule is called with."""

    OPERATION = "operation"
    REVISION = "revision"
    HISTORY = "history"
    ROUND_TRIP = "round trip"
    REPLAY = "replay"
    SUPPRESSION = "suppression"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class SuppressionUse:
    """A suppression comment, and what became of it in this run.

    `unknown` are those of its selectors that name no rule, each with what is wrong with it;
    `unused` those that could have suppressed something, as what they name has run, and did not.
    """

    suppression: Suppression
    unknown: tuple[tuple[Selector, str], ...] = ()
    unused: tuple[Selector, ...] = ()


RevisionCheck = Callable[[Revision, Settings], Iterator[Finding]]
OperationCheck = Callable[[Step, Settings], Iterator[Finding]]
HistoryCheck = Callable[[History, Settings], Iterator[Finding]]
RoundTripCheck = Callable[[RoundTrip, Settings], Iterator[Finding]]
ReplayCheck = Callable[[Replay, Settings], Iterator[Finding]]
SuppressionCheck = Callable[[SuppressionUse, Settings], Iterator[Finding]]
BranchCheck = Callable[[Branch, Settings], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is registered.

    `name` and `family` come from the module: `rules/file/revision_id_too_long.py` is
    `revision-id-too-long` of the family `file`. `summary` is the docstring's first line.
    Exactly one of the checks is set, that of its scope. `dialects` None means every database.
    `after_merge` tells that it is also asked of what merging a branch leads to.
    """

    code: str
    name: str
    family: str
    summary: str
    severity: Severity
    scope: Scope
    enabled: bool = True
    dialects: tuple[str, ...] | None = None
    revision_check: RevisionCheck | None = field(default=None, repr=False)
    operation_check: OperationCheck | None = field(default=None, repr=False)
    history_check: HistoryCheck | None = field(default=None, repr=False)
    round_trip_check: RoundTripCheck | None = field(default=None, repr=False)
    replay_check: ReplayCheck | None = field(default=None, repr=False)
    suppression_check: SuppressionCheck | None = field(default=None, repr=False)
    branch_check: BranchCheck | None = field(default=None, repr=False)
    after_merge: bool = False


def each_revision(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
) -> Callable[[RevisionCheck], Rule]:
    """Make a rule of a function that is called once for each revision file."""

    def register(check: RevisionCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.REVISION,
            enabled,
            dialects,
            revision_check=check,
        )

    return register


def each_operation(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
) -> Callable[[OperationCheck], Rule]:
    """Make a rule of a function that is called for each step of a replay, in its order.

    It is called for each database that the history is replayed on; with `dialects`, for these.
    """

    def register(check: OperationCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.OPERATION,
            enabled,
            dialects,
            operation_check=check,
        )

    return register


def whole_history(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
    after_merge: bool = False,
) -> Callable[[HistoryCheck], Rule]:
    """Make a rule of a function that is called once for each history."""

    def register(check: HistoryCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.HISTORY,
            enabled,
            dialects,
            history_check=check,
            after_merge=after_merge,
        )

    return register


def each_round_trip(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
) -> Callable[[RoundTripCheck], Rule]:
    """Make a rule of a function that is called for each revision with its way up and back.

    It is called once for each database that the history is replayed on.
    """

    def register(check: RoundTripCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.ROUND_TRIP,
            enabled,
            dialects,
            round_trip_check=check,
        )

    return register


def each_replay(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
    after_merge: bool = False,
) -> Callable[[ReplayCheck], Rule]:
    """Make a rule of a function that is called for each database with the whole replay on it."""

    def register(check: ReplayCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.REPLAY,
            enabled,
            dialects,
            replay_check=check,
            after_merge=after_merge,
        )

    return register


def since_base(
    code: str,
    severity: Severity,
    *,
    enabled: bool = True,
    dialects: tuple[str, ...] | None = None,
) -> Callable[[BranchCheck], Rule]:
    """Make a rule of a function that is called once for each history that has a base to compare."""

    def register(check: BranchCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.BRANCH,
            enabled,
            dialects,
            branch_check=check,
        )

    return register


def each_suppression(
    code: str, severity: Severity, *, enabled: bool = True
) -> Callable[[SuppressionCheck], Rule]:
    """Make a rule of a function that is called for each suppression comment, after all others."""

    def register(check: SuppressionCheck) -> Rule:
        return Rule(
            code,
            *_identity(check),
            severity,
            Scope.SUPPRESSION,
            enabled,
            suppression_check=check,
        )

    return register


def _identity(check: Callable[..., object]) -> tuple[str, str, str]:
    """Name, family and summary, from the module a check is defined in."""
    _, family, module = check.__module__.rsplit(".", 2)
    summary = (check.__doc__ or "").strip().partition("\n")[0]
    return module.replace("_", "-"), family, summary
