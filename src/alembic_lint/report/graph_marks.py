"""What is worth saying of a revision in a picture of its graph."""

from __future__ import annotations

from alembic_lint.history import Cycle, DuplicateId, History, UnknownDependency, UnknownParent


def title(history: History) -> str:
    """What a history is called: its name, or else its version locations."""
    name = "" if history.name == "." else history.name
    return name or ", ".join(history.locations) or "history"


def shape_marks(history: History, key: str) -> tuple[str, ...]:
    """The place of a revision in the graph: head, base, branch point, merge, own labels."""
    revision = history.by_key[key]
    marks = []
    if not history.children(key):
        marks.append("head" if key in history.real_heads else "effective head")
    if key in history.bases:
        marks.append("base")
    if len(history.children(key)) > 1:
        marks.append("branch point")
    if len(history.versioned[key]) > 1:
        marks.append("merge")
    marks.extend(f"label {label}" for label in revision.labels)
    names = ", ".join(dict.fromkeys(revision.dependencies))
    if names:
        marks.append(f"depends on {names}")
    return tuple(marks)


def defect_marks(history: History) -> dict[str, tuple[str, ...]]:
    """What is wrong at each revision, for those at which something is."""
    marks: dict[str, list[str]] = {}
    for defect in history.defects:
        match defect:
            case DuplicateId(key, revisions):
                marks.setdefault(key, []).append(f"id of {len(revisions)} files")
            case UnknownParent(revision, parent):
                text = f'parent "{parent}" not found'
                marks.setdefault(history.key(revision), []).append(text)
            case UnknownDependency(revision, name):
                text = f'dependency "{name}" not found'
                marks.setdefault(history.key(revision), []).append(text)
            case Cycle(members):
                for key in members:
                    marks.setdefault(key, []).append("in a cycle")
            case _:
                pass
    for revision in history.adrift:
        marks.setdefault(history.key(revision), []).append("parents not known")
    return {key: tuple(dict.fromkeys(texts)) for key, texts in marks.items()}


def file_name(history: History, key: str) -> str:
    """The name of the file that a revision stands in."""
    return history.by_key[key].path.rpartition("/")[2]


def keys_from_heads(history: History) -> tuple[str, ...]:
    """All keys, children before parents where the graph allows it."""
    files = (*history.order, *history.unordered)
    keys = [history.key(file) for file in files if history.by_key[history.key(file)] is file]
    return tuple(reversed(keys))
