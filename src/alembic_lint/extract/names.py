"""Names: what they are bound to in functions, modules and classes of the project."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from alembic_lint.extract.library import absolute_module, is_foreign
from alembic_lint.extract.lowering import lower, name_of
from alembic_lint.extract.reader import Frame, Reader
from alembic_lint.extract.scope import Module, Scope, imported_name
from alembic_lint.extract.values import (
    Abstract,
    ClassValue,
    FunctionValue,
    Instance,
    ModuleValue,
    Pairs,
)
from alembic_lint.model import (
    Column,
    Context,
    Reference,
    TableValue,
    Unknown,
)

_DATABASE_MODULES = ("sqlalchemy.", "alembic.", "flask.", "oslo_db.")


class Namer(Reader):
    """Looks names up; modules of the project are read name by name."""

    def functions(self) -> Pairs:
        """The functions of the module where the evaluation stands, by name: `globals()`."""
        return Pairs(
            tuple(
                (name, self.look_up(name))
                for name, statement in self.module.definitions.items()
                if isinstance(statement, cst.FunctionDef)
            )
        )

    def look_up(self, name: str) -> Abstract:
        """The value of a name where the evaluation stands."""
        if self.scope.holds(name):
            return self.scope.find(name)
        found = self.module_name(self.module, name)
        return Reference(f"builtins.{name}") if found is None else found

    def module_name(self, module: Module, name: str) -> Abstract | None:
        """A module-level name, read when it is first asked for; Python's None where unbound."""
        if name == "__name__":
            return module.name or "revision"
        if name not in module.scope.names and name in module.definitions:
            if name in module.pending:
                return Unknown(f"{name} is defined by itself")
            module.pending.add(name)
            try:
                self.within(module, lambda: self.define(module.definitions[name]))
            finally:
                module.pending.discard(name)
        if name in module.scope.names:
            return module.scope.names[name]
        for star in module.stars:
            other = self.library.load(star)
            if other is not None and other is not module:
                found = self.module_name(other, name)
                if found is not None:
                    return found
            elif other is None and star.startswith(_DATABASE_MODULES) and not _is_builtin(name):
                return Reference(f"{star}.{name}")
        # What is bound nowhere else comes from a module that is not at hand, if there is one.
        for star in module.stars:
            if self.library.load(star) is None and not is_foreign(star) and not _is_builtin(name):
                return Reference(f"{star}.{name}")
        return None

    def within(self, module: Module, action: Callable[[], None]) -> None:
        """Do something at the level of a module, recording nothing."""
        before = (self.module, self.scope, self.statement, self.recorded, self.context)
        self.module, self.scope, self.recorded = module, module.scope, []
        self.context = Context()
        mark = self.trail.mark()
        self.frames.append(Frame(None, 0, module.scope, mark))
        try:
            action()
        finally:
            self.frames.pop()
            self.trail.settle(mark)
            self.module, self.scope, self.statement, self.recorded, self.context = before

    def resolve(self, name: str) -> Abstract | None:
        """The value of a dotted name of the project's own modules, or Python's None."""
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            module = self.library.load(".".join(parts[:cut]))
            if module is None:
                continue
            value: Abstract = ModuleValue(module)
            for part in parts[cut:]:
                found: Abstract | None = None
                if isinstance(value, ModuleValue | ClassValue):
                    found = self.member(value, part)
                if found is None:
                    return None
                value = found
            if isinstance(value, Reference) and value.name != name and not value.called:
                return self.resolve(value.name) or value
            return value
        return None

    def member(self, owner: ClassValue | Instance | ModuleValue, name: str) -> Abstract | None:
        """An attribute of a class or module whose source is at hand, or Python's None."""
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            found = self.member(owner.of, name)
            return replace(found, bound=owner) if isinstance(found, FunctionValue) else found
        if isinstance(owner, ModuleValue):
            found = self.module_name(owner.module, name)
            if found is None and owner.module.name is not None:
                inner = self.library.load(f"{owner.module.name}.{name}")
                return None if inner is None else ModuleValue(inner)
            return found
        if name == "__table__":
            return self.table_of(owner)
        return self.class_member(owner, name, 0)

    def class_member(self, owner: ClassValue, name: str, level: int) -> Abstract | None:
        """An attribute from a class body, or from its bases."""
        if name in owner.attributes:
            return owner.attributes[name]
        found = self._class_member(owner, name, level)
        if found is not None:
            owner.attributes[name] = found
        return found

    def _class_member(self, owner: ClassValue, name: str, level: int) -> Abstract | None:
        for statement in owner.node.body.body:
            match statement:
                case cst.FunctionDef(name=cst.Name(value=found)) if found == name:
                    return self._method(owner, statement)
                case cst.SimpleStatementLine(body=smalls):
                    for small in smalls:
                        node = _assigned(small, name)
                        if node is not None:
                            return self.elsewhere(owner.module, owner.scope, node)
                case _:
                    pass
        if level < 5:
            for base in owner.node.bases:
                value = self.elsewhere(owner.module, owner.scope, base.value)
                if isinstance(value, Reference):
                    value = self.resolve(value.name) or value
                if isinstance(value, ClassValue):
                    inherited = self.class_member(value, name, level + 1)
                    if inherited is not None:
                        return inherited
        return None

    def _method(self, owner: ClassValue, node: cst.FunctionDef) -> FunctionValue:
        """A function of a class body, its defaults evaluated there."""
        before = (self.module, self.scope)
        self.module, self.scope = owner.module, owner.scope
        try:
            defaults = self.defaults_of(node)
        finally:
            self.module, self.scope = before
        return FunctionValue(node.name.value, node, owner.module, owner.scope, defaults=defaults)

    def elsewhere(self, module: Module, scope: Scope, node: cst.BaseExpression) -> Abstract:
        """Evaluate an expression in another scope, recording nothing."""
        before = (self.module, self.scope, self.recorded)
        self.module, self.scope, self.recorded = module, scope, []
        try:
            return self.evaluate(node)
        finally:
            self.module, self.scope, self.recorded = before

    def table_of(self, owner: ClassValue) -> Abstract:
        """The table of a mapped class."""
        name = self.class_member(owner, "__tablename__", 0)
        if name is None:
            return Unknown("the class has no __tablename__")
        items: list[Abstract] = []
        for statement in owner.node.body.body:
            if not isinstance(statement, cst.SimpleStatementLine):
                continue
            for small in statement.body:
                called, written = _in_class(small)
                if written is None:
                    # `Mapped[int]` alone, which makes a column of it.
                    if isinstance(small, cst.AnnAssign):
                        items.append(Unknown("its column is told by an annotation"))
                    continue
                value = self.elsewhere(owner.module, owner.scope, written)
                if isinstance(value, Column):
                    if isinstance(value.name, Unknown):
                        value = replace(value, name=called)
                    items.append(value)
                elif isinstance(written, cst.Call) and not _is_relation(written):
                    items.append(Unknown("what it makes may be a column"))
        if len(owner.node.bases) > 1:
            items.append(Unknown("other classes may bring columns along"))
        arguments = self.class_member(owner, "__table_args__", 0)
        schema = None
        if isinstance(arguments, tuple):
            items.extend(arguments)
        return TableValue(name_of(name), schema, tuple(lower(item) for item in items))

    def import_names(self, node: cst.Import | cst.ImportFrom) -> None:
        """Bind the names of an import statement."""
        if isinstance(node, cst.Import):
            for alias in node.names:
                whole = alias.evaluated_name
                name = imported_name(alias)
                value = Reference(whole if alias.evaluated_alias else name)
                self.trail.put(self.scope.binds(name), name, value)
        elif not isinstance(node.names, cst.ImportStar):
            base = absolute_module(self.module, node)
            for alias in node.names:
                value = Reference(
                    f"{base}.{alias.evaluated_name}" if base else alias.evaluated_name
                )
                name = imported_name(alias)
                self.trail.put(self.scope.binds(name), name, value)


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _assigned(node: cst.BaseSmallStatement, name: str) -> cst.BaseExpression | None:
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=found))], value=value):
            return value if found == name else None
        case cst.AnnAssign(target=cst.Name(value=found), value=value):
            return value if found == name else None
        case _:
            return None


def _in_class(node: cst.BaseSmallStatement) -> tuple[str, cst.BaseExpression | None]:
    """The name that a statement of a class assigns, and the value; None where it does not."""
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
            return name, value
        case cst.AnnAssign(target=cst.Name(value=name), value=value):
            return name, value
        case _:
            return "", None


_RELATIONS = frozenset(
    {"association_proxy", "backref", "column_property", "composite", "dynamic_loader"}
    | {"query_expression", "relation", "relationship", "synonym"}
)
"""What SQLAlchemy's ORM puts beside the columns of a class."""


def _is_relation(node: cst.Call) -> bool:
    match node.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name in _RELATIONS
        case _:
            return False
