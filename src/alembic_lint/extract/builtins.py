"""Python's own functions, as far as revisions use them on values that can be known."""

from __future__ import annotations

from alembic_lint.extract import guards
from alembic_lint.extract.choices import either, truth_value
from alembic_lint.extract.conditions import Truth, conjunction, disjunction
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.methods import plain
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    Either,
    Existing,
    Items,
    Pairs,
    Passed,
    Record,
    RecordField,
    Selection,
    Sometimes,
    Text,
)
from alembic_lint.model import OpaqueCondition, Reference, Unknown

_RANGE_LIMIT = 500
_MAKES_LISTS = ("list", "set", "sorted")


def call_builtin(name: str, passed: tuple[Passed, ...], text: Text) -> Abstract | None:
    """What a built-in function returns, or Python's None where it is not one known here."""
    positional, keywords = plain(passed)
    match name, positional:
        case ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter", [value]):
            made = _collection(name, value)
            return Items(made) if isinstance(made, tuple) and name in _MAKES_LISTS else made
        case ("list" | "set", []):
            return Items()
        case ("tuple" | "frozenset", []):
            return ()
        case ("dict", []):
            return Pairs(tuple(keywords.items()))
        case ("dict", [Pairs(items)]):
            return Pairs((*items, *keywords.items()))
        case ("str", [value]):
            return str(value) if is_known(value) else value if isinstance(value, str) else None
        case ("int", [value]) if isinstance(value, int | str) and is_known(value):
            try:
                return int(value)
            except ValueError:
                return Unknown("not a number")
        case ("bool", [value]):
            return truth_value(guards.truth(value, text))
        case ("len", [value]):
            return _length(value)
        case ("any", [value]):
            return truth_value(_any(value, text))
        case ("all", [value]):
            return truth_value(_all(value, text))
        case ("next", [value, *rest]):
            return _next(value, rest[0] if rest else None, text)
        case ("range", bounds) if bounds and all(isinstance(bound, int) for bound in bounds):
            try:
                numbers = range(*(bound for bound in bounds if isinstance(bound, int)))
            except (TypeError, ValueError):
                return Unknown("not a range")
            return tuple(numbers) if len(numbers) <= _RANGE_LIMIT else Unknown("a long range")
        case ("zip", [*groups]) if groups and all(isinstance(group, tuple) for group in groups):
            return tuple(
                zip(*(group for group in groups if isinstance(group, tuple)), strict=False)
            )
        case ("enumerate", [tuple() as items, *start]):
            first = start[0] if start and isinstance(start[0], int) else 0
            return tuple((first + index, item) for index, item in enumerate(items))
        case ("isinstance", [value, classes]):
            found = guards.dialect_of_class(value, classes)
            if found is not None:
                return Boolean(found)
            return _is_instance(value, classes, text)
        case ("getattr", [Reference(owner, False), str(attribute), *_]):
            return Reference(f"{owner}.{attribute}")
        case ("print", _):
            return Unknown("nothing")
        case _:
            return None


def _collection(name: str, value: Abstract) -> Abstract:
    match value:
        case Existing() | Selection() | RecordField():
            return value
        case Pairs(items):
            return tuple(key for key, _ in items)
        case Either(condition, then, other):
            return either(condition, _collection(name, then), _collection(name, other))
        case tuple() if name == "reversed":
            return value[::-1]
        case tuple() if name == "sorted" and is_known(value):
            texts = [item for item in value if isinstance(item, str)]
            return tuple(sorted(texts)) if len(texts) == len(value) else value
        case tuple() if name in ("set", "frozenset") and is_known(value):
            return tuple(dict.fromkeys(value))
        case tuple():
            return value
        case str() if is_known(value):
            return tuple(value)
        case _:
            return Unknown("a collection that is not known")


def _length(value: Abstract) -> Abstract:
    match value:
        case tuple() if not any(isinstance(item, Sometimes) for item in value):
            return len(value)
        case str() if is_known(value):
            return len(value)
        case Selection(_, _, condition) if condition is not None:
            return either(condition, 1, 0)
        case tuple():
            truth = guards.truth(value, lambda: "a length")
            return either(truth, len(value), 0)
        case _:
            return Unknown("the length of a collection that is not known")


def _any(value: Abstract, text: Text) -> Truth:
    match value:
        case tuple():
            return disjunction(guards.truth(item, text) for item in value)
        case Selection(_, Boolean(element), condition):
            return conjunction((element, True if condition is None else condition))
        case Selection(_, bool(element), condition):
            return element if condition is None else conjunction((element, condition))
        case Selection(_, _, condition) if condition is not None:
            return condition
        case _:
            return OpaqueCondition(text())


def _all(value: Abstract, text: Text) -> Truth:
    if isinstance(value, tuple):
        return conjunction(guards.truth(item, text) for item in value)
    return OpaqueCondition(text())


def _next(value: Abstract, default: Abstract, text: Text) -> Abstract:
    match value:
        case Selection(existing, element, condition):
            found = OpaqueCondition(text()) if condition is None else condition
            return either(found, element if element is not None else Record(existing), default)
        case Existing():
            return either(OpaqueCondition(text()), Record(value), default)
        case (first, *_) if not isinstance(first, Sometimes):
            return first
        case ():
            return default
        case _:
            return Unknown("the first of a collection that is not known")


def _is_instance(value: Abstract, classes: Abstract, text: Text) -> Abstract:
    wanted = classes if isinstance(classes, tuple) else (classes,)
    names = {item.name.removeprefix("builtins.") for item in wanted if isinstance(item, Reference)}
    if is_known(value) and len(names) == len(wanted):
        ours = {kind.__name__ for kind in type(value).__mro__}
        known = {"str", "int", "float", "bool", "bytes", "tuple", "list", "dict", "set"}
        if names <= known:
            if isinstance(value, tuple):
                return bool(names & {"tuple", "list", "set"})
            return bool(names & ours)
    return Boolean(OpaqueCondition(text()))
