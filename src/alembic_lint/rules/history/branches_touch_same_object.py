"""ALM109 branches-touch-same-object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import absent, clashing
from alembic_lint.judging.touching import TABLE, Touch, Verb, alike, touches
from alembic_lint.model import (
    AlterColumn,
    Operation,
    RenameConstraint,
    RenameTable,
    Revision,
    Unset,
    table_of,
)
from alembic_lint.replay import Replay, RoundTrip, Step
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import Origin, Presence, TableKey

_MOST = 5
"""Branches that are named for one branch and table."""

_Branches = tuple[int, int, TableKey]


@dataclass(frozen=True, slots=True)
class _Work:
    """What one revision does to one table."""

    key: str
    revision: Revision
    touches: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class _Clash:
    """Two touches whose order matters; with `apart`, of different parts of one table."""

    mine: Touch
    other: Touch
    apart: bool = False


@each_replay("ALM109", Severity.WARNING, after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """Two branches that the graph does not order, and that both change one object.

    What a database ends up with then depends on which branch it ran first. It counts when both
    make, drop or change the same table, column, index or constraint, or when one drops or renames
    what the other builds on. There is one finding for two branches and a table, at the revision
    that runs later, or at the one that is new since the base.

    Where no merge joins the branches yet, they can still be put one on top of the other: then two
    revisions that change different parts of one table are told as well, as an info. After a merge,
    what a guard skips is no change. A table that both make is the subject of duplicate-table and
    guarded-duplicate-table.
    Lines of different labels without a common base are alternatives; with one, they are meant to
    stay apart, and different parts of a table are theirs to change.
    """
    del settings
    history = replay.history
    standing = _standing(history)
    alone = _work(replay, replay.steps)
    together = _work(replay, replay.upgrade_run())
    for table in sorted(alone, key=lambda key: (key[0] or "", key[1])):
        found: dict[_Branches, tuple[_Clash, bool]] = {}
        for one, other in _unordered(history, alone[table]):
            merged = bool(standing[one] & standing[other])
            works = together.get(table, {}) if merged else alone[table]
            if one not in works or other not in works:
                continue
            clash = _clash(history, works[one], works[other], merged=merged)
            if clash is not None and clash.apart and _is_meant(history, one, other):
                continue
            lines = history.lines[one][0], history.lines[other][0]
            branches = (min(lines), max(lines), table)
            if clash is not None and (
                branches not in found or _rank(history, clash) < _rank(history, found[branches][0])
            ):
                found[branches] = clash, merged
        yield from _findings(history, found)


def _findings(
    history: History, found: Mapping[_Branches, tuple[_Clash, bool]]
) -> Iterator[Finding]:
    told: dict[int, int] = {}
    for clash, merged in found.values():
        line, _ = history.lines[history.key(clash.mine.step.revision)]
        told[line] = told.get(line, 0) + 1
        if told[line] <= _MOST:
            yield _finding(history, clash, merged=merged)


def _work(replay: Replay, steps: Iterable[Step]) -> dict[TableKey, dict[str, _Work]]:
    """What each revision does to each table, in the order in which they run."""
    history = replay.history
    trips = {trip.revision.path: trip for trip in replay.trips}
    found: dict[TableKey, dict[str, list[Touch]]] = {}
    for step in steps:
        key = history.key(step.revision)
        if step.runs is False or key not in history.position:
            continue
        for touch in touches(step):
            if not _passing(trips[step.revision.path], touch.table):
                found.setdefault(touch.table, {}).setdefault(key, []).append(touch)
    return {
        table: {key: _Work(key, history.by_key[key], tuple(items)) for key, items in works.items()}
        for table, works in found.items()
    }


def _passing(trip: RoundTrip, table: TableKey) -> bool:
    """Whether a revision makes a table only to drop it again."""
    return (
        trip.before.at(table).presence is Presence.ABSENT
        and trip.after.at(table).presence is Presence.ABSENT
    )


def _standing(history: History) -> dict[str, int]:
    """Of each key, the ends of the graph that stand on it, as the bits of a number."""
    found: dict[str, int] = {}
    ends = 0
    for revision in reversed(history.order):
        key = history.key(revision)
        bits = 0
        for child in (*history.children(key), *history.dependents(key)):
            bits |= found.get(child, 0)
        if not bits:
            bits = 1 << ends
            ends += 1
        found[key] = bits
    return found


def _unordered(history: History, works: Mapping[str, _Work]) -> Iterator[tuple[str, str]]:
    """The pairs of revisions that the graph does not order, the one to be told of first."""
    by_line: dict[int, list[str]] = {}
    for key in sorted(works, key=history.position.__getitem__):
        line, _ = history.lines[key]
        for other_line, earlier in by_line.items():
            if other_line == line:
                continue
            for other in reversed(earlier):
                if history.runs_before(other, key):
                    # And so are all that lie below it on its line.
                    break
                if not history.run_apart(other, key):
                    yield (other, key) if _is_newer(history, other, key) else (key, other)
        by_line.setdefault(line, []).append(key)


def _is_newer(history: History, one: str, other: str) -> bool:
    """Whether only the first is new since the base of the branch."""
    new = history.new or frozenset()
    return history.by_key[one].path in new and history.by_key[other].path not in new


def _clash(history: History, one: _Work, other: _Work, *, merged: bool) -> _Clash | None:
    """Two touches of two revisions whose order matters."""
    if _makes(one) and _makes(other):
        return None
    fails = False
    # Which two touches are told of does not depend on which side is told first.
    first, second = sorted((one, other), key=lambda work: work.key)
    for left in first.touches:
        for right in second.touches:
            mine, theirs = (left, right) if first is one else (right, left)
            if _fails(history, mine, theirs):
                fails = True
            elif _clashes(mine, theirs):
                return _Clash(mine, theirs)
    if merged or fails:
        return None
    mine_, theirs_ = _changes(one.touches), _changes(other.touches)
    if mine_ is None or theirs_ is None:
        return None
    return _Clash(mine_, theirs_, apart=True)


def _rank(history: History, clash: _Clash) -> tuple[bool, int, list[str]]:
    """Of the clashes of two branches over a table the least is told, whatever files are called."""
    keys = sorted(history.key(touch.step.revision) for touch in (clash.mine, clash.other))
    return clash.apart, sum(history.depth[key] for key in keys), keys


def _fails(history: History, mine: Touch, theirs: Touch) -> bool:
    """Whether both make one thing without asking, so that the second fails: other rules tell it."""
    both = mine.part == theirs.part and mine.verb is theirs.verb is Verb.MADE
    return both and not (
        mine.part in (None, TABLE)
        or _asks(mine.step.operation)
        or _asks(theirs.step.operation)
        or clashing.is_order_vague(history)
    )


def _asks(operation: Operation) -> bool:
    """Whether an operation may do nothing, or fail without harm."""
    context = operation.context
    return bool(
        context.guards or context.tries or getattr(operation, "if_not_exists", False) is not False
    )


def _is_meant(history: History, one: str, other: str) -> bool:
    """Whether labels say that two branches are to stay apart, such as "expand" and "contract"."""
    labels, others = history.labels[one], history.labels[other]
    return bool(labels - others and others - labels)


def _makes(work: _Work) -> bool:
    return any(item.part == TABLE and item.verb is Verb.MADE for item in work.touches)


def _clashes(mine: Touch, theirs: Touch) -> bool:
    verbs = {mine.verb, theirs.verb}
    if TABLE in (mine.part, theirs.part):
        if mine.part == theirs.part and verbs == {Verb.MADE}:
            return True
        gone = [item for item in (mine, theirs) if item.part == TABLE]
        return any(item.verb is Verb.DROPPED for item in gone)
    if mine.part is None or mine.part != theirs.part:
        return False
    if Verb.USED in verbs:
        return Verb.DROPPED in verbs
    return not alike(mine, theirs)


def _changes(items: Sequence[Touch]) -> Touch | None:
    """The first change of a table that stays as it is otherwise; None where it is made anew."""
    if any(item.part == TABLE and item.verb is not Verb.USED for item in items):
        return None
    return next((item for item in items if item.verb is not Verb.USED), None)


def _finding(history: History, clash: _Clash, *, merged: bool) -> Finding:
    mine, other = clash.mine, clash.other
    revision = other.step.revision
    name = history.key(revision)
    late = _fails_first(clash)
    if late is not None:
        early = other if late is mine else mine
        remedy = _ordering(history, early, late, here=mine)
    elif merged:
        remedy = "say in a revision after the merge what is meant"
    else:
        remedy = "put one branch on top of the other"
    if clash.apart:
        message = (
            f'"{mine.table[1]}" is changed here and, in other places, in revision "{name}" of a '
            f"parallel branch, and neither knows of the other; {remedy}"
        )
    else:
        what = _what(mine)
        branch = f'in revision "{name}" of a parallel branch'
        if (mine.part == TABLE) != (other.part == TABLE):
            what = f'"{mine.table[1]}"'
            first, second = _told(mine), _told(other)
        else:
            first, second = _verb(mine), _verb(other)
        same = first == second
        verbs = f"{first} both here and {branch}" if same else f"{first} here and {second} {branch}"
        message = f"{what} is {verbs}, and which runs first decides what becomes of it; {remedy}"
    return Finding(
        mine.step.operation.span,
        message,
        path=mine.step.revision.path,
        related=(
            absent.place(
                Origin(revision, other.step.operation), f'"{other.table[1]}" is {_verb(other)} here'
            ),
        ),
        severity=Severity.INFO if clash.apart else None,
        mutual=True,
    )


def _what(touch: Touch) -> str:
    """The object that two touches are about."""
    table = f'"{touch.table[1]}"'
    if touch.part is None or touch.part == TABLE:
        return table
    kind, name = touch.part
    return f'{kind} "{name}" of {table}'


def _told(touch: Touch) -> str:
    """What is done to a table, or to something in it."""
    return _verb(touch) if touch.part == TABLE else "worked on"


def _verb(touch: Touch) -> str:
    """What is done to an object, in a word; what has another name then is not dropped."""
    return "renamed" if _is_renamed(touch) else str(touch.verb)


def _is_renamed(touch: Touch) -> bool:
    """Whether a touch takes the name from something that is there under another one then."""
    match touch.step.operation:
        case RenameTable() | RenameConstraint():
            return touch.verb is Verb.DROPPED
        case AlterColumn(new_name=new):
            return touch.verb is Verb.DROPPED and not isinstance(new, Unset)
        case _:
            return False


def _fails_first(clash: _Clash) -> Touch | None:
    """The touch that makes the other fail if it runs first, where the other order works.

    What builds on an object may keep a database from dropping it, as a foreign key does; a rename
    follows it.
    """
    if clash.apart:
        return None
    for late, early in ((clash.mine, clash.other), (clash.other, clash.mine)):
        own = early.step.before.key(str(table_of(early.step.operation)), early.table[0])
        builds = early.verb is Verb.USED or early.part != late.part
        changes = early.verb is Verb.CHANGED
        works = (builds and (_is_renamed(late) or late.part == TABLE)) or changes
        if late.verb is Verb.DROPPED and own == early.table and works:
            return late
    return None


def _ordering(history: History, early: Touch, late: Touch, *, here: Touch) -> str:
    """How to tell Alembic which of two revisions runs first."""
    first = history.key(early.step.revision)
    where = "here" if late is here else f'in "{history.key(late.step.revision)}"'
    return f'set depends_on = "{first}" {where}, as the other order fails'
