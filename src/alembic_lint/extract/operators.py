"""Operators on values: concatenation, comparison, arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import libcst as cst

from alembic_lint.extract import guards, methods
from alembic_lint.extract.choices import either
from alembic_lint.extract.conditions import (
    Truth,
    choice,
    negate,
)
from alembic_lint.extract.lowering import is_known
from alembic_lint.extract.size import SIZE_LIMIT, sized
from alembic_lint.extract.sql.marks import UNKNOWN_MARK
from alembic_lint.extract.values import (
    Abstract,
    Either,
    Existing,
    FirstValue,
    Items,
    Pairs,
    Record,
    RecordField,
    Selection,
    Sometimes,
    Text,
)
from alembic_lint.model import OpaqueCondition, Reference, Unknown

AUGMENTED: dict[type[cst.BaseAugOp], cst.BaseBinaryOp] = {
    cst.AddAssign: cst.Add(),
    cst.BitAndAssign: cst.BitAnd(),
    cst.BitOrAssign: cst.BitOr(),
    cst.DivideAssign: cst.Divide(),
    cst.FloorDivideAssign: cst.FloorDivide(),
    cst.ModuloAssign: cst.Modulo(),
    cst.MultiplyAssign: cst.Multiply(),
    cst.SubtractAssign: cst.Subtract(),
}
"""What an augmented assignment computes."""


def joined(left: Abstract, right: Abstract) -> Abstract:
    """Two values added where one of them is a text; an unknown one becomes a mark."""
    if isinstance(left, str) and isinstance(right, str):
        return methods.bounded(left + right)
    if isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    left, right = qualifier(left), qualifier(right)
    if isinstance(left, Either):
        return either(left.condition, joined(left.then, right), joined(left.other, right))
    if isinstance(right, Either):
        return either(right.condition, joined(left, right.then), joined(left, right.other))
    return methods.bounded(
        (left if isinstance(left, str) else UNKNOWN_MARK)
        + (right if isinstance(right, str) else UNKNOWN_MARK)
    )


def qualifier(value: Abstract) -> Abstract:
    """A name with a schema's qualifier or without, as the one without.

    `f'"{schema}".' if schema else ""` in front of a table is what a setting may add that is left
    out by default; so is it with the table itself in both texts. Any other value is returned as it
    is.
    """
    match value:
        case Either(_, str(text), str(name)) if _is_qualified(text, name):
            return name
        case Either(_, str(name), str(text)) if _is_qualified(text, name):
            return name
        case _:
            return value


def _is_qualified(text: str, name: str) -> bool:
    """Whether a text is a name with the qualifier of a schema that is not known before it."""
    if not text.endswith(name):
        return False
    prefix = text.removesuffix(name)
    bare = prefix.strip('"`[]').removesuffix(".").strip('"`[]')
    return prefix.endswith(".") and bare == UNKNOWN_MARK


def placed(value: Abstract) -> Abstract:
    """A schema that an option of Alembic's configuration may name, as none.

    `schema=context.config.get_main_option("schema") or None` is left out by default, as in
    `qualifier`. Any other value is returned as it is.
    """
    match value:
        case Either(_, Reference(name, True), None) | Either(_, None, Reference(name, True)):
            return None if name == CONFIGURED else value
        case _:
            return value


CONFIGURED = "alembic.context.config.get_main_option"
"""What gives an option of Alembic's configuration, None where it is not set."""


def number(node: cst.Integer | cst.Float) -> Abstract:
    """The value of a number literal."""
    if len(node.value) > 400:
        return Unknown("the number is too long")
    return node.evaluated_value


def unescaped(text: str, *, raw: bool) -> str:
    """The value of the text between the braces of an f-string."""
    text = text.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in text:
        return text
    for quote in ('"""', "'''", '"', "'"):
        try:
            value = ast.literal_eval(f"{quote}{text}{quote}")
        except (SyntaxError, ValueError):
            continue
        if isinstance(value, str):
            return value
    return text


def comparison_text(left: Text, operator: cst.BaseCompOp, right: Text) -> Text:
    """A comparison as it is written; without its negation, which `compared` adds again."""
    sign = _SIGNS.get(type(operator), "?")
    return lambda: f"{left()} {sign} {right()}"


_SIGNS: dict[type[cst.BaseCompOp], str] = {
    cst.Equal: "==",
    cst.NotEqual: "==",
    cst.Is: "is",
    cst.IsNot: "is",
    cst.In: "in",
    cst.NotIn: "in",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}


def compared(left: Abstract, operator: cst.BaseCompOp, right: Abstract, text: Text) -> Truth:
    """The truth of one comparison."""
    match operator:
        case cst.LessThan() | cst.GreaterThan() | cst.GreaterThanEqual() if isinstance(
            left, Either
        ):
            return choice(
                left.condition,
                compared(left.then, operator, right, text),
                compared(left.other, operator, right, text),
            )
        case cst.Is() if right is None:
            return guards.is_none(left, text)
        case cst.IsNot() if right is None:
            return negate(guards.is_none(left, text))
        case cst.Equal() | cst.Is():
            return guards.equal(left, right, text)
        case cst.NotEqual() | cst.IsNot():
            return negate(guards.equal(left, right, text))
        case cst.In():
            return guards.contained(left, right, text)
        case cst.NotIn():
            return negate(guards.contained(left, right, text))
        case cst.LessThanEqual() if isinstance(left, tuple):
            return guards.all_exist(left, right, text)
        case _:
            return _ordered(left, operator, right, text)


