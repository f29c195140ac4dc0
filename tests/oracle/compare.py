"""Compare the replayed schema with what a database holds.

Only what the replay is certain of is compared; the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint.schema import Dialects, Presence, Schema, TableKey
from tests.oracle.reflect import Database


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many tables were compared, and what differs, one line for each difference.

    `external` are those that the history never makes, and that the database nevertheless has.
    """

    equal: int = 0
    not_certain: int = 0
    external: int = 0
    differences: tuple[str, ...] = ()

    @property
    def compared(self) -> int:
        """All tables that the replay or the database has, or once had."""
        return self.equal + self.not_certain + self.external + len(self.differences)

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.equal + other.equal,
            self.not_certain + other.not_certain,
            self.external + other.external,
            (*self.differences, *other.differences),
        )


def compare(schema: Schema, database: Database, dialect: str, moment: str) -> Comparison:
    """Compare at one moment, which is named in the differences.

    Every table counts that the replay knows of or that the database has.
    """
    held = {_folded((item["schema"], item["name"]), dialect) for item in database["tables"]}
    views = {_folded((item["schema"], item["name"]), dialect) for item in database["views"]}
    result = Comparison()
    for key in sorted(held | set(_replayed(schema, dialect)), key=str):
        table = schema.table(key[1], key[0], Dialects((dialect,)))
        if table.external:
            result += Comparison(external=1)
        elif table.presence is Presence.MAYBE or key in views:
            result += Comparison(not_certain=1)
        elif (table.presence is Presence.PRESENT) == (key in held):
            result += Comparison(equal=1)
        else:
            there = "is there" if key in held else "is not there"
            line = f"{moment}: {_shown(key)} is {table.presence}, and {there}"
            result += Comparison(differences=(line,))
    return result


def _replayed(schema: Schema, dialect: str) -> Iterator[TableKey]:
    yield from (_folded(key, dialect) for key in schema.known_tables())


def _folded(key: TableKey, dialect: str) -> TableKey:
    """A key as the database tells names apart; its default schema has no name."""
    schema, name = key
    if dialect == "sqlite":
        return (None if schema == "main" else schema, name)
    return (None if schema == "public" else schema, name)


def _shown(key: TableKey) -> str:
    return key[1] if key[0] is None else f"{key[0]}.{key[1]}"
