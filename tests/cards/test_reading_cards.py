from __future__ import annotations

import pytest

from alembic_lint import cards
from alembic_lint.cards import Card, CardError


def test_cards_come_sorted_by_code() -> None:
    codes = [card.code for card in cards.load()]

    assert codes == sorted(codes)
    assert "ALM201" in codes


@pytest.mark.parametrize("wanted", ["ALM201", "alm201", "revision-id-too-long"])
def test_card_is_found_by_code_and_by_name(wanted: str) -> None:
    card = cards.find(wanted, cards.load())

    assert card is not None
    assert card.file_name == "ALM201-revision-id-too-long.md"
    assert card.text.startswith("# revision-id-too-long (ALM201)\n")


def test_unknown_card_is_not_found() -> None:
    assert cards.find("ALM000", cards.load()) is None


def test_title_gives_code_and_name() -> None:
    text = "# two-words (ALM999)\n\nText.\n"

    assert cards.read("ALM999-two-words.md", text) == Card("ALM999", "two-words", text)


@pytest.mark.parametrize(
    ("file_name", "text", "reason"),
    [
        ("ALM999-two-words.md", "two-words (ALM999)\n", "the first line is not"),
        ("ALM998-two-words.md", "# two-words (ALM999)\n", "belongs to ALM999-two-words.md"),
        ("ALM999-words.md", "# two-words (ALM999)\n", "belongs to ALM999-two-words.md"),
    ],
)
def test_card_whose_title_is_wrong_is_refused(file_name: str, text: str, reason: str) -> None:
    with pytest.raises(CardError, match=reason):
        cards.read(file_name, text)
