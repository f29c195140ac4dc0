"""Statements: what happens, in which order."""

from __future__ import annotations

import libcst as cst

from alembic_lint.extract.blocks import Blocker
from alembic_lint.extract.branches import STAYS, Exits
from alembic_lint.extract.loops import MUTATORS
from alembic_lint.extract.scope import bound_names
from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import (
    Abstract,
    ClassValue,
    Existing,
    FunctionValue,
    Instance,
    Pairs,
    Passed,
    Selection,
)
from alembic_lint.model import Reference, Unknown


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
                self._expression(value)
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
        return STAYS

    def _expression(self, node: cst.BaseExpression) -> None:
        """An expression statement; `items.append(x)` rebinds its list."""
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in MUTATORS
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

    def assign(self, target: cst.BaseExpression, value: Abstract) -> None:
        """Assign a value to a target, an item of a dict or an attribute included."""
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
