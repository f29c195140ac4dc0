"""The last line of a report for people."""

from __future__ import annotations

from collections import Counter

from alembic_lint.report import Report
from alembic_lint.report.style import Style
from alembic_lint.rule import Severity
from alembic_lint.wording import plural, printable


def render(report: Report, style: Style) -> str:
    """How many findings of each severity in how many files, or that there are none; the heads."""
    counter = Counter(item.severity for item in report.diagnostics)
    revisions = _revisions(report)
    if len(report.histories) > 1:
        revisions += f" in {plural(len(report.histories), 'history', 'histories')}"
    if counter:
        found = ", ".join(
            style.severity(plural(counter[severity], *_words(severity)), severity)
            for severity in Severity
            if counter[severity]
        )
        files = plural(len({item.path for item in report.diagnostics}), "file")
        return f"Found {found} in {files} (checked {revisions}{_not_shown(report)})\n"
    if report.base is None and not (report.revisions if report.asked is None else report.asked):
        return f"Nothing checked: {revisions}\n"
    heads = list(dict.fromkeys(head for history in report.histories for head in history.heads))
    word = "head" if len(heads) == 1 else "heads"
    named = f", {word}: {printable(', '.join(heads))}" if heads else ""
    return f"{style.good('All checks passed')}: {revisions}{named}{_not_shown(report)}\n"


def _revisions(report: Report) -> str:
    """How many were read, and how many of them findings were asked for."""
    number = plural(report.revisions, "revision")
    if report.base is not None:
        new = plural(len(report.new), "new revision")
        return f"{new} since {printable(report.base)}, {number}"
    some = report.revisions_asked < report.revisions
    return f"{report.revisions_asked:,} of {number}" if some else number


def _not_shown(report: Report) -> str:
    """How many findings there are besides, and why they are not shown."""
    result = report.result
    parts = [
        (result.suppressed, "suppressed by comments"),
        (result.grandfathered, "of old revisions"),
        (result.baselined, "in the baseline"),
        (result.elsewhere, "in other files"),
        (result.before, "from before"),
    ]
    told = [f"{plural(number, 'finding')} {why}" for number, why in parts if number]
    if not told:
        return ""
    is_one = [number for number, _ in parts if number] == [1]
    return f"; {', '.join(told)} {'is' if is_one else 'are'} not shown"


def _words(severity: Severity) -> tuple[str, str]:
    # "info" has no plural.
    return severity.value, "info" if severity is Severity.INFO else f"{severity.value}s"
