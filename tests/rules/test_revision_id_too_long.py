from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity
from alembic_lint.rules.file.revision_id_too_long import check, shorter

LONG = "20251114_01_create_conversaciones_ai"


def test_id_as_long_as_the_column_is_fine(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    assert not findings(check, make_revision("x" * 32))


def test_longer_id_is_named_with_its_length_the_limit_and_a_shorter_one(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    (finding,) = findings(check, make_revision(LONG))

    assert finding.message == (
        'revision id "20251114_01_create_conversaciones_ai" has 36 characters and '
        "alembic_version.version_num holds 32: the database refuses to record it and the upgrade "
        'fails; shorten it, for example to "20251114_01_conversaciones_ai"'
    )


@pytest.mark.parametrize(
    ("dialects", "severity"),
    [
        (None, None),
        (("postgresql",), None),
        (("postgresql", "sqlite"), None),
        (("sqlite",), Severity.WARNING),
    ],
)
def test_it_is_a_warning_only_where_sqlite_is_the_only_database(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    dialects: tuple[str, ...] | None,
    severity: Severity | None,
) -> None:
    (finding,) = findings(check, make_revision(LONG), Settings(dialects=dialects))

    assert finding.severity == severity


def test_wider_version_column_holds_longer_ids(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    assert not findings(check, make_revision(LONG), Settings(version_width=36))
    assert findings(check, make_revision(LONG), Settings(version_width=35))


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("2025-11-14-create-the-fine-tuning-jobs-table", "2025_11_14_fine_tuning_jobs"),
        ("20251114_02_documento_ai_embeddings_y_otros", "20251114_02_documento_ai"),
        ("x" * 40, "x" * 32),
        ("create_" + "x" * 40, "x" * 32),
    ],
)
def test_shorter_id_fits_and_keeps_the_words_that_tell(identifier: str, expected: str) -> None:
    assert shorter(identifier, 32) == expected
