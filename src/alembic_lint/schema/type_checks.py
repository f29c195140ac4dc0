"""The checks that types bring with them: `create_constraint=True`."""

from __future__ import annotations

from alembic_lint.model import (
    CheckConstraint,
    EnumType,
    Flag,
    MaybeName,
    Name,
    Type,
    Unknown,
    Unset,
    Value,
)

_OWN_ENUM = frozenset({"postgresql", "mysql", "mariadb"})
_OWN_BOOLEAN = frozenset({"postgresql", "mssql"})
"""Databases on which no check is made: SQL Server has no boolean, and SQLAlchemy none for it."""


def check_of(
    type_: Type | Unset | None, column: Name, database: str
) -> CheckConstraint | Unknown | None:
    """The check that SQLAlchemy makes for a column of a type; None where it makes none.

    Unknown where it is not known whether it makes one.

    Source: sqlalchemy/sql/sqltypes.py, `Enum._should_create_constraint`, `Boolean._set_table`;
    sqlalchemy's dialects, `supports_native_enum`, `supports_native_boolean`.
    """
    if type_ is None or isinstance(type_, Unknown | Unset):
        return None
    type_ = dict(type_.variants).get(database, type_)
    if type_.enum is not None:
        return _of_enum(type_.enum, column, database)
    if type_.name.lower() != "boolean" or type_.dialect is not None or database in _OWN_BOOLEAN:
        return None
    given = dict(zip(("create_constraint", "name"), type_.args, strict=False))
    given.update(type_.keywords)
    name = given.get("name")
    return _made(given.get("create_constraint"), column, "0, 1", _as_name(name))


def _of_enum(enum: EnumType, column: Name, database: str) -> CheckConstraint | Unknown | None:
    if enum.native is True and database in _OWN_ENUM:
        return None
    asked: Flag = enum.create_constraint
    if isinstance(enum.native, Unknown) and database in _OWN_ENUM and asked is True:
        asked = enum.native
    listed: Name
    if isinstance(enum.values, Unknown):
        listed = enum.values
    else:
        texts = [value.replace("'", "''") for value in enum.values if isinstance(value, str)]
        listed = ", ".join(f"'{text}'" for text in texts)
        if len(texts) != len(enum.values):
            listed = Unknown("one of the values is not known")
    return _made(asked, column, listed, enum.name)


def _made(
    asked: Value, column: Name, values: Name, name: MaybeName
) -> CheckConstraint | Unknown | None:
    if isinstance(asked, Unknown):
        return asked
    if asked is not True:
        return None
    known = isinstance(column, str) and isinstance(values, str)
    condition = f"{column} IN ({values})" if known else Unknown("its values are not known")
    return CheckConstraint(condition, name)


def _as_name(value: Value) -> MaybeName:
    match value:
        case None | str() | Unknown():
            return value
        case _:
            return Unknown("its name is not known")
