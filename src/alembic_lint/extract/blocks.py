"""Blocks: `with` and `try`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import libcst as cst

from alembic_lint.extract.branches import STAYS, Exits
from alembic_lint.extract.choices import either
from alembic_lint.extract.conditions import Truth, conjunction, negate
from alembic_lint.extract.handlers import called, caught, fate, only_asks, raised_for
from alembic_lint.extract.loops import Looper
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.trail import MISSING, Changes, combined
from alembic_lint.extract.values import (
    Abstract,
    Block,
    CallbackStack,
    Connection,
    ContextManager,
    FunctionValue,
    GeneratorCall,
    Passed,
)
from alembic_lint.model import (
    And,
    Condition,
    ExecuteSql,
    Handler,
    Not,
    Opaque,
    OpaqueCondition,
    Operation,
    Outcome,
    Try,
    Unknown,
)


class Blocker(Looper):
    """Executes `with` and `try`."""

    @abstractmethod
    def assign(self, target: cst.BaseExpression, value: Abstract) -> None:
        """Assign a value to a target, an item of a dict or an attribute included."""

    def _with(self, node: cst.With) -> Exits:
        before = self.context
        exits: list[Exits] = []
        self._enter_items(node, list(node.items), exits)
        self.context = before
        return exits[0] if exits else STAYS

    def _enter_items(self, node: cst.With, items: list[cst.WithItem], exits: list[Exits]) -> None:
        """Enter the items one after the other, then run the body."""
        if not items:
            exits.append(self._body(node.body.body))
            return
        item, rest = items[0], items[1:]
        self.statement = node
        value = self.evaluate(item.item)
        target = None if item.asname is None else item.asname.name
        match value:
            case ContextManager(Block.AUTOCOMMIT):
                self.context = replace(self.context, autocommit=True)
            case ContextManager(Block.SAVEPOINT):
                self._contain()
            case ContextManager(Block.SUPPRESS, catches):
                place = self.module.positions.of_header(node)
                handler = Handler(self.module.path, place, catches)
                elsewhere = self.module is not self.revision and self.anchor is not None
                span = self.anchor if elsewhere and self.anchor else place
                entry = Try(span, (handler,), block=self.next_block())
                self.context = replace(self.context, tries=(*self.context.tries, entry))
            case CallbackStack(number):
                if target is not None:
                    self.assign(target, value)
                self._enter_items(node, rest, exits)
                self.call_back(number)
                return
            case GeneratorCall(function, passed):
                self._managed(node, function, passed, target, rest, exits)
                return
            case _ if _begins(item.item, self.module.text(item.item)):
                self._contain()
            case _:
                pass
        if target is not None:
            bound = value
            if isinstance(value, ContextManager):
                bound = Connection()
            self.assign(target, bound)
        self._enter_items(node, rest, exits)

    def _contain(self) -> None:
        """What follows stands in a transaction of its own, or in a savepoint."""
        tries = tuple(replace(entry, savepoint=True) for entry in self.context.tries)
        self.context = replace(self.context, tries=tries)

    def _managed(
        self,
        node: cst.With,
        function: FunctionValue,
        passed: tuple[Passed, ...],
        target: cst.BaseExpression | None,
        rest: list[cst.WithItem],
        exits: list[Exits],
    ) -> None:
        """A `@contextmanager` function: the body runs where it first yields."""
        outer = (self.module, self.scope, self.context, self.statement, self.anchor)
        frames = self.frames

        def enter(value: Abstract) -> None:
            inner = (self.module, self.scope, self.context, self.statement, self.anchor)
            held = self.frames
            self.module, self.scope, context, self.statement, self.anchor = outer
            self.context = replace(
                context, autocommit=self.context.autocommit, tries=self.context.tries
            )
            self.frames = frames_before
            if target is not None:
                self.assign(target, value)
            try:
                self._enter_items(node, rest, exits)
            finally:
                self.frames = held
                self.module, self.scope, self.context, self.statement, self.anchor = inner

        frames_before = list(frames)
        call = node.items[0].item if isinstance(node.items[0].item, cst.Call) else None
        self.invoke(function, passed, call, at_yield=enter)
        if not exits:
            self._enter_items(node, rest, exits)

    def _try(self, node: cst.Try | cst.TryStar) -> Exits:
        before, mark = self.context, self.trail.mark()
        entry, returns = self._try_entry(node), len(self.frames[-1].returns)
        if entry is not None:
            self.context = replace(before, tries=(*before.tries, entry))
        start, asked = len(self.recorded), len(self.asked)
        exits = self._body(node.body.body)
        end = len(self.recorded)
        missing = self._missing(node, asked) if end == start else True
        self.context = before
        if entry is not None:
            exits = replace(exits, raises=False)  # its handlers may catch it
        if node.orelse is not None and exits.any() is not True:
            exits = self.otherwise(node.orelse, exits)
        ended = self.trail.undo(mark)
        state = None if exits.any() is True else ended
        returned = self.frames[-1].returns[returns:]
        outcomes: list[tuple[Condition, Exits, Changes]] = []
        handlers: list[Handler] = []
        blocks: Sequence[cst.ExceptHandler | cst.ExceptStarHandler] = node.handlers
        for handler, facts in zip(blocks, entry.handlers if entry else (), strict=True):
            kind = "any" if handler.type is None else self.module.text(handler.type)
            raised: Condition = OpaqueCondition(f"{kind} exception is raised")
            if missing is not True:
                raised = And((missing, raised))
            self._interrupt(ended)
            if handler.name is not None:
                self.bind(handler.name.name, Unknown("an exception"))
            self.statement = handler
            self.enter(raised, self.module.positions.of_header(handler), self.next_block())
            recorded = len(self.recorded)
            handled = self._body(handler.body.body)
            self.context = before
            changes = self.trail.undo(mark)
            own = self.recorded[recorded:]
            handlers.append(
                replace(
                    facts,
                    rolls_back=facts.rolls_back or any(map(_rolls_back, own)),
                    operates=any(not isinstance(operation, Opaque) for operation in own),
                )
            )
            if facts.outcome is not Outcome.RAISES:
                self._doubt(returns, returned, raised)
                outcomes.append((raised, handled, changes))
        if entry is not None and tuple(handlers) != entry.handlers:
            self._note_handling(handlers, start, end)
        for condition, handled, changes in reversed(outcomes):
            if handled.any() is not True:
                state = changes if state is None else combined(condition, changes, state)
            exits = handled.under(condition).then(exits.under(negate(condition)))
        self.trail.redo(ended if state is None else state)
        if node.finalbody is not None:
            cleaning, self.cleaning = self.cleaning, True
            try:
                exits = exits.then(self._body(node.finalbody.body.body))
            finally:
                self.cleaning = cleaning
        return exits

    def _missing(self, node: cst.Try | cst.TryStar, asked: int) -> Literal[True] | Condition:
        """The condition under which a body may raise; True where that could be any.

        One that looks at tables raises only where one of these is not there.
        """
        tables = dict.fromkeys(self.asked[asked:])
        if not tables or len(tables) > 1 or not only_asks(node.body):
            return True
        (table,) = tables
        return True if isinstance(table.table, Unknown) else Not(table)

    def _doubt(self, start: int, returned: list[tuple[Truth, Abstract]], raised: Condition) -> None:
        """A constant that a body returns tells only that nothing was raised.

        What it asks the database tells more: the handler is then for what should not happen.
        """
        for index, (condition, value) in enumerate(returned, start):
            if is_known(value):
                doubted = conjunction((condition, negate(raised)))
                self.frames[-1].returns[index] = (doubted, value)

    def _interrupt(self, changes: Changes) -> None:
        """What a body changes may be changed or not where an exception has interrupted it."""
        for change in changes.values():
            now = change.names.get(change.name)
            if change.value is MISSING or change.times > 1:
                value: Abstract = Unknown(f"{change.name} changes in a try")
            elif change.name in change.names:
                value = either(OpaqueCondition(f"{change.name} is set before"), change.value, now)
            else:
                value = change.value
            self.trail.put(change.names, change.name, value)

    def _try_entry(self, node: cst.Try | cst.TryStar) -> Try | None:
        if not node.handlers:
            return None
        handlers = tuple(self._handler(handler) for handler in node.handlers)
        positions = self.module.positions
        span = positions.of_header(node)
        if self.module is not self.revision and self.anchor is not None:
            span = self.anchor
        return Try(span, handlers, block=self.next_block())

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> Handler:
        kind = node.type
        catches = (
            ("BaseException",)
            if kind is None
            else tuple(caught(self.evaluate(kind), self.module.text(kind)))
        )
        found = fate(node.body, self._raised_for())
        outcome = found.outcome
        if self.cleaning and outcome is Outcome.SWALLOWS:
            # An error for which a `finally` cleans up goes on, and is the one that counts.
            outcome = Outcome.SELECTS
        span = self.module.positions.of_header(node)
        return Handler(self.module.path, span, catches, outcome, found.tested, found.rolls_back)

    def _raised_for(self) -> frozenset[str]:
        """The names for which the function that is running raises."""
        function = self.frames[-1].function if self.frames else None
        body = self.module.tree if function is None else function.node.body
        known = self.raising.get(body)
        if known is None:
            known = self.raising[body] = raised_for(body)
        return known

    def _note_handling(self, handlers: list[Handler], start: int, end: int) -> None:
        """Write down what the handlers of a `try` do to the database, at what stands in its body.

        `start` and `end` count the operations before and after the body.
        """
        places = {(handler.path, handler.span): handler for handler in handlers}
        for number in range(start, end):
            operation = self.recorded[number]
            tries = tuple(
                replace(
                    item,
                    handlers=tuple(
                        places.get((handler.path, handler.span), handler)
                        for handler in item.handlers
                    ),
                )
                for item in operation.context.tries
            )
            self.recorded[number] = replace(
                operation, context=replace(operation.context, tries=tries)
            )


def _begins(node: cst.BaseExpression, text: str) -> bool:
    """Whether a call opens a transaction of its own, or another connection."""
    return called(node) == "begin" or text.endswith(".engine.connect()")


def _rolls_back(operation: Operation) -> bool:
    """Whether an operation is a ROLLBACK, to a savepoint perhaps."""
    return (
        isinstance(operation, ExecuteSql)
        and isinstance(operation.statements, tuple)
        and any(statement.kind == "ROLLBACK" for statement in operation.statements)
    )
