"""The database at any point of a history, as far as the history tells."""

from __future__ import annotations

from alembic_lint.schema.changes import after, reached
from alembic_lint.schema.comparing import compare, compare_tables
from alembic_lint.schema.enums import enums_of
from alembic_lint.schema.joining import join
from alembic_lint.schema.naming import Conventions, final_name
from alembic_lint.schema.objects import (
    Column,
    Constraint,
    EnumType,
    Index,
    Table,
    View,
)
from alembic_lint.schema.references import (
    Reference,
    has_condition,
    is_unique_target,
    key_columns_of,
    references_made,
    references_of,
    references_to,
)
from alembic_lint.schema.refusing import refused
from alembic_lint.schema.schema import Schema, Starts
from alembic_lint.schema.starts import made_by
from alembic_lint.schema.supposing import holds, supposing
from alembic_lint.schema.types import Family, family, same_type
from alembic_lint.schema.unsupported import only_postgresql, unsupported
from alembic_lint.schema.values import Origin, Part, Presence, TableKey
from alembic_lint.schema.verdicts import Comparison, Verdict

__all__ = [
    "Column",
    "Comparison",
    "Constraint",
    "Conventions",
    "EnumType",
    "Family",
    "Index",
    "Origin",
    "Part",
    "Presence",
    "Reference",
    "Schema",
    "Starts",
    "Table",
    "TableKey",
    "Verdict",
    "View",
    "after",
    "compare",
    "compare_tables",
    "enums_of",
    "family",
    "final_name",
    "has_condition",
    "holds",
    "is_unique_target",
    "join",
    "key_columns_of",
    "made_by",
    "only_postgresql",
    "reached",
    "references_made",
    "references_of",
    "references_to",
    "refused",
    "same_type",
    "supposing",
    "unsupported",
]
