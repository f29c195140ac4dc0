"""Expressions: what a LibCST expression is worth, without running anything."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from alembic_lint.extract import guards, methods
from alembic_lint.extract.builtins import call_builtin
from alembic_lint.extract.conditions import (
    Truth,
    choice,
    conjunction,
    disjunction,
    negate,
)
from alembic_lint.extract.scope import Module, Scope, bound_names
from alembic_lint.extract.sql.marks import UNKNOWN_MARK
from alembic_lint.extract.values import (
    Abstract,
    BoundMethod,
    ClassValue,
    Either,
    Existing,
    FunctionValue,
    Instance,
    ModuleValue,
    Pairs,
    PartialCall,
    Passed,
    Record,
    RecordField,
    Selection,
    Sometimes,
    Text,
    either,
    is_known,
    truth_value,
)
from alembic_lint.model import Condition, OpaqueCondition, Reference, Unknown

if TYPE_CHECKING:
    from alembic_lint.source import Span

DEPTH_LIMIT = 90
"""Expressions nested deeper than this are not followed."""

UNROLL_LIMIT = 500
"""Elements. A loop or comprehension over more is not unrolled."""


class Exhausted(Exception):
    """The file takes more steps to read than any real one."""


class Evaluator(ABC):
    """Evaluates expressions in a module's scope; what calls do is left to the interpreter."""

    module: Module
    scope: Scope
    statement: cst.CSTNode
    steps: int
    depth: int

    @abstractmethod
    def call(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        """What a call returns; its operations are recorded."""

    @abstractmethod
    def resolve(self, name: str) -> Abstract | None:
        """The value of a dotted name of the project's own modules, or Python's None."""

    @abstractmethod
    def member(self, owner: ClassValue | Instance | ModuleValue, name: str) -> Abstract | None:
        """An attribute of a class or module whose source is at hand, or Python's None."""

    @abstractmethod
    def look_up(self, name: str) -> Abstract:
        """The value of a name where the evaluation stands."""

    @abstractmethod
    def guarded(self, condition: Condition, span: Span, then: Callable[[], Abstract]) -> Abstract:
        """Evaluate something that happens only where a condition holds."""

    @abstractmethod
    def yielded(self, value: Abstract) -> None:
        """A generator gives a value."""

    def tick(self) -> None:
        """Count one step; raises Exhausted past the limit."""
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted

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

    def written(self, node: cst.CSTNode) -> Text:
        """Gives an expression as it is written, on one line."""
        module = self.module
        return lambda: " ".join(module.text(node).split())

    def truth(self, node: cst.BaseExpression) -> Truth:
        """Whether an expression is true."""
        return guards.truth(self.evaluate(node), self.written(node))

    def _evaluate(self, node: cst.CSTNode) -> Abstract:
        match node:
            case cst.SimpleString(value=literal):
                return _literal(literal)
            case cst.ConcatenatedString(left=left, right=right):
                return _joined(self.evaluate(left), self.evaluate(right))
            case cst.FormattedString():
                return self._formatted(node)
            case cst.Integer() | cst.Float():
                return _number(node)
            case cst.Name(value="True"):
                return True
            case cst.Name(value="False"):
                return False
            case cst.Name(value="None"):
                return None
            case cst.Name(value=name):
                return self.look_up(name)
            case cst.Attribute(value=owner, attr=attr):
                return self.attribute(self.evaluate(owner), attr.value)
            case cst.Call():
                return self._call(node)
            case cst.Subscript():
                return self._subscript(node)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                return self._elements(elements)
            case cst.Set(elements=elements):
                return self._elements(elements)
            case cst.Dict(elements=elements):
                return self._pairs(elements)
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
                return self._comprehension(node)
            case cst.DictComp():
                return self._comprehension(node)
            case cst.Lambda():
                return FunctionValue("<lambda>", node, self.module, self.scope)
            case cst.NamedExpr(target=target, value=value):
                result = self.evaluate(value)
                for name in bound_names(target):
                    self.scope.names[name] = result
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
        raw = "r" in node.prefix.lower()
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                parts.append(_unescaped(part.value, raw=raw))
            elif isinstance(part, cst.FormattedStringExpression):
                value = self.evaluate(part.expression)
                plain = part.conversion is None and not part.format_spec
                if isinstance(value, str) and plain:
                    parts.append(value)
                elif isinstance(value, bool | int | float | None) and plain:
                    parts.append(str(value))
                elif isinstance(value, str) and is_known(value) and part.conversion == "r":
                    parts.append(repr(value))
                else:
                    parts.append(UNKNOWN_MARK)
        return methods.bounded("".join(parts))

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
            return self._slice(owner, element)
        if not isinstance(element, cst.Index):
            return Unknown("a subscript")
        return self._item(owner, self.evaluate(element.value))

    def _item(self, owner: Abstract, key: Abstract) -> Abstract:
        match owner, key:
            case (Either(condition, then, other), _):
                return either(condition, self._item(then, key), self._item(other, key))
            case (Pairs(), _):
                return methods.looked_up(owner, key, Unknown("the key is not in the dict"))
            case (tuple() | str(), int(index)) if -len(owner) <= index < len(owner):
                item = owner[index]
                return Unknown("it is there only at times") if isinstance(item, Sometimes) else item
            case (Record(existing), str(field)):
                return RecordField(existing, field)
            case (Existing() | Selection(), _):
                return Record(owner if isinstance(owner, Existing) else owner.existing)
            case (Reference(name, False), _):
                return Reference(name)
            case _:
                return Unknown("a subscript of a value that is not known")

    def _slice(self, owner: Abstract, node: cst.Slice) -> Abstract:
        bounds = [
            None if part is None else self.evaluate(part)
            for part in (node.lower, node.upper, node.step)
        ]
        if isinstance(owner, tuple | str) and all(
            isinstance(bound, int | None) for bound in bounds
        ):
            lower, upper, step = (bound if isinstance(bound, int) else None for bound in bounds)
            return Unknown("a slice with step 0") if step == 0 else owner[lower:upper:step]
        return Unknown("a slice of a value that is not known")

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
        text = self.written(node)
        left = self.evaluate(node.left)
        results: list[Truth] = []
        for target in node.comparisons:
            right = self.evaluate(target.comparator)
            results.append(_compared(left, target.operator, right, text))
            left = right
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
        match node.operator, left, right:
            case (cst.Modulo(), str(), _):
                return methods.percent(left, right)
            case (cst.Add(), str(), _) | (cst.Add(), _, str()):
                return _joined(left, right)
            case (cst.Add(), tuple(), tuple()):
                return (*left, *right)
            case (cst.Add() | cst.BitOr(), Existing() | Selection(), _):
                return left
            case (cst.BitOr(), tuple(), tuple()):
                return (*left, *(item for item in right if item not in left))
            case (cst.BitOr(), Pairs(some), Pairs(others)):
                return Pairs((*some, *others))
            case (cst.BitAnd(), tuple(), Existing() | Selection()):
                return self._kept(left, right, node, present=True)
            case (cst.BitAnd(), Existing() | Selection(), tuple()):
                return self._kept(right, left, node, present=True)
            case (cst.Subtract(), tuple(), Existing() | Selection()):
                return self._kept(left, right, node, present=False)
            case (cst.Subtract(), tuple(), tuple()) if is_known(left) and is_known(right):
                return tuple(item for item in left if item not in right)
            case (cst.BitAnd(), tuple(), tuple()) if is_known(left) and is_known(right):
                return tuple(item for item in left if item in right)
            case (operator, int() | float(), int() | float()):
                return _arithmetic(operator, left, right)
            case _:
                return Unknown("an expression of values that are not known")

    def _kept(
        self, items: tuple[Abstract, ...], container: Abstract, node: cst.CSTNode, *, present: bool
    ) -> Abstract:
        """The items that are, or are not, among those that exist."""
        text = self.written(node)
        found: list[Abstract] = []
        for item in items:
            inside = guards.contained(item, container, text)
            wanted = inside if present else negate(inside)
            if wanted is True:
                found.append(item)
            elif wanted is not False:
                found.append(Sometimes(wanted, item))
        return tuple(found)

    # Comprehensions

    def _comprehension(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
    ) -> Abstract:
        before = self.scope
        self.scope = Scope({}, before)
        try:
            results: list[Abstract] = []
            rest = self._comprehend(node, node.for_in, True, results)
            if rest is not None:
                return rest
            if isinstance(node, cst.DictComp):
                return Pairs(
                    tuple((item[0], item[1]) for item in results if isinstance(item, tuple))
                )
            return tuple(results)
        finally:
            self.scope = before

    def _comprehend(
        self,
        node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp,
        clause: cst.CompFor,
        condition: Truth,
        results: list[Abstract],
    ) -> Abstract | None:
        """Collect the elements; a value is returned where these cannot be told one by one."""
        iterable = self.evaluate(clause.iter)
        match iterable:
            case Existing() | Selection():
                return self._select(node, clause, iterable)
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
            self.bind(clause.target, item)
            for test in clause.ifs:
                here = conjunction((here, self.truth(test.test)))
            if here is False:
                continue
            if clause.inner_for_in is not None:
                rest = self._comprehend(node, clause.inner_for_in, here, results)
                if rest is not None:
                    return rest
                continue
            element = self._element(node)
            results.append(element if isinstance(here, bool) else Sometimes(here, element))
        return None

    def _element(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
    ) -> Abstract:
        if isinstance(node, cst.DictComp):
            return (self.evaluate(node.key), self.evaluate(node.value))
        return self.evaluate(node.elt)

    def _select(
        self,
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
        self.bind(clause.target, variable)
        for test in clause.ifs:
            value = self.evaluate(test.test)
            if isinstance(value, RecordField):
                continue  # `if index["name"]` only leaves out those without a name
            condition = conjunction((condition, guards.truth(value, self.written(test.test))))
        if clause.inner_for_in is not None:
            return Unknown("it is made in a loop over what the database lists")
        element = self.evaluate(node.key if isinstance(node, cst.DictComp) else node.elt)
        if isinstance(element, RecordField) and element.field == "name" and condition is True:
            return existing if isinstance(source, Existing) else source
        return Selection(existing, element, None if isinstance(condition, bool) else condition)

    def bind(self, target: cst.BaseExpression, value: Abstract) -> None:
        """Assign a value to a target; attributes and subscripts are left alone."""
        match target:
            case cst.Name(value=name):
                self.scope.names[name] = value
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element, part in zip(elements, _unpacked(elements, value), strict=True):
                    self.bind(element.value, part)
            case _:
                pass

    # Calls

    def _call(self, node: cst.Call) -> Abstract:
        function = self.evaluate(node.func)
        passed: list[Passed] = []
        for argument in node.args:
            keyword = argument.keyword.value if argument.keyword is not None else None
            value = self.evaluate(argument.value)
            passed.append(Passed(argument.star or keyword, value, argument.value))
        text = self.written(node)
        if isinstance(function, Reference) and function.name.startswith("builtins."):
            result = call_builtin(function.name.removeprefix("builtins."), tuple(passed), text)
            if result is not None:
                return result
        if isinstance(function, Reference) and function.name == "functools.partial" and passed:
            return PartialCall(passed[0].value, tuple(passed[1:]))
        return self.call(function, tuple(passed), node, text)


def _unpacked(elements: Sequence[cst.BaseElement], value: Abstract) -> Sequence[Abstract]:
    """What each element of a tuple of targets is bound to."""
    wanted = len(elements)
    unknown: list[Abstract] = [Unknown("a part of a value that is not known")] * wanted
    starred = [
        index for index, item in enumerate(elements) if isinstance(item, cst.StarredElement)
    ]
    if isinstance(value, Record | RecordField | Existing):
        return [value, *unknown[1:]]
    if not isinstance(value, tuple):
        return unknown
    if not starred:
        return value if len(value) == wanted else unknown
    before, after = starred[0], wanted - starred[0] - 1
    if len(value) < before + after:
        return unknown
    middle = value[before : len(value) - after]
    return [*value[:before], middle, *value[len(value) - after :]]


@lru_cache(maxsize=4096)
def _literal(text: str) -> str | bytes:
    """The value of a string literal."""
    value = ast.literal_eval(text)
    return value if isinstance(value, str | bytes) else ""


def _joined(left: Abstract, right: Abstract) -> Abstract:
    if isinstance(left, str) and isinstance(right, str):
        return methods.bounded(left + right)
    if isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    if isinstance(left, Either):
        return either(left.condition, _joined(left.then, right), _joined(left.other, right))
    if isinstance(right, Either):
        return either(right.condition, _joined(left, right.then), _joined(left, right.other))
    return methods.bounded(
        (left if isinstance(left, str) else UNKNOWN_MARK)
        + (right if isinstance(right, str) else UNKNOWN_MARK)
    )


def _number(node: cst.Integer | cst.Float) -> Abstract:
    if len(node.value) > 400:
        return Unknown("the number is too long")
    return node.evaluated_value


def _unescaped(text: str, *, raw: bool) -> str:
    text = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in text:
        return text
    for quote in ('"""', "'''", '"', "'"):
        try:
            value = ast.literal_eval(f"{quote}{text}{quote}")
        except (SyntaxError, ValueError):
            continue
        if isinstance(value, str):
            return value
    return text


def _compared(left: Abstract, operator: cst.BaseCompOp, right: Abstract, text: Text) -> Truth:
    match operator:
        case cst.LessThan() | cst.GreaterThan() | cst.GreaterThanEqual() if isinstance(
            left, Either
        ):
            return choice(
                left.condition,
                _compared(left.then, operator, right, text),
                _compared(left.other, operator, right, text),
            )
        case cst.Is() if right is None:
            return guards.is_none(left, text)
        case cst.IsNot() if right is None:
            return negate(guards.is_none(left, text))
        case cst.Equal() | cst.Is():
            return guards.equal(left, right, text)
        case cst.NotEqual() | cst.IsNot():
            return negate(guards.equal(left, right, text))
        case cst.In():
            return guards.contained(left, right, text)
        case cst.NotIn():
            return negate(guards.contained(left, right, text))
        case cst.LessThanEqual() if isinstance(left, tuple):
            return guards.all_exist(left, right, text)
        case _:
            return _ordered(left, operator, right, text)


def _ordered(left: Abstract, operator: cst.BaseCompOp, right: Abstract, text: Text) -> Truth:
    if isinstance(left, int | float) and isinstance(right, int | float):
        match operator:
            case cst.LessThan():
                return left < right
            case cst.LessThanEqual():
                return left <= right
            case cst.GreaterThan():
                return left > right
            case cst.GreaterThanEqual():
                return left >= right
            case _:
                pass
    return OpaqueCondition(text())


def _arithmetic(operator: cst.BaseBinaryOp, left: float, right: float) -> Abstract:
    if abs(left) > 1e12 or abs(right) > 1e12:
        return Unknown("the number is too large")
    match operator:
        case cst.Add():
            return left + right
        case cst.Subtract():
            return left - right
        case cst.Multiply():
            return left * right
        case cst.Divide() if right:
            return left / right
        case cst.FloorDivide() if right:
            return left // right
        case cst.Modulo() if right:
            return left % right
        case _:
            return Unknown("an arithmetic expression")
