"""What a column's type is on a database, so that two ways of writing it can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint.model import ColumnType, EnumType, SqlExpression, Type, Unknown, Value

Family = tuple[str | int | None, ...]
"""A family, such as "string" or "integer", and what sets its members apart (a length, a scale)."""

_FAMILIES = {
    "integer": ("int", "int4", "integer", "mediumint", "serial", "serial4", "variant_integer"),
    "bigint": ("bigint", "biginteger", "big_integer", "int8", "bigserial", "serial8"),
    "smallint": ("smallint", "smallinteger", "small_integer", "int2", "smallserial", "tinyint"),
    "numeric": ("numeric", "decimal", "number"),
    "double": (
        "double",
        "double precision",
        "double_precision",
        "float",
        "float8",
        "binary_double",
    ),
    "real": ("real", "float4"),
    "string": (
        "string",
        "varchar",
        "unicode",
        "nvarchar",
        "character varying",
        "varchar2",
        "autostring",
    ),
    "char": ("char", "character", "nchar", "bpchar"),
    "text": (
        "text",
        "unicodetext",
        "unicode_text",
        "clob",
        "ntext",
        "mediumtext",
        "longtext",
        "tinytext",
    ),
    "boolean": ("boolean", "bool"),
    "date": ("date",),
    "datetime": ("datetime", "timestamp", "timestamp without time zone", "datetime2"),
    "datetime with time zone": ("timestamptz", "timestamp with time zone", "datetimeoffset"),
    "time": ("time", "time without time zone"),
    "time with time zone": ("timetz", "time with time zone"),
    "interval": ("interval",),
    "binary": (
        "largebinary",
        "large_binary",
        "bytea",
        "blob",
        "binary",
        "varbinary",
        "longblob",
        "mediumblob",
        "tinyblob",
        "pickletype",
        "pickle_type",
    ),
    "bit varying": ("bit varying", "varbit"),
    "json": ("json",),
    "jsonb": ("jsonb",),
    "uuid": ("uuid", "uniqueidentifier"),
}
_INTERVALS = frozenset({"postgresql", "oracle"})
"""Databases that have a type for a length of time."""
_FAMILY_OF = {name: family for family, listed in _FAMILIES.items() for name in listed}


@dataclass(frozen=True, slots=True)
class _Arguments:
    """The arguments of a type by place or keyword."""

    type: ColumnType

    def get(self, place: int, keyword: str) -> Value:
        """One argument, None where it is not given."""
        found = dict(self.type.keywords).get(keyword)
        if found is None and place < len(self.type.args):
            return self.type.args[place]
        return found

    def keyword(self, name: str) -> Value:
        """An argument that has no place, None where it is not given."""
        return dict(self.type.keywords).get(name)


def family(type_: Type, database: str) -> Family | None:
    """What a type is on a database; None where that is not known.

    Source: sqlalchemy/sql/type_api.py and the type compilers of SQLAlchemy's dialects.
    """
    if isinstance(type_, Unknown):
        return None
    type_ = dict(type_.variants).get(database, type_)
    if type_.enum is not None:
        return _of_enum(type_.enum, _Arguments(type_), database)
    name = type_.name.lower()
    if name == "array":
        return _of_array(type_, database)
    if not type_.known or "." in name:
        return None
    if type_.name == "UUID" and database not in {"postgresql", "mssql"}:
        # The SQL type of that name, which is another than SQLAlchemy's `Uuid` there.
        return ("other", "uuid")
    if type_.name == "Uuid":
        return _of_uuid(_Arguments(type_), database)
    if name == "interval" and type_.dialect is None and database not in _INTERVALS:
        # SQLAlchemy's `Interval` is a moment there; no other way of writing one is known.
        return ("datetime",)
    if name == "bit" and dict(type_.keywords).get("varying", False) is not False:
        return ("bit varying",)
    found = _FAMILY_OF.get(name)
    if found is None:
        return ("other", name)
    return _with_arguments(found, name, _Arguments(type_), database)


def _of_enum(enum: EnumType, given: _Arguments, database: str) -> Family | None:
    if database == "postgresql" and enum.native is True:
        return ("enum", enum.name) if isinstance(enum.name, str) else None
    if database in {"mysql", "mariadb"} and enum.native is True:
        values = enum.values
        return None if isinstance(values, Unknown) else ("enum", *(str(item) for item in values))
    if isinstance(enum.native, Unknown) or isinstance(enum.values, Unknown):
        return None
    lengths = [len(item) for item in enum.values if isinstance(item, str)]
    length = given.keyword("length")
    if isinstance(length, int):
        return ("string", length)
    known = len(lengths) == len(enum.values) and lengths and length is None
    return ("string", max(lengths)) if known else None


def _of_uuid(given: _Arguments, database: str) -> Family | None:
    """SQLAlchemy's generic `Uuid` is text where the database has no such type.

    Source: sqlalchemy/sql/compiler.py, `GenericTypeCompiler.visit_uuid`.
    """
    native = given.get(1, "native_uuid")
    if database in {"sqlite", "mysql"} or native is False:
        return ("char", 32)
    # MariaDB has the type since 10.7.
    return ("uuid",) if database in {"postgresql", "mssql"} and native in {None, True} else None


def _of_array(type_: ColumnType, database: str) -> Family | None:
    inner = _Arguments(type_).get(0, "item_type")
    if not isinstance(inner, ColumnType):
        return ("array", None)
    found = family(inner, database)
    return None if found is None else ("array", *found)


def _with_arguments(found: str, name: str, given: _Arguments, database: str) -> Family | None:
    match found:
        case "char" if database == "postgresql" and given.get(0, "length") is None:
            return ("char", 1)
        case "string" | "char":
            return _sized(found, given.get(0, "length"), database)
        case "numeric":
            return _numeric(given.get(0, "precision"), given.get(1, "scale"))
        case "double":
            return _floating(given.get(0, "precision"), database) if name == "float" else (found,)
        case "datetime" | "time":
            zoned = given.get(0, "timezone")
            if isinstance(zoned, Unknown):
                return None
            kept = zoned is True and database in {"postgresql", "oracle", "mssql"}
            return (f"{found} with time zone",) if kept else (found,)
        case "datetime with time zone" | "time with time zone" if database in {"mysql", "sqlite"}:
            return (found.removesuffix(" with time zone"),)
        case "integer" | "smallint" if name == "tinyint" and database in {"mysql", "mariadb"}:
            return ("boolean",) if given.get(0, "display_width") == 1 else (found,)
        case _:
            return (found,)


def _sized(found: str, length: Value, database: str) -> Family | None:
    if isinstance(length, Unknown | SqlExpression):
        return None
    if database == "mssql" and length == "max":
        length = None
    return (found, length) if length is None or isinstance(length, int) else None


def _numeric(precision: Value, scale: Value) -> Family | None:
    if isinstance(precision, Unknown) or isinstance(scale, Unknown):
        return None
    digits = precision if isinstance(precision, int) else None
    places = scale if isinstance(scale, int) else None
    return ("numeric", digits, 0 if digits is not None and places is None else places)


def _floating(precision: Value, database: str) -> Family | None:
    """FLOAT(n) is REAL on PostgreSQL where n is less than 25 bits."""
    if isinstance(precision, Unknown):
        return None
    if database == "postgresql" and isinstance(precision, int) and precision < 25:
        return ("real",)
    return ("double",)


def same_type(one: Type, other: Type, database: str) -> bool | None:
    """Whether two types are one on a database; None where that is not known."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    if one == other:
        return True
    first, second = family(one, database), family(other, database)
    return None if first is None or second is None else first == second
