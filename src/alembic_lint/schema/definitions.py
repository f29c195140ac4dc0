"""What a database makes of a column, and the keys of a table, as a revision writes them."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.model import (
    CreateTable,
    Flag,
    ServerDefault,
    Type,
    Unknown,
)
from alembic_lint.schema.enums import resolved
from alembic_lint.schema.numbering import is_serial
from alembic_lint.schema.objects import Column, Definition
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.type_checks import check_of
from alembic_lint.schema.values import Origin

NOT_GIVEN = Unknown("its type is not given")
_WITHOUT_IDENTITY = frozenset({"sqlite", "mysql", "mariadb"})


def column(
    written: model.Column,
    origin: Origin,
    schema: Schema,
    position: int,
    *,
    in_key: bool | None = False,
    serial: Flag = False,
) -> Column | None:
    """A column as it then is; None where its name is not known.

    `in_key` tells whether the primary key has it, None where that is not known; `serial` whether
    the database numbers the rows by it.
    """
    if not isinstance(written.name, str):
        return None
    return Column(
        name=written.name,
        type=resolved(_type(written), schema),
        nullable=_nullable(written, origin, schema, in_key),
        default=default_of(written.server_default, schema.database),
        comment=written.comment,
        autoincrement=written.autoincrement,
        serial=serial,
        position=position,
        since=schema.clock,
        origin=origin,
    )


def default_of(written: ServerDefault, database: str) -> ServerDefault:
    """A default as the database has it: SQLAlchemy leaves an identity out where there is none.

    Source: sqlalchemy's dialects, `supports_identity_columns`.
    """
    without = database in _WITHOUT_IDENTITY
    return None if without and isinstance(written, model.Identity) else written


def _type(written: model.Column) -> Type:
    return NOT_GIVEN if written.type is None else written.type


def _nullable(written: model.Column, origin: Origin, schema: Schema, in_key: bool | None) -> Flag:
    """Whether a column takes NULL.

    Source: sqlalchemy/sql/schema.py, `Column.__init__` and `PrimaryKeyConstraint._set_parent`: a
    key's columns, and those with an identity, are NOT NULL unless they say otherwise. Every
    database but SQLite has a key's columns NOT NULL whatever is said.
    """
    key = True if written.primary_key is True else in_key
    if isinstance(written.primary_key, Unknown):
        key = None
    lite = schema.database == "sqlite"
    if key and not lite:
        return False
    if written.nullable is not None:
        return written.nullable if key is not None or lite else _either(written.nullable)
    if key is None:
        return Unknown("it may belong to the primary key")
    if key:
        return Unknown("SQLite lets a key be NULL in SQL") if origin.sql else False
    return not (isinstance(written.server_default, model.Identity) or is_serial(written.type))


def _either(nullable: Flag) -> Flag:
    return False if nullable is False else Unknown("it may belong to the primary key")


def key_columns(operation: CreateTable) -> frozenset[str] | None:
    """The columns of the primary key of a new table; None where they are not known."""
    if isinstance(operation.columns, Unknown):
        return None
    found: set[str] = set()
    for item in operation.constraints:
        match item:
            case model.PrimaryKeyConstraint(columns=tuple(columns)):
                if any(isinstance(name, Unknown) for name in columns):
                    return None
                found.update(name for name in columns if isinstance(name, str))
            case model.PrimaryKeyConstraint() | Unknown():
                return None
            case _:
                pass
    for each in operation.columns:
        match each:
            case model.Column(name=str(name), primary_key=True):
                found.add(name)
            case model.Column(primary_key=Unknown()):
                return None
            case _:
                pass
    return frozenset(found)


def of_table(operation: CreateTable, database: str) -> Iterator[Definition | model.Index | Unknown]:
    """The constraints and indexes of a new table, in the order in which they are made.

    Those that stand in its columns come before those of the table itself. PostgreSQL leaves out a
    unique constraint on the columns of another one, or of the primary key, in the same statement.

    Source: src/backend/parser/parse_utilcmd.c, `transformIndexConstraints`.
    """
    items = list(_of_table(operation, database))
    keys = [item for item in items if isinstance(item, model.PrimaryKeyConstraint)]
    # SQLAlchemy keeps the last of several primary keys.
    last = keys[-1] if keys else None
    keyed = set() if last is None else {last.columns}
    for item in items:
        match item:
            case model.ForeignKeyConstraint() if left_out(item, database):
                continue
            case model.PrimaryKeyConstraint() if item is not last:
                continue
            case model.UniqueConstraint(columns=tuple(columns)) if database == "postgresql":
                if columns in keyed:
                    continue
                keyed.add(columns)
            case _:
                pass
        yield item


def _of_table(
    operation: CreateTable, database: str
) -> Iterator[Definition | model.Index | Unknown]:
    columns = () if isinstance(operation.columns, Unknown) else operation.columns
    keyed = any(isinstance(item, model.PrimaryKeyConstraint) for item in operation.constraints)
    own = tuple(
        each.name for each in columns if isinstance(each, model.Column) and each.primary_key is True
    )
    if own and not keyed:
        yield model.PrimaryKeyConstraint(own)
    for each in columns:
        if isinstance(each, model.Column):
            yield from of_column(each, database)
        else:
            yield each
    yield from operation.constraints
    yield from operation.indexes


def left_out(item: object, database: str) -> bool:
    """Whether CREATE TABLE leaves a foreign key to a later ALTER, which Alembic does not send.

    Source: sqlalchemy/sql/compiler.py, `DDLCompiler.create_table_constraints`.
    """
    alters = database != "sqlite"
    return alters and isinstance(item, model.ForeignKeyConstraint) and item.use_alter is True


def of_column(
    written: model.Column, database: str, *, own_check: bool = True
) -> Iterator[Definition | model.Index | Unknown]:
    """The constraints and indexes that stand in a column, without a primary key.

    Without `own_check`, the check that its type may bring is left out.

    Source: sqlalchemy/sql/schema.py, `Column._set_parent`: with `index=True`, `unique=True` makes
    that index unique, and is a constraint otherwise.
    """
    yield from written.foreign_keys
    yield from written.checks
    check = check_of(written.type, written.name, database) if own_check else None
    if check is not None:
        yield check
    if isinstance(written.index, Unknown) or isinstance(written.unique, Unknown):
        yield Unknown("whether the column has an index is not known")
    elif written.index:
        yield model.Index(None, (written.name,), unique=written.unique)
    elif written.unique:
        yield model.UniqueConstraint((written.name,))
