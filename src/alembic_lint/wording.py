"""Parts of sentences: near matches, numbers with their nouns, characters that must be escaped."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable


def printable(text: str) -> str:
    """The text with control characters escaped, so that a file cannot steer the terminal."""
    return "".join(map(visible, text))


def visible(character: str) -> str:
    """A character, or its escape where it could steer a terminal or turn the text around it."""
    code = ord(character)
    if code < 32 or 127 <= code < 160:
        return f"\\x{code:02x}"
    # Lone surrogates cannot be written; bidirectional controls make text read as something else.
    if 0xD800 <= code <= 0xDFFF or character in "\u2028\u2029" or _turns(code):
        return f"\\u{code:04x}"
    return character


def writable(text: str) -> str:
    """The text with lone surrogates escaped, which no encoding of Unicode can hold.

    They stand for the bytes of a file's name that are not UTF-8, or come from an escape in a
    string. Strict readers of JSON, such as those of Go and PostgreSQL, refuse a document with one.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def quoted(text: str) -> str:
    """The text as a TOML string, which has JSON's escapes."""
    return "".join(
        character if visible(character) == character else f"\\u{ord(character):04x}"
        for character in json.dumps(text, ensure_ascii=False)
    )


def plural(number: int, word: str, several: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {word if number == 1 else several or word + 's'}"


def lower_first(text: str) -> str:
    """The text of another program's message, as it reads within a sentence."""
    return text[:1].lower() + text[1:]


def near(word: str, valid: Iterable[str]) -> str:
    """The end of a message about an unknown word: the near match, and the valid ones."""
    valid = tuple(valid)
    match = nearest_word(word, valid)
    meant = f"did you mean {match!r}? " if match else ""
    return f"{meant}valid are: {', '.join(valid)}"


def nearest_word(word: str, valid: Iterable[str]) -> str | None:
    """The valid word that was probably meant, in whatever letter case; None where none is near."""
    folded = {item.casefold(): item for item in valid}
    matches = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[matches[0]] if matches else None


def _turns(code: int) -> bool:
    return 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or code in {0x061C, 0x200E, 0x200F}
