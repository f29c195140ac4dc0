"""ALM411 default-blocks-type-change."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, casting, enum_types, naming_databases
from alembic_lint.judging.absent import Acting
from alembic_lint.judging.showing import shown_default, shown_type
from alembic_lint.model import UNSET, AlterColumn, ColumnExists, TableExists
from alembic_lint.replay import Replay
from alembic_lint.rule import Confidence, Finding, Severity, each_replay


@each_replay("ALM411", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column whose type is changed while it has a default that cannot follow.

    `postgresql_using` converts the rows, not the default: `default for column "…" cannot be cast
    automatically to type …`. One `op.alter_column` with `type_` and `server_default` does not help,
    as Alembic changes the type first.

    Source: alembic/ddl/postgresql.py, `PostgresqlImpl.alter_column`.
    """
    unsaid = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    for act in enum_types.acting(replay, settings, (ColumnExists, TableExists)):
        step, change = act.step, casting.uncastable(act.step)
        if change is None or change.column is None or change.operation.using is UNSET:
            continue
        if not casting.keeps_default(change) or _changes_default(act, change.operation):
            continue
        doubt = absent.doubts(step) or unsaid
        default = shown_default(change.column.default)
        new = shown_type(change.new, "postgresql")
        first = f'op.alter_column("{change.operation.table}", "{change.column.name}", '
        yield Finding(
            step.operation.span,
            absent.phrase(
                absent.doing(step.operation),
                f"its default {default} cannot be cast to {new}, whatever postgresql_using says",
                "drop the default before, in a call of its own, and set the new one afterwards",
                doubt,
            ),
            path=step.revision.path,
            help=f"{first}server_default=None)",
            related=(
                ()
                if change.column.origin is None
                else (absent.place(change.column.origin, f'"{change.column.name}" is made here'),)
            ),
            confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
        )


def _changes_default(act: Acting, operation: AlterColumn) -> bool:
    """Whether the same SQL text changes the default: PostgreSQL drops it first, in any order."""
    return act.text is not None and any(
        isinstance(other, AlterColumn)
        and other.table == operation.table
        and other.column == operation.column
        and other.server_default is not UNSET
        for other in act.text.operations
    )
