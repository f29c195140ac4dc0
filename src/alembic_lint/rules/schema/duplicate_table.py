"""ALM405 duplicate-table."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import clashing, inverse, returning
from alembic_lint.model import CreateTable, ExecuteSql, RenameTable, Unknown, Unset
from alembic_lint.replay import Replay, Step, asks_for_table
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import Origin, Presence


@each_replay("ALM405", Severity.ERROR, after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table that is made, or gets a name, although there is one of that name already.

    The order is that of `alembic upgrade heads` on an empty database, so that it counts for
    ancestors and for parallel branches alike, such as a legacy file beside the files it was split
    into. The database refuses the second CREATE TABLE; PostgreSQL rolls the whole upgrade back, the
    others stop half way. A drop or rename in between ends it, and creates that exclude each other
    (on different databases, or in the two branches of one condition) do not clash.

    A create under a condition that could not be read is left alone: it may be that question. A
    clash is only possible where another guard could not be decided, where the table may be there or
    not (an unread condition around the first create, something unseen that may have dropped it),
    where the two stand in branches with labels of their own, which need not be run
    together, or where Alembic cannot place the revision. Lines of different labels that have not
    even a base in common are alternatives, and do not clash.

    A downgrade is refused where it makes what its upgrade has left there.
    """
    history = replay.history
    reported: set[tuple[str | None, str, str]] = set()
    for step in replay.upgrade_run():
        yield from _renamed(history, step)
        yield from _views(history, step)
        match step.operation:
            case CreateTable(temporary=False, table=str(name), schema=None | str() as schema):
                operation = step.operation
            case _:
                continue
        identity = (schema, name, step.revision.path)
        if step.runs is False or identity in reported:
            continue
        # A guard that asks for the table and still lets the create run is the wrong way round.
        inverted = step.runs is True and operation.if_not_exists is False
        asks = asks_for_table(operation)
        if asks is None or (asks and not inverted):
            continue
        makers = clashing.table_makers(step, name, schema)
        if makers:
            reported.add(identity)
            presence = step.before.presence(name, schema)
            doubt = clashing.doubt(history, step, makers[0], presence, "the table")
            yield _finding(history, step, makers[0], name, doubt)
    for trip, step in returning.on_the_way_back(replay, settings):
        if returning.is_settled(trip, step, settings):
            yield from _renamed(history, step)
            yield from _views(history, step)
            yield from _still_there(history, step)


def _still_there(history: History, step: Step) -> Iterator[Finding]:
    """A create of a downgrade for a table that is surely there after the upgrade."""
    match step.operation:
        case (
            CreateTable(temporary=False, table=str(name), schema=None | str() as place) as operation
        ) if asks_for_table(operation) is False:
            table = step.before.table(name, place)
        case _:
            return
    if table.presence is Presence.PRESENT and table.origin is not None:
        yield clashing.finding(
            step,
            table.origin,
            f'table "{name}"',
            because=clashing.first_made(history, step, table.origin, "makes it twice"),
            remedy=clashing.LEAVE_OR_DROP,
            doubt=None,
        )


def _renamed(history: History, step: Step) -> Iterator[Finding]:
    """A rename to the name of a table that is surely there, and made by a revision."""
    match step.operation:
        case (
            RenameTable(
                table=str(name), new_table=str(new), schema=None | str() as place
            ) as operation
        ):
            there = place if isinstance(operation.new_schema, Unset) else operation.new_schema
        case _:
            return
    if step.runs is not True or isinstance(there, Unknown) or operation.context.tries:
        return
    before, key = step.before, step.before.key(new, there)
    table = before.at(key)
    makers = [maker for maker in table.makers if not clashing.exclusive(history, maker, step)]
    same = key == before.key(name, place)
    moved = before.table(name, place).presence is Presence.PRESENT
    if same or not moved or table.presence is not Presence.PRESENT or not makers:
        return
    if clashing.doubt(history, step, makers[0], table.presence, "the table") is None:
        place_ = clashing.at(history, step, makers[0]).operation
        yield clashing.finding(
            step,
            makers[0],
            f'table "{new}"',
            doing=f'renaming table "{name}" to "{new}"' if place_ is operation else None,
            because=clashing.first_made(history, step, makers[0], "makes a table of that name"),
            remedy="take another name, or drop the other first",
            doubt=None,
        )


def _views(history: History, step: Step) -> Iterator[Finding]:
    """A view that SQL text makes and that is surely there, made by a revision."""
    operation = step.operation
    if not isinstance(operation, ExecuteSql) or not isinstance(operation.statements, tuple):
        return
    changes = [change for statement in operation.statements for change in statement.views]
    if step.runs is not True or operation.context.tries or len(changes) != 1:
        return
    for change in changes:
        if not isinstance(change.name, str) or isinstance(change.schema, Unknown):
            continue
        view = step.before.view(change.name, change.schema)
        if change.verb != "create" or change.asks or view is None or view.origin is None:
            continue
        sure = view.presence is Presence.PRESENT and view.since >= step.before.lost
        if not sure or clashing.exclusive(history, view.origin, step):
            continue
        if clashing.doubt(history, step, view.origin, view.presence, "the view") is None:
            yield clashing.finding(
                step,
                view.origin,
                f'view "{view.name}"',
                doing=f'creating view "{view.name}"',
                because=clashing.first_made(history, step, view.origin, "makes it twice"),
                remedy="drop the first",
                doubt=None,
            )


def _finding(history: History, step: Step, maker: Origin, name: str, doubt: str | None) -> Finding:
    there = history.key(maker.revision)
    if there == history.key(step.revision):
        remedy = "remove one of the creates"
    else:
        remedy = "remove it here, or guard it with a test that it is not there"
        if not (clashing.is_ordered(history, maker, step) or clashing.is_settled(history, maker)):
            remedy += f" (and set {maker.revision.path} aside if these revisions replace it)"
    return clashing.finding(
        step,
        maker,
        f'table "{name}"',
        because=clashing.first_made(history, step, maker, "makes it twice"),
        remedy=remedy,
        doubt=doubt,
        help_=inverse.guarded_create(name),
    )
