"""Which databases a history is replayed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from alembic_lint.history import History
from alembic_lint.model import DialectIs, Function, Operation, conditions_in, flatten
from alembic_lint.schema import only_postgresql, unsupported

COMMON = ("mysql", "postgresql", "sqlite")
"""The databases that a history is replayed on where it is not known which ones it is for."""

SUPPORTED = frozenset({*COMMON, "mariadb", "mssql", "oracle"})
"""SQLAlchemy's own dialects."""


def databases(history: History, dialects: tuple[str, ...] | None) -> tuple[str, ...]:
    """The databases to replay a history on, sorted: those it is for, or else the common ones.

    Where that is not known, those that the history itself asks for are among them, and those on
    which it certainly cannot run are not.
    """
    if dialects is not None:
        return tuple(sorted(dialects))
    placed = {name for place in history.locations for name in PurePath(place).parts[-2:]}
    if len(placed & SUPPORTED) == 1:
        # One directory of revisions for each database: versions/postgresql, versions/sqlite.
        return tuple(placed & SUPPORTED)
    named: set[str] = set()
    unfit: set[str] = set()
    for revision in history.revisions:
        if not isinstance(revision.upgrade, Function):
            continue
        for operation in flatten(revision.upgrade.operations):
            context = operation.context
            asked = {
                name
                for guard in context.guards
                for condition in conditions_in(guard.condition)
                if isinstance(condition, DialectIs)
                for name in condition.names
            }
            named.update(asked)
            if not asked and context.dialects is None and not context.tries:
                unfit.update(_unfit(operation))
    fit = set(COMMON) - unfit
    return tuple(sorted(((fit or {"postgresql"}) | named) & SUPPORTED))


def _unfit(operation: Operation) -> Iterator[str]:
    """The common databases that certainly refuse an operation."""
    if unsupported(operation, "sqlite"):
        yield "sqlite"
    if only_postgresql(operation):
        yield from ("mysql", "sqlite")
