"""Loops: unrolled over known values, otherwise run once for all rounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from alembic_lint.extract.branches import STAYS, Brancher, Exits
from alembic_lint.extract.choices import either
from alembic_lint.extract.comprehensions import UNROLL_LIMIT
from alembic_lint.extract.conditions import Truth, conjunction, disjunction, negate
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.mutation import MUTATORS
from alembic_lint.extract.reader import Round
from alembic_lint.extract.scope import bound_names
from alembic_lint.extract.trail import MISSING, Change, Changes, Missing
from alembic_lint.extract.trees import own_nodes
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
from alembic_lint.model import (
    And,
    ColumnExists,
    Condition,
    ConstraintExists,
    IndexExists,
    Loop,
    Not,
    OpaqueCondition,
    Operation,
    TableExists,
    TableValue,
    Unknown,
    conditions_in,
)
from alembic_lint.source import FILE_START, Span

_TRIALS = 3
"""Readings of a loop's body until no change of it comes as a surprise."""

_UNBOUND = Unknown("it is not bound before the loop")


class Looper(Brancher):
    """Executes `for` and `while`."""

    def _for(self, node: cst.For) -> Exits:
        iterable = self.iterated(self.evaluate(node.iter))
        self.broken = False
        exits = self._loop_over(node, iterable)
        if node.orelse is None:
            return exits
        left = self.otherwise(node.orelse, exits.then(Exits(breaks=self.broken)))
        return Exits(returns=left.returns, raises=left.raises)

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
        outer, start = len(before.guards), self.trail.mark()
        loop = Round(start, outer, start, outer)
        rounds = self.frames[-1].rounds
        rounds.append(loop)
        for item in items:
            self.statement = node
            loop.continues.clear()
            loop.mark, loop.guards = self.trail.mark(), len(self.context.guards)
            if isinstance(item, Sometimes):
                exits = self._branches(
                    item.condition,
                    span,
                    lambda value=item.value: self._iteration(node, value),  # type: ignore[misc]
                    lambda: STAYS,
                )
            else:
                exits = self._iteration(node, item)
            self.gather(loop.continues, loop.mark)
            left = disjunction((exits.returns, exits.breaks))
            result = result.then(Exits(returns=exits.returns, raises=exits.raises))
            if left is True:
                break
            if left is not False:
                stays = negate(left)
                if isinstance(stays, bool) or not self.enter(stays, span, self.blocks):
                    break
        rounds.pop()
        self.gather(loop.breaks, start)
        self.context = before
        self.broken = disjunction(departure.condition for departure in loop.breaks)
        return result

    def _iteration(self, node: cst.For, item: Abstract) -> Exits:
        self.bind(node.target, item)
        return self._body(node.body.body)

    def _once(self, node: cst.For | cst.While, item: Abstract, why: str) -> Exits:
        """Run the body once for all rounds: what it changes is not known in it or after it."""
        assigned = self._assigned_in(node)
        collected = self._collected(node, item, assigned)
        assigned = [change for change in assigned if change not in collected]
        kept = {(id(change.names), change.name) for change in collected}
        values = {(id(change.names), change.name): change.value for change in assigned}
        self._lose(assigned)
        for change in assigned:
            if isinstance(change.value, Items | Pairs) and change.name in self._mutated_in(node):
                self.change(change.value, _lost(change))  # under its other names too
        before, frame = self.context, self.frames[-1]
        recorded, returns, left = len(self.recorded), len(frame.returns), len(frame.left)
        over = self.module.text(node.iter if isinstance(node, cst.For) else node.test)
        span = self.module.positions.of_header(node)
        here = self.anchor if self.module is not self.revision and self.anchor else span
        exits, changed = STAYS, dict[tuple[int, str], Change]()
        for trial in range(1, _TRIALS + 1):
            self.context = replace(before, loop=Loop(over, why, here))
            exits, changed = self._any_round(node, item)
            self.context = before
            surprises = [
                change
                for change in changed.values()
                if not isinstance(change.names.get(change.name, _UNBOUND), Unknown)
                and (id(change.names), change.name) not in kept
            ]
            if not surprises or trial == _TRIALS:
                break
            # A later round begins with what this one has changed, under whatever name.
            self._lose(change for change in surprises if not _grown(change))
            for change in surprises:
                if isinstance(change.value, TableValue) and _grown(change):
                    self.trail.put(change.names, change.name, change.value)
            del self.recorded[recorded:], frame.returns[returns:], frame.left[left:]
            self.statement = node
        asks = isinstance(item, Record | RecordField)
        if asks:
            depth = len(before.guards)
            self.recorded[recorded:] = [
                _of_one_round(operation, depth) for operation in self.recorded[recorded:]
            ]
        for key, change in changed.items():
            if key in kept and isinstance(change.value, Items):
                self.trail.put(change.names, change.name, change.value)
                continue
            before_loop = values.get((id(change.names), change.name), MISSING)
            self.trail.put(
                change.names, change.name, _found(change, before_loop) if asks else _lost(change)
            )
        if exits.returns is False:
            return STAYS
        some = OpaqueCondition(f"a round of the loop over {over}")
        return Exits(
            returns=conjunction((some, exits.returns)), raises=conjunction((some, exits.raises))
        )

    def _collected(
        self, node: cst.For | cst.While, item: Abstract, assigned: list[Change]
    ) -> list[Change]:
        """Those of the lists to which a loop over what exists appends, each time but once.

        That is what `if column["name"] == "x": found.append(…)` does: no two have the same name. It
        is found by a reading of the body of which nothing else is kept.
        """
        if not isinstance(item, Record | RecordField):
            return []
        lists = [
            change
            for change in assigned
            if isinstance(change.value, Items) and _only_appended(node.body, change.name)
        ]
        if not lists:
            return []
        before, frame = self.context, self.frames[-1]
        recorded, returns, left = len(self.recorded), len(frame.returns), len(frame.left)
        self.context = replace(before, loop=Loop("", "", FILE_START))
        _, changed = self._any_round(node, item)
        self.context = before
        del self.recorded[recorded:], frame.returns[returns:], frame.left[left:]
        self.statement = node
        return [
            change
            for change in lists
            if (after := changed.get((id(change.names), change.name))) is not None
            and _appended_once(change.value, after.value, item.existing)
        ]

    def _any_round(self, node: cst.For | cst.While, item: Abstract) -> tuple[Exits, Changes]:
        """Run the body for an unknown round, and take back what it changes."""
        mark, guards = self.trail.mark(), len(self.context.guards)
        loop = Round(mark, guards, mark, guards)
        rounds = self.frames[-1].rounds
        rounds.append(loop)
        if isinstance(node, cst.For):
            self.bind(node.target, item)
        exits = self._body(node.body.body)
        rounds.pop()
        self.broken = bool(loop.breaks) and OpaqueCondition("the loop is left before its end")
        self.gather([*loop.continues, *loop.breaks], mark)
        return exits, self.trail.undo(mark)

    def _assigned_in(self, node: cst.For | cst.While) -> list[Change]:
        """The names bound before a loop that it assigns."""
        if node not in self.changes:
            target = bound_names(node.target) if isinstance(node, cst.For) else []
            self.changes[node] = [*target, *_changed(node.body)]
        found: list[Change] = []
        for name in self.changes[node]:
            names = self.scope.binds(name)
            if name in names:
                found.append(Change(names, name, names[name]))
        return found

    def _mutated_in(self, node: cst.For | cst.While) -> frozenset[str]:
        """The names of collections that a loop changes in place."""
        if node not in self.mutations:
            self.mutations[node] = frozenset(_mutated(node.body))
        return self.mutations[node]

    def _lose(self, changes: Iterable[Change]) -> None:
        """What a loop changes is not known."""
        for change in changes:
            self.trail.put(change.names, change.name, _lost(change))

    def _while(self, node: cst.While) -> Exits:
        condition = self.truth(node.test)
        if condition is False:
            return STAYS
        self.broken = False
        exits = self._once(node, None, "the number of its rounds is not known")
        if node.orelse is None:
            return exits
        left = self.otherwise(node.orelse, exits.then(Exits(breaks=self.broken)))
        return Exits(returns=left.returns, raises=left.raises)


