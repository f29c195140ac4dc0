"""How the constraints and indexes of two tables differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from alembic_lint import model
from alembic_lint.model import Flag, IndexElement, MaybeName, Name, SqlExpression, Unknown
from alembic_lint.schema.conditions import same_condition
from alembic_lint.schema.defaults import plain_expression
from alembic_lint.schema.objects import Constraint, Index, Table
from alembic_lint.schema.values import Presence
from alembic_lint.schema.verdicts import (
    Comparison,
    Verdict,
    as_verdict,
    equal,
    of_part,
    verdict_of,
)


def compare_constraints(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    """Compare what constraints two tables have, and each pair that is about the same."""
    pairs, left, right = _paired(first, list(first.constraints), list(second.constraints))
    for one, other in pairs:
        name = _shown(one)
        verdict = verdict_of(one.presence, other.presence) or Verdict.EQUAL
        yield of_part(one.kind, first, name, verdict, None, one, other)
        if verdict is Verdict.EQUAL:
            for attribute, same in _attributes(first, one, other, database):
                yield of_part(one.kind, first, name, as_verdict(same), attribute, one, other)
    yield from _alone(first, left, right, Verdict.MISSING, whole=second)
    yield from _alone(first, right, left, Verdict.EXTRA, whole=first)


def _paired(
    table: Table, left: list[Constraint], right: list[Constraint]
) -> tuple[list[tuple[Constraint, Constraint]], list[Constraint], list[Constraint]]:
    """Those that are about the same, and what is left over of both."""
    pairs: list[tuple[Constraint, Constraint]] = []
    rest, remaining = list(left), list(right)
    ways: tuple[Callable[[Table, Constraint], object | None], ...] = (_name, _signature)
    # The surest first: one that is known to be there before one that may be, and of several about
    # the same columns, that of the same name.
    for maybe, like in product((False, True), ways):
        for one in [item for item in rest if maybe or item.presence is Presence.PRESENT]:
            known = like(table, one)
            found = next(
                (
                    other
                    for other in remaining
                    if known is not None and other.kind == one.kind and like(table, other) == known
                ),
                None,
            )
            if found is not None:
                pairs.append((one, found))
                rest.remove(one)
                remaining.remove(found)
    return pairs, rest, remaining


def _name(table: Table, item: Constraint) -> str | None:
    return table.fold(item.name) if isinstance(item.name, str) else None


def _signature(table: Table, item: Constraint) -> object | None:
    """What a constraint is about, by which its like is found; None where it is not known."""
    columns = _folded(table, item.columns)
    if isinstance(columns, Unknown):
        return _name(table, item)
    match item.definition:
        case model.PrimaryKeyConstraint():
            return "primary"
        case model.ForeignKeyConstraint(referent=str(referent)):
            return columns, table.fold(referent)
        case model.ForeignKeyConstraint():
            return None
        case model.UniqueConstraint():
            return frozenset(columns)
        case _:
            return columns


def _folded(
    table: Table, names: tuple[str, ...] | tuple[Name, ...] | Unknown
) -> tuple[Name, ...] | Unknown:
    """Names as the table's database tells them apart."""
    if isinstance(names, Unknown):
        return names
    return tuple(table.fold(name) if isinstance(name, str) else name for name in names)


def _alone(
    table: Table,
    here: Sequence[Constraint],
    there: Sequence[Constraint],
    verdict: Verdict,
    *,
    whole: Table,
) -> Iterator[Comparison]:
    """Constraints that one side alone has; one there that is not known may be its like."""
    for item in here:
        vague = _signature(table, item) is None or any(
            other.kind == item.kind and _signature(table, other) is None for other in there
        )
        unsure = not whole.all_known(item.kind) or vague or item.presence is Presence.MAYBE
        missing = verdict is Verdict.MISSING
        yield of_part(
            item.kind,
            table,
            _shown(item),
            Verdict.UNCERTAIN if unsure else verdict,
            None,
            item if missing else None,
            None if missing else item,
        )


def _attributes(
    table: Table, one: Constraint, other: Constraint, database: str
) -> Iterator[tuple[str, bool | None]]:
    if database != "sqlite" or (one.name is not None and other.name is not None):
        yield "name", equal(_name(table, one) or one.name, _name(table, other) or other.name)
    columns = equal(_folded(table, one.columns), _folded(table, other.columns))
    match one.definition, other.definition:
        case model.ForeignKeyConstraint() as left, model.ForeignKeyConstraint() as right:
            yield "columns", columns
            there = [_folded(table, item.referent_columns) for item in (left, right)]
            yield "referent_columns", equal(*there)
            yield "referent_schema", equal(left.referent_schema, right.referent_schema)
            yield "ondelete", equal(_action(left.ondelete), _action(right.ondelete))
            yield "onupdate", equal(_action(left.onupdate), _action(right.onupdate))
            yield "deferrable", equal(bool_of(left.deferrable), bool_of(right.deferrable))
        case model.CheckConstraint() as left, model.CheckConstraint() as right:
            yield "condition", same_condition(left.condition, right.condition, database)
        case _:
            yield "columns", columns


