"""What a run has to say, and its forms for people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alembic_lint.diagnostics import Diagnostic, InternalError, Result, concerned
from alembic_lint.history import History
from alembic_lint.rule import Related, Severity
from alembic_lint.source import SourceFile


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    `result` holds the findings that were asked for, sorted, and counts of all that was read.
    `asked` are the shown paths that findings were asked for, None for all that was read. `base` is
    the branch that it was compared with, None for none; `asked` are then new or changed since.
    `sources` are the files that were read, by the path they are shown with. `notices` tell what a
    person should know about the run itself. `fail_on` is the lowest severity that makes it fail.
    `dialects` are the databases that the histories are for, sorted; empty where that is not known.
    """

    result: Result
    histories: tuple[History, ...] = ()
    sources: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    notices: tuple[str, ...] = ()
    asked: frozenset[str] | None = None
    fail_on: Severity = Severity.ERROR
    dialects: tuple[str, ...] = ()
    base: str | None = None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings, by path, line and column."""
        return self.result.diagnostics

    @property
    def internal_errors(self) -> tuple[InternalError, ...]:
        """The bugs in alembic-lint that this run met."""
        return self.result.internal_errors

    @property
    def revisions(self) -> int:
        """How many revision files were read; one that belongs to two histories counts once."""
        return len(self._paths())

    @property
    def files_asked(self) -> frozenset[str]:
        """The revision files that findings were asked for, by the paths they are shown with."""
        paths = self._paths()
        return paths if self.asked is None else paths & self.asked

    @property
    def revisions_asked(self) -> int:
        """How many of them findings were asked for."""
        return len(self.files_asked)

    @property
    def new(self) -> tuple[str, ...]:
        """The paths of the revisions that are new since the base, sorted; none without a base."""
        return tuple(sorted({path for history in self.histories for path in history.new or ()}))

    @property
    def failed(self) -> bool:
        """Whether a finding is at or above `fail_on`."""
        return any(item.severity.rank <= self.fail_on.rank for item in self.diagnostics)

    def concerned(self, item: Diagnostic) -> tuple[Related, ...]:
        """Why a finding of a file that was not asked for is reported; empty for other findings."""
        return () if self.asked is None else concerned(item, self.asked)

    def _paths(self) -> frozenset[str]:
        return frozenset(item.path for history in self.histories for item in history.revisions)
