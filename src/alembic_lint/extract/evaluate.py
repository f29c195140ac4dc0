"""Expressions: what a LibCST expression is worth, without running anything."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from alembic_lint.extract import guards, methods
from alembic_lint.extract.builtins import call_builtin
from alembic_lint.extract.choices import either, truth_value
from alembic_lint.extract.comprehensions import comprehension, filtered, mapped
from alembic_lint.extract.conditions import (
    Truth,
    conjunction,
    disjunction,
    negate,
)
from alembic_lint.extract.elision import ELIDED
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.operators import (
    compared,
    comparison_text,
    joined,
    number,
    operated,
    placed,
    qualifier,
    unescaped,
    unpacked,
)
from alembic_lint.extract.scope import Module, Scope, bound_names
from alembic_lint.extract.size import sized
from alembic_lint.extract.sql.marks import UNKNOWN_MARK
from alembic_lint.extract.subscripts import item_of, part_of
from alembic_lint.extract.trail import Trail
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    BoundMethod,
    ClassValue,
    Either,
    Existing,
    FunctionValue,
    Instance,
    Items,
    ModuleValue,
    Pairs,
    PartialCall,
    Passed,
    Selection,
    Text,
)
from alembic_lint.model import ColumnType, Condition, Reference, Unknown

if TYPE_CHECKING:
    from alembic_lint.source import Span

_CONSTANTS = {"True": True, "False": False, "None": None}

DEPTH_LIMIT = 90
"""Expressions nested deeper than this are not followed."""


class ExhaustedError(Exception):
    """The file takes more steps to read than any real one."""


class Evaluator(ABC):
    """Evaluates expressions in a module's scope; what calls do is left to the interpreter."""

    module: Module
    scope: Scope
    statement: cst.CSTNode
    steps: int
    depth: int
    trail: Trail

    @abstractmethod
    def call(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        """What a call returns; its operations are recorded."""

    @abstractmethod
    def resolve(self, name: str) -> Abstract | None:
        """The value of a dotted name of the project's own modules, or Python's None."""

    @abstractmethod
    def as_column_type(self, value: Abstract) -> Abstract:
        """The type where a value is a class of the project's own that is one, else the value."""

    @abstractmethod
    def enum_arguments(self, passed: tuple[Passed, ...]) -> tuple[Passed, ...]:
        """The arguments of `sa.Enum`, with the members of a Python enum in its place."""

    @abstractmethod
    def iterated(self, value: Abstract) -> Abstract:
        """What a loop over a value goes through: a Python enum's members, a text's characters."""

    @abstractmethod
    def member(self, owner: ClassValue | Instance | ModuleValue, name: str) -> Abstract | None:
        """An attribute of a class or module whose source is at hand, or Python's None."""

    @abstractmethod
    def functions(self) -> Pairs:
        """The functions of the module where the evaluation stands, by name: `globals()`."""

    @abstractmethod
    def look_up(self, name: str) -> Abstract:
        """The value of a name where the evaluation stands."""

    @abstractmethod
    def guarded(self, condition: Condition, span: Span, then: Callable[[], Abstract]) -> Abstract:
        """Evaluate something that happens only where a condition holds."""

    @abstractmethod
    def yielded(self, value: Abstract) -> None:
        """A generator gives a value."""

    def tick(self, count: int = 1) -> None:
        """Count steps; raises ExhaustedError past the limit."""
        self.steps -= count
        if self.steps < 0:
            raise ExhaustedError

    def evaluate(self, node: cst.CSTNode) -> Abstract:
        """The value of an expression; Unknown where the source does not tell."""
        self.tick()
        if self.depth > DEPTH_LIMIT:
            return Unknown("the expression is nested too deeply")
        self.depth += 1
        try:
            return self._evaluate(node)
        finally:
            self.depth -= 1

    def defaults_of(self, node: cst.FunctionDef | cst.Lambda) -> dict[str, Abstract]:
        """What a function's parameters are by default."""
        parameters = node.params
        return {
            parameter.name.value: self.evaluate(parameter.default)
            for parameter in (
                *parameters.posonly_params,
                *parameters.params,
                *parameters.kwonly_params,
            )
            if parameter.default is not None
        }

    def written(self, node: cst.CSTNode) -> Text:
        """Gives an expression as it is written, on one line."""
        module = self.module
        return lambda: " ".join(module.text(node).split())

    def truth(self, node: cst.BaseExpression) -> Truth:
        """Whether an expression is true."""
        return guards.truth(self.evaluate(node), self.written(node))

    def _evaluate(self, node: cst.CSTNode) -> Abstract:
        match node:  # the most frequent first: each miss costs a look at LibCST's class tree
            case cst.Name(value=name):
                return _CONSTANTS[name] if name in _CONSTANTS else self.data(self.look_up(name))
            case cst.Attribute(value=owner, attr=attr):
                return self.data(self.attribute(self.evaluate(owner), attr.value))
            case cst.Call():
                return self._call(node)
            case cst.SimpleString(value=literal):
                return _literal(literal)
            case cst.ConcatenatedString(left=left, right=right):
                return joined(self.evaluate(left), self.evaluate(right))
            case cst.FormattedString():
                return self._formatted(node)
            case cst.Integer() | cst.Float():
                return number(node)
            case cst.Subscript():
                return self._subscript(node)
            case cst.Tuple(elements=elements):
                return sized(self._elements(elements))
            case cst.List(elements=elements) | cst.Set(elements=elements):
                found = self._elements(elements)
                return sized(Items(found) if isinstance(found, tuple) else found)
            case cst.Dict(elements=elements):
                return sized(self._pairs(elements))
            case cst.BooleanOperation():
                return self._boolean(node)
            case cst.UnaryOperation(operator=cst.Not(), expression=expression):
                return truth_value(negate(self.truth(expression)))
            case cst.UnaryOperation(operator=cst.Minus(), expression=expression):
                value = self.evaluate(expression)
                return -value if isinstance(value, int | float) else Unknown("a negated value")
            case cst.UnaryOperation(expression=expression):
                self.evaluate(expression)
                return Unknown("an arithmetic expression")
            case cst.Comparison():
                return truth_value(self._comparison(node))
            case cst.BinaryOperation():
                return self._binary(node)
            case cst.IfExp(test=test, body=body, orelse=orelse):
                return self._conditional(test, body, orelse)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
                return comprehension(self, node)
            case cst.DictComp():
                return comprehension(self, node)
            case cst.Lambda():
                return FunctionValue(
                    "<lambda>",
                    node,
                    self.module,
                    self.scope,
                    statement=self.statement,
                    defaults=self.defaults_of(node),
                )
            case cst.NamedExpr(target=target, value=value):
                result = self.evaluate(value)
                for bound in bound_names(target):
                    scope = self.scope
                    while scope.comprehension and scope.parent is not None:
                        scope = scope.parent
                    self.trail.put(scope.binds(bound), bound, result)
                return result
            case cst.Await(expression=expression):
                return self.evaluate(expression)
            case cst.Yield():
                self.yielded(self._given(node))
                return Unknown("what is sent into a generator")
            case _:
                return Unknown("an expression that is not followed")

    def _given(self, node: cst.Yield) -> Abstract:
        match node.value:
            case None:
                return None
            case cst.From(item=item):
                return self.evaluate(item)
            case item:
                return self.evaluate(item)

    def data(self, value: Abstract) -> Abstract:
        """What an imported name stands for, where that is data; functions keep their names."""
        if isinstance(value, Reference) and not value.called:
            found = self.resolve(value.name)
            if isinstance(found, str | int | float | bytes | tuple | Pairs | Either):
                return found
        return value

    def attribute(self, owner: Abstract, name: str) -> Abstract:
        """The value of `owner.name`."""
        match owner:
            case Reference(dotted, False):
                return Reference(f"{dotted}.{name}")
            case Either(condition, then, other):
                return either(condition, self.attribute(then, name), self.attribute(other, name))
            case ModuleValue() | ClassValue() | Instance():
                found = self.member(owner, name)
                if found is not None:
                    return found
            case _:
                pass
        data = methods.attribute(owner, name)
        return BoundMethod(owner, name) if data is None else data

    # Texts

    def _formatted(self, node: cst.FormattedString) -> Abstract:
        parts: list[str] = []
        length = 0
        raw = "r" in node.prefix.lower()
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                parts.append(unescaped(part.value, raw=raw))
            elif isinstance(part, cst.FormattedStringExpression):
                value = qualifier(self.evaluate(part.expression))
                plain = part.conversion is None and not part.format_spec
                if isinstance(value, str) and plain:
                    parts.append(value)
                elif isinstance(value, bool | int | float | None) and plain:
                    parts.append(str(value))
                elif isinstance(value, str) and is_known(value) and part.conversion == "r":
                    parts.append(repr(value))
                else:
                    parts.append(UNKNOWN_MARK)
            length += len(parts[-1]) if parts else 0
            if length > methods.TEXT_LIMIT:
                return Unknown("the text is too long")
        return "".join(parts)

    # Collections

    def _elements(self, elements: Sequence[cst.BaseElement]) -> Abstract:
        found: list[Abstract] = []
        for element in elements:
            value = self.evaluate(element.value)
            if not isinstance(element, cst.StarredElement):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(value)
            elif isinstance(value, Existing | Selection) and len(elements) == 1:
                return value
            else:
                return Unknown("it contains a list that is not known")
        return tuple(found)

    def _pairs(self, elements: Sequence[cst.BaseDictElement]) -> Abstract:
        found: list[tuple[Abstract, Abstract]] = []
        for element in elements:
            value = self.evaluate(element.value)
            if isinstance(element, cst.DictElement):
                found.append((self.evaluate(element.key), value))
            elif isinstance(value, Pairs):
                found.extend(value.items)
            else:
                return Unknown("it contains a dict that is not known")
        return Pairs(tuple(found))

    def _subscript(self, node: cst.Subscript) -> Abstract:
        owner = self.evaluate(node.value)
        element = node.slice[0].slice if len(node.slice) == 1 else None
        if isinstance(element, cst.Slice):
            bounds = (element.lower, element.upper, element.step)
            return part_of(
                owner, [None if part is None else self.evaluate(part) for part in bounds]
            )
        if not isinstance(element, cst.Index):
            return Unknown("a subscript")
        return item_of(owner, self.evaluate(element.value))

    # Conditions

    def _boolean(self, node: cst.BooleanOperation) -> Abstract:
        left = self.evaluate(node.left)
        text = self.written(node.left)
        known = guards.truth(left, text)
        stops = isinstance(node.operator, cst.Or)
        if isinstance(known, bool):
            return left if known is stops else self.evaluate(node.right)
        needed = negate(known) if stops else known
        if isinstance(needed, bool):
            return left
        span = self.module.positions.of_header(self.statement)
        right = self.guarded(needed, span, lambda: self.evaluate(node.right))
        other = guards.truth(right, self.written(node.right))
        if stops:
            if is_known(right) and not isinstance(right, bool):
                return either(known, left, right)
            return truth_value(disjunction((known, other)))
        return truth_value(conjunction((known, other)))

    def _comparison(self, node: cst.Comparison) -> Truth:
        left, left_text = self.evaluate(node.left), self.written(node.left)
        results: list[Truth] = []
        for target in node.comparisons:
            right, right_text = self.evaluate(target.comparator), self.written(target.comparator)
            text = comparison_text(left_text, target.operator, right_text)
            results.append(compared(left, target.operator, right, text))
            left, left_text = right, right_text
        return conjunction(results)

    def _conditional(
        self, test: cst.BaseExpression, body: cst.BaseExpression, orelse: cst.BaseExpression
    ) -> Abstract:
        condition = self.truth(test)
        if isinstance(condition, bool):
            return self.evaluate(body if condition else orelse)
        span = self.module.positions.of_header(self.statement)
        opposite = negate(condition)
        then = self.guarded(condition, span, lambda: self.evaluate(body))
        if isinstance(opposite, bool):
            return then
        return either(condition, then, self.guarded(opposite, span, lambda: self.evaluate(orelse)))

    # Arithmetic

    def _binary(self, node: cst.BinaryOperation) -> Abstract:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        return operated(node.operator, left, right, self.written(node))

    def bind(self, target: cst.BaseExpression, value: Abstract) -> None:
        """Assign a value to a target; attributes and subscripts are left alone."""
        match target:
            case cst.Name(value=name):
                self.trail.put(self.scope.binds(name), name, value)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element, part in zip(elements, unpacked(elements, value), strict=True):
                    self.bind(element.value, part)
            case _:
                pass

    # Calls

    def applied(self, function: Abstract, item: Abstract, node: cst.Call) -> Abstract:
        """What a function that is not called by its name makes of one value."""
        passed = (Passed(None, item),)
        text = self.written(node)
        if isinstance(function, Reference) and function.name.startswith("builtins."):
            name = function.name.removeprefix("builtins.")
            made = call_builtin(name, passed, text)
            return Unknown(f"{name}() is not followed") if made is None else made
        return self.call(function, passed, node, text)

    def _call(self, node: cst.Call) -> Abstract:
        function = self.evaluate(node.func)
        passed: list[Passed] = []
        typed = _takes_types(function)
        for argument in node.args:
            keyword = argument.keyword.value if argument.keyword is not None else None
            value = self.evaluate(argument.value)
            if typed and isinstance(value, ClassValue | Reference):
                value = self.as_column_type(value)
            if keyword == "schema":
                value = placed(value)
            passed.append(Passed(argument.star or keyword, value, argument.value))
        if typed and isinstance(function, Reference) and function.name.endswith(_ENUMS):
            passed = list(self.enum_arguments(tuple(passed)))
        elif isinstance(function, Reference) and function.name in _ITERATES:
            passed = [replace(item, value=self.iterated(item.value)) for item in passed]
        text = self.written(node)
        if isinstance(function, Reference) and function.name == "builtins.globals":
            return self.functions()
        if isinstance(function, Reference) and function.name == "builtins.super" and not passed:
            return Reference("builtins.super", called=True)
        over = _OVER.get(function.name) if isinstance(function, Reference) else None
        if over is not None and len(passed) == 2:
            made = over(self, passed[0].value, passed[1].value, node)
            if made is not None:
                return made
        if isinstance(function, Reference) and function.name.startswith("builtins."):
            result = call_builtin(function.name.removeprefix("builtins."), tuple(passed), text)
            if result is not None:
                return result
        if isinstance(function, Reference) and function.name == "functools.partial" and passed:
            return PartialCall(passed[0].value, tuple(passed[1:]))
        return self.call(function, tuple(passed), node, text)


_ENUMS = (".Enum", ".ENUM")
_ITERATES = frozenset(
    {"builtins.filter", "builtins.list", "builtins.map", "builtins.sorted", "builtins.tuple"}
)

_OVER = {"builtins.map": mapped, "builtins.filter": filtered}
"""Functions that call a function for each item of a collection."""


def _takes_types(function: Abstract) -> bool:
    """Whether a function is one of those that are passed types of columns."""
    match function:
        case Reference(name, False):
            return name.startswith(("sqlalchemy.", "alembic.op.", "sqlmodel."))
        case BoundMethod(BatchOperations() | ColumnType()):
            return True
        case _:
            return False


@lru_cache(maxsize=4096)
def _literal(text: str) -> str | bytes | Unknown:
    """The value of a string literal."""
    if text.startswith(ELIDED):
        return Unknown("the value is too large to be followed")
    quote = text[0]
    if quote in "\"'" and "\\" not in text and not text.startswith(('"""', "'''")):
        return text[1:-1]
    value = ast.literal_eval(text)
    return value if isinstance(value, str | bytes) else ""
