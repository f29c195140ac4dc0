"""Whether two server defaults give the same, however they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from alembic_lint.model import Computed, Identity, ServerDefault, SqlExpression, Unknown, Value

_TYPE = r"::\s*(?:\"[^\"]*\"|[\w.])(?:[\w\s.]|\"[^\"]*\")*(?:\([\d\s,]*\))?(?:[\w\s]*)(?:\[\d*\])*"
_CAST = re.compile(_TYPE)
_QUOTED = re.compile(rf"[eEnN]?'((?:[^']|'')*)'(?:{_TYPE})?")
_WORD = re.compile(r"[^\W\d][\w-]*")
_TWICE = re.compile(r"\(\(([^()]*)\)\)")
_NOW = frozenset(
    {"now", "now()", "current_timestamp", "current_timestamp()", "localtimestamp", "getdate()"}
)
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})


class _Kind(Enum):
    LITERAL = "literal"
    NUMBER = "number"
    BOOLEAN = "boolean"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class _Given:
    """What a default amounts to; a boolean's text is "true" or "false"."""

    kind: _Kind
    text: str


def same_default(one: ServerDefault, other: ServerDefault) -> bool | None:
    """Whether two defaults give the same; None where that is not known."""
    one, other = _none_for_null(one), _none_for_null(other)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    if one == other:
        return True
    match one, other:
        case Computed() as first, Computed() as second:
            return True if _same_text(first.expression, second.expression) else None
        case (Identity() as first, Identity() as second):
            return True if _options(first) == _options(second) else None
        case (Computed() | Identity(), _) | (_, Computed() | Identity()):
            return False
        case (None, given) | (given, None):
            # A serial column has a sequence, which only the database writes as a default.
            return None if _is_sequence(given) else False
        case _:
            first_given, second_given = _given(one), _given(other)
            if first_given is None or second_given is None:
                return None
            return _same(first_given, second_given)


def plain_expression(text: str) -> str:
    """SQL without what a database adds to it: casts, outer parentheses, quotes, spaces."""
    text = _CAST.sub("", text).strip()
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
    folded = "".join(text.lower().replace('"', "").replace("`", "").split())
    while (plain := _TWICE.sub(r"(\1)", folded)) != folded:
        folded = plain
    return folded


def _none_for_null(default: ServerDefault) -> ServerDefault:
    match default:
        case SqlExpression(str(text)) if _CAST.sub("", text).strip("() ").lower() == "null":
            return None
        case _:
            return default


def _is_sequence(default: ServerDefault) -> bool:
    match default:
        case SqlExpression(str(text)):
            return "nextval(" in text.lower() or "next value for" in text.lower()
        case SqlExpression():
            return True
        case _:
            return False


def _same_text(one: str | Unknown, other: str | Unknown) -> bool:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return False
    return plain_expression(one) == plain_expression(other)


_DEFAULTS: dict[str, Value] = {"always": False, "start": 1, "increment": 1, "cycle": False}


def _options(identity: Identity) -> dict[str, Value]:
    """What of an identity is not as it would be anyhow."""
    given = dict(identity.keywords)
    ascending = given.get("increment", 1) in (1, None)
    return {
        name: value
        for name, value in given.items()
        if value is not None
        and _DEFAULTS.get(name) != value
        and not (ascending and name in {"minvalue", "maxvalue", "cache"} and _usual(name, value))
    }


def _usual(name: str, value: Value) -> bool:
    if name == "maxvalue":
        return value in {2**15 - 1, 2**31 - 1, 2**63 - 1}
    return value == 1


def _given(default: ServerDefault) -> _Given | None:
    match default:
        case str(text):
            return _Given(_Kind.LITERAL, text)
        case SqlExpression(str(text)):
            return _of_sql(text.strip())
        case _:
            return None


def _of_sql(text: str) -> _Given:
    while text.startswith("(") and _closes(text) == len(text) - 1:
        text = text[1:-1].strip()
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return _Given(_Kind.LITERAL, quoted[1].replace("''", "'"))
    bare = _CAST.sub("", text).strip("() ").lower()
    if number(bare) is not None:
        return _Given(_Kind.NUMBER, bare)
    if bare in {"true", "false"}:
        return _Given(_Kind.BOOLEAN, bare)
    found = plain_expression(text)
    return _Given(_Kind.EXPRESSION, "now" if bare in _NOW else found)


def _same(one: _Given, other: _Given) -> bool | None:
    if one.kind is other.kind and one.text == other.text:
        return True
    match one.kind, other.kind:
        case (_Kind.EXPRESSION, _) | (_, _Kind.EXPRESSION):
            return None
        case (_Kind.BOOLEAN, _) | (_, _Kind.BOOLEAN):
            first, second = _truth(one.text), _truth(other.text)
            return None if first is None or second is None else first is second
        case _:
            return _same_literals(one, other)


def _same_literals(one: _Given, other: _Given) -> bool | None:
    first, second = number(one.text), number(other.text)
    if first is not None and second is not None:
        if first != second:
            return False
        # In a column of text, 1 and 1.0 are two.
        return None if one.kind is other.kind is _Kind.LITERAL else True
    truths = _truth(one.text), _truth(other.text)
    if any(truth is not None for truth in truths):
        return None
    # What reads differently may be the same date, interval or document; plain words are not.
    plain = _WORD.fullmatch(one.text) and _WORD.fullmatch(other.text)
    return False if plain else None


def _truth(text: str) -> bool | None:
    folded = text.strip().lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def number(text: str) -> Decimal | None:
    """The number that a text stands for; None where it is none, or not finite."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _closes(text: str) -> int:
    """Where the parenthesis closes that a text begins with."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at
    return len(text)
