"""ALM416 drop-object-used-by-view."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types
from alembic_lint.model import (
    UNSET,
    AlterColumn,
    ColumnExists,
    DropColumn,
    DropTable,
    ExecuteSql,
    Operation,
    TableExists,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Table, View

_ALL = re.compile(r"(?i)(?:\bselect|\bdistinct|,|\.)\s*\*")


@each_replay("ALM416", Severity.WARNING, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table or column that is dropped, or whose type is changed, while a view reads it.

    PostgreSQL refuses all three: `cannot drop … because other objects depend on it`, `cannot alter
    type of a column used by a view or rule`. New names it carries over into the view, and a drop
    with CASCADE takes the view with it. Which columns a view reads is taken from its text, so that
    a name may be another table's, unless it reads one table only.
    """
    for act in enum_types.acting(replay, settings, (ColumnExists, TableExists)):
        touched = _touched(act.step)
        if touched is None:
            continue
        table, column = touched
        for view in _readers(act.step, table):
            sure = True if column is None else _reads(view, table, column)
            if sure is not False:
                yield _finding(act.step, view, sure=sure is True)
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


def _reads(view: View, table: Table, name: str) -> bool | None:
    """Whether a view reads a column; None where the name may be another table's."""
    text = None if view.origin is None else _text(view, view.origin.operation)
    if text is None:
        return False
    only = view.reads is not None and len(view.reads) == 1
    if re.search(rf"(?<![\w']){re.escape(name)}(?![\w'])", text):
        return True if only else None
    column = table.column(name)
    older = column is not None and column.since <= view.since
    if older and _ALL.search(text):
        return True if only else None
    return False


def _text(view: View, maker: Operation) -> str | None:
    """The SQL text of a view after its name."""
    if not isinstance(maker, ExecuteSql) or not isinstance(maker.statements, tuple):
        return None
    for statement in maker.statements:
        if "VIEW" in statement.kind and isinstance(statement.text, str):
            before, _, rest = statement.text.partition(view.name)
            if rest and before.upper().split()[:1] == ["CREATE"] and " AS " not in before.upper():
                return rest
    return None


def _finding(step: Step, view: View, *, sure: bool) -> Finding:
    doubt = absent.doubts(step)
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
