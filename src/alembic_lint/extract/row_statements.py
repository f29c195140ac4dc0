"""Whether what a connection is to execute is certainly a statement about rows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import lru_cache

import libcst as cst

from alembic_lint.extract.bodies import Body
from alembic_lint.extract.operators import unescaped
from alembic_lint.extract.sql import read_sql
from alembic_lint.extract.sql.marks import UNKNOWN_MARK
from alembic_lint.model import Call, Context, Direction
from alembic_lint.source import Span

Dotted = Callable[[cst.BaseExpression, Body], str | None]
"""Gives the dotted name of what is imported."""

_MAKERS = frozenset({"delete", "except_", "insert", "intersect", "select", "union", "union_all"})
_OF_TABLES = frozenset({"delete", "insert", "select", "update"})
_VERBS = frozenset({"DELETE", "INSERT", "MERGE", "SELECT", "SET", "UPDATE", "WITH"})
_DEPTH = 30
"""Expressions within expressions."""


def is_one(node: cst.BaseExpression, body: Body, dotted: Dotted) -> bool:
    """Whether an expression is such a statement, or the text of one or more."""
    return _Look(body, dotted).statement(node, 0)


class _Look:
    def __init__(self, body: Body, dotted: Dotted) -> None:
        self.body, self.dotted = body, dotted
        self.pending: set[str] = set()

    def statement(self, node: cst.BaseExpression | None, depth: int) -> bool:
        if node is None or depth > _DEPTH:
            return False
        match node:
            case cst.Name(value=name):
                return self._name(name, depth)
            case cst.IfExp(body=then, orelse=other):
                return self.statement(then, depth + 1) and self.statement(other, depth + 1)
            case cst.Call(func=func, args=args):
                return self._call(func, args, depth)
            case _:
                text = _text(node, depth)
                return text is not None and _about_rows(text)

    def _name(self, name: str, depth: int) -> bool:
        """All that the name is ever given is one."""
        if name in self.body.parameters:
            return False
        if name in self.pending:
            return True  # what it is made into: the other values decide
        self.pending.add(name)
        try:
            if name in self.body.given:
                return all(self.statement(value, depth + 1) for value in self.body.given[name])
            match self.body.module.definitions.get(name):
                case cst.Assign(value=value) | cst.AnnAssign(value=value):
                    return self.statement(value, depth + 1)
                case _:
                    return False
        finally:
            self.pending.discard(name)

    def _call(self, func: cst.BaseExpression, args: Sequence[cst.Arg], depth: int) -> bool:
        found = self.dotted(func, self.body)
        if found is not None and found.startswith("sqlalchemy."):
            last = found.rpartition(".")[2]
            if last == "text":
                return bool(args) and self.statement(args[0].value, depth + 1)
            return last in _MAKERS or last == "update"
        match func:
            case cst.Attribute(value=owner, attr=attr) if attr.value in _OF_TABLES and not args:
                return True
            case (
                cst.Attribute(value=cst.SimpleString())
                | cst.Attribute(value=cst.ConcatenatedString())
            ):
                text = _text(cst.Call(func, args), depth)
                return text is not None and _about_rows(text)
            case cst.Attribute(value=owner):
                # What a statement is made into by its own methods stays one.
                return isinstance(owner, cst.Call | cst.Name) and self.statement(owner, depth + 1)
            case _:
                return False


def _text(node: cst.BaseExpression, depth: int) -> str | None:
    """The text of an expression, with a mark for each part that is not known."""
    if depth > _DEPTH:
        return None
    match node:
        case cst.SimpleString(value=literal):
            try:
                value = ast.literal_eval(literal)
            except (SyntaxError, ValueError):
                return None
            return value if isinstance(value, str) else None
        case cst.ConcatenatedString(left=left, right=right):
            return _joined(left, right, depth)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=right):
            first = _text(left, depth + 1)
            return None if first is None else first + (_text(right, depth + 1) or UNKNOWN_MARK)
        case cst.FormattedString(parts=parts):
            raw = "r" in node.prefix.lower()
            return "".join(
                unescaped(part.value, raw=raw)
                if isinstance(part, cst.FormattedStringText)
                else UNKNOWN_MARK
                for part in parts
            )
        case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="format"))):
            text = _text(owner, depth + 1)
            return None if text is None else _formatted(text)
        case _:
            return None


def _joined(left: cst.BaseExpression, right: cst.BaseExpression, depth: int) -> str | None:
    first, second = _text(left, depth + 1), _text(right, depth + 1)
    return None if first is None or second is None else first + second


def _formatted(text: str) -> str | None:
    """A text with a mark in place of each pair of braces."""
    found: list[str] = []
    for place, part in enumerate(text.replace("{{", "\0").split("{")):
        _, closed, rest = part.partition("}")
        if place and not closed:
            return None
        found.append(f"{UNKNOWN_MARK}{rest}" if place else part)
    return "".join(found).replace("\0", "{").replace("}}", "}")


@lru_cache(maxsize=256)
def _about_rows(text: str) -> bool:
    """Whether each of its statements, in all the languages it is read in, is about rows."""
    statements, operations = read_sql(
        text,
        dialects=None,
        span=Span(1, 0, 1, 0),
        call=Call("", ()),
        direction=Direction.MODULE,
        context=Context(),
    )
    return (
        bool(statements)
        and not operations
        and all(item.complete and item.kind.split()[0] in _VERBS for item in statements)
    )
