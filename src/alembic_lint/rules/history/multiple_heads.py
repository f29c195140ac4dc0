"""ALM101 multiple-heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging.heads import forks, place, rivals, start
from alembic_lint.rule import Confidence, Finding, Related, Severity, whole_history

_SHOWN = 6
"""Heads that one finding lists."""


@whole_history("ALM101", Severity.ERROR)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """More than one head, so that `alembic upgrade head` has no single target.

    Heads that branch labels tell apart are meant to be there: each is a target of its own
    (`label@head`), as in histories with an expand and a contract branch. So are heads of unrelated
    histories in version locations of their own. A second head that only a missing parent or a cycle
    makes is not reported: that defect is. Where the history is compared with a base, it is the new
    heads that are second ones.

    Source: alembic/script/revision.py, `get_current_head` (raises MultipleHeads).
    """
    del settings
    new = history.new or frozenset()
    for loaded in rivals(history):
        heads = sorted(loaded, key=lambda key: history.by_key[key].path in new)
        parted = forks(history, heads)
        real = [key for key in heads if key in history.position or key in parted]
        # Of heads that are new on this branch and others, the new ones are told of.
        real.sort(key=lambda key: history.by_key[key].path in (history.new or ()))
        for head in real[1:]:
            yield _finding(history, head, real, parted.get(head))


def _finding(history: History, head: str, heads: Sequence[str], fork: str | None) -> Finding:
    nearest = next(key for key in heads if key != head)
    # Where not all are listed, which ones are does not depend on the order of files.
    listed = heads if len(heads) <= _SHOWN else sorted(heads)[:_SHOWN]
    others = [key for key in listed if key != head]
    first = start(history, head, fork)
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
        place(history.by_key[head]),
        message,
        path=history.by_key[head].path,
        help=f'alembic merge -m "merge heads" {_listed(heads)}\n'
        f'or, in {history.by_key[first].path}: down_revision = "{nearest}"',
        related=_related(history, others, fork),
        mutual=True,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _listed(heads: Sequence[str]) -> str:
    return "heads" if len(heads) > _SHOWN else " ".join(heads)


def _related(history: History, others: Sequence[str], fork: str | None) -> tuple[Related, ...]:
    files = [(history.by_key[key], "the other head", False) for key in others]
    if fork is not None:
        files.append((history.by_key[fork], "the branches part here", True))
    return tuple(
        Related(file.path, place(file), message, context) for file, message, context in files
    )
