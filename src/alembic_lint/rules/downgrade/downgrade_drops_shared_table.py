"""ALM310 downgrade-drops-shared-table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import absent
from alembic_lint.model import Body, CreateTable, DropTable, Function
from alembic_lint.replay import Replay, RoundTrip, Step, asks_for_table
from alembic_lint.rule import Finding, Related, Severity, each_replay
from alembic_lint.schema import Origin, Presence, TableKey


@dataclass(frozen=True, slots=True)
class _Share:
    """A create that another revision may have made needless, and what drops the table again."""

    trip: RoundTrip
    create: Step
    drop: Step


@each_replay("ALM310", Severity.WARNING)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A downgrade that drops a table which another revision may have made.

    The create asks whether the table is there, and does nothing where another revision was first:
    an ancestor, or a parallel branch such as a legacy file beside the files it was split into. The
    downgrade asks only whether the table is there, and drops it with all its rows, while the other
    revision is still applied. Branches run in either order, so that it may hold for both: then it
    is told once, at the revision that runs later, or at the one that is new since the base.

    A drop under a condition that could not be decided is left alone, and so are tables of
    revisions that never run on one database.
    """
    if settings.downgrade == "forbidden":
        return
    history = replay.history
    creators: dict[TableKey, list[tuple[RoundTrip, Origin]]] = {}
    shares: list[tuple[TableKey, _Share]] = []
    for trip in replay.trips:
        for step in trip.steps:
            operation = step.operation
            match operation:
                case CreateTable(temporary=False, table=str(name), schema=None | str() as place):
                    key = step.before.key(name, place)
                case _:
                    continue
            if trip.after.at(key).presence is not Presence.PRESENT:
                continue
            creators.setdefault(key, []).append((trip, Origin(trip.revision, operation)))
            drop = _drop(trip, key)
            if drop is not None and asks_for_table(operation) is True and _sound(history, trip):
                shares.append((key, _Share(trip, step, drop)))
    reported: set[tuple[str, TableKey]] = set()
    for key, share in shares:
        other = _other(history, share, key, creators[key])
        identity = (share.trip.revision.path, key)
        if other is None or identity in reported:
            continue
        twin = _twin(history, shares, share, key, other)
        if twin is None or _is_told(history, share, twin):
            reported.add(identity)
            yield _finding(history, share, key, other, twin)


def _twin(
    history: History,
    shares: Sequence[tuple[TableKey, _Share]],
    share: _Share,
    key: TableKey,
    other: Origin,
) -> _Share | None:
    """The same the other way round: a parallel revision that drops what this one makes."""
    if history.runs_before(history.key(other.revision), history.key(share.trip.revision)):
        return None
    own = (item for place, item in shares if place == key)
    return next((item for item in own if item.trip.revision is other.revision), None)


def _is_told(history: History, share: _Share, twin: _Share) -> bool:
    """Whether it is told of this one: the only new one of the two, or else the one run later."""
    new = history.new or frozenset()
    mine, other = (
        (each.trip.revision.path in new, history.position[history.key(each.trip.revision)])
        for each in (share, twin)
    )
    return mine > other


def _sound(history: History, trip: RoundTrip) -> bool:
    match trip.revision.downgrade:
        case Function(body=Body.CODE):
            return history.key(trip.revision) in history.position
        case _:
            return False


def _drop(trip: RoundTrip, key: TableKey) -> Step | None:
    """The step of the downgrade that drops a table for sure, and leaves it dropped."""
    if trip.restored.at(key).presence is not Presence.ABSENT:
        return None
    for step in trip.downgrade_steps:
        match step.operation:
            case DropTable(table=str(name), schema=None | str() as place):
                there = step.before.at(key).presence is Presence.PRESENT
                if step.runs is True and there and step.before.key(name, place) == key:
                    return step
            case _:
                pass
    return None


def _other(
    history: History, share: _Share, key: TableKey, creators: list[tuple[RoundTrip, Origin]]
) -> Origin | None:
    """The create of another revision that can have been first, and still needs the table."""
    here = history.key(share.trip.revision)
    before = share.create.before.at(key)
    makers = {id(maker.operation) for maker in before.makers}
    for trip, origin in creators:
        there = history.key(trip.revision)
        if there == here or there not in history.position or history.run_apart(here, there):
            continue
        if history.runs_before(there, here):
            if before.presence is Presence.PRESENT and id(origin.operation) in makers:
                return origin
        elif not history.runs_before(here, there):
            return origin
    return None


def _finding(
    history: History, share: _Share, key: TableKey, other: Origin, twin: _Share | None
) -> Finding:
    there = history.key(other.revision)
    ordered = history.runs_before(there, history.key(share.trip.revision))
    if ordered:
        because = f'its ancestor "{there}" has made it, and the create here did nothing'
        remedy = "leave it to that revision to drop it"
    else:
        because = (
            f'the parallel branch of "{there}" makes it as well, and the create here did nothing '
            "where that ran first"
        )
        remedy = f"let one of the two drop it, or retire one ({other.revision.path})"
    verb = "takes" if ordered else "may take"
    back: tuple[Related, ...] = ()
    if twin is not None:
        because += ", or the other way round"
        back = (
            absent.place(Origin(other.revision, twin.drop.operation), "it is dropped here too"),
        )
    return Finding(
        share.drop.operation.span,
        f'dropping table "{key[1]}" {verb} it from a revision that is still applied: {because}; '
        f"{remedy}",
        path=share.trip.revision.path,
        related=(
            absent.place(Origin(share.trip.revision, share.create.operation), "it is guarded here"),
            absent.place(other, f'"{key[1]}" is made here as well'),
            *back,
        ),
        mutual=twin is not None,
    )
