"""Whether a function could change the database, told by what it is handed and what it names."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from alembic_lint.extract.scope import Module
from alembic_lint.extract.trees import children
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    BoundMethod,
    Connection,
    Either,
    Inspector,
    MigrationContext,
    Pairs,
    PartialCall,
)
from alembic_lint.model import Reference

_TELLING = frozenset(
    {
        "batch_alter_table", "begin", "bulk_save_objects", "commit", "connect", "connection",
        "create_all", "drop_all", "exec_driver_sql", "execute", "executemany", "get_bind",
        "get_context", "op", "session",
    }
)  # fmt: skip
"""Names without which nothing is done to a database, whatever they are bound to."""


class Reach:
    """Answers for the functions of one reading."""

    def __init__(self) -> None:
        self._names: dict[cst.CSTNode, frozenset[str]] = {}

    def of(self, node: cst.FunctionDef | cst.Lambda, module: Module) -> bool:
        """Whether the function, or one of its module that it names, could change the database."""
        seen: set[str] = set()
        pending: list[cst.CSTNode] = [node]
        while pending:
            names = self._names_in(pending.pop())
            # What `alembic.context` does to a database is among the names that tell.
            others = names - {"context"}
            if names & _TELLING or any(self._is_imported(name, module) for name in others):
                return True
            for name in names - seen:
                definition = module.definitions.get(name)
                if isinstance(definition, cst.FunctionDef | cst.ClassDef):
                    pending.append(definition)
            seen |= names
        return False

    def _is_imported(self, name: str, module: Module) -> bool:
        """Whether a name comes from Alembic."""
        definition = module.definitions.get(name)
        if not isinstance(definition, cst.ImportFrom) or definition.module is None:
            return False
        return module.text(definition.module).partition(".")[0] == "alembic"

    def _names_in(self, node: cst.CSTNode) -> frozenset[str]:
        if node not in self._names:
            found: set[str] = set()
            stack = [node]
            while stack:
                item = stack.pop()
                if isinstance(item, cst.Name):
                    found.add(item.value)
                elif isinstance(item, cst.Attribute):
                    found.add(item.attr.value)
                stack.extend(children(item))
            self._names[node] = frozenset(found)
        return self._names[node]


def carries_database(values: Iterable[Abstract]) -> bool:
    """Whether one of the values lets a function change the database."""
    for value in values:
        match value:
            case Connection() | MigrationContext() | BatchOperations() | Inspector():
                return True
            case Reference(name="alembic.op"):
                return True
            case Either(_, then, other) if carries_database((then, other)):
                return True
            case BoundMethod(owner) if carries_database((owner,)):
                return True
            case PartialCall(_, passed) if carries_database(item.value for item in passed):
                return True
            case tuple() if carries_database(value):
                return True
            case Pairs(items) if carries_database(item for _, item in items):
                return True
            case _:
                pass
    return False
