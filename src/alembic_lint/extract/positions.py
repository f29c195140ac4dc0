"""Where the nodes of a LibCST tree stand in their file.

LibCST's PositionProvider takes twice the time of the parse. The standard library's tree of the same
text has the same statements in the same order, and in each statement the same calls and strings, so
both are walked side by side and positions are taken from the latter. A file that the running Python
refuses (newer syntax) falls back to PositionProvider.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from alembic_lint.extract.trees import children
from alembic_lint.source import FILE_START, Span

_STRINGS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
_BODIES = (
    cst.BaseSuite,
    cst.Else,
    cst.Finally,
    cst.ExceptHandler,
    cst.MatchCase,
    cst.ExceptStarHandler,
)


class Positions:
    """Answers where a statement, a call or a string of one module stands."""

    def __init__(self, text: str, tree: cst.Module, reference: ast.Module | None) -> None:
        self._lines = text.split("\n")
        self._statements: dict[cst.CSTNode, ast.AST] = {}
        self._expressions: dict[cst.CSTNode, ast.AST] = {}
        self._paired: set[cst.CSTNode] = set()
        self._ranges: dict[cst.CSTNode, CodeRange] | None = None
        if reference is None:
            try:
                wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
                self._ranges = dict(wrapper.resolve(PositionProvider))
            except RecursionError:
                self._ranges = {}  # nothing is known to stand anywhere
        else:
            self._pair_bodies(tree.body, reference.body)

    def of_statement(self, node: cst.CSTNode) -> Span:
        """The span of a statement or exception handler; the whole compound one."""
        if self._ranges is not None:
            return self._from_range(node)
        found = self._statements.get(node)
        return FILE_START if found is None else self._span(found)

    def of_header(self, node: cst.CSTNode) -> Span:
        """The span of a compound statement's first line."""
        whole = self.of_statement(node)
        if whole.end_line == whole.line:
            return whole
        line = self._lines[whole.line - 1].rstrip() if whole.line <= len(self._lines) else ""
        return Span(whole.line, whole.column, whole.line, max(len(line), whole.column))

    def of_name(self, node: cst.FunctionDef | cst.ClassDef) -> Span:
        """The span of the name a definition binds."""
        if self._ranges is not None:
            return self._from_range(node.name)
        whole = self.of_statement(node)
        line = self._lines[whole.line - 1] if whole.line <= len(self._lines) else ""
        column = line.find(node.name.value, whole.column + 4)
        if column < 0:
            return self.of_header(node)
        return Span(whole.line, column, whole.line, column + len(node.name.value))

    def of_expression(self, node: cst.CSTNode, statement: cst.CSTNode) -> Span:
        """The span of a call or string in a statement; the statement's for anything else."""
        if self._ranges is not None:
            return self._from_range(node)
        found = self._reference(node, statement)
        return self.of_header(statement) if found is None else self._span(found)

    def argument_texts(
        self, node: cst.Call, statement: cst.CSTNode
    ) -> dict[cst.CSTNode | None, str]:
        """The arguments of a call as written, by their nodes; empty where they are not told."""
        found = self._reference(node, statement)
        if not isinstance(found, ast.Call):
            return {}
        others = sorted(
            (*found.args, *(keyword.value for keyword in found.keywords)),
            key=lambda item: (item.lineno, item.col_offset),
        )
        if len(others) != len(node.args):
            return {}
        return {
            argument.value: self._text(other.value if isinstance(other, ast.Starred) else other)
            for argument, other in zip(node.args, others, strict=True)
        }

    def _text(self, node: ast.AST) -> str:
        span = self._span(node)
        lines = self._lines[span.line - 1 : span.end_line]
        if len(lines) == 1:
            return lines[0][span.column : span.end_column]
        return "\n".join((lines[0][span.column :], *lines[1:-1], lines[-1][: span.end_column]))

    def _reference(self, node: cst.CSTNode, statement: cst.CSTNode) -> ast.AST | None:
        if statement not in self._paired:
            self._paired.add(statement)
            self._pair_expressions(statement)
        return self._expressions.get(node)

    def of_value(self, statement: cst.CSTNode) -> tuple[Span, tuple[Span, ...]]:
        """The span of an assignment's value, and those of its elements if it is a tuple or list."""
        node = statement.value if isinstance(statement, cst.Assign | cst.AnnAssign) else None
        if self._ranges is not None and node is not None:
            parts = node.elements if isinstance(node, cst.Tuple | cst.List) else ()
            return self._from_range(node), tuple(self._from_range(part.value) for part in parts)
        found = self._statements.get(statement)
        value = found.value if isinstance(found, ast.Assign | ast.AnnAssign) else None
        if value is None:
            return self.of_statement(statement), ()
        elements = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        return self._span(value), tuple(self._span(element) for element in elements)

    def _from_range(self, node: cst.CSTNode) -> Span:
        found = None if self._ranges is None else self._ranges.get(node)
        if found is None:
            return FILE_START
        return Span(found.start.line, found.start.column, found.end.line, found.end.column)

    def _span(self, node: ast.AST) -> Span:
        return span_of(self._lines, node)

    def _pair_bodies(
        self,
        nodes: Sequence[cst.BaseStatement | cst.BaseSmallStatement],
        references: Sequence[ast.stmt],
    ) -> None:
        pending = [(nodes, references)]
        while pending:
            some, others = pending.pop()
            flat = list(_flattened(some))
            if len(flat) != len(others):
                continue
            for node, reference in zip(flat, others, strict=True):
                self._statements[node] = reference
                pending.extend(self._inner_bodies(node, reference))

    def _inner_bodies(
        self, node: cst.CSTNode, reference: ast.stmt
    ) -> Iterator[tuple[Sequence[cst.BaseStatement | cst.BaseSmallStatement], Sequence[ast.stmt]]]:
        suite = getattr(node, "body", None)
        if isinstance(suite, cst.BaseSuite):
            yield suite.body, getattr(reference, "body", [])
        match node:
            case cst.If(orelse=cst.If() as nested):
                yield [nested], getattr(reference, "orelse", [])
            case cst.If(orelse=cst.Else() as orelse):
                yield orelse.body.body, getattr(reference, "orelse", [])
            case cst.For(orelse=cst.Else() as last) | cst.While(orelse=cst.Else() as last):
                yield last.body.body, getattr(reference, "orelse", [])
            case cst.Try() | cst.TryStar():
                handlers: list[cst.ExceptHandler | cst.ExceptStarHandler] = [*node.handlers]
                others = getattr(reference, "handlers", [])
                for handler, other in zip(handlers, others, strict=False):
                    self._statements[handler] = other
                    yield handler.body.body, other.body
                if node.orelse is not None:
                    yield node.orelse.body.body, getattr(reference, "orelse", [])
                if node.finalbody is not None:
                    yield node.finalbody.body.body, getattr(reference, "finalbody", [])
            case cst.Match():
                for case, found in zip(node.cases, getattr(reference, "cases", []), strict=False):
                    yield case.body.body, found.body
            case _:
                pass

    def _pair_expressions(self, statement: cst.CSTNode) -> None:
        reference = self._statements.get(statement)
        if reference is None:
            return
        nodes = list(_leaves(statement))
        others = list(_reference_leaves(reference))
        if len(nodes) == len(others) and all(
            isinstance(node, cst.Call) == isinstance(other, ast.Call)
            for node, other in zip(nodes, others, strict=True)
        ):
            for node, other in zip(nodes, others, strict=True):
                self._expressions[node] = other


