"""Constraints and indexes as a database then has them, with the names that they are given."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import OF_PRIMARY_KEY, MaybeName, Unknown
from alembic_lint.schema.naming import (
    column_index_name,
    conventional_name,
    default_name,
    index_name,
)
from alembic_lint.schema.objects import Constraint, Definition, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Origin, Presence, truncated

_CONVENTION = Unknown("a naming convention may name it")
_RANDOM = Unknown("the database makes up its name")
_NAMELESS = frozenset({"sqlite"})
"""Databases that keep no name for a constraint that was given none."""


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
    unnamed = _RANDOM if origin.sql else _CONVENTION
    return Index(
        name=unnamed if name is None else name,
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
        case _ if written.words is not None and schema.database == "postgresql":
            return index_name(table.name, written.words, _Taken(schema, table))
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
