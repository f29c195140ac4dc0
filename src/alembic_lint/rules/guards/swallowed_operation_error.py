"""ALM515 swallowed-operation-error."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import ExecuteSql, Function, Opaque, Operation, Revision, Try
from alembic_lint.rule import Finding, Related, Severity, each_revision

_DATABASE_ERRORS = frozenset(
    {
        "BaseException",
        "DBAPIError",
        "DataError",
        "DatabaseError",
        "DuplicateColumn",
        "DuplicateObject",
        "DuplicateTable",
        "Error",
        "Exception",
        "IntegrityError",
        "InterfaceError",
        "InternalError",
        "NotSupportedError",
        "OperationalError",
        "ProgrammingError",
        "SQLAlchemyError",
        "StatementError",
        "UndefinedColumn",
        "UndefinedObject",
        "UndefinedTable",
    }
)
"""What a failed statement raises, in SQLAlchemy, DB-API drivers and psycopg."""

_ABORTED = (
    "PostgreSQL has aborted the transaction and refuses every statement after it; test for the "
    "condition first, or run it in a savepoint (connection.begin_nested())"
)
_RECORDED = (
    "the revision is recorded whether or not the operation ran; test for the condition first, "
    "and let the error stop the revision"
)


@each_revision("ALM515", Severity.WARNING)
def check(revision: Revision, settings: Settings) -> Iterator[Finding]:
    """An operation in a `try` whose handler carries on after a database error.

    On PostgreSQL the failed statement has aborted the transaction: whatever follows fails with
    `current transaction is aborted`, far from the cause. On a database without transactional DDL,
    or outside a transaction, the revision is recorded although the operation did not run.
    A savepoint around the operation keeps the transaction alive, and is accepted.

    Source: PostgreSQL, error class 25P02 `in_failed_sql_transaction`.
    """
    seen = set[Try]()
    for function in (revision.upgrade, revision.downgrade):
        if not isinstance(function, Function):
            continue
        ended = False
        for operation in function.operations:
            ended = ended or _ends_transaction(operation)
            attempt = _swallowing(operation)
            if attempt is None or attempt in seen:
                continue
            aborts = not ended and _can_abort(operation, settings)
            if not aborts and _only_asks(operation):
                continue
            seen.add(attempt)
            yield Finding(
                operation.span,
                f"an error of {operation.call.name}() is swallowed: "
                f"{_ABORTED if aborts else _RECORDED}",
                related=(Related(revision.path, attempt.handler, "the error ends here"),),
            )


def _swallowing(operation: Operation) -> Try | None:
    """The innermost `try` that hides a database error of the operation, or None."""
    if isinstance(operation, Opaque):
        return None
    batch, tries = operation.context.batch, operation.context.tries
    if batch is not None:
        # A batch runs its operations when its block ends, where a handler inside sees nothing.
        tries = tries[: batch.tries]
    for attempt in reversed(tries):
        if attempt.savepoint:
            return None
        names = {name.rpartition(".")[2] for name in attempt.catches}
        if attempt.swallows and (not names or names & _DATABASE_ERRORS):
            return attempt
    return None


def _can_abort(operation: Operation, settings: Settings) -> bool:
    """Whether an error of the operation can abort a transaction: on PostgreSQL, inside one."""
    dialects = operation.context.dialects or settings.dialects
    return not operation.context.autocommit and (dialects is None or "postgresql" in dialects)


def _ends_transaction(operation: Operation) -> bool:
    """Whether the operation is a COMMIT or ROLLBACK, after which each statement stands alone."""
    return bool(_kinds(operation) & {"COMMIT", "ROLLBACK", "END"})


def _only_asks(operation: Operation) -> bool:
    """Whether the operation leaves the database as it is, so that nothing is lost with it."""
    kinds = _kinds(operation)
    return bool(kinds) and kinds <= {"SELECT", "SET", "SHOW", "PRAGMA"}


def _kinds(operation: Operation) -> frozenset[str]:
    """The kinds of an operation's SQL statements; empty where there are none, or not known."""
    if isinstance(operation, ExecuteSql) and isinstance(operation.statements, tuple):
        return frozenset(statement.kind for statement in operation.statements)
    return frozenset()
