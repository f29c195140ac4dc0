"""The types that SQLAlchemy reflects, as the types that a revision writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alembic_lint.model import ColumnType, EnumType, Type, Unknown, Value

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

_DECLARED = re.compile(r"\s*([^()]+?)\s*(?:\(\s*([^()]*?)\s*\)\s*([^()]*))?")
_KEYWORDS = ("length", "precision", "scale", "timezone", "fields", "display_width", "collation")


def column_type(kind: TypeEngine[object], dialect: str) -> Type:
    """A reflected type.

    Unknown for one that SQLAlchemy does not recognise, such as an extension's without its library.
    """
    name = type(kind).__name__
    if name == "NullType":
        return Unknown("SQLAlchemy does not recognise the type that the database has")
    if name == "DOMAIN":
        return ColumnType(str(getattr(kind, "name", name)), dialect=dialect, known=False)
    item = getattr(kind, "item_type", None)
    if item is not None:
        inner = column_type(item, dialect)
        if isinstance(inner, Unknown):
            return inner
        return ColumnType("ARRAY", (inner,), dialect=dialect)
    enums = getattr(kind, "enums", None)
    if enums is not None:
        return _enum(kind, name, tuple(str(value) for value in enums), dialect)
    if getattr(kind, "varying", False):
        name = f"{name} varying"
    return ColumnType(name, keywords=tuple(_keywords(kind)), dialect=dialect)


def declared_type(text: str, dialect: str) -> Type:
    """A type from its words in SQL."""
    found = _DECLARED.fullmatch(text)
    if found is None:
        return Unknown("the column has no type" if not text.strip() else "its type reads oddly")
    words, arguments, rest = found.groups()
    name = " ".join(f"{words} {rest or ''}".split())
    values = tuple(_number(item) for item in (arguments or "").split(",") if item.strip())
    return ColumnType(name, values, dialect=dialect)


def _number(text: str) -> Value:
    text = text.strip()
    return int(text) if text.isdecimal() else text


def _enum(kind: object, name: str, values: tuple[str, ...], dialect: str) -> ColumnType:
    own: str | None = getattr(kind, "name", None)
    place: str | None = getattr(kind, "schema", None)
    enum = EnumType(own, values, schema=place, postgresql=dialect == "postgresql")
    return ColumnType(name, dialect=dialect, enum=enum)


def _keywords(kind: object) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for name in _KEYWORDS:
        value = getattr(kind, name, None)
        if isinstance(value, str | bool | int) and value is not False:
            found.append((name, value))
    return found
