"""`lint-after`: revisions that are history, and the findings in them that nobody will mend."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alembic_lint.config import Config, ConfigError
from alembic_lint.diagnostics import Diagnostic
from alembic_lint.history import History
from alembic_lint.wording import nearest_word

KEY = "lint-after"


def grandfathered(histories: Sequence[History], config: Config) -> frozenset[str]:
    """The paths of the revisions that the configuration names and of all that they stand on.

    A file that does not parse is not among them, as it stops later revisions as well. Of several
    ids, those of histories that are not at hand are passed over.

    Raises:
        ConfigError: none of the ids is that of a revision.
    """
    wanted = config.lint_after
    keys = [
        (history, key)
        for history in histories
        for key in wanted
        if key in history.by_key and history.by_key[key].id == key
    ]
    if wanted and any(history.revisions for history in histories) and not keys:
        file = config.lint_after_file
        raise ConfigError(file, KEY if file else f"--{KEY}", _unknown(wanted, histories))
    old = {(id(history), name) for history, key in keys for name in (key, *history.ancestors(key))}
    return frozenset(
        revision.path
        for history in histories
        for revision in history.revisions
        if revision.problem is None and (id(history), history.key(revision)) in old
    )


def is_grandfathered(diagnostic: Diagnostic, paths: Collection[str]) -> bool:
    """Whether a finding stands in one of these files and takes in none but these."""
    return diagnostic.path in paths and all(
        place.path in paths for place in diagnostic.related if not place.context
    )


def _unknown(wanted: Sequence[str], histories: Sequence[History]) -> str:
    known = [item.id for history in histories for item in history.revisions if item.id]
    said = f"no revision has the id {' or '.join(map(repr, wanted))}"
    start = next((key for name in wanted for key in known if name and key.startswith(name)), None)
    meant = start or next((near for name in wanted if (near := nearest_word(name, known))), None)
    if meant is not None:
        return f"{said}; did you mean {meant!r}?"
    return f"{said}; `alembic-lint graph` shows the ids"
