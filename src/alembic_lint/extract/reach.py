"""Whether a function could change the database, told by the names in it."""

from __future__ import annotations

import libcst as cst

from alembic_lint.extract.scope import Module
from alembic_lint.extract.trees import children

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
            if names & _TELLING or any(self._is_imported(name, module) for name in names):
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
