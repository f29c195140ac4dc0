"""The rules over one history, on each database that it is for."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import TypeVar

from alembic_lint.config import Settings
from alembic_lint.diagnostics import (
    Diagnostic,
    InternalError,
    Party,
    Position,
    Told,
    concerned,
    position,
    told_by,
)
from alembic_lint.history import Branch, History, Merge
from alembic_lint.judging.describing import object_of, table_of
from alembic_lint.model import Operation, Revision, flatten
from alembic_lint.replay import Replay, databases, replay
from alembic_lint.rule import Confidence, Finding, Related, Rule
from alembic_lint.selection import Selection
from alembic_lint.source import Span
from alembic_lint.suppressing import Suppressions

T = TypeVar("T")

_COVERED_BY = {"mariadb": "mysql"}
"""Dialects that rules about another one speak of as well, by SQLAlchemy's names."""

_NEW_ONLY = ("ALM6", "ALM7", "ALM9")
"""Families about what applying a revision does: no matter where all databases have it already."""


@dataclass(frozen=True, slots=True)
class Run:
    """The rules over one history; what fails is added to `errors`."""

    history: History
    settings: Settings
    selection: Selection
    errors: list[InternalError]
    branch: Branch | None = None

    @property
    def new(self) -> frozenset[str]:
        """The files that are new since the base, where there is one."""
        return self.history.new or frozenset()

    @property
    def rewrites(self) -> bool:
        """Whether the base is more than a part of the history: what it had is otherwise, or gone.

        Only then can findings of the replay in older files be this branch's doing.
        """
        return self.branch is not None and bool(self.branch.changed or self.branch.gone)

    def at_base(self) -> Counter[Told]:
        """What the base has already, as it would be told now, and how often."""
        if self.branch is None:
            return Counter()
        base = replace(self, history=self.branch.base, branch=None)
        found = base.diagnostics(base.replays()) if self.rewrites else base.of_history()
        now = {path: revision.path for path, revision in self.branch.now.items()}
        every = {position(item): item for item in found}
        return Counter(
            told_by(replace(item, path=now.get(item.path, item.path))) for item in every.values()
        )

    def after_merges(self) -> Iterator[Diagnostic]:
        """What stands in new files of this branch only once it is merged."""
        for merge in () if self.branch is None else self.branch.merges:
            run = replace(self, history=merge.merged, branch=None)
            rules = [rule for rule in self.rules() if rule.after_merge]
            # What is wrong at a place already is told as it is now; mended, the rest may show.
            alone = {(item.path, item.code, item.span) for item in self.of_history()}
            for item in run.of_history(rules):
                if item.path in self.new and (item.path, item.code, item.span) not in alone:
                    yield _after(item, merge)
            theirs = {item.path for item in merge.merged.revisions} - {
                item.path for item in self.history.revisions
            }
            if not any(rule.replay_check for rule in rules) or not merge.meet:
                continue
            replays = run.replays()
            for rule in rules:
                for item in run.on_databases(rule, replays) if rule.replay_check else ():
                    # Of two sides, the one that is new here is told of.
                    if item.path in self.new and concerned(item, theirs):
                        yield _after(item, merge)

    def of_history(self, rules: Sequence[Rule] | None = None) -> Iterator[Diagnostic]:
        """What rules say of the graph."""
        for rule in self.rules() if rules is None else rules:
            if (whole := rule.history_check) is not None:
                yield from self._apply(rule, partial(whole, self.history, self.settings))

    def replays(self) -> tuple[Replay, ...]:
        """The history replayed on each database it is for; less those on which that fails."""

        def replayed() -> Iterator[Replay]:
            for name in databases(self.history, self.settings.dialects):
                yield replay(self.history, name, self.settings.conventions)

        return tuple(self._safely("replay", None, replayed))

    def rules(self) -> list[Rule]:
        """Those that run on this history."""
        return [rule for rule in self.selection.rules if _is_meant(rule, self.settings)]

    def diagnostics(self, replays: Sequence[Replay]) -> Iterator[Diagnostic]:
        """What the rules say: of the whole, of each file, of each database."""
        settings, rules = self.settings, self.rules()
        yield from self.of_history()
        for rule in rules:
            if (compared := rule.branch_check) is not None and self.branch is not None:
                yield from self._apply(rule, partial(compared, self.branch, settings))
        for revision in self.history.revisions:
            for rule in rules:
                if (each := rule.revision_check) is not None:
                    yield from self._apply(rule, partial(each, revision, settings), revision)
        for rule in rules:
            yield from self.on_databases(rule, replays)

    def on_suppressions(self, suppressions: Suppressions) -> Iterator[Diagnostic]:
        """What the rules say of suppression comments, once all else is known."""
        checks = [(rule, rule.suppression_check) for rule in self.rules()]
        for revision in self.history.revisions:
            if not revision.suppressions:
                continue
            failed = {error.code for error in self.errors}
            ran = partial(self._has_run, revision=revision, failed=failed)
            for use in suppressions.uses(revision, ran):
                for rule, check in checks:
                    if check is not None:
                        yield from self._apply(rule, partial(check, use, self.settings), revision)

    def _has_run(self, rule: Rule, revision: Revision, failed: Collection[str]) -> bool:
        if rule.branch_check is not None and self.branch is None:
            return False
        is_old = self.history.new is not None and revision.path not in self.new
        if is_old and rule.code.startswith(_NEW_ONLY):
            return False
        return has_run(rule, revision, self.history, self.settings, self.selection, failed)

    def on_databases(self, rule: Rule, replays: Sequence[Replay]) -> Iterator[Diagnostic]:
        """What a rule says of the replays; where that is so on some of them alone, with which."""
        meant = [item for item in replays if _meet(rule.dialects, (item.database,))]
        found: dict[Position, tuple[Diagnostic, list[str]]] = {}
        for replayed in meant:
            for diagnostic in self._on_database(rule, replayed):
                _, names = found.setdefault(position(diagnostic), (diagnostic, []))
                if replayed.database not in names:
                    names.append(replayed.database)
        for diagnostic, names in found.values():
            if len(names) == len(meant):
                yield diagnostic
            else:
                where = ", ".join(names)
                yield replace(diagnostic, message=f"{diagnostic.message} (on {where})")

    def _on_database(self, rule: Rule, replayed: Replay) -> Iterator[Diagnostic]:
        settings = self.settings
        if (whole := rule.replay_check) is not None:
            yield from self._apply(rule, partial(whole, replayed, settings))
        if (trip := rule.round_trip_check) is not None:
            for item in replayed.trips:
                yield from self._apply(rule, partial(trip, item, settings), item.revision)
        if (one := rule.operation_check) is not None:
            for step in (*replayed.steps, *replayed.downgrade_steps):
                if not _meet(step.operation.context.dialects, (replayed.database,)):
                    continue
                check = partial(one, step, settings)
                yield from self._apply(rule, check, step.revision, step.operation)

    def _apply(
        self,
        rule: Rule,
        check: Callable[[], Iterator[Finding]],
        revision: Revision | None = None,
        operation: Operation | None = None,
    ) -> Iterator[Diagnostic]:
        """A rule's findings about one subject, where this file may have them."""
        new = self.history.new if rule.code.startswith(_NEW_ONLY) else None
        if new is not None and revision is not None and revision.path not in new:
            return

        def diagnosed() -> Iterator[Diagnostic]:
            for finding in check():
                yield self._diagnostic(rule, finding, revision, operation)

        for diagnostic in self._safely(rule.code, revision, diagnosed):
            meant = new is None or diagnostic.path in new
            if meant and self.selection.runs_on(rule, diagnostic.path):
                yield diagnostic

    def _diagnostic(
        self, rule: Rule, finding: Finding, revision: Revision | None, operation: Operation | None
    ) -> Diagnostic:
        """A finding, with its severity and what is known of its place."""
        if finding.path is not None:
            of_path = (item for item in self.history.revisions if item.path == finding.path)
            revision = next(of_path, None)
        path = finding.path if revision is None else revision.path
        if path is None:
            raise ValueError(f"a finding of {rule.code} names no file: {finding.message}")
        if operation is None and revision is not None:
            operation = _operation(revision, finding.span)
        configured = self.selection.severity(rule)
        severity = configured or finding.severity or rule.severity
        if finding.confidence is Confidence.POSSIBLE:
            severity = severity.lowered()
        return Diagnostic(
            code=rule.code,
            name=rule.name,
            severity=severity,
            confidence=finding.confidence,
            path=path,
            span=finding.span,
            message=finding.message,
            help=finding.help,
            related=finding.related,
            revision=None if revision is None else revision.id,
            down_revision=() if revision is None else revision.parents,
            operation=None if operation is None else type(operation).__name__,
            table=None if operation is None else table_of(operation),
            object=None if operation is None else object_of(operation),
            others=tuple(
                self._party(place)
                for place in finding.related
                if not place.context and place.path != path
            ),
            mutual=finding.mutual,
        )

    def _party(self, place: Related) -> Party:
        """What is known of another place that takes part."""
        key = self.history.keys.get(place.path)
        of_path = (item for item in self.history.revisions if item.path == place.path)
        revision = None if key is None else next(of_path, None)
        operation = None if revision is None else _operation(revision, place.span)
        return Party(
            place.path,
            place.span,
            None if revision is None else revision.id,
            None if operation is None else type(operation).__name__,
            None if operation is None else table_of(operation),
            None if operation is None else object_of(operation),
        )

    def _safely(
        self, code: str, revision: Revision | None, make: Callable[[], Iterator[T]]
    ) -> Iterator[T]:
        """The values up to the end, or up to a bug, which is noted: the rest still runs."""
        try:
            yield from make()
        except Exception as error:  # noqa: BLE001  (whatever the bug is, the others must still run)
            where = self.history.name or ", ".join(self.history.locations)
            path = where if revision is None else revision.path
            identifier = None if revision is None else revision.id
            self.errors.append(InternalError(code, path, identifier, _described(error)))


