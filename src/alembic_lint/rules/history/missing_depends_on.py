"""ALM110 missing-depends-on."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.absent import Making
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    ColumnExists,
    ConstraintExists,
    CreateIndex,
    CreateTable,
    IndexExists,
    RenameTable,
    TableExists,
    Unknown,
    Unset,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Schema, TableKey
from alembic_lint.schema.lacking import Lacking, lacking

_QUESTIONS = (TableExists, ColumnExists, IndexExists, ConstraintExists)

_Object = tuple[str, TableKey, str]
"""Kind, table and name."""


@each_replay("ALM110", Severity.WARNING)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A revision that works on something which only a parallel branch makes.

    Nothing tells Alembic to run that branch first. Where `alembic upgrade heads` happens to, it
    works, until one branch is upgraded alone; where it does not, it fails on an empty database, and
    is an error. `depends_on` says it without merging the two.
    """
    del settings
    history = replay.history
    made: dict[_Object, list[Making]] | None = None
    told: set[tuple[str, str]] = set()
    for act in absent.acting(replay.steps, _QUESTIONS):
        step = act.step
        here = history.key(step.revision)
        found = lacking(step.before, step.operation)
        if found is None or found.table is None or found.part is not None:
            continue
        if made is None:
            made = _made(replay)
        for making in made.get((found.kind, found.table, found.name), ()):
            there = history.key(making.revision)
            ordered = history.runs_before(there, here) or history.runs_before(here, there)
            known = here in history.position and there in history.position
            if ordered or here == there or not known or making.limited(step.database):
                continue
            if (here, there) not in told:
                told.add((here, there))
                doubt = absent.doubts(step)
                late = history.position[there] > history.position[here]
                yield _finding(step, found, making, there, doubt, late=late)
            break


def _finding(
    step: Step, found: Lacking, making: Making, there: str, doubt: str | None, *, late: bool
) -> Finding:
    what = f'{found.kind} "{found.name}"'
    if found.kind != "table" and found.table is not None:
        what = f'{what} of "{found.table[1]}"'
    doing = absent.doing(step.operation)
    because = f'{what} is only made by revision "{there}" of a parallel branch'
    verb = "may fail" if doubt is not None else "fails"
    hedge = "" if doubt is None else f" ({doubt})"
    how = (
        f"{doing} {verb} on an empty database{hedge}, as {because}, which runs later"
        if late
        else f"{doing} works only where the other branch has run{hedge}, as {because}"
    )
    return Finding(
        step.operation.span,
        f'{how}; set depends_on = "{there}"',
        path=step.revision.path,
        related=(absent.place(making.origin, f"{what} is made here"),),
        severity=Severity.ERROR if late else None,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _made(replay: Replay) -> dict[_Object, list[Making]]:
    """What the upgrades of a history make, in their order."""
    found: dict[_Object, list[Making]] = {}
    blank = Schema(starts=replay.starts)
    for making in absent.makings(replay.history):
        for item in _objects(making.operation, blank):
            found.setdefault(item, []).append(making)
    return found


def _objects(operation: model.Operation, blank: Schema) -> Iterator[_Object]:
    """The tables, columns, indexes and constraints that an operation makes by their names."""
    match operation:
        case CreateTable(table=str(name), schema=None | str() as place, temporary=False):
            key = blank.key(name, place)
            yield "table", key, name
            for each in () if isinstance(operation.columns, Unknown) else operation.columns:
                if isinstance(each, model.Column) and isinstance(each.name, str):
                    yield "column", key, each.name
        case RenameTable(new_table=str(name), schema=None | str() as place):
            target = place if isinstance(operation.new_schema, Unset) else operation.new_schema
            if not isinstance(target, Unknown):
                yield "table", blank.key(name, target), name
        case AddColumn(
            table=str(table), schema=None | str() as place, column=model.Column(name=str(name))
        ):
            yield "column", blank.key(table, place), name
        case AlterColumn(table=str(table), schema=None | str() as place, new_name=str(name)):
            yield "column", blank.key(table, place), name
        case CreateIndex(
            table=str(table), schema=None | str() as place, index=model.Index(name=str(name))
        ):
            yield "index", blank.key(table, place), name
        case (
            model.CreateForeignKey(table=str(table), schema=None | str() as place)
            | model.CreateUniqueConstraint(table=str(table), schema=None | str() as place)
            | model.CreateCheckConstraint(table=str(table), schema=None | str() as place)
            | model.CreatePrimaryKey(table=str(table), schema=None | str() as place)
        ) if isinstance(operation.constraint.name, str):
            yield "constraint", blank.key(table, place), operation.constraint.name
        case _:
            return
