"""What a reading has changed, so that a branch can be taken back and joined with another.

Every change of a name, an attribute or a collection is written down. A branch is run, its changes
are undone and kept; then the other branch is run; then both are put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from alembic_lint.extract.choices import either
from alembic_lint.extract.conditions import Truth
from alembic_lint.extract.values import (
    Abstract,
    ClassValue,
    Either,
    FunctionValue,
    Instance,
    Items,
    Pairs,
    Sometimes,
)

Names = dict[str, Abstract]
"""What names or attributes are bound to; told from others by its identity."""


class Missing(Enum):
    """The value of a name that is not bound."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Change:
    """What a name is bound to in the end; `times` it was bound on the way."""

    names: Names
    name: str
    value: Abstract | Missing
    times: int = 1


Changes = dict[tuple[int, str], Change]
"""By the identity of the names and the name, in the order of the first change."""


class Trail:
    """The changes of one reading, in order."""

    def __init__(self) -> None:
        self._entries: list[tuple[Names, str, Abstract | Missing]] = []
        self._born: dict[int, tuple[int, Names]] = {}

    def put(self, names: Names, name: str, value: Abstract) -> None:
        """Bind a name."""
        self._entries.append((names, name, names.get(name, MISSING)))
        names[name] = value

    def remove(self, names: Names, name: str) -> None:
        """Unbind a name that may be bound."""
        if name in names:
            self._entries.append((names, name, names.pop(name)))

    def mark(self) -> int:
        """A place to go back to."""
        return len(self._entries)

    def since(self, mark: int) -> Changes:
        """What has been changed since a place, as it is now."""
        found: Changes = {}
        for names, name, _ in self._entries[mark:]:
            key = (id(names), name)
            times = found[key].times + 1 if key in found else 1
            found[key] = Change(names, name, names.get(name, MISSING), times)
        return found

    def undo(self, mark: int) -> Changes:
        """Take back what has been changed since a place; gives what it was."""
        found = self.since(mark)
        while len(self._entries) > mark:
            names, name, before = self._entries.pop()
            _set(names, name, before)
        return found

    def redo(self, changes: Changes) -> None:
        """Make changes that were taken back, or put together."""
        for change in changes.values():
            if change.value is MISSING:
                self.remove(change.names, change.name)
            else:
                self.put(change.names, change.name, change.value)

    def forget(self, mark: int, names: Names) -> None:
        """Drop what is known of names that did not exist at that place."""
        self._born[id(names)] = (mark, names)
        self._entries[mark:] = [entry for entry in self._entries[mark:] if entry[0] is not names]

    def lasting(self, changes: Changes, mark: int) -> Changes:
        """Without changes of names that did not exist at a place, and are gone by now."""
        return {key: change for key, change in changes.items() if self._birth(key[0]) < mark}

    def _birth(self, names: int) -> int:
        return self._born[names][0] if names in self._born else -1

    def settle(self, mark: int) -> None:
        """What has been changed since a place is never taken back."""
        del self._entries[mark:]


class Substitution:
    """Puts a changed collection in place of the old one, wherever that one can be reached."""

    def __init__(self, trail: Trail, old: Abstract, new: Abstract) -> None:
        self._trail = trail
        self._old = old
        self._new = new
        self._seen: dict[int, Abstract] = {}
        self._walked: set[int] = set()
        self.visited = 0

    def in_names(self, names: Names) -> None:
        """Replace it among names or attributes, and in what these hold."""
        if id(names) in self._walked:
            return
        self._walked.add(id(names))
        for name, value in tuple(names.items()):
            replaced = self._in_value(value)
            if replaced is not value:
                self._trail.put(names, name, replaced)

    def _in_value(self, value: Abstract) -> Abstract:
        if value is self._old:
            return self._new
        if not isinstance(value, _HOLDERS):
            return value
        if id(value) not in self._seen:
            self.visited += 1
            self._seen[id(value)] = value  # a cycle ends here
            self._seen[id(value)] = self._in_holder(value)
        return self._seen[id(value)]

    def _in_holder(self, value: Abstract) -> Abstract:
        match value:
            case Instance() | ClassValue():
                self.in_names(value.attributes)
            case FunctionValue():
                self.in_names(value.defaults)
                for scope in value.scope.chain():
                    self.in_names(scope.names)
                if value.bound is not None:
                    self._in_value(value.bound)
            case Items() | tuple():
                parts = [self._in_value(item) for item in value]
                if any(new is not old for new, old in zip(parts, value, strict=True)):
                    return Items(parts) if isinstance(value, Items) else tuple(parts)
            case Pairs(items):
                pairs = [(key, self._in_value(item)) for key, item in items]
                if any(new[1] is not old[1] for new, old in zip(pairs, items, strict=True)):
                    return Pairs(tuple(pairs))
            case Either(condition, then, other):
                first, second = self._in_value(then), self._in_value(other)
                if first is not then or second is not other:
                    return either(condition, first, second)
            case Sometimes(condition, inner):
                found = self._in_value(inner)
                if found is not inner:
                    return Sometimes(condition, found)
            case _:
                pass
        return value


_HOLDERS = (tuple, Pairs, Either, Sometimes, Instance, ClassValue, FunctionValue)


def _set(names: Names, name: str, value: Abstract | Missing) -> None:
    if value is MISSING:
        names.pop(name, None)
    else:
        names[name] = value


def combined(condition: Truth, then: Changes, other: Changes) -> Changes:
    """The changes where one of two branches is taken; both are taken back at this moment.

    A name that only one of them binds has its value there: elsewhere it would raise.
    """
    found: Changes = {}
    made: dict[tuple[int, int], Abstract] = {}  # one collection stays one under all its names
    for key, change in (*then.items(), *other.items()):
        if key in found:
            continue
        now: Abstract | Missing = change.names.get(change.name, MISSING)
        first = then[key].value if key in then else now
        second = other[key].value if key in other else now
        if first is MISSING or second is MISSING:
            value = second if first is MISSING else first
        else:
            pair = (id(first), id(second))
            if pair not in made:
                made[pair] = either(condition, first, second)
            value = made[pair]
        found[key] = Change(change.names, change.name, value)
    return found
