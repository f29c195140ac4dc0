"""Loops: unrolled over known values, otherwise run once for all rounds."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from alembic_lint.extract.branches import STAYS, Brancher, Exits
from alembic_lint.extract.comprehensions import UNROLL_LIMIT
from alembic_lint.extract.conditions import conjunction, disjunction, negate
from alembic_lint.extract.scope import bound_names
from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import (
    Abstract,
    Either,
    Existing,
    Pairs,
    Record,
    RecordField,
    Selection,
    Sometimes,
)
from alembic_lint.model import Loop, OpaqueCondition, Unknown
from alembic_lint.source import Span

MUTATORS = ("append", "add", "extend", "update", "remove", "discard", "insert", "pop", "clear")
"""Methods that change a collection in place."""


class Looper(Brancher):
    """Executes `for` and `while`."""

    def _for(self, node: cst.For) -> Exits:
        iterable = self.evaluate(node.iter)
        exits = self._loop_over(node, iterable)
        if node.orelse is not None:
            return exits.then(self._body(node.orelse.body.body))
        return exits

    def _loop_over(self, node: cst.For, iterable: Abstract) -> Exits:
        span = self.module.positions.of_header(node)
        match iterable:
            case Pairs(items):
                return self._unrolled(node, tuple(key for key, _ in items), span)
            case tuple() if len(iterable) <= UNROLL_LIMIT:
                return self._unrolled(node, iterable, span)
            case Either(condition, then, other):
                return self._branches(
                    condition,
                    span,
                    lambda: self._loop_over(node, then),
                    lambda: self._loop_over(node, other),
                )
            case tuple():
                return self._once(node, Unknown("a variable of a long loop"), "it is too long")
            case Existing("table") as existing:
                return self._once(node, RecordField(existing, "name"), "it is over the database")
            case Existing() as existing:
                return self._once(node, Record(existing), "it is over the database")
            case Selection(_, element, condition):
                if condition is None:
                    return self._once(node, element, "it is over the database")
                return self._branches(
                    condition,
                    span,
                    lambda: self._once(node, element, "it is over the database"),
                    lambda: STAYS,
                )
            case _:
                return self._once(
                    node,
                    Unknown("a variable of a loop over values that are not known"),
                    "what it is over is not known",
                )

    def _unrolled(self, node: cst.For, items: tuple[Abstract, ...], span: Span) -> Exits:
        """Run the body once for each item."""
        before = self.context
        result = STAYS
        for item in items:
            self.statement = node
            if isinstance(item, Sometimes):
                exits = self._branches(
                    item.condition,
                    span,
                    lambda value=item.value: self._iteration(node, value),  # type: ignore[misc]
                    lambda: STAYS,
                )
            else:
                exits = self._iteration(node, item)
            left = disjunction((exits.returns, exits.breaks))
            result = result.then(Exits(returns=exits.returns))
            if left is True:
                break
            if left is not False:
                stays = negate(left)
                if isinstance(stays, bool) or not self.enter(stays, span, self.blocks):
                    break
        self.context = before
        return result

    def _iteration(self, node: cst.For, item: Abstract) -> Exits:
        self.bind(node.target, item)
        return self._body(node.body.body)

    def _once(self, node: cst.For | cst.While, item: Abstract, why: str) -> Exits:
        """Run the body once for all rounds: what it changes is not known in it or after it."""
        if node not in self.changes:
            self.changes[node] = _changed(node.body)
        changed = self.changes[node]
        for name in changed:
            if name in self.scope.names:
                self.scope.names[name] = Unknown(f"{name} changes in a loop")
        before = self.context
        over = self.module.text(node.iter if isinstance(node, cst.For) else node.test)
        span = self.module.positions.of_header(node)
        here = self.anchor if self.module is not self.revision and self.anchor else span
        self.context = replace(before, loop=Loop(over, why, here))
        if isinstance(node, cst.For):
            self.bind(node.target, item)
        exits = self._body(node.body.body)
        self.context = before
        for name in changed:
            self.scope.names[name] = Unknown(f"{name} changes in a loop")
        if exits.returns is False:
            return STAYS
        leaves = conjunction((OpaqueCondition(f"a round of the loop over {over}"), exits.returns))
        return Exits(returns=leaves)

    def _while(self, node: cst.While) -> Exits:
        condition = self.truth(node.test)
        if condition is False:
            return STAYS
        return self._once(node, None, "the number of its rounds is not known")


def _changed(body: cst.BaseSuite) -> list[str]:
    """The names that a body assigns, in order, without those of functions in it."""
    found: dict[str, None] = {}
    for node in own_nodes(body):
        match node:
            case cst.AssignTarget(target=target) | cst.AugAssign(target=target):
                found.update(dict.fromkeys(bound_names(target)))
            case cst.AnnAssign(target=target) | cst.NamedExpr(target=target):
                found.update(dict.fromkeys(bound_names(target)))
            case cst.Call(func=cst.Attribute(value=cst.Name(value=name), attr=attr)):
                if attr.value in MUTATORS:
                    found.setdefault(name)
            case _:
                pass
    return list(found)
