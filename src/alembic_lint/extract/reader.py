"""What a reading carries along: contexts, the frames of calls, the operations recorded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import libcst as cst

from alembic_lint.extract.choices import either, sometimes
from alembic_lint.extract.conditions import (
    EarlierCondition,
    Truth,
    as_asked,
    conjunction,
    narrowed,
    negate,
)
from alembic_lint.extract.evaluate import Evaluator
from alembic_lint.extract.library import Library
from alembic_lint.extract.lowering import lower
from alembic_lint.extract.outdated import outdated, touched_by
from alembic_lint.extract.reach import Reach
from alembic_lint.extract.scope import Module, Scope
from alembic_lint.extract.size import sized
from alembic_lint.extract.trail import Changes, Substitution, Trail, combined
from alembic_lint.extract.values import (
    Abstract,
    Existing,
    FunctionValue,
    Inspector,
    Passed,
    Record,
)
from alembic_lint.model import (
    Argument,
    Call,
    Condition,
    Context,
    Direction,
    ExecuteSql,
    ExistenceHelper,
    Guard,
    Loop,
    Opaque,
    Operation,
    TableExists,
    Unknown,
)
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True)
class Departure:
    """A way out of a function or a loop's round, and what was changed until then."""

    condition: Truth
    changes: Changes


