"""The database schema as a history leaves it: immutable, and honest about what is not known.

So far it follows which tables exist. Every change gives a new Schema that shares what it did not
touch, so that the state at each operation can be kept.
"""

from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import (
    EVERYWHERE,
    Assumption,
    Dialects,
    Origin,
    Presence,
    Table,
    TableKey,
)

__all__ = [
    "EVERYWHERE",
    "Assumption",
    "Dialects",
    "Origin",
    "Presence",
    "Schema",
    "Table",
    "TableKey",
]
