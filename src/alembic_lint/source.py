"""Source text and positions in it: bytes in, text or a named problem out."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SIZE_LIMIT = 2_000_000
"""Bytes. The largest revision file seen in 10,039 real ones is a tenth of this."""

_CODING_LINE = re.compile(rb"\A(?:[^\n]*\n)?[ \t\f]*#[^\n]*coding[:=]")
_CONFLICT_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file.

    Lines count from 1; columns count from 0, in code points; the end is exclusive.
    """

    line: int
    column: int
    end_line: int
    end_column: int

    @staticmethod
    def of_line(line: int, length: int = 0) -> Span:
        """The first `length` code points of a line."""
        return Span(line, 0, line, length)


FILE_START = Span(1, 0, 1, 0)


class ProblemKind(StrEnum):
    """Why a file could not be read as Python."""

    SYNTAX = "syntax"
    CONFLICT = "merge conflict"
    ENCODING = "encoding"
    NUL = "NUL byte"
    SIZE = "size"
    UNREADABLE = "unreadable"
    DEPTH = "nesting depth"
    UNSUPPORTED = "unsupported syntax"


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a file from being analysed, and where."""

    kind: ProblemKind
    message: str
    span: Span = FILE_START


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One Python file as text.

    `path` is what the reader is shown: relative to the working directory where it lies
    below it, with `/` between its parts. `text` is empty when `problem` is set and the
    bytes could not be decoded.
    """

    path: str
    text: str
    problem: Problem | None = None

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line end; empty past the end."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""


class Modules(Protocol):
    """Where the source of a project's other modules comes from; nothing is ever imported."""

    def load(self, name: str) -> SourceFile | None:
        """The source of the module with this dotted name, or None where it is not the project's."""

    def name_of(self, path: str) -> str | None:
        """The dotted name of the module at a `SourceFile.path`, or None outside any package."""


def read_source(path: str, data: bytes) -> SourceFile:
    """Decode the bytes of a Python file as Python itself would (PEP 263).

    A file that cannot be decoded keeps its place in the result, with its problem.
    """
    if len(data) > SIZE_LIMIT:
        return SourceFile(path, "", too_large(len(data)))
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        message = f"line {line} holds a NUL byte, which Python refuses; remove it"
        return SourceFile(path, "", Problem(ProblemKind.NUL, message, Span.of_line(line)))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if _CODING_LINE.search(data):
            message = f"{error}; write a coding line that Python knows, or save the file as UTF-8"
            return SourceFile(path, "", Problem(ProblemKind.ENCODING, message))
        encoding = "utf-8"  # the first two lines are not, and nothing else is declared
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = (
            f"byte 0x{data[error.start]:02x} on line {line} is not {encoding}; "
            f"save the file as {encoding}, or name its encoding in a coding line"
        )
        return SourceFile(path, "", Problem(ProblemKind.ENCODING, message, Span.of_line(line)))
    return SourceFile(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def too_large(size: int) -> Problem:
    """The problem of a file of this many bytes, which is over the limit."""
    message = f"the file has {size:,} bytes; files over {SIZE_LIMIT:,} are not analysed"
    return Problem(ProblemKind.SIZE, message)


def conflict_line(text: str) -> int | None:
    """The first line (from 1) that is a merge-conflict marker, or None."""
    match = _CONFLICT_MARKER.search(text)
    return None if match is None else text.count("\n", 0, match.start()) + 1
