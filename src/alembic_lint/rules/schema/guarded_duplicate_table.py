"""ALM406 guarded-duplicate-table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import absent, clashing, indexes_again
from alembic_lint.judging.showing import shown_default, shown_type
from alembic_lint.model import CreateTable, Direction, Revision
from alembic_lint.replay import Replay, RoundTrip, Step, asks_for_table, run
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import (
    Column,
    Comparison,
    Constraint,
    Index,
    Origin,
    Presence,
    Schema,
    Table,
    TableKey,
    Verdict,
    compare_tables,
)

_MOST = 4
"""Differences that the message itself names."""

_ONE_SIDED = {Verdict.MISSING: "only there", Verdict.EXTRA: "only here"}

_KINDS = {
    "primary": "primary key",
    "foreignkey": "foreign key",
    "unique": "unique constraint",
    "check": "check",
    "exclude": "exclusion constraint",
}


@dataclass(frozen=True, slots=True)
class _Twice:
    """A guarded create of a table, and the operation that may have made the table before."""

    step: Step
    maker: Origin
    there: Table
    """The table when the create is reached in `alembic upgrade heads`."""


@each_replay("ALM406", Severity.WARNING, after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table that two revisions make, the later one behind a guard that asks for it.

    Neither fails, and the guard keeps whichever ran first. So databases that ran them in another
    order, or before one of the files was there, have another table wherever the two definitions
    differ. They are compared column by column, key by key and index by index: each is what its own
    revision makes where the table is absent, with all that stands under the same guard. Where the
    graph orders the two, the table that is there by then counts, with what was changed in between.
    Where they agree, it is an info.
    """
    del settings
    trips = {trip.revision.path: trip for trip in replay.trips}
    for twice in _duplicates(replay):
        key = twice.there.key
        here = _definition(replay.history, trips[twice.step.revision.path], twice.step, key)
        there = _other(replay, trips, twice, key)
        if here is not None and there is not None:
            if clashing.is_turned(replay.history, twice.step, twice.maker):
                here, there = there, here
            compared = tuple(compare_tables(there, here, replay.database))
            yield _finding(replay.history, twice, compared)


def _duplicates(replay: Replay) -> Iterator[_Twice]:
    """The guarded creates that find their table made by another revision, each table once a file.

    The order is that of one `alembic upgrade heads`.
    """
    history = replay.history
    told: set[tuple[str, TableKey]] = set()
    current, entry = None, Schema(starts=replay.starts)
    last: Schema | None = None
    for step in replay.upgrade_run():
        if step.revision is not current:
            entry = step.before if last is None else last
            current = step.revision
        last = step.after
        match step.operation:
            case CreateTable(temporary=False, table=str(name), schema=None | str() as place):
                operation = step.operation
            case _:
                continue
        if asks_for_table(operation) is not True or not _is_for(operation, step.database):
            continue
        again = indexes_again.made_again(step)
        if again is not None and again.sure:
            # It fails, which duplicate-index tells.
            continue
        there = _found(step, entry, name, place)
        if there is None:
            continue
        identity = (step.revision.path, there.key)
        for maker in there.makers:
            other = maker.revision
            apart = history.run_apart(history.key(other), history.key(step.revision))
            if other is not step.revision and not apart and identity not in told:
                told.add(identity)
                yield _Twice(step, maker, there)


def _found(step: Step, entry: Schema, name: str, place: str | None) -> Table | None:
    """The table that a guarded create may find there; None where there is none."""
    before = step.before.table(name, place)
    if step.runs is None and before.presence is Presence.ABSENT:
        # Its guard was taken to hold; what counts is what there was before that.
        earlier = entry.table(name, place)
        dropped = before.gone is not None and before.gone.revision is step.revision
        return None if dropped or earlier.presence is Presence.ABSENT else earlier
    return None if before.presence is Presence.ABSENT else before


def _is_for(operation: CreateTable, database: str) -> bool:
    dialects = operation.context.dialects
    return dialects is None or database in dialects


def _definition(history: History, trip: RoundTrip, step: Step, key: TableKey) -> Table | None:
    """What a revision makes of a table that is absent; None where even then it makes none."""
    return _made(history, trip.revision, trip.before, step.operation, key)