def _grown(change: Change) -> bool:
    """Whether a table is only given more columns or constraints, which are not known anyway."""
    match change.names.get(change.name), change.value:
        case TableValue(name=str(name), schema=place), TableValue(name=other, schema=where):
            return (name, place) == (other, where)
        case _:
            return False


def _only_appended(body: cst.BaseSuite, name: str) -> bool:
    """Whether a body does nothing with a list but append to it."""
    nodes = tuple(own_nodes(body))
    named = sum(isinstance(node, cst.Name) and node.value == name for node in nodes)
    appended = sum(
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "append"
        and isinstance(node.func.value, cst.Name)
        and node.func.value.value == name
        for node in nodes
    )
    return 0 < named == appended


def _appended_once(
    before: Abstract | Missing, after: Abstract | Missing, existing: Existing
) -> bool:
    """Whether a list has more items after a round, there for but one of what exists."""
    if not isinstance(before, Items) or not isinstance(after, Items):
        return False
    more = after[len(before) :]
    return after[: len(before)] == before and all(
        isinstance(item, Sometimes) and _names(item.condition, existing) for item in more
    )


def _names(condition: Condition, existing: Existing) -> bool:
    """Whether a condition is only so for the one of what exists that has a name."""
    match condition:
        case And(terms):
            return any(_names(term, existing) for term in terms)
        case ColumnExists(table=table, column=str()):
            return existing.kind == "column" and table == existing.table
        case IndexExists(name=str(), table=table):
            return existing.kind == "index" and table == existing.table
        case ConstraintExists(name=str(), table=table):
            return existing.kind == condition.kind and table == existing.table
        case _:
            return False


