"""Suppression comments: which rules they name, and the lines that they hold for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from alembic_lint.extract.logical_lines import Comment, LogicalLines, logical_lines
from alembic_lint.model import Lines, Selector, Suppression, SuppressionKind
from alembic_lint.source import Span
from alembic_lint.wording import near

_START = re.compile(r"#\s*(?=[a-z][\w-]*\s*:|noqa\b|nosec\b|alembic-lint\b)", re.IGNORECASE)
"""Where a comment for a tool begins; one comment may hold several."""

_OWN = re.compile(r"#\s*alembic-lint\b(?P<colon>\s*:)?\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_NOQA = re.compile(
    r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+\b)*)(?P<reason>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(r"\bALM[0-9]+\b", re.IGNORECASE)
_WORD = re.compile(r"[\w-]+")
_ITEM = re.compile(r"[^,]+")
_WORDS = tuple(kind.value for kind in SuppressionKind)


def suppressions(text: str, *, parsed: bool = True) -> tuple[Suppression, ...]:
    """The suppression comments of a Python text, in its order.

    Text in strings is no comment, and neither is one in the middle of another comment, as where a
    line is commented out. Of a text that does not parse (`parsed` False) only those for the whole
    file count, as far as its comments can be told.
    """
    folded = text.lower()
    if "alembic-lint" not in folded and not ("noqa" in folded and "alm" in folded):
        return ()
    lines = logical_lines(text)
    reader = _Reader(lines, text.count("\n") + 1)
    found = [item for comment in lines.comments for item in reader.read(comment)]
    if not parsed:
        return tuple(item for item in found if item.kind is SuppressionKind.FILE)
    return tuple(reader.with_ranges(found))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the comments of one text; `last` is its last line."""

    lines: LogicalLines
    last: int

    def read(self, comment: Comment) -> Iterator[Suppression]:
        """The suppressions in one comment, those of ranges as yet without their lines."""
        starts = [match.start() for match in _START.finditer(comment.text)]
        if comment.alone and starts[:1] != [0]:
            return  # a line of code that was commented out, or a remark
        for start, end in pairwise((*starts, len(comment.text))):
            text = comment.text[start:end].rstrip()
            column = comment.column + start
            span = Span(comment.line, column, comment.line, column + len(text))
            if (own := _OWN.match(text)) is not None:
                yield from self._own(own, span, comment)
            elif (shared := _NOQA.match(text)) is not None:
                yield from self._noqa(shared, span, comment)

    def _own(self, match: re.Match[str], span: Span, comment: Comment) -> Iterator[Suppression]:
        rest = match["rest"]
        word = _WORD.match(rest)
        name = "" if word is None else word[0].lower()
        if match["colon"] is None and name not in _WORDS:
            return  # prose that begins with the program's name
        if name not in _WORDS:
            said = f"there is no {name!r}; {near(name, _WORDS)}" if name else _write("ignore")
            yield Suppression(SuppressionKind.IGNORE, span, problem=said)
            return
        kind = SuppressionKind(name)
        after = rest[len(name) :].lstrip()
        problem = _misplaced(kind, comment) or _bracketed(name, after)
        if match["colon"] is None:
            problem = f"a colon is missing; write # alembic-lint: {rest}"
        if problem:
            yield Suppression(kind, span, problem=problem)
            return
        inside, _, reason = after[1:].partition("]")
        begin = span.column + match.start("rest") + len(rest) - len(after) + 1
        items = [item for item in _ITEM.finditer(inside) if item[0].strip()]
        selectors = self._selectors(kind, comment, begin, items)
        problem = "" if selectors else f"it names no rule; {_write(name)}"
        yield Suppression(kind, span, selectors, _reason(reason), problem=problem)

    def _noqa(self, match: re.Match[str], span: Span, comment: Comment) -> Iterator[Suppression]:
        """The codes of ours in a comment that may name those of several tools."""
        codes = list(_CODE.finditer(match["codes"]))
        begin = span.column + match.start("codes")
        selectors = self._selectors(SuppressionKind.IGNORE, comment, begin, codes)
        if selectors:
            reason = _reason(match["reason"])
            yield Suppression(SuppressionKind.IGNORE, span, selectors, reason, noqa=True)

    def _selectors(
        self, kind: SuppressionKind, comment: Comment, begin: int, items: Sequence[re.Match[str]]
    ) -> tuple[Selector, ...]:
        """The words that were matched in a text that begins at a column."""
        covered: Lines | None = None
        if kind is SuppressionKind.FILE:
            covered = 1, self.last
        elif kind is SuppressionKind.IGNORE:
            covered = self._statement(comment)
        found = []
        for item in items:
            text = item[0].strip()
            column = begin + item.start() + len(item[0]) - len(item[0].lstrip())
            span = Span(comment.line, column, comment.line, column + len(text))
            found.append(Selector(text, span, covered))
        return tuple(found)

    def _statement(self, comment: Comment) -> Lines | None:
        """The lines of the statement that a comment is for, and its own line."""
        lines = self.lines.lines
        if comment.within is not None:
            if comment.within >= len(lines):
                return None  # the tokenizer stopped within it
            item = lines[comment.within]
            return item.first, item.last
        index = bisect_right(lines, comment.line, key=lambda item: item.last)
        if index == len(lines):
            return None
        below = lines[index]
        if below.indent < comment.indent:
            return None
        return min(comment.line, below.first), below.last

    def with_ranges(self, found: Sequence[Suppression]) -> Iterator[Suppression]:
        """The suppressions, each that begins a range with the lines to the end of its block."""
        indents = {comment.line: comment.indent for comment in self.lines.comments}
        ends: dict[int, int] = {}
        for item in found:
            if item.kind is not SuppressionKind.DISABLE:
                yield item
                continue
            line = item.span.line
            indent = indents[line]
            if ends.get(indent, 0) < line:
                ends[indent] = self._end_of_block(line, indent)
            covered = line, ends[indent]
            selectors = tuple(replace(each, lines=covered) for each in item.selectors)
            yield replace(item, selectors=selectors)

    def _end_of_block(self, line: int, indent: int) -> int:
        """The last line of the block that a comment on a line of its own stands in."""
        lines = self.lines.lines
        start = bisect_right(lines, line, key=lambda item: item.first)
        outside = (lines[i].first - 1 for i in range(start, len(lines)) if lines[i].indent < indent)
        return next(outside, self.last)


def _misplaced(kind: SuppressionKind, comment: Comment) -> str:
    """What is wrong with the place of a comment, empty where nothing is."""
    if kind is SuppressionKind.IGNORE:
        return ""
    if not comment.alone:
        return f"{kind} needs a line of its own; for one statement, {_write('ignore')}"
    if comment.within is not None and kind is not SuppressionKind.FILE:
        return f"{kind} stands within a statement; for that one, {_write('ignore')}"
    return ""


def _bracketed(word: str, after: str) -> str:
    """What is wrong with the brackets that follow a word, empty where nothing is."""
    if not after.startswith("["):
        named = (item.strip("()[]{}<>,.:;=-\"'") for item in after.split())
        return f"rules stand in brackets; {_write(word, next(filter(None, named), ''))}"
    return "" if "]" in after else f"a closing bracket is missing; {_write(word)}"


def _write(word: str, rule: str = "") -> str:
    return f"write # alembic-lint: {word}[{rule or 'RULE'}] REASON"


def _reason(text: str) -> str:
    return text.strip(" \t\f-\u2013\u2014:;,.")
