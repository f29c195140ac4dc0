"""Alembic's own table: which revisions a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


class NoVersionTableError(Exception):
    """The database has no version table, so Alembic has not been run on it."""


def applied_versions(connection: Connection, table: str, schema: str | None) -> tuple[str, ...]:
    """The rows of the version table, sorted: the heads of what is applied.

    Args:
        connection: to the database.
        table: the name of the version table.
        schema: the schema that it is in; None: the connection's own.

    Raises:
        NoVersionTableError: there is no such table.
    """
    import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)

    if not sa.inspect(connection).has_table(table, schema):
        raise NoVersionTableError(table if schema is None else f"{schema}.{table}")
    versions = sa.table(table, sa.column("version_num"), schema=schema)
    rows = connection.execute(sa.select(versions.c.version_num))
    return tuple(sorted(str(row[0]) for row in rows))
