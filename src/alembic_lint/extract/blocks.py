"""Blocks: `with` and `try`."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

import libcst as cst

from alembic_lint.extract.branches import STAYS, Exits
from alembic_lint.extract.choices import either
from alembic_lint.extract.conditions import Truth, conjunction, negate
from alembic_lint.extract.loops import Looper
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.trail import MISSING, Changes, combined
from alembic_lint.extract.values import (
    Abstract,
    Block,
    Connection,
    ContextManager,
    FunctionValue,
    GeneratorCall,
    Passed,
)
from alembic_lint.model import Condition, OpaqueCondition, Try, Unknown


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
                tries = tuple(replace(entry, savepoint=True) for entry in self.context.tries)
                self.context = replace(self.context, tries=tries)
            case ContextManager(Block.SUPPRESS, catches):
                span = self.module.positions.of_header(node)
                entry = Try(span, catches, swallows=True, handler=span)
                self.context = replace(self.context, tries=(*self.context.tries, entry))
            case GeneratorCall(function, passed):
                self._managed(node, function, passed, target, rest, exits)
                return
            case _:
                pass
        if target is not None:
            bound = value
            if isinstance(value, ContextManager):
                bound = Connection()
            self.assign(target, bound)
        self._enter_items(node, rest, exits)

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
            self.context = replace(context, autocommit=self.context.autocommit)
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
        exits = self._body(node.body.body)
        self.context = before
        if node.orelse is not None and exits.any() is not True:
            exits = self.otherwise(node.orelse, exits)
        ended = self.trail.undo(mark)
        state = None if exits.any() is True else ended
        returned = self.frames[-1].returns[returns:]
        outcomes: list[tuple[Condition, Exits, Changes]] = []
        for handler in node.handlers:
            kind = "any" if handler.type is None else self.module.text(handler.type)
            raised = OpaqueCondition(f"{kind} exception is raised")
            self._interrupt(ended)
            if handler.name is not None:
                self.bind(handler.name.name, Unknown("an exception"))
            self.statement = handler
            self.enter(raised, self.module.positions.of_header(handler), self.next_block())
            handled = self._body(handler.body.body)
            self.context = before
            changes = self.trail.undo(mark)
            if not _raises_at_end(handler.body):
                self._doubt(returns, returned, raised)
                outcomes.append((raised, handled, changes))
        for condition, handled, changes in reversed(outcomes):
            if handled.any() is not True:
                state = changes if state is None else combined(condition, changes, state)
            exits = handled.under(condition).then(exits.under(negate(condition)))
        self.trail.redo(ended if state is None else state)
        if node.finalbody is not None:
            exits = exits.then(self._body(node.finalbody.body.body))
        return exits

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
        swallowing = [handler for handler in node.handlers if not _raises_at_end(handler.body)]
        chosen = swallowing[0] if swallowing else node.handlers[0]
        catches: list[str] = []
        for handler in node.handlers:
            match handler.type:
                case None:
                    catches.append("BaseException")
                case cst.Tuple(elements=elements):
                    catches.extend(self.module.text(element.value) for element in elements)
                case kind:
                    catches.append(self.module.text(kind))
        positions = self.module.positions
        span, handler_span = positions.of_header(node), positions.of_header(chosen)
        if self.module is not self.revision and self.anchor is not None:
            span = handler_span = self.anchor
        return Try(span, tuple(catches), bool(swallowing), handler_span)


def _raises_at_end(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        return isinstance(last.body[-1], cst.Raise)
    return isinstance(last, cst.Raise)
