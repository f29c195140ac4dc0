"""Column types as SQL of a database."""

from __future__ import annotations

from alembic_lint.model import ColumnType, Type, Unknown, Value
from alembic_lint.schema import Family, family

_NAMES = {
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "smallint": "SMALLINT",
    "numeric": "NUMERIC",
    "double": "DOUBLE PRECISION",
    "real": "REAL",
    "string": "VARCHAR",
    "char": "CHAR",
    "text": "TEXT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "datetime with time zone": "TIMESTAMP WITH TIME ZONE",
    "time": "TIME",
    "time with time zone": "TIME WITH TIME ZONE",
    "interval": "INTERVAL",
    "binary": "BYTEA",
    "bit varying": "BIT VARYING",
    "json": "JSON",
    "jsonb": "JSONB",
    "uuid": "UUID",
}
_OWN = {
    "sqlite": {"datetime": "DATETIME", "binary": "BLOB", "double": "FLOAT"},
    "mysql": {
        "datetime": "DATETIME",
        "binary": "BLOB",
        "double": "DOUBLE",
        "boolean": "BOOL",
        "uuid": "UUID",
    },
}
_OWN["mariadb"] = _OWN["mysql"]
_KEPT = frozenset(
    [
        "tinytext",
        "mediumtext",
        "longtext",
        "tinyblob",
        "mediumblob",
        "longblob",
        "mediumint",
        "tinyint",
        "binary",
        "varbinary",
        "bit",
    ]
)
"""MySQL's names that say more than their family, and those whose length counts."""

SERIAL = {"integer": "SERIAL", "bigint": "BIGSERIAL", "smallint": "SMALLSERIAL"}


def sql_type(type_: Type, database: str) -> str | None:
    """A type in SQL; None where it is not known."""
    if isinstance(type_, Unknown):
        return None
    type_ = dict(type_.variants).get(database, type_)
    found = family(type_, database)
    if found is None:
        return None
    if found[0] == "array":
        inner = next((item for item in type_.args if isinstance(item, ColumnType)), None)
        inner = inner or _keyword_type(type_, "item_type")
        text = None if inner is None else sql_type(inner, database)
        return None if text is None else f"{text}[]"
    if found[0] == "enum":
        return _enum(type_, found, database)
    return _plain(type_, found, database)


def shown_type(type_: Type, database: str) -> str:
    """A type as people read it: in SQL where it is known, or else as far as it is."""
    if isinstance(type_, Unknown):
        return "?"
    return (sql_type(type_, database) or f"{type_.name}{_arguments(type_)}?").lower()


def quoted(name: str, database: str) -> str:
    """An identifier."""
    mark = "`" if database in {"mysql", "mariadb"} else '"'
    return f"{mark}{name.replace(mark, mark + mark)}{mark}"


def literal(text: str, database: str) -> str:
    """A text in SQL."""
    if database in {"mysql", "mariadb"}:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def _keyword_type(type_: ColumnType, name: str) -> ColumnType | None:
    value = dict(type_.keywords).get(name)
    return value if isinstance(value, ColumnType) else None


def _enum(type_: ColumnType, found: Family, database: str) -> str:
    if database in {"mysql", "mariadb"}:
        return f"ENUM({', '.join(literal(str(item), database) for item in found[1:])})"
    place = None if type_.enum is None else type_.enum.schema
    prefix = f"{quoted(place, database)}." if isinstance(place, str) else ""
    return f"{prefix}{quoted(str(found[1]), database)}"


def _plain(type_: ColumnType, found: Family, database: str) -> str:
    kind, *rest = found
    name = type_.name.lower()
    if kind == "other" or (database in {"mysql", "mariadb"} and name in _KEPT):
        return f"{type_.name.upper()}{_arguments(type_)}"
    text = _OWN.get(database, {}).get(str(kind)) or _NAMES[str(kind)]
    if kind == "bit varying":
        return f"{text}{_arguments(type_)}"
    if kind == "string" and rest == [None] and database in {"mysql", "mariadb"}:
        return "TEXT"  # MySQL's VARCHAR must have a length
    if str(kind).startswith(("datetime", "time")) and database == "postgresql":
        digits = dict(type_.keywords).get("precision")
        if isinstance(digits, int):
            first, space, zone = text.partition(" ")
            return f"{first}({digits}){space}{zone}"
    sizes = ", ".join(str(item) for item in rest if item is not None)
    return f"{text}({sizes})" if sizes else text


def _arguments(type_: ColumnType) -> str:
    """The sizes that were given."""
    given: list[Value] = [*type_.args]
    keywords = dict(type_.keywords)
    given += [keywords[name] for name in ("length", "precision", "scale") if name in keywords]
    sizes = [str(item) for item in given if isinstance(item, int | str) and item is not True]
    return f"({', '.join(sizes)})" if sizes and type_.name.lower() != "interval" else ""
