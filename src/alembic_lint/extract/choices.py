"""Values that conditions decide between, and elements that are there only at times."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.extract.conditions import Truth, choice, conjunction, negate
from alembic_lint.extract.values import Abstract, Boolean, Either, Existing, Items, Sometimes
from alembic_lint.model import Unknown

_CHOICE_LIMIT = 64
"""Values that one value may be, by conditions."""


def either(condition: Truth, then: Abstract, other: Abstract) -> Abstract:
    """One of two values, simplified where it can be."""
    if condition is True or (then == other and type(then) is type(other)):
        return then
    if condition is False:
        return other
    if isinstance(then, bool | Boolean) and isinstance(other, bool | Boolean):
        return truth_value(choice(condition, _truth_of(then), _truth_of(other)))
    if isinstance(then, Existing) and isinstance(other, Existing):
        changed = (*then.changed, *(name for name in other.changed if name not in then.changed))
        if replace(then, changed=changed) == replace(other, changed=changed):
            return replace(then, changed=changed)
    if isinstance(then, tuple) and isinstance(other, tuple):
        both = isinstance(then, Items) and isinstance(other, Items)
        if then[: len(other)] == other:
            more = (sometimes(condition, item) for item in then[len(other) :])
            return Items((*other, *more)) if both else (*other, *more)
        if other[: len(then)] == then:
            opposite = negate(condition)
            more = (sometimes(opposite, item) for item in other[len(then) :])
            return Items((*then, *more)) if both else (*then, *more)
    if _choices(then) + _choices(other) > _CHOICE_LIMIT:
        return Unknown("it depends on too many conditions")
    return Either(condition, then, other)


def _choices(value: Abstract) -> int:
    """How many values there are to choose from, as far as this matters."""
    count, pending = 0, [value]
    while pending and count <= _CHOICE_LIMIT:
        item = pending.pop()
        if isinstance(item, Either):
            pending += (item.then, item.other)
        else:
            count += 1
    return count


def truth_value(truth: Truth) -> Abstract:
    """A truth as a value."""
    return truth if isinstance(truth, bool) else Boolean(truth)


def _truth_of(value: bool | Boolean) -> Truth:
    return value if isinstance(value, bool) else value.condition


def sometimes(condition: Truth, value: Abstract) -> Abstract:
    """An element of a collection that is there under a condition."""
    if isinstance(condition, bool):
        return value
    if isinstance(value, Sometimes):
        both = conjunction((condition, value.condition))
        return value.value if isinstance(both, bool) else Sometimes(both, value.value)
    return Sometimes(condition, value)


def any_sometimes(items: tuple[Abstract, ...]) -> bool:
    """Whether an element is there only at times, so that positions are not known."""
    return any(isinstance(item, Sometimes) for item in items)