def _ordered(left: Abstract, operator: cst.BaseCompOp, right: Abstract, text: Text) -> Truth:
    if isinstance(left, FirstValue) and left.rows.value is not None:
        match operator, right:
            case (cst.GreaterThan(), 0) | (cst.GreaterThanEqual(), 1):
                return left.rows.value
            case (cst.LessThan(), 1) | (cst.LessThanEqual(), 0):
                return negate(left.rows.value)
            case _:
                pass
    if isinstance(left, int | float) and isinstance(right, int | float):
        match operator:
            case cst.LessThan():
                return left < right
            case cst.LessThanEqual():
                return left <= right
            case cst.GreaterThan():
                return left > right
            case cst.GreaterThanEqual():
                return left >= right
            case _:
                pass
    return OpaqueCondition(text())


def operated(operator: cst.BaseBinaryOp, left: Abstract, right: Abstract, text: Text) -> Abstract:
    """What a binary operator makes of two values."""
    match operator, left, right:
        case (cst.Modulo(), str(), _):
            return methods.percent(left, right)
        case (cst.Add(), str(), _) | (cst.Add(), _, str()):
            return joined(left, right)
        case (cst.Add() | cst.BitOr(), Existing() | Selection(), Existing() | Selection()):
            # The names of views stand for tables too.
            same = left == right
            return left if same else Unknown("it is read from several places")
        case (cst.Add(), tuple(), tuple()):
            return sized(_like(left, (*left, *right)))
        case (cst.Multiply(), tuple(), int(times)) if len(left) * times <= SIZE_LIMIT:
            return sized(_like(left, left * times))
        case (cst.BitOr(), tuple(), tuple()):
            return sized(Items((*left, *(item for item in right if item not in left))))
        case (cst.BitOr(), Pairs(some), Pairs(others)):
            return sized(Pairs((*some, *others)))
        case (cst.BitAnd(), tuple(), Existing() | Selection()):
            return _kept(left, right, text, present=True)
        case (cst.BitAnd(), Existing() | Selection(), tuple()):
            return _kept(right, left, text, present=True)
        case (cst.Subtract(), tuple(), Existing() | Selection()):
            return _kept(left, right, text, present=False)
        case (cst.Subtract(), tuple(), tuple()) if is_known(left) and is_known(right):
            return Items(item for item in left if item not in right)
        case (cst.BitAnd(), tuple(), tuple()) if is_known(left) and is_known(right):
            return Items(item for item in left if item in right)
        case (_, int() | float(), int() | float()):
            return arithmetic(operator, left, right)
        case _:
            return Unknown("an expression of values that are not known")


def _kept(
    items: tuple[Abstract, ...], container: Abstract, text: Text, *, present: bool
) -> Abstract:
    """The items that are, or are not, among those that exist."""
    found: list[Abstract] = []
    for item in items:
        inside = guards.contained(item, container, text)
        wanted = inside if present else negate(inside)
        if wanted is True:
            found.append(item)
        elif wanted is not False:
            found.append(Sometimes(wanted, item))
    return Items(found)


def _like(left: tuple[Abstract, ...], items: tuple[Abstract, ...]) -> tuple[Abstract, ...]:
    """A list of a list, a tuple of a tuple."""
    return Items(items) if isinstance(left, Items) else items


def arithmetic(operator: cst.BaseBinaryOp, left: float, right: float) -> Abstract:
    """The result of an operator on numbers of a sane size."""
    if abs(left) > 1e12 or abs(right) > 1e12:
        return Unknown("the number is too large")
    match operator:
        case cst.Add():
            return left + right
        case cst.Subtract():
            return left - right
        case cst.Multiply():
            return left * right
        case cst.Divide() if right:
            return left / right
        case cst.FloorDivide() if right:
            return left // right
        case cst.Modulo() if right:
            return left % right
        case _:
            return Unknown("an arithmetic expression")


def unpacked(elements: Sequence[cst.BaseElement], value: Abstract) -> Sequence[Abstract]:
    """What each element of a tuple of targets is bound to."""
    wanted = len(elements)
    unknown: list[Abstract] = [Unknown("a part of a value that is not known")] * wanted
    starred = [index for index, item in enumerate(elements) if isinstance(item, cst.StarredElement)]
    if isinstance(value, Record | RecordField | Existing):
        return [value, *unknown[1:]]
    if not isinstance(value, tuple):
        return unknown
    if not starred:
        return value if len(value) == wanted else unknown
    before, after = starred[0], wanted - starred[0] - 1
    if len(value) < before + after:
        return unknown
    middle = value[before : len(value) - after]
    return [*value[:before], middle, *value[len(value) - after :]]
