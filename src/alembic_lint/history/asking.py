"""Which revisions a word of the command line means, as Alembic takes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from alembic_lint.history.graph import History

_RELATIVE = re.compile(r"(.+)([+-]\d+)")
_SHORTEST = 4
"""Source: alembic/script/revision.py, `_revision_for_ident`: shorter ids are not completed."""


class RevisionError(Exception):
    """A word that means no revision of a history, or several."""


def asked(history: History, text: str) -> tuple[str, ...]:
    """The keys that a word means; none for `base`, several for `heads` or a list with commas.

    It may be an id or the beginning of one, `head`, `heads`, `base`, a branch label, any of these
    in a branch (`label@head`) or in the line of a revision (`ae10@head`), or steps from one
    (`head-1`, `base+3`).

    Raises:
        RevisionError: there is no such revision, or it could be several.
    """
    found = [key for part in text.split(",") for key in _one(history, part.strip())]
    return tuple(dict.fromkeys(found))


def _one(history: History, text: str) -> tuple[str, ...]:
    if text in history.by_key:
        return (text,)
    label, at, symbol = text.rpartition("@")
    branch = _branch(history, label) if at else None
    relative = _RELATIVE.fullmatch(symbol)
    if relative is not None and symbol not in history.by_key:
        return _walked(history, relative[1], int(relative[2]), branch)
    return _symbol(history, symbol, branch)


@dataclass(frozen=True, slots=True)
class _Branch:
    """What stands before an `@`, and the keys that are in it."""

    name: str
    keys: frozenset[str]


def _branch(history: History, name: str) -> _Branch:
    """The revisions of a branch label, or those below and above a revision.

    Source: alembic/script/revision.py, `RevisionMap.filter_for_lineage`.
    """
    labelled = frozenset(key for key, labels in history.labels.items() if name in labels)
    if labelled:
        return _Branch(name, labelled)
    try:
        key = _named(history, name, None)
    except RevisionError as error:
        raise RevisionError(f"there is no branch label {name!r}, and {error}") from error
    below = _reached(key, lambda item: history.versioned.get(item, ()))
    return _Branch(name, below | _reached(key, history.children))


def _reached(key: str, following: Callable[[str], tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    pending = [key]
    while pending:
        item = pending.pop()
        if item not in found:
            found.add(item)
            pending.extend(following(item))
    return frozenset(found)


def _symbol(history: History, symbol: str, branch: _Branch | None) -> tuple[str, ...]:
    match symbol:
        case "base":
            return ()
        case "heads":
            return _heads(history, branch)
        case "head":
            heads = _heads(history, branch)
            if len(heads) > 1:
                raise RevisionError(
                    f"there are several heads ({', '.join(heads)}); name one of them"
                )
            return heads
        case "":
            raise RevisionError("no revision is named")
        case _:
            return (_named(history, symbol, branch),)


def _heads(history: History, branch: _Branch | None) -> tuple[str, ...]:
    return tuple(key for key in history.tips() if _is_in(key, branch))


def _named(history: History, name: str, branch: _Branch | None) -> str:
    owner = next((key for key, item in history.by_key.items() if name in item.labels), None)
    if name in history.by_key:
        found = [name]
    elif owner is not None:
        found = [owner]
    else:
        ids = (key for key, item in history.by_key.items() if item.path != key)
        found = [
            key
            for key in ids
            if len(key) >= _SHORTEST and key.startswith(name) and _is_in(key, branch)
        ]
    if not found:
        raise RevisionError(f"there is no revision {name!r}")
    if len(found) > 1:
        listed = ", ".join(sorted(found)[:5])
        raise RevisionError(f"several revisions begin with {name!r}: {listed}")
    if branch is not None and not _is_in(found[0], branch):
        raise RevisionError(f"revision {found[0]!r} is not in the branch {branch.name!r}")
    return found[0]


def _is_in(key: str, branch: _Branch | None) -> bool:
    return branch is None or key in branch.keys


def _walked(history: History, symbol: str, steps: int, branch: _Branch | None) -> tuple[str, ...]:
    """So many revisions above or below another."""
    keys = _symbol(history, symbol, branch)
    if len(keys) > 1:
        raise RevisionError(f"{symbol!r} is several revisions, so no steps can be counted from it")
    key = keys[0] if keys else None
    for _ in range(abs(steps)):
        if steps < 0:
            if key is None:
                raise RevisionError(f"there are fewer revisions below {symbol!r}")
            below = history.versioned.get(key, ())
            key = _only(below, symbol) if below else None
        else:
            above = history.bases if key is None else history.children(key)
            above = tuple(item for item in above if _is_in(item, branch))
            if not above:
                raise RevisionError(f"there are fewer revisions above {symbol!r}")
            key = _only(above, symbol)
    return () if key is None else (key,)


def _only(keys: tuple[str, ...], symbol: str) -> str:
    if len(keys) > 1:
        listed = ", ".join(keys)
        raise RevisionError(f"the way from {symbol!r} parts, at {listed}; name the revision itself")
    return keys[0]
