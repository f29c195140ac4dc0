"""What an expression can be worth while a revision is read, beyond the values of the model.

These never leave the package: `lower` turns them into model values, or into `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from alembic_lint import model
from alembic_lint.extract.conditions import Truth, choice, conjunction, negate
from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.model import (
    Batch,
    Condition,
    MaybeName,
    Name,
    SqlExpression,
    TableValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:  # a cycle of types only: scopes hold values, functions hold scopes
    import libcst as cst

    from alembic_lint.extract.scope import Module, Scope


@dataclass(frozen=True, slots=True)
class Connection:
    """`op.get_bind()`, an engine, a connection made from either, or an ORM session."""

    session: bool = False


@dataclass(frozen=True, slots=True)
class MigrationContext:
    """`op.get_context()`."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The database's dialect."""


@dataclass(frozen=True, slots=True)
class DialectName:
    """The dialect's name, not known before the revision runs."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """`sa.inspect(bind)`."""


@dataclass(frozen=True, slots=True)
class BatchOperations:
    """What `with op.batch_alter_table(…) as` binds."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Boolean:
    """A truth value that the database or the environment decides."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Either:
    """One of two values, by a condition that is not known before the revision runs."""

    condition: Condition
    then: Abstract
    other: Abstract


@dataclass(frozen=True, slots=True)
class Existing:
    """The objects of one kind that the database has when asked.

    `kind` is "table", "column", "index", "enum", or a constraint's kind in Alembic's words.
    """

    kind: str
    table: Name = ""
    schema: MaybeName = None
    changed: tuple[str, ...] = ()
    """Names of those that were made or removed since the database was asked."""


@dataclass(frozen=True, slots=True)
class Record:
    """One of `Existing`, not known which: the variable of a loop over them."""

    existing: Existing


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a `Record`, such as its "name"."""

    existing: Existing
    field: str


@dataclass(frozen=True, slots=True)
class Selection:
    """A collection made from `Existing`: those for which `condition` holds (None: all).

    `element` is what it holds for each, a `RecordField` of "name" where it is a set of names.
    """

    existing: Existing
    element: Abstract
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a query, or a row of it.

    `row` is the condition under which there is a row, `value` the one under which the first value
    of the first row is true, `given` the one under which it is not None; None where it is not
    known.
    """

    row: Condition | None = None
    value: Condition | None = None
    given: Condition | None = None


@dataclass(frozen=True, slots=True)
class FirstValue:
    """The first value of `rows`, None where there is no row."""

    rows: Rows


class Items(tuple["Abstract", ...]):
    """A list or set, told from others by its identity: what changes one changes all its names."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dict, told from others by its identity where it is changed."""

    items: tuple[tuple[Abstract, Abstract], ...]

    def get(self, key: Abstract) -> Abstract | None:
        """The value of the last equal key, None where there is none."""
        found = None
        for known, value in self.items:
            if known == key and type(known) is type(key):
                found = value
        return found


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function or lambda whose source is at hand."""

    name: str
    node: cst.FunctionDef | cst.Lambda
    module: Module = field(repr=False)
    scope: Scope = field(repr=False)
    context_manager: bool = False
    bound: Abstract | None = None
    """The object a method was taken from."""
    statement: cst.CSTNode | None = field(default=None, repr=False)
    """The statement that a lambda is written in."""
    defaults: dict[str, Abstract] = field(default_factory=dict, repr=False)
    """What parameters are when they are not passed: evaluated once, at the definition."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassValue:
    """A class whose source is at hand."""

    name: str
    node: cst.ClassDef = field(repr=False)
    module: Module = field(repr=False)
    scope: Scope = field(repr=False)
    attributes: dict[str, Abstract] = field(default_factory=dict, repr=False)
    """Those of its body that were asked for, and those that were set from outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class whose source is at hand; `attributes` are those that were set."""

    of: ClassValue
    attributes: dict[str, Abstract] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValue:
    """A module of the project, read but not run."""

    module: Module = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartialCall:
    """`functools.partial(function, …)`."""

    function: Abstract
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Sometimes:
    """An element of a collection that is there only where a condition holds."""

    condition: Condition
    value: Abstract


