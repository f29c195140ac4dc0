from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import UNSET, Revision, Unknown, Value
from alembic_lint.rule import Finding
from alembic_lint.rules.file.invalid_revision_id import check


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("a@b", 'holds "@"'),
        ("2025-01-14", 'holds "-"'),
        ("a+b:c", 'holds "+", ":"'),
        ("o'brien", "holds a quote"),
        ("", "is empty"),
        ("head", "word of Alembic's own"),
        ("heads", "word of Alembic's own"),
        ("base", "word of Alembic's own"),
        (12, "12 is not a string"),
        (None, "None is not a string"),
        (("a", "b"), "is not a string"),
    ],
)
def test_id_that_alembic_cannot_use_is_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    identifier: Value,
    words: str,
) -> None:
    (finding,) = findings(check, make_revision(identifier))

    assert words in finding.message


@pytest.mark.parametrize(
    "identifier",
    ["4f1c09be72d3", "0001", "add_users", "with space", "header", Unknown("why"), UNSET],
)
def test_other_ids_are_fine(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    identifier: Value,
) -> None:
    assert not findings(check, make_revision(identifier))
