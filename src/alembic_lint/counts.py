"""How much of the histories was seen, so that silence can be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass

from alembic_lint.judging.describing import tables_of
from alembic_lint.model import (
    ColumnType,
    ExecuteSql,
    Opaque,
    Operation,
    Revision,
    Unknown,
    flatten,
)
from alembic_lint.replay import Replay
from alembic_lint.schema import TableKey
from alembic_lint.schema.doubts import certain

Tally = tuple[tuple[str, int], ...]
"""Numbers by name, the largest first, equal ones in the order of their names."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was seen of all histories; a file that belongs to several is counted once.

    `operations` are by kind, an `ExecuteSql` once however many operations it amounts to.
    `resolved_tables` counts the operations whose table is known, those in SQL text included;
    `unresolved_tables`, `unread_sql` (text of which not one statement is known) and `opaque` are by
    reason. `undecided` counts the operations that stand under a guard which the replay could not
    decide, on one database at least. A function that is not read counts as one opaque operation.

    `exact` counts the operations of which everything is known: what they do, and on each database
    whether they run. `tables` are those at the heads of the histories that the histories worked on,
    and `certain_tables` those of them of which everything is known, on each database.
    """

    revisions: int = 0
    operations: Tally = ()
    resolved_tables: int = 0
    unresolved_tables: Tally = ()
    unread_sql: Tally = ()
    opaque: Tally = ()
    undecided: int = 0
    exact: int = 0
    tables: int = 0
    certain_tables: int = 0


def count(revisions: Iterable[Revision], replays: Sequence[Replay]) -> Counts:
    """Count what the revisions hold, and what their replays on each database left open."""
    steps = [step for run in replays for step in (*run.steps, *run.downgrade_steps)]
    by_path = {revision.path: revision for revision in revisions}
    written = [operation for revision in by_path.values() for operation in revision.operations]
    tables = [table for operation in flatten(written) for table in tables_of(operation)]
    unknown = [table for table in tables if isinstance(table, Unknown)]
    unread = [function.why for revision in by_path.values() for function in revision.unread]
    undecided = {
        (step.revision.path, step.operation.direction, step.operation.span)
        for step in steps
        if step.runs is None
    }
    open_ = {id(step.operation) for step in steps if step.runs is None}
    held = _tables_at_heads(replays)
    return Counts(
        revisions=len(by_path),
        operations=_tally(
            (*(type(operation).__name__ for operation in written), *("Opaque" for _ in unread))
        ),
        resolved_tables=len(tables) - len(unknown),
        unresolved_tables=_tally(table.why for table in unknown),
        unread_sql=_tally(
            operation.statements.why
            for operation in written
            if isinstance(operation, ExecuteSql) and isinstance(operation.statements, Unknown)
        ),
        opaque=_tally(
            (*unread, *(operation.why for operation in written if isinstance(operation, Opaque)))
        ),
        undecided=len(undecided),
        exact=sum(id(operation) not in open_ and _is_known(operation) for operation in written),
        tables=len(held),
        certain_tables=sum(held.values()),
    )


_APART = frozenset({"call", "context", "span", "direction", "sql", "statements", "keywords"})
"""What of an operation does not tell what it makes of the schema, or is looked at otherwise."""


def _is_known(operation: Operation) -> bool:
    """Whether everything that an operation does to the schema is known."""
    match operation:
        case Opaque():
            return False
        case ExecuteSql(statements=Unknown()):
            return False
        case ExecuteSql(statements=tuple(statements), operations=inner):
            read = all(item.complete and item.kind != "UNKNOWN" for item in statements)
            return read and all(map(_is_known, inner))
        case _:
            return not _has_unknown(operation)


def _has_unknown(value: object) -> bool:
    match value:
        case Unknown() | ColumnType(known=False):
            return True
        case str() | int() | None:
            return False
        case tuple():
            return any(map(_has_unknown, value))
        case _ if is_dataclass(value):
            return any(
                _has_unknown(getattr(value, field.name))
                for field in fields(value)
                if field.name not in _APART and not field.name.startswith("existing_")
            )
        case _:
            return False


def _tables_at_heads(replays: Sequence[Replay]) -> dict[tuple[int, TableKey], bool]:
    """The tables at the heads of each history, and whether each is certain on every database."""
    held: dict[tuple[int, TableKey], bool] = {}
    for run in replays:
        heads = [key for key in run.history.tips() if key in run.history.position]
        schema = run.at_all(heads)
        for table in schema.tables:
            key = (id(run.history), table.key)
            held[key] = held.get(key, True) and certain(schema, table)
    return held


def _tally(names: Iterable[str]) -> Tally:
    counter = Counter(names)
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
