"""ALM515 swallowed-operation-error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.model import (
    DialectIs,
    ExecuteSql,
    Function,
    Handler,
    Opaque,
    Operation,
    Outcome,
    Revision,
)
from alembic_lint.rule import Confidence, Finding, Related, Severity, each_revision
from alembic_lint.source import Span

_ERRORS = frozenset(
    {
        "DataError",
        "IntegrityError",
        "InternalError",
        "NotSupportedError",
        "OperationalError",
        "ProgrammingError",
    }
)
"""What SQLAlchemy raises for a statement that a database refuses."""

_CATCHES = {
    **{name: frozenset({name}) for name in _ERRORS},
    **dict.fromkeys(
        (
            "BaseException",
            "DBAPIError",
            "DatabaseError",
            "Exception",
            "SQLAlchemyError",
            "StatementError",
        ),
        _ERRORS,
    ),
}
"""Which of these errors an exception class stands for.

Source: sqlalchemy/exc.py.
"""

_DRIVERS = frozenset(
    {
        "MySQLdb",
        "aiosqlite",
        "asyncpg",
        "cx_Oracle",
        "mysql",
        "oracledb",
        "pg8000",
        "psycopg",
        "psycopg2",
        "pymysql",
        "pyodbc",
        "sqlite3",
    }
)
"""Packages whose exceptions never come out of SQLAlchemy, which raises its own in their place."""

_RAISED = {
    "postgresql": _ERRORS - {"OperationalError"},
    "sqlite": frozenset({"IntegrityError", "OperationalError"}),
}
"""What a statement that a database refuses raises there, if not any of the errors.

SQLite has one error code for nearly everything; on PostgreSQL an OperationalError is a lost
connection, a lock that was not to be had or a cancelled statement.
"""

_NAMES = {
    "mariadb": "MariaDB",
    "mssql": "SQL Server",
    "mysql": "MySQL",
    "oracle": "Oracle",
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
}

_POSTGRESQL_SAYS = re.compile(
    r"already exists|does not exist|violates|\b(?:23|42)[0-9P]\d\d\b"
    r"|^(?:Duplicate|Undefined)(?:Column|Object|Table)$|^UniqueViolation$",
    re.IGNORECASE,
)
"""Wording, SQLSTATE codes and the driver's class names of PostgreSQL's errors."""

_IF_EXISTS = re.compile(r"\bIF\s+(?:NOT\s+)?EXISTS\b", re.IGNORECASE)

_SAVEPOINT = "test for the condition first, or run it in a savepoint (connection.begin_nested())"


@dataclass(frozen=True, slots=True)
class _Caught:
    """A handler and those of a failed statement's errors that come to it."""

    handler: Handler
    errors: frozenset[str]


@each_revision("ALM515", Severity.WARNING)
def check(revision: Revision, settings: Settings) -> Iterator[Finding]:
    """An operation in a `try` whose handler carries on after a database error.

    On PostgreSQL the failed statement has aborted the transaction: whatever follows fails with
    `current transaction is aborted`, far from the cause. On a database without transactional DDL,
    or outside a transaction, the revision is recorded although the operation did not run.
    A savepoint around the operation keeps the transaction alive, and is accepted; so is a handler
    that raises, rolls back, or keeps the error so that the function raises later, and an operation
    with IF EXISTS or IF NOT EXISTS. A handler that raises some errors and not others is told only
    where it looks for one of PostgreSQL's; one with operations of its own is meant to put things
    right, which only an aborted transaction prevents.

    Source: PostgreSQL, error class 25P02 `in_failed_sql_transaction`.
    """
    seen = set[tuple[str, Span]]()
    for function in (revision.upgrade, revision.downgrade):
        if not isinstance(function, Function):
            continue
        ended = False
        for operation in function.operations:
            ended = ended or _ends_transaction(operation)
            if isinstance(operation, Opaque):
                continue
            for caught in _handlers(operation):
                handler = caught.handler
                place = (handler.path, handler.span)
                alone = ended or operation.context.autocommit
                effect = _effect(operation, caught, settings, alone=alone)
                if effect is not None and place not in seen:
                    seen.add(place)
                    doubt = handler.outcome is Outcome.SELECTS and not handler.operates
                    yield Finding(
                        operation.span,
                        effect,
                        related=(Related(handler.path, handler.span, "the error ends here"),),
                        confidence=Confidence.POSSIBLE if doubt else Confidence.CERTAIN,
                    )
                if effect is not None or handler.outcome is not Outcome.SELECTS:
                    break


