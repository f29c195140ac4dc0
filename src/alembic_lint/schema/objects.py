"""The objects of a schema: tables with their columns, constraints and indexes, enums, views."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.model import Flag, IndexElement, MaybeName, Name, ServerDefault, Type, Unknown
from alembic_lint.schema.ticks import CONSTRAINTS, INDEX, NEVER, KeyTicks
from alembic_lint.schema.values import NO_LIMIT, Origin, Part, Presence, TableKey, truncated

Definition = (
    model.PrimaryKeyConstraint
    | model.ForeignKeyConstraint
    | model.UniqueConstraint
    | model.CheckConstraint
    | model.ExcludeConstraint
)

KINDS = {
    model.PrimaryKeyConstraint: "primary",
    model.ForeignKeyConstraint: "foreignkey",
    model.UniqueConstraint: "unique",
    model.CheckConstraint: "check",
    model.ExcludeConstraint: "exclude",
}
"""Alembic's names (`type_`) for the kinds of constraints; it has none for the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Part):
    """A column of a table.

    `nullable` is what the database has, so False for a primary key's. `default` is the default
    that the database gives, a generation expression or an identity; None is none. `serial` tells
    that it numbers the rows by the column: with a sequence of its own, or AUTO_INCREMENT.
    `position` orders the columns as they were made. What is not known of it is Unknown.
    """

    name: str
    type: Type
    nullable: Flag = True
    default: ServerDefault = None
    comment: MaybeName = None
    autoincrement: Flag | str = "auto"
    serial: Flag = False
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Part):
    """A constraint of a table.

    `name` is None where the database keeps none, Unknown where a naming convention may have given
    it. `likely` is the name it has if no convention did.
    """

    name: MaybeName
    definition: Definition
    likely: str | None = None
    position: int = 0

    @property
    def kind(self) -> str:
        """Alembic's name of its kind, such as "foreignkey", or "exclude"."""
        return KINDS[type(self.definition)]

    @property
    def columns(self) -> tuple[str, ...] | Unknown:
        """The table's own columns that it is about; Unknown for a check, or where one is."""
        match self.definition:
            case model.CheckConstraint():
                return Unknown("a check's columns stand in its SQL")
            case model.ExcludeConstraint(elements=tuple(elements)):
                return names(tuple(element for element, _ in elements))
            case model.ExcludeConstraint(elements=elements):
                return Unknown("its elements are not known") if elements else ()
            case definition:
                return names(definition.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Part):
    """An index of a table; `keywords` hold dialect options such as `postgresql_using`.

    `name` is Unknown where a naming convention may have given it, and `likely` is then the name it
    has if none did.
    """

    name: Name
    columns: tuple[IndexElement, ...] | Unknown
    unique: Flag = False
    keywords: tuple[tuple[str, model.Value], ...] = ()
    likely: str | None = None
    position: int = 0

    @property
    def kind(self) -> str:
        """What it is called beside the kinds of constraints."""
        return INDEX

    @property
    def names(self) -> tuple[str, ...] | Unknown:
        """Its columns, where it is on columns alone."""
        return names(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType(Part):
    """An enum type of PostgreSQL, with its values in their order."""

    name: str
    values: tuple[Name, ...] | Unknown
    schema: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Part):
    """A view, and the tables and columns that it reads; None where those are not known.

    `made` tells that it was not there before, and not merely replaced.
    """

    name: str
    schema: str | None = None
    reads: tuple[TableKey, ...] | None = None
    columns: tuple[model.ColumnRead, ...] | None = None
    made: bool = False


NOT_SEEN = Unknown("the column was there before")


def unseen(name: str) -> Column:
    """A column that something shows to be there, and of which nothing else is known."""
    return Column(
        name=name,
        type=NOT_SEEN,
        nullable=NOT_SEEN,
        default=NOT_SEEN,
        comment=NOT_SEEN,
        autoincrement=NOT_SEEN,
        serial=NOT_SEEN,
    )


