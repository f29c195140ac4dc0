"""How much of the histories was seen, so that silence can be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from alembic_lint.model import ExecuteSql, Opaque, Operation, Revision, Unknown, flatten
from alembic_lint.replay import Step

Tally = tuple[tuple[str, int], ...]
"""Numbers by name, the largest first, equal ones in the order of their names."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was seen of all histories; a file that belongs to several is counted once.

    `operations` are by kind, an `ExecuteSql` once however many operations it amounts to.
    `resolved_tables` counts the operations whose table is known, those in SQL text included;
    `unresolved_tables`, `unread_sql` (text of which not one statement is known) and `opaque` are by
    reason. `undecided` counts the operations
    that stand under a guard which the replay could not decide.
    """

    revisions: int = 0
    operations: Tally = ()
    resolved_tables: int = 0
    unresolved_tables: Tally = ()
    unread_sql: Tally = ()
    opaque: Tally = ()
    undecided: int = 0


def count(revisions: Iterable[Revision], steps: Iterable[Step]) -> Counts:
    """Count what the revisions hold and the steps of their replay left open."""
    by_path = {revision.path: revision for revision in revisions}
    written = [operation for revision in by_path.values() for operation in revision.operations]
    tables = [table for operation in flatten(written) for table in _tables(operation)]
    unknown = [table for table in tables if isinstance(table, Unknown)]
    undecided = {
        (step.revision.path, step.operation.direction, step.operation.span)
        for step in steps
        if step.runs is None
    }
    return Counts(
        revisions=len(by_path),
        operations=_tally(type(operation).__name__ for operation in written),
        resolved_tables=len(tables) - len(unknown),
        unresolved_tables=_tally(table.why for table in unknown),
        unread_sql=_tally(
            operation.statements.why
            for operation in written
            if isinstance(operation, ExecuteSql) and isinstance(operation.statements, Unknown)
        ),
        opaque=_tally(operation.why for operation in written if isinstance(operation, Opaque)),
        undecided=len(undecided),
    )


def table_of(operation: Operation) -> str | None:
    """The table that an operation is about; None where there is none, or it is not known."""
    return next((table for table in _tables(operation) if isinstance(table, str)), None)


def _tables(operation: Operation) -> tuple[str | Unknown, ...]:
    """The table of an operation that has one and names it."""
    table = getattr(operation, "table", None)
    return (table,) if isinstance(table, str | Unknown) else ()


def _tally(names: Iterable[str]) -> Tally:
    counter = Counter(names)
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
