"""What a database makes of a column, a constraint or an index as a revision writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import (
    OF_PRIMARY_KEY,
    CreateTable,
    Flag,
    MaybeName,
    ServerDefault,
    Type,
    Unknown,
)
from alembic_lint.schema.naming import column_index_name, conventional_name, default_name
from alembic_lint.schema.numbering import is_serial
from alembic_lint.schema.objects import Column, Constraint, Definition, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.type_checks import check_of
from alembic_lint.schema.values import Origin, Presence, truncated

NOT_GIVEN = Unknown("its type is not given")
_CONVENTION = Unknown("a naming convention may name it")
_RANDOM = Unknown("the database makes up its name")
_WITHOUT_IDENTITY = frozenset({"sqlite", "mysql", "mariadb"})
_NAMELESS = frozenset({"sqlite"})
"""Databases that keep no name for a constraint that was given none."""


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
        type=_type(written),
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


def constraint(definition: Definition, origin: Origin, schema: Schema, table: Table) -> Constraint:
    """A constraint as it then is, with the name that it is given."""
    name, likely = _named(definition, origin, schema, table)
    if name is None:
        likely = _default(definition, schema, table)
        if schema.database not in _NAMELESS:
            name, likely = (_RANDOM, None) if likely is None else (likely, None)
    elif isinstance(name, Unknown) and likely is None:
        likely = _default(definition, schema, table)
    return Constraint(
        name=name,
        definition=_plain(definition, schema, table),
        likely=likely,
        position=table.next_position,
        since=schema.clock,
        origin=origin,
    )


def index(written: model.Index, origin: Origin, schema: Schema, table: Table) -> Index:
    """An index as it then is, with the name that it is given."""
    name, likely = _named(written, origin, schema, table)
    if name is None or (isinstance(name, Unknown) and likely is None):
        likely = _index_name(written, origin, schema, table)
        if name is None and likely is not None:
            name, likely = likely, None
    return Index(
        name=_CONVENTION if name is None else name,
        columns=written.columns,
        unique=written.unique,
        keywords=written.keywords,
        likely=likely,
        position=table.next_position,
        since=schema.clock,
        origin=origin,
    )


def _named(
    written: Definition | model.Index, origin: Origin, schema: Schema, table: Table
) -> tuple[MaybeName, str | None]:
    """The name that a revision and the project's naming convention give, and one that is likely.

    Where the convention is not known, that of checks may add to the name of one, as SQLAlchemy's
    manual advises; those of the others hardly ever do.
    """
    given = written.name
    conventions = {} if origin.sql else schema.starts.conventions
    if conventions is None:
        if given is None:
            return _CONVENTION, None
        added = isinstance(written, model.CheckConstraint) and not isinstance(
            given, model.FinalName
        )
        if added and isinstance(given, str):
            return _CONVENTION, truncated(given, table.limit)
    else:
        named = conventional_name(written, table.schema, table.name, conventions)
        given = given if named is None else named
    return truncated(given, table.limit) if isinstance(given, str) else given, None


def _index_name(written: model.Index, origin: Origin, schema: Schema, table: Table) -> str | None:
    match written.columns:
        case (str(first), *rest) if not origin.sql:
            del rest
            return column_index_name(table.schema, table.name, first, schema.database)
        case tuple(columns) if schema.database == "postgresql" and all(
            isinstance(item, str) for item in columns
        ):
            unique = model.UniqueConstraint(
                tuple(item for item in columns if isinstance(item, str))
            )
            found = _default(unique, schema, table)
            return None if found is None else found.removesuffix("_key") + "_idx"
        case _:
            return None


class _Taken:
    """The names that the relations of a schema and the constraints of a table have."""

    def __init__(self, schema: Schema, table: Table) -> None:
        self.schema, self.table = schema, table

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        found = self.table.constraints_by_name.get(self.table.fold(name))
        if found is not None and found.presence is not Presence.ABSENT:
            return True
        home = self.schema.home(name, self.table.schema)
        if home is None or home.presence is Presence.ABSENT:
            return False
        held = (
            home.indexes_by_name.get(home.fold(name)),
            home.constraints_by_name.get(home.fold(name)),
        )
        return any(item is not None and item.presence is not Presence.ABSENT for item in held)


def _default(definition: Definition, schema: Schema, table: Table) -> str | None:
    siblings = (
        name
        for item in table.keys
        if isinstance(name := item.name, str) or isinstance(name := item.likely, str)
    )
    return default_name(definition, table.name, schema.database, _Taken(schema, table), siblings)


def _plain(definition: Definition, schema: Schema, table: Table) -> Definition:
    """A definition without its name, which the constraint has, and without the default schema."""
    definition = replace(definition, name=None)
    if isinstance(definition, model.ForeignKeyConstraint):
        if isinstance(definition.referent_schema, str):
            place = schema.key("", definition.referent_schema)[0]
            definition = replace(definition, referent_schema=place)
        return to_primary_key(definition, schema, table)
    return definition


def to_primary_key(definition: Definition, schema: Schema, table: Table) -> Definition:
    """A foreign key of a table to the columns of a primary key, where it is to that one's."""
    match definition:
        case model.ForeignKeyConstraint(referent_columns=columns) if columns == OF_PRIMARY_KEY:
            referred = schema.referent(definition, table)
        case _:
            return definition
    if referred is None:
        return definition
    own = referred == schema.key(table.name, table.schema)
    key = (table if own else schema.at(referred)).primary_key
    if key is None or key.presence is not Presence.PRESENT or isinstance(key.columns, Unknown):
        return definition
    return replace(definition, referent_columns=key.columns)
