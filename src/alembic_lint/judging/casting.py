"""What the rules on changed types share: which types PostgreSQL turns into each other by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alembic_lint.model import UNSET, AlterColumn, ColumnType, SqlExpression, Type, Unset
from alembic_lint.replay import Step
from alembic_lint.schema import Column, Family, Presence, family

NO_USING = UNSET
"""`AlterColumn.using` of a change without `postgresql_using`."""

_QUOTED = re.compile(r"'(?:[^']|'')*'(?:::.*)?", re.DOTALL)

_INTEGER = re.compile(r"[-+]?\d+")

_KINDS = {
    "integer": "int",
    "bigint": "int",
    "smallint": "int",
    "string": "text",
    "char": "text",
    "text": "text",
    "boolean": "boolean",
    "jsonb": "jsonb",
    "uuid": "uuid",
    "enum": "enum",
}
"""Families between which PostgreSQL casts on assignment only to text, or from integer to integer.

Source: the system catalogue pg_cast; PostgreSQL's manual, "CREATE CAST".
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A column whose type is changed; `column` None where nothing but its old type is known."""

    operation: AlterColumn
    column: Column | None
    old: ColumnType
    new: ColumnType
    told: bool
    """The old type is what the revision says, not what the replay knows."""

    @property
    def expression(self) -> str:
        """What turns the old values into new ones, after `USING`."""
        plain = _kind(family(self.old, "postgresql")) == "text"
        return f"{self.operation.column}{'' if plain else '::text'}::{_sql(self.new)}"


def uncastable(step: Step) -> Change | None:
    """The change of a column's type that PostgreSQL does not make by itself, if known."""
    operation = step.operation
    match operation:
        case AlterColumn(
            table=str(table),
            column=str(name),
            schema=None | str() as place,
            type=ColumnType() as new,
        ):
            owner = step.before.table(table, place)
            column = owner.column(name)
        case _:
            return None
    old: Type | Unset | None = None
    if column is not None and column.presence is Presence.PRESENT:
        old = column.type
    told = not isinstance(old, ColumnType)
    if told:
        column, old = None, operation.existing_type
    if owner.presence is Presence.ABSENT or not isinstance(old, ColumnType):
        return None
    before, after = family(old, "postgresql"), family(new, "postgresql")
    if before is None or after is None or not _differ(before, after):
        return None
    return Change(operation, column, old, new, told)


def _differ(before: Family, after: Family) -> bool:
    one, other = _kind(before), _kind(after)
    if one is None or other is None or other == "text":
        return False
    return one != other or (one == "enum" and before != after)


def _kind(found: Family | None) -> str | None:
    return None if found is None else _KINDS.get(str(found[0]))


def _sql(type_: ColumnType) -> str:
    """A type in SQL, for a line that shows what to write."""
    found = family(type_, "postgresql")
    if found is None:
        return "…"
    return str(found[1]) if found[0] == "enum" else str(found[0])


def keeps_default(change: Change) -> bool:
    """Whether the column has a default that PostgreSQL does not cast to the new type: a value.

    A value in quotes is one of the column's type. A number, and `true` or `false`, keeps the type
    that it has by itself, whatever the column's is. So does what a function gives, which may be of
    the new type.

    Source: PostgreSQL's src/backend/commands/tablecmds.c, `ATPrepAlterColumnType`, and
    `strip_implicit_coercions` before the default is cast.
    """
    column = change.column
    match None if column is None else column.default:
        case str():
            return True
        case SqlExpression(str(text)):
            value = text.strip("() ")
        case _:
            return False
    if _QUOTED.fullmatch(value):
        return True
    own = "boolean" if value.lower() in {"true", "false"} else "int"
    if own == "int" and not _INTEGER.fullmatch(value):
        return False
    return _kind(family(change.new, "postgresql")) not in {own, "text"}
