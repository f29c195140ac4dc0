"""Writing suppression comments into a file, every other byte of which stays as it is."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from alembic_lint.extract.comments import suppressions
from alembic_lint.extract.logical_lines import LogicalLines, logical_lines
from alembic_lint.model import Suppression, SuppressionKind
from alembic_lint.source import FILE_START, Span

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_PRELUDE = re.compile(r"#!|[ \t\f]*#.*?coding[:=]")


class IgnoringError(Exception):
    """A file takes no comments; the message says why."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """The bytes of a file with their new comments; `comments` were added or extended."""

    data: bytes
    comments: int


def with_ignores(data: bytes, places: Sequence[tuple[Span, str]], reason: str) -> Ignored:
    """Add `# alembic-lint: ignore[NAME] REASON` at places, each with the name of a rule.

    A statement gets one comment with all its names, sorted; one that it has already is extended.
    The comment ends the first line that a rule speaks of or, where that ends within a string or
    with a backslash, the statement. What is said of a file as such, or of a line outside of
    statements, gets a `file-ignore` at its top.

    Raises:
        IgnoringError: the text does not parse, its encoding lacks a character of the reason, or
            what comes out would mean something else.
    """
    encoding, _ = _detected(data)
    text = _decoded(data, encoding)
    page = _Page(_LINE.findall(text))
    before = _parsed(page.plain)
    comments = page.add(places, reason)
    try:
        changed = page.text.encode(encoding)
    except UnicodeEncodeError as error:
        missing = error.object[error.start]
        raise IgnoringError(f"the reason has {missing!r}, which is not in {encoding}") from error
    after = _Page(_LINE.findall(page.text)).plain
    if _parsed(after) != before or not _covered(after, page, places):
        raise IgnoringError("a comment would not count, or change what the file says")
    return Ignored(changed, comments)


class _Page:
    """The lines of a text, with their ends, to which comments are added."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.inserted = 0
        """Lines at the top."""

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def plain(self) -> str:
        """The text with the line ends that `SourceFile.text` has."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n")

    def add(self, places: Sequence[tuple[Span, str]], reason: str) -> int:
        """Add comments; how many were added or extended."""
        lines = logical_lines(self.plain)
        there = suppressions(self.plain)
        whole: set[str] = set()
        statements: dict[int, tuple[int, set[str]]] = {}
        for span, name in places:
            index = None if span == FILE_START else lines.at(span.line)
            if index is None:
                whole.add(name)
                continue
            line, names = statements.get(index, (span.line, set()))
            statements[index] = min(line, span.line), names | {name}
        edits = [
            self._edit(_own(there, SuppressionKind.IGNORE, lines.lines[index].last), names, reason)
            or self._end(lines, index, line, names, reason)
            for index, (line, names) in statements.items()
        ]
        top = self._edit(_own(there, SuppressionKind.FILE, 1), whole, reason) if whole else []
        # From the end of each line, so that no edit moves another one's columns.
        for line, start, end, written in sorted(
            (e for each in [*edits, top or []] for e in each), reverse=True
        ):
            content = self.lines[line - 1]
            self.lines[line - 1] = content[:start] + written + content[end:]
        if whole and not top:
            self._insert(_comment("file-ignore", whole, reason))
        return len(edits) + bool(whole)

    def _edit(
        self, found: Suppression | None, names: set[str], reason: str
    ) -> list[tuple[int, int, int, str]]:
        """What extends a comment that is there: its line, from and to which column, the text."""
        if found is None:
            return []
        line = found.span.line
        words = sorted({item.text for item in found.selectors} | names)
        first, last = found.selectors[0].span, found.selectors[-1].span
        edits = [(line, first.column, last.end_column, ", ".join(words))]
        if reason not in found.reason:
            more = f"; {reason}" if found.reason else f" {reason}"
            edits.append((line, found.span.end_column, found.span.end_column, more))
        return edits

    def _end(
        self, lines: LogicalLines, index: int, line: int, names: set[str], reason: str
    ) -> list[tuple[int, int, int, str]]:
        """What adds a comment to a statement."""
        content = self._content(line)
        bare = not content.strip() or content.lstrip().startswith("#")
        if bare or line in lines.in_string or content.endswith("\\"):
            line = lines.lines[index].last
            content = self._content(line)
        column = len(content)
        return [(line, column, column, f"  {_comment('ignore', names, reason)}")]

    def _content(self, line: int) -> str:
        return self.lines[line - 1].rstrip("\r\n")

    def _insert(self, comment: str) -> None:
        first = self.lines[0] if self.lines else "\n"
        ending = first[len(first.rstrip("\r\n")) :] or "\n"
        at = 0
        while at < min(2, len(self.lines)) and _PRELUDE.match(self.lines[at]):
            at += 1
        if at and not self.lines[at - 1].endswith(("\r", "\n")):
            self.lines[at - 1] += ending
        self.lines.insert(at, comment + ending)
        self.inserted = 1


def _own(there: Sequence[Suppression], kind: SuppressionKind, line: int) -> Suppression | None:
    """The comment of ours that covers a line, which can be extended."""
    return next(
        (
            item
            for item in there
            if item.kind is kind and not item.noqa and item.selectors
            if (lines := item.selectors[0].lines) is not None and lines[0] <= line <= lines[1]
        ),
        None,
    )


def _comment(word: str, names: set[str], reason: str) -> str:
    return f"# alembic-lint: {word}[{', '.join(sorted(names))}] {reason}"


def _covered(text: str, page: _Page, places: Sequence[tuple[Span, str]]) -> bool:
    """Whether there is a comment now for each of the places."""
    found = {
        (item.text, line)
        for suppression in suppressions(text)
        if suppression.kind in (SuppressionKind.IGNORE, SuppressionKind.FILE)
        for item in suppression.selectors
        if item.lines is not None
        for line in range(item.lines[0], item.lines[1] + 1)
    }
    return all((name, span.line + page.inserted) in found for span, name in places)


def _detected(data: bytes) -> tuple[str, object]:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise IgnoringError(f"its text cannot be read: {error}") from error


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise IgnoringError(f"it is not {encoding}") from error
    if text.encode(encoding) != data:
        raise IgnoringError(f"its bytes are not those that {encoding} gives its text")
    return text


def _parsed(text: str) -> str:
    """What a text says to Python, without positions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise IgnoringError("it does not parse, so no comment of it counts") from error
