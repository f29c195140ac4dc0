"""ALM410 incompatible-cast."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, casting, enum_types, naming_databases
from alembic_lint.judging.showing import shown_type
from alembic_lint.model import ColumnExists, TableExists
from alembic_lint.replay import Replay
from alembic_lint.rule import Confidence, Finding, Severity, each_replay


@each_replay("ALM410", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column whose type is changed to one that PostgreSQL does not cast to by itself.

    Without `postgresql_using` it refuses: `column "…" cannot be cast automatically to type …`,
    even where the table is empty. It casts anything to text, and integers to each other, but
    nothing to an enum, to a UUID or to JSONB, nor between text, integers and booleans otherwise.
    Of a column that was there before Alembic, only `existing_type` tells the old type.
    """
    unsaid = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    for act in enum_types.acting(replay, settings, (ColumnExists, TableExists)):
        step, change = act.step, casting.uncastable(act.step)
        if change is None or change.operation.using not in (casting.NO_USING, None):
            continue
        doubt = absent.doubts(step) or unsaid
        if doubt is None and change.told:
            doubt = "if existing_type is right"
        old, new = (shown_type(each, "postgresql") for each in (change.old, change.new))
        remedy = f'add postgresql_using="{change.expression}"'
        if act.text is not None:
            remedy = f"add USING {change.expression}"
        if casting.keeps_default(change):
            remedy += ", and drop its default before"
        yield Finding(
            step.operation.span,
            absent.phrase(
                absent.doing(step.operation),
                f"PostgreSQL does not cast {old} to {new} by itself",
                remedy,
                doubt,
            ),
            path=step.revision.path,
            related=(
                (absent.place(change.column.origin, f'"{change.column.name}" is made here'),)
                if change.column is not None and change.column.origin is not None
                else ()
            ),
            confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
        )
