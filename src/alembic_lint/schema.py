"""The database schema as a history leaves it: immutable, and honest about what is not known.

So far it follows which tables exist. Every change gives a new Schema that shares what it did not
touch, so that the state at each operation can be kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rpds import HashTrieMap

from alembic_lint.model import (
    UNSET,
    And,
    Condition,
    Context,
    CreateTable,
    DialectIs,
    DropTable,
    ExecuteSql,
    Guard,
    MaybeName,
    Not,
    Opaque,
    Operation,
    RenameTable,
    Revision,
    Statement,
    TableExists,
    Unknown,
    Unset,
)

TableKey = tuple[str | None, str]
"""Schema and name; the schema None is the default one."""


class Presence(StrEnum):
    """Whether an object is there."""

    PRESENT = "present"
    ABSENT = "absent"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Origin:
    """The operation that made an object, and the revision it belongs to."""

    revision: Revision
    operation: Operation


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table.

    `makers` are the operations that made it, or that may have, in the order in which they ran.
    `external` tells that the history never makes it: it was there before Alembic.
    """

    presence: Presence
    makers: tuple[Origin, ...] = ()
    external: bool = False


@dataclass(frozen=True, slots=True)
class Dialects:
    """The databases a statement is about: only some (None: all), and without others."""

    only: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    @staticmethod
    def of(context: Context) -> Dialects:
        """Those on which an operation can run."""
        excluded = {
            name for guard in context.guards for name in _excluded_dialects(guard.condition)
        }
        return Dialects(context.dialects, tuple(sorted(excluded)))

    def __contains__(self, name: object) -> bool:
        return name not in self.without and (self.only is None or name in self.only)

    def decide(self, names: Collection[str]) -> bool | None:
        """Whether the database is one of `names`; None where these databases do not tell."""
        if not any(name in self for name in names):
            return False
        if self.only is not None and all(
            name in names for name in self.only if name not in self.without
        ):
            return True
        return None


EVERYWHERE = Dialects()


@dataclass(frozen=True, slots=True)
class Assumption:
    """A condition that could not be decided, taken to hold or not.

    `scope` names the function it stands in; `terms` are the conditions, each with the number of its
    evaluation (`Guard.block`).
    """

    scope: str
    terms: tuple[tuple[int, Condition | str], ...]
    holds: bool = True

    @staticmethod
    def of(scope: str, undecided: Iterable[Guard], loop: str | None = None) -> Assumption:
        """What operations under these guards, and in a loop over `loop`, take for granted."""
        terms: list[tuple[int, Condition | str]] = []
        holds = True
        for guard in undecided:
            terms.append((guard.block, guard.condition))
        if loop is not None:
            terms.append((-1, loop))
        if len(terms) == 1:
            block, condition = terms[0]
            while isinstance(condition, Not):
                condition, holds = condition.term, not holds
            terms = [(block, condition)]
        return Assumption(scope, tuple(terms), holds)


@dataclass(frozen=True, slots=True)
class _State:
    """Whether a table is there on one database, since which tick, and what that hangs on.

    With an `assumption`, `then` is the state where it holds and `otherwise` where it does not.
    """

    presence: Presence
    makers: tuple[Origin, ...] = ()
    clock: int = 0
    external: bool = False
    assumption: Assumption | None = None
    then: _State | None = None
    otherwise: _State | None = None

    def under(self, assumption: Assumption) -> tuple[_State, _State]:
        """The states with the assumption and without it."""
        if self.assumption is None or self.then is None or self.otherwise is None:
            return self, self
        if self.assumption == assumption:
            return self.then, self.otherwise
        if self.assumption == replace(assumption, holds=not assumption.holds):
            return self.otherwise, self.then
        plain = replace(self, assumption=None, then=None, otherwise=None)
        return plain, plain


