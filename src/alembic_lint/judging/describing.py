"""What an operation is about, in names."""

from __future__ import annotations

import re

from alembic_lint.model import Operation, Unknown


def described(operation: Operation) -> str:
    """An operation in a few words, such as `add_column "mail" of "users"`."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(operation).__name__).lower()
    names = [name for name in (object_of(operation), table_of(operation)) if name is not None]
    return " ".join([kind, " of ".join(f'"{name}"' for name in dict.fromkeys(names))]).strip()


def table_of(operation: Operation) -> str | None:
    """The table that an operation is about; None where there is none, or it is not known."""
    return next((table for table in tables_of(operation) if isinstance(table, str)), None)


def object_of(operation: Operation) -> str | None:
    """The column, index, constraint or type that an operation is about, by its name.

    None where it is about a table or nothing that has a name, or the name is not known.
    """
    for part in ("column", "name", "index", "constraint", "enum"):
        found = getattr(operation, part, None)
        name = found if isinstance(found, str) else getattr(found, "name", None)
        if isinstance(name, str):
            return name
    return None


def tables_of(operation: Operation) -> tuple[str | Unknown, ...]:
    """The table of an operation that has one and names it."""
    table = getattr(operation, "table", None)
    return (table,) if isinstance(table, str | Unknown) else ()
