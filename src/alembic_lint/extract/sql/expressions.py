"""The columns that SQL expressions of a table name: its checks, indexes and their conditions."""

from __future__ import annotations

from functools import lru_cache

from alembic_lint.extract.sql.lexer import scan
from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.extract.sql.postgresql import parse_statement
from alembic_lint.extract.sql.postgresql_queries import indexed_columns
from alembic_lint.extract.sql.tree import Node
from alembic_lint.model import ColumnRead


def columns_in_condition(text: str, table: str) -> tuple[str, ...] | None:
    """The columns that a condition on the rows of a table names, each once.

    Names without quotes are in lower case. None where PostgreSQL's parser does not read it, or is
    not there, and where it looks at other tables.
    """
    found = _parsed(f"CREATE INDEX ON {_quoted(table)} ((1)) WHERE ({text})")
    return None if found is None else _own(indexed_columns(found), table)


def columns_in_element(text: str, table: str) -> tuple[str, ...] | None:
    """The columns that an element of an index names, which may say its order; None as above.

    An expression may stand without the parentheses that it has in SQL.
    """
    start = f"CREATE INDEX ON {_quoted(table)}"
    found = _parsed(f"{start} ({text})") or _parsed(f"{start} (({text}))")
    return None if found is None else _own(indexed_columns(found), table)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Node | None:
    return None if has_mark(text) else parse_statement(scan(text))


def _own(found: tuple[ColumnRead, ...] | None, table: str) -> tuple[str, ...] | None:
    if found is None or any(item.tables != ((None, table),) for item in found):
        return None
    return tuple(dict.fromkeys(item.name for item in found if item.name is not None))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
