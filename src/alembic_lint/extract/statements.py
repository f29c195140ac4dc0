"""Statements: what happens, in which order."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from alembic_lint.extract.blocks import Blocker
from alembic_lint.extract.branches import STAYS, Exits
from alembic_lint.extract.conditions import negate
from alembic_lint.extract.library import is_foreign
from alembic_lint.extract.mutation import with_item, without_item
from alembic_lint.extract.operators import AUGMENTED, operated, unpacked
from alembic_lint.extract.row_names import QUIET_DECORATORS, is_harmless
from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import (
    Abstract,
    ClassValue,
    Decorated,
    FunctionValue,
    Instance,
    Items,
    ModuleValue,
    Pairs,
    PartialCall,
    Passed,
)
from alembic_lint.model import Reference, Unknown

_ENDS = frozenset({"builtins.exit", "builtins.quit", "sys.exit"})


class Executor(Blocker):
    """Walks the statements of a module or function in the order they run."""

    def define(self, statement: cst.BaseStatement | cst.BaseSmallStatement) -> None:
        """Bind the names of one module-level statement."""
        self.execute(statement)

    def is_generator(self, node: cst.FunctionDef) -> bool:
        """Whether a function has a `yield`."""
        found = self.generators.get(node)
        if found is None:
            found = any(isinstance(inner, cst.Yield) for inner in own_nodes(node.body))
            self.generators[node] = found
        return found

    def execute(self, node: cst.BaseStatement | cst.BaseSmallStatement) -> Exits:
        """Execute one statement."""
        self.tick()
        if isinstance(node, cst.SimpleStatementLine):
            return self._body(node.body)
        self.statement = node
        match node:
            case cst.Expr(value=value):
                self.evaluate(value)
                if isinstance(value, cst.Call) and self._ends_process(value.func):
                    return Exits(returns=True)
            case cst.Assign(targets=targets, value=value):
                result = self.evaluate(value)
                for target in targets:
                    self.assign(target.target, result)
            case cst.AnnAssign(target=target, value=value) if value is not None:
                self.assign(target, self.evaluate(value))
            case cst.AugAssign():
                self._augment(node)
            case cst.Return(value=value):
                result = None if value is None else self.evaluate(value)
                if self.frames:
                    frame = self.frames[-1]
                    frame.returns.append((self.path(), result))
                    self.leave(frame.left, frame.mark, self.path())
                return Exits(returns=True)
            case cst.Raise():
                return Exits(returns=True, raises=True)
            case cst.Break():
                if self.frames and self.frames[-1].rounds:
                    loop = self.frames[-1].rounds[-1]
                    self.leave(loop.breaks, loop.start, self.path(loop.outer))
                return Exits(breaks=True)
            case cst.Continue():
                if self.frames and self.frames[-1].rounds:
                    loop = self.frames[-1].rounds[-1]
                    self.leave(loop.continues, loop.mark, self.path(loop.guards))
                return Exits(continues=True)
            case cst.Global(names=names):
                for item in names:
                    self.scope.elsewhere[item.name.value] = self.module.scope
            case cst.Nonlocal(names=names):
                for item in names:
                    self._nonlocal(item.name.value)
            case cst.Import() | cst.ImportFrom():
                self.import_names(node)
            case cst.FunctionDef():
                self._bind_name(node.name.value, self._function(node))
            case cst.ClassDef(name=name):
                owner = ClassValue(name.value, node, self.module, self.scope)
                self._bind_name(name.value, owner)
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
                fails = negate(self.truth(test))
                return Exits(returns=fails, raises=fails)
            case cst.Del(target=deleted):
                self._delete(deleted)
            case _:
                pass
        return STAYS

    def _ends_process(self, function: cst.BaseExpression) -> bool:
        """Whether a call of this function never comes back."""
        match function:
            case cst.Name(value="exit" | "quit") | cst.Attribute(attr=cst.Name(value="exit")):
                found = self.evaluate(function)
                return isinstance(found, Reference) and found.name in _ENDS
            case _:
                return False

    def _bind_name(self, name: str, value: Abstract) -> None:
        self.trail.put(self.scope.binds(name), name, value)

    def _nonlocal(self, name: str) -> None:
        for scope in self.scope.chain():
            if scope is not self.scope and name in scope.names:
                self.scope.elsewhere[name] = scope
                return

    def assign(self, target: cst.BaseExpression, value: Abstract) -> None:
        """Assign a value to a target, an item of a collection or an attribute included."""
        match target:
            case cst.Subscript(value=value_node, slice=elements):
                owner = self.evaluate(value_node)
                if isinstance(owner, Items | Pairs):
                    key = self._key(elements)
                    self.change(owner, with_item(owner, key, value))
            case cst.Attribute(value=value_node, attr=attr):
                self._set_attribute(self.evaluate(value_node), attr.value, value)
            case cst.Tuple(elements=parts) | cst.List(elements=parts):
                for part, item in zip(parts, unpacked(parts, value), strict=True):
                    self.assign(part.value, item)
            case _:
                self.bind(target, value)

    def _key(self, elements: Sequence[cst.SubscriptElement]) -> Abstract:
        """The key of `owner[key]`."""
        if len(elements) == 1 and isinstance(elements[0].slice, cst.Index):
            return self.evaluate(elements[0].slice.value)
        return Unknown("a slice")

    def _set_attribute(self, owner: Abstract, name: str, value: Abstract) -> None:
        if isinstance(owner, Reference):
            owner = self.resolve(owner.name)
        match owner:
            case Instance() | ClassValue():
                if name not in owner.attributes:
                    # What it is where this branch is not taken.
                    found = self.member(owner, name)
                    if found is not None:
                        owner.attributes[name] = found
                self.trail.put(owner.attributes, name, value)
            case ModuleValue(module):
                self.module_name(module, name)
                self.trail.put(module.scope.names, name, value)
            case _:
                pass

    def _delete(self, target: cst.BaseExpression) -> None:
        match target:
            case cst.Name(value=name):
                self.trail.remove(self.scope.binds(name), name)
            case cst.Tuple(elements=parts) | cst.List(elements=parts):
                for part in parts:
                    self._delete(part.value)
            case cst.Subscript(value=value, slice=elements):
                owner = self.evaluate(value)
                if isinstance(owner, Items | Pairs):
                    self.change(owner, without_item(owner, self._key(elements)))
            case _:
                pass

    def _augment(self, node: cst.AugAssign) -> None:
        """`name += value`: a list is changed in place, anything else is bound anew."""
        owner, value = self.evaluate(node.target), self.evaluate(node.value)
        operator = AUGMENTED.get(type(node.operator))
        if operator is None:
            result: Abstract = Unknown("it is changed in place")
        else:
            result = operated(operator, owner, value, self.written(node))
        if isinstance(owner, Items | Pairs):
            self.change(owner, result)
        else:
            self.assign(node.target, result)

    def _function(self, node: cst.FunctionDef) -> Abstract:
        """A function, as its decorators leave it."""
        managed = False
        others: list[cst.BaseExpression] = []
        for decorator in node.decorators:
            name = self.module.text(decorator.decorator).partition("(")[0].rpartition(".")[2]
            if name in ("contextmanager", "asynccontextmanager"):
                managed = True
            elif name not in QUIET_DECORATORS:
                others.append(decorator.decorator)
        function: Abstract = FunctionValue(
            node.name.value,
            node,
            self.module,
            self.scope,
            context_manager=managed,
            defaults=self.defaults_of(node),
        )
        for decorator_node in reversed(others):
            function = self._decorated(function, decorator_node)
        return function

    def _decorated(self, function: Abstract, node: cst.BaseExpression) -> Abstract:
        """What a decorator makes of a function; one of a library is taken to call it once."""
        wrapper = self.evaluate(node)
        if isinstance(wrapper, Reference):
            if wrapper.name.startswith("builtins.") or is_foreign(wrapper.name):
                return function
            if is_harmless(wrapper.name):
                return function
            wrapper = wrapper if wrapper.called else self.resolve(wrapper.name)
        if isinstance(wrapper, FunctionValue):
            made = self.invoke(wrapper, (Passed(None, function),), None)
            if isinstance(made, FunctionValue | PartialCall | Decorated):
                return made
        return Decorated(function, self.module.text(node))
