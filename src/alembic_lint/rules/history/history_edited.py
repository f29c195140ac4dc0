"""ALM111 history-edited."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Branch
from alembic_lint.judging.editing import Edit, edits
from alembic_lint.model import Direction, Revision
from alembic_lint.rule import Confidence, Finding, Related, Severity, since_base
from alembic_lint.source import FILE_START

_TOLD = 3
"""Differences that one finding lists."""


@since_base("ALM111", Severity.ERROR)
def check(branch: Branch, settings: Settings) -> Iterator[Finding]:
    """A revision that the base has already does something else now.

    A database that has applied it keeps what it did; one that has not gets what it does now, and
    the two differ for ever without anything to tell. Comments, docstrings, layout and type hints
    are no difference, nor is code that is known to do the same. A downgrade runs from now on as it
    is now, everywhere, so another one is only an info.
    """
    del settings
    for before, after in branch.survivors():
        found = list(edits(before, after, branch.recoded.get(after.path, ())))
        if found:
            yield _finding(branch, before, after, found)


def _finding(branch: Branch, before: Revision, after: Revision, found: list[Edit]) -> Finding:
    grave = [item for item in found if item.direction is not Direction.DOWNGRADE]
    told = grave or found
    sure = [item for item in told if item.sure]
    listed = [item.what for item in (sure or told)]
    more = f", and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    name = before.id or before.path
    what = (
        f'revision "{name}" is on {branch.name} already, and now {"; ".join(listed[:_TOLD])}{more}'
    )
    if not grave:
        effect = "every database that goes back from it runs what stands here now"
    elif after.id != before.id:
        effect = (
            f'a database that is at "{name}" cannot be located any more; restore the id, and give '
            "what is new a file of its own"
        )
    else:
        effect = (
            "databases that have applied it will differ from new ones; restore it, and make the "
            "change in a new revision"
        )
    return Finding(
        (sure or told)[0].span,
        f"{what}; {effect}",
        path=after.path,
        related=_moved(branch, before, after),
        severity=None if grave else Severity.INFO,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
    )


def _moved(branch: Branch, before: Revision, after: Revision) -> tuple[Related, ...]:
    if before.path == after.path:
        return ()
    return (Related(before.path, FILE_START, f"where it is on {branch.name}", context=True),)
