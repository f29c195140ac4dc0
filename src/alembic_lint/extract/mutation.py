"""Methods of lists, sets and dicts that change them in place."""

from __future__ import annotations

from alembic_lint.extract.choices import any_sometimes
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.methods import looked_up
from alembic_lint.extract.values import Abstract, Existing, Items, Pairs, Selection
from alembic_lint.model import Unknown

MUTATORS = frozenset(
    {
        "add", "append", "clear", "difference_update", "discard", "extend", "insert",
        "intersection_update", "pop", "popitem", "remove", "reverse", "setdefault", "sort",
        "symmetric_difference_update", "update",
    }
)  # fmt: skip
"""Methods that change a collection."""

_CHANGED = Unknown("it is changed in place")


def mutated(
    owner: Abstract, method: str, passed: list[Abstract], keywords: dict[str, Abstract]
) -> tuple[Abstract, Abstract]:
    """The collection as a method leaves it, and what the method returns."""
    match owner:
        case Items():
            return _items(owner, method, passed)
        case Pairs():
            return _pairs(owner, method, passed, keywords)
        case _:
            return _CHANGED, _CHANGED if method == "pop" else None


def _items(owner: Items, method: str, passed: list[Abstract]) -> tuple[Abstract, Abstract]:
    match method, passed:
        case ("append" | "add", [value]):
            return Items((*owner, value)), None
        case ("extend" | "update", [tuple() as more]):
            return Items((*owner, *more)), None
        case ("extend" | "update", [Pairs(items)]):
            return Items((*owner, *(key for key, _ in items))), None
        case ("extend" | "update", [Existing() | Selection() as more]) if not owner:
            return more, None
        case ("insert", [int(index), value]) if not any_sometimes(owner):
            return Items((*owner[:index], value, *owner[index:])), None
        case ("remove" | "discard", [value]) if is_known(value) and is_known(owner):
            return Items(_without(owner, value, all_of_them=method == "discard")), None
        case ("pop", [] | [int()]) if owner and is_known(owner):
            index = passed[0] if passed and isinstance(passed[0], int) else -1
            if -len(owner) <= index < len(owner):
                left = (item for place, item in enumerate(owner) if place != index % len(owner))
                return Items(left), owner[index]
            return _CHANGED, _CHANGED
        case ("clear", []):
            return Items(), None
        case ("reverse", []):
            return Items(owner[::-1]), None
        case ("sort", []) if all(isinstance(item, str) and is_known(item) for item in owner):
            return Items(sorted(item for item in owner if isinstance(item, str))), None
        case ("sort", _):
            return Items(owner), None  # in an order that is not known
        case _:
            return _CHANGED, _CHANGED if method == "pop" else None


def _pairs(
    owner: Pairs, method: str, passed: list[Abstract], keywords: dict[str, Abstract]
) -> tuple[Abstract, Abstract]:
    match method, passed:
        case ("update", []):
            return _with(owner, tuple(keywords.items())), None
        case ("update", [Pairs(more)]):
            return _with(owner, (*more, *keywords.items())), None
        case ("setdefault", [key, *rest]) if is_known(key) and _keys_known(owner):
            present = any(key == known for known, _ in owner.items)
            default = rest[0] if rest else None
            if present:
                return owner, looked_up(owner, key, default)
            return _with(owner, ((key, default),)), default
        case ("pop", [key, *rest]) if is_known(key) and _keys_known(owner):
            left = tuple((known, value) for known, value in owner.items if known != key)
            return Pairs(left), looked_up(owner, key, rest[0] if rest else _CHANGED)
        case ("clear", []):
            return Pairs(()), None
        case _:
            return _CHANGED, None if method == "update" else _CHANGED


def with_item(owner: Abstract, key: Abstract, value: Abstract) -> Abstract:
    """A collection after `owner[key] = value`."""
    match owner, key:
        case (Pairs(), _):
            return _with(owner, ((key, value),))
        case (Items(), int(index)) if -len(owner) <= index < len(owner):
            if any_sometimes(owner):
                return _CHANGED
            place = index % len(owner)
            return Items((*owner[:place], value, *owner[place + 1 :]))
        case _:
            return _CHANGED


def without_item(owner: Abstract, key: Abstract) -> Abstract:
    """A collection after `del owner[key]`."""
    match owner, key:
        case (Pairs(items), _) if is_known(key) and _keys_known(owner):
            return Pairs(tuple((known, value) for known, value in items if known != key))
        case (Items(), int(index)) if -len(owner) <= index < len(owner) and is_known(owner):
            return Items(item for place, item in enumerate(owner) if place != index % len(owner))
        case _:
            return _CHANGED


def _with(owner: Pairs, more: tuple[tuple[Abstract, Abstract], ...]) -> Abstract:
    """A dict with more items; a key that is there keeps its place."""
    items = list(owner.items)
    for key, value in more:
        if not is_known(key):
            items.append((key, value))
            continue
        place = next((n for n, (known, _) in enumerate(items) if _same(known, key)), None)
        if place is None:
            items.append((key, value))
        else:
            items[place] = (items[place][0], value)
    return Pairs(tuple(items))


def _same(left: Abstract, right: Abstract) -> bool:
    return is_known(left) and left == right


def _keys_known(owner: Pairs) -> bool:
    return all(is_known(key) for key, _ in owner.items)


def _without(owner: tuple[Abstract, ...], value: Abstract, *, all_of_them: bool) -> list[Abstract]:
    items = list(owner)
    while value in items:
        items.remove(value)
        if not all_of_them:
            break
    return items
