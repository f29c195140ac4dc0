"""How text looks on a terminal: colours, widths, lines of source."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from alembic_lint.rule import Severity
from alembic_lint.wording import visible

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


def expand(line: str) -> str:
    """A line of source as it is printed: tabs as spaces, control characters escaped."""
    columns = 0
    parts = []
    for character in line:
        shown = " " * (TAB - columns % TAB) if character == "\t" else visible(character)
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