class Block(StrEnum):
    """What a `with` statement enters."""

    AUTOCOMMIT = "autocommit"
    SAVEPOINT = "savepoint"
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class ContextManager:
    """An object for a `with` statement; `catches` are the exceptions a SUPPRESS names."""

    block: Block
    catches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratorCall:
    """A call of a `@contextmanager` function, not entered yet."""

    function: FunctionValue
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """One argument of a call. `keyword` is None for a positional one, `*` or `**` for a star."""

    keyword: str | None
    value: Abstract
    node: cst.BaseExpression | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class BoundMethod:
    """A method taken from a value, not called yet."""

    owner: Abstract
    name: str


Text = Callable[[], str]
"""Gives an expression as it is written; asked for only where it is shown."""

Abstract = (
    Value
    | Connection
    | MigrationContext
    | Dialect
    | DialectName
    | Inspector
    | BatchOperations
    | Boolean
    | Either
    | Existing
    | Record
    | RecordField
    | Selection
    | Rows
    | FirstValue
    | Pairs
    | FunctionValue
    | ClassValue
    | Instance
    | ModuleValue
    | PartialCall
    | BoundMethod
    | Sometimes
    | ContextManager
    | GeneratorCall
    | tuple["Abstract", ...]
)

_UNSEEN = "an unknown part of the text"

_DYNAMIC = {
    Boolean: "a condition decides it when the revision runs",
    Either: "a condition decides it when the revision runs",
    DialectName: "it is the name of the database's dialect",
    Record: "it is read from the database",
    RecordField: "it is read from the database",
    Existing: "it is read from the database",
    Selection: "it is read from the database",
    Rows: "it is read from the database",
    FirstValue: "it is read from the database",
    Sometimes: "a condition decides it when the revision runs",
    Connection: "it is a database connection",
}


def lower(value: Abstract, *, keep_marks: bool = False) -> Value:
    """The model's value for an abstract one; what the model cannot say becomes `Unknown`.

    A text with unknown parts becomes Unknown too, unless `keep_marks` (SQL is still read then).
    """
    match value:
        case str() if not keep_marks and has_mark(value):
            return Unknown(_UNSEEN)
        case SqlExpression(str(text)) if not keep_marks and has_mark(text):
            return SqlExpression(Unknown(_UNSEEN))
        case tuple():
            return tuple(lower(item, keep_marks=keep_marks) for item in value)
        case Pairs(items):
            return tuple((lower(key), lower(item)) for key, item in items)
        case (
            FunctionValue()
            | ClassValue()
            | Instance()
            | ModuleValue()
            | PartialCall()
            | BoundMethod()
        ):
            return Unknown("it is a Python object")
        case Either(_, then, other) if lower(then) == lower(other):
            return lower(then)
        case (
            Connection()
            | MigrationContext()
            | Dialect()
            | Inspector()
            | BatchOperations()
            | DialectName()
            | Boolean()
            | Either()
            | Existing()
            | Record()
            | RecordField()
            | Selection()
            | Rows()
            | FirstValue()
            | Sometimes()
            | ContextManager()
            | GeneratorCall()
        ):
            return Unknown(_DYNAMIC.get(type(value), "it is an object of the running migration"))
        case _:
            return value


SIZE_LIMIT = 5_000
"""Values within one value. What holds more is not followed."""

_CHOICE_LIMIT = 64
"""Values that one value may be, by conditions."""

_LEVEL_LIMIT = 40
"""Values within values within values. What is nested deeper is not followed."""


def sized(value: Abstract) -> Abstract:
    """The value itself, or Unknown where it has grown past all measure."""
    level: list[Abstract] = [value]
    size = levels = 0
    while level:
        size, levels = size + len(level), levels + 1
        if size > SIZE_LIMIT or levels > _LEVEL_LIMIT:
            return Unknown("the value is too large to be followed")
        level = [part for item in level for part in _parts(item)]
    return value


