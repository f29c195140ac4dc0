"""ALM004 unknown-suppression."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.rule import Finding, Severity, SuppressionUse, each_suppression


@each_suppression("ALM004", Severity.WARNING)
def check(use: SuppressionUse, _settings: Settings) -> Iterator[Finding]:
    """A comment that names no rule, or is not written as suppressions are.

    It suppresses nothing, so what its author wanted to allow is still reported, or was never there.
    """
    if use.suppression.problem:
        yield Finding(
            use.suppression.span, f"this comment suppresses nothing: {use.suppression.problem}"
        )
    subject = "this comment" if len(use.suppression.selectors) == 1 else "this part"
    for selector, why in use.unknown:
        yield Finding(selector.span, f"{subject} suppresses nothing: {why}")
