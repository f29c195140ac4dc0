"""Findings with the source they speak of, for people."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.style import Style, expand, width
from alembic_lint.rule import Confidence, Severity
from alembic_lint.source import Span
from alembic_lint.wording import printable

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
    page = _Page(report, style, gutter)
    parts.append(page.place(item.path, item.span, "-->", "", "^", item.severity))
    parts.extend(
        page.place(place.path, place.span, ":::", printable(place.message), "-")
        for place in item.related
    )
    if item.help:
        first, *rest = [printable(line) for line in item.help.splitlines()]
        parts.append(f"{page.margin} {style.frame('=')} {style.strong('help')}: {first}\n")
        parts.extend(f"{' ' * (gutter + 9)}{line}\n" for line in rest)
    for place in report.concerned(item):
        why = f"reported because it concerns {printable(place.path)} ({printable(place.message)})"
        parts.append(f"{page.margin} {style.frame('=')} {style.strong('note')}: {why}\n")
    return "".join(parts)


def _places(item: Diagnostic) -> list[tuple[str, Span]]:
    return [(item.path, item.span), *((place.path, place.span) for place in item.related)]


def _last_line(report: Report, path: str, span: Span) -> int:
    source = report.sources.get(path)
    return span.line if source is None else span.line + CONTEXT


@dataclass(frozen=True, slots=True)
class _Page:
    """What the places of one finding have in common; `gutter` is the width of line numbers."""

    report: Report
    style: Style
    gutter: int

    @property
    def margin(self) -> str:
        return " " * self.gutter

    def place(
        self,
        path: str,
        span: Span,
        arrow: str,
        label: str,
        mark: str,
        severity: Severity | None = None,
    ) -> str:
        """Where it is, and the lines there; `label` stands after the marks."""
        where = f"{printable(path)}:{span.line}:{span.column + 1}"
        heading = f"{self.margin}{self.style.frame(arrow)} {where}\n"
        excerpt = self._excerpt(path, span, label, mark, severity)
        if not excerpt and label:
            return f"{heading}{self.margin} {self.style.frame('=')} {label}\n"
        return heading + excerpt

    def _excerpt(
        self, path: str, span: Span, label: str, mark: str, severity: Severity | None
    ) -> str:
        """The line a span begins on and its neighbours; empty where the text is not known."""
        source = self.report.sources.get(path)
        lines = [] if source is None else source.text.split("\n")
        if span.line > len(lines) or lines == [""]:
            return ""
        edge = f"{self.margin} {self.style.frame('|')}"
        parts = [f"{edge}\n"]
        for number in _shown_lines(lines, span.line):
            line = lines[number - 1].rstrip()
            shown = expand(line)
            bar = self.style.frame(f"{number:>{self.gutter}} |")
            parts.append(f"{bar} {shown}\n" if shown else f"{bar}\n")
            if number == span.line:
                before, marked = _extent(line, span)
                marks = self._paint(mark * marked, severity)
                tail = f" {label}" if label else ""
                parts.append(f"{edge} {' ' * before}{marks}{tail}\n")
        return f"{''.join(parts)}{edge}\n"

    def _paint(self, marks: str, severity: Severity | None) -> str:
        if severity is None:
            return self.style.aside(marks)
        return self.style.severity(marks, severity)


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
