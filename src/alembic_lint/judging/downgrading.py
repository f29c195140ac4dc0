"""The order of a downgrade: what an earlier line takes with it, what a later one makes."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.model import (
    AddColumn,
    CreateEnum,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    ExecuteSql,
    Operation,
    RenameTable,
)
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.schema.lacking import Lacking


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An operation of the same downgrade that stands on the wrong side of another.

    `before` tells that it runs too early (it takes away what is still needed), otherwise it runs
    too late (it makes what is already needed).
    """

    operation: Operation
    before: bool


def out_of_order(trip: RoundTrip, step: Step, found: Lacking) -> Misplaced | None:
    """The operation that makes a step fail by its place; None: what it lacks is simply not there.

    What an operation of the same kind dropped by name is not a matter of order.
    """
    gone = None if found.part is None else found.part.gone
    own = [item.operation for item in trip.downgrade_steps if item.runs is not False]
    place = next(at for at, item in enumerate(own) if item is step.operation)
    renamed = found.part is not None and found.part.renamed_to is not None
    if gone is not None and not renamed and any(item is gone.operation for item in own[:place]):
        drops = (DropTable, DropColumn)
        implied = isinstance(gone.operation, drops) and not _alike(gone.operation, step)
        return Misplaced(gone.operation, before=True) if implied else None
    later = next((item for item in own[place + 1 :] if _makes(item, found)), None)
    return None if later is None else Misplaced(later, before=False)


def _alike(gone: Operation, step: Step) -> bool:
    """Whether a step drops the very thing that another one has dropped."""
    kinds = (DropTable, DropColumn, DropIndex, DropConstraint, DropEnum)
    return (
        isinstance(step.operation, kinds)
        and type(step.operation) is type(gone)
        and (
            not isinstance(gone, DropColumn)
            or not isinstance(step.operation, DropColumn)
            or gone.column == step.operation.column
        )
    )


def _makes(operation: Operation, found: Lacking) -> bool:
    """Whether an operation makes what is lacking."""
    name = None if found.table is None else found.table[1]
    match operation:
        case CreateTable(table=table):
            return found.kind == "table" and table == found.name
        case RenameTable(new_table=table):
            return found.kind == "table" and table == found.name
        case AddColumn(table=table, column=model.Column(name=column)):
            return found.kind == "column" and (table, column) == (name, found.name)
        case model.AlterColumn(table=table, new_name=str(column)):
            return found.kind == "column" and (table, column) == (name, found.name)
        case CreateEnum(enum=enum):
            return found.kind == "enum type" and enum.name == found.name
        case ExecuteSql(statements=tuple(statements)):
            changes = (change for statement in statements for change in statement.views)
            return found.kind in {"table", "view"} and any(
                change.name == found.name and change.verb != "drop" for change in changes
            )
        case _:
            return False
