"""ALM101 multiple-heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import Revision
from alembic_lint.rule import Confidence, Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span

_SHOWN = 6
"""Heads that one finding lists."""


@whole_history("ALM101", Severity.ERROR)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """More than one head, so that `alembic upgrade head` has no single target.

    Heads that branch labels tell apart are meant to be there: each is a target of its own
    (`label@head`), as in histories with an expand and a contract branch. So are heads of unrelated
    histories in version locations of their own. A second head that only a missing parent or a cycle
    makes is not reported: that defect is.

    Source: alembic/script/revision.py, `get_current_head` (raises MultipleHeads).
    """
    del settings
    groups: dict[tuple[frozenset[str], str], list[str]] = {}
    for key in history.tips():
        groups.setdefault(_line(history, key), []).append(key)
    for heads in groups.values():
        if len(heads) < 2:
            continue
        forks = _forks(history, heads)
        real = [key for key in heads if key in history.position or key in forks]
        for head in real[1:]:
            yield _finding(history, head, real, forks.get(head))


def _line(history: History, key: str) -> tuple[frozenset[str], str]:
    """What tells a head from those of other lines: its labels, or else where its base lies."""
    labels = history.labels[key]
    if labels:
        return labels, ""
    *_, base = history.lineage(key)
    return labels, history.location(history.by_key[base])


def _finding(history: History, head: str, heads: Sequence[str], fork: str | None) -> Finding:
    others = [key for key in heads[:_SHOWN] if key != head]
    nearest = others[0]
    start = _start(history, head, fork)
    together = f"is one of {len(heads)} heads" if len(heads) > 2 else "is a second head"
    beside = f'beside "{nearest}"' if len(heads) == 2 else f'with "{nearest}" and others'
    where = (
        "they have no ancestor in common" if fork is None else f'their branches part at "{fork}"'
    )
    message = (
        f'revision "{head}" {together} {beside} ({where}), so "alembic upgrade head" fails; '
        f"merge them, or re-point the branch that is not released yet"
    )
    doubt = next((item.path for item in history.adrift if item.revision is not None), None)
    if doubt is not None:
        message += f" (unless {doubt}, whose down_revision is not known, joins them)"
    return Finding(
        _place(history.by_key[head]),
        message,
        path=history.by_key[head].path,
        help=f'alembic merge -m "merge heads" {_listed(heads)}\n'
        f'or, in {history.by_key[start].path}: down_revision = "{nearest}"',
        related=_related(history, others, fork),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _listed(heads: Sequence[str]) -> str:
    return "heads" if len(heads) > _SHOWN else " ".join(heads)


def _related(history: History, others: Sequence[str], fork: str | None) -> tuple[Related, ...]:
    files = [(history.by_key[key], "the other head", False) for key in others]
    if fork is not None:
        files.append((history.by_key[fork], "the branches part here", True))
    return tuple(
        Related(file.path, _place(file), message, context) for file, message, context in files
    )


def _forks(history: History, heads: Sequence[str]) -> Mapping[str, str]:
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
    forks: dict[str, str] = {}
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
            forks[head] = max(found, key=lambda key: (history.position.get(key, -1), key))
    return forks


def _start(history: History, head: str, fork: str | None) -> str:
    """The first revision of a head's own branch."""
    start = head
    for key in history.lineage(head):
        if key == fork:
            break
        start = key
    return start


def _place(revision: Revision) -> Span:
    return FILE_START if revision.revision is None else revision.revision.span
