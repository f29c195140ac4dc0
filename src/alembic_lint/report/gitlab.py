"""Findings as GitLab's code quality report.

Source: GitLab's documentation, "Code Quality", section "Code Quality report format".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from alembic_lint.diagnostics import Diagnostic, Party
from alembic_lint.identity import revisions, subject
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

    It is made of the rule, the revisions that take part (the files of those without an id), what
    it is about, and which of the findings that have all this in common it is.
    """

    def named(place: Party) -> tuple[str, str]:
        if place.revision is None:
            return "file", places.from_top(place.path)
        return "revision", place.revision

    seen: Counter[str] = Counter()
    marks = []
    for item in diagnostics:
        about = subject(item)
        taking_part = sorted(revisions(item, named))
        parts = [item.code, taking_part, about.operations, about.tables, about.objects]
        same = json.dumps(parts)
        seen[same] += 1
        marks.append(hashlib.sha256(f"{same} {seen[same]}".encode()).hexdigest())
    return marks
