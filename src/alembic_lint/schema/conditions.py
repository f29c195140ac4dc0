"""Whether two conditions, of checks or of indexes, are the same, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.extract.sql.lexer import POSTGRESQL, scan
from alembic_lint.extract.sql.postgresql import parse_statement
from alembic_lint.extract.sql.tree import Node
from alembic_lint.model import MaybeName
from alembic_lint.schema.defaults import number, plain_expression

_LONGEST = 20_000
"""Characters of a condition that is parsed."""

_Tree = tuple["_Tree | str", ...]
"""A node's kind and what it is about; a constant is ("constant", its text)."""

_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = ("AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN")


def same_condition(one: MaybeName, other: MaybeName, database: str) -> bool | None:
    """Whether two conditions hold for the same rows; None where that is not known.

    PostgreSQL gives a condition back with casts and parentheses of its own, IN as = ANY, LIKE as
    ~~, and BETWEEN as two comparisons. Two that differ in a number or a word alone are two.

    Source: src/backend/utils/adt/ruleutils.c, `get_rule_expr`.
    """
    if one is None or other is None:
        return one is other
    if not isinstance(one, str) or not isinstance(other, str):
        return None
    if one.strip() == other.strip():
        return True
    try:
        first, second = _tree(one, database), _tree(other, database)
        if first is None or second is None:
            return True if plain_expression(one) == plain_expression(other) else None
        if first == second:
            return True
        return False if _differ(first, second) else None
    except RecursionError:
        return None


def _tree(text: str, database: str) -> _Tree | None:
    if len(text) > _LONGEST:
        return None
    node = parse_statement(scan(f"SELECT 1 WHERE ({text}\n)", POSTGRESQL))
    condition = None if node is None else node.node("whereClause")
    return None if condition is None else _plain(condition, folds=database != "postgresql")


def _plain(node: Node, *, folds: bool) -> _Tree:
    """A node without casts, places and qualifiers, in one of the ways to write it."""

    def plain(name: str) -> _Tree:
        inner = node.node(name)
        return () if inner is None else _plain(inner, folds=folds)

    def every(name: str) -> Iterator[_Tree]:
        return (_plain(item, folds=folds) for item in node.nodes(name))

    match node.kind:
        case "TypeCast":
            return plain("arg")
        case "A_Const":
            return "constant", _constant(node)
        case "ColumnRef":
            names = node.strings("fields")
            name = names[-1] if names else "*"
            return "column", name.lower() if folds else name
        case "BoolExpr":
            kind = node.text("boolop")
            parts: list[_Tree | str] = []
            for part in every("args"):
                # AND in AND is one AND.
                nested = part[0] == kind and kind != "NOT_EXPR"
                parts += part[1:] if nested else (part,)
            return kind, *parts
        case "List":
            return "list", *every("items")
        case "A_ArrayExpr":
            return "list", *every("elements")
        case "A_Expr":
            return _operation(node, plain("lexpr"), plain("rexpr"))
        case _:
            return node.kind, *_fields(node, folds=folds)


def _operation(node: Node, left: _Tree, right: _Tree) -> _Tree:
    kind, operator = node.text("kind"), "".join(node.strings("name"))
    if kind in {"AEXPR_LIKE", "AEXPR_ILIKE"}:
        kind = "AEXPR_OP"
    if kind in {"AEXPR_OP_ANY", "AEXPR_OP_ALL"} and operator == ("=" if "ANY" in kind else "<>"):
        kind = "AEXPR_IN"
    if kind in _BETWEEN and len(right) == 3:
        low, high = (">=", "<=") if kind == _BETWEEN[0] else ("<", ">")
        joined = "AND_EXPR" if kind == _BETWEEN[0] else "OR_EXPR"
        sides = zip((low, high), right[1:], strict=True)
        return joined, *(("AEXPR_OP", sign, left, side) for sign, side in sides)
    if kind == "AEXPR_OP" and not left and operator == "-" and right[:1] == ("constant",):
        return "constant", f"-{right[1]}"
    return kind, operator, left, right


def _constant(node: Node) -> str:
    for name, field in (("ival", "ival"), ("boolval", "boolval")):
        value = node.node(name)
        if value is not None:
            return str(value.number(field) if name == "ival" else value.flag(field)).lower()
    for name in ("fval", "sval", "bsval"):
        value = node.node(name)
        if value is not None:
            return value.text(name)
    return "null"


def _fields(node: Node, *, folds: bool) -> Iterator[_Tree]:
    for name, value in sorted(node.fields.items()):
        if name == "location":
            continue
        inner = node.node(name)
        listed = node.nodes(name)
        if inner is not None:
            yield name, _plain(inner, folds=folds)
        elif listed:
            yield name, *(_plain(item, folds=folds) for item in listed)
        elif value:
            yield name, str(value)


def _differ(one: _Tree, other: _Tree) -> bool:
    """Whether two trees of one shape have constants, one of which is certainly another value."""
    if _shape(one) != _shape(other):
        return False
    pairs = zip(_constants(one), _constants(other), strict=True)
    return any(_unlike(first, second) for first, second in pairs)


def _shape(tree: _Tree | str) -> _Tree | str:
    if isinstance(tree, str):
        return tree
    return ("constant",) if tree[:1] == ("constant",) else tuple(_shape(item) for item in tree)


def _constants(tree: _Tree | str) -> Iterator[str]:
    if isinstance(tree, str):
        return
    if tree[:1] == ("constant",):
        yield str(tree[1])
        return
    for item in tree:
        yield from _constants(item)


def _unlike(one: str, other: str) -> bool:
    """Whether two constants are two, whatever type they are of."""
    first, second = number(one), number(other)
    if first is not None and second is not None:
        return first != second
    if not one or not other:
        # An empty text is a text.
        return bool(one.strip() or other.strip())
    words = _WORD.fullmatch(one) and _WORD.fullmatch(other)
    return bool(words) and not {one.lower(), other.lower()} & _MEANING_MORE


_MEANING_MORE = frozenset(
    [
        "t",
        "true",
        "y",
        "yes",
        "on",
        "f",
        "false",
        "n",
        "no",
        "off",
        "now",
        "today",
        "tomorrow",
        "yesterday",
        "epoch",
    ]
)
"""Words that may mean the same as others."""
