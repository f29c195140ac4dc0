"""Whether a database numbers the rows by a column: SERIAL, or AUTO_INCREMENT."""

from __future__ import annotations

from alembic_lint import model
from alembic_lint.model import Flag, Unknown
from alembic_lint.schema.types import family

_NUMBERING = frozenset({"postgresql", "mysql", "mariadb"})
"""Databases on which SQLAlchemy writes it; SQLite does so by itself."""

WHOLE = frozenset({"integer", "bigint", "smallint"})
"""The families of types that it may be written for."""


def is_serial(type_: model.Type | None) -> bool:
    """Whether a type is PostgreSQL's SERIAL or one of its like."""
    return isinstance(type_, model.ColumnType) and type_.name.lower() in {
        "serial",
        "bigserial",
        "smallserial",
    }


def numbered(
    written: model.Column,
    database: str,
    *,
    sql: bool,
    in_key: bool | None,
    alone: bool = True,
    referring: bool = False,
) -> Flag:
    """Whether the database numbers the rows of a new table, or of an old one, by a new column.

    Args:
        written: the column.
        database: SQLAlchemy's name of the database.
        sql: whether it is written in SQL, not with SQLAlchemy.
        in_key: whether it is in the primary key that stands beside it; None: not known.
        alone: whether it is all of that key.
        referring: whether a foreign key that stands beside it is on it.

    Source: sqlalchemy/sql/schema.py, `PrimaryKeyConstraint._autoincrement_column`;
    sqlalchemy/dialects/postgresql/base.py, `PGDDLCompiler.get_column_specification`.
    """
    if sql:
        return is_serial(written.type) or written.autoincrement is True
    asked = written.autoincrement
    if database not in _NUMBERING or asked is False or in_key is False or written.sequence:
        return False
    if written.default and (database == "postgresql" or asked is not True):
        return False
    identity = isinstance(written.server_default, model.Identity)
    if identity and database == "postgresql":
        return False
    if asked in {"auto", "ignore_fk"}:
        given = written.server_default is not None and not identity
        if not alone or given or (referring and asked == "auto"):
            return False
    kind = None if written.type is None else family(written.type, database)
    if kind is not None and kind[0] not in WHOLE:
        return asked is True
    if kind is None or in_key is None or isinstance(asked, Unknown):
        return Unknown("whether it counts up is not known")
    return True
