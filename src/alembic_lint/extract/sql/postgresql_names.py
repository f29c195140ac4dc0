"""The words that PostgreSQL takes from an expression, for the name of what is made of it."""

from __future__ import annotations

from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.extract.sql.tree import Node

_OF_THEIR_KIND = {"CoalesceExpr": "coalesce", "A_ArrayExpr": "array", "RowExpr": "row"}


def index_words(elements: tuple[Node, ...], included: tuple[Node, ...]) -> tuple[str, ...] | None:
    """What stands for each element of an index in a name that PostgreSQL makes.

    None where that is not certain.

    Source: PostgreSQL, src/backend/commands/indexcmds.c, `ChooseIndexColumnNames`.
    """
    words: list[str] = []
    for element in (*elements, *included):
        inner = element.node("expr")
        word = element.text("name") if inner is None else _word(inner)
        if not word or has_mark(word):
            return None
        number, free = 0, word
        while free in words:
            number += 1
            free = f"{word}{number}"
        words.append(free)
    return tuple(words)


def _word(node: Node) -> str | None:
    """The word for an expression, None where it is not certain.

    Source: PostgreSQL, src/backend/parser/parse_target.c, `FigureIndexColname`.
    """
    match node.kind:
        case "FuncCall":
            return next(reversed(node.strings("funcname")), None)
        case "ColumnRef":
            return next(reversed(node.strings("fields")), None)
        case "CollateClause":
            inner = node.node("arg")
            return None if inner is None else _word(inner)
        case "TypeCast":
            inner = node.node("arg")
            # A column or a function counts for more than the type, anything else for less.
            known = inner is not None and inner.kind in {"FuncCall", "ColumnRef"}
            return _word(inner) if inner is not None and known else None
        case "A_Expr":
            return "nullif" if node.text("kind") == "AEXPR_NULLIF" else "expr"
        case "BoolExpr" | "NullTest" | "BooleanTest":
            return "expr"
        case kind:
            return _OF_THEIR_KIND.get(kind)
