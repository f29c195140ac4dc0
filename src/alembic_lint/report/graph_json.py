"""The revision graph as JSON, complete."""

from __future__ import annotations

import json
from collections.abc import Sequence

from alembic_lint.history import (
    Cycle,
    Defect,
    DuplicateId,
    DuplicateLabel,
    EmptyDependency,
    History,
    UnknownDependency,
    UnknownParent,
)
from alembic_lint.model import Revision

_Plain = str | int | bool | None | Sequence["_Plain"] | dict[str, "_Plain"]


def render(histories: Sequence[History]) -> str:
    """A document `{"histories": […]}` of two-space indentation, ending with a line feed.

    Each history has its heads, bases, order of application and revisions in load order; `id` is
    null where the file does not tell it, and `parents` are those that the graph has.
    """
    document: _Plain = {"histories": [_history(history) for history in histories]}
    # What is not ASCII is escaped: some of it steers terminals, or cannot be written at all.
    return json.dumps(document, indent=2) + "\n"


def _history(history: History) -> _Plain:
    return {
        "name": history.name,
        "locations": list(history.locations),
        "heads": list(history.heads),
        "real_heads": list(history.real_heads),
        "bases": list(history.bases),
        "order": [history.key(revision) for revision in history.order],
        "revisions": [_revision(history, revision) for revision in history.revisions],
        "retired": [revision.path for revision in history.retired],
        "defects": [_defect(defect) for defect in history.defects],
    }


def _revision(history: History, revision: Revision) -> _Plain:
    key = history.key(revision)
    loaded = history.by_key[key] is revision
    return {
        "id": None if key == revision.path else key,
        "path": revision.path,
        "down_revision": list(revision.parents),
        "depends_on": list(revision.dependencies),
        "branch_labels": list(revision.labels),
        "parents": list(history.versioned[key]) if loaded else [],
        "dependencies": list(history.dependencies[key]) if loaded else [],
        "children": list(history.children(key)) if loaded else [],
        "labels": sorted(history.labels[key]) if loaded else [],
    }


def _defect(defect: Defect) -> _Plain:
    match defect:
        case DuplicateId(key, revisions):
            paths: list[_Plain] = [revision.path for revision in revisions]
            return {"kind": "duplicate id", "id": key, "paths": paths}
        case UnknownParent(revision, parent):
            return {"kind": "unknown down_revision", "path": revision.path, "name": parent}
        case UnknownDependency(revision, name):
            return {"kind": "unknown depends_on", "path": revision.path, "name": name}
        case EmptyDependency(revision):
            return {"kind": "empty depends_on", "path": revision.path}
        case Cycle(members, dependency):
            kind = "dependency cycle" if dependency else "cycle"
            return {"kind": kind, "members": list(members)}
        case DuplicateLabel(label, revision, _, other):
            return {
                "kind": "duplicate label",
                "label": label,
                "paths": [revision.path, other.path],
            }
