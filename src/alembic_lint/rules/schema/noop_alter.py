"""ALM420 noop-alter."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types
from alembic_lint.model import UNSET, AlterColumn, ColumnType, Type, Unknown
from alembic_lint.replay import COMMON, Replay, Step
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import Column, Presence, family, unsupported
from alembic_lint.schema.defaults import same_default

_EXACT = frozenset(
    {"integer", "bigint", "smallint", "numeric", "string", "boolean", "date", "uuid"}
)
"""Families of which nothing but their own arguments and a collation tells members apart."""


@each_replay("ALM420", Severity.INFO)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An `op.alter_column` that changes nothing.

    It passes nothing but `existing_…`, and then no SQL is emitted; or it sets what the column has
    already, on every database that the history is for.
    """
    for act in enum_types.acting(replay, settings, ()):
        operation = act.step.operation
        if not isinstance(operation, AlterColumn) or act.step.runs is not True:
            continue
        if unsupported(operation, act.step.database):
            continue
        if not _changes(operation):
            because = "passes only what is there"
        elif not act.step.sql and _is_so_already(act.step, operation):
            because = "sets what the column has already"
        else:
            continue
        yield Finding(
            operation.span,
            f"{absent.doing(operation)} changes nothing, as it {because}; remove it",
            path=act.step.revision.path,
        )


def _changes(operation: AlterColumn) -> bool:
    """Whether a call asks for any change.

    Source: alembic/operations/toimpl.py, `alter_column`.
    """
    asked = (
        operation.nullable,
        operation.server_default,
        operation.new_name,
        operation.type,
        operation.comment,
        operation.autoincrement,
    )
    # What a dialect's own options do, or arguments that are not known, is another matter.
    return any(item is not UNSET for item in asked) or bool(operation.keywords)


def _is_so_already(step: Step, operation: AlterColumn) -> bool:
    match operation:
        case AlterColumn(table=str(name), column=str(item), schema=None | str() as place):
            table = step.before.table(name, place)
        case _:
            return False
    column = table.column(item)
    if column is None or column.presence is not Presence.PRESENT:
        return False
    others = (operation.new_name, operation.comment, operation.autoincrement, operation.using)
    if table.presence is not Presence.PRESENT or any(item is not UNSET for item in others):
        return False
    if operation.keywords or not _keeps_the_rest(column, operation):
        return False
    same = [
        operation.type is UNSET
        or (isinstance(operation.type, ColumnType) and _same(column.type, operation.type)),
        operation.nullable is UNSET
        or (isinstance(operation.nullable, bool) and column.nullable is operation.nullable),
        operation.server_default is UNSET
        or same_default(column.default, operation.server_default) is True,
    ]
    return all(same)


def _keeps_the_rest(column: Column, operation: AlterColumn) -> bool:
    """Whether MySQL, which writes a column anew, would leave alone what is not changed."""
    given = operation.existing_type
    if isinstance(given, ColumnType) and operation.type is UNSET and not _same(column.type, given):
        return False
    null = operation.existing_nullable
    if operation.nullable is UNSET and isinstance(null, bool) and null is not column.nullable:
        return False
    if operation.type is UNSET and operation.nullable is UNSET:
        return True
    nullable = operation.nullable is not UNSET or operation.existing_nullable is not UNSET
    default = (
        operation.server_default is not UNSET or operation.existing_server_default is not UNSET
    )
    return (nullable or column.nullable is True) and (default or column.default is None)


def _same(old: Type, new: ColumnType) -> bool:
    if isinstance(old, Unknown) or not old.known or not new.known:
        return False
    if old == new:
        return old.enum is None
    if any(word == "collation" for each in (old, new) for word, _ in each.keywords):
        return False
    for database in COMMON:
        first, second = family(old, database), family(new, database)
        if first is None or first != second or first[0] not in _EXACT:
            return False
    return True
