"""ALM413 foreign-key-target-not-unique."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.model import ForeignKeyConstraint, Unknown
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import (
    Constraint,
    Index,
    Presence,
    Reference,
    is_unique_target,
    key_columns_of,
    references_made,
)

_MERGED = frozenset({"mysql", "mariadb"})


@each_replay("ALM413", Severity.ERROR, dialects=("mariadb", "mysql", "postgresql"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A foreign key to columns that no primary key and no unique constraint is on.

    PostgreSQL wants a primary key, a unique constraint that is not deferrable, or a unique index
    without a condition, on exactly these columns in any order. MySQL wants an index that begins
    with them; from 8.4 on, it is to be unique. SQLite makes the key, and fails at the first row.
    """
    del settings
    for act in absent.acting((*replay.steps, *replay.downgrade_steps), ()):
        step = act.step
        for reference in references_made(step.after, step.operation):
            definition = reference.constraint.definition
            if isinstance(definition, ForeignKeyConstraint) and definition.use_alter is not False:
                continue
            if _has_target(reference, step.database) is False:
                yield _finding(step, reference)


def _has_target(reference: Reference, database: str) -> bool | None:
    """Whether a foreign key's columns are those of a key of its referent; None: not known."""
    table, wanted = reference.referent, reference.referent_columns
    if table.presence is not Presence.PRESENT or table.external or not table.all_keys_known:
        return None
    if any(table.has_column(name) is not Presence.PRESENT for name in wanted):
        return None
    folded = [table.fold(name) for name in wanted]
    for key in table.keys:
        columns = key_columns_of(key)
        if columns is None:
            if _could_be(key):
                return None
            continue
        listed = [table.fold(name) for name in columns]
        if database in _MERGED:
            # In another order, they are left alone: MySQL was not asked.
            fits = sorted(listed[: len(folded)]) == sorted(folded) and _is_index(key)
        else:
            vague = isinstance(key, Index) and isinstance(key.unique, Unknown)
            fits = sorted(listed) == sorted(folded) and (vague or is_unique_target(key, database))
        if fits:
            return True if key.presence is Presence.PRESENT else None
    return False


def _could_be(key: Constraint | Index) -> bool:
    """Whether a key whose columns are not known may be on columns alone."""
    if isinstance(key, Index):
        return isinstance(key.columns, Unknown) and key.unique is not False
    return key.kind not in {"check", "foreignkey", "exclude"}


def _is_index(key: Constraint | Index) -> bool:
    return isinstance(key, Index) or key.kind in {"primary", "unique"}


def _finding(step: Step, reference: Reference) -> Finding:
    referent = reference.referent
    columns = ", ".join(reference.referent_columns)
    doubt = step.runs is None
    verb = "may be refused" if doubt else "is refused"
    hedge = " (the condition it stands under could not be decided)" if doubt else ""
    origin = referent.origin
    listed = list(reference.referent_columns)
    return Finding(
        step.operation.span,
        f'the foreign key from "{reference.table.name}" to "{referent.name}" ({columns}) {verb} '
        f'because "{referent.name}" has no primary key or unique constraint on exactly that'
        f"{hedge}; add one before it",
        path=step.revision.path,
        help=f'op.create_unique_constraint(None, "{referent.name}", {listed})',
        related=()
        if origin is None
        else (absent.place(origin, f'"{referent.name}" is made here'),),
        confidence=Confidence.POSSIBLE if doubt else Confidence.CERTAIN,
    )
