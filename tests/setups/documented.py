"""What docs/setups.md tells its readers to copy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "setups.md"

INSTALL = "pip install git+https://github.com/OWNER/alembic-lint@v0.1.0"
"""The one command of the page that the tests leave out: it installs what they test."""

_FENCED = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A block of the page; `file` is what it is for, "" for none, `line` where it stands."""

    language: str
    file: str
    text: str
    line: int

    @property
    def name(self) -> str:
        return f"{self.file or self.language}:{self.line}"


@cache
def snippets(*files: str) -> tuple[Snippet, ...]:
    """The blocks of the page in its order; with names, those whose file's name ends with one."""
    page = PAGE.read_text("utf-8")
    found = (
        Snippet(match[1], match[2] or "", match[3], page.count("\n", 0, match.start()) + 1)
        for match in _FENCED.finditer(page)
    )
    return tuple(item for item in found if not files or item.file.endswith(files))


def only(file: str) -> Snippet:
    """The one block for a file."""
    (snippet,) = snippets(file)
    return snippet
