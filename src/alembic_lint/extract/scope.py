"""Names and what they are bound to, in a function or a module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from alembic_lint.extract.positions import Positions
from alembic_lint.extract.values import Abstract


@dataclass(slots=True)
class Scope:
    """The names of one function call or module, and the scope around it."""

    names: dict[str, Abstract] = field(default_factory=dict)
    parent: Scope | None = None
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    """The names that a `global` or `nonlocal` statement binds in another scope."""
    comprehension: bool = False
    """Whether a comprehension made it, out of which `:=` binds."""

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def binds(self, name: str) -> dict[str, Abstract]:
        """The names among which an assignment to `name` belongs."""
        return self.elsewhere.get(name, self).names

    def find(self, name: str) -> Abstract | None:
        """The value a name is bound to, or Python's None where it is bound to nothing here.

        A name bound to None is found as a one-element lookup by `holds` first.
        """
        for scope in self.chain():
            if name in scope.names:
                return scope.names[name]
        return None

    def holds(self, name: str) -> bool:
        """Whether the name is bound here or in a scope around it."""
        return any(name in scope.names for scope in self.chain())


@dataclass(slots=True, eq=False)
class Module:
    """One parsed module.

    `name` is its dotted name, None where it belongs to no package. `definitions` are the statements
    that bind each name at module level (the last one counts); they are read when the name is asked
    for. `stars` are the modules of `from … import *`, the last first.
    """

    path: str
    name: str | None
    tree: cst.Module
    positions: Positions
    package: bool = False
    scope: Scope = field(default_factory=Scope)
    definitions: dict[str, cst.BaseStatement | cst.BaseSmallStatement] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)

    def text(self, node: cst.CSTNode) -> str:
        """A node as it is written, "…" where it is nested too deeply to be told."""
        try:
            return self.tree.code_for_node(node).strip()
        except RecursionError:
            return "…"


def definitions_in(
    tree: cst.Module,
) -> dict[str, cst.BaseStatement | cst.BaseSmallStatement]:
    """The statements that bind names at module level, also inside `if`, `try` and `with`."""
    found: dict[str, cst.BaseStatement | cst.BaseSmallStatement] = {}
    pending: list[cst.CSTNode] = list(reversed(tree.body))
    while pending:
        node = pending.pop()
        match node:
            case cst.SimpleStatementLine(body=body):
                pending.extend(reversed(body))
            case cst.FunctionDef(name=name) | cst.ClassDef(name=name):
                found[name.value] = node
            case cst.Assign(targets=targets):
                for target in targets:
                    found.update(dict.fromkeys(bound_names(target.target), node))
            case cst.AnnAssign(target=cst.Name(value=name), value=value) if value is not None:
                found[name] = node
            case cst.Import(names=aliases):
                for alias in aliases:
                    found[imported_name(alias)] = node
            case cst.ImportFrom(names=names) if not isinstance(names, cst.ImportStar):
                for alias in names:
                    found[imported_name(alias)] = node
            case cst.If(body=body, orelse=orelse):
                # The first branch usually holds what runs now; read it last so that it counts.
                pending.extend(reversed(body.body))
                if orelse is not None:
                    pending.append(orelse)
            case cst.Else(body=body) | cst.With(body=body):
                pending.extend(reversed(body.body))
            case cst.Try(body=body, handlers=handlers):
                pending.extend(reversed(body.body))
                for handler in handlers:
                    pending.extend(reversed(handler.body.body))
            case _:
                pass
    return found


def stars_in(tree: cst.Module) -> list[cst.ImportFrom]:
    """The `from … import *` statements at module level, the last first."""
    found = [
        small
        for line in tree.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, cst.ImportFrom) and isinstance(small.names, cst.ImportStar)
    ]
    return found[::-1]


def bound_names(target: cst.CSTNode) -> list[str]:
    """The names an assignment target binds."""
    match target:
        case cst.Name(value=name):
            return [name]
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return [name for element in elements for name in bound_names(element.value)]
        case cst.StarredElement(value=value):
            return bound_names(value)
        case _:
            return []


def imported_name(alias: cst.ImportAlias) -> str:
    """The name that one item of an import statement binds."""
    return alias.evaluated_alias or alias.evaluated_name.partition(".")[0]
