"""Which findings the comments of a file suppress, and what becomes of the comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from alembic_lint.model import Revision, Selector, Suppression, SuppressionKind
from alembic_lint.rule import Rule, Scope, SuppressionUse
from alembic_lint.selection import matches, unknown
from alembic_lint.source import Span

_BLANKET = frozenset({"ALL", "ALM"})
_NEAREST_FIRST = tuple(SuppressionKind)


class Suppressions:
    """The suppression comments of a run's files, and which of their selectors were of use.

    Where several comments cover one finding, only the nearest is of use: one for the statement
    before one for a range, and that before one for the file.
    """

    def __init__(self, revisions: Iterable[Revision], rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._of_text: dict[str, tuple[Rule, ...]] = {}
        self._used: set[tuple[str, Span]] = set()
        self._by_rule: dict[tuple[str, str], list[Selector]] = {}
        for revision in revisions:
            nearest = sorted(
                revision.suppressions, key=lambda item: _NEAREST_FIRST.index(item.kind)
            )
            for suppression in nearest:
                if suppression.kind is SuppressionKind.ENABLE:
                    continue
                for selector in suppression.selectors:
                    for rule in self._named(selector):
                        key = revision.path, rule.code
                        self._by_rule.setdefault(key, []).append(selector)

    def hide(self, code: str, path: str, line: int) -> bool:
        """Whether a comment suppresses a rule's findings on a line of a file, and note its use."""
        selector = self._covering(code, path, line)
        if selector is not None:
            self._used.add((path, selector.span))
        return selector is not None

    def hide_all(self, code: str, places: Mapping[str, Sequence[int]]) -> bool:
        """Whether comments suppress a rule's findings in each of some files, one or more.

        In each it counts on any of the lines. Only where it is so in all is their use noted.
        """
        spans: dict[str, list[Span]] = {}
        for path, lines in places.items():
            found = (self._covering(code, path, line) for line in lines)
            spans[path] = [selector.span for selector in found if selector is not None]
        if not spans or not all(spans.values()):
            return False
        self._used.update((path, span) for path, found in spans.items() for span in found)
        return True

    def _covering(self, code: str, path: str, line: int) -> Selector | None:
        """The nearest selector that suppresses a rule's findings on a line of a file."""
        for selector in self._by_rule.get((path, code), ()):
            if selector.lines is not None and selector.lines[0] <= line <= selector.lines[1]:
                return selector
        return None

    def uses(self, revision: Revision, ran: Callable[[Rule], bool]) -> Iterator[SuppressionUse]:
        """The comments of a file, once all findings have been held against them.

        `ran` tells whether a rule has looked at this file. A selector is unused where a rule that
        it names has run, all those that it names and that are on by default have, and nothing was
        suppressed. One that names rules about suppressions never is.
        """
        known: dict[str, bool] = {}

        def has_run(rule: Rule) -> bool:
            if rule.code not in known:
                known[rule.code] = ran(rule)
            return known[rule.code]

        for suppression in revision.suppressions:
            selectors = suppression.selectors
            yield SuppressionUse(
                suppression,
                tuple((item, why) for item in selectors if (why := self._unknown(item))),
                tuple(
                    item
                    for item in selectors
                    if (revision.path, item.span) not in self._used
                    and self._is_unused(suppression, item, has_run)
                ),
            )

    def _named(self, selector: Selector) -> tuple[Rule, ...]:
        text = selector.text
        if text not in self._of_text:
            named = (rule for rule in self._rules if matches(text, rule))
            self._of_text[text] = () if text in _BLANKET else tuple(named)
        return self._of_text[text]

    def _unknown(self, selector: Selector) -> str:
        if selector.text in _BLANKET:
            return f"{selector.text!r} would hide whatever comes up; name the rules"
        return "" if self._named(selector) else unknown(selector.text, self._rules)

    def _is_unused(
        self, suppression: Suppression, selector: Selector, ran: Callable[[Rule], bool]
    ) -> bool:
        named = self._named(selector)
        if not named or any(rule.scope is Scope.SUPPRESSION for rule in named):
            return False
        if selector.lines is None:
            return True
        if suppression.kind is SuppressionKind.ENABLE:
            return False
        runs = {rule.code for rule in named if ran(rule)}
        return bool(runs) and all(rule.code in runs for rule in named if rule.enabled)
