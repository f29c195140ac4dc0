"""ALM006 suppression-without-reason."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import SuppressionKind
from alembic_lint.rule import Finding, Severity, SuppressionUse, each_suppression


@each_suppression("ALM006", Severity.WARNING, enabled=False)
def check(use: SuppressionUse, _settings: Settings) -> Iterator[Finding]:
    """A suppression that does not say why.

    Whoever reads it later cannot tell whether what it allows is still allowed.
    """
    suppression = use.suppression
    if suppression.problem or suppression.reason or suppression.kind is SuppressionKind.ENABLE:
        return
    names = ", ".join(item.text for item in suppression.selectors)
    after = "the code" if suppression.noqa else "the brackets"
    yield Finding(
        suppression.span,
        f"why {names} may be suppressed here is not said; write the reason after {after}",
    )
