"""How large a value may grow."""

from __future__ import annotations

from alembic_lint.extract.values import Abstract, Either, Pairs, PartialCall, Sometimes
from alembic_lint.model import TableValue, Unknown

SIZE_LIMIT = 5_000
"""Values within one value. What holds more is not followed."""

_LEVEL_LIMIT = 40
"""Values within values within values. What is nested deeper is not followed."""


def sized(value: Abstract) -> Abstract:
    """The value itself, or Unknown where it has grown past all measure."""
    level: list[Abstract] = [value]
    size = levels = 0
    while level:
        size, levels = size + len(level), levels + 1
        if size > SIZE_LIMIT or levels > _LEVEL_LIMIT:
            return Unknown("the value is too large to be followed")
        level = [part for item in level for part in _parts(item)]
    return value


def _parts(value: Abstract) -> tuple[Abstract, ...]:
    match value:
        case tuple():
            return value
        case Pairs(items):
            return tuple(part for pair in items for part in pair)
        case Either(_, then, other):
            return (then, other)
        case Sometimes(_, inner):
            return (inner,)
        case TableValue(items=items):
            return items
        case PartialCall(function, passed):
            return (function, *(item.value for item in passed))
        case _:
            return ()
