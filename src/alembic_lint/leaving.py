"""What a run leaves out because it is known of: old revisions, and what the baseline holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alembic_lint.baseline import Entry, Places, find, outdated
from alembic_lint.config import Config, Settings, shown
from alembic_lint.engine import Diagnostic, LeftOut, Result, has_run
from alembic_lint.history import History
from alembic_lint.lint_after import grandfathered, is_grandfathered
from alembic_lint.rule import Rule
from alembic_lint.selection import select
from alembic_lint.wording import plural

_NAMED = 3
"""Entries of the baseline that a notice names; it says how many more there are."""


class Leaving:
    """Tells what to leave out, and remembers which entries of the baseline were of use.

    Raises:
        ConfigError: the baseline is not what one is, or the configured one is not there; no
            revision has an id of `lint-after`.
    """

    def __init__(self, histories: Sequence[History], config: Config, rules: Sequence[Rule]) -> None:
        self._histories = histories
        self._config = config
        self._rules = {rule.name: rule for rule in rules}
        self._old = grandfathered(histories, config)
        self._baseline = find(config, rules)
        self._matched: set[Entry] = set()
        self._places = (
            None if self._baseline is None else Places(histories, config, self._baseline.file)
        )

    def why(self, item: Diagnostic) -> LeftOut | None:
        """Why a finding is left out; None where it is not.

        What a branch does to old revisions is new, however old they are.
        """
        is_known = self._is_known(item)  # noted even where another reason counts
        of_branch = self._rules[item.name].branch_check is not None
        if not of_branch and is_grandfathered(item, self._old):
            return LeftOut.GRANDFATHERED
        return LeftOut.BASELINED if is_known else None

    def _is_known(self, item: Diagnostic) -> bool:
        """Whether the baseline holds a finding; its entry is noted to be of use."""
        if self._baseline is None or self._places is None:
            return False
        entry = self._places.entry(item)
        if entry is None or entry not in self._baseline.entries:
            return False
        self._matched.add(entry)
        return True

    def notices(
        self, result: Result, settings: Sequence[Settings], only: Collection[str]
    ) -> tuple[str, ...]:
        """What a run tells of entries of the baseline that are of no use any more."""
        if self._baseline is None or self._places is None:
            return ()
        selection = select(self._config, tuple(self._rules.values()))
        failed = {error.code for error in result.internal_errors}

        def ran(name: str, path: str) -> bool:
            rule = self._rules[name]
            return rule.branch_check is None and any(
                has_run(rule, revision, history, of_history, selection, failed)
                for history, of_history in zip(self._histories, settings, strict=True)
                for revision in history.revisions
                if revision.path == path
            )

        entries = outdated(
            self._baseline,
            self._matched,
            self._places,
            asked=lambda path: path in only or self._config.excludes(path),
            has_run=ran,
        )
        if not entries:
            return ()
        named = ", ".join(map(_named, entries[:_NAMED]))
        more = f" and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
        leave = "leaves" if len(entries) == 1 else "leave"
        said = f"{plural(len(entries), 'entry', 'entries')} {leave} out nothing any more"
        remedy = "`alembic-lint baseline` drops what is of no use"
        return (f"{shown(self._baseline.file)}: {said} ({named}{more}); {remedy}",)


def _named(entry: Entry) -> str:
    what = ".".join(part for part in (entry.table, entry.object) if part)
    of = f" of {what}" if what else ""
    return f"{entry.rule}{of} in {entry.place.id or entry.place.file}"
