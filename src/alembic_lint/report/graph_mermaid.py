"""The revision graph as a Mermaid flowchart, complete."""

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
    """One flowchart with a subgraph for each history; children point to parents.

    Dependencies are dotted, heads and revisions with a defect have a class of their own.
    """
    lines = ["flowchart TB"]
    for number, history in enumerate(histories):
        lines.extend(_subgraph(number, history))
    lines.append("  classDef head stroke-width:3px")
    lines.append("  classDef defect stroke:#c00")
    return "\n".join(lines) + "\n"


def _subgraph(number: int, history: History) -> Iterator[str]:
    keys = keys_from_heads(history)
    name = {key: f"h{number}r{index}" for index, key in enumerate(keys)}
    defects = defect_marks(history)
    yield f"  subgraph h{number}[{_quoted(title(history))}]"
    for key in keys:
        marks = (*shape_marks(history, key), *defects.get(key, ()))
        text = "<br>".join(map(_escaped, (key, file_name(history, key), *marks)))
        kind = ":::defect" if key in defects else "" if history.children(key) else ":::head"
        yield f'    {name[key]}["{text}"]{kind}'
    for key in keys:
        for parent in history.versioned[key]:
            yield f"    {name[key]} --> {name[parent]}"
        for needed in history.dependencies[key]:
            if needed not in history.versioned[key]:
                yield f"    {name[key]} -.-> {name[needed]}"
    yield "  end"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Mermaid takes a character's number between # and ; for what it would read itself."""
    special = '"#&<>;`\\'
    return "".join(
        f"#{ord(letter)};" if letter in special else letter for letter in printable(text)
    )
