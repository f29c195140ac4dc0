"""Evaluate the text of a call into model values, for tests that start after the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from alembic_lint.extract import columns
from alembic_lint.extract.operations import operation
from alembic_lint.model import (
    Argument,
    Batch,
    Call,
    Context,
    Direction,
    Operation,
    Reference,
    Unknown,
    Value,
)
from alembic_lint.source import FILE_START, Span

MODULES = {
    "sa": "sqlalchemy",
    "pg": "sqlalchemy.dialects.postgresql",
    "mysql": "sqlalchemy.dialects.mysql",
    "sqlite": "sqlalchemy.dialects.sqlite",
    "mssql": "sqlalchemy.dialects.mssql",
    "oracle": "sqlalchemy.dialects.oracle",
    "app": "app",
    "sqlmodel": "sqlmodel",
    "geoalchemy2": "geoalchemy2",
    "sqlalchemy_utils": "sqlalchemy_utils",
    "mutable": "sqlalchemy.ext.mutable",
}


def value_of(node: ast.expr) -> Value:
    """What an expression is worth: literals, SQLAlchemy's names, calls and methods of those."""
    match node:
        case ast.Constant(value=None | bool() | str() | int() | float() | bytes() as value):
            return value
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(value_of(item) for item in items)
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return tuple((value_of(key), value_of(value)) for key, value in pairs if key)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Call(func=function) as call:
            dotted = dotted_name(function)
            if dotted is not None:
                made = columns.construct(dotted, arguments_of(call))
                return Reference(dotted, called=True) if made is None else made
            if isinstance(function, ast.Attribute):
                owner = value_of(function.value)
                made = columns.method(owner, function.attr, arguments_of(call))
                return Unknown(f".{function.attr}() is not known") if made is None else made
            return Unknown("a call of something else")
        case _:
            dotted = dotted_name(node)
            return Unknown(ast.unparse(node)) if dotted is None else Reference(dotted)


def dotted_name(node: ast.expr) -> str | None:
    """The dotted reference behind a chain of names that begins with a known module."""
    match node:
        case ast.Name(id=name):
            return MODULES.get(name)
        case ast.Attribute(value=value, attr=attribute):
            owner = dotted_name(value)
            return None if owner is None else f"{owner}.{attribute}"
        case _:
            return None


def arguments_of(call: ast.Call) -> tuple[Argument, ...]:
    """The arguments of a call, stars included."""
    found: list[Argument] = []
    for item in call.args:
        starred = isinstance(item, ast.Starred)
        node = item.value if isinstance(item, ast.Starred) else item
        found.append(Argument("*" if starred else None, ast.unparse(node), value_of(node)))
    for keyword in call.keywords:
        name = "**" if keyword.arg is None else keyword.arg
        found.append(Argument(name, ast.unparse(keyword.value), value_of(keyword.value)))
    return tuple(found)


@pytest.fixture
def evaluate() -> Callable[[str], Value]:
    """The model value of an expression's text."""
    return lambda text: value_of(ast.parse(text, mode="eval").body)


@pytest.fixture
def read_arguments() -> Callable[[str], tuple[Argument, ...]]:
    """The arguments of a call's text, such as `f("t", unique=True)`."""

    def read(text: str) -> tuple[Argument, ...]:
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        return arguments_of(call)

    return read


CALL_SPAN = Span(3, 4, 3, 20)
IN_BATCH = Context(batch=Batch("t", "s", (), 0, FILE_START))


@pytest.fixture
def read(
    read_arguments: Callable[[str], tuple[Argument, ...]],
) -> Callable[..., Operation | None]:
    """The operation of a call's text, `create_table("t")`; on `batch_op` of table s.t if asked."""

    def read_call(text: str, *, batch: bool = False) -> Operation | None:
        method = text.partition("(")[0]
        owner = "batch_op" if batch else "op"
        return operation(
            method,
            Call(f"{owner}.{method}", read_arguments(text)),
            span=CALL_SPAN,
            direction=Direction.UPGRADE,
            context=IN_BATCH if batch else Context(),
        )

    return read_call
