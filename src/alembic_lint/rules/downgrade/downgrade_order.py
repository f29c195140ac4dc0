"""ALM305 downgrade-order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent, downgrading, inverse, returning
from alembic_lint.model import DropColumn, DropEnum, DropTable, ExecuteSql, Operation
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.rule import Finding, Severity, each_round_trip
from alembic_lint.schema import Constraint, Origin, Presence, Schema, Table, TableKey
from alembic_lint.schema.lacking import Lacking, lacking

_UNCHECKED = frozenset({"sqlite"})
"""Databases that drop a table to which foreign keys are."""


@each_round_trip("ALM305", Severity.ERROR)
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade that drops what a later line still needs, or what something else still uses.

    A parent table before the child whose foreign key is to it, a column before its index, an enum
    type before its column. The opposite is as wrong: to work on what only a later line makes again.
    CASCADE, and SQL text that drops both at once, are fine.

    Source: PostgreSQL's documentation, "Dependency Tracking"; MySQL's error 3730; an index or a
    constraint goes with its column or table, so that dropping it afterwards fails.
    """
    if not returning.goes_back(trip, settings):
        return
    reported: set[object] = set()
    for step in returning.certain(trip.downgrade_steps):
        if step.database == "sqlite" and step.operation.context.batch is not None:
            # Batch mode makes the table anew: within it, the order does not matter.
            continue
        found = lacking(step.before, step.operation)
        if found is not None:
            misplaced = downgrading.out_of_order(trip, step, found)
            identity = None if misplaced is None else (id(misplaced.operation), found.table)
            key = found.table
            if key is not None and not returning.is_clear(trip, key, settings):
                continue
            if misplaced is not None and identity not in reported:
                reported.add(identity)
                yield _too_late(trip, step, found, misplaced)
            continue
        use = _use(trip, step)
        later = None if use is None else _ends(trip, step, use)
        if use is not None and later is not None:
            yield _too_early(trip, step, use, later)


def _too_late(
    trip: RoundTrip, step: Step, found: Lacking, misplaced: downgrading.Misplaced
) -> Finding:
    """A line that comes after what took its object away, or before what makes it."""
    what = f'{found.kind} "{found.name}"'
    other = absent.doing(misplaced.operation)
    if misplaced.before:
        told, remedy = f"{other} before it took {what} along", "swap the two, or remove this one"
        if isinstance(misplaced.operation, DropTable) and found.kind == "table":
            told = f"{what} was dropped before it"
    else:
        told, remedy = f"{what} is only made further down", "swap the two"
    origin = Origin(trip.revision, misplaced.operation)
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), told, remedy, None),
        related=(absent.place(origin, f"{other} happens here"),),
    )


@dataclass(frozen=True, slots=True)
class _Use:
    """What still uses an object: a constraint or a column of a table."""

    what: str
    table: Table
    constraint: Constraint | None = None


def _use(trip: RoundTrip, step: Step) -> _Use | None:
    """What keeps a database from dropping something; None where nothing is known to."""
    schema = step.before
    match step.operation:
        case DropTable(cascade=False, table=str(name), schema=None | str() as place):
            return _reference(trip, step, schema.table(name, place), None)
        case DropColumn(
            cascade=False, table=str(name), column=str(column), schema=None | str() as place
        ):
            return _reference(trip, step, schema.table(name, place), column)
        case DropEnum(cascade=False, name=str(name), schema=None | str() as place) if (
            schema.database == "postgresql" and schema.has_enum(name, place) is Presence.PRESENT
        ):
            return _typed(schema, name, place)
        case _:
            return None


def _reference(trip: RoundTrip, step: Step, table: Table, column: str | None) -> _Use | None:
    """A foreign key of another table to this one, or to its column."""
    schema = step.before
    if schema.database in _UNCHECKED or _is_unchecked(trip, step):
        return None
    together = _dropped_together(trip, step)
    for other in schema.referring(table.key):
        if other.key == table.key or other.presence is not Presence.PRESENT:
            continue
        if other.key in together:
            continue
        for item in other.constraints:
            definition = item.definition
            if (
                isinstance(definition, model.ForeignKeyConstraint)
                and item.presence is Presence.PRESENT
                and schema.referent(definition, other) == table.key
                and (column is None or _names(definition, column))
            ):
                return _Use(f'{inverse.shown(item)} of "{other.name}"', other, item)
    return None


def _names(definition: model.ForeignKeyConstraint, column: str) -> bool:
    columns = definition.referent_columns
    return isinstance(columns, tuple) and column in columns


def _dropped_together(trip: RoundTrip, step: Step) -> frozenset[TableKey]:
    """The tables that one statement, or one `drop_all`, drops: either heeds what refers to what.

    Source: sqlalchemy/sql/ddl.py, `SchemaDropper.visit_metadata`, which sorts the tables.
    """
    drops: list[Operation] = []
    if step.operation.call.name.endswith("drop_all"):
        drops = [
            item.operation
            for item in trip.downgrade_steps
            if item.operation.call == step.operation.call
            and item.operation.span == step.operation.span
        ]
    for item in trip.downgrade_steps if step.sql else ():
        text = item.operation
        if isinstance(text, ExecuteSql) and any(
            inner is step.operation for inner in text.operations
        ):
            drops = list(text.operations)
    return frozenset(
        step.before.key(item.table, item.schema)
        for item in drops
        if isinstance(item, DropTable)
        and isinstance(item.table, str)
        and (item.schema is None or isinstance(item.schema, str))
    )


def _is_unchecked(trip: RoundTrip, step: Step) -> bool:
    """Whether MySQL was told not to look at foreign keys further up."""
    for item in trip.downgrade_steps:
        if item is step:
            return False
        operation = item.operation
        sql = operation.sql if isinstance(operation, ExecuteSql) else None
        if isinstance(sql, str) and "foreign_key_checks" in sql.lower():
            return step.database in {"mysql", "mariadb"}
    return False


def _typed(schema: Schema, name: str, place: str | None) -> _Use | None:
    """A column that has an enum type."""
    for table in schema.tables:
        if table.presence is not Presence.PRESENT:
            continue
        for column in table.columns:
            if column.presence is Presence.PRESENT and returning.has_type(column, name, place):
                return _Use(f'column "{column.name}" of "{table.name}"', table)
    return None


def _too_early(trip: RoundTrip, step: Step, use: _Use, later: Operation) -> Finding:
    """A line that drops what is used until a later line."""
    operation = step.operation
    doing = absent.doing(operation)
    if isinstance(operation, DropEnum):
        doing = f'dropping enum type "{operation.name}"'
    told = f"it is used by {use.what}, which is dropped only further down"
    return Finding(
        operation.span,
        absent.phrase(doing, told, "swap the two", None),
        related=(absent.place(Origin(trip.revision, later), "this must come first"),),
    )


def _ends(trip: RoundTrip, step: Step, use: _Use) -> Operation | None:
    """The later line that drops what uses it: the child table, the constraint or the column."""
    passed = False
    for item in trip.downgrade_steps:
        passed = passed or item is step
        if not passed or item is step or item.runs is False:
            continue
        before, after = item.before.at(use.table.key), item.after.at(use.table.key)
        gone = after.presence is Presence.ABSENT and before.presence is not Presence.ABSENT
        if gone:
            return item.operation
        if use.constraint is not None:
            if not any(each.definition is use.constraint.definition for each in after.constraints):
                return item.operation
        elif use.what not in {
            f'column "{column.name}" of "{after.name}"' for column in after.columns
        }:
            return item.operation
    return None
