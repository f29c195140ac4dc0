"""ALM415 drop-column-in-index."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, inverse, naming_databases, returning
from alembic_lint.model import (
    ColumnExists,
    ConstraintExists,
    DropColumn,
    DropConstraint,
    DropIndex,
    IndexExists,
    TableExists,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Constraint, Index, Presence, Table

_QUESTIONS = (ColumnExists, ConstraintExists, IndexExists, TableExists)


@each_replay("ALM415", Severity.WARNING, dialects=("postgresql", "sqlite"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column that is dropped while an index is on it.

    SQLite refuses: `error in index … after drop column`; so it does for a unique constraint outside
    of batch mode. Inside, Alembic makes the table anew and then fails on the index. PostgreSQL
    drops the index without a word, and with it what it did for its other columns; an index on this
    column alone is no loss there.
    """
    if not naming_databases.is_named(replay.history, settings, replay.database):
        return
    for trip in replay.trips:
        runs = [trip.steps]
        if returning.goes_back(trip, settings):
            runs.append(trip.downgrade_steps)
        for steps in runs:
            for act in absent.acting(steps, _QUESTIONS):
                yield from _judged(act.step, steps, settings)


def _judged(step: Step, steps: tuple[Step, ...], settings: Settings) -> Iterator[Finding]:
    match step.operation:
        case DropColumn(
            table=str(name), column=str(column), schema=None | str() as place, cascade=False
        ):
            table = step.before.table(name, place)
        case _:
            return
    found = table.column(column)
    if found is None or table.presence is not Presence.PRESENT:
        return
    if found.presence is not Presence.PRESENT:
        return
    lost = [item for item in _on(table, column) if not _goes_in_batch(step, steps, item)]
    dropped = set(_dropped(steps, name))
    shared = [item for item in lost if not set(_columns(item)) <= dropped]
    batch = step.operation.context.batch is not None
    refused = [item for item in lost if isinstance(item, Index) or not batch]
    if step.database == "sqlite" and refused:
        told = refused
    elif shared:
        told = shared
    else:
        return
    fails = step.database == "sqlite" and told[0] in refused
    yield _finding(step, told[0], fails=fails, meant=settings.dialects is not None)


def _on(table: Table, column: str) -> Iterator[Constraint | Index]:
    """The unique constraints and indexes that are surely there and on a column, indexes first."""
    keys: tuple[Constraint | Index, ...] = (*table.indexes, *table.constraints)
    for item in keys:
        if item.presence is not Presence.PRESENT:
            continue
        if isinstance(item, Constraint) and item.kind != "unique":
            continue
        if table.fold(column) in {table.fold(name) for name in _columns(item)}:
            yield item


def _columns(item: Constraint | Index) -> tuple[str, ...]:
    """The columns that it is on, as far as they are known."""
    columns = item.columns
    if not isinstance(columns, tuple):
        return ()
    return tuple(each for each in columns if isinstance(each, str))


def _dropped(steps: tuple[Step, ...], table: str) -> Iterator[str]:
    """The columns of a table that a function drops."""
    for step in steps:
        match step.operation:
            case DropColumn(table=str(name), column=str(column)) if name == table:
                yield column
            case _:
                pass


def _goes_in_batch(step: Step, steps: tuple[Step, ...], item: Constraint | Index) -> bool:
    """Whether the same batch drops it: on SQLite the order within is of no account."""
    batch = step.operation.context.batch
    return batch is not None and any(
        isinstance(other.operation, DropConstraint | DropIndex)
        and other.operation.context.batch is not None
        and other.operation.context.batch.block == batch.block
        and other.operation.name == item.name
        for other in steps
    )


def _finding(step: Step, item: Constraint | Index, *, fails: bool, meant: bool) -> Finding:
    """The finding; `meant` tells that the database is configured, as batch mode serves others too."""
    doubt = absent.doubts(step)
    shown, doing = inverse.shown(item), absent.doing(step.operation)
    kind = "index" if isinstance(item, Index) else "constraint"
    if fails:
        verb = "fails" if doubt is None else "may fail"
        where = "on SQLite" if meant else "where it is run on SQLite"
        message = f"{doing} {verb} {where}, as {shown} is on it"
    else:
        message = f"{doing} silently drops {shown} as well, which other columns share"
    message += "" if doubt is None else f" ({doubt})"
    sure = doubt is None and (meant or not fails)
    return Finding(
        step.operation.span,
        f"{message}; drop the {kind} first",
        path=step.revision.path,
        help=inverse.dropping(item, step.before.table(_table(step))),
        related=()
        if item.origin is None
        else (absent.place(item.origin, f"{shown} is made here"),),
        severity=Severity.ERROR if fails else None,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
    )


def _table(step: Step) -> str:
    match step.operation:
        case DropColumn(table=str(name)):
            return name
        case _:
            return ""
