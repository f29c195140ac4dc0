"""ALM502 guard-swallows-errors."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM502", Severity.WARNING)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A helper that asks whether something exists and takes any exception for an answer.

    A lost connection, a missing permission or a typing mistake in the helper then decides which
    operations run. On PostgreSQL a statement that failed has aborted the transaction as well, so
    the next one fails with a message about something else.

    Source: PostgreSQL, error class 25P02 `in_failed_sql_transaction`.
    """
    for helper in revision.existence_helpers:
        if helper.swallows is None:
            continue
        answer = f"answers {helper.answer}" if helper.answer else "gives an answer"
        yield Finding(
            helper.swallows,
            f"{helper.name}() {answer} on any error, so a failed look-up decides what "
            f"happens to the {helper.predicate}; remove the handler and let the error stop the "
            "revision",
        )
