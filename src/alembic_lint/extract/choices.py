"""Values that conditions decide between, and elements that are there only at times."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.extract.conditions import Truth, choice, conjunction, holds_on, negate
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    Either,
    Existing,
    Items,
    Passed,
    Sometimes,
)
from alembic_lint.model import Condition, SqlExpression, Statement, Unknown

_WAYS = 4
"""Ways in which a call may go, by the names or the SQL that it is passed."""

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
    if choices(then) + choices(other) > _CHOICE_LIMIT:
        return Unknown("it depends on too many conditions")
    return Either(condition, then, other)


def choices(value: Abstract) -> int:
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


def alternatives(
    passed: tuple[Passed, ...],
) -> tuple[Condition, tuple[Passed, ...], tuple[Passed, ...]] | None:
    """Arguments of which a condition decides a name, a flag or SQL: it, and what it leaves.

    None where there is no such argument, or where there are too many ways.
    """
    open_ = [choice for choice in (_open(item.value) for item in passed) if choice is not None]
    if not open_ or sum(choices(item.value) for item in passed) - len(passed) > _WAYS:
        return None
    condition = open_[0].condition
    ways = tuple(
        tuple(replace(item, value=_settled(item.value, condition, holds=holds)) for item in passed)
        for holds in (True, False)
    )
    return condition, ways[0], ways[1]


def _open(value: Abstract) -> Either | None:
    """A name, a flag or SQL that is one of two."""
    match value:
        case Either(_, then, other) if _is_plain(then) and _is_plain(other):
            return value
        case Boolean(condition) if holds_on(condition, "") is not None:
            return Either(condition, True, False)
        case _:
            return None


def _is_plain(value: Abstract) -> bool:
    match value:
        case Either(_, then, other):
            return _is_plain(then) and _is_plain(other)
        case _:
            return value is None or isinstance(value, str | bool | SqlExpression | Statement)


def _settled(value: Abstract, condition: Condition, *, holds: bool) -> Abstract:
    """What is left of a value where a condition holds, or does not."""
    choice_ = _open(value)
    if choice_ is None or choice_.condition != condition:
        return value
    return choice_.then if holds else choice_.other


def any_sometimes(items: tuple[Abstract, ...]) -> bool:
    """Whether an element is there only at times, so that positions are not known."""
    return any(isinstance(item, Sometimes) for item in items)
