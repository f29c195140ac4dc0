"""What can be wrong with a revision graph, as data: a broken history is never an exception."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint.model import Revision
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True)
class DuplicateId:
    """One id in several files, in load order; Alembic only ever runs the last of them.

    Source: alembic/script/revision.py, `RevisionMap._revision_map`.
    """

    id: str
    revisions: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class UnknownParent:
    """A `down_revision` that no file defines.

    `label` is the file that has it as its branch label, which `down_revision` does not accept.
    `nameless` are the files whose own id is not known: one of these may be the parent.
    """

    revision: Revision
    parent: str
    span: Span
    label: Revision | None = None
    nameless: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownDependency:
    """A `depends_on` that is neither an id nor a branch label; `nameless` as for a parent."""

    revision: Revision
    name: str
    span: Span
    nameless: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class EmptyDependency:
    """A base with `depends_on = ""`, which Alembic reports as a dependency cycle.

    Source: alembic/script/revision.py, `Revision._is_real_base`.
    """

    revision: Revision
    span: Span


@dataclass(frozen=True, slots=True)
class Cycle:
    """Revisions that are each other's ancestors, only the members, in load order.

    `dependency` tells that it takes a `depends_on` to close it. `duplicates` are the ids among the
    members that several files have; these are then the cause.
    """

    members: tuple[str, ...]
    dependency: bool = False
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DuplicateLabel:
    """A branch label that `other` has too, as its label or (`is_id`) as its revision id."""

    label: str
    revision: Revision
    span: Span
    other: Revision
    is_id: bool = False


Defect = DuplicateId | UnknownParent | UnknownDependency | EmptyDependency | Cycle | DuplicateLabel
