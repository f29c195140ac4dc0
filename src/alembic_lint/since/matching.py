"""Which revisions of two histories are the same, and whether two sides may meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from alembic_lint.history import History
from alembic_lint.model import Call, Context, Revision, flatten

_NAMES = frozenset({"name", "new_table", "referent", "table"})
"""The fields of operations that tell on which tables they work."""


def matched(base: History, history: History) -> Iterator[tuple[str, Revision]]:
    """The path of each revision of the base, and what it is now; those that are gone are missing.

    It is the file of the same path and id, or one of the same id, or one of the same path.
    """
    at = {each.path: each for each in history.revisions}
    left = [each for each in base.revisions if not _same(each, at.get(each.path))]
    kept = {each.path for each in base.revisions if _same(each, at.get(each.path))}
    yield from ((path, at[path]) for path in kept)
    free = {each.id: each for each in reversed(history.revisions) if each.path not in kept}
    rest: list[Revision] = []
    for revision in left:
        if revision.id is None or revision.id not in free:
            rest.append(revision)
            continue
        moved = free.pop(revision.id)
        kept.add(moved.path)
        yield revision.path, moved
    for revision in rest:
        if revision.path in at and revision.path not in kept:
            yield revision.path, at[revision.path]


def meet(merged: History, new: frozenset[str], history: History) -> bool:
    """Whether new revisions name a table that revisions of the other side name as well."""
    own = {revision.path for revision in history.revisions}
    mine = (revision for revision in merged.revisions if revision.path in new)
    theirs = (revision for revision in merged.revisions if revision.path not in own)
    return not _named(mine).isdisjoint(_named(theirs))


def _named(revisions: Iterable[Revision]) -> frozenset[str]:
    """The names of tables, of what they refer to, and of what an operation drops by its name."""
    found: set[str] = set()
    todo: list[object] = [item for each in revisions for item in flatten(each.operations)]
    while todo:
        value = todo.pop()
        if isinstance(value, tuple):
            todo.extend(value)
        elif is_dataclass(value) and not isinstance(value, Context | Call):
            for field_ in fields(value):
                inner = getattr(value, field_.name)
                if not isinstance(inner, str):
                    todo.append(inner)
                elif field_.name in _NAMES:
                    found.add(inner.lower())
    return frozenset(found)


def _same(revision: Revision, now: Revision | None) -> bool:
    return now is not None and (now is revision or now.id == revision.id)
