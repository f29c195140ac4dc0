"""ALM407 duplicate-column."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent, clashing, returning
from alembic_lint.model import AddColumn, AlterColumn, ColumnExists, CreateTable
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Column, Presence, Table


@each_replay("ALM407", Severity.ERROR, after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column that is added to a table which has it, and nothing asks first.

    The order is that of `alembic upgrade heads` on an empty database, so that ancestors and
    parallel branches count alike, as does what the table was made with. A column that is given the
    name of another clashes as well, and so do two of one name in a new table, which SQLAlchemy 2
    refuses. Where the column, or its table, may be gone, a clash is only possible. A downgrade is
    refused as well where it adds what its upgrade has left there.
    """
    if not absent.meant(replay, settings):
        return
    reported: set[tuple[str, str, str]] = set()
    for act in absent.acting(replay.upgrade_run(), (ColumnExists,)):
        step = act.step
        for table, name, finding in _clashes(step):
            identity = (step.revision.path, table, name)
            if identity not in reported:
                reported.add(identity)
                yield finding
    for trip, step in returning.on_the_way_back(replay, settings):
        for _, _, finding in _clashes(step):
            certain = finding.confidence is Confidence.CERTAIN
            if certain and returning.is_settled(trip, step, settings):
                yield finding


def _clashes(step: Step) -> Iterator[tuple[str, str, Finding]]:
    match step.operation:
        case AddColumn(
            table=str(table),
            column=model.Column(name=str(name)),
            schema=None | str() as place,
            if_not_exists=False,
        ):
            finding = _again(step, step.before.table(table, place), name)
        case AlterColumn(
            table=str(table), column=str(old), new_name=str(name), schema=None | str() as place
        ):
            owner = step.before.table(table, place)
            same = owner.fold(old) == owner.fold(name)
            finding = None if same else _again(step, owner, name)
        case CreateTable():
            yield from _within(step, step.operation)
            return
        case _:
            return
    if finding is not None:
        yield table, name, finding


def _again(step: Step, table: Table, name: str) -> Finding | None:
    """The finding about a column that a table has, or may have, already."""
    column = table.column(name)
    if column is None or Presence.ABSENT in (column.presence, table.presence):
        return None
    history, maker = step.history, column.origin
    if maker is None:
        # Something worked on it, which shows that it was there.
        if column.presence is Presence.MAYBE or step.runs is None:
            return None
        return _finding(step, name, f'"{table.name}" has it already', None, column)
    if clashing.exclusive(history, maker, step):
        return None
    presence = Presence.MAYBE if table.presence is Presence.MAYBE else column.presence
    if clashing.is_order_vague(history) and maker.revision is not step.revision:
        return None
    if clashing.is_blurred(maker, presence, column.gone):
        return None
    doubt = clashing.doubt(history, step, maker, presence, "the column")
    renamed = isinstance(step.operation, AlterColumn)
    again = "makes that column too" if renamed else "adds it twice"
    if isinstance(maker.operation, CreateTable) and maker.revision is step.revision:
        again = "makes the table with it"
    return _finding(step, name, clashing.first_made(history, step, maker, again), doubt, column)


def _finding(step: Step, name: str, because: str, doubt: str | None, column: Column) -> Finding:
    operation, maker = step.operation, column.origin
    doing = absent.doing(operation)
    if isinstance(operation, AlterColumn):
        doing = f'{doing} to "{name}"'
        remedy = "drop or rename the other first"
    elif maker is not None and clashing.left_there(step, maker):
        remedy = clashing.LEAVE_OR_DROP
    else:
        remedy = "remove one of the two"
        if maker is not None:
            remedy = clashing.remove_one(step.history, maker)
        remedy += ", or guard this with a test that it is not there"
    if maker is None:
        return Finding(
            operation.span,
            absent.phrase(doing, because, remedy, doubt),
            path=step.revision.path,
            confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
        )
    return clashing.finding(
        step,
        maker,
        f'column "{column.name}"',
        doing=None if clashing.is_turned(step.history, step, maker) else doing,
        because=because,
        remedy=remedy,
        doubt=doubt,
    )


def _within(step: Step, operation: CreateTable) -> Iterator[tuple[str, str, Finding]]:
    """Two columns of one name in a new table."""
    if not isinstance(operation.table, str) or not isinstance(operation.columns, tuple):
        return
    doubt = absent.doubts(step)
    fold = step.after.table(operation.table).fold
    seen: set[str] = set()
    for column in operation.columns:
        if not isinstance(column, model.Column) or not isinstance(column.name, str):
            continue
        if fold(column.name) in seen:
            because = f'it has two columns "{column.name}"'
            yield (
                operation.table,
                column.name,
                Finding(
                    operation.span,
                    absent.phrase(absent.doing(operation), because, "remove one of them", doubt),
                    path=step.revision.path,
                    confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
                ),
            )
        seen.add(fold(column.name))
