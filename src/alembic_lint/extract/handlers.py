"""Exception handlers: what they catch, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from alembic_lint.extract.trees import own_nodes
from alembic_lint.extract.values import Abstract
from alembic_lint.model import Outcome, Reference

_RAISING = frozenset({"exit", "_exit", "reraise", "raise_from", "fail"})
"""Functions that never return, by the last part of their names."""

_RERAISING = "save_and_reraise_exception"
"""A block of oslo.utils at whose end the exception goes on."""

_KEEPING = frozenset({"add", "append", "extend", "insert", "setdefault", "update"})
"""Methods by which an error is kept for later."""


def caught(value: Abstract, text: str) -> Iterator[str]:
    """The full names of the exceptions that an expression names; as written where not known."""
    match value:
        case tuple():
            for part in value:
                yield from caught(part, text)
        case Reference(name):
            yield name.removeprefix("builtins.")
        case _:
            yield text


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a caught exception; `tested` are the texts and names it is told apart by."""

    outcome: Outcome
    tested: tuple[str, ...] = ()
    rolls_back: bool = False


def fate(body: cst.BaseSuite, raised_for: Iterable[str]) -> Fate:
    """What a handler's body makes of its exception.

    `raised_for` are the names for which the function around it raises later.
    """
    ways, tests = set[bool](), list[cst.BaseExpression]()
    if _flow(body.body, ways, tests):
        ways.add(False)
    nodes = list(own_nodes(body))
    if ways == {True}:
        outcome = Outcome.RAISES
    elif True in ways:
        outcome = Outcome.SELECTS
    elif kept(nodes) & set(raised_for):
        outcome = Outcome.REPORTS
    else:
        outcome = Outcome.SWALLOWS
    tested = tuple(text for test in tests for text in _texts(test))
    return Fate(outcome, tested, any(called(node) == "rollback" for node in nodes))


def _flow(
    statements: Sequence[cst.BaseStatement | cst.BaseSmallStatement],
    ways: set[bool],
    tests: list[cst.BaseExpression],
) -> bool:
    """Whether the end of the statements is reached; `ways` gets how they are left: raising or not.

    `tests` gets the conditions that decide about raising.
    """
    for statement in statements:
        match statement:
            case cst.SimpleStatementLine(body=parts):
                goes_on = _flow(parts, ways, tests)
            case cst.Raise():
                ways.add(True)
                goes_on = False
            case cst.Return() | cst.Break() | cst.Continue():
                ways.add(False)
                goes_on = False
            case cst.Expr(value=value) if called(value) in _RAISING:
                ways.add(True)
                goes_on = False
            case cst.If():
                goes_on = _branch(statement, ways, tests)
            case cst.With(items=items, body=block):
                goes_on = _flow(block.body, ways, tests)
                if goes_on and any(called(item.item) == _RERAISING for item in items):
                    ways.add(True)
                    goes_on = False
            case cst.Try() | cst.TryStar() | cst.For() | cst.While() | cst.Match():
                if any(isinstance(node, cst.Raise) for node in own_nodes(statement)):
                    ways.add(True)
                goes_on = True
            case _:
                goes_on = True
        if not goes_on:
            return False
    return True


def _branch(node: cst.If, ways: set[bool], tests: list[cst.BaseExpression]) -> bool:
    before = set(ways)
    goes_on = _flow(node.body.body, ways, tests)
    match node.orelse:
        case cst.If() as other:
            goes_on |= _branch(other, ways, tests)
        case cst.Else(body=body):
            goes_on |= _flow(body.body, ways, tests)
        case _:
            goes_on = True
    if True in ways - before:
        tests.append(node.test)
    return goes_on


def _texts(test: cst.BaseExpression) -> Iterator[str]:
    """The text literals of a condition, and the last parts of the names in it."""
    for node in (test, *own_nodes(test)):
        match node:
            case cst.SimpleString():
                value = node.evaluated_value
                yield value if isinstance(value, str) else value.decode("latin-1")
            case cst.Attribute(attr=attr):
                yield attr.value
            case cst.Name(value=name):
                yield name
            case _:
                pass


def called(node: cst.CSTNode) -> str | None:
    """The last part of the name of the function that an expression calls, or None."""
    match node:
        case cst.Call(func=cst.Attribute(attr=attr)):
            return attr.value
        case cst.Call(func=cst.Name(value=name)):
            return name
        case _:
            return None


_ASKING = frozenset(
    {
        *("get_bind", "inspect", "get_columns", "get_indexes", "get_foreign_keys"),
        *("get_unique_constraints", "get_check_constraints", "get_pk_constraint"),
        *("any", "all", "append", "dict", "get", "len", "list", "lower", "set", "sorted", "tuple"),
        *("print", "debug", "info", "warning", "upper", "startswith", "endswith", "update", "add"),
    }
)


def only_asks(body: cst.BaseSuite) -> bool:
    """Whether a body looks into the database and does nothing else, so that little can fail in it.

    Source: SQLAlchemy's `Inspector`, which raises `NoSuchTableError` for a table that is not there.
    """
    for node in own_nodes(body):
        match node:
            case cst.Raise() | cst.Assert() | cst.With() | cst.Await():
                return False
            case cst.Call() if called(node) not in _ASKING:
                return False
            case _:
                pass
    return True


def kept(nodes: Iterable[cst.CSTNode]) -> frozenset[str]:
    """The variables that are set or filled by these nodes."""
    names = set[str]()
    for node in nodes:
        match node:
            case cst.AssignTarget(target=target) | cst.AugAssign(target=target):
                owner = target.value if isinstance(target, cst.Subscript) else target
                if isinstance(owner, cst.Name):
                    names.add(owner.value)
            case cst.Call(func=cst.Attribute(value=owner, attr=attr)) if attr.value in _KEEPING:
                if isinstance(owner, cst.Subscript):
                    owner = owner.value
                if isinstance(owner, cst.Name):
                    names.add(owner.value)
            case _:
                pass
    return frozenset(names)


def raised_for(body: cst.CSTNode) -> frozenset[str]:
    """The names in the conditions below which a function's body raises."""
    names = set[str]()
    for node in own_nodes(body):
        if isinstance(node, cst.If) and any(
            isinstance(inner, cst.Raise) for inner in own_nodes(node.body)
        ):
            names.update(
                inner.value
                for inner in (node.test, *own_nodes(node.test))
                if isinstance(inner, cst.Name)
            )
    return frozenset(names)