Keyed = TypeVar("Keyed", Column, Constraint, Index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Part):
    """A table.

    `makers` are the operations that made it, or that may have, in the order in which they ran; of
    very many, the first. `external` tells that the history never makes it: it was there before
    Alembic.

    `inherits` are the tables that it takes its columns from, `partition`: it is a part of that one.

    What is not listed is absent, unless `gained` is not negative: then there may be more. At the
    ticks `gained` and `lost`, anything in the table may have been made, or dropped and changed;
    those of its keys are told for each kind of constraint, and for indexes.
    What was dropped stays listed as absent, with what dropped it.
    """

    name: str
    schema: str | None = None
    makers: tuple[Origin, ...] = ()
    external: bool = False
    comment: MaybeName = None
    inherits: tuple[TableKey, ...] = ()
    partition: bool = False
    columns_by_name: HashTrieMap[str, Column] = field(default_factory=HashTrieMap, repr=False)
    constraints_by_name: HashTrieMap[str, Constraint] = field(
        default_factory=HashTrieMap, repr=False
    )
    indexes_by_name: HashTrieMap[str, Index] = field(default_factory=HashTrieMap, repr=False)
    columns_gained: int = -1
    columns_lost: int = -1
    keys_gained: KeyTicks = NEVER
    keys_lost: KeyTicks = NEVER
    next_position: int = 0
    folds: bool = False
    limit: int = NO_LIMIT

    @property
    def key(self) -> TableKey:
        """Schema and name."""
        return self.schema, self.name

    def fold(self, name: str) -> str:
        """A name as it is looked up: cut to the limit, in one case if they are not told apart."""
        name = truncated(name, self.limit)
        return name.lower() if self.folds else name

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that are or may be there, in their order."""
        return self._listed(self.columns_by_name)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """Those that are or may be there, in the order in which they were made."""
        return self._listed(self.constraints_by_name)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """Those that are or may be there, in the order in which they were made."""
        return self._listed(self.indexes_by_name)

    @property
    def all_columns_known(self) -> bool:
        """Whether there is no column but those listed."""
        return self.columns_gained < 0

    @property
    def all_keys_known(self) -> bool:
        """Whether there is no constraint or index but those listed."""
        return not self.keys_gained.kinds

    def all_known(self, *kinds: str) -> bool:
        """Whether there is no constraint of these kinds, or no "index", but those listed."""
        return all(self.keys_gained.of(kind) < 0 for kind in kinds)

    def ticks_of(self, part: Column | Constraint | Index) -> tuple[int, int]:
        """When anything of a part's kind may have been made, and dropped and changed, last."""
        match part:
            case Column():
                return self.columns_gained, self.columns_lost
            case Constraint() | Index():
                return self.keys_gained.of(part.kind), self.keys_lost.of(part.kind)

    def _seen(self, part: Keyed) -> Keyed:
        presence = part.seen(*self.ticks_of(part))
        return part if presence is part.presence else replace(part, presence=presence)

    def _listed(self, parts: HashTrieMap[str, Keyed]) -> tuple[Keyed, ...]:
        found = map(self._seen, parts.values())
        present = [part for part in found if part.presence is not Presence.ABSENT]
        # What may have been made again is listed only by name: nothing else is known of it.
        kept = [part for part in present if part.gone is None]
        return tuple(sorted(kept, key=lambda part: part.position))

    def column(self, name: str) -> Column | None:
        """A column that is or may be there, or that was dropped (then absent); None: never seen."""
        found = self.columns_by_name.get(self.fold(name))
        return None if found is None else self._seen(found)

    def constraint(self, name: str) -> Constraint | None:
        """A constraint by its name, or its likely name; None: never seen."""
        found = self.constraints_by_name.get(self.fold(name))
        if found is None or found.presence is Presence.ABSENT:
            # The name of what is gone may have been given again.
            found = next((item for item in self.constraints if item.likely == name), found)
        return None if found is None else self._seen(found)

    def index(self, name: str) -> Index | None:
        """An index by its name, or its likely name; None: never seen."""
        found = self.indexes_by_name.get(self.fold(name))
        if found is None or found.presence is Presence.ABSENT:
            # The name of what is gone may have been given again.
            found = next((item for item in self.indexes if item.likely == name), found)
        return None if found is None else self._seen(found)

    @property
    def primary_key(self) -> Constraint | None:
        """The primary key that is or may be there; None: there is none, or it is not known."""
        return next((item for item in self.constraints if item.kind == "primary"), None)

    def has_column(self, name: str) -> Presence:
        """Whether it has a column, if the table is there."""
        column = self.column(name)
        if column is not None:
            return column.presence
        return Presence.ABSENT if self.all_columns_known else Presence.MAYBE

    def has_constraint(self, name: str) -> Presence:
        """Whether it has a constraint of this name, if the table is there."""
        constraint = self.constraint(name)
        if constraint is not None and constraint.presence is not Presence.ABSENT:
            likely = constraint.name is not None and self._other(constraint.name, name)
            return Presence.MAYBE if likely else constraint.presence
        return self._unlisted(constraint, self.constraints, CONSTRAINTS)

    def has_index(self, name: str) -> Presence:
        """Whether it has an index of this name, if the table is there."""
        index = self.index(name)
        if index is not None and index.presence is not Presence.ABSENT:
            return Presence.MAYBE if self._other(index.name, name) else index.presence
        return self._unlisted(index, self.indexes, (INDEX,))

    def _unlisted(
        self,
        gone: Constraint | Index | None,
        items: tuple[Constraint | Index, ...],
        kinds: tuple[str, ...],
    ) -> Presence:
        """Whether one whose name is not known may have a name that nothing has, or has any more.

        The name of what is gone is free for those that were made afterwards.
        """
        since = -1 if gone is None else gone.position
        unnamed = any(isinstance(item.name, Unknown) and item.position > since for item in items)
        known = gone is not None or self.all_known(*kinds)
        return Presence.ABSENT if known and not unnamed else Presence.MAYBE

    def _other(self, known: str | Unknown, name: str) -> bool:
        return not isinstance(known, str) or self.fold(known) != self.fold(name)

    @property
    def keys(self) -> tuple[Constraint | Index, ...]:
        """The constraints and indexes that are or may be there."""
        return (*self.constraints, *self.indexes)


def names(
    items: tuple[IndexElement, ...] | tuple[Name, ...] | Unknown,
) -> tuple[str, ...] | Unknown:
    """The names, where all are names."""
    if isinstance(items, Unknown):
        return items
    found = tuple(item for item in items if isinstance(item, str))
    return found if len(found) == len(items) else Unknown("one of the columns is not known")
