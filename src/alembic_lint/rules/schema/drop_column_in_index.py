"""ALM415 drop-column-in-index."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, inverse, naming_databases, returning, sqlite_drops
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
from alembic_lint.rule import Confidence, Finding, Related, Severity, each_replay
from alembic_lint.schema import Constraint, Index, Presence, Table
from alembic_lint.schema.mentions import mentioned

_QUESTIONS = (ColumnExists, ConstraintExists, IndexExists, TableExists)

_SHARED = frozenset({"index", "unique"})
"""Kinds of keys that are a loss for the other columns that they are on."""


@each_replay("ALM415", Severity.WARNING, dialects=("postgresql", "sqlite"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column that is dropped while an index, or on SQLite a constraint, names it.

    SQLite refuses: `error in index … after drop column`, `error in table … after drop column`; in
    batch mode it does so for indexes and for checks that have a name, `no such column`. PostgreSQL
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
                finding = _judged(replay, act.step, steps, settings)
                if finding is not None:
                    yield finding


def _judged(
    replay: Replay, step: Step, steps: tuple[Step, ...], settings: Settings
) -> Finding | None:
    match step.operation:
        case (
            DropColumn(
                table=str(name), column=str(column), schema=None | str() as place, cascade=False
            ) as operation
        ):
            table = step.before.table(name, place)
        case _:
            return None
    found = table.column(column)
    if found is None or table.presence is not Presence.PRESENT:
        return None
    if found.presence is not Presence.PRESENT:
        return None
    named = [*_on(table, column, step)]
    implied = sqlite_drops.check_of_type(replay, step, table, found)
    named += [] if implied is None else [implied]
    lost = [item for item in named if not _goes_in_batch(step, steps, item)]
    for item in lost:
        if sqlite_drops.is_refused(replay, step, table, item):
            return _refused(step, operation, table, item, meant=settings.dialects is not None)
    dropped = set(_dropped(steps, name))
    for item in lost:
        if item.kind in _SHARED and not set(mentioned(item, table, step.database)) <= dropped:
            return _lost(step, table, item)
    return None


def _on(table: Table, column: str, step: Step) -> Iterator[Constraint | Index]:
    """The constraints and indexes that are surely there and name a column, indexes first."""
    keys: tuple[Constraint | Index, ...] = (*table.indexes, *table.constraints)
    for item in keys:
        if item.presence is Presence.PRESENT and table.fold(column) in {
            table.fold(name) for name in mentioned(item, table, step.database)
        }:
            yield item


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


def _refused(
    step: Step, operation: DropColumn, table: Table, item: Constraint | Index, *, meant: bool
) -> Finding:
    """That SQLite refuses; `meant`: it is configured, as batch mode serves others as well."""
    doubt = absent.doubts(step)
    columns = item.columns if isinstance(item.columns, tuple) else ()
    verb = "fails" if doubt is None else "may fail"
    where = "on SQLite" if meant else "where it is run on SQLite"
    relation = "is on" if operation.column in columns else "names"
    message = f"{absent.doing(operation)} {verb} {where}, as {inverse.shown(item)} {relation} it"
    remedy, lines = sqlite_drops.remedy(operation, table, item)
    sure = doubt is None and meant
    return Finding(
        operation.span,
        f"{message}{'' if doubt is None else f' ({doubt})'}; {remedy}",
        path=step.revision.path,
        help=lines,
        related=_made(item),
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
    )


def _lost(step: Step, table: Table, item: Constraint | Index) -> Finding:
    """That an index or a unique constraint goes with one of its columns."""
    doubt = absent.doubts(step)
    hedge = "" if doubt is None else f" ({doubt})"
    kind = "index" if isinstance(item, Index) else "constraint"
    return Finding(
        step.operation.span,
        f"{absent.doing(step.operation)} silently drops {inverse.shown(item)} as well, "
        f"which other columns share{hedge}; drop the {kind} first",
        path=step.revision.path,
        help=inverse.dropping(item, table),
        related=_made(item),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _made(item: Constraint | Index) -> tuple[Related, ...]:
    if item.origin is None:
        return ()
    return (absent.place(item.origin, f"{inverse.shown(item)} is made here"),)
