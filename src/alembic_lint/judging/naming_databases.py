"""Whether a project is known to run on a database, by its configuration or its revisions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    Column,
    ColumnType,
    CreateIndex,
    CreateTable,
    DialectIs,
    Operation,
    Unset,
    conditions_in,
    flatten,
)

_DIRECTORIES = frozenset({"mysql", "postgresql", "sqlite"})
_LIKE = {"mariadb": "mysql"}


def is_named(history: History, settings: Settings, database: str) -> bool:
    """Whether a project runs on a database, as far as that is told.

    Where it is not configured, revisions tell it: by a test for it, by its own types or options,
    or, for SQLite, by batch mode, which no other database needs.
    """
    if settings.dialects is not None:
        return any(
            _LIKE.get(name, name) == _LIKE.get(database, database) for name in settings.dialects
        )
    if is_for_others(history, database):
        return False
    return any(
        database in _named(operation)
        for revision in history.revisions
        for operation in flatten(revision.operations)
    )


def is_for_others(history: History, database: str) -> bool:
    """Whether the directories of all revisions say that they are for other databases."""
    told = [_DIRECTORIES & set(PurePath(item.path).parts[:-1]) for item in history.revisions]
    return bool(told) and all(told) and not any(database in names for names in told)


def doubt(history: History, settings: Settings, database: str, name: str) -> str | None:
    """Why a finding on one database is only possible: nothing says that the project is for it."""
    return None if is_named(history, settings, database) else f"if it is run on {name}"


def on_it(settings: Settings, unsaid: str | None, name: str) -> str:
    """Where a finding is so, as in "… on PostgreSQL", unless that goes without saying."""
    alone = settings.dialects is not None and len(settings.dialects) == 1
    return "" if alone or unsaid is not None else f" on {name}"


def _named(operation: Operation) -> Iterator[str]:
    context = operation.context
    yield from context.dialects or ()
    for guard in context.guards:
        for condition in conditions_in(guard.condition):
            if isinstance(condition, DialectIs):
                yield from condition.names
    if context.batch is not None:
        yield "sqlite"
    words: tuple[tuple[str, model.Value], ...] = ()
    match operation:
        case CreateTable(columns=tuple(columns)):
            for column in columns:
                yield from _of_column(column)
            words = operation.keywords
        case AddColumn(column=column):
            yield from _of_column(column)
        case AlterColumn(type=type_, existing_type=existing):
            yield from (*_of_type(type_), *_of_type(existing))
            words = operation.keywords
        case CreateIndex(index=index):
            words = index.keywords
        case _:
            pass
    if isinstance(operation, AlterColumn) and not isinstance(operation.using, Unset):
        yield "postgresql"
    yield from (word.partition("_")[0] for word, _ in words)


def _of_column(column: Column | model.Unknown) -> Iterator[str]:
    if isinstance(column, Column):
        yield from _of_type(column.type)


def _of_type(type_: object) -> Iterator[str]:
    if isinstance(type_, ColumnType):
        if type_.dialect is not None:
            yield type_.dialect
        for name, variant in type_.variants:
            yield name
            yield from _of_type(variant)
        for argument in type_.args:
            yield from _of_type(argument)
