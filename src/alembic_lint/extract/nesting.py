"""How deeply code is nested, told before LibCST's parser sees it.

That parser is recursive in native code: code that nests too deeply ends the process, and patterns
within patterns take it twice as long with each level.
"""

from __future__ import annotations

import ast
import io
import tokenize

DEPTH_LIMIT = 400
"""Levels of nesting in what the running Python can parse."""

_PATTERN_LIMIT = 12
"""Levels of patterns within patterns."""

_RUN_LIMIT = 120
"""Levels that text can hold which the running Python cannot parse."""

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


def nested_too_deeply(tree: ast.AST) -> bool:
    """Whether code nests deeper than LibCST's parser can be trusted with."""
    stack: list[tuple[ast.AST, int, int]] = [(tree, 1, 0)]
    while stack:
        node, level, patterns = stack.pop()
        if isinstance(node, ast.pattern):
            patterns += 1
        if isinstance(node, ast.BoolOp):
            level += len(node.values)  # LibCST nests `a and b and c`
        elif isinstance(node, ast.MatchOr):
            level += len(node.patterns)
        if level > DEPTH_LIMIT or patterns > _PATTERN_LIMIT:
            return True
        stack.extend((child, level + 1, patterns) for child in ast.iter_child_nodes(node))
    return False


def may_be_nested_too_deeply(text: str) -> bool:
    """Whether text that Python cannot parse could nest too deeply.

    Between two commas each word could be a level, and so could each `elif` and each indent.
    """
    runs = [0]
    indents = chain = deepest = 0
    pattern = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            match token.type, token.string:
                case (tokenize.INDENT, _):
                    indents += 1
                case (tokenize.DEDENT, _):
                    indents -= 1
                case (tokenize.NEWLINE, _):
                    runs, pattern = [0], False
                case (tokenize.NL | tokenize.COMMENT, _):
                    pass
                case (_, "elif" | "case" as word):
                    chain += 1
                    pattern = pattern or word == "case"
                case (_, "def" | "class" | "match"):
                    chain = 0
                case (tokenize.STRING, literal):
                    runs[-1] += 1
                    deepest = max(deepest, _braces(literal))
                case (_, ","):
                    runs[-1] = 0
                case (_, bracket) if bracket in _OPEN:
                    runs.append(0)
                case (_, bracket) if bracket in _CLOSE:
                    if len(runs) > 1:
                        runs.pop()
                    runs[-1] += 1
                case _:
                    runs[-1] += 1
            if sum(runs) + len(runs) + indents + chain + deepest > _RUN_LIMIT:
                return True
            if pattern and len(runs) > _PATTERN_LIMIT:
                return True
    except (tokenize.TokenError, IndentationError, SyntaxError, RecursionError):
        return True
    return False


def _braces(text: str) -> int:
    """How deep braces nest in a string, which may be an f-string."""
    depth = deepest = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest
