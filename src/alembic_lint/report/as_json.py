"""Findings for programs: one JSON object."""

from __future__ import annotations

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report import statistics as numbers
from alembic_lint.report.json_text import Json, written
from alembic_lint.source import Span

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""


def render(report: Report, *, statistics: bool = False) -> str:
    """The whole report; rows and columns count from 1, in code points, and ends are exclusive.

    `elsewhere` is the number of findings in files that were not asked for, `before` that of those
    that the base has already; `suppressed`, `grandfathered` and
    `baselined` are those of findings that are left out (see `LeftOut`). `concerns` are the files
    that were asked for, of a finding in another file; empty for others. `url` and `fix` are null:
    the cards have no address yet, and no rule offers a fix. `base` is what the branch was compared
    with, and the files of revisions that are new since then; null without a base.
    `json_schema.json` describes all of it.

    Args:
        report: what a run found.
        statistics: whether the numbers of `statistics` are added.
    """
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "diagnostics": [_diagnostic(item, report) for item in report.diagnostics],
        "histories": [
            {
                "name": history.name,
                "locations": [*history.locations],
                "revisions": len(history.revisions),
                "heads": [*history.heads],
                "bases": [*history.bases],
            }
            for history in report.histories
        ],
        "internal_errors": [
            {
                "code": error.code,
                "filename": error.path,
                "revision": error.revision,
                "message": error.message,
            }
            for error in report.internal_errors
        ],
        "base": None if report.base is None else {"ref": report.base, "new": [*report.new]},
        "elsewhere": report.result.elsewhere,
        "before": report.result.before,
        "suppressed": report.result.suppressed,
        "grandfathered": report.result.grandfathered,
        "baselined": report.result.baselined,
        "notices": [*report.notices],
    }
    if statistics:
        document["statistics"] = numbers.document(report)
    return written(document)


def _diagnostic(item: Diagnostic, report: Report) -> dict[str, Json]:
    return {
        "filename": item.path,
        "location": _location(item.span.line, item.span.column),
        "end_location": _location(item.span.end_line, item.span.end_column),
        "code": item.code,
        "name": item.name,
        "severity": item.severity.value,
        "confidence": item.confidence.value,
        "message": item.message,
        "help": item.help,
        "url": None,
        "fix": None,
        "revision": item.revision,
        "down_revision": [*item.down_revision],
        "operation": item.operation,
        "table": item.table,
        "object": item.object,
        "related": [
            {"filename": place.path, "message": place.message, **_range(place.span)}
            for place in item.related
        ],
        "concerns": [*dict.fromkeys(place.path for place in report.concerned(item))],
    }


def _range(span: Span) -> dict[str, Json]:
    return {
        "location": _location(span.line, span.column),
        "end_location": _location(span.end_line, span.end_column),
    }


def _location(line: int, column: int) -> dict[str, Json]:
    return {"row": line, "column": column + 1}
