"""Functions whose source is at hand: followed with their arguments bound."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from alembic_lint.extract import guards, methods
from alembic_lint.extract.choices import either
from alembic_lint.extract.custom_types import Typer
from alembic_lint.extract.evaluate import ExhaustedError
from alembic_lint.extract.reach import carries_database
from alembic_lint.extract.reader import Frame
from alembic_lint.extract.row_work import RowWork
from alembic_lint.extract.scope import Scope
from alembic_lint.extract.size import sized
from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    BoundMethod,
    ClassValue,
    Either,
    FirstValue,
    FunctionValue,
    GeneratorCall,
    Instance,
    Items,
    Pairs,
    Passed,
    Rows,
)
from alembic_lint.model import (
    ColumnExists,
    ConstraintExists,
    EnumExists,
    ExecuteSql,
    ExistenceHelper,
    IndexExists,
    Not,
    OpaqueCondition,
    TableExists,
    Unknown,
    Via,
)
from alembic_lint.source import Span

SHARE = 1_500
"""Steps. A call may take a third of what is left, or this many."""

_VAGUE = (Unknown, Rows, FirstValue, Either, BoundMethod)
"""Results that tell less than the name of the function may."""

CALL_DEPTH = 12
"""Calls within calls. Real helpers need three or four."""


class Follower(Typer):
    """Follows calls of functions, methods and classes."""

    @abstractmethod
    def unseen(
        self, name: str, passed: tuple[Passed, ...], node: cst.Call, *, of_result: bool = False
    ) -> Abstract:
        """A call of something whose source is not at hand."""

    def follow(
        self, function: FunctionValue, passed: tuple[Passed, ...], node: cst.Call
    ) -> Abstract:
        """Call a function whose source is at hand."""
        if function.context_manager:
            return GeneratorCall(function, passed)
        for frame in self.frames:
            running = frame.function
            if running is None or running.node is not function.node:
                continue
            if running.scope is function.scope:
                frame.called_again = True
                return Unknown(f"{function.name} calls itself")
        if len(self.frames) > CALL_DEPTH:
            return self._give_up(
                "calls within calls are not followed this far", function, passed, node
            )
        before, mark = len(self.recorded), self.trail.mark()
        whole, share = self.steps, max(self.steps // 3, SHARE)
        self.steps = min(share, whole)
        try:
            result = self.invoke(function, passed, node)
        except ExhaustedError:
            for change in self.trail.undo(mark).values():
                unknown = Unknown(f"{change.name} changes in {function.name}")
                self.trail.put(change.names, change.name, unknown)
            why = f"following {function.name} takes too many steps"
            return self._give_up(why, function, passed, node)
        finally:
            self.steps += whole - min(share, whole)
        if isinstance(function.node, cst.FunctionDef):
            parameters = tuple(parameter.name.value for parameter in function.node.params.params)
            if isinstance(result, _VAGUE) or _opaque(result):
                condition = guards.helper_condition(function.name, passed, parameters)
                if condition is not None and len(self.recorded) == before:
                    result = Boolean(condition)
            if all(isinstance(made, ExecuteSql) for made in self.recorded[before:]):
                self._note_helper(function, result)
        return result

    def _give_up(
        self, why: str, function: FunctionValue, passed: tuple[Passed, ...], node: cst.Call
    ) -> Abstract:
        """A function is not followed to its end; that matters if it could change the database."""
        values = (item.value for item in passed)
        if carries_database(values) or self.reach.of(function.node, function.module):
            work = RowWork(self.library)
            if not work.certain(function, passed):
                self.opaque(why, passed, node)
            self.steps -= work.size // 20
        return Unknown(why)

    def invoke(
        self,
        function: FunctionValue,
        passed: tuple[Passed, ...],
        node: cst.Call | None,
        at_yield: Callable[[Abstract], None] | None = None,
    ) -> Abstract:
        """Run a function's body with its arguments bound."""
        self.tick()
        scope = Scope({}, function.scope)
        caller_module, caller_scope, caller_statement = self.module, self.scope, self.statement
        context, anchor = self.context, self.anchor
        if node is not None:
            span = self.span_of(node)
            if self.module is self.revision:
                self.anchor = span
            via = Via(function.name, caller_module.path, self._own_span(node))
            self.context = replace(context, via=(*context.via, via))
        self._bind_parameters(function, passed, scope)
        mark = self.trail.mark()
        recorded = len(self.recorded)
        frame = Frame(
            function, len(context.guards), scope, mark, at_yield=at_yield, loop=context.loop
        )
        self.module, self.scope = function.module, scope
        self.frames.append(frame)
        try:
            if isinstance(function.node, cst.Lambda):
                self.statement = function.statement or caller_statement
                return self.evaluate(function.node.body)
            returned = self.run(function.node.body)
            self.gather(frame.left, mark)
        finally:
            self.trail.forget(mark, scope.names)
            self.frames.pop()
            self.module, self.scope, self.statement = caller_module, caller_scope, caller_statement
            self.context, self.anchor = context, anchor
        if (
            frame.called_again
            and node is not None
            and len(self.recorded) > recorded
            and not RowWork(self.library).certain(function, passed)
        ):
            self.opaque(f"{function.name} calls itself", passed, node)
        if at_yield is None and self.is_generator(function.node):
            if frame.endless:
                return Unknown("how often a generator yields is not known")
            return sized(Items(frame.yields))
        returns = frame.returns[::-1]
        result: Abstract = None
        if returned is True and returns:
            result, returns = returns[0][1], returns[1:]  # nothing else is left
        for condition, value in returns:
            result = either(condition, value, result)
        return result

    def _own_span(self, node: cst.Call) -> Span:
        return self.module.positions.of_expression(node, self.statement)

    def _bind_parameters(
        self, function: FunctionValue, passed: tuple[Passed, ...], scope: Scope
    ) -> None:
        parameters = function.node.params
        positional, keywords = methods.plain(passed)
        if function.bound is not None:
            positional.insert(0, function.bound)
        unknown_star = any(
            item.keyword in ("*", "**") and not isinstance(item.value, tuple) for item in passed
        )
        ordered = [*parameters.posonly_params, *parameters.params]
        for index, parameter in enumerate((*ordered, *parameters.kwonly_params)):
            name = parameter.name.value
            if index < len(ordered) and index < len(positional):
                scope.names[name] = positional[index]
            elif name in keywords:
                scope.names[name] = keywords.pop(name)
            elif name in function.defaults and not unknown_star:
                scope.names[name] = function.defaults[name]
            else:
                scope.names[name] = Unknown(f"{name} is a parameter of {function.name}")
        if isinstance(parameters.star_arg, cst.Param):
            scope.names[parameters.star_arg.name.value] = tuple(positional[len(ordered) :])
        if parameters.star_kwarg is not None:
            from_call = tuple(keywords.items())
            scope.names[parameters.star_kwarg.name.value] = _pairs(from_call)

    def _make(self, owner: ClassValue, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """An object: what `__init__` sets, or the fields of a dataclass; a type of columns."""
        type_ = self.type_made(owner, passed)
        if type_ is not None:
            return type_
        made = Instance(owner)
        start = self.class_member(owner, "__init__", 0)
        if isinstance(start, FunctionValue):
            self.invoke(replace(start, bound=made), passed, node)
            return made
        positional, keywords = methods.plain(passed)
        fields = [
            small.target.value
            for statement in owner.node.body.body
            if isinstance(statement, cst.SimpleStatementLine)
            for small in statement.body
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name)
        ]
        made.attributes.update(zip(fields, positional, strict=False))
        made.attributes.update(keywords)
        return made

    def _note_helper(self, function: FunctionValue, result: Abstract) -> None:
        """Remember a local function that tells whether something exists."""
        node = function.node
        if function.module is not self.revision or not isinstance(node, cst.FunctionDef):
            return
        predicate = _predicate(result)
        if predicate is None or function.name in self.helpers:
            return
        positions = self.revision.positions
        swallows, answer = None, ""
        for inner in _tries(node.body):
            for handler in inner.handlers:
                kind = "" if handler.type is None else self.revision.text(handler.type)
                if kind.rpartition(".")[2] in ("", "Exception", "BaseException"):
                    if _raises(handler):
                        continue
                    swallows = positions.of_header(handler)
                    given = _answer(handler)
                    answer = "" if given is None else self.revision.text(given)
        self.helpers[function.name] = ExistenceHelper(
            function.name, predicate, positions.of_name(node), swallows, answer
        )


