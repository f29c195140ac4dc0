"""Statements: what happens, in which order and under which conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from alembic_lint.extract import guards
from alembic_lint.extract.calls import Caller
from alembic_lint.extract.conditions import Truth, conjunction, disjunction, negate
from alembic_lint.extract.evaluate import UNROLL_LIMIT
from alembic_lint.extract.scope import bound_names
from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import (
    Abstract,
    Block,
    ClassValue,
    Connection,
    ContextManager,
    Either,
    Existing,
    FunctionValue,
    GeneratorCall,
    Instance,
    Pairs,
    Passed,
    Record,
    RecordField,
    Selection,
    Sometimes,
    Text,
    either,
)
from alembic_lint.model import Loop, OpaqueCondition, Reference, Try, Unknown
from alembic_lint.source import Span

_MUTATORS = ("append", "add", "extend", "update", "remove", "discard", "insert", "pop", "clear")


@dataclass(frozen=True, slots=True)
class Exits:
    """The conditions under which a body is left before its end, by what leaves it."""

    returns: Truth = False
    breaks: Truth = False
    continues: Truth = False

    def any(self) -> Truth:
        """The condition under which the next statement is not reached."""
        return disjunction((self.returns, self.breaks, self.continues))

    def then(self, other: Exits) -> Exits:
        """These, or those of what follows."""
        return Exits(
            disjunction((self.returns, other.returns)),
            disjunction((self.breaks, other.breaks)),
            disjunction((self.continues, other.continues)),
        )

    def under(self, condition: Truth) -> Exits:
        """The same where they happen only under a condition."""
        return Exits(
            conjunction((condition, self.returns)),
            conjunction((condition, self.breaks)),
            conjunction((condition, self.continues)),
        )


_STAYS = Exits()


class Executor(Caller):
    """Walks the statements of a module or function in the order they run."""

    def run(self, body: cst.BaseSuite | cst.Module) -> None:
        """Execute a body in the current frame."""
        self._body(body.body)

    def define(self, statement: cst.BaseStatement | cst.BaseSmallStatement, name: str) -> None:
        """Bind the names of one module-level statement."""
        self._statement(statement)

    def is_generator(self, node: cst.FunctionDef) -> bool:
        """Whether a function has a `yield`."""
        found = self.generators.get(node)
        if found is None:
            found = any(isinstance(inner, cst.Yield) for inner in own_nodes(node.body))
            self.generators[node] = found
        return found

    def _body(self, statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> Exits:
        """Execute statements; what follows a conditional exit runs under its opposite."""
        before = self.context
        result = _STAYS
        for statement in statements:
            exits = self._statement(statement)
            gone = exits.any()
            result = result.then(exits)
            if gone is True:
                break
            if gone is not False:
                stays = negate(gone)
                span = self.module.positions.of_header(self.statement)
                if isinstance(stays, bool) or not self.enter(stays, span, self.blocks):
                    break
        self.context = before
        return result

    def _statement(self, node: cst.BaseStatement | cst.BaseSmallStatement) -> Exits:
        self.tick()
        if isinstance(node, cst.SimpleStatementLine):
            return self._body(node.body)
        self.statement = node
        match node:
            case cst.Expr(value=value):
                self._expression(value)
            case cst.Assign(targets=targets, value=value):
                result = self.evaluate(value)
                for target in targets:
                    self._assign(target.target, result)
            case cst.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, self.evaluate(value))
            case cst.AugAssign():
                self._augment(node)
            case cst.Return(value=value):
                result = None if value is None else self.evaluate(value)
                if self.frames:
                    self.frames[-1].returns.append((self.path(), result))
                return Exits(returns=True)
            case cst.Raise():
                return Exits(returns=True)
            case cst.Break():
                return Exits(breaks=True)
            case cst.Continue():
                return Exits(continues=True)
            case cst.Import() | cst.ImportFrom():
                self.import_names(node)
            case cst.FunctionDef():
                self.scope.names[node.name.value] = self._function(node)
            case cst.ClassDef(name=name):
                self.scope.names[name.value] = ClassValue(name.value, node, self.module, self.scope)
            case cst.If():
                return self._if(node)
            case cst.For():
                return self._for(node)
            case cst.While():
                return self._while(node)
            case cst.With():
                return self._with(node)
            case cst.Try() | cst.TryStar():
                return self._try(node)
            case cst.Match():
                return self._match(node)
            case cst.Assert(test=test):
                self.evaluate(test)
            case cst.Del(target=deleted):
                for gone in bound_names(deleted):
                    self.scope.names.pop(gone, None)
            case _:
                pass
        return _STAYS

    # Assignments

    def _expression(self, node: cst.BaseExpression) -> None:
        """An expression statement; `items.append(x)` rebinds its list."""
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in _MUTATORS
            and isinstance(node.func.value, cst.Name)
        ):
            name = node.func.value.value
            owner = self.look_up(name)
            if isinstance(owner, tuple | Pairs | Existing | Selection):
                values = [self.evaluate(argument.value) for argument in node.args]
                self._rebind(name, _mutated(owner, node.func.attr.value, values))
                return
        self.evaluate(node)

    def _rebind(self, name: str, value: Abstract) -> None:
        scope = self.scope
        while name not in scope.names and scope.parent is not None:
            scope = scope.parent
        scope.names[name] = value

    def _assign(self, target: cst.BaseExpression, value: Abstract) -> None:
        match target:
            case cst.Subscript(value=cst.Name(value=name), slice=[element]):
                owner = self.look_up(name)
                if isinstance(owner, Pairs) and isinstance(element.slice, cst.Index):
                    key = self.evaluate(element.slice.value)
                    self._rebind(name, Pairs((*owner.items, (key, value))))
            case cst.Attribute(value=cst.Name(value=name), attr=attr):
                owner = self.look_up(name)
                if isinstance(owner, Instance):
                    owner.attributes[attr.value] = value
            case _:
                self.bind(target, value)

    def _augment(self, node: cst.AugAssign) -> None:
        value = self.evaluate(node.value)
        if not isinstance(node.target, cst.Name):
            return
        name = node.target.value
        owner = self.look_up(name)
        match node.operator, owner, value:
            case (cst.AddAssign(), str(), str()):
                result: Abstract = owner + value
            case (cst.AddAssign(), tuple(), tuple()):
                result = (*owner, *value)
            case (cst.AddAssign(), int() | float(), int() | float()):
                result = owner + value
            case (cst.BitOrAssign(), tuple(), tuple()):
                result = (*owner, *value)
            case _:
                result = Unknown(f"{name} is changed in place")
        self._rebind(name, result)

    def _function(self, node: cst.FunctionDef) -> Abstract:
        """A function, as its decorators leave it."""
        managed = False
        others: list[cst.BaseExpression] = []
        for decorator in node.decorators:
            name = self.module.text(decorator.decorator).partition("(")[0].rpartition(".")[2]
            if name in ("contextmanager", "asynccontextmanager"):
                managed = True
            elif name not in ("staticmethod", "classmethod", "wraps", "cache", "lru_cache"):
                others.append(decorator.decorator)
        function: Abstract = FunctionValue(
            node.name.value, node, self.module, self.scope, context_manager=managed
        )
        for decorator_node in reversed(others):
            wrapper = self.evaluate(decorator_node)
            if isinstance(wrapper, Reference):
                wrapper = self.resolve(wrapper.name)
            if isinstance(wrapper, FunctionValue):
                made = self.invoke(wrapper, (Passed(None, function),), None)
                if isinstance(made, FunctionValue):
                    function = made
        return function

    # Branches

    def _if(self, node: cst.If) -> Exits:
        condition = self.truth(node.test)
        span = self._test_span(node)
        orelse = node.orelse
        if condition is True:
            return self._body(node.body.body)
        if condition is False:
            return self._else(orelse)
        return self._branches(
            condition,
            span,
            lambda: self._body(node.body.body),
            lambda: self._else(orelse),
        )

    def _else(self, orelse: cst.If | cst.Else | None) -> Exits:
        match orelse:
            case None:
                return _STAYS
            case cst.If():
                self.statement = orelse
                return self._if(orelse)
            case _:
                return self._body(orelse.body.body)

    def _branches(
        self,
        condition: Truth,
        span: Span,
        then: Callable[[], Exits],
        other: Callable[[], Exits],
    ) -> Exits:
        """Run two branches, each under its condition, and join what they bind."""
        before, names, scope = self.context, dict(self.scope.names), self.scope
        block = self.next_block()
        opposite = negate(condition)
        results: list[tuple[Truth, Exits, dict[str, Abstract]]] = []
        for truth, branch in ((condition, then), (opposite, other)):
            scope.names = dict(names)
            statement = self.statement
            if isinstance(truth, bool):
                exits = branch() if truth else _STAYS
            elif self.enter(truth, span, block):
                exits = branch()
            else:
                exits = Exits(returns=True)  # no dialect is left: never reached
            self.statement = statement
            self.context = before
            results.append((truth, exits, scope.names))
        (first, then_exits, then_names), (second, other_exits, other_names) = results
        then_gone, other_gone = then_exits.any() is True, other_exits.any() is True
        if then_gone and not other_gone:
            scope.names = other_names
        elif other_gone and not then_gone:
            scope.names = then_names
        else:
            scope.names = _joined(first, then_names, other_names)
        return then_exits.under(first).then(other_exits.under(second))

    def _test_span(self, node: cst.If | cst.While) -> Span:
        return self.module.positions.of_header(node)

    def _match(self, node: cst.Match) -> Exits:
        subject = self.evaluate(node.subject)
        text = self.written(node.subject)
        return self._cases(subject, text, list(node.cases), node)

    def _cases(
        self, subject: Abstract, text: Text, cases: list[cst.MatchCase], node: cst.Match
    ) -> Exits:
        if not cases:
            return _STAYS
        case, rest = cases[0], cases[1:]
        condition = self._matches(subject, case.pattern, text)
        if case.guard is not None:
            condition = conjunction((condition, self.truth(case.guard)))
        if condition is True:
            return self._body(case.body.body)
        if condition is False:
            return self._cases(subject, text, rest, node)
        span = self.module.positions.of_header(node)
        return self._branches(
            condition,
            span,
            lambda: self._body(case.body.body),
            lambda: self._cases(subject, text, rest, node),
        )

    def _matches(self, subject: Abstract, pattern: cst.MatchPattern, text: Text) -> Truth:
        match pattern:
            case cst.MatchValue(value=value):
                return guards.equal(subject, self.evaluate(value), text)
            case cst.MatchAs(pattern=None):
                return True
            case cst.MatchOr(patterns=patterns):
                return disjunction(
                    self._matches(subject, element.pattern, text) for element in patterns
                )
            case _:
                return OpaqueCondition(f"{text()} matches {self.module.text(pattern)}")

    # Loops

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
                    lambda: _STAYS,
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
        result = _STAYS
        for item in items:
            self.statement = node
            if isinstance(item, Sometimes):
                exits = self._branches(
                    item.condition,
                    span,
                    lambda value=item.value: self._iteration(node, value),  # type: ignore[misc]
                    lambda: _STAYS,
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
            return _STAYS
        leaves = conjunction((OpaqueCondition(f"a round of the loop over {over}"), exits.returns))
        return Exits(returns=leaves)

    def _while(self, node: cst.While) -> Exits:
        condition = self.truth(node.test)
        if condition is False:
            return _STAYS
        return self._once(node, None, "the number of its rounds is not known")

    # With and try

    def _with(self, node: cst.With) -> Exits:
        before = self.context
        exits: list[Exits] = []
        self._enter_items(node, list(node.items), exits)
        self.context = before
        return exits[0] if exits else _STAYS

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
            self._assign(target, bound)
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
                self._assign(target, value)
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
        before = self.context
        entry = self._try_entry(node)
        if entry is not None:
            self.context = replace(before, tries=(*before.tries, entry))
        names = dict(self.scope.names)
        exits = self._body(node.body.body)
        self.context = before
        after = self.scope.names
        for handler in node.handlers:
            kind = "any" if handler.type is None else self.module.text(handler.type)
            condition = OpaqueCondition(f"{kind} exception is raised")
            self.scope.names = dict(names)
            if handler.name is not None:
                self.bind(handler.name.name, Unknown("an exception"))
            span = self.module.positions.of_header(handler)
            self.enter(condition, span, self.next_block())
            handled = self._body(handler.body.body)
            self.context = before
            if not _only_raises(handler.body) and exits.any() is not True:
                if not _raises_at_end(handler.body):
                    exits = exits.then(handled.under(condition))
                for name, value in self.scope.names.items():
                    if after.get(name) != value and name in after:
                        after[name] = either(condition, value, after[name])
                    elif name not in after:
                        after[name] = Unknown(f"{name} is bound only in an exception's handler")
        self.scope.names = after
        if node.orelse is not None and exits.any() is not True:
            exits = exits.then(self._body(node.orelse.body.body))
        if node.finalbody is not None:
            exits = exits.then(self._body(node.finalbody.body.body))
        return exits

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


def _joined(
    condition: Truth, then: dict[str, Abstract], other: dict[str, Abstract]
) -> dict[str, Abstract]:
    joined: dict[str, Abstract] = {}
    for name in (*then, *(name for name in other if name not in then)):
        if name in then and name in other:
            joined[name] = either(condition, then[name], other[name])
        else:
            joined[name] = then[name] if name in then else other[name]
    return joined


def _mutated(owner: Abstract, method: str, values: list[Abstract]) -> Abstract:
    match owner, method, values:
        case (tuple(), "append" | "add", [value]):
            return (*owner, value)
        case (tuple(), "extend" | "update", [tuple() as more]):
            return (*owner, *more)
        case (tuple(), "extend" | "update", [Existing() | Selection() as more]) if not owner:
            return more
        case (tuple(), "insert", [0, value]):
            return (value, *owner)
        case (tuple(), "remove" | "discard", [value]) if value in owner:
            return tuple(item for item in owner if item != value)
        case (tuple() | Pairs(), "clear", []):
            return ()
        case (Pairs(items), "update", [Pairs(more)]):
            return Pairs((*items, *more))
        case (Existing() | Selection(), "add" | "append" | "update" | "discard" | "remove", _):
            return owner
        case _:
            return Unknown("it is changed in place")


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
                if attr.value in _MUTATORS:
                    found.setdefault(name)
            case _:
                pass
    return list(found)


def _only_raises(body: cst.BaseSuite) -> bool:
    first = body.body[0] if body.body else None
    return isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Raise)


def _raises_at_end(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        return isinstance(last.body[-1], cst.Raise)
    return isinstance(last, cst.Raise)