@dataclass(frozen=True, slots=True)
class _Entry:
    """The states of one table: on most databases, and on those where it differs."""

    state: _State
    by_dialect: tuple[tuple[str, _State], ...] = ()

    def on(self, dialect: str | None) -> _State:
        """The state on a database; None means on those that are not told apart."""
        return dict(self.by_dialect).get(dialect or "", self.state)

    def names(self) -> frozenset[str]:
        """The databases that are told apart."""
        return frozenset(name for name, _ in self.by_dialect)


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """Which tables exist at one point of a history.

    A table that the history makes (`made`) is absent until then; every other was there before
    Alembic and exists. `clock` counts changes. An operation that cannot be seen through moves
    `maybe_made` or `maybe_dropped` to its tick: what was known to be absent, or present, before it
    is only Maybe after it.
    """

    made: frozenset[TableKey] = frozenset()
    tables: HashTrieMap[TableKey, _Entry] = field(default_factory=HashTrieMap, repr=False)
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
        states = [self._seen(state) for state in _states(entry, dialects)]
        makers = tuple(dict.fromkeys(maker for state in states for maker in state.makers))
        return Table(
            _together(state.presence for state in states),
            makers,
            all(state.external for state in states),
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
            case CreateTable(table=str(name), schema=None | str() as schema):
                return ticked._change((schema, name), dialects, assumption, _Create(origin))
            case DropTable(table=str(name), schema=None | str() as schema):
                return ticked._change((schema, name), dialects, assumption, _Drop())
            case RenameTable(
                table=str(name), new_table=str(new), schema=None | str() as schema
            ) if not isinstance(operation.new_schema, Unknown):
                return ticked._rename(
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
                return ticked._blur([(None, name) for name in names], dialects)
            case ExecuteSql(statements=Unknown()):
                return ticked.blurred()
            case ExecuteSql(statements=tuple(statements)):
                for statement in statements:
                    if not statement.complete and _may_make_or_drop(statement):
                        ticked = ticked._blur(statement.tables, dialects)
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
                change = _Suppose(Presence.PRESENT if holds else Presence.ABSENT)
                ticked = replace(self, clock=self.clock + 1)
                return ticked._change((schema, name), dialects, assumption, change)
            case _:
                return self

    def _entry(self, key: TableKey) -> _Entry:
        entry = self.tables.get(key)
        if entry is not None:
            return entry
        if key in self.made:
            return _Entry(_State(Presence.ABSENT))
        return _Entry(_State(Presence.PRESENT, external=True))

    def _seen(self, state: _State) -> _State:
        """A state in the light of what has happened since, and of the assumption in force."""
        if self.assumed is not None:
            state, _ = state.under(self.assumed)
        blurred = (
            state.clock < self.maybe_made
            if state.presence is Presence.ABSENT
            else state.clock < self.maybe_dropped
        )
        return replace(state, presence=Presence.MAYBE) if blurred else state

    def _change(
        self,
        key: TableKey,
        dialects: Dialects,
        assumption: Assumption | None,
        change: _Change,
    ) -> Schema:
        entry = self._entry(key)
        names = sorted(entry.names().union(dialects.only or (), dialects.without))

        def changed(state: _State) -> _State:
            if assumption is None:
                return change.apply(self._seen(state), self.clock)
            then, otherwise = state.under(assumption)
            if isinstance(change, _Suppose):
                otherwise = change.opposite().apply(self._seen(otherwise), self.clock)
            return _fork(
                assumption,
                change.apply(self._seen(then), self.clock),
                self._seen(otherwise),
                self.clock,
            )

        by_dialect = tuple(
            (name, changed(entry.on(name)) if name in dialects else entry.on(name))
            for name in names
        )
        state = changed(entry.state) if dialects.only is None else entry.state
        return replace(self, tables=self.tables.insert(key, _Entry(state, by_dialect)))

    def _rename(
        self,
        old: TableKey,
        new: TableKey,
        dialects: Dialects,
        assumption: Assumption | None,
        origin: Origin,
    ) -> Schema:
        operation = origin.operation
        certain = isinstance(operation, RenameTable) and operation.if_exists is False
        source = self.table(old[1], old[0], dialects).presence
        create: _Change = _Create(origin)
        if not certain and source is not Presence.PRESENT:
            create = _Blur(origin) if source is Presence.MAYBE else _Nothing()
        moved = self._change(new, dialects, assumption, create)
        return moved._change(old, dialects, assumption, _Drop())  # noqa: SLF001  (its own class)

    def _blur(self, names: Iterable[tuple[MaybeName, str | Unknown]], dialects: Dialects) -> Schema:
        """The schema after something that could have made or dropped these tables."""
        schema = self
        found = list(names)
        if not found:
            return self.blurred()
        for place, name in found:
            if isinstance(name, Unknown) or isinstance(place, Unknown):
                return self.blurred()
            schema = schema._change((place, name), dialects, None, _Blur())  # noqa: SLF001
        return schema


@dataclass(frozen=True, slots=True)
class _Create:
    """A table is made; where it is there already, that one stays."""

    origin: Origin

    def apply(self, state: _State, clock: int) -> _State:
        match state.presence:
            case Presence.PRESENT:
                return replace(state, clock=clock)
            case Presence.MAYBE:
                return _State(Presence.PRESENT, (*state.makers, self.origin), clock)
            case Presence.ABSENT:
                return _State(Presence.PRESENT, (self.origin,), clock)


@dataclass(frozen=True, slots=True)
class _Drop:
    def apply(self, state: _State, clock: int) -> _State:
        del state
        return _State(Presence.ABSENT, (), clock)


@dataclass(frozen=True, slots=True)
class _Blur:
    """A table may have been made or dropped, by `origin` where that is known."""

    origin: Origin | None = None

    def apply(self, state: _State, clock: int) -> _State:
        makers = state.makers if self.origin is None else (*state.makers, self.origin)
        return _State(Presence.MAYBE, makers, clock)


@dataclass(frozen=True, slots=True)
class _Nothing:
    def apply(self, state: _State, clock: int) -> _State:
        del clock
        return state


@dataclass(frozen=True, slots=True)
class _Suppose:
    """A condition says whether the table is there."""

    presence: Presence

    def opposite(self) -> _Suppose:
        """What is so where the condition does not hold."""
        present = self.presence is Presence.PRESENT
        return _Suppose(Presence.ABSENT if present else Presence.PRESENT)

    def apply(self, state: _State, clock: int) -> _State:
        if state.presence is self.presence:
            return state
        makers = state.makers if self.presence is Presence.PRESENT else ()
        return replace(
            state,
            presence=self.presence,
            makers=makers,
            clock=clock,
            assumption=None,
            then=None,
            otherwise=None,
        )


_Change = _Create | _Drop | _Blur | _Nothing | _Suppose


def _fork(assumption: Assumption, then: _State, otherwise: _State, clock: int) -> _State:
    """Both states at once."""
    makers = tuple(dict.fromkeys((*otherwise.makers, *then.makers)))
    return _State(
        _together((then.presence, otherwise.presence)),
        makers,
        clock,
        then.external and otherwise.external,
        assumption,
        replace(then, assumption=None, then=None, otherwise=None),
        replace(otherwise, assumption=None, then=None, otherwise=None),
    )


def _states(entry: _Entry, dialects: Dialects) -> Iterator[_State]:
    if dialects.only is None:
        yield entry.state
        yield from (state for name, state in entry.by_dialect if name in dialects)
    else:
        yield from (entry.on(name) for name in dialects.only if name in dialects)


def _together(presences: Iterable[Presence]) -> Presence:
    """The presence that all share; Maybe where they differ or there is none."""
    found = set(presences)
    return found.pop() if len(found) == 1 else Presence.MAYBE


def _new_schema(schema: str | None, new: MaybeName | Unset) -> str | None:
    return schema if new is UNSET or isinstance(new, Unknown | Unset) else new


def _excluded_dialects(condition: Condition) -> Iterator[str]:
    match condition:
        case Not(DialectIs(names)):
            yield from names
        case And(terms):
            for term in terms:
                yield from _excluded_dialects(term)
        case _:
            pass


def _may_make_or_drop(statement: Statement) -> bool:
    """Whether a statement that is not fully read could make, drop or rename a table."""
    words = statement.kind.split()
    return words[0] in {"UNKNOWN", "DO", "CALL"} or (
        words[0] in {"CREATE", "DROP", "ALTER", "SELECT"} and words[-1] in {"TABLE", "INTO"}
    )
