"""ALM107 redundant-merge-parent."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import Assigned
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span


@whole_history("ALM107", Severity.WARNING)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A merge parent that is an ancestor of another parent of the same merge, or named twice.

    Alembic accepts it and the upgrade is right, but the revision counts as a merge of branches that
    do not exist: `alembic downgrade -1` from it fails with "Ambiguous walk".

    Source: alembic/script/revision.py, `_walk`.
    """
    del settings
    for key, file in history.by_key.items():
        match file.down_revision:
            case Assigned(value=tuple(values)) as assigned if len(values) > 1:
                pass
            case _:
                continue
        names = [name for name in values if isinstance(name, str)]
        for index, name in enumerate(names):
            if name in names[:index]:
                why = "is named twice"
                above: str | None = None
            else:
                above = _stands_on(history, name, names)
                if above is None:
                    continue
                why = f'is an ancestor of its other parent "{above}"'
            kept = list(dict.fromkeys(item for item in names if item != name or above is None))
            yield Finding(
                _span(assigned, index),
                f'parent "{name}" of the merge "{key}" {why}, so "alembic downgrade -1" fails with '
                '"Ambiguous walk"; leave it out',
                path=file.path,
                help=f"down_revision = {_written(kept)}",
                related=()
                if above is None
                else (
                    Related(
                        history.by_key[above].path,
                        _id_span(history, above),
                        "this parent comes later",
                    ),
                ),
            )


def _stands_on(history: History, name: str, parents: list[str]) -> str | None:
    """The other parent that has `name` among its ancestors by down_revision, or None."""
    if name not in history.depth:
        return None
    floor = history.depth[name]
    for other in parents:
        if other == name or history.depth.get(other, -1) <= floor:
            continue
        todo = [other]
        seen: set[str] = set()
        while todo:
            for parent in history.versioned[todo.pop()]:
                if parent == name:
                    return other
                # Nothing that lies as deep as `name` can stand on it.
                if parent not in seen and history.depth[parent] > floor:
                    seen.add(parent)
                    todo.append(parent)
    return None


def _written(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"


def _span(assigned: Assigned, index: int) -> Span:
    return assigned.spans[index] if index < len(assigned.spans) else assigned.span


def _id_span(history: History, key: str) -> Span:
    assigned = history.by_key[key].revision
    return FILE_START if assigned is None else assigned.span
