"""The logical lines of a Python text and its comments, as Python's own tokenizer tells them."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass

_BLANK = frozenset(
    {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
)


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """A simple statement, several joined by `;`, or the header of a compound statement.

    The decorators of a definition belong to its header. Lines count from 1, `last` is inclusive;
    `indent` is that of its first line, as Python counts it.
    """

    first: int
    last: int
    indent: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`.

    `within` is the index of the logical line that it stands in or ends, None where it stands
    outside of any. `alone` tells that nothing stands before it on its line, and `indent` how far
    that is indented, as Python counts it. `column` counts from 0, in code points.
    """

    text: str
    line: int
    column: int
    within: int | None
    alone: bool
    indent: int


@dataclass(frozen=True, slots=True)
class LogicalLines:
    """What a text consists of, in its order.

    `in_string` are the lines whose end lies in a string. `complete` is False where the tokenizer
    stopped: what follows is not known.
    """

    lines: tuple[LogicalLine, ...]
    comments: tuple[Comment, ...]
    in_string: frozenset[int]
    complete: bool

    def at(self, line: int) -> int | None:
        """The index of the logical line that a line belongs to, None for one between them."""
        found = (i for i, item in enumerate(self.lines) if item.first <= line <= item.last)
        return next(found, None)


def logical_lines(text: str) -> LogicalLines:
    """Take a text apart, the line ends of which are those of `SourceFile.text`."""
    lines: list[LogicalLine] = []
    comments: list[Comment] = []
    in_string: set[int] = set()
    start: int | None = None
    decorators: int | None = None
    is_decorator = False
    opened: list[int] = []
    physical = text.split("\n")
    complete = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line, column = token.start
            name = tokenize.tok_name[token.type]
            if token.type == tokenize.COMMENT:
                alone = not physical[line - 1][:column].strip()
                within = None if start is None else len(lines)
                indent = _indent(physical[line - 1])
                comments.append(Comment(token.string, line, column, within, alone, indent))
            elif token.type == tokenize.NEWLINE:
                if start is None:
                    continue
                if is_decorator:
                    decorators = decorators or start
                else:
                    first = decorators or start
                    lines.append(LogicalLine(first, line, _indent(physical[first - 1])))
                    decorators = None
                start = None
            elif token.type not in _BLANK:
                if start is None:
                    start = line
                    is_decorator = token.string == "@"
                # Since Python 3.12 an f-string is several tokens.
                if name.endswith("STRING_START"):
                    opened.append(line)
                elif name.endswith("STRING_END") and opened:
                    in_string.update(range(opened.pop(), token.end[0]))
                elif token.type == tokenize.STRING:
                    in_string.update(range(line, token.end[0]))
    except (tokenize.TokenError, SyntaxError):
        complete = False
    return LogicalLines(tuple(lines), tuple(comments), frozenset(in_string), complete)


def _indent(line: str) -> int:
    """How far a line is indented: a tab goes to the next multiple of 8, a form feed back to 0.

    Source: CPython, Parser/tokenizer.c, `tok_get_normal_mode`.
    """
    space = line[: len(line) - len(line.lstrip(" \t\f"))].rpartition("\f")[2]
    return len(space.expandtabs(8))
