"""Findings as GitLab's code quality report.

Source: GitLab's documentation, "Code Quality", section "Code Quality report format".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from alembic_lint.engine import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.json_text import written
from alembic_lint.report.places import Places
from alembic_lint.rule import Severity
from alembic_lint.wording import writable

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(report: Report, places: Places) -> str:
    """An array of the findings, in their order; paths from the top of the repository."""
    marks = fingerprints(report.diagnostics, places)
    return written(
        [
            {
                "description": writable(f"{item.name}: {item.message}"),
                "check_name": item.code,
                "fingerprint": mark,
                "severity": _SEVERITIES[item.severity],
                "location": {
                    "path": writable(places.from_top(item.path)),
                    "lines": {"begin": item.span.line},
                },
            }
            for item, mark in zip(report.diagnostics, marks, strict=True)
        ]
    )


def fingerprints(diagnostics: Sequence[Diagnostic], places: Places) -> list[str]:
    """What tells each finding from the others, and is the same after lines have moved.

    It is made of the rule, the revision (the file where that has none), the operation, its table
    and object, and which of the findings that have all this in common it is.
    """
    seen: Counter[str] = Counter()
    marks = []
    for item in diagnostics:
        revision = ["file", places.from_top(item.path)] if item.revision is None else item.revision
        parts = [item.code, revision, item.operation, item.table, item.object]
        same = json.dumps(parts)
        seen[same] += 1
        marks.append(hashlib.sha256(f"{same} {seen[same]}".encode()).hexdigest())
    return marks
