"""What of two versions of a file differs as code: not comments, docstrings, layout or hints."""

from __future__ import annotations

import ast
import warnings
from collections import Counter

from alembic_lint.source import SourceFile

_ONLY_HINTS = frozenset({"__future__", "collections.abc", "typing"})
"""Modules whose names a revision needs for type hints alone."""


def recoded(before: SourceFile, after: SourceFile) -> tuple[str, ...] | None:
    """The names of the definitions at the top level that differ, sorted; () where none does.

    A function, a class and a variable go by their names; other statements are "".

    Returns:
        None where one of the files cannot be parsed.
    """
    one, other = _definitions(before), _definitions(after)
    if one is None or other is None:
        return None
    different = (one - other) + (other - one)
    return tuple(sorted({name for name, _ in different}))


def _definitions(source: SourceFile) -> Counter[tuple[str, str]] | None:
    """The statements at the top level, by name, each as text that only its meaning decides."""
    if source.problem is not None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _Bare().visit(ast.parse(source.text))
            return Counter((_name(item), ast.dump(item)) for item in tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


class _Bare(ast.NodeTransformer):
    """Takes out what does nothing when the code runs."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop docstrings, and other strings and dots that stand alone."""
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> None:
        """Drop it."""
        del node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        """Drop imports of type hints."""
        return None if node.module in _ONLY_HINTS and not node.level else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        """Make an assignment of one with a type, and nothing of a type alone."""
        if node.value is None:
            return None
        self.generic_visit(node)
        return ast.Assign(targets=[node.target], value=node.value)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Drop the type."""
        node.annotation = node.type_comment = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Drop the type of what it returns."""
        node.returns = node.type_comment = None
        return self.generic_visit(node)
