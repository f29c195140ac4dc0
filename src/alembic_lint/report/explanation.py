"""Rules explained: an index, their cards, or facts for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from alembic_lint.cards import Card, find
from alembic_lint.rule import Rule


def render_index(rules: Sequence[Rule]) -> str:
    """One line for each rule: code, name, default severity, what it flags."""
    length = max((len(rule.name) for rule in rules), default=0)
    return "".join(
        f"{rule.code}  {rule.name:<{length}}  {_default(rule):<7}  {rule.summary}\n"
        for rule in rules
    )


def render(rules: Sequence[Rule], cards: Sequence[Card]) -> str:
    """The cards, one after another; a rule without a card gives its line of the index."""
    texts = []
    for rule in rules:
        card = find(rule.code, cards)
        texts.append(render_index([rule]) if card is None else card.text.rstrip("\n") + "\n")
    return "\n".join(texts)


def render_json(rules: Sequence[Rule], cards: Sequence[Card]) -> str:
    """A list of objects; `dialects` null means every database, `explanation` is the card."""
    facts = []
    for rule in rules:
        card = find(rule.code, cards)
        facts.append(
            {
                "code": rule.code,
                "name": rule.name,
                "family": rule.family,
                "summary": rule.summary,
                "severity": rule.severity.value,
                "enabled": rule.enabled,
                "dialects": None if rule.dialects is None else list(rule.dialects),
                "explanation": None if card is None else card.text,
            }
        )
    return json.dumps(facts, indent=2) + "\n"


def _default(rule: Rule) -> str:
    return rule.severity.value if rule.enabled else "off"
