"""ALM003 unused-suppression."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import SuppressionKind
from alembic_lint.rule import Finding, Severity, SuppressionUse, each_suppression


@each_suppression("ALM003", Severity.WARNING)
def check(use: SuppressionUse, _settings: Settings) -> Iterator[Finding]:
    """A comment that suppresses nothing.

    It is left from what has been mended, or was copied along with a statement, and would hide the
    next finding of its rule without anyone having looked at that.
    """
    if not use.unused:
        return
    names = ", ".join(item.text for item in use.unused)
    suppression = use.suppression
    some = len(use.unused) < len(suppression.selectors)
    what = f"{names} in {suppression.kind}[]" if some else f"{suppression.kind}[{names}]"
    if suppression.noqa:
        what = f"{names} in noqa" if some else f"noqa: {names}"
    if all(item.lines is None for item in use.unused):
        why = (
            "ends no disable of the same rule in its block"
            if suppression.kind is SuppressionKind.ENABLE
            else "suppresses nothing, as no statement follows it in its block"
        )
    else:
        why = "suppresses nothing: there is no such finding"
    yield Finding(
        use.unused[0].span if some else suppression.span,
        f"{what} {why}; remove it",
    )
