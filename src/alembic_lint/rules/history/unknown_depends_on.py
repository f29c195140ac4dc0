"""ALM116 unknown-depends-on."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import EmptyDependency, History, Meanings, UnknownDependency
from alembic_lint.rule import Confidence, Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START


@whole_history("ALM116", Severity.ERROR, after_merge=True)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A depends_on that names neither a revision nor a branch label.

    Alembic looks the name up while it loads the history and ends in a bare KeyError. An empty
    string is ignored, except on a base: that one is then missing from the "real" bases, which
    Alembic reports as a dependency cycle.

    Source: alembic/script/revision.py, `_add_depends_on` and `Revision._is_real_base`.
    """
    del settings
    meanings = Meanings(history)
    for defect in history.defects:
        match defect:
            case UnknownDependency():
                yield _finding(history, meanings, defect)
            case EmptyDependency(revision, span):
                yield Finding(
                    span,
                    f'depends_on of the base "{history.key(revision)}" is an empty string, which '
                    "Alembic reports as a dependency cycle; write None",
                    path=revision.path,
                    help="depends_on = None",
                )
            case _:
                pass


def _finding(history: History, meanings: Meanings, defect: UnknownDependency) -> Finding:
    guess = meanings.find(defect.name)
    remedy = "restore its file, or list the id in external-revisions if another package defines it"
    help_: str | None = None
    related: tuple[Related, ...] = ()
    if guess is not None:
        span = FILE_START if guess.revision.revision is None else guess.revision.revision.span
        related = (Related(guess.revision.path, span, f'the id is "{guess.revision.id}"'),)
        if guess.retired:
            remedy = f"rename {guess.revision.path} back to .py, or leave the dependency out"
        else:
            remedy = f'"{history.key(guess.revision)}" is probably meant'
            help_ = f'depends_on = "{history.key(guess.revision)}"'
    message = (
        f'revision "{history.key(defect.revision)}" depends on "{defect.name}", which is neither a '
        f"revision nor a branch label, so every Alembic command fails with KeyError; {remedy}"
    )
    if defect.nameless:
        message += f" (unless {defect.nameless[0].path}, which is not fully known, defines it)"
    return Finding(
        defect.span,
        message,
        path=defect.revision.path,
        help=help_,
        related=related,
        confidence=Confidence.POSSIBLE if defect.nameless else Confidence.CERTAIN,
    )