def _operation(revision: Revision, span: Span) -> Operation | None:
    """The operation of a revision that stands at a place; None where none does."""
    return next((item for item in flatten(revision.operations) if item.span == span), None)


def _after(diagnostic: Diagnostic, merge: Merge) -> Diagnostic:
    """A finding that holds only after a merge, saying so."""
    into = f"is merged into {merge.name}" if merge.is_base else f"and {merge.name} are both merged"
    return replace(diagnostic, message=f"{diagnostic.message} (once this branch {into})")


def has_run(
    rule: Rule,
    revision: Revision,
    history: History,
    settings: Settings,
    selection: Selection,
    failed: Collection[str],
) -> bool:
    """Whether a rule has seen all of a file that it ever will, so that its silence tells something.

    `failed` are the codes of `InternalError`. Rules that compare with a base are no matter here.
    """
    if revision.problem is not None or rule.code in failed or rule not in selection.rules:
        return False
    if rule.operation_check or rule.round_trip_check or rule.replay_check:
        placed = history.key(revision) in history.position
        if "replay" in failed or not placed:
            return False
    return _is_meant(rule, settings) and selection.runs_on(rule, revision.path)


def _is_meant(rule: Rule, settings: Settings) -> bool:
    """Whether a rule speaks of a database that a history is for."""
    return _meet(rule.dialects, settings.dialects)


def _meet(left: tuple[str, ...] | None, right: tuple[str, ...] | None) -> bool:
    """Whether two sets of dialects have one in common; None is every dialect."""
    if left is None or right is None:
        return True
    return bool(
        {_COVERED_BY.get(item, item) for item in left}.intersection(
            _COVERED_BY.get(item, item) for item in right
        )
    )


def _described(error: Exception) -> str:
    """An exception in one line, with the place in the source that raised it."""
    *_, last = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(last.filename).name}:{last.lineno}"
    return f"{type(error).__name__} at {place}: {error}"
