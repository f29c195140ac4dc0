"""The revision graph in Graphviz's language, complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic_lint.history import History
from alembic_lint.report.graph_marks import (
    defect_marks,
    file_name,
    keys_from_heads,
    shape_marks,
    title,
)
from alembic_lint.wording import printable


def render(histories: Sequence[History]) -> str:
    """One digraph with a cluster for each history; children point to parents, dependencies dashed.

    Revisions with a defect are red, heads bold.
    """
    lines = ["digraph alembic {", "  rankdir=TB;", '  node [shape=box, fontname="monospace"];']
    for number, history in enumerate(histories):
        lines.extend(_cluster(number, history))
    return "\n".join((*lines, "}")) + "\n"


def _cluster(number: int, history: History) -> Iterator[str]:
    keys = keys_from_heads(history)
    name = {key: f"h{number}r{index}" for index, key in enumerate(keys)}
    defects = defect_marks(history)
    yield f"  subgraph cluster_{number} {{"
    yield f"    label={_quoted(printable(title(history)))};"
    for key in keys:
        marks = (*shape_marks(history, key), *defects.get(key, ()))
        text = "\n".join(map(printable, (key, file_name(history, key), *marks)))
        style = ", color=red" if key in defects else ""
        if not history.children(key):
            style += ", style=bold"
        yield f"    {name[key]} [label={_quoted(text)}{style}];"
    for key in keys:
        for parent in history.versioned[key]:
            yield f"    {name[key]} -> {name[parent]};"
        for needed in history.dependencies[key]:
            if needed not in history.versioned[key]:
                yield f"    {name[key]} -> {name[needed]} [style=dashed];"
    yield "  }"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
