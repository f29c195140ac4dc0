"""ALM416 drop-object-used-by-view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from alembic_lint.schema import Presence, Schema, Table, TableKey, View
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
        readers = [
            (view, True if column is None else _reads(act.step, table, view, column))
            for view in _readers(act.step, table)
        ]
        found = [(view, sure) for view, sure in readers if sure is not False]
        if found:
            first, sure = found[0]
            views = _in_order(act.step.before, [view for view, _ in found])
            yield _finding(act.step, first, views, unsaid, sure=sure is True)


def _reads(step: Step, table: Table, view: View, column: str) -> bool | None:
    return reads_column(step.before, view, step.before.key(table.name, table.schema), column)


def _in_order(schema: Schema, views: Sequence[View]) -> list[View]:
    """Views with those that read them, in an order in which they can be dropped."""
    found: list[View] = []
    seen: set[TableKey] = set()
    pending = [(view, False) for view in reversed(views)]
    while pending:
        view, readers_listed = pending.pop()
        key = schema.key(view.name, view.schema)
        if readers_listed:
            found.append(view)
        elif key not in seen:
            seen.add(key)
            pending.append((view, True))
            pending.extend((other, False) for other in _reading(schema, key))
    return found


def _reading(schema: Schema, key: TableKey) -> Iterator[View]:
    for _, other in sorted(schema.views_by_key.items(), key=lambda item: item[0][1]):
        if other.presence is not Presence.ABSENT and key in (other.reads or ()):
            yield other


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


def _finding(
    step: Step, view: View, views: Sequence[View], unsaid: str | None, *, sure: bool
) -> Finding:
    doubt = absent.doubts(step) or unsaid
    if doubt is None and not sure:
        doubt = "if the name in its text is that of this column"
    listed = " and ".join(f'"{each.name}"' for each in views)
    many = len(views) > 1
    remedy = f"drop {'views' if many else 'view'} {listed} first{', in this order' if many else ''}"
    if not isinstance(step.operation, DropTable):
        remedy += f", and make {'them' if many else 'it'} again afterwards"
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), f'view "{view.name}" reads it', remedy, doubt),
        path=step.revision.path,
        related=()
        if view.origin is None
        else (absent.place(view.origin, "the view is made here"),),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )
