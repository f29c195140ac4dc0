"""The names that a database or SQLAlchemy gives to what a revision leaves unnamed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

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
    definition: Definition, schema: str | None, table: str, conventions: Conventions
) -> str | None:
    """The name that a naming convention gives to a constraint without one; None: it does not."""
    key, columns = _parts(definition)
    pattern = conventions.get(key)
    if pattern is None or isinstance(columns, model.Unknown):
        return None
    known: dict[str, str] = {"table_name": table}
    for number, column in enumerate(columns):
        label = table if schema is None else f"{schema.replace('.', '_')}_{table}"
        known[f"column_{number}_name"] = known[f"column_{number}_key"] = column
        known[f"column_{number}_label"] = f"{label}_{column}"
    known["column_0N_name"] = known["column_0N_key"] = "".join(columns)
    known["column_0_N_name"] = known["column_0_N_key"] = "_".join(columns)
    if isinstance(definition, model.ForeignKeyConstraint) and isinstance(definition.referent, str):
        known["referred_table_name"] = definition.referent
        referred = definition.referent_columns
        if isinstance(referred, tuple) and referred and isinstance(referred[0], str):
            known["referred_column_0_name"] = referred[0]
    try:
        return pattern % known
    except (KeyError, ValueError, TypeError):
        return None


def _parts(definition: Definition) -> tuple[str, tuple[str, ...] | model.Unknown]:
    match definition:
        case model.PrimaryKeyConstraint(columns=columns):
            return "pk", names(columns)
        case model.ForeignKeyConstraint(columns=columns):
            return "fk", names(columns)
        case model.UniqueConstraint(columns=columns):
            return "uq", names(columns)
        case model.CheckConstraint():
            return "ck", ()
        case model.ExcludeConstraint():
            return "ex", ()


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
