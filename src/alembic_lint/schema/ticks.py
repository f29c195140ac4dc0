"""When constraints and indexes of each kind may have changed unseen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

INDEX = "index"


@dataclass(frozen=True, slots=True)
class KeyTicks:
    """For each kind of constraint, and for indexes, a tick of the schema's clock; -1: never."""

    primary: int = -1
    foreignkey: int = -1
    unique: int = -1
    check: int = -1
    exclude: int = -1
    index: int = -1

    def of(self, kind: str) -> int:
        """The tick of a kind."""
        tick: int = getattr(self, kind)
        return tick

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that have a tick."""
        return tuple(kind for kind in KEY_KINDS if self.of(kind) >= 0)

    @property
    def newest(self) -> int:
        """The last tick of any kind."""
        return max(map(self.of, KEY_KINDS))

    def later(self, other: KeyTicks) -> KeyTicks:
        """The later tick of each kind."""
        if other is NEVER or self == other:
            return self
        if self is NEVER:
            return other
        return KeyTicks(*(max(self.of(kind), other.of(kind)) for kind in KEY_KINDS))

    def after(self, since: int) -> KeyTicks:
        """The ticks of those kinds alone whose tick is later than another."""
        if self is NEVER or self.newest <= since:
            return NEVER
        return KeyTicks(*(tick if (tick := self.of(kind)) > since else -1 for kind in KEY_KINDS))


KEY_KINDS = tuple(field.name for field in fields(KeyTicks))
"""The kinds of constraints under Alembic's names, and "index"."""

CONSTRAINTS = tuple(kind for kind in KEY_KINDS if kind != INDEX)

NEVER = KeyTicks()


def ticked(clock: int, kinds: Iterable[str] = KEY_KINDS) -> KeyTicks:
    """Ticks of some kinds alone."""
    return KeyTicks(**dict.fromkeys(kinds, clock))
