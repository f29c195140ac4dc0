"""ALM204 dynamic-revision-identifiers."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Revision, Unknown
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM204", Severity.WARNING)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A revision id or edge that is known only by running the file.

    Alembic does run it, so the graph can differ from one machine or moment to the next; nothing
    that reads the file, such as this linter or a reviewer, can tell where the revision belongs.
    Branch labels are left alone: a shared constant for them is usual and changes no edge.

    Source: alembic/script/base.py, `Script._from_path`.
    """
    if revision.problem is not None:
        return
    identifiers = {
        "revision": revision.revision,
        "down_revision": revision.down_revision,
        "depends_on": revision.depends_on,
    }
    for name, assigned in identifiers.items():
        if assigned is not None and _is_dynamic(assigned):
            yield Finding(
                assigned.span,
                f"{name} is computed ({assigned.text}), so the place of this revision in the "
                "history is known only by running the file; write it as a string literal",
            )


def _is_dynamic(assigned: Assigned) -> bool:
    """Whether the value, or an element of it, is Unknown."""
    match assigned.value:
        case Unknown():
            return True
        case tuple(values):
            return any(isinstance(value, Unknown) for value in values)
        case _:
            return False
