"""The rule cards: what a rule flags and why, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_TITLE = re.compile(r"# (?P<name>[a-z0-9-]+) \((?P<code>ALM\d{3})\)\n")
_FILE_NAME = re.compile(r"ALM\d{3}-[a-z0-9-]+\.md")


class CardError(Exception):
    """A card that is not written as cards are."""


@dataclass(frozen=True, slots=True)
class Card:
    """One card: the rule's code and name, and the whole text with its title."""

    code: str
    name: str
    text: str

    @property
    def file_name(self) -> str:
        """What the card's file is called."""
        return f"{self.code}-{self.name}.md"

    @property
    def introduction(self) -> str:
        """What stands between the title and the first section, a paragraph on one line each."""
        before, _, _ = self.text.partition("\n## ")
        paragraphs = before.split("\n\n")[1:]
        return "\n\n".join(" ".join(part.split()) for part in paragraphs if part.strip())


@cache
def load() -> tuple[Card, ...]:
    """All cards, sorted by code.

    Raises:
        CardError: a card without its title line, or whose title and file name disagree.
    """
    found = (item for item in _directory().iterdir() if _FILE_NAME.fullmatch(item.name))
    return tuple(
        read(item.name, item.read_text("utf-8")) for item in sorted(found, key=lambda f: f.name)
    )


def read(file_name: str, text: str) -> Card:
    """The card with this text.

    Raises:
        CardError: as `load`.
    """
    title = _TITLE.match(text)
    if title is None:
        raise CardError(f"{file_name}: the first line is not '# name (CODE)'")
    card = Card(title["code"], title["name"], text)
    if card.file_name != file_name:
        raise CardError(f"{file_name}: the title belongs to {card.file_name}")
    return card


def find(wanted: str, cards: Sequence[Card]) -> Card | None:
    """The card of a rule, by its code or its name, in any letter case."""
    word = wanted.casefold()
    return next((c for c in cards if word in (c.code.casefold(), c.name.casefold())), None)


def _directory() -> Traversable:
    """Where the cards lie: inside the installed package, in a checkout beside `src`."""
    package = files("alembic_lint")
    installed = package / "_cards"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "rules"
