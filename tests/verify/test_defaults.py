"""Defaults and identities, against those that databases have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
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


SERIALS = """
op.create_table("plain", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table("big", sa.Column("id", sa.BigInteger(), primary_key=True))
op.create_table("off", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False))
op.create_table("own", sa.Column("id", sa.Integer(), primary_key=True, default=lambda: 1))
op.create_table("text", sa.Column("id", sa.Text(), primary_key=True))
op.create_table("given", sa.Column("id", sa.Integer(), primary_key=True, server_default="7"))
op.create_table("child", sa.Column("id", sa.Integer(), sa.ForeignKey("plain.id"), primary_key=True))
op.create_table(
    "pair",
    sa.Column("a", sa.Integer(), primary_key=True),
    sa.Column("b", sa.Integer(), primary_key=True),
)
op.create_table(
    "chosen",
    sa.Column("a", sa.Integer(), primary_key=True, autoincrement=True),
    sa.Column("b", sa.Integer(), primary_key=True),
)
op.create_table(
    "listed", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id")
)
op.create_table("later", sa.Column("id", sa.Integer(), nullable=False))
op.create_primary_key("later_pkey", "later", ["id"])
op.create_table("bare", sa.Column("n", sa.Integer()))
op.add_column("bare", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("CREATE TABLE made (id serial PRIMARY KEY, more bigserial, n integer)")
op.create_table("moved", sa.Column("id", sa.Integer(), primary_key=True))
op.alter_column("moved", "id", server_default=None)
"""


def test_columns_that_count_up_are_those_that_sqlalchemy_makes_so(
    verified: Verified, postgresql_url: str
) -> None:
    same(verified(postgresql_url, SERIALS))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE plain ALTER id DROP DEFAULT", "no default in the database, serial in"),
        ("ALTER TABLE made ALTER id DROP DEFAULT", "no default in the database, default nextval"),
        ("ALTER TABLE plain ALTER id SET DEFAULT 3", "default 3 in the database, serial in"),
        (
            "CREATE SEQUENCE s OWNED BY off.id; ALTER TABLE off ALTER id SET DEFAULT nextval('s')",
            "serial in the database, no default in",
        ),
    ],
)
def test_a_sequence_that_was_taken_away_or_added_differs(
    verified: Verified, postgresql_url: str, statement: str, told: str
) -> None:
    run = verified(postgresql_url, SERIALS, then=statement.split("; "))
    assert run.status == 1, run.out
    assert "1 differs (" in run.out
    assert told in run.out


def test_a_sequence_of_another_column_is_not_certain(
    verified: Verified, postgresql_url: str
) -> None:
    statement = "ALTER TABLE plain ALTER id SET DEFAULT nextval('big_id_seq')"
    run = verified(postgresql_url, SERIALS, then=[statement])
    assert "1 not certain" in run.out
