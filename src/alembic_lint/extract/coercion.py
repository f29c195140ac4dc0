"""Values narrowed to what a field of the model holds; what does not fit becomes Unknown."""

from __future__ import annotations

from alembic_lint.model import (
    UNSET,
    Column,
    ColumnType,
    Computed,
    Flag,
    Identity,
    IndexElement,
    MaybeName,
    Name,
    Reference,
    ServerDefault,
    SqlExpression,
    Statement,
    TableValue,
    Unknown,
    Unset,
    Value,
)


def described(value: Value) -> str:
    """A value in a few words, for the `why` of an Unknown."""
    match value:
        case Reference(name, called):
            return f"{name}()" if called else name
        case None | str() | int() | float() | bytes():
            return repr(value)
        case tuple():
            return "a sequence"
        case _:
            return f"a {type(value).__name__.rstrip('_')}"


def misfit(value: Value, wanted: str) -> Unknown:
    """The Unknown for a value that is not what a parameter wants."""
    match value:
        case Unknown():
            return value
        case Reference():
            return Unknown(f"the value of {described(value)} is not known")
        case _:
            return Unknown(f"{described(value)} is not {wanted}")


def as_name(value: Value | Unset) -> Name:
    """The name of an object that must have one; also that of a column or table passed whole."""
    match value:
        case str() | Unknown():
            return value
        case Column(name=name) | TableValue(name=name):
            return name
        case Unset.UNSET:
            return Unknown("no name is passed")
        case _:
            return misfit(value, "a name")


def as_maybe_name(value: Value | Unset) -> MaybeName:
    """A name that may be left out; None for UNSET and None."""
    return None if value is UNSET or value is None else as_name(value)


def as_names(value: Value | Unset) -> tuple[Name, ...] | Unknown:
    """A list of column names.

    A lone string is Unknown: SQLAlchemy would take each of its letters for a column.
    """
    match value:
        case tuple():
            return tuple(as_name(item) for item in value)
        case Unset.UNSET:
            return Unknown("no columns are passed")
        case _:
            return misfit(value, "a list of columns")


def as_flag(value: Value | Unset, default: Flag = False) -> Flag:
    """A truth value as Python sees it; the default for UNSET and None."""
    match value:
        case Unset.UNSET | None:
            return default
        case bool() | int() | float() | str():
            return bool(value)
        case _:
            return misfit(value, "True or False")


def as_maybe_flag(value: Value | Unset) -> Flag | None:
    """A truth value that may be left to the database; None for UNSET and None."""
    return None if value is UNSET or value is None else as_flag(value)


def as_sql(value: Value | Unset) -> Name:
    """The text of a condition or generated expression, which SQLAlchemy takes as SQL."""
    match value:
        case SqlExpression(text=text):
            return text
        case str() | Unknown():
            return value
        case Statement(text=text):
            return text
        case Unset.UNSET:
            return Unknown("no expression is passed")
        case _:
            return misfit(value, "an SQL expression")


def as_expression(value: Value) -> SqlExpression | Unknown:
    """A value that SQLAlchemy takes as SQL, as an expression."""
    return value if isinstance(value, Unknown) else SqlExpression(as_sql(value))


def as_element(value: Value) -> IndexElement:
    """One element of an index or exclusion constraint."""
    match value:
        case str() | SqlExpression() | Unknown():
            return value
        case Column(name=name):
            return name
        case _:
            return misfit(value, "a column or an expression")


def as_elements(value: Value | Unset) -> tuple[IndexElement, ...] | Unknown:
    """The elements of an index; Unknown for a lone string, see `as_names`."""
    match value:
        case tuple():
            return tuple(as_element(item) for item in value)
        case Unset.UNSET:
            return Unknown("no columns are passed")
        case _:
            return misfit(value, "a list of columns")


def as_server_default(value: Value) -> ServerDefault:
    """A server default. SQLAlchemy refuses numbers and truth values, so these are Unknown."""
    match value:
        case None | str() | SqlExpression() | Computed() | Identity() | Unknown():
            return value
        case ColumnType():
            return Unknown("a type is not a default")
        case _:
            return misfit(value, "a string or an SQL expression")


def as_autoincrement(value: Value | Unset) -> Flag | str:
    """`autoincrement`: a truth value, "auto" or "ignore_fk"."""
    match value:
        case Unset.UNSET | None:
            return "auto"
        case bool() | str() | Unknown():
            return value
        case _:
            return misfit(value, "True, False, 'auto' or 'ignore_fk'")