def _handlers(operation: Operation) -> Iterator[_Caught]:
    """The handlers in which errors of the operation may end, from the inside out."""
    batch, tries = operation.context.batch, operation.context.tries
    if batch is not None:
        # A batch runs its operations when its block ends, where a handler inside sees nothing.
        tries = tries[: batch.tries]
    for attempt in reversed(tries):
        if attempt.savepoint:
            return
        coming = _ERRORS
        for handler in attempt.handlers:
            errors = coming & _errors(handler.catches)
            coming -= errors
            if errors and handler.outcome is not Outcome.RAISES:
                yield _Caught(handler, errors)


def _errors(catches: Sequence[str]) -> frozenset[str]:
    """The errors of a failed statement that exceptions of these names stand for."""
    found = frozenset[str]()
    for name in catches:
        if name.partition(".")[0] not in _DRIVERS:
            found |= _CATCHES.get(name.rpartition(".")[2], frozenset())
    return found


def _effect(
    operation: Operation, caught: _Caught, settings: Settings, *, alone: bool
) -> str | None:
    """What follows from an error that ends in this handler; None where nothing is known to.

    `alone`: no transaction is open that the error could abort.
    """
    handler, name = caught.handler, operation.call.name
    if handler.rolls_back or handler.outcome is Outcome.REPORTS:
        return None
    dialects = _dialects(operation, settings)
    raising = (
        None if dialects is None else tuple(item for item in dialects if _raises(item, caught))
    )
    if raising == ():
        return None
    aborts = not alone and (
        "postgresql" in raising if raising is not None else _raises("postgresql", caught)
    )
    if handler.operates:
        if aborts and dialects == ("postgresql",):
            return (
                f"the handler for an error of {name}() cannot put it right: PostgreSQL has aborted "
                f"the transaction and refuses the handler's own statements; {_SAVEPOINT}"
            )
        return None
    if _asks_itself(operation):
        return None
    if handler.outcome is Outcome.SELECTS:
        if aborts and any(map(_POSTGRESQL_SAYS.search, handler.tested)):
            return (
                f"the handler of {name}() lets some errors pass (which ones could not be told): "
                "PostgreSQL has then aborted the transaction and refuses every statement after it; "
                f"{_SAVEPOINT}"
            )
        return None
    if aborts:
        return (
            f"an error of {name}() is swallowed: PostgreSQL has then aborted the transaction "
            f"and refuses every statement after it; {_SAVEPOINT}"
        )
    if _only_asks(operation):
        return None
    if alone:
        where = "outside a transaction"
    elif raising is None or len(raising) > 2:
        where = "on a database that goes on after an error, such as MySQL,"
    else:
        where = f"on {' and '.join(_NAMES.get(item, item) for item in raising)}"
    return (
        f"an error of {name}() is swallowed: {where} the revision is recorded whether or not the "
        "operation ran; test for the condition first, and let the error stop the revision"
    )


def _dialects(operation: Operation, settings: Settings) -> tuple[str, ...] | None:
    """The databases that the operation runs on and that are checked; None: all, or not known."""
    reached = operation.context.dialects
    if reached is None or settings.dialects is None:
        return reached if settings.dialects is None else settings.dialects
    return tuple(name for name in reached if name in settings.dialects)


def _raises(dialect: str, caught: _Caught) -> bool:
    """Whether a statement that the database refuses can raise one of the errors."""
    return bool(caught.errors & _RAISED.get(dialect, _ERRORS))


def _asks_itself(operation: Operation) -> bool:
    """Whether the operation has IF EXISTS or IF NOT EXISTS, in each of its statements."""
    if isinstance(operation, ExecuteSql):
        statements = operation.statements if isinstance(operation.statements, tuple) else ()
        if operation.operations:
            return all(map(_asks_itself, operation.operations))
        return bool(statements) and all(
            isinstance(statement.text, str) and _IF_EXISTS.search(statement.text) is not None
            for statement in statements
        )
    return (
        getattr(operation, "if_exists", False) is True
        or getattr(operation, "if_not_exists", False) is True
    )


def _ends_transaction(operation: Operation) -> bool:
    """Whether the operation is a COMMIT or ROLLBACK, after which each statement stands alone.

    One that may not run, as in a handler, does not count.
    """
    return bool(_kinds(operation) & {"COMMIT", "ROLLBACK", "END"}) and all(
        isinstance(guard.condition, DialectIs) for guard in operation.context.guards
    )


def _only_asks(operation: Operation) -> bool:
    """Whether the operation leaves the database as it is, so that nothing is lost with it."""
    kinds = _kinds(operation)
    return bool(kinds) and kinds <= {"SELECT", "SET", "SHOW", "PRAGMA"}


def _kinds(operation: Operation) -> frozenset[str]:
    """The kinds of an operation's SQL statements; empty where there are none, or not known."""
    if isinstance(operation, ExecuteSql) and isinstance(operation.statements, tuple):
        return frozenset(statement.kind for statement in operation.statements)
    return frozenset()
