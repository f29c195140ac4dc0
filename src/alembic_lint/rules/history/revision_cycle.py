"""ALM105 revision-cycle."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Cycle, History
from alembic_lint.model import Assigned, Revision
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span


@whole_history("ALM105", Severity.ERROR, after_merge=True)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """Revisions that stand on each other, so that none of them can run first.

    Alembic's own message lists every revision above and below as well, this one only the members.
    A loop that can be entered from a base and left to a head escapes Alembic: an upgrade then
    breaks one of the edges, or sorts for ever. A cycle that comes from two files with one id is
    duplicate-revision-id's.

    Source: alembic/script/revision.py, `_detect_cycles`.
    """
    del settings
    for defect in history.defects:
        if isinstance(defect, Cycle) and not defect.duplicates:
            yield _finding(history, defect)


def _finding(history: History, cycle: Cycle) -> Finding:
    inside = set(cycle.members)
    edges = history.dependencies if cycle.dependency else history.versioned
    key = next(key for key in cycle.members if not inside.isdisjoint(edges[key]))
    file = history.by_key[key]
    value = file.depends_on if cycle.dependency else file.down_revision
    wording = "depends on itself" if cycle.dependency else "is its own parent"
    others = [member for member in cycle.members if member != key]
    if others:
        names = ", ".join(f'"{name}"' for name in others[:4])
        more = f" and {len(others) - 4} more" if len(others) > 4 else ""
        wording = f"stands on itself through {names}{more}"
    remedy = (
        "drop the depends_on that points forward"
        if cycle.dependency
        else "re-point the down_revision of the one that comes first"
    )
    return Finding(
        _span(value),
        f'revision "{key}" {wording}, and no order satisfies that: Alembic refuses the whole '
        f"history, or never gets it sorted; {remedy}",
        path=file.path,
        related=tuple(
            Related(
                history.by_key[name].path,
                _parents_span(history.by_key[name]),
                "a member of the cycle",
            )
            for name in others[:5]
        ),
    )


def _parents_span(revision: Revision) -> Span:
    return _span(revision.down_revision)


def _span(assigned: Assigned | None) -> Span:
    return FILE_START if assigned is None else assigned.span
