"""Walking syntax trees without LibCST's visitors, which visit white space too."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The children of a node that can hold expressions or statements, in source order."""
    match node:
        case cst.IfExp(test=test, body=body, orelse=orelse):
            return [body, test, orelse]
        case cst.FunctionDef(params=params, returns=returns, decorators=decorators, body=body):
            return [*decorators, params, *([returns] if returns else []), body]
        case cst.ClassDef(bases=bases, keywords=keywords, decorators=decorators, body=body):
            return [*decorators, *bases, *keywords, body]
        case cst.Attribute(value=value):
            return [value]
        case cst.Name() | cst.Integer() | cst.Float() | cst.BaseParenthesizableWhitespace():
            return []
        case _:
            found: list[cst.CSTNode] = []
            for field in node.__dataclass_fields__:
                if field.startswith(("whitespace", "lpar", "rpar", "leading", "trailing")):
                    continue
                value = getattr(node, field)
                if isinstance(value, cst.CSTNode):
                    found.append(value)
                elif isinstance(value, list | tuple):
                    found.extend(item for item in value if isinstance(item, cst.CSTNode))
            return found


def own_nodes(body: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes below a body in source order, without those of functions and classes in it."""
    stack = children(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            stack.extend(reversed(children(node)))
