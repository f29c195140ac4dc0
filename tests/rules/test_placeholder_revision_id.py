from __future__ import annotations

import random

import pytest

from alembic_lint.rules.file.placeholder_revision_id import is_placeholder


@pytest.mark.parametrize(
    "identifier",
    [
        "a1b2c3d4e5f6",
        "A1B2C3D4E5F6",
        "f6a7b8c9d0e1",
        "d4e5f6g7h8i9",
        "9f8e7d6c5b4a",
        "1a1b1c1d1e1f",
        "123456789abc",
        "abcdef123456",
        "abcdef012345",
        "1234567890ab",
        "fedcba987654",
        "aaaaaaaaaaaa",
        "00000000",
        "12345678",
        "aabbccddeeff",
        "111122223333",
        "abcabcabcabc",
    ],
)
def test_counting_pattern_is_a_placeholder(identifier: str) -> None:
    assert is_placeholder(identifier)


@pytest.mark.parametrize(
    "identifier",
    [
        "4f1c09be72d3",
        "1234",
        "abcdefg",
        "0001",
        "000000000001",
        "000000000012",
        "20250114",
        "20251114_01",
        "2025_01_14",
        "add_users_table",
        "initial",
        "a1b2d4e5f7a8",
        "áéíóúáéíóú",
    ],
)
def test_number_date_word_or_short_id_is_not(identifier: str) -> None:
    assert not is_placeholder(identifier)


def test_random_ids_are_not_placeholders() -> None:
    generator = random.Random(20251114)

    hits = sum(is_placeholder(f"{generator.getrandbits(48):012x}") for _ in range(50_000))

    assert hits == 0
