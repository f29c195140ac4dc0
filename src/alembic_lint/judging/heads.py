"""Heads that stand for one and the same line of a history, and where they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic_lint.history import History
from alembic_lint.model import Revision
from alembic_lint.source import FILE_START, Span


def rivals(history: History) -> tuple[tuple[str, ...], ...]:
    """The heads of each line that has several, in load order.

    Heads that branch labels tell apart are in lines of their own, and so are those of unrelated
    histories in version locations of their own.
    """
    groups: dict[tuple[frozenset[str], str], list[str]] = {}
    for key in history.tips():
        groups.setdefault(line(history, key), []).append(key)
    return tuple(tuple(heads) for heads in groups.values() if len(heads) > 1)


def forks(history: History, heads: Sequence[str]) -> Mapping[str, str]:
    """Of each head, the nearest revision that another of these heads stands on too."""
    owners: dict[str, str] = {}
    shared: set[str] = set()
    for head in heads:
        todo = [head]
        while todo:
            key = todo.pop()
            if key in shared or owners.get(key) == head:
                continue
            if key in owners:
                shared.add(key)
            owners.setdefault(key, head)
            todo.extend(history.versioned[key])
    parted: dict[str, str] = {}
    for head in heads:
        following: list[str] = [head]
        seen: set[str] = set()
        found: list[str] = []
        while following:
            key = following.pop()
            if key in shared:
                found.append(key)
            elif key not in seen:
                seen.add(key)
                following.extend(history.versioned[key])
        if found:
            parted[head] = max(found, key=lambda key: (history.position.get(key, -1), key))
    return parted


def start(history: History, head: str, fork: str | None) -> str:
    """The first revision of a head's own branch."""
    first = head
    for key in history.lineage(head):
        if key == fork:
            break
        first = key
    return first


def place(revision: Revision) -> Span:
    """Where a file says its id."""
    return FILE_START if revision.revision is None else revision.revision.span


def line(history: History, key: str) -> tuple[frozenset[str], str]:
    """What tells a head from those of other lines: its labels, or else where its base lies."""
    labels = history.labels[key]
    if labels:
        return labels, ""
    *_, base = history.lineage(key)
    return labels, history.location(history.by_key[base])
