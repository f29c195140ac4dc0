"""ALM301 missing-downgrade."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import Assigned, Function, Revision
from alembic_lint.rule import Finding, Severity, whole_history
from alembic_lint.source import FILE_START, Span

_POLICY = 10
"""Revisions. A history of this many of which none has a downgrade was meant to have none."""


@whole_history("ALM301", Severity.ERROR)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A revision without a `downgrade` function.

    Alembic looks the function up when it plans a downgrade through this revision, and fails with
    an AttributeError. Where no revision of a long history has one, that is said once, at the
    newest. Under `downgrade = "optional"` that is accepted; under `"forbidden"` it is a downgrade
    with operations that is flagged.

    Source: alembic/runtime/migration.py, `RevisionStep.__init__`.
    """
    match settings.downgrade:
        case "required":
            yield from _missing(history)
        case "forbidden":
            yield from _forbidden(history)
        case _:
            return


def _missing(history: History) -> Iterator[Finding]:
    read = [item for item in history.revisions if item.problem is None and item.upgrade is not None]
    without = [item for item in read if item.downgrade is None]
    if len(without) == len(read) >= _POLICY:
        newest = history.order[-1] if history.order else without[-1]
        yield Finding(
            _place(newest),
            f"none of these {len(read)} revisions has a downgrade(), so every downgrade fails with "
            'an AttributeError; set downgrade = "optional" if they are never taken back',
            path=newest.path,
        )
        return
    for revision in history.revisions:
        if revision.problem is None and revision.downgrade is None and _is_revision(revision):
            name = f' "{revision.id}"' if revision.id is not None else ""
            yield Finding(
                _place(revision),
                f"revision{name} has no downgrade(), so every downgrade through it fails with an "
                "AttributeError; define it, or set downgrade to optional",
                path=revision.path,
            )


def _forbidden(history: History) -> Iterator[Finding]:
    for revision in history.revisions:
        match revision.downgrade:
            case Function(name_span=span, operations=(_, *_)):
                yield Finding(
                    span,
                    "downgrade() changes the database, which the setting downgrade = "
                    '"forbidden" rules out; delete it, or let it raise',
                    path=revision.path,
                )
            case _:
                pass


def _is_revision(revision: Revision) -> bool:
    return isinstance(revision.upgrade, Function) or revision.revision is not None


def _place(revision: Revision) -> Span:
    match revision:
        case Revision(upgrade=Function(name_span=span)) | Revision(revision=Assigned(span=span)):
            return span
        case _:
            return FILE_START
