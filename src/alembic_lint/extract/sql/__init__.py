"""SQL text, as `op.execute` gets it, turned into statements and the operations they amount to."""

from __future__ import annotations

from alembic_lint.extract.sql.catalogue import (
    CatalogueQuery,
    catalogue_condition,
    catalogue_query,
)
from alembic_lint.extract.sql.marks import UNKNOWN_MARK, has_mark, known, marked
from alembic_lint.extract.sql.reading import read_sql
from alembic_lint.extract.sql.types import type_family

__all__ = [
    "UNKNOWN_MARK",
    "CatalogueQuery",
    "catalogue_condition",
    "catalogue_query",
    "has_mark",
    "known",
    "marked",
    "read_sql",
    "type_family",
]
