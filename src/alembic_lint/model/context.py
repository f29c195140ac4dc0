"""Circumstances: the conditions, blocks and calls around an operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from alembic_lint.model.values import (
    MaybeName,
    Name,
    Value,
)
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True)
class TableExists:
    """The table (or view) is there. `schema` None is the default schema."""

    table: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class ColumnExists:
    """The table has the column."""

    table: Name
    column: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class IndexExists:
    """The index is there, by name or by columns; `table` None means on any table."""

    name: MaybeName
    table: MaybeName
    schema: MaybeName = None
    columns: tuple[Name, ...] | None = None


@dataclass(frozen=True, slots=True)
class ConstraintExists:
    """The table has the constraint, by name or by columns; `kind` None means of any kind."""

    name: MaybeName
    table: MaybeName
    kind: str | None = None
    """"foreignkey", "unique", "primary" or "check", as in Alembic's `type_`."""
    schema: MaybeName = None
    columns: tuple[Name, ...] | None = None


@dataclass(frozen=True, slots=True)
class EnumExists:
    """The PostgreSQL enum type is there."""

    name: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class DialectIs:
    """The database is one of these, by SQLAlchemy's dialect names, sorted."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfflineMode:
    """The revision is rendered to SQL (`--sql`), with no database behind it."""


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OpaqueCondition:
    """A condition that cannot be decided from the source; `text` is as written."""

    text: str


Condition = (
    TableExists
    | ColumnExists
    | IndexExists
    | ConstraintExists
    | EnumExists
    | DialectIs
    | OfflineMode
    | Not
    | And
    | Or
    | OpaqueCondition
)


def conditions_in(condition: Condition) -> Iterator[Condition]:
    """The condition and those it is made of, outermost first."""
    yield condition
    match condition:
        case Not(term):
            yield from conditions_in(term)
        case And(terms) | Or(terms):
            for term in terms:
                yield from conditions_in(term)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must hold for an operation to run.

    `block` numbers the evaluations of conditions within one function: operations with the same
    number stand under one evaluation, which happens when its block is entered. `span` is the
    condition's, in the revision's own file (the call that leads to it where it lies elsewhere).
    """

    condition: Condition
    block: int
    span: Span
    current: bool = True
    """False where the answer is older than an operation that changed it.

    `columns = inspector.get_columns(…)` still tells of before when a block adds one of them.
    """
    required: bool = False
    """Whether the revision fails where the condition does not hold, as in `if not …: raise`."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The `batch_alter_table` an operation belongs to; `block` numbers the `with` blocks.

    `tries` is how many `try` statements stand around the batch itself.
    """

    table: Name
    schema: MaybeName
    keywords: tuple[tuple[str, Value], ...]
    block: int
    span: Span
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that was not unrolled; `over` is its iterable as written."""

    over: str
    why: str
    span: Span


class Outcome(StrEnum):
    """What becomes of an exception in its handler: RAISES means that it, or another, goes on.

    SELECTS: it goes on or not, as a condition decides; or it ends here while another one, for which
    a `finally` cleans up, may go on. REPORTS: it is kept, and the function that
    caught it raises later. SWALLOWS: it ends here.
    """

    RAISES = "raises"
    SELECTS = "selects"
    REPORTS = "reports"
    SWALLOWS = "swallows"


@dataclass(frozen=True, slots=True)
class Handler:
    """An `except` block.

    `path` and `span` are where it stands, in a helper's file perhaps. `catches` are full names as
    far as they are known. `tested` are the texts and names by which a SELECTS tells exceptions
    apart.
    """

    path: str
    span: Span
    catches: tuple[str, ...]
    outcome: Outcome = Outcome.SWALLOWS
    tested: tuple[str, ...] = ()
    rolls_back: bool = False
    """It ends the failed transaction, or goes back to a savepoint."""
    operates: bool = False
    """It has operations of its own."""


@dataclass(frozen=True, slots=True)
class Try:
    """A `try` around an operation, with its handlers in order."""

    span: Span
    handlers: tuple[Handler, ...]
    savepoint: bool = False
    """A `begin_nested()`, or another transaction, is inside the `try`: PostgreSQL can go on."""
    block: int = 0
    """Numbers the evaluations within one function, as a guard's does: a helper's differ."""

    @property
    def catches(self) -> tuple[str, ...]:
        """The exceptions that its handlers name."""
        return tuple(name for handler in self.handlers for name in handler.catches)

    @property
    def swallows(self) -> bool:
        """Whether some exception may end in one of its handlers."""
        return any(handler.outcome is not Outcome.RAISES for handler in self.handlers)


@dataclass(frozen=True, slots=True)
class Via:
    """One call on the way to an operation: the helper's name and where it is called."""

    function: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of an operation.

    `guards` are outermost first. `dialects` are those it can run on, sorted; None means all.
    `via` is the chain of helper calls, outermost first. `tries` are outermost first.
    """

    guards: tuple[Guard, ...] = ()
    dialects: tuple[str, ...] | None = None
    autocommit: bool = False
    batch: Batch | None = None
    loop: Loop | None = None
    tries: tuple[Try, ...] = ()
    via: tuple[Via, ...] = ()


class Direction(StrEnum):
    """Which function an operation belongs to; MODULE is code that runs on import."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as written. `keyword` is None for a positional one, `*` or `**` for a star."""

    keyword: str | None
    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """The call behind an operation, as written: `op.create_table`, and its arguments in order."""

    name: str
    arguments: tuple[Argument, ...] = ()

    def argument(self, keyword: str) -> Argument | None:
        """The argument passed by this keyword, or None."""
        return next((item for item in self.arguments if item.keyword == keyword), None)