def _pairs(items: tuple[tuple[str, Abstract], ...]) -> Abstract:
    return Pairs(items)


def _opaque(value: Abstract) -> bool:
    return isinstance(value, Boolean) and isinstance(value.condition, OpaqueCondition)


def _predicate(value: Abstract) -> str | None:
    """Which kind of thing a helper's answer is about."""
    condition = value.condition if isinstance(value, Boolean | Either) else None
    match condition:
        case TableExists() | Not(TableExists()):
            return "table"
        case ColumnExists() | Not(ColumnExists()):
            return "column"
        case IndexExists() | Not(IndexExists()):
            return "index"
        case ConstraintExists() | Not(ConstraintExists()):
            return "constraint"
        case EnumExists() | Not(EnumExists()):
            return "enum"
        case _:
            return None


def _tries(body: cst.BaseSuite) -> list[cst.Try]:
    """The `try` statements of a body."""
    return [node for node in own_nodes(body) if isinstance(node, cst.Try)]


def _raises(handler: cst.ExceptHandler) -> bool:
    return any(isinstance(node, cst.Raise) for node in own_nodes(handler.body))


def _answer(handler: cst.ExceptHandler) -> cst.BaseExpression | None:
    """What a handler returns, None for nothing."""
    return next(
        (node.value for node in own_nodes(handler.body) if isinstance(node, cst.Return)), None
    )