def _parts(value: Abstract) -> tuple[Abstract, ...]:
    match value:
        case tuple():
            return value
        case Pairs(items):
            return tuple(part for pair in items for part in pair)
        case Either(_, then, other):
            return (then, other)
        case Sometimes(_, inner):
            return (inner,)
        case TableValue(items=items):
            return items
        case PartialCall(function, passed):
            return (function, *(item.value for item in passed))
        case _:
            return ()


def any_sometimes(items: tuple[Abstract, ...]) -> bool:
    """Whether an element is there only at times, so that positions are not known."""
    return any(isinstance(item, Sometimes) for item in items)


def is_known(value: Abstract) -> bool:
    """Whether a value is fully known: a scalar without unknown parts, or a tuple of such."""
    match value:
        case str():
            return not has_mark(value)
        case None | bool() | int() | float() | bytes():
            return True
        case tuple():
            return all(is_known(item) for item in value)
        case _:
            return False


def name_of(value: Abstract) -> Name:
    """A value in the place of a name."""
    match lower(value):
        case str(text):
            return text
        case TableValue(name=name):
            return name
        case Unknown() as unknown:
            return unknown
        case _:
            return Unknown("it is not a string")


def maybe_name(value: Abstract) -> MaybeName:
    """A value in the place of a name that may be None."""
    return None if value is None else name_of(value)


def carries_database(values: Iterable[Abstract]) -> bool:
    """Whether one of the values lets a function change the database."""
    for value in values:
        match value:
            case Connection() | MigrationContext() | BatchOperations() | Inspector():
                return True
            case model.Reference(name="alembic.op"):
                return True
            case Either(_, then, other) if carries_database((then, other)):
                return True
            case BoundMethod(owner) if carries_database((owner,)):
                return True
            case PartialCall(_, passed) if carries_database(item.value for item in passed):
                return True
            case tuple() if carries_database(value):
                return True
            case Pairs(items) if carries_database(item for _, item in items):
                return True
            case _:
                pass
    return False


def either(condition: Truth, then: Abstract, other: Abstract) -> Abstract:
    """One of two values, simplified where it can be."""
    if condition is True or (then == other and type(then) is type(other)):
        return then
    if condition is False:
        return other
    if isinstance(then, bool | Boolean) and isinstance(other, bool | Boolean):
        return truth_value(choice(condition, _truth_of(then), _truth_of(other)))
    if isinstance(then, Existing) and isinstance(other, Existing):
        changed = (*then.changed, *(name for name in other.changed if name not in then.changed))
        if replace(then, changed=changed) == replace(other, changed=changed):
            return replace(then, changed=changed)
    if isinstance(then, tuple) and isinstance(other, tuple):
        both = isinstance(then, Items) and isinstance(other, Items)
        if then[: len(other)] == other:
            more = (sometimes(condition, item) for item in then[len(other) :])
            return Items((*other, *more)) if both else (*other, *more)
        if other[: len(then)] == then:
            opposite = negate(condition)
            more = (sometimes(opposite, item) for item in other[len(then) :])
            return Items((*then, *more)) if both else (*then, *more)
    if _choices(then) + _choices(other) > _CHOICE_LIMIT:
        return Unknown("it depends on too many conditions")
    return Either(condition, then, other)


def _choices(value: Abstract) -> int:
    """How many values there are to choose from, as far as this matters."""
    count, pending = 0, [value]
    while pending and count <= _CHOICE_LIMIT:
        item = pending.pop()
        if isinstance(item, Either):
            pending += (item.then, item.other)
        else:
            count += 1
    return count


def truth_value(truth: Truth) -> Abstract:
    """A truth as a value."""
    return truth if isinstance(truth, bool) else Boolean(truth)


def _truth_of(value: bool | Boolean) -> Truth:
    return value if isinstance(value, bool) else value.condition


def sometimes(condition: Truth, value: Abstract) -> Abstract:
    """An element of a collection that is there under a condition."""
    if isinstance(condition, bool):
        return value
    if isinstance(value, Sometimes):
        both = conjunction((condition, value.condition))
        return value.value if isinstance(both, bool) else Sometimes(both, value.value)
    return Sometimes(condition, value)
