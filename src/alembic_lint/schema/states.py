"""The states one table can be in, and what each kind of change makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from alembic_lint.schema.values import Assumption, Dialects, Origin, Presence, distinct, together


@dataclass(frozen=True, slots=True)
class State:
    """Whether a table is there on one database, since which tick, and what that hangs on.

    With an `assumption`, `then` is the state where it holds and `otherwise` where it does not.
    """

    presence: Presence
    makers: tuple[Origin, ...] = ()
    clock: int = 0
    external: bool = False
    assumption: Assumption | None = None
    then: State | None = None
    otherwise: State | None = None

    def under(self, assumption: Assumption) -> tuple[State, State]:
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
class Entry:
    """The states of one table: on most databases, and on those where it differs."""

    state: State
    by_dialect: tuple[tuple[str, State], ...] = ()

    def on(self, dialect: str | None) -> State:
        """The state on a database; None means on those that are not told apart."""
        return dict(self.by_dialect).get(dialect or "", self.state)

    def names(self) -> frozenset[str]:
        """The databases that are told apart."""
        return frozenset(name for name, _ in self.by_dialect)


@dataclass(frozen=True, slots=True)
class Create:
    """A table is made; where it is there already, that one stays."""

    origin: Origin

    def apply(self, state: State, clock: int) -> State:
        """The state after the change, which happens at this tick."""
        match state.presence:
            case Presence.PRESENT:
                return replace(state, clock=clock)
            case Presence.MAYBE:
                return State(Presence.PRESENT, distinct((*state.makers, self.origin)), clock)
            case Presence.ABSENT:
                return State(Presence.PRESENT, (self.origin,), clock)


@dataclass(frozen=True, slots=True)
class Drop:
    """A table is dropped."""

    def apply(self, state: State, clock: int) -> State:
        """The state after the change, which happens at this tick."""
        del state
        return State(Presence.ABSENT, (), clock)


@dataclass(frozen=True, slots=True)
class Blur:
    """A table may have been made or dropped, by `origin` where that is known."""

    origin: Origin | None = None

    def apply(self, state: State, clock: int) -> State:
        """The state after the change, which happens at this tick."""
        makers = state.makers if self.origin is None else distinct((*state.makers, self.origin))
        return State(Presence.MAYBE, makers, clock)


@dataclass(frozen=True, slots=True)
class Nothing:
    """A table stays as it is."""

    def apply(self, state: State, clock: int) -> State:
        """The state after the change, which happens at this tick."""
        del clock
        return state


@dataclass(frozen=True, slots=True)
class Suppose:
    """A condition says whether the table is there."""

    presence: Presence

    def opposite(self) -> Suppose:
        """What is so where the condition does not hold."""
        present = self.presence is Presence.PRESENT
        return Suppose(Presence.ABSENT if present else Presence.PRESENT)

    def apply(self, state: State, clock: int) -> State:
        """The state after the change, which happens at this tick."""
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


Change = Create | Drop | Blur | Nothing | Suppose


def fork(assumption: Assumption, then: State, otherwise: State, clock: int) -> State:
    """Both states at once."""
    makers = distinct((*otherwise.makers, *then.makers))
    return State(
        together((then.presence, otherwise.presence)),
        makers,
        clock,
        then.external and otherwise.external,
        assumption,
        replace(then, assumption=None, then=None, otherwise=None),
        replace(otherwise, assumption=None, then=None, otherwise=None),
    )


def states(entry: Entry, dialects: Dialects) -> Iterator[State]:
    """The states of a table on these databases."""
    if dialects.only is None:
        yield entry.state
        yield from (state for name, state in entry.by_dialect if name in dialects)
    else:
        yield from (entry.on(name) for name in dialects.only if name in dialects)
