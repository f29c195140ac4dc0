"""A live database: connecting to it, for reading only, and what it holds."""

from __future__ import annotations

from alembic_lint.database.connection import DatabaseError, opened, place_of
from alembic_lint.database.reflection import reflect
from alembic_lint.database.versions import NoVersionTableError, applied_versions, schemas_of

__all__ = [
    "DatabaseError",
    "NoVersionTableError",
    "applied_versions",
    "opened",
    "place_of",
    "reflect",
    "schemas_of",
]
