"""Whether a function that cannot be followed to its end certainly reads and writes rows alone.

Nothing is evaluated here: every call that is written in the function, and in those it calls, must
be one that changes no table. What may hold the database is over-estimated, name by name.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from alembic_lint.extract import row_statements
from alembic_lint.extract.bodies import Body, note_imports, parameters_of, read_body
from alembic_lint.extract.library import Library, is_foreign
from alembic_lint.extract.row_names import (
    ALEMBIC,
    CHANGES,
    DATA,
    EXECUTES,
    HANDLES,
    QUIET_DECORATORS,
    ROWS,
    TAKES_DATABASE,
    is_handle,
    is_harmless,
    may_use_op,
    works_on_rows,
)
from alembic_lint.extract.scope import Module
from alembic_lint.extract.trees import children
from alembic_lint.extract.values import FunctionValue, Passed, Record, RecordField, Rows
from alembic_lint.model import ColumnType, Reference, TableValue

FUNCTION_LIMIT = 60
"""Functions that are looked into on the way of one."""

SIZE_LIMIT = 40_000
"""Nodes of their syntax trees, taken together."""

_HOPS = 6
"""Modules through which a name is imported from where it is defined."""

_ROUNDS = 12
"""Looks at all of them, until no name more is found that may hold the database."""

_REFUSED_BUILTINS = frozenset(
    {"__import__", "compile", "delattr", "eval", "exec", "globals", "locals", "setattr", "vars"}
)

_Function = cst.FunctionDef | cst.Lambda | cst.ClassDef


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class whose source is at hand."""

    node: _Function
    module: Module


@dataclass(slots=True, eq=False)
class _Seen:
    """A function that is looked into: `holding` are its names that may hold the database."""

    body: Body
    holding: set[str] = field(default_factory=set)
    gives: bool = False
    """Whether what it returns may hold the database."""


class _RefusedError(Exception):
    """Something is written that could change a table."""


