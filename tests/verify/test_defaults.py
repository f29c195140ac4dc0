"""Defaults and identities, against those that databases have."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from tests.verify.conftest import Run, Verified, Written

IDENTITY = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
    sa.Column("n", sa.BigInteger(), sa.Identity(always=True)),
)
with op.batch_alter_table("t") as batch:
    batch.add_column(sa.Column("more", sa.Integer()))
"""


def same(run: Run) -> None:
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out
    assert "not certain" not in run.out


def test_an_identity_is_none_where_the_database_has_none(verified: Verified, url: str) -> None:
    same(verified(url, IDENTITY))


def test_sql_has_no_identity_where_the_database_has_none(
    command_line: Callable[..., Run], written: Written
) -> None:
    path = str(written(IDENTITY).directory)
    made = command_line("schema", path, "--isolated", "--format", "sql", "--database", "sqlite")
    assert "IDENTITY" not in made.out
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql(made.out)
    assert sa.inspect(engine).get_columns("t")[1]["nullable"] is False
