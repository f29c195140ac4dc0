"""Operations that a database cannot do, whatever is in it."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    Column,
    ColumnType,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropConstraint,
    Operation,
    RenameConstraint,
    Unknown,
    ValidateConstraint,
)

_OF_POSTGRESQL = frozenset(
    {
        "ARRAY",
        "CIDR",
        "CITEXT",
        "DATERANGE",
        "HSTORE",
        "INET",
        "INT4RANGE",
        "INT8RANGE",
        "JSONB",
        "NUMRANGE",
        "TSRANGE",
        "TSTZRANGE",
        "TSVECTOR",
    }
)
"""Types that only PostgreSQL's compiler renders."""


def unsupported(operation: Operation, database: str) -> bool:
    """Whether a database refuses an operation for what it is.

    Source: alembic/ddl/sqlite.py, `SQLiteImpl.add_constraint`, `drop_constraint`; SQLite's manual,
    "ALTER TABLE"; sqlalchemy/sql/compiler.py, `visit_drop_constraint`.
    """
    match operation:
        case DropConstraint(name=None):
            return operation.type_ != "primary" or database not in {"mysql", "mariadb"}
        case _ if database == "sqlite" and operation.context.batch is None:
            return _needs_batch(operation)
        case _:
            return False


def _needs_batch(operation: Operation) -> bool:
    match operation:
        case (
            CreateForeignKey()
            | CreateUniqueConstraint()
            | CreateCheckConstraint()
            | CreatePrimaryKey()
            | CreateExcludeConstraint()
            | DropConstraint()
            | RenameConstraint()
            | ValidateConstraint()
        ):
            return True
        case AlterColumn():
            changes = (operation.nullable, operation.type, operation.server_default)
            return any(change is not UNSET for change in changes)
        case _:
            return False


def only_postgresql(operation: Operation) -> bool:
    """Whether an operation makes a column of a type that no other database has."""
    return any(_is_postgresqls(type_) for type_ in _types(operation))


def _types(operation: Operation) -> Iterator[model.Type | None]:
    match operation:
        case CreateTable(columns=tuple(columns)):
            yield from (each.type for each in columns if isinstance(each, Column))
        case AddColumn(column=Column(type=type_)):
            yield type_
        case AlterColumn(type=ColumnType() | Unknown() as type_):
            yield type_
        case _:
            return


def _is_postgresqls(type_: model.Type | None) -> bool:
    return (
        isinstance(type_, ColumnType)
        and type_.name.upper() in _OF_POSTGRESQL
        and type_.known
        and not type_.variants
    )
