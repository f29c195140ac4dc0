"""Subscripts of values: items by their key or place, and slices."""

from __future__ import annotations

from alembic_lint.extract import methods
from alembic_lint.extract.choices import any_sometimes, either
from alembic_lint.extract.values import (
    Abstract,
    Either,
    Existing,
    FirstValue,
    Items,
    Pairs,
    Record,
    RecordField,
    Rows,
    Selection,
)
from alembic_lint.model import Reference, Unknown


def item_of(owner: Abstract, key: Abstract) -> Abstract:
    """The value of `owner[key]`."""
    match owner, key:
        case (Either(condition, then, other), _):
            return either(condition, item_of(then, key), item_of(other, key))
        case (Pairs(), _):
            return methods.looked_up(owner, key, Unknown("the key is not in the dict"))
        case (tuple() | str(), int(index)) if -len(owner) <= index < len(owner):
            if isinstance(owner, tuple) and any_sometimes(owner):
                return Unknown("what stands before it is there only at times")
            return owner[index]
        case (Record(Existing("column") as existing), 1):
            return RecordField(existing, "name")  # as `PRAGMA table_info` gives them
        case (Record(existing), str(field)):
            return RecordField(existing, field)
        case (Existing() | Selection(), _):
            return Record(owner if isinstance(owner, Existing) else owner.existing)
        case (Rows(), 0):
            return FirstValue(owner)
        case (Reference(name, False), _):
            return Reference(name)
        case _:
            return Unknown("a subscript of a value that is not known")


def part_of(owner: Abstract, bounds: list[Abstract]) -> Abstract:
    """The value of `owner[lower:upper:step]`; None for a bound that is left out."""
    if isinstance(owner, tuple | str) and all(isinstance(bound, int | None) for bound in bounds):
        lower, upper, step = (bound if isinstance(bound, int) else None for bound in bounds)
        if step == 0 or (isinstance(owner, tuple) and any_sometimes(owner)):
            return Unknown("a slice that is not known")
        part = owner[lower:upper:step]
        return Items(part) if isinstance(part, tuple) else part
    return Unknown("a slice of a value that is not known")
