"""Comprehensions: element by element over known values, by their question over others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from alembic_lint.extract import guards
from alembic_lint.extract.choices import any_sometimes
from alembic_lint.extract.conditions import (
    Truth,
    conjunction,
    negate,
)
from alembic_lint.extract.scope import Scope
from alembic_lint.extract.size import sized
from alembic_lint.extract.values import (
    Abstract,
    Either,
    Existing,
    Items,
    Pairs,
    Record,
    RecordField,
    Selection,
    Sometimes,
)
from alembic_lint.model import Unknown

if TYPE_CHECKING:  # the two call each other
    from alembic_lint.extract.evaluate import Evaluator

UNROLL_LIMIT = 500
"""Elements. A loop or comprehension over more is not unrolled."""


def comprehension(
    evaluator: Evaluator, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
) -> Abstract:
    """The collection that a comprehension or generator makes; a dict for a dict's."""
    before = evaluator.scope
    evaluator.scope = Scope({}, before, comprehension=True)
    mark = evaluator.trail.mark()
    try:
        results: list[Abstract] = []
        rest = _comprehend(evaluator, node, node.for_in, True, results)
        if rest is not None:
            return rest
        if isinstance(node, cst.DictComp):
            if any_sometimes(tuple(results)):
                return Unknown("its items are there only at times")
            pairs = [(item[0], item[1]) for item in results if isinstance(item, tuple)]
            return sized(Pairs(tuple(pairs)))
        return sized(Items(results))
    finally:
        evaluator.trail.forget(mark, evaluator.scope.names)
        evaluator.scope = before


def _comprehend(
    evaluator: Evaluator,
    node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp,
    clause: cst.CompFor,
    condition: Truth,
    results: list[Abstract],
) -> Abstract | None:
    """Collect the elements; a value is returned where these cannot be told one by one."""
    iterable = evaluator.iterated(evaluator.evaluate(clause.iter))
    match iterable:
        case Existing() | Selection():
            return _select(evaluator, node, clause, iterable)
        case Pairs(items):
            iterable = tuple(key for key, _ in items)
        case tuple():
            pass
        case Either(decided, tuple() as then, tuple() as other):
            opposite = negate(decided)
            iterable = tuple(
                Sometimes(truth, item)
                for truth, group in ((decided, then), (opposite, other))
                for item in group
                if not isinstance(truth, bool)
            )
        case _:
            return Unknown("it is made in a loop over values that are not known")
    if len(iterable) > UNROLL_LIMIT:
        return Unknown("it is made in a loop over too many values")
    for item in iterable:
        here = condition
        if isinstance(item, Sometimes):
            here, item = conjunction((here, item.condition)), item.value
        evaluator.bind(clause.target, item)
        for test in clause.ifs:
            here = conjunction((here, evaluator.truth(test.test)))
        if here is False:
            continue
        if clause.inner_for_in is not None:
            rest = _comprehend(evaluator, node, clause.inner_for_in, here, results)
            if rest is not None:
                return rest
            continue
        element = _element(evaluator, node)
        results.append(element if isinstance(here, bool) else Sometimes(here, element))
    return None


def _element(
    evaluator: Evaluator, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
) -> Abstract:
    if isinstance(node, cst.DictComp):
        return (evaluator.evaluate(node.key), evaluator.evaluate(node.value))
    return evaluator.evaluate(node.elt)


def _select(
    evaluator: Evaluator,
    node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp,
    clause: cst.CompFor,
    source: Existing | Selection,
) -> Abstract:
    """A collection made from what the database lists."""
    existing = source if isinstance(source, Existing) else source.existing
    condition: Truth = True
    if isinstance(source, Selection) and source.condition is not None:
        condition = source.condition
    variable: Abstract = Record(existing)
    if existing.kind == "table" or (
        isinstance(source, Selection) and isinstance(source.element, RecordField)
    ):
        variable = RecordField(existing, "name")
    evaluator.bind(clause.target, variable)
    for test in clause.ifs:
        value = evaluator.evaluate(test.test)
        if isinstance(value, RecordField):
            continue  # `if index["name"]` only leaves out those without a name
        condition = conjunction((condition, guards.truth(value, evaluator.written(test.test))))
    if clause.inner_for_in is not None:
        return Unknown("it is made in a loop over what the database lists")
    element = evaluator.evaluate(node.key if isinstance(node, cst.DictComp) else node.elt)
    if isinstance(element, RecordField) and element.field == "name" and condition is True:
        return existing if isinstance(source, Existing) else source
    return Selection(existing, element, None if isinstance(condition, bool) else condition)


def mapped(
    evaluator: Evaluator, function: Abstract, source: Abstract, node: cst.Call
) -> Abstract | None:
    """`map(function, source)`; Python's None where the source is not known."""

    def apply(item: Abstract) -> Abstract:
        return evaluator.applied(function, item, node)

    match source:
        case Existing() | Selection():
            existing = source if isinstance(source, Existing) else source.existing
            condition = None if isinstance(source, Existing) else source.condition
            element = apply(_variable(source))
            named = isinstance(element, RecordField) and element.field == "name"
            if named and condition is None:
                return existing
            return Selection(existing, element, condition)
        case tuple() if len(source) <= UNROLL_LIMIT:
            return Items(
                Sometimes(item.condition, apply(item.value))
                if isinstance(item, Sometimes)
                else apply(item)
                for item in source
            )
        case _:
            return None


def filtered(
    evaluator: Evaluator, function: Abstract, source: Abstract, node: cst.Call
) -> Abstract | None:
    """`filter(function, source)`; Python's None where the source is not known."""

    def test(item: Abstract) -> Truth:
        value = item if function is None else evaluator.applied(function, item, node)
        return guards.truth(value, evaluator.written(node))

    match source:
        case Existing() | Selection():
            existing = source if isinstance(source, Existing) else source.existing
            already = None if isinstance(source, Existing) else source.condition
            variable = _variable(source)
            condition = conjunction((True if already is None else already, test(variable)))
            if isinstance(condition, bool):
                return source if condition else Items()
            return Selection(existing, variable, condition)
        case tuple() if len(source) <= UNROLL_LIMIT:
            kept: list[Abstract] = []
            for item in source:
                here: Truth = True
                if isinstance(item, Sometimes):
                    here, item = item.condition, item.value
                here = conjunction((here, test(item)))
                if here is not False:
                    kept.append(item if isinstance(here, bool) else Sometimes(here, item))
            return Items(kept)
        case _:
            return None


def _variable(source: Existing | Selection) -> Abstract:
    """What stands for one of those that the database lists."""
    if isinstance(source, Selection):
        return source.element
    return RecordField(source, "name") if source.kind == "table" else Record(source)
