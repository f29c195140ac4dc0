"""One revision file as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alembic_lint.model.operations import (
    Operation,
)
from alembic_lint.model.suppression import Suppression
from alembic_lint.model.values import (
    Unknown,
    Value,
)
from alembic_lint.source import Problem, Span


@dataclass(frozen=True, slots=True)
class Assigned:
    """A module-level assignment. `span` is the value's, `statement` the whole statement's.

    `spans` are those of the elements of a tuple or list, in order, otherwise empty.
    """

    value: Value
    text: str
    span: Span
    statement: Span
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The docstring's "Revision ID:" and "Revises:" lines; None where a line is missing.

    `revises` is empty for a base.
    """

    revision: str | None
    revision_span: Span
    revises: tuple[str, ...] | None
    revises_span: Span


class Body(StrEnum):
    """What a function's body holds."""

    EMPTY = "empty"
    """`pass`, a docstring, `...`, or a bare return: nothing."""
    RAISES = "raises"
    """A `raise` stands among its own statements: it refuses to run."""
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Function:
    """`upgrade` or `downgrade`. `span` is its `def` line; `name_span` its name.

    Both are the statement that binds the name where that is no `def`.
    """

    span: Span
    name_span: Span
    body: Body
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExistenceHelper:
    """A local function that tells whether something exists.

    `predicate` is "table", "column", "index", "constraint" or "enum". `swallows` is the handler
    that turns any exception into an answer, or None; `answer` is the text of what it then returns.
    """

    name: str
    predicate: str
    span: Span
    swallows: Span | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One file of a version directory.

    An identifier is None when the module does not assign it. `upgrade` and `downgrade` are Unknown
    where what they do cannot be read, None where the name is not bound at all.
    `followed` are the files of other modules that were read on the way, sorted.
    `suppressions` are the comments that leave findings out, in the file's order.
    With a `problem`, nothing else is known but the identifiers that the text gives away, and the
    suppressions of the whole file; both functions are Unknown.
    """

    path: str
    problem: Problem | None = None
    revision: Assigned | None = None
    down_revision: Assigned | None = None
    branch_labels: Assigned | None = None
    depends_on: Assigned | None = None
    header: Header | None = None
    upgrade: Function | Unknown | None = None
    downgrade: Function | Unknown | None = None
    module_operations: tuple[Operation, ...] = ()
    existence_helpers: tuple[ExistenceHelper, ...] = ()
    followed: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()

    @property
    def id(self) -> str | None:
        """The revision id, or None where it is missing or not a known string."""
        value = None if self.revision is None else self.revision.value
        return value if isinstance(value, str) else None

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids that `down_revision` names, in order; empty for a base or where unknown."""
        return _ids(self.down_revision)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The ids or labels that `depends_on` names, in order."""
        return _ids(self.depends_on)

    @property
    def labels(self) -> tuple[str, ...]:
        """The branch labels, in order."""
        return _ids(self.branch_labels)

    @property
    def unread(self) -> tuple[Unknown, ...]:
        """Why `upgrade` and `downgrade` are not known, of those that are not."""
        functions = (self.upgrade, self.downgrade)
        return tuple(item for item in functions if isinstance(item, Unknown))

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those of `upgrade`, then those of `downgrade`, then those that run on import."""
        functions = (self.upgrade, self.downgrade)
        found = (item.operations for item in functions if isinstance(item, Function))
        return (*(operation for group in found for operation in group), *self.module_operations)


def _ids(assigned: Assigned | None) -> tuple[str, ...]:
    """The strings of a value that may be one string or several; Alembic ignores a falsy one."""
    match assigned:
        case None:
            return ()
        case Assigned(value=str(value)):
            return (value,) if value else ()
        case Assigned(value=tuple(values)):
            return tuple(value for value in values if isinstance(value, str))
        case _:
            return ()