def _action(action: MaybeName) -> MaybeName:
    """An action in capitals; NO ACTION is what a foreign key does anyhow."""
    if not isinstance(action, str):
        return action
    plain = " ".join(action.upper().split())
    return None if plain == "NO ACTION" else plain


def bool_of(flag: Flag | None) -> Flag:
    """A flag of which None means False."""
    return False if flag is None else flag


def _shown(item: Constraint | Index) -> str:
    """The name of a constraint or index, or else its columns."""
    if isinstance(item.name, str):
        return item.name
    columns = item.names if isinstance(item, Index) else item.columns
    if isinstance(columns, tuple):
        return item.likely or f"({', '.join(columns)})"
    return item.likely or "(?)"


def compare_indexes(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    """Compare what indexes two tables have, and each pair of one name."""
    remaining = list(second.indexes)
    pairs: dict[int, Index] = {}
    for like in (_named_like, _unnamed_like):
        for number, one in enumerate(first.indexes):
            twin = None
            if number not in pairs:
                twin = next((item for item in remaining if like(first, one, item)), None)
            if twin is not None:
                pairs[number] = twin
                remaining.remove(twin)
    for number, one in enumerate(first.indexes):
        found = pairs.get(number)
        if found is None:
            vague = any(isinstance(item.name, Unknown) for item in remaining)
            unsure = not second.all_known("index") or vague or one.presence is Presence.MAYBE
            verdict = Verdict.UNCERTAIN if unsure else Verdict.MISSING
            yield of_part("index", first, _shown(one), verdict, None, one, None)
            continue
        verdict = verdict_of(one.presence, found.presence) or Verdict.EQUAL
        yield of_part("index", first, _shown(one), verdict, None, one, found)
        if verdict is Verdict.EQUAL:
            for attribute, same in _index_attributes(first, one, found, database):
                shown = _shown(one)
                yield of_part("index", first, shown, as_verdict(same), attribute, one, found)
    for other in remaining:
        vague = any(isinstance(item.name, Unknown) for item in first.indexes)
        unsure = not first.all_known("index") or vague or other.presence is Presence.MAYBE
        verdict = Verdict.UNCERTAIN if unsure else Verdict.EXTRA
        yield of_part("index", first, _shown(other), verdict, None, None, other)


def _index_attributes(
    table: Table, one: Index, other: Index, database: str
) -> Iterator[tuple[str, bool | None]]:
    yield "columns", _same_elements(table, one, other)
    yield "unique", equal(one.unique, other.unique)
    left, right = _condition(one, database), _condition(other, database)
    if left is not None or right is not None:
        yield "condition", same_condition(left, right, database)


def _condition(item: Index, database: str) -> MaybeName:
    """Which rows an index is of, in SQL; None for all."""
    match dict(item.keywords).get(f"{database}_where"):
        case None | str() | Unknown() as text:
            return text
        case SqlExpression(text):
            return text
        case _:
            return Unknown("its condition is not SQL")


def _named_like(table: Table, one: Index, other: Index) -> bool:
    """Whether two indexes have the same name, or one that a database gives."""
    names = [
        {table.fold(name) for name in (item.name, item.likely) if isinstance(name, str)}
        for item in (one, other)
    ]
    return not names[0].isdisjoint(names[1])


def _unnamed_like(table: Table, one: Index, other: Index) -> bool:
    """Whether two indexes, one of which has a name that is not known, are on the same columns."""
    unnamed = isinstance(one.name, Unknown) or isinstance(other.name, Unknown)
    return unnamed and _same_elements(table, one, other) is True


def _same_elements(table: Table, one: Index, other: Index) -> bool | None:
    if not isinstance(one.columns, tuple) or not isinstance(other.columns, tuple):
        return None
    if len(one.columns) != len(other.columns):
        return False
    left = [_element(table, item) for item in one.columns]
    right = [_element(table, item) for item in other.columns]
    if left == right and None not in left:
        return True
    # An expression can be written in many ways.
    return False if isinstance(one.names, tuple) and isinstance(other.names, tuple) else None


_ORDER = re.compile(r"(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*$", re.IGNORECASE)


def _element(table: Table, item: IndexElement) -> str | None:
    """A column of an index, or an expression, without its order."""
    match item:
        case str(name):
            return plain_expression(table.fold(name))
        case SqlExpression(str(text)):
            return plain_expression(_ORDER.sub("", text))
        case _:
            return None
