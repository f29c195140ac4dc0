"""Alembic's own table: which revisions a database has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


class NoVersionTableError(Exception):
    """No version table can be read; the message says which, and why."""


_ELSEWHERE = """
SELECT n.nspname, has_schema_privilege(n.oid, 'USAGE'), current_user
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = :table AND c.relkind IN ('r', 'p') AND n.nspname = coalesce(:schema, n.nspname)
ORDER BY 2, 1
"""


def schemas_of(connection: Connection) -> tuple[str, ...]:
    """The names of the schemas of a database, sorted."""
    import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)

    return tuple(sorted(sa.inspect(connection).get_schema_names()))


def applied_versions(connection: Connection, table: str, schema: str | None) -> tuple[str, ...]:
    """The rows of the version table, sorted: the heads of what is applied.

    Args:
        connection: to the database.
        table: the name of the version table.
        schema: the schema that it is in; None: the connection's own.

    Raises:
        NoVersionTableError: there is no such table, or the role may not see it.
    """
    import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)

    if not sa.inspect(connection).has_table(table, schema):
        raise NoVersionTableError(_reason(connection, table, schema))
    versions = sa.table(table, sa.column("version_num"), schema=schema)
    rows = connection.execute(sa.select(versions.c.version_num))
    return tuple(sorted(str(row[0]) for row in rows))


def _reason(connection: Connection, table: str, schema: str | None) -> str:
    """Why there is no such table to be seen."""
    import sqlalchemy as sa  # noqa: PLC0415  (needed by two commands alone)

    name = table if schema is None else f"{schema}.{table}"
    if connection.dialect.name == "postgresql":
        given = {"table": table, "schema": schema}
        for place, may_use, role in connection.execute(sa.text(_ELSEWHERE), given):
            if not may_use:
                return (
                    f"has {place}.{table}, which the role {role} may not see; GRANT USAGE ON "
                    f"SCHEMA {place} TO {role}"
                )
            return (
                f"has no table {name} where names without a schema stand, but {place}.{table}; "
                f"pass --version-table {place}.{table}, and --schema {place} if the other tables "
                "are there as well"
            )
    return (
        f"has no table {name}, so Alembic has not been run on it; name the table with "
        "--version-table if it is called otherwise"
    )
