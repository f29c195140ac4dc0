"""Long literals, left out of the text before LibCST's parser sees it.

LibCST takes ten times as long as Python's own parser, and a revision may carry the rows of a whole
table. A literal that holds more than a value may hold is not followed anyway, so a string stands in
its place that begins and ends where it does: no position in the file changes.
"""

from __future__ import annotations

import ast

from alembic_lint.extract.size import SIZE_LIMIT

ELIDED = "'\ufdd0"
"""How a string begins that stands in place of a literal."""

_TEXT_LIMIT = 50_000
"""Characters. Shorter text is parsed soon enough."""

_MAKES_DATA = frozenset(
    {
        "Decimal", "UUID", "bytes", "date", "datetime", "decimal", "dict", "float", "frozenset",
        "int", "json", "list", "set", "str", "time", "timedelta", "timezone", "tuple", "uuid",
    }
)  # fmt: skip
"""Names whose calls make a value and do nothing else."""

_LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict)


def without_long_literals(text: str, tree: ast.Module) -> tuple[str, ast.Module]:
    """The text with a string in place of each long list, tuple, set or dict of plain data.

    `tree` is that of the text; the one returned is that of the text returned.
    """
    literals = _long_literals(tree) if len(text) > _TEXT_LIMIT else []
    if not literals:
        return text, tree
    lines = text.split("\n")
    for node in reversed(literals):
        if node.end_lineno is None or node.end_col_offset is None:
            continue
        first = lines[node.lineno - 1].encode()[: node.col_offset].decode()
        rest = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
        # Offsets count bytes of UTF-8, and so must what fills the line.
        between, end = node.end_lineno - node.lineno, node.end_col_offset - 1
        if between:
            opening = [f"{first}{ELIDED}\\", *["\\"] * (between - 1)]
            lines[node.lineno - 1 : node.end_lineno] = [*opening, f"{' ' * end}'{rest}"]
        else:
            filling = " " * (end - node.col_offset - len(ELIDED.encode()))
            lines[node.lineno - 1] = f"{first}{ELIDED}{filling}'{rest}"
    shorter = "\n".join(lines)
    return shorter, ast.parse(shorter)


def rewritten(tree: ast.Module) -> str:
    """The text that Python writes for the tree of a text without long literals.

    Raises:
        RecursionError: it is nested too deeply.
        ValueError: a string in an f-string that cannot be written.
    """
    escaped = ast.unparse(ast.Constant(ELIDED[1:]))[:-1]
    return ast.unparse(tree).replace(escaped, ELIDED)


def _long_literals(tree: ast.Module) -> list[ast.List | ast.Tuple | ast.Set | ast.Dict]:
    """The outermost long literals, in the order of the text."""
    found: list[ast.List | ast.Tuple | ast.Set | ast.Dict] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr):
            continue  # a string in a string would end it
        target = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if isinstance(node, _LITERALS) and not target and _is_long(node):
            found.append(node)
            continue
        pending.extend(ast.iter_child_nodes(node))
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return found


def _is_long(node: ast.expr) -> bool:
    """Whether a literal holds too many values, all of them plain data."""
    count = 0
    pending: list[ast.expr | None] = [node]
    while pending:
        item = pending.pop()
        count += 1
        kind = type(item)
        if kind is ast.Constant or kind is ast.Name:
            continue
        if isinstance(item, ast.Dict):
            pending += item.keys
            pending += item.values
        elif isinstance(item, ast.List | ast.Tuple | ast.Set):
            pending += item.elts
        elif isinstance(item, ast.UnaryOp):
            pending.append(item.operand)
        elif isinstance(item, ast.Attribute):
            pending.append(item.value)
        elif isinstance(item, ast.Call) and _makes_data(item.func):
            pending += item.args
            pending += (keyword.value for keyword in item.keywords)
        elif item is not None:  # None is the key of `**`
            return False
    return count > SIZE_LIMIT


def _makes_data(function: ast.expr) -> bool:
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in _MAKES_DATA
