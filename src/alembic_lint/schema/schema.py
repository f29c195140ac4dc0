"""Schema: the whole database at one point of a history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from rpds import HashTrieMap

from alembic_lint.model import (
    UNSET,
    Condition,
    CreateTable,
    DropTable,
    ExecuteSql,
    MaybeName,
    Not,
    Opaque,
    RenameTable,
    Statement,
    TableExists,
    Unknown,
    Unset,
)
from alembic_lint.schema.states import (
    Blur,
    Change,
    Create,
    Drop,
    Entry,
    Nothing,
    State,
    Suppose,
    fork,
    states,
)
from alembic_lint.schema.values import (
    EVERYWHERE,
    Assumption,
    Dialects,
    Origin,
    Presence,
    Table,
    TableKey,
    distinct,
    together,
)


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """Which tables exist at one point of a history.

    A table that the history makes (`made`) is absent until then; every other was there before
    Alembic and exists. `clock` counts changes. An operation that cannot be seen through moves
    `maybe_made` or `maybe_dropped` to its tick: what was known to be absent, or present, before it
    is only Maybe after it.
    """

    made: frozenset[TableKey] = frozenset()
    tables: HashTrieMap[TableKey, Entry] = field(default_factory=HashTrieMap, repr=False)
    clock: int = 0
    maybe_made: int = -1
    maybe_dropped: int = -1
    assumed: Assumption | None = None

    @staticmethod
    def unknown(made: frozenset[TableKey]) -> Schema:
        """A schema of which nothing is known."""
        return Schema(made).blurred()

    def table(self, name: str, schema: str | None = None, dialects: Dialects = EVERYWHERE) -> Table:
        """What is known of a table on these databases taken together."""
        entry = self._entry((schema, name))
        found = [self._seen(state) for state in states(entry, dialects)]
        makers = distinct(maker for state in found for maker in state.makers)
        return Table(
            together(state.presence for state in found),
            makers,
            all(state.external for state in found),
        )

    def presence(
        self, name: str, schema: str | None = None, dialects: Dialects = EVERYWHERE
    ) -> Presence:
        """Whether a table is there on these databases."""
        return self.table(name, schema, dialects).presence

    def known_tables(self) -> tuple[TableKey, ...]:
        """The tables that have been made or dropped so far, sorted."""
        return tuple(sorted(self.tables, key=lambda key: (key[0] or "", key[1])))

    def after(self, origin: Origin, assumption: Assumption | None = None) -> Schema:
        """The schema when an operation has run; only perhaps, where it hangs on an assumption.

        The operations that SQL text amounts to are not part of its own effect.
        """
        operation = origin.operation
        dialects = Dialects.of(operation.context)
        ticked = replace(self, clock=self.clock + 1, assumed=None)
        match operation:
            case CreateTable(temporary=True):
                return ticked
            case CreateTable(table=str(name), schema=None | str() as schema):
                return ticked.changed((schema, name), dialects, assumption, Create(origin))
            case DropTable(table=str(name), schema=None | str() as schema):
                return ticked.changed((schema, name), dialects, assumption, Drop())
            case RenameTable(
                table=str(name), new_table=str(new), schema=None | str() as schema
            ) if not isinstance(operation.new_schema, Unknown):
                return ticked.renamed(
                    (schema, name),
                    (_new_schema(schema, operation.new_schema), new),
                    dialects,
                    assumption,
                    origin,
                )
            case CreateTable():
                return replace(ticked, maybe_made=ticked.clock)
            case DropTable():
                return replace(ticked, maybe_dropped=ticked.clock)
            case RenameTable():
                return ticked.blurred()
            case Opaque(tables=None):
                return ticked.blurred()
            case Opaque(tables=tuple(names)):
                return ticked.blurred_tables([(None, name) for name in names], dialects)
            case ExecuteSql(statements=Unknown()):
                return ticked.blurred()
            case ExecuteSql(statements=tuple(statements)):
                for statement in statements:
                    if not statement.complete and _may_make_or_drop(statement):
                        ticked = ticked.blurred_tables(statement.tables, dialects)
                return ticked
            case _:
                return self if self.assumed is None else replace(self, assumed=None)

    def blurred(self) -> Schema:
        """The schema after something that could have made or dropped any table."""
        clock = self.clock + 1
        return replace(self, clock=clock, maybe_made=clock, maybe_dropped=clock, assumed=None)

    def assuming(self, assumption: Assumption | None) -> Schema:
        """The schema as it is where an assumption holds, for looking things up."""
        return self if assumption == self.assumed else replace(self, assumed=assumption)

    def supposing(self, assumption: Assumption, condition: Condition, dialects: Dialects) -> Schema:
        """The schema at the start of a block whose condition could not be decided.

        What the condition says of a table is true where it holds and false where it does not.
        """
        holds = True
        while isinstance(condition, Not):
            condition, holds = condition.term, not holds
        match condition:
            case TableExists(str(name), None | str() as schema):
                change = Suppose(Presence.PRESENT if holds else Presence.ABSENT)
                ticked = replace(self, clock=self.clock + 1)
                return ticked.changed((schema, name), dialects, assumption, change)
            case _:
                return self

    def _entry(self, key: TableKey) -> Entry:
        entry = self.tables.get(key)
        if entry is not None:
            return entry
        if key in self.made:
            return Entry(State(Presence.ABSENT))
        return Entry(State(Presence.PRESENT, external=True))

    def _seen(self, state: State) -> State:
        """A state in the light of what has happened since, and of the assumption in force."""
        if self.assumed is not None:
            state, _ = state.under(self.assumed)
        blurred = (
            state.clock < self.maybe_made
            if state.presence is Presence.ABSENT
            else state.clock < self.maybe_dropped
        )
        return replace(state, presence=Presence.MAYBE) if blurred else state

    def changed(
        self,
        key: TableKey,
        dialects: Dialects,
        assumption: Assumption | None,
        change: Change,
    ) -> Schema:
        """The schema after a change to one table, at the tick it already has."""
        entry = self._entry(key)
        names = sorted(entry.names().union(dialects.only or (), dialects.without))

        def moved(state: State) -> State:
            if assumption is None:
                return change.apply(self._seen(state), self.clock)
            then, otherwise = state.under(assumption)
            if isinstance(change, Suppose):
                otherwise = change.opposite().apply(self._seen(otherwise), self.clock)
            return fork(
                assumption,
                change.apply(self._seen(then), self.clock),
                self._seen(otherwise),
                self.clock,
            )

        by_dialect = tuple(
            (name, moved(entry.on(name)) if name in dialects else entry.on(name)) for name in names
        )
        state = moved(entry.state) if dialects.only is None else entry.state
        return replace(self, tables=self.tables.insert(key, Entry(state, by_dialect)))

    def renamed(
        self,
        old: TableKey,
        new: TableKey,
        dialects: Dialects,
        assumption: Assumption | None,
        origin: Origin,
    ) -> Schema:
        """The schema after a rename; what stood under the new name before is taken for gone."""
        operation = origin.operation
        certain = isinstance(operation, RenameTable) and operation.if_exists is False
        source = self.table(old[1], old[0], dialects).presence
        create: Change = Create(origin)
        if not certain and source is not Presence.PRESENT:
            create = Blur(origin) if source is Presence.MAYBE else Nothing()
        moved = self.changed(new, dialects, assumption, create)
        return moved.changed(old, dialects, assumption, Drop())

    def blurred_tables(
        self, names: Iterable[tuple[MaybeName, str | Unknown]], dialects: Dialects
    ) -> Schema:
        """The schema after something that could have made or dropped these tables."""
        schema = self
        found = list(names)
        if not found:
            return self.blurred()
        for place, name in found:
            if isinstance(name, Unknown) or isinstance(place, Unknown):
                return self.blurred()
            schema = schema.changed((place, name), dialects, None, Blur())
        return schema


def _new_schema(schema: str | None, new: MaybeName | Unset) -> str | None:
    return schema if new is UNSET or isinstance(new, Unknown | Unset) else new


def _may_make_or_drop(statement: Statement) -> bool:
    """Whether a statement that is not fully read could make, drop or rename a table."""
    words = statement.kind.split()
    return words[0] in {"UNKNOWN", "DO", "CALL"} or (
        words[0] in {"CREATE", "DROP", "ALTER", "SELECT"} and words[-1] in {"TABLE", "INTO"}
    )
