"""What a function's body names, calls and assigns, without following anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from alembic_lint.extract.library import absolute_module
from alembic_lint.extract.scope import Module, bound_names, imported_name
from alembic_lint.extract.trees import children


@dataclass(slots=True, eq=False)
class Body:
    """A function or class with all that is written in it, those of its inner functions included.

    `given` are the values that each name is assigned, None among them for what is not an
    expression of its own. `stored` are values that are put into attributes and items, `returned`
    those that are returned or yielded. `strange` tells of a statement that is not looked into.
    """

    node: cst.CSTNode
    module: Module
    parameters: set[str] = field(default_factory=set)
    given: dict[str, list[cst.BaseExpression | None]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    inner: dict[str, cst.FunctionDef] = field(default_factory=dict)
    calls: list[cst.Call] = field(default_factory=list)
    alone: set[cst.Call] = field(default_factory=set)
    stored: list[cst.BaseExpression] = field(default_factory=list)
    returned: list[cst.BaseExpression] = field(default_factory=list)
    decorators: list[cst.BaseExpression] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    strange: bool = False
    size: int = 0

    def is_local(self, name: str) -> bool:
        """Whether a name is a parameter or a variable of the function or of one inside it."""
        return name in self.parameters or name in self.given


def read_body(node: cst.CSTNode, module: Module) -> Body:
    """Look at every node of a function, a lambda or a class once."""
    body = Body(node, module)
    stack: list[cst.CSTNode] = [node]
    if isinstance(node, cst.FunctionDef):
        _note(body, node)
        stack = [node.params, node.body]  # its decorators are not its own
    while stack:
        item = stack.pop()
        body.size += 1
        _note(body, item)
        stack.extend(children(item))
    return body


def _note(body: Body, item: cst.CSTNode) -> None:
    match item:
        case cst.Name(value=name):
            body.names.add(name)
        case cst.Call():
            body.calls.append(item)
        case cst.Expr(value=cst.Call() as call):
            body.alone.add(call)
        case cst.FunctionDef() | cst.Lambda():
            body.parameters.update(parameters_of(item))
            for name, default in _defaults(item):
                body.given.setdefault(name, []).extend((default, None))
            if isinstance(item, cst.FunctionDef) and item is not body.node:
                body.decorators.extend(decorator.decorator for decorator in item.decorators)
                twice = item.name.value in body.inner and not isinstance(body.node, cst.ClassDef)
                body.strange |= twice
                body.inner[item.name.value] = item
        case cst.ClassDef():
            body.strange |= item is not body.node
        case cst.Return(value=value) if value is not None:
            body.returned.append(value)
        case cst.Yield(value=value) if value is not None:
            body.returned.append(value.item if isinstance(value, cst.From) else value)
        case cst.Global() | cst.Match():
            body.strange = True
        case cst.Import() | cst.ImportFrom():
            _note_import(body, item)
        case _:
            for target, value in _assignments(item):
                _note_assignment(body, target, value)


def _assignments(
    item: cst.CSTNode,
) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression | None]]:
    """What a node assigns, and to what."""
    match item:
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                yield target.target, value
        case cst.AnnAssign(target=target, value=value) if value is not None:
            yield target, value
        case cst.NamedExpr(target=target, value=value):
            yield target, value
        case cst.AugAssign(target=target, value=value):
            yield target, value
            yield target, None
        case cst.For(target=target, iter=value) | cst.CompFor(target=target, iter=value):
            yield target, value
            yield target, None
        case cst.WithItem(item=value, asname=cst.AsName(name=target)):
            yield target, value
            yield target, None
        case cst.ExceptHandler(name=cst.AsName(name=target)):
            yield target, None
        case _:
            pass


def _note_assignment(body: Body, target: cst.CSTNode, value: cst.BaseExpression | None) -> None:
    names = bound_names(target)
    for name in names:
        values = body.given.setdefault(name, [])
        if value is None or isinstance(target, cst.Name):
            values.append(value)
        else:
            values.extend((value, None))  # a part of it
    if value is not None and (not names or _holds_places(target)):
        body.stored.append(value)


def _holds_places(target: cst.CSTNode) -> bool:
    """Whether an attribute or an item is among the targets of an assignment."""
    match target:
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            return any(_holds_places(element.value) for element in elements)
        case cst.StarredElement(value=value):
            return _holds_places(value)
        case _:
            return not isinstance(target, cst.Name)


def _note_import(body: Body, item: cst.Import | cst.ImportFrom) -> None:
    body.strange |= not note_imports(item, body.module, body.imports)


def note_imports(
    item: cst.Import | cst.ImportFrom, module: Module, imports: dict[str, str]
) -> bool:
    """Write down the dotted names that an import binds; False where it does not name them."""
    if isinstance(item, cst.Import):
        for alias in item.names:
            name = imported_name(alias)
            imports[name] = alias.evaluated_name if alias.evaluated_alias else name
        return True
    if isinstance(item.names, cst.ImportStar):
        return False
    base = absolute_module(module, item)
    for alias in item.names:
        imports[imported_name(alias)] = f"{base}.{alias.evaluated_name}"
    return True


def _defaults(node: cst.FunctionDef | cst.Lambda) -> Iterator[tuple[str, cst.BaseExpression]]:
    parameters = node.params
    for item in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
        if item.default is not None:
            yield item.name.value, item.default


def parameters_of(node: cst.FunctionDef | cst.Lambda) -> list[str]:
    """The names of a function's parameters, those that take the rest included."""
    parameters = node.params
    found = [
        parameter.name.value
        for parameter in (
            *parameters.posonly_params,
            *parameters.params,
            *parameters.kwonly_params,
        )
    ]
    if isinstance(parameters.star_arg, cst.Param):
        found.append(parameters.star_arg.name.value)
    if parameters.star_kwarg is not None:
        found.append(parameters.star_kwarg.name.value)
    return found
