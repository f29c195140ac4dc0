"""The names that a database or SQLAlchemy gives to what a revision leaves unnamed."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace

from alembic_lint import model
from alembic_lint.schema.objects import Definition, names
from alembic_lint.schema.values import NO_LIMIT, truncated

Conventions = Mapping[str, str]
"""A `MetaData.naming_convention` by its keys: "ix", "uq", "ck", "fk", "pk"."""

_POSTGRESQL_LIMIT = 63
_LIMITS = {"postgresql": 63, "mysql": 64, "mariadb": 64, "sqlite": NO_LIMIT, "mssql": 128}


def default_name(
    definition: Definition,
    table: str,
    database: str,
    taken: Container[str],
    siblings: Iterable[str],
) -> str | None:
    """The name that the database itself gives to a constraint without one.

    `taken` are the names in use in the schema, `siblings` those of the table's constraints. None
    where the database keeps none (SQLite), gives a random one (SQL Server, Oracle), or the columns
    are not known.

    Source: PostgreSQL's `ChooseIndexName`, `ChooseConstraintName`; MySQL's reference manual,
    "CREATE TABLE", "FOREIGN KEY Constraints".
    """
    match database:
        case "postgresql":
            return _postgresql(definition, table, taken)
        case "mysql" | "mariadb":
            return _mysql(definition, table, frozenset(siblings))
        case _:
            return None


def column_index_name(schema: str | None, table: str, column: str, database: str) -> str:
    """The name that SQLAlchemy gives to the index of a `Column(index=True)` by default.

    Source: sqlalchemy/sql/naming.py, `DEFAULT_NAMING_CONVENTION`;
    sqlalchemy/sql/compiler.py, `_truncate_and_render_maxlen_name`.
    """
    label = table if schema is None else f"{schema.replace('.', '_')}_{table}"
    return truncated(f"ix_{label}_{column}", name_limit(database))


def index_name(table: str, words: Sequence[str], taken: Container[str]) -> str:
    """The name that PostgreSQL gives to an index that SQL text makes without one.

    Source: PostgreSQL's `ChooseIndexName`.
    """
    return _free(table, _joined(words), "idx", taken)


def name_limit(database: str) -> int:
    """How many characters SQLAlchemy allows the name of an index or a constraint.

    Source: sqlalchemy's dialects, `max_identifier_length`.
    """
    return _LIMITS.get(database, NO_LIMIT)


def conventional_name(
    item: Definition | model.Index, schema: str | None, table: str, conventions: Conventions
) -> str | model.Unknown | None:
    """The name that a naming convention makes of a constraint or an index.

    None: it leaves the name that was given, or that none was given. A convention that contains
    `constraint_name` is applied to what has a name, too.

    Source: sqlalchemy/sql/naming.py, `_constraint_name_for_table`.
    """
    key, columns = _parts(item)
    pattern = conventions.get(key)
    if pattern is None or isinstance(item.name, model.FinalName):
        return None
    if isinstance(item.name, model.Unknown):
        return item.name
    if item.name is not None and "constraint_name" not in pattern:
        return None
    try:
        return pattern % _Tokens(item, columns, schema, table)
    except _UnknownPartError:
        return model.Unknown("a naming convention names it by what is not known")
    except (KeyError, ValueError, TypeError):
        return None


def final_name(operation: model.Operation, conventions: Conventions) -> model.Operation:
    """A drop by the name that Alembic sends to the database; any other operation as it is.

    Source: alembic/operations/schemaobj.py, `SchemaObjects.generic_constraint`, `index`.
    """
    item: Definition | model.Index
    match operation:
        case model.DropIndex(name=str(given), table=str(table), schema=None | str() as place):
            item = model.Index(given, ("x",))
        case model.DropConstraint(name=str(given), table=str(table), schema=None | str() as place):
            made = _DROPPED.get(str(operation.type_))
            if made is None:
                return operation
            item = made(given)
        case _:
            return operation
    name = conventional_name(item, place, table, conventions)
    if name is None or name == given:
        return operation
    return replace(operation, name=model.FinalName(name) if isinstance(name, str) else name)


_NOT_TOLD = model.Unknown("a drop does not tell")
_DROPPED: Mapping[str, Callable[[str], Definition]] = {
    "primary": lambda name: model.PrimaryKeyConstraint((), name),
    "unique": lambda name: model.UniqueConstraint((), name),
    "check": lambda name: model.CheckConstraint("", name),
    "foreignkey": lambda name: model.ForeignKeyConstraint((), _NOT_TOLD, _NOT_TOLD, name),
}

_COLUMN = re.compile(r"(referred_)?column_(?:(\d+)|0(_?)N)_(name|key|label)")


class _UnknownPartError(Exception):
    """A part of a name is not known."""


class _Tokens:
    """What the tokens of a convention stand for, as `%` asks for them."""

    def __init__(
        self,
        item: Definition | model.Index,
        columns: tuple[str, ...] | model.Unknown,
        schema: str | None,
        table: str,
    ) -> None:
        self.item, self.columns, self.table = item, columns, table
        self.label = table if schema is None else f"{schema.replace('.', '_')}_{table}"

    def __getitem__(self, token: str) -> str:
        match token:
            case "table_name":
                return self.table
            case "constraint_name" if isinstance(self.item.name, str):
                return self.item.name
            case "referred_table_name" if isinstance(self.item, model.ForeignKeyConstraint):
                return _known(self.item.referent)
            case _:
                found = _COLUMN.fullmatch(token)
        if found is None:
            raise KeyError(token)
        referred, number, separator, kind = found.groups()
        columns = self.columns
        if referred:
            if not isinstance(self.item, model.ForeignKeyConstraint):
                raise KeyError(token)
            columns = names(self.item.referent_columns)
        if isinstance(columns, model.Unknown):
            raise _UnknownPartError
        parts = [f"{self.label}_{column}" if kind == "label" else column for column in columns]
        if number is None:
            return separator.join(parts)
        return parts[int(number)] if int(number) < len(parts) else ""


def _known(name: model.Name) -> str:
    if isinstance(name, model.Unknown):
        raise _UnknownPartError
    return name


def _parts(item: Definition | model.Index) -> tuple[str, tuple[str, ...] | model.Unknown]:
    """The key of its convention, and its columns."""
    match item:
        case model.PrimaryKeyConstraint(columns=columns):
            return "pk", names(columns)
        case model.ForeignKeyConstraint(columns=columns):
            return "fk", names(columns)
        case model.UniqueConstraint(columns=columns):
            return "uq", names(columns)
        case model.Index(columns=columns):
            return "ix", names(columns)
        case model.CheckConstraint():
            return "ck", model.Unknown("a check's columns stand in its SQL")
        case model.ExcludeConstraint(elements=tuple(elements)):
            return "", names(tuple(element for element, _ in elements))
        case model.ExcludeConstraint():
            return "", model.Unknown("its elements are not known")


def _postgresql(definition: Definition, table: str, taken: Container[str]) -> str | None:
    _, columns = _parts(definition)
    if isinstance(columns, model.Unknown):
        return None
    match definition:
        case model.PrimaryKeyConstraint():
            return _free(table, "", "pkey", taken)
        case model.UniqueConstraint():
            return _free(table, _joined(columns), "key", taken)
        case model.ForeignKeyConstraint():
            return _free(table, _joined(columns), "fkey", taken)
        case model.ExcludeConstraint():
            return _free(table, _joined(columns), "excl", taken)
        case _:
            # A check's name holds its column where it is about one alone, which only SQL tells.
            return None


def _joined(columns: Sequence[str]) -> str:
    return "_".join(columns)[:_POSTGRESQL_LIMIT]


def _free(first: str, second: str, label: str, taken: Container[str]) -> str:
    """The first free name of these parts; the longer ones are cut so that it fits."""
    number = 0
    while True:
        ending = label + (str(number) if number else "")
        room = _POSTGRESQL_LIMIT - len(ending.encode()) - (2 if second else 1)
        one, two = first.encode(), second.encode()
        while len(one) + len(two) > room:
            if len(one) > len(two):
                one = one[:-1]
            else:
                two = two[:-1]
        parts = [part.decode(errors="ignore") for part in (one, two) if part]
        name = "_".join((*parts, ending))
        if name not in taken:
            return name
        number += 1


def _mysql(definition: Definition, table: str, taken: frozenset[str]) -> str | None:
    match definition:
        case model.PrimaryKeyConstraint():
            return "PRIMARY"
        case model.UniqueConstraint(columns=(str(first), *_)):
            number, name = 1, first
            while name in taken:
                number += 1
                name = f"{first}_{number}"
            return name
        case model.ForeignKeyConstraint():
            prefix = f"{table}_ibfk_"
            numbers = [int(name[len(prefix) :]) for name in taken if _numbered(name, prefix)]
            return f"{prefix}{max(numbers, default=0) + 1}"
        case _:
            return None


def _numbered(name: str, prefix: str) -> bool:
    return name.startswith(prefix) and name[len(prefix) :].isdecimal()
