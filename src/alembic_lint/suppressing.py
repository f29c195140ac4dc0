"""Which findings the comments of a file suppress, and what becomes of the comments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from alembic_lint.model import Lines, Revision, Selector, SuppressionKind
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
        """The selectors that hid something, and those that ended a range."""
        self._by_rule: dict[tuple[str, str], list[tuple[Span, Lines]]] = {}
        for revision in revisions:
            ends = self._ends(revision)
            nearest = sorted(
                revision.suppressions, key=lambda item: _NEAREST_FIRST.index(item.kind)
            )
            for suppression in nearest:
                for selector in suppression.selectors:
                    if selector.lines is None:
                        continue
                    for rule in self._named(selector):
                        lines = selector.lines
                        if suppression.kind is SuppressionKind.DISABLE:
                            lines = self._ended(revision.path, lines, ends.get(rule.code, ()))
                        key = revision.path, rule.code
                        self._by_rule.setdefault(key, []).append((selector.span, lines))

    def hide(self, code: str, path: str, line: int) -> bool:
        """Whether a comment suppresses a rule's findings on a line of a file, and note its use."""
        span = self._covering(code, path, line)
        if span is not None:
            self._used.add((path, span))
        return span is not None

    def hide_all(self, code: str, places: Mapping[str, Sequence[int]]) -> bool:
        """Whether comments suppress a rule's findings in each of some files, one or more.

        In each it counts on any of the lines. Only where it is so in all is their use noted.
        """
        spans: dict[str, list[Span]] = {}
        for path, lines in places.items():
            found = (self._covering(code, path, line) for line in lines)
            spans[path] = [span for span in found if span is not None]
        if not spans or not all(spans.values()):
            return False
        self._used.update((path, span) for path, found in spans.items() for span in found)
        return True

    def _covering(self, code: str, path: str, line: int) -> Span | None:
        """The nearest selector that suppresses a rule's findings on a line of a file."""
        for span, (first, last) in self._by_rule.get((path, code), ()):
            if first <= line <= last:
                return span
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
                    and self._is_unused(item, has_run)
                ),
            )

    def _ends(self, revision: Revision) -> dict[str, list[Span]]:
        """The selectors of a file that end ranges, by the codes of the rules, from its top."""
        found: dict[str, list[Span]] = {}
        for suppression in revision.suppressions:
            if suppression.kind is SuppressionKind.ENABLE:
                for selector in suppression.selectors:
                    for rule in self._named(selector):
                        found.setdefault(rule.code, []).append(selector.span)
        return found

    def _ended(self, path: str, lines: Lines, ends: Sequence[Span]) -> Lines:
        """A range of one rule's, up to the first of its ends; note the use of that."""
        first, last = lines
        index = bisect_right(ends, first, key=lambda span: span.line)
        if index == len(ends) or ends[index].line > last:
            return lines
        self._used.add((path, ends[index]))
        return first, ends[index].line

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

    def _is_unused(self, selector: Selector, ran: Callable[[Rule], bool]) -> bool:
        named = self._named(selector)
        if not named or any(rule.scope is Scope.SUPPRESSION for rule in named):
            return False
        if selector.lines is None:
            return True
        runs = {rule.code for rule in named if ran(rule)}
        return bool(runs) and all(rule.code in runs for rule in named if rule.enabled)
