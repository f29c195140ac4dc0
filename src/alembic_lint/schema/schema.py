"""Schema: the whole database at one point of a history."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from rpds import HashTrieMap, HashTrieSet

from alembic_lint.model import ForeignKeyConstraint
from alembic_lint.schema.naming import Conventions, name_limit
from alembic_lint.schema.objects import EnumType, Table, View
from alembic_lint.schema.ticks import KEY_KINDS, NEVER, KeyTicks, ticked
from alembic_lint.schema.values import Presence, TableKey, table_key

_FOLDING_COLUMNS = frozenset({"sqlite", "mssql", "mysql", "mariadb"})
"""Databases that take "Id" and "id" for one name of what is in a table."""


@dataclass(frozen=True, slots=True, eq=False)
class Journal:
    """The tables that were changed, newest first, as a list that two schemas can share."""

    key: TableKey
    before: Journal | None
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """What a history starts from.

    The tables and enum types that it makes (`tables`, `enums`) are absent until then; every other
    was there before Alembic. `conventions` is the naming convention of the project's metadata,
    which Alembic applies to what a revision leaves unnamed; None: not known. With `complete`,
    whatever is not listed is absent: so it is where a database itself was asked. `default_schema`
    is where names without a schema stand; None: where they do anyhow.
    """

    database: str = "postgresql"
    tables: frozenset[TableKey] = frozenset()
    enums: frozenset[TableKey] = frozenset()
    conventions: Conventions | None = None
    complete: bool = False
    default_schema: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """A database at one point of a history. Changes make a new one; the old one stays.

    `clock` counts changes. At the ticks `gained` and `lost`, any table or enum may have been made,
    or dropped and changed: what was known to be absent, or present, before is only Maybe after.
    `parts_gained` and `parts_lost` are the same for what is in tables, `keys_gained` and
    `keys_lost` for each kind of their constraints, and their indexes, alone.
    """

    starts: Starts = field(default_factory=Starts, repr=False)
    tables_by_key: HashTrieMap[TableKey, Table] = field(default_factory=HashTrieMap, repr=False)
    enums_by_key: HashTrieMap[TableKey, EnumType] = field(default_factory=HashTrieMap, repr=False)
    views_by_key: HashTrieMap[TableKey, View] = field(default_factory=HashTrieMap, repr=False)
    homes: HashTrieMap[TableKey, TableKey] = field(default_factory=HashTrieMap, repr=False)
    """The table that an index of this schema and name is on, or was last on."""
    referrers: HashTrieMap[TableKey, HashTrieSet[TableKey]] = field(
        default_factory=HashTrieMap, repr=False
    )
    """Of a table, those that have or had a foreign key to it."""
    heirs: HashTrieSet[TableKey] = field(default_factory=HashTrieSet, repr=False)
    """The tables that take or took their columns from others."""
    clock: int = 0
    gained: int = -1
    lost: int = -1
    parts_gained: int = -1
    parts_lost: int = -1
    keys_gained: KeyTicks = NEVER
    keys_lost: KeyTicks = NEVER
    journal: Journal | None = field(default=None, repr=False)

    @property
    def database(self) -> str:
        """SQLAlchemy's name of the database."""
        return self.starts.database

    def key(self, name: str, schema: str | None = None) -> TableKey:
        """The key that a name is looked up by: without the default schema, in the right case."""
        return table_key(self.database, name, schema, default=self.starts.default_schema)

    def table(self, name: str, schema: str | None = None) -> Table:
        """What is known of a table; one that is not there is a table that is absent."""
        return self.at(self.key(name, schema), name)

    def at(self, key: TableKey, name: str | None = None) -> Table:
        """What is known of the table with this key."""
        table = self.tables_by_key.get(key)
        if table is None:
            table = self._unlisted(key, key[1] if name is None else name)
        gained, lost = max(self.gained, self.parts_gained), max(self.lost, self.parts_lost)
        if max(gained, lost) < 0 and self.keys_gained is NEVER and self.keys_lost is NEVER:
            return table
        presence = table.seen(self.gained, self.lost)
        # A table that is as it was made before the tick may have more in it since; one that is
        # known to be complete after it has not.
        open_ = gained > table.since
        columns_gained = max(gained, table.columns_gained) if open_ else table.columns_gained
        seen = self.keys_gained if gained < 0 else self.keys_gained.later(ticked(gained))
        keys_gained = table.keys_gained.later(seen.after(table.since))
        columns_lost = max(lost, table.columns_lost)
        keys_lost = table.keys_lost.later(self.keys_lost)
        keys_lost = keys_lost if lost < 0 else keys_lost.later(ticked(lost))
        ticks = (columns_gained, keys_gained, columns_lost, keys_lost)
        own = (table.columns_gained, table.keys_gained, table.columns_lost, table.keys_lost)
        if presence is table.presence and ticks == own:
            return table
        return replace(
            table,
            presence=presence,
            columns_gained=columns_gained,
            keys_gained=keys_gained,
            columns_lost=columns_lost,
            keys_lost=keys_lost,
        )

    def presence(self, name: str, schema: str | None = None) -> Presence:
        """Whether a table is there."""
        return self.table(name, schema).presence

    def enum(self, name: str, schema: str | None = None) -> EnumType | None:
        """An enum type that is or may be there, or was dropped; None: never seen."""
        found = self.enums_by_key.get(self.key(name, schema))
        if found is None:
            return None
        presence = found.seen(self.gained, self.lost)
        return found if presence is found.presence else replace(found, presence=presence)

    def has_enum(self, name: str, schema: str | None = None) -> Presence:
        """Whether an enum type is there."""
        found = self.enum(name, schema)
        if found is not None:
            return found.presence
        made_here = self.starts.complete or self.key(name, schema) in self.starts.enums
        return Presence.ABSENT if made_here and self.gained < 0 else Presence.MAYBE

    def view(self, name: str, schema: str | None = None) -> View | None:
        """A view that was made; None: none that the history makes."""
        return self.views_by_key.get(self.key(name, schema))

    def is_view(self, name: str, schema: str | None = None) -> bool:
        """Whether a name is that of a view, and surely of no table."""
        view = self.view(name, schema)
        if view is None or view.presence is Presence.ABSENT:
            return False
        table = self.table(name, schema)
        return table.external or table.presence is Presence.ABSENT

    @property
    def views(self) -> tuple[View, ...]:
        """The views that are or may be there, sorted by schema and name."""
        found = sorted(self.views_by_key.items(), key=lambda item: _sorted_by(item[0]))
        return tuple(view for _, view in found if view.presence is not Presence.ABSENT)

    def home(self, index: str, schema: str | None = None) -> Table | None:
        """The table that has, or last had, an index of this name; None: not known."""
        key = self.homes.get(self.key(index, schema))
        return None if key is None else self.at(key)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Those that were worked on and are or may be there, sorted by schema and name."""
        return tuple(
            table
            for key in sorted(self.tables_by_key, key=_sorted_by)
            if (table := self.at(key)).presence is not Presence.ABSENT
        )

    @property
    def enums(self) -> tuple[EnumType, ...]:
        """The enum types that are or may be there, sorted by schema and name."""
        found = (
            self.enum(enum.name, enum.schema)
            for _, enum in sorted(self.enums_by_key.items(), key=lambda item: _sorted_by(item[0]))
        )
        return tuple(enum for enum in found if enum and enum.presence is not Presence.ABSENT)

    def referring(self, key: TableKey) -> Iterator[Table]:
        """The tables that have, or may have, a foreign key to a table, sorted."""
        for other in sorted(self.referrers.get(key, HashTrieSet()), key=_sorted_by):
            table = self.at(other)
            if table.presence is not Presence.ABSENT and any(
                item.kind == "foreignkey" and self.referent(item.definition, table) == key
                for item in table.constraints
            ):
                yield table

    def referent(self, definition: object, table: Table) -> TableKey | None:
        """The table that a foreign key of a table is to; None: not known, or no foreign key."""
        match definition:
            case ForeignKeyConstraint(referent=str(name), referent_schema=None | str() as place):
                # Without a schema, it is in the default one, not in that of its own table.
                del table
                return self.key(name, place)
            case _:
                return None

    def changed_since(self, other: Schema) -> frozenset[TableKey]:
        """The tables that were changed since an earlier schema that this one came from."""
        length = 0 if other.journal is None else other.journal.length
        found: set[TableKey] = set()
        entry = self.journal
        while entry is not None and entry.length > length:
            found.add(entry.key)
            entry = entry.before
        return frozenset(found)

    def called(self, name: str) -> tuple[TableKey, ...]:
        """The keys of the tables of a name in any schema, the default one's first, sorted."""
        own = self.key(name)
        found = {
            key for key in (*self.tables_by_key.keys(), *self.starts.tables) if key[1] == own[1]
        }
        return (own, *sorted(found - {own}, key=_sorted_by))

    def _unlisted(self, key: TableKey, name: str) -> Table:
        """A table that nothing has been done to yet."""
        folds, limit = self.database in _FOLDING_COLUMNS, name_limit(self.database)
        if self.starts.complete or key in self.starts.tables:
            return Table(
                name=name, schema=key[0], presence=Presence.ABSENT, folds=folds, limit=limit
            )
        return Table(
            name=name,
            schema=key[0],
            external=True,
            columns_gained=0,
            keys_gained=ticked(0),
            folds=folds,
            limit=limit,
        )

    def ticked(self) -> Schema:
        """The schema one tick later."""
        return replace(self, clock=self.clock + 1)

    def with_table(self, table: Table) -> Schema:
        """The schema with a table as it is now, which is known for sure at this tick."""
        key = self.key(table.name, table.schema)
        length = 0 if self.journal is None else self.journal.length
        return replace(
            self,
            tables_by_key=self.tables_by_key.insert(key, table),
            heirs=self.heirs.insert(key) if table.inherits else self.heirs,
            journal=Journal(key, self.journal, length + 1),
        )

    def with_enum(self, enum: EnumType) -> Schema:
        """The schema with an enum type as it is now."""
        key = self.key(enum.name, enum.schema)
        return replace(self, enums_by_key=self.enums_by_key.insert(key, enum))

    def with_view(self, view: View) -> Schema:
        """The schema with a view as it is now."""
        key = self.key(view.name, view.schema)
        return replace(self, views_by_key=self.views_by_key.insert(key, view))

    def with_home(self, index: str, table: Table) -> Schema:
        """The schema in which an index of this name is on that table."""
        key = self.key(index, table.schema)
        return replace(self, homes=self.homes.insert(key, self.key(table.name, table.schema)))

    def with_referrer(self, referred: TableKey, table: Table) -> Schema:
        """The schema in which a table has a foreign key to another."""
        known = self.referrers.get(referred, HashTrieSet())
        key = self.key(table.name, table.schema)
        return replace(self, referrers=self.referrers.insert(referred, known.insert(key)))

    def blurred(self, *, gained: bool = True, lost: bool = True) -> Schema:
        """The schema after something that could have made, or dropped and changed, anything."""
        clock = self.clock + 1
        return replace(
            self,
            clock=clock,
            gained=clock if gained else self.gained,
            lost=clock if lost else self.lost,
        )

    def blurred_parts(self, *, gained: bool = True, lost: bool = True) -> Schema:
        """The schema after something that could have changed what is in any table."""
        clock = self.clock + 1
        return replace(
            self,
            clock=clock,
            parts_gained=clock if gained else self.parts_gained,
            parts_lost=clock if lost else self.parts_lost,
        )

    def blurred_keys(
        self, kinds: Collection[str] = KEY_KINDS, *, gained: bool = True, lost: bool = True
    ) -> Schema:
        """The schema after something that could have changed keys of any table, of these kinds."""
        clock = self.clock + 1
        ticks = ticked(clock, kinds)
        return replace(
            self,
            clock=clock,
            keys_gained=self.keys_gained.later(ticks) if gained else self.keys_gained,
            keys_lost=self.keys_lost.later(ticks) if lost else self.keys_lost,
        )

    @staticmethod
    def unknown(starts: Starts) -> Schema:
        """A schema of which nothing is known."""
        return Schema(starts=starts).blurred()


def _sorted_by(key: TableKey) -> tuple[str, str]:
    return key[0] or "", key[1]
