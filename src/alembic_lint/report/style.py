"""How text looks on a terminal: colours, widths, and characters that must not get there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from alembic_lint.rule import Severity

TAB = 4  # columns

_SEVERITY = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}


@dataclass(frozen=True, slots=True)
class Style:
    """Colours, or none of them."""

    colour: bool = False

    def severity(self, text: str, severity: Severity) -> str:
        """In the colour of a severity."""
        return self._paint(text, _SEVERITY[severity])

    def strong(self, text: str) -> str:
        """Bold."""
        return self._paint(text, "1")

    def frame(self, text: str) -> str:
        """The frame around an excerpt."""
        return self._paint(text, "1;34")

    def aside(self, text: str) -> str:
        """A related place."""
        return self._paint(text, "34")

    def good(self, text: str) -> str:
        """What went well."""
        return self._paint(text, "1;32")

    def _paint(self, text: str, codes: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colour and text else text


def printable(text: str) -> str:
    """The text with control characters escaped, so that a file cannot steer the terminal."""
    return "".join(_visible(character) for character in text)


def expand(line: str) -> str:
    """A line of source as it is printed: tabs as spaces, control characters escaped."""
    columns = 0
    parts = []
    for character in line:
        shown = " " * (TAB - columns % TAB) if character == "\t" else _visible(character)
        parts.append(shown)
        columns += width(shown)
    return "".join(parts)


def width(text: str) -> int:
    """How many columns a terminal needs for printable text."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _visible(character: str) -> str:
    code = ord(character)
    if code < 32 or 127 <= code < 160:
        return f"\\x{code:02x}"
    # Lone surrogates cannot be written; bidirectional controls make text read as something else.
    if 0xD800 <= code <= 0xDFFF or character in "\u2028\u2029" or _turns(code):
        return f"\\u{code:04x}"
    return character


def _turns(code: int) -> bool:
    return 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
