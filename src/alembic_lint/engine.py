"""Running the rules over histories: findings in, diagnostics out, sorted and complete."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import TypeVar

from alembic_lint.config import Config, Settings
from alembic_lint.counts import Counts, count
from alembic_lint.history import Branch, History, Merge
from alembic_lint.judging.describing import object_of, table_of
from alembic_lint.model import Operation, Revision, flatten
from alembic_lint.replay import Replay, databases, replay
from alembic_lint.rule import Confidence, Finding, Related, Rule, Severity
from alembic_lint.rules import RULES
from alembic_lint.selection import Selection, select
from alembic_lint.source import Span
from alembic_lint.suppressing import Suppressions

T = TypeVar("T")
_Position = tuple[str, Span, str, str]

_COVERED_BY = {"mariadb": "mysql"}
"""Dialects that rules about another one speak of as well, by SQLAlchemy's names."""


_NEW_ONLY = ("ALM6", "ALM7", "ALM9")
"""Families about what applying a revision does: no matter where all databases have it already."""


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


def lint(
    histories: Sequence[History],
    config: Config,
    rules: Sequence[Rule] = RULES,
    *,
    settings: Sequence[Settings] | None = None,
    only: Collection[str] | None = None,
    branches: Sequence[Branch | None] | None = None,
    leave_out: Callable[[Diagnostic], LeftOut | None] = lambda _: None,
) -> Result:
    """Run the selected rules over whole histories.

    With a branch, what its base has already is not told: there remain the findings that stand in
    files that are new since then, or concern one, and what else the base does not have.

    Args:
        histories: what to lint; a file that belongs to several of them is reported once.
        config: which rules run, and how severe they are.
        rules: all rules there are; selectors are resolved among them.
        settings: what rules are told of each history, in the same order; None: of all of them what
            the configuration says.
        only: the paths that findings are wanted for, None for all: those that stand in one of them,
            and those that concern one, unless one of the former tells the same from its own side.
            The graph stays whole.
        branches: what each history is compared with, None for nothing.
        leave_out: tells of a finding that no comment suppresses why it is left out, if it is.

    Raises:
        ConfigError: a selector that matches no rule.
    """
    selection = select(config, rules)
    found: dict[_Position, Diagnostic] = {}
    errors: list[InternalError] = []
    every_replay: list[Replay] = []
    runs: list[_Run] = []
    settings = [config.settings] * len(histories) if settings is None else settings
    compared = [None] * len(histories) if branches is None else branches
    for history, of_history, branch in zip(histories, settings, compared, strict=True):
        whole = history if branch is None else branch.history
        run = _Run(whole, of_history, selection, errors, branch)
        replays = run.replays()
        runs.append(run)
        every_replay.extend(replays)
        for diagnostic in (*run.diagnostics(replays), *run.after_merges()):
            found.setdefault(_position(diagnostic), diagnostic)
    revisions = [revision for history in histories for revision in history.revisions]
    retired = [revision for history in histories for revision in history.retired]
    suppressions = Suppressions((*revisions, *retired), rules)
    new = frozenset(path for run in runs for path in run.new)
    reasons = _suppressed(found.values(), suppressions, new)
    for run in runs:
        said = {_position(item): item for item in run.on_suppressions(suppressions)}
        reasons |= _suppressed(said.values(), suppressions, new)
        found = said | found
    every = sorted(found.values(), key=_position)
    known = {_position(item): leave_out(item) for item in every if _position(item) not in reasons}
    reasons |= {position: why for position, why in known.items() if why is not None}
    asked = every if only is None else _asked(every, only)
    fresh = frozenset(map(_position, every))
    if any(run.branch is not None for run in runs):
        fresh = _fresh(every, runs)
        asked = [item for item in asked if _position(item) in fresh]
    told = reasons.keys() | set(map(_position, asked))
    others = [
        item for item in every if _position(item) not in told and not config.excludes(item.path)
    ]
    elsewhere = sum(_position(item) in fresh or bool(concerned(item, new)) for item in others)
    tally = Counter(reasons.get(_position(item)) for item in asked)
    return Result(
        tuple(item for item in asked if _position(item) not in reasons),
        tuple(dict.fromkeys(errors)),
        count(revisions, every_replay),
        elsewhere=elsewhere,
        before=len(others) - elsewhere,
        suppressed=tally[LeftOut.SUPPRESSED],
        grandfathered=tally[LeftOut.GRANDFATHERED],
        baselined=tally[LeftOut.BASELINED],
    )


