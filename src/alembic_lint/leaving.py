"""What a run leaves out because it is known of: old revisions, and what the baseline holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alembic_lint.baseline import Baseline, Entry, Places, outdated
from alembic_lint.baseline_file import find
from alembic_lint.config import Config, Settings, shown
from alembic_lint.diagnostics import Diagnostic, LeftOut, Result
from alembic_lint.history import History
from alembic_lint.lint_after import grandfathered, is_grandfathered
from alembic_lint.rule import Rule
from alembic_lint.runs import has_run
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
        holding = None if entry is None else self._baseline.holding(entry)
        if holding is not None:
            self._matched.add(holding)
        return holding is not None

    def notices(
        self, result: Result, settings: Sequence[Settings], only: Collection[str]
    ) -> tuple[str, ...]:
        """What a run tells of entries of the baseline that are of no use any more.

        With a base, only of those of version locations that are not there: what the base has
        already is not looked at again, so that the rest tells nothing.
        """
        if self._baseline is None or self._places is None:
            return ()
        places, entries = self._places, self._baseline.entries
        lost = {entry for entry in entries if any(map(places.is_lost, entry.places))}
        told = () if not lost else (_lost(self._baseline, places, lost),)
        if any(history.new is not None for history in self._histories):
            return told
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

        unused = [
            entry
            for entry in outdated(
                self._baseline,
                self._matched,
                places,
                asked=lambda path: path in only or self._config.excludes(path),
                has_run=ran,
            )
            if entry not in lost
        ]
        if not unused:
            return told
        leave = "leaves" if len(unused) == 1 else "leave"
        said = f"{plural(len(unused), 'entry', 'entries')} {leave} out nothing any more"
        named = _some([_named(entry) for entry in unused])
        file = shown(self._baseline.file)
        return (*told, f"{file}: {said} ({named}); {_REMEDY}")


_REMEDY = "`alembic-lint baseline` drops what is of no use"


def _lost(baseline: Baseline, places: Places, entries: Collection[Entry]) -> str:
    """What is told of entries of version locations that are not there."""
    where = {place.location for entry in entries for place in entry.places if places.is_lost(place)}
    listed = _some([shown(baseline.file.parent / location) for location in sorted(where)])
    name = "names" if len(entries) == 1 else "name"
    return (
        f"{shown(baseline.file)}: {plural(len(entries), 'entry', 'entries')} {name} revisions in "
        f"{listed}, where there are none any more; write there where they are now, or "
        "`alembic-lint baseline` drops them"
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _named(entry: Entry) -> str:
    about = entry.subject
    what = ".".join("/".join(part) for part in (about.tables, about.objects) if part)
    of = f" of {what}" if what else ""
    names = [place.id or place.file for place in entry.places]
    return f"{entry.rule}{of} in {names[0]}" + "".join(f" with {name}" for name in names[1:])
