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
        if not isinstance(defect, DuplicateLabel):
            continue
        other = defect.other
        place = other.revision if defect.is_id else other.branch_labels
        span = FILE_START if place is None else place.span
        if defect.is_id:
            own = other is defect.revision
            taken = "is its own id" if own else f"is the id of {other.path}"
            remedy = "choose another label"
        elif other is defect.revision:
            taken = "stands there twice"
            remedy = "write it once"
        else:
            taken = f'is already set by "{history.key(other)}"'
            remedy = (
                "keep it on the first revision of the branch only"
                if history.runs_before(history.key(other), history.key(defect.revision))
                else "choose another label"
            )
        yield Finding(
            defect.span,
            f'branch label "{defect.label}" {taken}, so every Alembic command fails; {remedy}',
            path=defect.revision.path,
            related=(Related(other.path, span, "the name is taken here"),),
        )
