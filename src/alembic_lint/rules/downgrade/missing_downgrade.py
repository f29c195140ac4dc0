"""ALM301 missing-downgrade."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Function, Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM301", Severity.ERROR)
def check(revision: Revision, settings: Settings) -> Iterator[Finding]:
    """A revision without a `downgrade` function.

    Alembic looks the function up when it plans a downgrade through this revision, and fails with
    an AttributeError. Under `downgrade = "optional"` that is accepted; under `"forbidden"` it is a
    downgrade with operations that is flagged.

    Source: alembic/runtime/migration.py, `RevisionStep.__init__`.
    """
    if revision.problem is not None:
        return
    match settings.downgrade, revision:
        case "required", Revision(downgrade=None, upgrade=Function(name_span=span)):
            pass
        case "required", Revision(downgrade=None, revision=Assigned(span=span)):
            pass
        case "forbidden", Revision(downgrade=Function(name_span=span, operations=(_, *_))):
            yield Finding(
                span,
                "downgrade() changes the database, which the setting downgrade = "
                '"forbidden" rules out; delete it, or let it raise',
            )
            return
        case _:
            return
    name = f' "{revision.id}"' if revision.id is not None else ""
    yield Finding(
        span,
        f"revision{name} has no downgrade(), so every downgrade through it fails with an "
        "AttributeError; define it, or set downgrade to optional",
    )