def span_of(lines: Sequence[str], node: ast.AST) -> Span:
    """Where a node of the standard library's tree stands in the text that has these lines."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    end_line = getattr(node, "end_lineno", line)
    end_column = getattr(node, "end_col_offset", column)
    return Span(
        line,
        _code_points(lines, line, column),
        end_line,
        _code_points(lines, end_line, end_column),
    )


def _code_points(lines: Sequence[str], line: int, column: int) -> int:
    """The standard library counts columns in UTF-8 bytes."""
    text = lines[line - 1] if line <= len(lines) else ""
    if text.isascii():
        return column
    return len(text.encode()[:column].decode(errors="replace"))


def _flattened(
    nodes: Sequence[cst.BaseStatement | cst.BaseSmallStatement],
) -> Iterator[cst.BaseStatement | cst.BaseSmallStatement]:
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            yield from node.body
        else:
            yield node


def _leaves(statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The calls and strings of a statement's own expressions, outermost first, in source order."""
    stack = [child for child in reversed(children(statement)) if not isinstance(child, _BODIES)]
    if isinstance(statement, cst.If) and isinstance(statement.orelse, cst.If):
        stack = [child for child in stack if child is not statement.orelse]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _STRINGS:
            yield node
            continue
        if kind is cst.Call:
            yield node
        stack.extend(reversed(children(node)))


def _reference_leaves(statement: ast.AST) -> Iterator[ast.AST]:
    stack = _ordered(
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
    )
    while stack:
        node = stack.pop()
        if isinstance(node, ast.JoinedStr):
            yield node
            continue
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str | bytes):
                yield node
            continue
        if isinstance(node, ast.Call):
            yield node
        stack.extend(_ordered(ast.iter_child_nodes(node)))


def _ordered(nodes: Iterator[ast.AST]) -> list[ast.AST]:
    """The nodes that stand somewhere, last first."""
    placed: list[tuple[int, int, int, ast.AST]] = []
    for index, node in enumerate(nodes):
        inner = node
        if not hasattr(node, "lineno"):
            # comprehension, arguments, withitem: they stand where their first part does
            below = [item for item in ast.walk(node) if hasattr(item, "lineno")]
            if not below:
                continue
            inner = min(below, key=_place)
        placed.append((*_place(inner), index, node))
    placed.sort(key=lambda item: item[:3], reverse=True)
    return [item[3] for item in placed]


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
