"""ALM306 downgrade-not-null-readd."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import returning
from alembic_lint.model import AddColumn, ExecuteSql, Unknown
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.rule import Finding, Severity, each_round_trip
from alembic_lint.schema import Presence, TableKey

_SERIALS = frozenset({"serial", "bigserial", "smallserial"})
_EMPTYING = frozenset({"DELETE", "TRUNCATE", "TRUNCATE TABLE"})


@each_round_trip("ALM306", Severity.WARNING, dialects=("postgresql", "sqlite", "mssql", "oracle"))
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade that adds a NOT NULL column without a server default to a table with rows.

    It works on an empty database, as in a test, and fails on one that is in use: the rows have no
    value for the column. A Python-side `default=` does not help. MySQL fills in a zero or an empty
    string. A table that the same downgrade has made or emptied has no rows.

    Source: PostgreSQL's SQLSTATE 23502 on ALTER TABLE … ADD COLUMN … NOT NULL.
    """
    if not returning.goes_back(trip, settings):
        return
    for step in returning.certain(trip.downgrade_steps):
        match step.operation:
            case AddColumn(
                table=str(table),
                column=model.Column(name=str(name), server_default=None) as column,
                schema=None | str() as place,
            ) if not _gets_values(column):
                pass
            case _:
                continue
        known = step.after.table(table, place).column(name)
        if known is None or known.nullable is not False:
            continue
        key = step.before.key(table, place)
        was_there = step.before.at(key).has_column(name) is not Presence.ABSENT
        if was_there or _is_empty(trip, step, key):
            continue
        yield Finding(
            step.operation.span,
            f'adding column "{name}" to "{table}" fails as soon as the table has rows, because it '
            "is NOT NULL and has no server_default; give it one, or add it nullable and fill it "
            "first",
        )


def _gets_values(column: model.Column) -> bool:
    """Whether the database numbers the rows itself, or may."""
    if column.primary_key is not False or column.sequence is not None:
        return True
    if column.autoincrement is True or isinstance(column.autoincrement, Unknown):
        return True
    name = column.type.name.lower() if isinstance(column.type, model.ColumnType) else ""
    return name in _SERIALS


def _is_empty(trip: RoundTrip, step: Step, key: TableKey) -> bool:
    """Whether the downgrade has made the table, or deleted its rows, further up."""
    if trip.after.at(key).presence is Presence.ABSENT:
        return True
    for item in trip.downgrade_steps:
        if item is step:
            return False
        operation = item.operation
        if not isinstance(operation, ExecuteSql) or isinstance(operation.statements, Unknown):
            continue
        for statement in operation.statements:
            emptied = statement.kind in _EMPTYING and not statement.where
            if emptied and any(name == key[1] for _, name in statement.tables):
                return True
    return False
