"""What is known of any object: whether it is there, since when, and which operation made it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from alembic_lint.model import Operation, Revision

TableKey = tuple[str | None, str]
"""Schema and name; the schema None is the default one."""

DEFAULT_SCHEMAS = {"postgresql": "public", "sqlite": "main", "mssql": "dbo"}
"""The schema that a name without one stands in, unless something says otherwise."""

_FOLDING = frozenset({"sqlite", "mssql"})
"""Databases that take "Users" and "users" for one table."""

MOST_MAKERS = 16
"""Operations that are kept for one table: its cost must not grow with how often it is made."""


NO_LIMIT = 9999
"""Characters that a name may have where the database sets no limit to it."""


def table_key(
    database: str, name: str, schema: str | None = None, *, default: str | None = None
) -> TableKey:
    """What a table, a view or an enum type is looked up by, whoever speaks of it.

    Args:
        database: SQLAlchemy's name of the database.
        name: its name.
        schema: its schema, None for the default one.
        default: the default schema; None: the one that the database has anyhow.
    """
    default = default or DEFAULT_SCHEMAS.get(database)
    if database in _FOLDING:
        name = name.lower()
        schema, default = (None if item is None else item.lower() for item in (schema, default))
    return None if schema == default else schema, name


class Presence(StrEnum):
    """Whether an object is there."""

    PRESENT = "present"
    ABSENT = "absent"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """An operation that made or dropped an object, and the revision it belongs to.

    `sql` tells that it is what SQL text amounts to.
    """

    revision: Revision
    operation: Operation
    sql: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What every object carries.

    `since` is the tick of the schema's clock at which `presence` was last known for sure.
    `origin` made it; None where it was there before Alembic, or that is not known. `gone` dropped
    or renamed it, and `renamed_to` is then its new name; both None while it is there.
    """

    presence: Presence = Presence.PRESENT
    since: int = 0
    origin: Origin | None = None
    gone: Origin | None = None
    renamed_to: str | None = None

    def seen(self, gained: int, lost: int) -> Presence:
        """Whether it is there, when at these ticks anything may have been made, or dropped."""
        blurred = self.since < (gained if self.presence is Presence.ABSENT else lost)
        return Presence.MAYBE if blurred else self.presence


def truncated(name: str, limit: int) -> str:
    """A name as SQLAlchemy cuts it to a database's number of characters.

    Only names made by a convention, or passed through `op.f`, are cut; others are refused.

    Source: sqlalchemy/sql/compiler.py, `_truncate_and_render_maxlen_name`.
    """
    if len(name) <= limit:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return f"{name[: limit - 8]}_{digest[-4:]}"


def distinct(makers: Iterable[Origin]) -> tuple[Origin, ...]:
    """The makers in order, each operation once, and no more than `MOST_MAKERS`."""
    # By identity: two equal operations are two, and comparing whole revisions costs far more.
    found = {id(maker.operation): maker for maker in makers}
    return tuple(islice(found.values(), MOST_MAKERS))


def together(presences: Iterable[Presence]) -> Presence:
    """The presence that all share; Maybe where they differ or there is none."""
    found = set(presences)
    return found.pop() if len(found) == 1 else Presence.MAYBE
