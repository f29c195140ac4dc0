"""Findings in the format of reviewdog, rdjson.

Source: reviewdog, proto/rdf/reviewdog.proto, message DiagnosticResult: columns count from 1 in
bytes of UTF-8, and ends are exclusive. Its reader refuses a document with a lone surrogate.
"""

from __future__ import annotations

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.json_text import Json, written
from alembic_lint.source import Span
from alembic_lint.wording import writable


def render(report: Report) -> str:
    """One DiagnosticResult; paths from the working directory, which reviewdog has to share."""
    return written(
        {
            "source": {"name": "alembic-lint"},
            "diagnostics": [_diagnostic(item, report) for item in report.diagnostics],
        }
    )


def _diagnostic(item: Diagnostic, report: Report) -> Json:
    text = item.message if item.help is None else f"{item.message}\n\n{item.help}"
    return {
        "message": writable(text),
        "location": _location(report, item.path, item.span),
        "severity": item.severity.value.upper(),
        "code": {"value": item.code},
        "suggestions": [],
        "related_locations": [
            {
                "message": writable(place.message),
                "location": _location(report, place.path, place.span),
            }
            for place in item.related
        ],
    }


def _location(report: Report, path: str, span: Span) -> Json:
    return {
        "path": writable(path),
        "range": {
            "start": _position(report, path, span.line, span.column),
            "end": _position(report, path, span.end_line, span.end_column),
        },
    }


def _position(report: Report, path: str, line: int, column: int) -> Json:
    """A column from 0 in code points as one from 1 in bytes; as it is where the line is unknown."""
    source = report.sources.get(path)
    text = "" if source is None else source.line(line)
    before = text[:column]
    beyond = column - len(before)
    length = len(before.encode("utf-8", "surrogatepass")) + beyond
    return {"line": line, "column": length + 1}
