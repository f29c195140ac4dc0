"""How wide the version table's column is, where env.py configures it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from alembic_lint.config import VERSION_WIDTH
from alembic_lint.project.files import read_bytes
from alembic_lint.source import SIZE_LIMIT, read_source

UNLIMITED = 2**31 - 1
"""Characters; stands for `Text()` and for a `String()` without a length."""

_SQL = re.compile(
    r"\bversion_num\b[\s\"'`\]]+(?:set\s+data\s+)?(?:type\s+)?"
    r"(?:(?:n?varchar2?|character\s+varying|string)\s*\(\s*(\d+)|(text)\b)",
    re.IGNORECASE,
)


def version_width(env: Path) -> int:
    """The width of `version_num` in characters; Alembic's 32 where env.py does not set it.

    Both forms count: a `Column("version_num", String(n))`, as an overridden `version_table_impl`
    returns it, and SQL that makes or alters the table. The widest one is the answer.
    """
    try:
        source = read_source(str(env), read_bytes(env, SIZE_LIMIT + 1))
    except OSError:
        return VERSION_WIDTH
    if "version_num" not in source.text:
        return VERSION_WIDTH
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return VERSION_WIDTH
    widths = [width for node in ast.walk(tree) for width in _widths(node)]
    return max(widths, default=VERSION_WIDTH)


def _widths(node: ast.AST) -> list[int]:
    match node:
        case ast.Call(args=[ast.Constant(value="version_num"), type_, *_]) if (
            _last_name(node.func) == "Column"
        ):
            width = _type_width(type_)
            return [] if width is None else [width]
        case ast.Constant(value=str(text)):
            found = [(match[1], match[2]) for match in _SQL.finditer(text)]
            return [int(digits) if digits else UNLIMITED for digits, _ in found]
        case _:
            return []


def _type_width(node: ast.expr) -> int | None:
    """The length of a type as written, None where it is not a literal."""
    arguments: list[ast.expr] = []
    if isinstance(node, ast.Call):
        arguments = [
            *node.args[:1],
            *(item.value for item in node.keywords if item.arg == "length"),
        ]
        node = node.func
    if _last_name(node) not in {"String", "Unicode", "VARCHAR", "NVARCHAR", "Text", "TEXT"}:
        return None
    match arguments:
        case []:
            return UNLIMITED
        case [ast.Constant(value=int(length)), *_]:
            return length
        case _:
            return None


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
