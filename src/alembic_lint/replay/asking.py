"""What the guards of an operation ask."""

from __future__ import annotations

from alembic_lint.model import CreateTable, OpaqueCondition, TableExists, Unknown, conditions_in


def asks_for_table(operation: CreateTable) -> bool | None:
    """Whether a create is run only where its table is not there; None where that is not known.

    An `if_not_exists`, or a test for that table anywhere among the guards, is such a question. A
    `try` that swallows the failure is not known to be one.
    """
    conditions = [
        condition
        for guard in operation.context.guards
        for condition in conditions_in(guard.condition)
    ]
    tests = [condition for condition in conditions if isinstance(condition, TableExists)]
    if operation.if_not_exists is True or any(test.table == operation.table for test in tests):
        return True
    hidden = (
        isinstance(operation.if_not_exists, Unknown)
        or isinstance(operation.table, Unknown)
        or any(isinstance(condition, OpaqueCondition) for condition in conditions)
        or any(isinstance(test.table, Unknown) for test in tests)
        or any(handled.swallows for handled in operation.context.tries)
    )
    return None if hidden else False
