"""Findings with the source they speak of, for people."""

from __future__ import annotations

from alembic_lint.engine import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.style import Style, expand, printable, width
from alembic_lint.rule import Confidence
from alembic_lint.source import Span

CONTEXT = 2  # lines before and after


def render(report: Report, style: Style) -> str:
    """Each finding with an excerpt, its related places and its help, separated by blank lines."""
    return "".join(f"{_finding(report, item, style)}\n" for item in report.diagnostics)


def _finding(report: Report, item: Diagnostic, style: Style) -> str:
    doubt = " (possible)" if item.confidence is Confidence.POSSIBLE else ""
    head = style.severity(f"{item.severity}[{item.code}]", item.severity)
    title = style.strong(f"{item.name}{doubt}: {printable(item.message)}")
    gutter = len(str(max(_last_line(report, path, span) for path, span in _places(item))))
    parts = [f"{head} {title}\n"]
    mark = style.severity("^", item.severity)
    parts.append(_place(report, item.path, item.span, "-->", "", gutter, style, mark))
    parts.extend(
        _place(
            report,
            place.path,
            place.span,
            ":::",
            printable(place.message),
            gutter,
            style,
            style.aside("-"),
        )
        for place in item.related
    )
    if item.help:
        first, *rest = printable_lines(item.help)
        bar = f"{' ' * gutter} {style.frame('=')} "
        parts.append(f"{bar}{style.strong('help')}: {first}\n")
        parts.extend(f"{' ' * (gutter + 9)}{line}\n" for line in rest)
    return "".join(parts)


def printable_lines(text: str) -> list[str]:
    """The lines of a text, each fit for a terminal."""
    return [printable(line) for line in text.splitlines()] or [""]


def _places(item: Diagnostic) -> list[tuple[str, Span]]:
    return [(item.path, item.span), *((place.path, place.span) for place in item.related)]


def _last_line(report: Report, path: str, span: Span) -> int:
    source = report.sources.get(path)
    return span.line if source is None else span.line + CONTEXT


def _place(
    report: Report,
    path: str,
    span: Span,
    arrow: str,
    label: str,
    gutter: int,
    style: Style,
    mark: str,
) -> str:
    where = f"{printable(path)}:{span.line}:{span.column + 1}"
    heading = f"{' ' * gutter}{style.frame(arrow)} {where}\n"
    excerpt = _excerpt(report, path, span, label, gutter, style, mark)
    if excerpt:
        return heading + excerpt
    bar = f"{' ' * gutter} {style.frame('=')} "
    return f"{heading}{bar}{label}\n" if label else heading


def _excerpt(
    report: Report, path: str, span: Span, label: str, gutter: int, style: Style, mark: str
) -> str:
    """The line a span begins on, marked, with its neighbours; empty where the text is not known."""
    source = report.sources.get(path)
    if source is None or not source.text:
        return ""
    lines = source.text.split("\n")
    if span.line > len(lines):
        return ""
    edge = f"{' ' * gutter} {style.frame('|')}"
    parts = [f"{edge}\n"]
    for number in _shown_lines(lines, span.line):
        line = lines[number - 1].rstrip()
        shown = expand(line)
        bar = style.frame(f"{number:>{gutter}} |")
        parts.append(f"{bar} {shown}\n" if shown else f"{bar}\n")
        if number == span.line:
            before, marked = _extent(line, span)
            tail = f" {label}" if label else ""
            parts.append(f"{edge} {' ' * before}{_repeat(mark, marked)}{tail}\n")
    return f"{''.join(parts)}{edge}\n"


def _shown_lines(lines: list[str], line: int) -> range:
    first, last = max(line - CONTEXT, 1), min(line + CONTEXT, len(lines))
    while first < line and not lines[first - 1].strip():
        first += 1
    while last > line and not lines[last - 1].strip():
        last -= 1
    return range(first, last + 1)


def _extent(line: str, span: Span) -> tuple[int, int]:
    """Where the marks begin and how many there are, in columns of the terminal."""
    end = span.end_column if span.end_line == span.line else len(line)
    before = width(expand(line[: span.column]))
    return before, max(width(expand(line[:end])) - before, 1)


def _repeat(mark: str, times: int) -> str:
    """A mark, painted or not, drawn several times within one paint."""
    character = "^" if "^" in mark else "-"
    return mark.replace(character, character * times, 1)
