"""`upgrade` and `downgrade`: whatever a revision binds them to, as Alembic calls them."""

from __future__ import annotations

import libcst as cst

from alembic_lint.extract.evaluate import ExhaustedError
from alembic_lint.extract.statements import Executor
from alembic_lint.extract.values import (
    Abstract,
    Decorated,
    Either,
    FunctionValue,
    PartialCall,
    Passed,
)
from alembic_lint.model import (
    Body,
    Call,
    Context,
    Direction,
    Function,
    Opaque,
    Operation,
    Reference,
    Unknown,
)
from alembic_lint.source import FILE_START

STEP_LIMIT = 60_000
"""Statements and expressions. The largest real revision seen takes a twentieth."""


def entry(executor: Executor, direction: Direction) -> Function | Unknown | None:
    """`upgrade` or `downgrade` with its operations.

    Unknown where the name is bound to something that is not read; None where it is not bound.
    """
    module = executor.revision
    name = direction.value
    value = _seen(executor, executor.module_name(module, name))
    if value is None:
        return None
    if isinstance(value, Reference):
        return Unknown(f"{name}() comes from {value.name}, whose source is not at hand")
    if not _can_be_called(value):
        return Unknown(f"{name} is bound to something that is not a function seen here")
    own = module.definitions.get(name)
    operations = _operations(executor, value, direction)
    if isinstance(own, cst.FunctionDef):
        positions = module.positions
        span, name_span = positions.of_header(own), positions.of_name(own)
    else:
        span = name_span = FILE_START if own is None else module.positions.of_statement(own)
    return Function(span, name_span, _body(value, own, operations), operations)


def _seen(executor: Executor, value: Abstract | None) -> Abstract | None:
    """What an imported name stands for, where its source is at hand."""
    match value:
        case Reference(name, False):
            return executor.resolve(name) or value
        case _:
            return value


def _can_be_called(value: Abstract) -> bool:
    """Whether a call of a value is followed, or tells by itself that it cannot be seen through."""
    match value:
        case FunctionValue() | Decorated() | Reference(called=False):
            return True
        case PartialCall(inner):
            return _can_be_called(inner)
        case Either(_, then, other):
            return _can_be_called(then) and _can_be_called(other)
        case _:
            return False


def _operations(executor: Executor, value: Abstract, direction: Direction) -> tuple[Operation, ...]:
    module = executor.revision
    own = module.definitions.get(direction.value)
    executor.recorded = []
    executor.context = Context()
    executor.direction = direction
    executor.steps = STEP_LIMIT
    executor.depth = 0
    executor.statement = module.tree if own is None else own
    # The call is Alembic's, and stands in no file: it is reported where the name is bound.
    call = executor.start = cst.Call(func=cst.Name(direction.value))
    passed = _passed(value)
    try:
        if isinstance(value, FunctionValue):
            executor.invoke(value, passed, None if value.module is module else call)
        else:
            executor.call(value, passed, call, lambda: f"{direction.value}()")
    except (ExhaustedError, RecursionError) as error:
        executor.recorded.append(exhausted(direction, error))
    executor.frames = []
    return tuple(executor.recorded)


def _passed(value: Abstract) -> tuple[Passed, ...]:
    """Some projects hand `op` to the function, as Alembic's env.py may."""
    match value:
        case FunctionValue(node=node):
            names = [parameter.name.value for parameter in node.params.params]
            return (Passed("op", Reference("alembic.op")),) if "op" in names else ()
        case _:
            return ()


def exhausted(direction: Direction, error: Exception) -> Opaque:
    """What stands for the code that could not be followed to its end."""
    why = "following the code takes too many steps"
    if isinstance(error, RecursionError):
        why = "the code is nested too deeply to be followed"
    return Opaque(span=FILE_START, call=Call(direction.value), direction=direction, why=why)


def _body(value: Abstract, own: cst.CSTNode | None, operations: tuple[Operation, ...]) -> Body:
    """What kind of body a function has: that of its own `def`, whatever is put around it."""
    match value:
        case FunctionValue(node=node):
            written = own if isinstance(own, cst.FunctionDef) else node
            found = _written(written) if isinstance(written, cst.FunctionDef) else Body.CODE
            return Body.CODE if operations and found is Body.EMPTY else found
        case Either(_, then, other):
            one, another = _body(then, None, operations), _body(other, None, operations)
            return one if one is another else Body.CODE
        case _:
            return Body.CODE


def _written(node: cst.FunctionDef) -> Body:
    kinds: set[str] = set()
    for statement in node.body.body:
        smalls = statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
        for small in smalls:
            match small:
                case cst.Pass() | cst.Return(value=None | cst.Name(value="None")):
                    pass
                case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString() | cst.Ellipsis()):
                    pass
                case cst.Raise():
                    kinds.add("raise")
                case _:
                    kinds.add("code")
    if "raise" in kinds:
        return Body.RAISES
    return Body.CODE if kinds else Body.EMPTY
