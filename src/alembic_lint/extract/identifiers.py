"""The identifiers of a revision: its module variables and the header of its docstring."""

from __future__ import annotations

import ast
import re
import warnings

import libcst as cst

from alembic_lint.extract.positions import span_of
from alembic_lint.extract.scope import Module
from alembic_lint.model import Assigned, Header, Unknown, Value
from alembic_lint.source import Span

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")

_REVISION = re.compile(r"^[ \t]*Revision ID:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_REVISES = re.compile(r"^[ \t]*Revises:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_LINE = re.compile(
    r"^(revision|down_revision)[ \t]*(?::[^=\n]+)?="
    r"[ \t]*(?P<value>([\"'])(?P<text>[^\"'\\\n]*)\3|None)[ \t]*(?:\#.*)?$",
    re.MULTILINE,
)


def assignments(module: Module) -> dict[str, cst.Assign | cst.AnnAssign]:
    """The module-level statements that assign the identifiers; the last one counts."""
    found: dict[str, cst.Assign | cst.AnnAssign] = {}
    for name in NAMES:
        statement = module.definitions.get(name)
        if isinstance(statement, cst.Assign | cst.AnnAssign):
            found[name] = statement
    return found


def assigned(module: Module, statement: cst.Assign | cst.AnnAssign, value: Value) -> Assigned:
    """An identifier's assignment with its value and its place."""
    span, spans = module.positions.of_value(statement)
    node = statement.value
    text = "" if node is None else module.text(node)
    return Assigned(value, text, span, module.positions.of_statement(statement), spans)


def header(module: Module) -> Header | None:
    """The "Revision ID:" and "Revises:" lines of the docstring, None without either."""
    text = module.tree.get_docstring(clean=False)
    if text is None:
        return None
    revision, revises = _REVISION.search(text), _REVISES.search(text)
    if revision is None and revises is None:
        return None
    start = module.positions.of_statement(_docstring_statement(module)).line
    parents: tuple[str, ...] | None = None
    if revises is not None:
        parts = re.split(r"[,\s]+", revises.group(1).strip("()[]"))
        named = tuple(part.strip("'\"") for part in parts if part.strip("'\""))
        parents = () if named in (("None",), ("<base>",)) else named
    return Header(
        None if revision is None else revision.group(1),
        _line_span(text, revision, start),
        parents,
        _line_span(text, revises, start),
    )


def _docstring_statement(module: Module) -> cst.CSTNode:
    first = module.tree.body[0]
    return first.body[0] if isinstance(first, cst.SimpleStatementLine) else first


def _line_span(text: str, match: re.Match[str] | None, start: int) -> Span:
    if match is None:
        return Span(start, 0, start, 0)
    line = start + text.count("\n", 0, match.start())
    begin = text.rfind("\n", 0, match.start(1)) + 1
    column = match.start(1) - begin
    if line == start:
        column += 3
    return Span(line, column, line, column + len(match.group(1)))


def guessed(text: str) -> dict[str, Assigned]:
    """Identifiers that a file gives away which is not read.

    Where Python parses it these are what constants are assigned to at its top level, otherwise
    plain lines, and then nothing is guessed for a name that two of them bind differently, as in a
    merge conflict. Texts and spans are those of a file that is read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _of_lines(text)
    return _of_statements(text, tree)


def _of_statements(text: str, tree: ast.Module) -> dict[str, Assigned]:
    found: dict[str, Assigned] = {}
    lines = text.split("\n")
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name in NAMES:
                parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
                found[name] = Assigned(
                    _constant(value),
                    ast.get_source_segment(text, value) or "",
                    span_of(lines, value),
                    span_of(lines, statement),
                    tuple(span_of(lines, part) for part in parts),
                )
            case _:
                pass
    return found


def _constant(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=str() | None as value):
            return value
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_constant(part) for part in parts)
        case _:
            return Unknown("it is not a constant")


def _of_lines(text: str) -> dict[str, Assigned]:
    found: dict[str, Assigned] = {}
    for match in _LINE.finditer(text):
        name, value = match.group(1), match.group("text")
        line = text.count("\n", 0, match.start()) + 1
        length = match.end("value") - match.start()
        span = Span(line, match.start("value") - match.start(), line, length)
        known: str | Unknown | None = value
        if name in found and found[name].value != value:
            known = Unknown("two lines of a file that does not parse bind it differently")
        found[name] = Assigned(known, match.group("value"), span, Span.of_line(line, length))
    return found
