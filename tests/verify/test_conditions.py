"""Conditions of checks and indexes: equal or different only where that is sure."""

from __future__ import annotations

import pytest

from alembic_lint.schema.conditions import same_condition
from tests.verify.conftest import Verified

WRITTEN = (
    "x <> ''",
    "x != 'b'",
    "x IN ('a', 'it''s')",
    "x NOT IN ('a', 'b')",
    "n IN (1, 2)",
    "n > 0 AND n < 10 OR n = -5",
    "(n > 0 OR n < -10) AND n <> 100",
    "NOT (n > 0 AND x IS NULL)",
    "n BETWEEN 1 AND 5",
    "n NOT BETWEEN 1 AND 5",
    "x LIKE 'a%' AND x NOT LIKE 'b%'",
    "length(x) > 3",
    "d > 1.5",
    "b = true",
    "b",
    "lower(x) = x AND coalesce(n, 0) >= 0",
    "CASE WHEN n > 1 THEN x = 'a' ELSE b END",
    "(n > 0 AND (x = 'a' AND b))",
)


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_a_condition_is_equal_to_what_the_database_makes_of_it(
    verified: Verified, database: str, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{database}_url")
    columns = "x VARCHAR(9), n INTEGER, d NUMERIC(5, 2), b BOOLEAN"
    checks = ", ".join(f"CONSTRAINT ck{at} CHECK ({text})" for at, text in enumerate(WRITTEN))
    run = verified(
        url,
        f"""
        op.execute({f"CREATE TABLE t ({columns}, {checks})"!r})
        op.create_index(
            "ix", "t", ["n"],
            postgresql_where=sa.text("x <> '' AND b"), sqlite_where=sa.text("x <> '' AND b"),
        )
        """,
    )
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out
    assert "not certain" not in run.out


REPLACED = {
    "another word": ("x <> 'b'", "1 differs"),
    "an empty text": ("x <> ''", "1 differs"),
    "another operator": ("x = 'a'", "1 not certain"),
    "another column": ("y <> 'a'", "1 not certain"),
    "the same": ("x <> 'a' :: text", "nothing differs"),
}


@pytest.mark.parametrize("change", REPLACED)
def test_a_check_that_was_replaced_is_not_told_to_be_equal(
    verified: Verified, postgresql_url: str, change: str
) -> None:
    condition, told = REPLACED[change]
    run = verified(
        postgresql_url,
        """
        op.create_table(
            "t",
            sa.Column("x", sa.Text()),
            sa.Column("y", sa.Text()),
            sa.CheckConstraint("x <> 'a'", name=op.f("ck_x")),
        )
        """,
        then=[
            "ALTER TABLE t DROP CONSTRAINT ck_x",
            f"ALTER TABLE t ADD CONSTRAINT ck_x CHECK ({condition})".replace(" :: ", r"\:\:"),
        ],
    )
    assert told in run.out, run.out
    assert run.status == ("differs" in told.partition("1 ")[2])


@pytest.mark.parametrize("condition", ["", " WHERE n > 2"])
def test_an_index_on_other_rows_differs(verified: Verified, url: str, condition: str) -> None:
    body = """
    op.create_table("t", sa.Column("n", sa.Integer()))
    where = sa.text("n > 1")
    op.create_index("ix", "t", ["n"], postgresql_where=where, sqlite_where=where)
    """
    run = verified(url, body, then=["DROP INDEX ix", f"CREATE INDEX ix ON t (n){condition}"])
    assert run.status == 1
    assert "~ t: index ix, condition: " in run.out


@pytest.mark.parametrize(
    ("one", "other"),
    [("a OR (b AND c)", "(a OR b) AND c"), ("x = 'a b'", "x = 'ab'"), ('"X" = 1', '"x" = 1')],
)
def test_what_only_looks_alike_is_not_equal(one: str, other: str) -> None:
    assert same_condition(one, other, "postgresql") is not True
