"""ALM416 drop-object-used-by-view."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types, naming_databases
from alembic_lint.model import (
    UNSET,
    AlterColumn,
    ColumnExists,
    DropColumn,
    DropTable,
    TableExists,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Table, View
from alembic_lint.schema.views import reads_column


@each_replay("ALM416", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table or column that is dropped, or whose type is changed, while a view reads it.

    PostgreSQL refuses all three: `cannot drop … because other objects depend on it`, `cannot alter
    type of a column used by a view or rule`. New names it carries over into the view, and a drop
    with CASCADE takes the view with it. A name in the view's query that stands without its table
    may be that of another table which the query reads.
    """
    unsaid = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    for act in enum_types.acting(replay, settings, (ColumnExists, TableExists)):
        touched = _touched(act.step)
        if touched is None:
            continue
        table, column = touched
        for view in _readers(act.step, table):
            key = act.step.before.key(table.name, table.schema)
            sure = True if column is None else reads_column(act.step.before, view, key, column)
            if sure is not False:
                yield _finding(act.step, view, unsaid, sure=sure is True)
                break


def _touched(step: Step) -> tuple[Table, str | None] | None:
    """The table, and column, that PostgreSQL keeps for the views that read it."""
    operation = step.operation
    found: tuple[Table, str | None]
    match operation:
        case DropTable(table=str(name), schema=None | str() as place, cascade=False):
            found = step.before.table(name, place), None
        case DropColumn(
            table=str(name), column=str(column), schema=None | str() as place, cascade=False
        ):
            found = step.before.table(name, place), column
        case AlterColumn(table=str(name), column=str(column), schema=None | str() as place) if (
            operation.type is not UNSET
        ):
            found = step.before.table(name, place), column
        case _:
            return None
    return None if found[0].presence is Presence.ABSENT else found


def _readers(step: Step, table: Table) -> Iterator[View]:
    """The views that are surely there and read a table."""
    schema = step.before
    key = schema.key(table.name, table.schema)
    for _, view in sorted(schema.views_by_key.items(), key=lambda item: item[0][1]):
        if view.presence is not Presence.PRESENT or view.since < schema.lost:
            continue
        made_since = (
            table.origin is not None
            and table.columns
            and all(column.since > view.since for column in table.columns)
        )
        reads = view.reads is not None and key in view.reads
        if reads and not made_since:
            yield view


def _finding(step: Step, view: View, unsaid: str | None, *, sure: bool) -> Finding:
    doubt = absent.doubts(step) or unsaid
    if doubt is None and not sure:
        doubt = "if the name in its text is that of this column"
    remedy = f'drop view "{view.name}" first, and make it again afterwards'
    if isinstance(step.operation, DropTable):
        remedy = f'drop view "{view.name}" first'
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), f'view "{view.name}" reads it', remedy, doubt),
        path=step.revision.path,
        related=()
        if view.origin is None
        else (absent.place(view.origin, "the view is made here"),),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )
