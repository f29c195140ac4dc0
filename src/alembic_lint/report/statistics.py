"""Numbers instead of findings: which rules, and how much of the histories was seen."""

from __future__ import annotations

from collections import Counter

from alembic_lint.counts import Tally
from alembic_lint.report import Report
from alembic_lint.report.json_text import Json
from alembic_lint.report.style import Style
from alembic_lint.rule import Severity
from alembic_lint.wording import plural, printable

SHOWN = 20
"""How many reasons are listed under one heading; the last line says how many more there are."""


def render(report: Report, style: Style) -> str:
    """Findings by rule, the most frequent first; then operations, resolved and not, by reason."""
    counts = report.result.counts
    by_rule = Counter((item.code, item.name, item.severity) for item in report.diagnostics)
    ordered = sorted(by_rule.items(), key=lambda pair: (-pair[1], pair[0]))
    digits = max((len(f"{number:,}") for _, number in ordered), default=1)
    parts = [
        f"{number:>{digits},}  {code} [{style.severity(severity.value, severity)}] {name}\n"
        for (code, name, severity), number in ordered
    ]
    parts.extend(
        f"{why}: {number:,}\n"
        for why, number in (
            ("suppressed by comments", report.result.suppressed),
            ("of old revisions", report.result.grandfathered),
            ("in the baseline", report.result.baselined),
        )
        if number
    )
    if parts:
        parts.append("\n")
    operations = sum(number for _, number in counts.operations)
    unresolved = sum(number for _, number in counts.unresolved_tables)
    tables = counts.resolved_tables + unresolved
    parts.append(f"{plural(operations, 'operation')} in {plural(counts.revisions, 'revision')}\n")
    if tables:
        share = _share(counts.resolved_tables, tables)
        parts.append(
            f"table known in {counts.resolved_tables:,} of {tables:,} operations on tables "
            f"({share})\n"
        )
    parts.extend(_reasons("table not known", counts.unresolved_tables))
    parts.extend(_reasons("SQL not known", counts.unread_sql))
    parts.extend(_reasons("opaque operations", counts.opaque))
    if counts.undecided:
        parts.append(f"guard not decided: {counts.undecided:,}\n")
    if operations:
        parts.append(
            f"replayed exactly: {counts.exact:,} of {plural(operations, 'operation')} "
            f"({_share(counts.exact, operations)})\n"
        )
    if counts.tables:
        parts.append(
            f"certain at the heads: {counts.certain_tables:,} of {plural(counts.tables, 'table')} "
            f"({_share(counts.certain_tables, counts.tables)})\n"
        )
    return "".join(parts)


def document(report: Report) -> dict[str, Json]:
    """The same numbers for programs, all reasons listed."""
    counts = report.result.counts
    by_rule = Counter((item.code, item.name, item.severity) for item in report.diagnostics)
    ordered: list[tuple[tuple[str, str, Severity], int]] = sorted(
        by_rule.items(), key=lambda pair: (-pair[1], pair[0])
    )
    return {
        "rules": [
            {"code": code, "name": name, "severity": severity.value, "count": number}
            for (code, name, severity), number in ordered
        ],
        "revisions": counts.revisions,
        "operations": dict(counts.operations),
        "tables": {
            "resolved": counts.resolved_tables,
            "unresolved": dict(counts.unresolved_tables),
        },
        "unread_sql": dict(counts.unread_sql),
        "opaque": dict(counts.opaque),
        "undecided_guards": counts.undecided,
        "replay": {
            "operations": sum(number for _, number in counts.operations),
            "exact": counts.exact,
            "tables_at_heads": counts.tables,
            "certain_tables_at_heads": counts.certain_tables,
        },
    }


def _share(part: int, whole: int) -> str:
    # Rounded down, so that 100 % means all of them.
    return f"{part * 1000 // whole / 10:.1f} %"


def _reasons(title: str, tally: Tally) -> list[str]:
    if not tally:
        return []
    total = sum(number for _, number in tally)
    digits = max(len(f"{number:,}") for _, number in tally)
    lines = [f"{title}: {total:,}\n"]
    lines.extend(
        f"  {number:>{digits},}  {printable(reason)}\n" for reason, number in tally[:SHOWN]
    )
    if len(tally) > SHOWN:
        rest = sum(number for _, number in tally[SHOWN:])
        lines.append(f"  {rest:>{digits},}  for {len(tally) - SHOWN:,} other reasons\n")
    return lines