def _made(
    history: History, revision: Revision, before: Schema, operation: object, key: TableKey
) -> Table | None:
    ticked = before.ticked()
    old = ticked.at(key)
    blank = Table(
        name=old.name,
        schema=old.schema,
        presence=Presence.ABSENT,
        since=ticked.clock,
        folds=old.folds,
        limit=old.limit,
    )
    steps, after = run(history, revision, Direction.UPGRADE, ticked.with_table(blank))
    ran = any(item.operation is operation and item.runs is not False for item in steps)
    table = after.at(key)
    return table if ran and table.presence is not Presence.ABSENT else None


def _other(
    replay: Replay, trips: Mapping[str, RoundTrip], twice: _Twice, key: TableKey
) -> Table | None:
    """The table that a guarded create is compared with."""
    history, maker = replay.history, twice.maker
    here, there = history.key(twice.step.revision), history.key(maker.revision)
    trip = trips[twice.step.revision.path]
    if history.runs_before(there, here):
        standing = trip.before.at(key)
        if standing.presence is not Presence.ABSENT:
            return replace(standing, presence=Presence.PRESENT)
    match maker.operation:
        case CreateTable(table=str(name), schema=None | str() as place) if (
            trip.before.key(name, place) == key
        ):
            before = trips[maker.revision.path].before
            return _made(history, maker.revision, before, maker.operation, key)
        case _:
            # It was renamed to this.
            return twice.there


def _finding(history: History, twice: _Twice, compared: Sequence[Comparison]) -> Finding:
    step, maker = twice.step, twice.maker
    place, second = clashing.at(history, step, maker), Origin(step.revision, step.operation)
    turned = place is maker
    second = second if turned else maker
    name, other = twice.there.name, history.key(second.revision)
    differing = [item for item in compared if item.differs]
    uncertain = any(item.verdict is Verdict.UNCERTAIN and item.kind != "table" for item in compared)
    ordered = clashing.is_ordered(history, maker, step)
    first = f'revision "{other}"' if ordered else f'revision "{other}" of a parallel branch'
    guard = "the guard there" if turned else "the guard"
    keeps = f'table "{name}" is made in {first} as well, and {guard} keeps whichever ran first'
    if differing:
        message = f"{keeps}: they differ in {_listed(differing)}; make both agree, or remove one"
    elif uncertain:
        message = f"{keeps}; as far as they can be read, both agree; remove one"
    else:
        message = f"{keeps}; both agree, so remove one"
    return Finding(
        place.operation.span,
        message,
        path=place.revision.path,
        help="\n".join(f"{_object(item)}: {_detail(item, other)}" for item in differing) or None,
        related=(absent.place(second, f'"{name}" is made here as well'),),
        mutual=not ordered,
        severity=None if differing else Severity.INFO,
    )


def _listed(differing: Sequence[Comparison]) -> str:
    """The objects that differ, each with its attributes, as a part of a sentence."""
    found: dict[str, list[str]] = {}
    for item in differing:
        found.setdefault(_object(item), []).append(
            item.attribute or _ONE_SIDED.get(item.verdict, "")
        )
    named = [f"{what} ({', '.join(how)})" for what, how in found.items()]
    if len(named) > _MOST:
        return f"{', '.join(named[:_MOST])} and {len(named) - _MOST} more"
    return " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _object(item: Comparison) -> str:
    kind = _KINDS.get(item.kind, item.kind)
    return f'{kind} "{item.name}"'


def _detail(item: Comparison, other: str) -> str:
    """What an object is in both definitions."""
    if item.attribute is None:
        return f'only in "{other}"' if item.verdict is Verdict.MISSING else "only here"
    there, here = (_shown(side, item.attribute) for side in (item.first, item.second))
    return f'{item.attribute} {there} in "{other}", {here} here'


def _shown(side: object, attribute: str) -> str:
    match side, attribute:
        case Column(type=type_), "type":
            return shown_type(type_)
        case Column(default=default), "default":
            return shown_default(default)
        case ((Column() | Constraint() | Index()), _):
            value = getattr(side, attribute, None)
            if value is None and isinstance(side, Constraint):
                value = getattr(side.definition, attribute, None)
            return _words(value)
        case _:
            return "?"


def _words(value: object) -> str:
    match value:
        case tuple():
            return f"({', '.join(str(item) for item in value)})"
        case bool():
            return "yes" if value else "no"
        case None:
            return "none"
        case _:
            return str(value)
