"""What `if_not_exists=True` does not ask for, against what PostgreSQL says to real Alembic."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.diagnostics import Diagnostic

Lint = Callable[..., list[Diagnostic]]
Refusal = Callable[..., str]

ID = 'sa.Column("id", sa.Integer(), primary_key=True)'
JOBS = f'op.create_table("jobs", {ID}, sa.Column("state", sa.Text(){{}}){{}})'
BARE = JOBS.format("", "")
INDEXED = JOBS.format(", index=True", "")
AGAIN = JOBS.format(", index=True", ", if_not_exists=True")
NAMED = JOBS.format("", ', sa.Index("ix_jobs_state", "state"), if_not_exists=True')
INDEX = 'op.create_index("ix_jobs_state", "jobs", ["state"])'


def told(found: list[Diagnostic]) -> list[tuple[str, str]]:
    listed = {"ALM405", "ALM406", "ALM408"}
    return [(item.code, str(item.severity)) for item in found if item.code in listed]


@pytest.mark.database
@pytest.mark.parametrize(
    "upgrades", [(INDEXED, AGAIN), (AGAIN, AGAIN), (f"{BARE}\n{INDEX}", NAMED)]
)
def test_index_that_is_made_again_is_told(
    lint: Lint, refusal: Refusal, upgrades: tuple[str, ...]
) -> None:
    assert told(lint(*upgrades)) == [("ALM408", "error")]
    assert "ix_jobs_state" in refusal(*upgrades)


@pytest.mark.database
@pytest.mark.parametrize(
    "upgrades",
    [
        (INDEXED, JOBS.format("", ", if_not_exists=True")),
        (INDEXED, f'op.drop_index("ix_jobs_state", "jobs")\n{AGAIN}'),
        (BARE, AGAIN),
    ],
)
def test_index_that_is_not_there_is_no_fault(
    lint: Lint, refusal: Refusal, upgrades: tuple[str, ...]
) -> None:
    assert ("ALM408", "error") not in told(lint(*upgrades))
    assert refusal(*upgrades) == ""


@pytest.mark.database
@pytest.mark.parametrize("upgrades", [(INDEXED, NAMED), (BARE, INDEX, AGAIN), (BARE, AGAIN, INDEX)])
def test_index_that_a_convention_may_name_otherwise_is_possible(
    lint: Lint, refusal: Refusal, upgrades: tuple[str, ...]
) -> None:
    assert ("ALM408", "warning") in told(lint(*upgrades))
    assert "ix_jobs_state" in refusal(*upgrades)


def test_remedy_stands_in_the_message(lint: Lint) -> None:
    (found,) = [item for item in lint(INDEXED, AGAIN) if item.code == "ALM408"]

    assert found.message == (
        'creating table "jobs" fails because if_not_exists asks for the table alone, and its '
        'ancestor "r0" has already made index "ix_jobs_state" on it; guard it with a test that '
        "the table is not there instead"
    )
