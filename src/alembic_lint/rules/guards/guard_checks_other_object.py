"""ALM503 guard-checks-other-object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from alembic_lint.config import Settings
from alembic_lint.model import (
    AddColumn,
    Column,
    ColumnExists,
    Condition,
    CreateTable,
    DropColumn,
    DropTable,
    Function,
    Guard,
    Not,
    Opaque,
    Operation,
    Revision,
    TableExists,
    conditions_in,
)
from alembic_lint.rule import Finding, Related, Severity, each_revision


@each_revision("ALM503", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A guard that asks for one object while its block makes or drops another.

    The guard then decides by a table that has nothing to do with the operation: a create runs
    although its table is there, or does not run although it is missing, and the revision is
    recorded either way. Only a plain `not exists` before a create and a plain `exists` before a
    drop count, and only when nothing under the same guard touches the object that was asked for.
    """
    for function in (revision.upgrade, revision.downgrade):
        if not isinstance(function, Function):
            continue
        reported = set[int]()
        for operation in function.operations:
            match = _mismatch(operation)
            if match is None or match.guard.block in reported:
                continue
            block = [
                other
                for other in function.operations
                if any(guard.block == match.guard.block for guard in other.context.guards)
            ]
            if any(_touches(other, match.asked) for other in block):
                continue
            reported.add(match.guard.block)
            yield Finding(
                match.guard.span,
                f"the guard asks whether {match.asked_kind} exists, but its block {match.deed}, "
                "so that can fail or be left out; ask for the object that the block is about",
                related=(Related(revision.path, operation.span, match.deed),),
            )


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """An operation whose guard asks for another object, with the names that this one goes by."""

    guard: Guard
    asked: tuple[str, ...]
    asked_kind: str
    deed: str


def _mismatch(operation: Operation) -> _Mismatch | None:
    """What is wrong with the innermost existence guard of a create or drop, or None."""
    guards = [guard for guard in operation.context.guards if _asks_existence(guard.condition)]
    if not guards or any(_asks_for(guard.condition, operation) for guard in guards):
        return None
    guard = guards[-1]
    match operation, guard.condition:
        case CreateTable(table=str(made)), Not(TableExists(str(asked))):
            return _Mismatch(guard, (asked,), f'table "{asked}"', f'creates table "{made}"')
        case DropTable(table=str(made)), TableExists(str(asked)):
            return _Mismatch(guard, (asked,), f'table "{asked}"', f'drops table "{made}"')
        case (
            AddColumn(table=str(table), column=Column(name=str(made))),
            Not(ColumnExists(str(other), str(asked))),
        ):
            return _Mismatch(
                guard, (other, asked), f'column "{other}.{asked}"', f'adds column "{table}.{made}"'
            )
        case DropColumn(table=str(table), column=str(made)), ColumnExists(str(other), str(asked)):
            return _Mismatch(
                guard, (other, asked), f'column "{other}.{asked}"', f'drops column "{table}.{made}"'
            )
        case _:
            return None


def _asks_existence(condition: Condition) -> bool:
    """Whether a table or a column is asked for anywhere in the condition."""
    return any(isinstance(item, TableExists | ColumnExists) for item in conditions_in(condition))


def _asks_for(condition: Condition, operation: Operation) -> bool:
    """Whether the condition asks for the object of a create or drop, or for something unknown."""
    for item in conditions_in(condition):
        match item, operation:
            case TableExists(table), CreateTable(table=made) | DropTable(table=made):
                if not isinstance(table, str) or table == made:
                    return True
            case (
                ColumnExists(table, column),
                AddColumn(table=owner, column=Column(name=made))
                | DropColumn(table=owner, column=made),
            ):
                names = (table, column)
                if (table, column) == (owner, made) or not all(
                    isinstance(name, str) for name in names
                ):
                    return True
            case _:
                pass
    return False


def _touches(operation: Operation, names: tuple[str, ...]) -> bool:
    """Whether an operation speaks of all these names anywhere, or may do so."""
    if isinstance(operation, Opaque):
        return True
    values = [getattr(operation, item.name) for item in fields(operation) if item.name != "context"]
    return all(_mentions(values, name) for name in names)


def _mentions(value: object, name: str) -> bool:
    """Whether a name occurs in a value of the model; in SQL text, as a part of it."""
    if isinstance(value, str):
        return name in value
    if isinstance(value, list | tuple):
        return any(_mentions(item, name) for item in value)
    if is_dataclass(value):
        return any(_mentions(getattr(value, item.name), name) for item in fields(value))
    return False