def _lost(change: Change) -> Unknown:
    return Unknown(f"{change.name} changes in a loop")


def _found(change: Change, before: Abstract | Missing) -> Abstract:
    """A value after a loop over what exists: set if one of these meets a condition, else as it was.

    So `found = True` below `if column["name"] == "x"` tells whether there is such a column.
    """
    match change.value:
        case Either(condition, value, other) if other == _lost(change):
            found: Truth = condition
        case Either(condition, other, value) if other == _lost(change):
            found = negate(condition)
        case _:
            return _lost(change)
    if before is MISSING or not (is_known(value) or isinstance(value, Record | RecordField)):
        return _lost(change)
    return either(found, value, before)


def _changed(body: cst.BaseSuite) -> list[str]:
    """The names that a body assigns, in order, without those of functions in it."""
    found: dict[str, None] = {}
    for node in own_nodes(body):
        match node:
            case cst.AssignTarget(target=target) | cst.AugAssign(target=target):
                found.update(dict.fromkeys(_changed_by(target)))
            case cst.AnnAssign(target=target) | cst.NamedExpr(target=target):
                found.update(dict.fromkeys(_changed_by(target)))
            case cst.Call(func=cst.Attribute(value=owner, attr=attr)) if attr.value in MUTATORS:
                found.update(dict.fromkeys(_changed_by(owner)))
            case _:
                pass
    return list(found)


def _mutated(body: cst.BaseSuite) -> Iterator[str]:
    """The names of collections that a body changes in place."""
    for node in own_nodes(body):
        match node:
            case cst.AugAssign(target=target):
                yield from _changed_by(target)
            case cst.AssignTarget(target=cst.Subscript() as target):
                yield from _changed_by(target)
            case cst.Call(func=cst.Attribute(value=owner, attr=attr)) if attr.value in MUTATORS:
                yield from _changed_by(owner)
            case _:
                pass


def _changed_by(target: cst.CSTNode) -> list[str]:
    """The names that an assignment to a target binds or changes what they hold."""
    while isinstance(target, cst.Subscript):
        target = target.value
    return bound_names(target)


def _of_one_round(operation: Operation, depth: int) -> Operation:
    """An operation in a loop over what exists, with what its guards tell of a round alone.

    `if name == "users": continue` leaves out the round of that table: the others run although the
    table is there.
    """
    guards = tuple(
        replace(guard, condition=OpaqueCondition("another round of the loop"))
        if place >= depth and isinstance(guard.condition, Not) and _asks(guard.condition)
        else guard
        for place, guard in enumerate(operation.context.guards)
    )
    return replace(operation, context=replace(operation.context, guards=guards))


def _asks(condition: Condition) -> bool:
    kinds = TableExists | ColumnExists | IndexExists | ConstraintExists
    return any(isinstance(item, kinds) for item in conditions_in(condition))
