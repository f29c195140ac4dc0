"""ALM005 opaque-operation."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import (
    CreateTable,
    ExecuteSql,
    Opaque,
    Operation,
    Revision,
    Unknown,
    table_of,
)
from alembic_lint.rule import Finding, Severity, each_revision
from alembic_lint.source import FILE_START


@each_revision("ALM005", Severity.INFO, enabled=False)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """An operation that the analysis cannot see through.

    What follows it is only possible for the rules on the replayed schema, and often silent: a call
    that is handed the database, SQL text that is put together at run time or that no parser reads,
    a table or column whose name is not known, a loop over what is not known, an `upgrade` or
    `downgrade` whose source is not at hand.
    """
    if revision.problem is None:
        place = FILE_START if revision.revision is None else revision.revision.span
        for reason in dict.fromkeys(function.why for function in revision.unread):
            yield Finding(
                place,
                f"what a function does is not known: {reason}; the schema after it is uncertain",
            )
    reported = set()
    for operation in revision.operations:
        why = _why(operation)
        if why is not None and operation.span not in reported:
            reported.add(operation.span)
            what = operation.call.name or "this operation"
            yield Finding(
                operation.span,
                f"what {what} does is not known: {why}; the schema after it is uncertain",
            )


def _why(operation: Operation) -> str | None:
    loop = operation.context.loop
    match operation:
        case Opaque(why=why):
            return why
        case ExecuteSql(statements=Unknown(why)):
            return why
        case ExecuteSql(statements=tuple(statements)):
            hidden = next((item for item in statements if not item.complete), None)
            if hidden is not None:
                kind = "SQL" if hidden.kind == "UNKNOWN" else hidden.kind
                return f"the effect of its {kind} statement is not read"
        case CreateTable(columns=Unknown(why)):
            return why
        case CreateTable(columns=tuple(columns)):
            lost = next((item for item in columns if isinstance(item, Unknown)), None)
            if lost is not None:
                return lost.why
        case _:
            pass
    table = table_of(operation)
    if isinstance(table, Unknown):
        return f"its table's name is not known, {table.why}"
    return None if loop is None else f"it runs in a loop over {loop.over}: {loop.why}"
