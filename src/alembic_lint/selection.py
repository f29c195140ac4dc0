"""Which rules run where, and how severe they are: selectors from the configuration, resolved."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alembic_lint.config import Config, ConfigError
from alembic_lint.rule import Rule, Severity
from alembic_lint.wording import nearest_word

ALL = "ALL"

_UNMATCHED = -1


@dataclass(frozen=True, slots=True)
class Selection:
    """The answers that the engine needs, for one configuration and one set of rules."""

    config: Config
    rules: tuple[Rule, ...]
    """Those that run, in their registered order."""
    severities: tuple[tuple[str, Severity], ...]
    """The configured severities, as pairs of a rule's code and a severity."""

    def runs_on(self, rule: Rule, path: str) -> bool:
        """Whether the findings of a rule in this file are reported."""
        return not any(matches(selector, rule) for selector in self.config.ignored_in(path))

    def severity(self, rule: Rule) -> Severity | None:
        """The configured severity of a rule, or None."""
        return dict(self.severities).get(rule.code)


def select(config: Config, rules: Sequence[Rule]) -> Selection:
    """Resolve a configuration's selectors.

    Of the selectors that match a rule the longest decides, and of two equally long ones `ignore`
    does; a full code and a name are equally long, and `ALL` is the shortest. Without `select` the
    rules run that are on by default; one that is off by default runs when a selector matches it.

    Raises:
        ConfigError: a selector that matches no rule.
    """
    keyed = {
        "select": config.select or (),
        "extend-select": config.extend_select,
        "ignore": config.ignore,
        "severity": tuple(selector for selector, _ in config.severity),
        "per-file-ignores": tuple(
            selector for _, selectors in config.per_file_ignores for selector in selectors
        ),
    }
    for key, selectors in keyed.items():
        verify(selectors, rules, file=config.file, key=key)
    wanted = (*(config.select or ()), *config.extend_select)
    chosen = tuple(rule for rule in rules if _is_chosen(rule, config, wanted))
    severities = tuple(
        (rule.code, Severity(level)) for rule in rules if (level := _level(rule, config))
    )
    return Selection(config, chosen, severities)


def verify(selectors: Iterable[str], rules: Sequence[Rule], *, file: str | None, key: str) -> None:
    """Check that each selector matches a rule.

    Raises:
        ConfigError: for the first one that does not, naming `file` (None: the command line), `key`
            and the selector that was probably meant.
    """
    for selector in selectors:
        if not any(matches(selector, rule) for rule in rules):
            raise ConfigError(file, key, unknown(selector, rules))


def unknown(selector: str, rules: Sequence[Rule]) -> str:
    """What is wrong with a selector that matches no rule, and what was probably meant."""
    said = f"no rule is called {selector!r}"
    listed = "`alembic-lint rule` lists the rules"
    if re.fullmatch("ALM[0-9]*", selector, re.IGNORECASE) is None:
        meant = nearest_word(selector, (*(rule.name for rule in rules), ALL))
        return f"{said}; did you mean {meant!r}? {listed}" if meant else f"{said}; {listed}"
    capitals = selector.upper()
    if any(matches(capitals, rule) for rule in rules):
        return f"{said}; codes are written in capitals: {capitals!r}"
    codes = [rule.code for rule in rules]
    # Another digit is another rule, so only a missing or an additional one is a slip.
    similar = difflib.get_close_matches(capitals, codes, n=2, cutoff=0.9)
    if len(similar) == 1:
        return f"{said}; did you mean {similar[0]!r}? {listed}"
    family = [code for code in codes if code[:4] == capitals[:4]]
    start = f", only {', '.join(family)} with {capitals[:4]!r}" if family else ""
    return f"{said}, and no code starts with it{start}; {listed}"


def matches(selector: str, rule: Rule) -> bool:
    """Whether a selector (a code, the beginning of codes, a name, or `ALL`) covers a rule."""
    return _specificity(selector, rule) > _UNMATCHED


def _specificity(selector: str, rule: Rule) -> int:
    """How closely a selector describes a rule: 0 for `ALL`, the code's length for the rule itself.

    -1 when it does not cover the rule.
    """
    if selector == ALL:
        return 0
    if selector == rule.name:
        return len(rule.code)
    is_prefix = len(selector) >= 3 and rule.code.startswith(selector)
    return len(selector) if is_prefix else _UNMATCHED


def _is_chosen(rule: Rule, config: Config, wanted: Iterable[str]) -> bool:
    """Whether a rule runs at all."""
    on = max((_specificity(item, rule) for item in wanted), default=_UNMATCHED)
    off = max((_specificity(item, rule) for item in config.ignore), default=_UNMATCHED)
    by_default = config.select is None and rule.enabled
    return on > off or (on == off == _UNMATCHED and by_default)


def _level(rule: Rule, config: Config) -> str | None:
    """The severity that the configuration gives a rule; of equally long selectors, the last."""
    found = [
        (specificity, position, level)
        for position, (selector, level) in enumerate(config.severity)
        if (specificity := _specificity(selector, rule)) > _UNMATCHED
    ]
    return max(found)[2] if found else None
