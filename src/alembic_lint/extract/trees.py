"""Walking syntax trees without LibCST's visitors, which visit white space too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import libcst as cst

_LEFT_OUT = ("whitespace", "lpar", "rpar", "leading", "trailing", "comma", "semicolon", "lines_")
_OUT_OF_ORDER = {
    cst.IfExp: ("body", "test", "orelse"),
    cst.FunctionDef: ("decorators", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "bases", "keywords", "body"),
    cst.Attribute: ("value",),
}
"""Where LibCST's fields do not stand in source order, or hold what is never looked at."""


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a kind of node that can hold expressions or statements, in source order."""
    if issubclass(kind, cst.Name | cst.Integer | cst.Float | cst.BaseParenthesizableWhitespace):
        return ()
    found = tuple(name for name in kind.__dataclass_fields__ if not name.startswith(_LEFT_OUT))
    return _OUT_OF_ORDER.get(kind, found)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The children of a node that can hold expressions or statements, in source order."""
    found: list[cst.CSTNode] = []
    for field in _fields(type(node)):
        value = getattr(node, field)
        if type(value) in (tuple, list):
            found.extend(item for item in value if isinstance(item, cst.CSTNode))
        elif isinstance(value, cst.CSTNode):
            found.append(value)
    return found


def own_nodes(body: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes below a body in source order, without those of functions and classes in it."""
    stack = children(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if type(node) not in (cst.FunctionDef, cst.ClassDef, cst.Lambda):
            stack.extend(reversed(children(node)))