def _suppressed(
    found: Iterable[Diagnostic], suppressions: Suppressions, new: Collection[str]
) -> dict[_Position, LeftOut]:
    """Those that comments suppress: at their own place, or in all files they could stand in."""
    return {
        _position(item): LeftOut.SUPPRESSED
        for item in sorted(found, key=_position)
        if suppressions.hide(item.code, item.path, item.span.line)
        or suppressions.hide_all(item.code, _alternatives(item, new))
    }


def _alternatives(item: Diagnostic, new: Collection[str]) -> dict[str, list[int]]:
    """The files that a finding could stand in just as well as where it stands, with its lines.

    Not those of older files, where it stands in one that is new on this branch: what was said
    there was not said of this.
    """
    if not item.mutual or (item.path in new and any(each.path not in new for each in item.others)):
        return {}
    found: dict[str, list[int]] = {}
    for each in item.others:
        found.setdefault(each.path, []).append(each.span.line)
    return found


def _asked(diagnostics: Sequence[Diagnostic], only: Collection[str]) -> list[Diagnostic]:
    """The findings in these files, and those that concern them and are not told there."""
    told = {
        (item.code, place.path, place.span, item.severity)
        for item in diagnostics
        if item.path in only
        for place in item.related
    }
    return [
        item
        for item in diagnostics
        if item.path in only
        or (concerned(item, only) and (item.code, item.path, item.span, item.severity) not in told)
    ]


def _fresh(diagnostics: Sequence[Diagnostic], runs: Sequence[_Run]) -> frozenset[_Position]:
    """The findings that are a branch's doing, by their positions."""
    new = {path for run in runs for path in run.new}
    whole = {item.path for run in runs if run.branch is None for item in run.history.revisions}
    old = sum((run.at_base() for run in runs), Counter[_Told]())
    found = {_position(item) for item in _asked(diagnostics, new)}
    rules = {rule.code: rule for run in runs for rule in run.selection.rules}
    touched = {path for run in runs if run.branch is not None for path in run.branch.changed}
    rerun = {item.path for run in runs if run.rewrites for item in run.history.revisions}
    for item in diagnostics:
        if old[_told(item)] > 0:
            old[_told(item)] -= 1
            found -= set() if item.path in new else {_position(item)}
        elif item.path in whole:
            found.add(_position(item))
        elif not concerned(item, new):
            rule = rules[item.code]
            judged = rule.history_check is not None or rule.branch_check is not None
            if item.path in (touched if rule.suppression_check is not None else rerun) or judged:
                found.add(_position(item))
    return frozenset(found)


def concerned(diagnostic: Diagnostic, asked: Collection[str]) -> tuple[Related, ...]:
    """The places in `asked` files that take part in what a finding in another file says.

    A second head, say, is as much the first one's doing, and a hook is told of the file that
    changed, which may be either. Empty where the finding itself stands in one of the files.
    """
    if diagnostic.path in asked:
        return ()
    return tuple(place for place in diagnostic.related if place.path in asked and not place.context)


def _position(diagnostic: Diagnostic) -> _Position:
    """What diagnostics are sorted by, and by what two are the same."""
    return diagnostic.path, diagnostic.span, diagnostic.code, diagnostic.message


_Told = tuple[str, str, str]


def _told(diagnostic: Diagnostic) -> _Told:
    """What a finding says, wherever in its file it stands."""
    return diagnostic.path, diagnostic.code, diagnostic.message


@dataclass(frozen=True, slots=True)
class _Run:
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

    def at_base(self) -> Counter[_Told]:
        """What the base has already, as it would be told now, and how often."""
        if self.branch is None:
            return Counter()
        base = replace(self, history=self.branch.base, branch=None)
        found = base.diagnostics(base.replays()) if self.rewrites else base.of_history()
        now = {path: revision.path for path, revision in self.branch.now.items()}
        every = {_position(item): item for item in found}
        return Counter(
            _told(replace(item, path=now.get(item.path, item.path))) for item in every.values()
        )

    def after_merges(self) -> Iterator[Diagnostic]:
        """What stands in new files of this branch only once it is merged."""
        for merge in () if self.branch is None else self.branch.merges:
            run = replace(self, history=merge.merged, branch=None)
            rules = [rule for rule in self.rules() if rule.after_merge]
            alone = {_told(item) for item in self.of_history()}
            for item in run.of_history(rules):
                if item.path in self.new and _told(item) not in alone:
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
        found: dict[_Position, tuple[Diagnostic, list[str]]] = {}
        for replayed in meant:
            for diagnostic in self._on_database(rule, replayed):
                _, names = found.setdefault(_position(diagnostic), (diagnostic, []))
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
