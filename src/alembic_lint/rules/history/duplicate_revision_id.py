"""ALM104 duplicate-revision-id."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Cycle, DuplicateId, History
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span


@whole_history("ALM104", Severity.ERROR)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """One revision id in several files, of which Alembic ever runs only the last one loaded.

    Alembic warns and goes on: the operations of the other files never reach any database, the id
    is counted as a head a second time, and where the files have different parents the graph may
    close to a "cycle" that is in no file.

    Source: alembic/script/revision.py, `RevisionMap._revision_map`.
    """
    del settings
    looped = {
        key for defect in history.defects if isinstance(defect, Cycle) for key in defect.duplicates
    }
    for defect in history.defects:
        if not isinstance(defect, DuplicateId):
            continue
        first, *others = defect.revisions
        last = defect.revisions[-1]
        for file in others:
            message = (
                f'revision id "{defect.id}" is also that of {first.path}; Alembic runs only the '
                f"file it loads last ({last.path}) and never the other"
            )
            if defect.id in looped:
                message += ', and it reports a "cycle" that comes from this alone'
            yield Finding(
                _place(file),
                f"{message}; give one of them an id of its own",
                path=file.path,
                help="a new id: python -c 'import uuid; print(uuid.uuid4().hex[-12:])'\n"
                "revisions that stand on the file with the new id must name it in down_revision",
                related=(Related(first.path, _place(first), "the same id"),),
            )


def _place(revision: Revision) -> Span:
    return FILE_START if revision.revision is None else revision.revision.span