class RowWork:
    """Looks at one function and at those that it reaches."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.seen: dict[cst.CSTNode, _Seen] = {}
        self.modules: dict[int, Body] = {}
        self.closure: dict[str, FunctionValue] = {}
        self.size = 0
        self.changed = False

    def certain(self, function: FunctionValue, passed: tuple[Passed, ...]) -> bool:
        """Whether the function, called like that, certainly changes no table."""
        try:
            start = self._look(Definition(function.node, function.module), start=True)
            self._begin(start, function, passed)
            for _ in range(_ROUNDS):
                self.changed = False
                for seen in list(self.seen.values()):
                    self._spread(seen)
                    for call in seen.body.calls:
                        self._check(call, seen)
                if not self.changed:
                    return True
        except _RefusedError:
            pass
        return False

    def _begin(self, start: _Seen, function: FunctionValue, passed: tuple[Passed, ...]) -> None:
        parameters = parameters_of(function.node)
        plain = [item for item in passed if item.keyword is None]
        given = dict(zip(parameters, plain, strict=False))
        given.update({item.keyword: item for item in passed if item.keyword is not None})
        start.holding.update(
            name for name in parameters if name in given and not _is_data(given[name].value)
        )
        if any(item.keyword in ("*", "**") for item in passed) or function.bound is not None:
            start.holding.update(parameters)
        for scope in function.scope.chain():
            if scope is function.module.scope:
                break
            for name, value in scope.names.items():
                if isinstance(value, FunctionValue):
                    self.closure.setdefault(name, value)
                elif not _is_data(value):
                    start.holding.add(name)

    def _look(self, definition: Definition, *, start: bool = False) -> _Seen:
        """Begin to look into a function or class; the first is looked at without decorators."""
        seen = self.seen.get(definition.node)
        if seen is None:
            body = read_body(definition.node, definition.module)
            self.size += body.size
            if body.strange or len(self.seen) >= FUNCTION_LIMIT or self.size > SIZE_LIMIT:
                raise _RefusedError
            seen = self.seen[definition.node] = _Seen(body)
            self.changed = True
            own = (
                []
                if start or isinstance(definition.node, cst.Lambda)
                else [decorator.decorator for decorator in definition.node.decorators]
            )
            if not isinstance(definition.node, cst.ClassDef):
                for decorator in (*own, *body.decorators):
                    _require_quiet(decorator)
            else:
                for base in definition.node.bases:
                    self._named(base.value, seen)
        return seen

    def _named(self, node: cst.BaseExpression, seen: _Seen) -> None:
        """Look into a class of the project that is named."""
        definition = self._definition(node, seen)
        if definition is not None and isinstance(definition.node, cst.ClassDef):
            self._look(definition)

    # What may hold the database

    def _spread(self, seen: _Seen) -> None:
        """Find the names that are bound to something that may hold it."""
        body = seen.body
        for name, values in body.given.items():
            if name in seen.holding:
                continue
            if any(value is not None and self._holds(value, seen) for value in values):
                seen.holding.add(name)
                self.changed = True
        if any(self._holds(value, seen) for value in body.stored):
            raise _RefusedError
        if not seen.gives and any(self._holds(value, seen) for value in body.returned):
            seen.gives = self.changed = True

    def _holds(self, node: cst.CSTNode, seen: _Seen) -> bool:
        match node:
            case cst.Name(value=name):
                return self._name_holds(name, seen)
            case cst.Attribute(value=owner, attr=attr):
                if attr.value in HANDLES:
                    return True
                return attr.value not in DATA and self._holds(owner, seen)
            case cst.Call():
                return self._result_holds(node, seen)
            case cst.Comparison() | cst.FormattedString():
                return False
            case cst.Lambda(body=body):
                return self._holds(body, seen)
            case _:
                return any(self._holds(child, seen) for child in children(node))

    def _name_holds(self, name: str, seen: _Seen) -> bool:
        body = seen.body
        if name in seen.holding:
            return True
        if body.is_local(name):
            return False
        if name in body.inner:
            seen.holding.update(parameters_of(body.inner[name]))  # called from who knows where
            return seen.gives
        dotted = self._imported(name, body)
        if dotted is not None:
            definition = self._of_project(dotted, 0)
            if definition is not None:
                return self._look(definition).gives
            return dotted.partition(".")[0] == "alembic" or is_handle(dotted.rpartition(".")[2])
        found = body.module.definitions.get(name)
        match found:
            case cst.FunctionDef():
                inner = self._look(Definition(found, body.module))
                self._hold(inner, parameters_of(found))
                return inner.gives
            case cst.Assign(value=value) | cst.AnnAssign(value=value) if value is not None:
                return self._holds(value, self._module(body.module))
            case cst.ClassDef():
                self._look(Definition(found, body.module))
                return False
            case None:
                return False
            case _:
                return True

    def _module(self, module: Module) -> _Seen:
        """The names of a module, as those of a function without anything in it."""
        if id(module) not in self.modules:
            self.modules[id(module)] = Body(module.tree, module)
        return _Seen(self.modules[id(module)])

    def _result_holds(self, node: cst.Call, seen: _Seen) -> bool:
        owner: cst.BaseExpression | None = None
        match node.func:
            case cst.Name(value=last):
                pass
            case cst.Attribute(value=owner, attr=attr):
                last = attr.value
            case _:
                return True
        if last in ROWS or last in EXECUTES:
            return False
        if is_handle(last):
            return True
        definition = self._definition(node.func, seen)
        if definition is not None:
            return self._look(definition).gives
        if isinstance(node.func, cst.Name) and last in seen.body.inner:
            return seen.gives
        if owner is not None and self._holds(owner, seen):
            return True
        return any(self._holds(argument.value, seen) for argument in node.args)

    # What a name stands for

    def _imported(self, name: str, body: Body) -> str | None:
        """The dotted name that an import binds a name to."""
        if name in body.imports:
            return body.imports[name]
        found = body.module.definitions.get(name)
        if not isinstance(found, cst.Import | cst.ImportFrom):
            return None
        imports: dict[str, str] = {}
        note_imports(found, body.module, imports)
        return imports.get(name)

    def dotted(self, node: cst.BaseExpression, body: Body) -> str | None:
        """The dotted name of what is imported; None for anything else."""
        match node:
            case cst.Name(value=name) if not body.is_local(name):
                return self._imported(name, body)
            case cst.Attribute(value=owner, attr=attr):
                first = self.dotted(owner, body)
                return None if first is None else f"{first}.{attr.value}"
            case _:
                return None

    def _definition(self, node: cst.BaseExpression, seen: _Seen) -> Definition | None:
        """The function or class of the project that is called."""
        body = seen.body
        if isinstance(node, cst.Name) and not body.is_local(node.value):
            if node.value in self.closure and node.value not in body.inner:
                function = self.closure[node.value]
                return Definition(function.node, function.module)
            found = body.module.definitions.get(node.value)
            if isinstance(found, cst.FunctionDef | cst.ClassDef):
                return Definition(found, body.module)
        dotted = self.dotted(node, body)
        return None if dotted is None else self._of_project(dotted, 0)

    def _of_project(self, dotted: str, hops: int) -> Definition | None:
        """The function, or the class that it is of or is made from."""
        parts = dotted.split(".")
        if hops > _HOPS:
            raise _RefusedError
        for cut in range(len(parts) - 1, 0, -1):
            module = self.library.load(".".join(parts[:cut]))
            if module is not None:
                return self._in_module(module, parts[cut], parts[cut + 1 :], hops)
        return None

    def _in_module(
        self, module: Module, name: str, rest: list[str], hops: int
    ) -> Definition | None:
        match module.definitions.get(name):
            case cst.FunctionDef() | cst.ClassDef() as found:
                return Definition(found, module)
            case cst.ImportFrom() | cst.Import() as found:
                imports: dict[str, str] = {}
                note_imports(found, module, imports)
                return self._of_project(".".join((imports[name], *rest)), hops + 1)
            case cst.Assign(value=cst.Call(func=func)):
                return self._definition(func, self._module(module))
            case None:
                if module.stars:
                    raise _RefusedError
                return None
            case _:
                return None

    # Calls

    def _check(self, node: cst.Call, seen: _Seen) -> None:
        """See that a call changes no table.

        Raises:
            _RefusedError: it could.
        """
        body, func = seen.body, node.func
        if isinstance(func, cst.Name) and func.value in body.inner:
            self._bind(seen, body.inner[func.value], node, seen)
            return
        definition = self._definition(func, seen)
        if definition is not None:
            self._check_followed(definition, node, seen)
            return
        dotted = self.dotted(func, body)
        if dotted is not None:
            self._check_imported(dotted, node, seen)
            return
        match func:
            case cst.Name(value=name):
                if not self._is_quiet(name, body):
                    raise _RefusedError
                _see_to_lambdas(node, seen, holding=self._takes(node, seen))
            case cst.Attribute(value=owner, attr=attr):
                self._check_method(owner, attr.value, node, seen)
            case _:
                raise _RefusedError

    def _is_quiet(self, name: str, body: Body) -> bool:
        """Whether a name is of a builtin, or of a class that a library has made."""
        if body.is_local(name):
            return False
        match body.module.definitions.get(name):
            case None:
                return hasattr(builtins, name) and name not in _REFUSED_BUILTINS
            case cst.Assign(value=cst.Call(func=func)):
                made = self.dotted(func, self._module(body.module).body)
                return made is not None and (made.startswith("sqlalchemy.") or is_harmless(made))
            case _:
                return False

    def _check_followed(self, definition: Definition, node: cst.Call, seen: _Seen) -> None:
        inner = self._look(definition)
        if not isinstance(definition.node, cst.ClassDef):
            self._bind(inner, definition.node, node, seen)
        elif self._takes(node, seen):
            raise _RefusedError

    def _bind(
        self, inner: _Seen, function: cst.FunctionDef | cst.Lambda, node: cst.Call, seen: _Seen
    ) -> None:
        """Pass on to parameters what may hold the database."""
        names = parameters_of(function)
        place = 0
        for argument in node.args:
            if argument.star or (argument.keyword is None and place >= len(names)):
                if self._holds(argument.value, seen):
                    self._hold(inner, names)
            elif argument.keyword is not None:
                if self._holds(argument.value, seen):
                    taken = argument.keyword.value in names
                    self._hold(inner, [argument.keyword.value] if taken else names)
            else:
                if self._holds(argument.value, seen):
                    self._hold(inner, [names[place]])
                place += 1
            if isinstance(argument.value, cst.Lambda):
                raise _RefusedError

    def _hold(self, seen: _Seen, names: Iterable[str]) -> None:
        for name in names:
            if name not in seen.holding:
                seen.holding.add(name)
                self.changed = True

    def _check_imported(self, dotted: str, node: cst.Call, seen: _Seen) -> None:
        top, last = dotted.partition(".")[0], dotted.rpartition(".")[2]
        if last in EXECUTES and not is_harmless(dotted):
            self._require_rows(node, seen)
            return
        if top == "alembic":
            if last not in ALEMBIC:
                raise _RefusedError
            return
        takes = self._takes(node, seen)
        _see_to_lambdas(node, seen, holding=takes)
        if is_harmless(dotted):
            return
        if last in CHANGES or (takes and last not in TAKES_DATABASE):
            raise _RefusedError
        if node in seen.body.alone and not dotted.startswith("sqlalchemy."):
            if not is_foreign(dotted) and may_use_op(last, of_result=False):
                raise _RefusedError
            first = node.args[0].value if node.args else None
            if isinstance(first, cst.SimpleString) and not works_on_rows(last):
                raise _RefusedError

    def _check_method(
        self, owner: cst.BaseExpression, name: str, node: cst.Call, seen: _Seen
    ) -> None:
        if name in EXECUTES:
            if node.args or name not in ("scalar", "scalars"):
                self._require_rows(node, seen)
            return
        if name in CHANGES:
            raise _RefusedError
        takes = self._takes(node, seen)
        if self._holds(owner, seen):
            if name not in ROWS and name not in TAKES_DATABASE and not is_handle(name):
                raise _RefusedError
        elif takes:
            raise _RefusedError
        _see_to_lambdas(node, seen, holding=takes)

    def _takes(self, node: cst.Call, seen: _Seen) -> bool:
        """Whether the database may be among the arguments of a call."""
        return any(self._holds(argument.value, seen) for argument in node.args)

    def _require_rows(self, node: cst.Call, seen: _Seen) -> None:
        statement = node.args[0].value if node.args and not node.args[0].star else None
        if statement is None or not row_statements.is_one(statement, seen.body, self.dotted):
            raise _RefusedError
        for argument in node.args[1:]:
            if self._holds(argument.value, seen):
                raise _RefusedError


def _require_quiet(decorator: cst.BaseExpression) -> None:
    """Refuse what a decorator might do that is not known to do nothing of its own."""
    node = decorator.func if isinstance(decorator, cst.Call) else decorator
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            if name in QUIET_DECORATORS:
                return
        case _:
            pass
    raise _RefusedError


def _see_to_lambdas(node: cst.Call, seen: _Seen, *, holding: bool) -> None:
    """What a lambda is called with is among what the call is passed."""
    for argument in node.args:
        if isinstance(argument.value, cst.Lambda) and holding:
            seen.holding.update(parameters_of(argument.value))


def _is_data(value: object) -> bool:
    """Whether a value certainly does not hold the database."""
    pending: Iterator[object] = iter((value,))
    stack = [pending]
    count = 0
    while stack:
        item = next(stack[-1], stack)
        if item is stack:
            stack.pop()
            continue
        count += 1
        if count > 1_000:
            return False
        match item:
            case tuple():
                stack.append(iter(item))
            case Reference(called=False, name=name) if not name.startswith("alembic"):
                return False
            case (
                str()
                | int()
                | float()
                | bytes()
                | None
                | ColumnType()
                | TableValue()
                | Rows()
                | Record()
                | RecordField()
            ):
                pass
            case _:
                return False
    return True