@dataclass(slots=True)
class Round:
    """A loop that is being followed.

    `start` and `outer` are the mark and the number of guards before the loop, `mark` and `guards`
    those where its current round began.
    """

    start: int
    outer: int
    mark: int
    guards: int
    breaks: list[Departure] = field(default_factory=list)
    continues: list[Departure] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One function call that is being followed."""

    function: FunctionValue | None
    guards: int
    scope: Scope
    mark: int
    returns: list[tuple[Truth, Abstract]] = field(default_factory=list)
    yields: list[Abstract] = field(default_factory=list)
    left: list[Departure] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    loop: Loop | None = None
    endless: bool = False
    called_again: bool = False
    at_yield: Callable[[Abstract], None] | None = None


def numbered(operation: Operation, next_block: Callable[[], int]) -> Operation:
    """An operation whose SQL text asks for tables by itself, as evaluations of the function."""
    if not isinstance(operation, ExecuteSql):
        return operation
    blocks: dict[int, int] = {}

    def inner(one: Operation) -> Operation:
        guards = one.context.guards
        if all(guard.block >= 0 for guard in guards):
            return one
        for guard in guards:
            if guard.block < 0 and guard.block not in blocks:
                blocks[guard.block] = next_block()
        own = tuple(replace(guard, block=blocks.get(guard.block, guard.block)) for guard in guards)
        return replace(one, context=replace(one.context, guards=own))

    return replace(operation, operations=tuple(map(inner, operation.operations)))


class Reader(Evaluator):
    """Keeps the state of one reading and records operations."""

    def __init__(self, module: Module, library: Library, steps: int) -> None:
        self.revision = module
        self.module = module
        self.scope = module.scope
        self.library = library
        self.steps = steps
        self.depth = 0
        self.trail = Trail()
        self.reach = Reach()
        self.broken: Truth = False
        self.statement = module.tree
        self.context = Context()
        self.direction = Direction.MODULE
        self.recorded: list[Operation] = []
        self.asked: list[TableExists] = []
        """The tables that inspectors were asked about, in order."""
        self.answers: dict[str, Abstract] = {}
        """What inspectors have answered: they keep it."""
        self.helpers: dict[str, ExistenceHelper] = {}
        self.frames: list[Frame] = []
        self.start: cst.Call | None = None
        """Alembic's own call of the function that is read, where it needs one."""
        self.anchor: Span | None = None
        self.blocks = 0
        self.generators: dict[cst.CSTNode, bool] = {}
        self.changes: dict[cst.CSTNode, list[str]] = {}
        self.mutations: dict[cst.CSTNode, frozenset[str]] = {}
        self.raising: dict[cst.CSTNode, frozenset[str]] = {}
        self.cleaning = False
        self.callbacks: dict[int, list[Callable[[], None]]] = {}

    @abstractmethod
    def run(self, body: cst.BaseSuite | cst.Module) -> Truth:
        """Execute a body in the current frame; gives whether it returns or raises."""

    @abstractmethod
    def define(self, statement: cst.BaseStatement | cst.BaseSmallStatement) -> None:
        """Bind the names of one module-level statement."""

    @abstractmethod
    def is_generator(self, node: cst.FunctionDef) -> bool:
        """Whether a function has a `yield`."""

    def guarded(self, condition: Condition, span: Span, then: Callable[[], Abstract]) -> Abstract:
        """Evaluate something that happens only where a condition holds."""
        before, mark = self.context, self.trail.mark()
        if not self.enter(condition, span, self.next_block()):
            self.context = before
            return Unknown("it is never reached")
        try:
            return then()
        finally:
            self.context = before
            self.trail.redo(combined(condition, self.trail.undo(mark), {}))

    def either_way(
        self,
        condition: Condition,
        span: Span,
        then: Callable[[], Abstract],
        other: Callable[[], Abstract],
    ) -> Abstract:
        """Evaluate one of two things, by one evaluation of a condition."""
        before, mark, block = self.context, self.trail.mark(), self.next_block()
        results: list[tuple[Abstract, Changes]] = []
        for truth, action in ((condition, then), (negate(condition), other)):
            value: Abstract = Unknown("it is never reached")
            if not isinstance(truth, bool) and self.enter(truth, span, block):
                value = action()
            self.context = before
            results.append((value, self.trail.undo(mark)))
        (first, changed), (second, otherwise) = results
        self.trail.redo(combined(condition, changed, otherwise))
        return either(condition, first, second)

    def leave(self, departures: list[Departure], mark: int, condition: Truth) -> None:
        """Write down that a function or round may end here."""
        departures.append(Departure(condition, self.trail.since(mark)))

    def gather(self, departures: list[Departure], mark: int) -> None:
        """Put together what was changed on all ways out and on the one to the end."""
        if not departures:
            return
        result = self.trail.undo(mark)
        for departure in reversed(departures):
            changes = self.trail.lasting(departure.changes, mark)
            result = combined(departure.condition, changes, result)
        self.trail.redo(result)

    def record(self, operation: Operation) -> None:
        """Write down an operation; what was asked of the database before may be out of date."""
        operation = numbered(operation, self.next_block)
        self.recorded.append(operation)
        for touched in touched_by(operation):
            for names in self.reachable():
                for name, value in tuple(names.items()):
                    after = outdated(value, touched)
                    if after is not value:
                        self.trail.put(names, name, after)

    def inspected(self, inspector: Inspector, method: str, found: Abstract) -> Abstract:
        """What an inspector answers: what it did when it was asked before, even if out of date.

        Source: sqlalchemy/engine/reflection.py, `cache`.
        """
        if isinstance(found, Record):
            return Record(self._kept(inspector, method, found.existing))
        return self._kept(inspector, method, found) if isinstance(found, Existing) else found

    def _kept(self, inspector: Inspector, method: str, listed: Existing) -> Existing:
        if listed.table:
            self.asked.append(TableExists(listed.table, listed.schema))
        key = f"{inspector.number}.{method}({listed.table!r}, {listed.schema!r})"
        known = self.answers.get(key)
        if isinstance(known, Existing):
            return known
        self.trail.put(self.answers, key, listed)
        return listed

    def forgotten(self, inspector: Inspector) -> None:
        """An inspector forgets what it was told."""
        for key in [key for key in self.answers if key.startswith(f"{inspector.number}.")]:
            self.trail.remove(self.answers, key)

    def reachable(self) -> Iterator[dict[str, Abstract]]:
        """The names of all scopes that can be seen or returned to."""
        yield self.answers
        seen: set[int] = set()
        scopes = [self.scope, self.module.scope, *(frame.scope for frame in self.frames)]
        for scope in scopes:
            for part in scope.chain():
                if id(part) not in seen:
                    seen.add(id(part))
                    yield part.names

    def change(self, old: Abstract, new: Abstract) -> None:
        """Put a changed collection where the old one stands, under all its names."""
        substitution = Substitution(self.trail, old, sized(new))
        for names in self.reachable():
            substitution.in_names(names)
        for module in self.library.loaded.values():
            if module is not None:
                substitution.in_names(module.scope.names)
        self.tick(substitution.visited // 20)

    def next_block(self) -> int:
        """A number for one more evaluation of a condition."""
        self.blocks += 1
        return self.blocks

    def enter(
        self, condition: Condition, span: Span, block: int, *, required: bool = False
    ) -> bool:
        """Add a guard to the context; False where no dialect is left for which it could hold."""
        here = self.anchor if self.module is not self.revision and self.anchor else span
        dialects = narrowed(self.context.dialects, condition)
        asked = as_asked(condition)
        guard = Guard(asked, block, here, current=asked is condition, required=required)
        self.context = replace(
            self.context,
            guards=(*self.context.guards, guard),
            dialects=dialects,
        )
        return dialects != ()

    def path(self, base: int | None = None) -> Truth:
        """The condition under which the current function has got here, or a round of a loop."""
        if base is None:
            base = self.frames[-1].guards if self.frames else 0
        return conjunction(
            guard.condition
            if guard.current
            else EarlierCondition("an earlier answer", guard.condition)
            for guard in self.context.guards[base:]
        )

    def yielded(self, value: Abstract) -> None:
        """A generator gives a value."""
        if not self.frames:
            return
        frame = self.frames[-1]
        if self.context.loop is not frame.loop:
            frame.endless = True  # it is not known how often
        frame.yields.append(sometimes(self.path(), value))
        if frame.at_yield is not None:
            action, frame.at_yield = frame.at_yield, None
            action(value)

    def is_alone(self, node: cst.Call) -> bool:
        """Whether nothing is made of what a call returns, so that it is there for what it does."""
        if node is self.start:
            return True
        match self.statement:
            case cst.Expr(value=value):
                return value is node
            case cst.Return(value=value) if len(self.frames) == 1:
                return value is node
            case _:
                function = self.frames[0].function if len(self.frames) == 1 else None
                return function is not None and function.node.body is node

    def span_of(self, node: cst.CSTNode) -> Span:
        """Where a call is reported: in the revision's own file."""
        if self.module is not self.revision and self.anchor is not None:
            return self.anchor
        return self.module.positions.of_expression(node, self.statement)

    def arguments(
        self, passed: tuple[Passed, ...], node: cst.Call, *, keep_marks: bool = False
    ) -> tuple[Argument, ...]:
        """The arguments of a call as written and with their values."""
        positions = self.module.positions
        texts = positions.argument_texts(node, self.statement)
        return tuple(
            Argument(
                item.keyword,
                texts.get(item.node) or ("" if item.node is None else self.module.text(item.node)),
                lower(item.value, keep_marks=keep_marks),
            )
            for item in passed
        )

    def opaque(
        self,
        why: str,
        passed: tuple[Passed, ...],
        node: cst.Call,
        tables: tuple[str, ...] | None = None,
    ) -> None:
        """Record a call that could change the database in ways that are not seen."""
        self.recorded.append(
            Opaque(
                span=self.span_of(node),
                call=Call(self.module.text(node.func), self.arguments(passed, node)),
                direction=self.direction,
                context=self.context,
                why=why,
                tables=tables,
            )
        )
