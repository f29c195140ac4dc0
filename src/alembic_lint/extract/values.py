"""What an expression can be worth while a revision is read, beyond the values of the model.

These never leave the package: `lowering` turns them into model values, or into `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from alembic_lint.model import (
    Batch,
    Condition,
    MaybeName,
    Name,
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
    """`sa.inspect(bind)`; `number` tells one from another: each keeps the answers it once got."""

    number: int = field(default=0, compare=False)


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


@dataclass(frozen=True, slots=True, eq=False)
class Decorated:
    """A function under a decorator that is not seen through; `by` is the decorator as written."""

    function: Abstract
    by: str


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
class CallbackStack:
    """A `contextlib.ExitStack`; `number` tells it from others."""

    number: int


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
    | Decorated
    | BoundMethod
    | Sometimes
    | ContextManager
    | CallbackStack
    | GeneratorCall
    | tuple["Abstract", ...]
)
