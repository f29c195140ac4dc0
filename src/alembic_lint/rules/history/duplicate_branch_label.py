"""ALM106 duplicate-branch-label."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import DuplicateLabel, History
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START


@whole_history("ALM106", Severity.ERROR, after_merge=True)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A branch label that two revisions set, or that is some revision's id.

    Labels and ids share one table of names, and Alembic refuses the history when a name is taken.
    A label holds for all later revisions of its branch: set it once, on the first.

    Source: alembic/script/revision.py, `_map_branch_labels`.
    """
    del settings
    for defect in history.defects:
        if isinstance(defect, DuplicateLabel):
            yield _finding(history, defect)


def _finding(history: History, defect: DuplicateLabel) -> Finding:
    revision, other = defect.revision, defect.other
    place = other.revision if defect.is_id else other.branch_labels
    span, other_span = defect.span, FILE_START if place is None else place.span
    what = f'branch label "{defect.label}"'
    new = history.new or frozenset()
    if turned := other.path in new and revision.path not in new:
        # Only the other one can be changed.
        revision, other, span, other_span = other, revision, other_span, span
    if turned and defect.is_id:
        what = f'revision id "{defect.label}"'
        taken = f"is a branch label of {other.path}"
        remedy = "choose another id"
    elif defect.is_id:
        taken = "is its own id" if other is revision else f"is the id of {other.path}"
        remedy = "choose another label"
    elif other is revision:
        taken = "stands there twice"
        remedy = "write it once"
    else:
        here, there = history.key(revision), history.key(other)
        taken = f'is already set by "{there}"'
        ordered = history.runs_before(there, here) or history.runs_before(here, there)
        remedy = (
            "keep it on the first revision of the branch only"
            if ordered
            else "choose another label"
        )
    return Finding(
        span,
        f"{what} {taken}, so every Alembic command fails; {remedy}",
        path=revision.path,
        related=(Related(other.path, other_span, "the name is taken here"),),
        mutual=not defect.is_id and other is not revision,
    )
