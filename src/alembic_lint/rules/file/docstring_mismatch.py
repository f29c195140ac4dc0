"""ALM206 docstring-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM206", Severity.WARNING)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A docstring whose "Revision ID:" or "Revises:" differs from the variables.

    Alembic writes both once, from one source, and reads only the variables afterwards: a file
    that was re-pointed or copied keeps a header that misleads its reader. The order of several
    parents does not matter.

    Source: alembic/templates/generic/script.py.mako.
    """
    header = revision.header
    if revision.problem is not None or header is None:
        return
    if revision.id is not None and header.revision is not None and header.revision != revision.id:
        yield Finding(
            header.revision_span,
            f'the docstring calls this revision "{header.revision}", but Alembic reads '
            f'revision = "{revision.id}"; correct the docstring',
        )
    parents = _parents(revision.down_revision)
    if parents is None or header.revises is None:
        return
    claimed = tuple(name for name in header.revises if name.strip("<>") not in ("None", "base"))
    if set(claimed) != set(parents):
        yield Finding(
            header.revises_span,
            f"the docstring says that this revises {_listed(claimed)}, but Alembic reads "
            f"down_revision = {_listed(parents)}; correct the docstring",
        )


def _parents(assigned: Assigned | None) -> tuple[str, ...] | None:
    """The ids of down_revision, empty for a base; None where not all of them are known."""
    match assigned:
        case Assigned(value=None):
            return ()
        case Assigned(value=str(value)):
            return (value,) if value else ()
        case Assigned(value=tuple(values)):
            known = tuple(value for value in values if isinstance(value, str))
            return known if len(known) == len(values) else None
        case _:
            return None


def _listed(ids: tuple[str, ...]) -> str:
    """The ids for a message."""
    return ", ".join(f'"{name}"' for name in ids) or "nothing"
