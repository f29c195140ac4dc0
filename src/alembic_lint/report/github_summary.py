"""What GitHub shows on the page of a run: the findings as a table, and the graph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report, graph_mermaid, graph_text, summary
from alembic_lint.report.github import by_severity
from alembic_lint.report.places import Places
from alembic_lint.report.style import Style
from alembic_lint.rule import Confidence
from alembic_lint.wording import plural, printable

LIMIT = 1024 * 1024
"""Bytes that the summary of a step may have; of a larger one GitHub shows nothing at all."""

_MERMAID_TEXT, _MERMAID_EDGES = 50_000, 500
"""What Mermaid draws at most (its settings maxTextSize and maxEdges, which a page cannot raise)."""

_SENTENCES = 500
"""Bytes kept for the sentences that tell what was left out."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$&#!:@]")


def render(report: Report, places: Places, room: int = LIMIT) -> str:
    """Markdown of at most `room` bytes; empty where that is too little to say anything.

    Findings are the most severe first. Where not all fit, and where the graph does not, a sentence
    says so. A graph that Mermaid would refuse is drawn as text, which tells long lines shortly.
    """
    left = room - _SENTENCES
    head = f"## alembic-lint\n\n{_escaped(summary.render(report, Style()).strip())}\n\n"
    left -= _size(head)
    if left < 0:
        return ""
    parts = [head]
    ordered = by_severity(report.diagnostics)
    hidden = len(ordered)
    for row in _table(ordered, places):
        if _size(row) > left:
            break
        parts.append(row)
        left -= _size(row)
        hidden -= 1
    if hidden:
        parts.append(f"\n{plural(hidden, 'more finding')}: see the log.\n")
    if report.histories:
        parts.append(_graph(report, left))
    return "".join(parts)


def _table(ordered: list[Diagnostic], places: Places) -> Iterator[str]:
    """Rows, the first with what stands above it, so that there is none without a finding."""
    above = "| severity | place | rule | message |\n| --- | --- | --- | --- |\n"
    for item in ordered:
        doubt = " (possible)" if item.confidence is Confidence.POSSIBLE else ""
        cells = (
            f"{item.severity}{doubt}",
            f"{places.from_top(item.path)}:{item.span.line}",
            f"{item.code} {item.name}",
            item.message,
        )
        yield f"{above}| {' | '.join(map(_escaped, cells))} |\n"
        above = ""


def _graph(report: Report, left: int) -> str:
    title = "\n### Revision graph\n\n"
    drawn = graph_mermaid.render(report.histories)
    edges = sum(drawn.count(arrow) for arrow in (" --> ", " -.-> "))
    if len(drawn) > _MERMAID_TEXT or edges > _MERMAID_EDGES:
        drawn = graph_text.render(report.histories)
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", drawn)), default=0))
        block = f"{title}{fence}text\n{drawn}{fence}\n"
    else:
        block = f"{title}```mermaid\n{drawn}```\n"
    if _size(block) <= left:
        return block
    revisions = plural(report.revisions, "revision")
    return f"{title}{revisions}: too many to be drawn here; `alembic-lint graph` draws them.\n"


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is, on one line."""
    return _SPECIAL.sub(r"\\\g<0>", printable(text))


def _size(text: str) -> int:
    return len(text.encode())
