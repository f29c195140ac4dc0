"""Running the rules over histories: findings in, diagnostics out, sorted and complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from alembic_lint.config import Config, Settings
from alembic_lint.counts import count
from alembic_lint.diagnostics import (
    Diagnostic,
    InternalError,
    LeftOut,
    Position,
    Result,
    Told,
    concerned,
    position,
    told_by,
)
from alembic_lint.history import Branch, History
from alembic_lint.replay import Replay
from alembic_lint.rule import Rule
from alembic_lint.rules import RULES
from alembic_lint.runs import Run
from alembic_lint.selection import select
from alembic_lint.suppressing import Suppressions


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
    found: dict[Position, Diagnostic] = {}
    errors: list[InternalError] = []
    every_replay: list[Replay] = []
    runs: list[Run] = []
    settings = [config.settings] * len(histories) if settings is None else settings
    compared = [None] * len(histories) if branches is None else branches
    for history, of_history, branch in zip(histories, settings, compared, strict=True):
        whole = history if branch is None else branch.history
        run = Run(whole, of_history, selection, errors, branch)
        replays = run.replays()
        runs.append(run)
        every_replay.extend(replays)
        for diagnostic in (*run.diagnostics(replays), *run.after_merges()):
            found.setdefault(position(diagnostic), diagnostic)
    revisions = [revision for history in histories for revision in history.revisions]
    retired = [revision for history in histories for revision in history.retired]
    suppressions = Suppressions((*revisions, *retired), rules)
    new = frozenset(path for run in runs for path in run.new)
    reasons = _suppressed(found.values(), suppressions, new)
    for run in runs:
        said = {position(item): item for item in run.on_suppressions(suppressions)}
        reasons |= _suppressed(said.values(), suppressions, new)
        found = said | found
    every = sorted(found.values(), key=position)
    known = {position(item): leave_out(item) for item in every if position(item) not in reasons}
    reasons |= {position: why for position, why in known.items() if why is not None}
    asked = every if only is None else _asked(every, only)
    fresh = frozenset(map(position, every))
    if any(run.branch is not None for run in runs):
        fresh = _fresh(every, runs)
        asked = [item for item in asked if position(item) in fresh]
    told = reasons.keys() | set(map(position, asked))
    others = [
        item for item in every if position(item) not in told and not config.excludes(item.path)
    ]
    elsewhere = sum(position(item) in fresh or bool(concerned(item, new)) for item in others)
    tally = Counter(reasons.get(position(item)) for item in asked)
    return Result(
        tuple(item for item in asked if position(item) not in reasons),
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
) -> dict[Position, LeftOut]:
    """Those that comments suppress: at their own place, or in all files they could stand in."""
    return {
        position(item): LeftOut.SUPPRESSED
        for item in sorted(found, key=position)
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


def _fresh(diagnostics: Sequence[Diagnostic], runs: Sequence[Run]) -> frozenset[Position]:
    """The findings that are a branch's doing, by their positions."""
    new = {path for run in runs for path in run.new}
    whole = {item.path for run in runs if run.branch is None for item in run.history.revisions}
    old = sum((run.at_base() for run in runs), Counter[Told]())
    found = {position(item) for item in _asked(diagnostics, new)}
    rules = {rule.code: rule for run in runs for rule in run.selection.rules}
    touched = {path for run in runs if run.branch is not None for path in run.branch.changed}
    rerun = {item.path for run in runs if run.rewrites for item in run.history.revisions}
    for item in diagnostics:
        if old[told_by(item)] > 0:
            old[told_by(item)] -= 1
            found -= set() if item.path in new else {position(item)}
        elif item.path in whole:
            found.add(position(item))
        elif not concerned(item, new):
            rule = rules[item.code]
            judged = rule.history_check is not None or rule.branch_check is not None
            if item.path in (touched if rule.suppression_check is not None else rerun) or judged:
                found.add(position(item))
    return frozenset(found)
