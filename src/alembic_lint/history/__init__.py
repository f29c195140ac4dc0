"""The revision graph: what Alembic's RevisionMap would make of the files, and what is wrong."""

from alembic_lint.history.asking import RevisionError, asked
from alembic_lint.history.branch import Branch, Merge
from alembic_lint.history.build import build_history
from alembic_lint.history.defects import (
    Cycle,
    Defect,
    DuplicateId,
    DuplicateLabel,
    EmptyDependency,
    UnknownDependency,
    UnknownParent,
)
from alembic_lint.history.graph import History
from alembic_lint.history.meaning import Meanings, Meant

__all__ = [
    "Branch",
    "Cycle",
    "Defect",
    "DuplicateId",
    "DuplicateLabel",
    "EmptyDependency",
    "History",
    "Meanings",
    "Meant",
    "Merge",
    "RevisionError",
    "UnknownDependency",
    "UnknownParent",
    "asked",
    "build_history",
]
