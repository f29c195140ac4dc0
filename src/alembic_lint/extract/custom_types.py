"""Column types that a project defines itself: what they are to the database."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import libcst as cst

from alembic_lint.extract.column_types import construct_type
from alembic_lint.extract.lowering import is_known, lower
from alembic_lint.extract.names import Namer
from alembic_lint.extract.sqlalchemy_names import is_dotted_type, resolve
from alembic_lint.extract.values import (
    Abstract,
    ClassValue,
    Dialect,
    FunctionValue,
    Instance,
    Passed,
)
from alembic_lint.model import Argument, ColumnType, Reference, Unknown

_PYTHON_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum"})

_LEVELS = 5
"""Classes above a class that are looked at."""

_FOUNDATIONS = frozenset({"TypeDecorator", "UserDefinedType", "TypeEngine"})
"""SQLAlchemy's classes to derive types from that are no types themselves."""


class Typer(Namer):
    """Tells what a class derived from SQLAlchemy's types amounts to."""

    @abstractmethod
    def invoke(
        self,
        function: FunctionValue,
        passed: tuple[Passed, ...],
        node: cst.Call | None,
        at_yield: Callable[[Abstract], None] | None = None,
    ) -> Abstract:
        """Run a function's body with its arguments bound."""

    def as_column_type(self, value: Abstract) -> Abstract:
        """The type where a value is a class of the project's own that is one, else the value."""
        if isinstance(value, Reference) and not value.called and resolve(value.name) is None:
            found = self.resolve(value.name)
            owner = found if isinstance(found, ClassValue) else None
        else:
            owner = value if isinstance(value, ClassValue) else None
        made = None if owner is None else self.type_made(owner, ())
        return value if made is None else made

    def type_made(self, owner: ClassValue, passed: tuple[Passed, ...]) -> ColumnType | None:
        """The type that calling a class makes; None where it is no class of a type.

        A `TypeDecorator` is what `load_dialect_impl` gives for each dialect, otherwise its `impl`
        with the same arguments. Where the class does more than that, its SQL is not known.

        Source: sqlalchemy/sql/type_api.py, `TypeDecorator`.
        """
        foundation = self._foundation(owner, 0)
        if foundation is None:
            return None
        unknown = ColumnType(f"{owner.module.name or ''}.{owner.name}".lstrip("."), known=False)
        if _compiles_itself(owner):
            return unknown
        if self.class_member(owner, "load_dialect_impl", 0) is not None:
            return self._by_dialect(owner) or unknown
        if self.class_member(owner, "__init__", 0) is not None:
            return unknown
        if foundation.rpartition(".")[2] == "TypeDecorator":
            implementation = self.class_member(owner, "impl", 0)
        elif self.class_member(owner, "get_col_spec", 0) is None:
            implementation = Reference(foundation)
        else:
            return unknown
        return self._implemented(implementation, passed) or unknown

    def parent_implementation(self) -> Abstract:
        """What `super().load_dialect_impl(dialect)` gives: the `impl` of the class.

        Source: sqlalchemy/sql/type_api.py, `TypeDecorator.load_dialect_impl`.
        """
        function = self.frames[-1].function if self.frames else None
        bound = None if function is None else function.bound
        if not isinstance(bound, Instance):
            return Unknown("the class is not known")
        for base in bound.of.node.bases:
            value = self.elsewhere(bound.of.module, bound.of.scope, base.value)
            if not isinstance(value, Reference) or not value.name.endswith(".TypeDecorator"):
                return Unknown("another class stands between")
        implementation = self.class_member(bound.of, "impl", 0)
        return self._implemented(implementation, ()) or Unknown("the impl is not known")

    def enum_arguments(self, passed: tuple[Passed, ...]) -> tuple[Passed, ...]:
        """The arguments of `sa.Enum`, with the members of a Python enum in its place.

        Source: sqlalchemy/sql/sqltypes.py, `Enum._parse_into_values`.
        """
        if not passed or passed[0].keyword is not None:
            return passed
        owner = self._class_of(passed[0].value)
        members = None if owner is None else self.members(owner)
        if owner is None or members is None:
            return passed
        chosen: Abstract = tuple(item.attributes["name"] for item in members)
        keywords = {item.keyword: item for item in passed}
        picked = keywords.get("values_callable")
        if picked is not None and isinstance(picked.value, FunctionValue):
            chosen = self.invoke(picked.value, (Passed(None, members),), None)
        elif picked is not None and picked.value is not None:
            chosen = Unknown("values_callable is not followed")
        named = () if "name" in keywords else (Passed("name", owner.name.lower()),)
        return (Passed("*", chosen), *passed[1:], *named)

    def iterated(self, value: Abstract) -> Abstract:
        """What a loop over a value goes through: a Python enum's members, a text's characters."""
        if isinstance(value, str) and is_known(value):
            return tuple(value)
        owner = self._class_of(value)
        members = None if owner is None else self.members(owner)
        return value if members is None else members

    def _class_of(self, value: Abstract) -> ClassValue | None:
        if isinstance(value, Reference) and not value.called:
            value = self.resolve(value.name)
        return value if isinstance(value, ClassValue) else None

    def members(self, owner: ClassValue) -> tuple[Instance, ...] | None:
        """The members of a Python enum in order; None for any other class."""
        bases = [self.elsewhere(owner.module, owner.scope, base.value) for base in owner.node.bases]
        if not any(isinstance(base, Reference) and base.name in _PYTHON_ENUMS for base in bases):
            return None
        found: list[Instance] = []
        for statement in owner.node.body.body:
            smalls = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
            for small in smalls:
                match small:
                    case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if (
                        not name.startswith("_")
                    ):
                        value = self.class_member(owner, name, 0)
                        found.append(Instance(owner, {"name": name, "value": value}))
                    case _:
                        pass
        return tuple(found)

    def _foundation(self, owner: ClassValue, level: int) -> str | None:
        """The class of SQLAlchemy, or of a library of types, that a class derives from."""
        for base in owner.node.bases:
            value = self.elsewhere(owner.module, owner.scope, base.value)
            if isinstance(value, Reference):
                known = resolve(value.name)
                if known is not None and known.last in _FOUNDATIONS:
                    return value.name
                if construct_type(value.name, ()) is not None or is_dotted_type(value.name):
                    return value.name
                value = self.resolve(value.name)
            if isinstance(value, ClassValue) and level < _LEVELS:
                found = self._foundation(value, level + 1)
                if found is not None:
                    return found
        return None

    def _implemented(self, value: Abstract, passed: tuple[Passed, ...]) -> ColumnType | None:
        match value:
            case ColumnType() if not passed:
                return value
            case Reference(name, False):
                arguments = tuple(Argument(item.keyword, "", lower(item.value)) for item in passed)
                made = construct_type(name, arguments)
                if made is None:
                    found = self.resolve(name)
                    made = self.type_made(found, passed) if isinstance(found, ClassValue) else None
                return made if isinstance(made, ColumnType) else None
            case ClassValue():
                return self.type_made(value, passed)
            case _:
                return None

    def _by_dialect(self, owner: ClassValue) -> ColumnType | None:
        """What `load_dialect_impl` gives for each dialect."""
        method = self.class_member(owner, "load_dialect_impl", 0)
        if not isinstance(method, FunctionValue) or any(
            frame.function is not None and frame.function.node is method.node
            for frame in self.frames
        ):
            return None
        before, self.recorded = self.recorded, []
        try:
            bound = FunctionValue(
                method.name, method.node, method.module, method.scope, bound=Instance(owner)
            )
            made = lower(self.invoke(bound, (Passed(None, Dialect()),), None))
        finally:
            self.recorded = before
        return made if isinstance(made, ColumnType) else self._implemented(made, ())


def _compiles_itself(owner: ClassValue) -> bool:
    """Whether its module tells how it is compiled, `@compiles(Owner, …)`."""
    if "compiles" not in owner.module.definitions:
        return False
    return any(
        isinstance(call := decorator.decorator, cst.Call)
        and any(
            isinstance(argument.value, cst.Name) and argument.value.value == owner.name
            for argument in call.args[:1]
        )
        for statement in owner.module.tree.body
        if isinstance(statement, cst.FunctionDef)
        for decorator in statement.decorators
    )
