"""Findings as GitHub's workflow commands, which show them beside the code.

Source: GitHub, "Workflow commands for GitHub Actions"; actions/toolkit, core/src/command.ts, for
what is escaped. Other services that know these commands, such as Forgejo, read them too.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.places import Places
from alembic_lint.rule import Severity
from alembic_lint.wording import plural, visible

SHOWN = 10
"""Annotations of each kind that GitHub takes from a step; it drops the others without a word."""

_KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, places: Places) -> str:
    """A command for each finding, the most severe first, then how many GitHub does not show.

    Paths are told from the top of the repository; lines and columns count from 1.
    """
    ordered = by_severity(report.diagnostics)
    return "".join(f"{_command(item, places)}\n" for item in ordered) + _not_shown(ordered)


def by_severity(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Errors, then warnings, then infos, each in their order."""
    return sorted(diagnostics, key=lambda item: item.severity.rank)


def fenced(text: str) -> str:
    """Text for people, in which GitHub looks for no commands, whatever the linted files hold.

    The mark that ends it cannot be foreseen by who writes a file, as it depends on all the text.
    """
    token = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return f"::stop-commands::{token}\n{text}::{token}::\n"


def _command(item: Diagnostic, places: Places) -> str:
    span = item.span
    properties = {
        "title": f"alembic-lint ({item.code})",
        "file": places.from_top(item.path),
        "line": str(span.line),
        "col": str(span.column + 1),
        "endLine": str(span.end_line),
        "endColumn": str(span.end_column + 1),
    }
    if span.line != span.end_line:
        # Columns of several lines are refused.
        del properties["col"], properties["endColumn"]
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = item.message if item.help is None else f"{item.message}\n{item.help}"
    return f"::{_KINDS[item.severity]} {told}::{_data(text)}"


def _data(text: str) -> str:
    """Text as it stands in a command; what could steer a terminal is escaped as elsewhere."""
    shown = "".join(letter if letter in "\r\n\t" else visible(letter) for letter in text)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _not_shown(ordered: Sequence[Diagnostic]) -> str:
    counter = Counter(_KINDS[item.severity] for item in ordered)
    beyond = [
        plural(counter[kind] - SHOWN, kind) for kind in _KINDS.values() if counter[kind] > SHOWN
    ]
    if not beyond:
        return ""
    return (
        f"GitHub shows {SHOWN} annotations of each kind from a step: {', '.join(beyond)} more "
        "are in this log only\n"
    )
