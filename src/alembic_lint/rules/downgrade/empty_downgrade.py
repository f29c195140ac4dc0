"""ALM302 empty-downgrade."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import (
    Body,
    BulkInsert,
    ExecuteSql,
    Function,
    Opaque,
    Operation,
    Revision,
    Unknown,
)
from alembic_lint.rule import Confidence, Finding, Severity, each_revision

_DATA_STATEMENTS = ("INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "REPLACE")


@each_revision("ALM302", Severity.WARNING)
def check(revision: Revision, settings: Settings) -> Iterator[Finding]:
    """A downgrade that does nothing although the upgrade does something.

    Alembic moves the version back all the same: the database then says that it is at the parent,
    keeps this revision's objects, and the next upgrade fails on them. A downgrade that raises is a
    deliberate refusal. Where the upgrade changes data only, the schema does go back: info.
    """
    if revision.problem is not None or settings.downgrade != "required":
        return
    match revision:
        case Revision(
            upgrade=Function(operations=operations),
            downgrade=Function(body=Body.EMPTY, name_span=span),
        ):
            done = [item for item in operations if not isinstance(item, Opaque)]
        case _:
            return
    if not done:
        return
    name = f' of "{revision.id}"' if revision.id is not None else ""
    if all(map(_changes_data_only, done)):
        yield Finding(
            span,
            f"downgrade(){name} leaves the data as upgrade() changed it; undo the change, "
            "or raise if it cannot be undone",
            severity=Severity.INFO,
        )
        return
    unseen = all(_changes_data_only(item) or _is_unread(item) for item in done)
    yield Finding(
        span,
        f"downgrade(){name} undoes nothing, yet the version moves back, so the database no longer "
        "matches its revision; undo what upgrade() does, or raise if it cannot be undone"
        + (" (only possible: the SQL of upgrade() could not be read)" if unseen else ""),
        confidence=Confidence.POSSIBLE if unseen else Confidence.CERTAIN,
    )


def _is_unread(operation: Operation) -> bool:
    return isinstance(operation, ExecuteSql) and isinstance(operation.statements, Unknown)


def _changes_data_only(operation: Operation) -> bool:
    """Whether an operation writes rows and leaves the schema alone, as far as can be told."""
    match operation:
        case BulkInsert():
            return True
        case ExecuteSql(statements=tuple(statements)):
            return bool(statements) and all(
                statement.kind.split(" ")[0] in _DATA_STATEMENTS for statement in statements
            )
        case _:
            return False
