"""ALM205 missing-upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM205", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A revision without an `upgrade` function.

    Alembic looks the function up when it plans an upgrade through this revision, and fails
    with an AttributeError.

    Source: alembic/runtime/migration.py, `RevisionStep.__init__`.
    """
    if revision.problem is None and revision.upgrade is None and revision.revision is not None:
        yield Finding(
            revision.revision.span,
            f"revision {revision.revision.text} defines no upgrade(), so every upgrade "
            "through it fails; define it, with pass if it has nothing to do",
        )
