"""ALM202 invalid-revision-id."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Revision, Unknown
from alembic_lint.rule import Finding, Severity, each_revision

_REFUSED = "@-+:"
_SYMBOLS = ("head", "heads", "base")


@each_revision("ALM202", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A revision id that Alembic refuses, or can never find again.

    `@ - + :` belong to Alembic's notation for branches and relative steps; `head`, `heads` and
    `base` are looked up as symbols before any id is. A quote ends the string in the statement
    that records the id, because Alembic writes it as a literal.

    Source: alembic/script/revision.py, `Revision.verify_rev_id` and `_resolve_revision_number`;
    alembic/runtime/migration.py, `HeadMaintainer`.
    """
    match revision.revision:
        case None | Assigned(value=Unknown()):
            return
        case Assigned(value=str(identifier), span=span):
            refusal = _refusal(identifier)
            if refusal is not None:
                yield Finding(span, f"{refusal}; use letters, digits and underscores")
        case Assigned(text=text, span=span):
            yield Finding(
                span,
                f"revision id {text} is not a string, so Alembic cannot load the history; "
                "put quotes around it",
            )


def _refusal(identifier: str) -> str | None:
    """Why Alembic cannot use this id, or None."""
    refused = [character for character in _REFUSED if character in identifier]
    if not identifier:
        return "the revision id is empty, so no command can name this revision"
    if identifier in _SYMBOLS:
        return (
            f'revision id "{identifier}" is a word of Alembic\'s own, so commands that look '
            "this revision up find another one"
        )
    if refused:
        characters = ", ".join(f'"{character}"' for character in refused)
        return f'revision id "{identifier}" holds {characters}, so Alembic refuses to load it'
    if "'" in identifier:
        return (
            f'revision id "{identifier}" holds a quote, which breaks the statement that '
            "records it in alembic_version"
        )
    return None
