"""One line for each finding, as editors and problem matchers read them."""

from __future__ import annotations

from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import Report
from alembic_lint.report.style import Style
from alembic_lint.wording import printable


def render(report: Report, style: Style) -> str:
    """Lines of `path:line:column: CODE [severity] message`; lines and columns count from 1.

    A finding in a file that was not asked for ends with the files that were and that it concerns.
    """
    return "".join(f"{line(report, item, style)}\n" for item in report.diagnostics)


def line(report: Report, item: Diagnostic, style: Style) -> str:
    """One of the lines, without its end."""
    return (
        f"{style.strong(printable(item.path))}:{item.span.line}:{item.span.column + 1}: "
        f"{item.code} [{style.severity(item.severity.value, item.severity)}] "
        f"{printable(item.message)}{_concerns(report, item)}"
    )


def _concerns(report: Report, item: Diagnostic) -> str:
    places = report.concerned(item)
    named = "; ".join(f"{printable(place.path)}: {printable(place.message)}" for place in places)
    return f" (concerns {named})" if named else ""
