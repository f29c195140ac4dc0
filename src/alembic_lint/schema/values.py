"""What is known of an object, on which databases, and under which assumption."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from alembic_lint.model import (
    And,
    Condition,
    Context,
    DialectIs,
    Guard,
    Not,
    Operation,
    Revision,
)

TableKey = tuple[str | None, str]
"""Schema and name; the schema None is the default one."""


MOST_MAKERS = 16
"""Operations that are kept for one table: its cost must not grow with how often it is made."""


class Presence(StrEnum):
    """Whether an object is there."""

    PRESENT = "present"
    ABSENT = "absent"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The operation that made an object, and the revision it belongs to."""

    revision: Revision
    operation: Operation


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table.

    `makers` are the operations that made it, or that may have, in the order in which they ran; of
    very many, the first.
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
        holds = True
        terms: list[tuple[int, Condition | str]] = [
            (guard.block, guard.condition) for guard in undecided
        ]
        if loop is not None:
            terms.append((-1, loop))
        if len(terms) == 1:
            block, condition = terms[0]
            while isinstance(condition, Not):
                condition, holds = condition.term, not holds
            terms = [(block, condition)]
        return Assumption(scope, tuple(terms), holds)


def distinct(makers: Iterable[Origin]) -> tuple[Origin, ...]:
    """The makers in order, each operation once, and no more than `MOST_MAKERS`."""
    # By identity: two equal operations are two, and comparing whole revisions costs far more.
    found = {id(maker.operation): maker for maker in makers}
    return tuple(islice(found.values(), MOST_MAKERS))


def together(presences: Iterable[Presence]) -> Presence:
    """The presence that all share; Maybe where they differ or there is none."""
    found = set(presences)
    return found.pop() if len(found) == 1 else Presence.MAYBE


def _excluded_dialects(condition: Condition) -> Iterator[str]:
    match condition:
        case Not(DialectIs(names)):
            yield from names
        case And(terms):
            for term in terms:
                yield from _excluded_dialects(term)
        case _:
            pass
