"""ALM103 unknown-down-revision."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History, Meanings, UnknownParent
from alembic_lint.rule import Confidence, Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START


@whole_history("ALM103", Severity.ERROR, after_merge=True)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A parent that no file defines: every Alembic command then ends in a bare KeyError.

    Only the full id counts in `down_revision`: no beginning of an id, no branch label, no file
    name. Where the id of another file is not known, that file may be the parent: then the finding
    is only possible. Ids of another package belong in the setting `external-revisions`.

    Source: alembic/script/revision.py, `RevisionMap._revision_map`.
    """
    del settings
    meanings = Meanings(history)
    for defect in history.defects:
        if isinstance(defect, UnknownParent):
            yield _finding(history, meanings, defect)


def _finding(history: History, meanings: Meanings, defect: UnknownParent) -> Finding:
    name = f'revision "{history.key(defect.revision)}"'
    lacks = f'{name} hangs below "{defect.parent}", which no file defines'
    effect = "so every Alembic command fails with KeyError"
    help_: str | None = None
    related: tuple[Related, ...] = ()
    guess = meanings.find(defect.parent)
    if defect.label is not None:
        target = history.key(defect.label)
        lacks = f'{name} names the branch label "{defect.parent}" as its parent'
        remedy = f'write the id "{target}"'
        help_ = f'down_revision = "{target}"'
    elif not defect.parent:
        lacks = f"{name} has an empty string for its parent, which Alembic looks up as an id"
        remedy = "write None for a base"
        help_ = "down_revision = None"
    elif guess is None:
        remedy = (
            "restore its file, re-point this one, or list the id in external-revisions "
            "if another package defines it"
        )
    elif guess.retired:
        lacks = f'{name} hangs below "{defect.parent}", {guess.how} ({guess.revision.path})'
        remedy = "rename that file back to .py, or re-point this one"
    else:
        target = history.key(guess.revision)
        lacks = f'{name} hangs below "{defect.parent}", which is {guess.how}'
        if guess.alike:
            lacks = f'{name} hangs below "{defect.parent}", which no file defines'
        remedy = f'"{target}" is probably meant' if guess.alike else f'write "{target}"'
        help_ = f'down_revision = "{target}"'
    if guess is not None and defect.label is None:
        span = FILE_START if guess.revision.revision is None else guess.revision.revision.span
        related = (Related(guess.revision.path, span, f'the id is "{guess.revision.id}"'),)
    message = f"{lacks}, {effect}; {remedy}"
    if defect.nameless:
        message += f" (unless {defect.nameless[0].path}, whose id is not known, defines it)"
    return Finding(
        defect.span,
        message,
        path=defect.revision.path,
        help=help_,
        related=related,
        confidence=Confidence.POSSIBLE if defect.nameless else Confidence.CERTAIN,
    )
