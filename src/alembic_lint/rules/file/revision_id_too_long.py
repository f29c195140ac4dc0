"""ALM201 revision-id-too-long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Assigned, Revision
from alembic_lint.rule import Finding, Severity, each_revision

_FILLERS = ("the", "and", "to", "create", "add", "update", "table", "tables", "column", "columns")


@each_revision("ALM201", Severity.ERROR)
def check(revision: Revision, settings: Settings) -> Iterator[Finding]:
    """A revision id longer than the column that records it.

    `alembic_version.version_num` is a VARCHAR(32) unless a project changes it. PostgreSQL, MySQL
    and SQL Server refuse a longer value after the revision's operations have run; SQLite does
    not look at the length.

    Source: alembic/ddl/impl.py, `DefaultImpl.version_table_impl`.
    """
    limit = settings.version_width
    match revision.revision:
        case Assigned(value=str(identifier), span=span) if len(identifier) > limit:
            pass
        case _:
            return
    only_sqlite = settings.dialects is not None and set(settings.dialects) <= {"sqlite"}
    effect = (
        "SQLite stores it, any other database refuses it"
        if only_sqlite
        else "the database refuses to record it and the upgrade fails"
    )
    yield Finding(
        span,
        f'revision id "{identifier}" has {len(identifier)} characters and '
        f"alembic_version.version_num holds {limit}: {effect}; "
        f'shorten it, for example to "{shorter(identifier, limit)}"',
        help=(
            "change it here and in every down_revision and depends_on that names it, "
            "before any database is stamped with it"
        ),
        severity=Severity.WARNING if only_sqlite else None,
    )


def shorter(identifier: str, limit: int) -> str:
    """An id of at most `limit` characters that still says what the long one said.

    Words that carry little are left out first; then the end is cut, between words if possible.
    """
    words = re.split(r"[^0-9A-Za-z]+", identifier)
    for filler in _FILLERS:
        if len("_".join(words)) <= limit:
            break
        words = [word for word in words if word.lower() != filler]
    joined = "_".join(word for word in words if word)
    if len(joined) <= limit:
        return joined
    cut = joined[: limit + 1].rfind("_")
    return joined[:cut] if cut > limit // 2 else joined[:limit]
