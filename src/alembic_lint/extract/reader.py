"""What a reading carries along: contexts, the frames of calls, the operations recorded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import libcst as cst

from alembic_lint.extract.conditions import Truth, conjunction, narrowed
from alembic_lint.extract.evaluate import Evaluator
from alembic_lint.extract.library import Library
from alembic_lint.extract.scope import Module
from alembic_lint.extract.values import (
    Abstract,
    FunctionValue,
    Passed,
    lower,
)
from alembic_lint.model import (
    Argument,
    Call,
    Condition,
    Context,
    Direction,
    ExistenceHelper,
    Guard,
    Opaque,
    Operation,
    Unknown,
)
from alembic_lint.source import Span


@dataclass(slots=True)
class Frame:
    """One function call that is being followed."""

    function: FunctionValue | None
    guards: int
    returns: list[tuple[Truth, Abstract]] = field(default_factory=list)
    yields: list[Abstract] = field(default_factory=list)
    at_yield: Callable[[Abstract], None] | None = None


class Reader(Evaluator):
    """Keeps the state of one reading and records operations."""

    def __init__(self, module: Module, library: Library, steps: int) -> None:
        self.revision = module
        self.module = module
        self.scope = module.scope
        self.library = library
        self.steps = steps
        self.depth = 0
        self.statement = module.tree
        self.context = Context()
        self.direction = Direction.MODULE
        self.recorded: list[Operation] = []
        self.helpers: dict[str, ExistenceHelper] = {}
        self.frames: list[Frame] = []
        self.anchor: Span | None = None
        self.blocks = 0
        self.generators: dict[cst.CSTNode, bool] = {}
        self.changes: dict[cst.CSTNode, list[str]] = {}

    @abstractmethod
    def run(self, body: cst.BaseSuite | cst.Module) -> None:
        """Execute a body in the current frame."""

    @abstractmethod
    def define(self, statement: cst.BaseStatement | cst.BaseSmallStatement) -> None:
        """Bind the names of one module-level statement."""

    @abstractmethod
    def is_generator(self, node: cst.FunctionDef) -> bool:
        """Whether a function has a `yield`."""

    def guarded(self, condition: Condition, span: Span, then: Callable[[], Abstract]) -> Abstract:
        """Evaluate something that happens only where a condition holds."""
        before = self.context
        if not self.enter(condition, span, self.next_block()):
            self.context = before
            return Unknown("it is never reached")
        try:
            return then()
        finally:
            self.context = before

    def next_block(self) -> int:
        """A number for one more evaluation of a condition."""
        self.blocks += 1
        return self.blocks

    def enter(self, condition: Condition, span: Span, block: int) -> bool:
        """Add a guard to the context; False where no dialect is left for which it could hold."""
        here = self.anchor if self.module is not self.revision and self.anchor else span
        dialects = narrowed(self.context.dialects, condition)
        self.context = replace(
            self.context,
            guards=(*self.context.guards, Guard(condition, block, here)),
            dialects=dialects,
        )
        return dialects != ()

    def path(self) -> Truth:
        """The condition under which the current function has got here."""
        base = self.frames[-1].guards if self.frames else 0
        return conjunction(guard.condition for guard in self.context.guards[base:])

    def yielded(self, value: Abstract) -> None:
        """A generator gives a value."""
        if not self.frames:
            return
        frame = self.frames[-1]
        frame.yields.append(value)
        if frame.at_yield is not None:
            action, frame.at_yield = frame.at_yield, None
            action(value)

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
