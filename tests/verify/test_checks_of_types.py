"""The checks that `create_constraint=True` brings, against those that SQLAlchemy makes."""

from __future__ import annotations

import pytest

from tests.verify.conftest import Run, Verified

CREATE = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("k", sa.Enum("a", "it's", name="kk", native_enum=False, create_constraint=True)),
    sa.Column("n", sa.Enum("a", "b", name="kn", create_constraint=True)),
    sa.Column("f", sa.Boolean(create_constraint=True, name="ck_f")),
    sa.Column("g", sa.Boolean(True, "ck_g")),
    sa.Column("h", sa.Boolean()),
    sa.Column("e", sa.Enum("a", "b", name="ke", native_enum=False)),
    sa.Column(
        "v",
        sa.Text().with_variant(sa.Boolean(create_constraint=True, name="ck_v"), "sqlite"),
    ),
)
"""
ADD = """
with op.batch_alter_table("t") as batch:
    batch.add_column(sa.Column("x", sa.Boolean(create_constraint=True, name="ck_x")))
    batch.add_column(
        sa.Column("y", sa.Enum("a", name="ky", native_enum=False, create_constraint=True))
    )
"""
DIRECT = """
op.add_column("t", sa.Column("x", sa.Boolean(create_constraint=True, name="ck_x")))
op.add_column(
    "t", sa.Column("y", sa.Enum("a", name="ky", native_enum=False, create_constraint=True))
)
"""
ALTER = """
with op.batch_alter_table("t") as batch:
    batch.alter_column(
        "k",
        existing_type=sa.Enum("a", "it's", name="kk", native_enum=False, create_constraint=True),
        type_=sa.Enum("a", "c", name="kc", native_enum=False, create_constraint=True),
    )
    batch.alter_column(
        "e",
        existing_type=sa.Enum("a", "b", name="ke", native_enum=False),
        type_=sa.Enum("a", "b", "c", name="ke", native_enum=False, create_constraint=True),
    )
"""


def same(run: Run) -> None:
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out


@pytest.mark.parametrize("bodies", [(), (ADD,), (DIRECT,), (ALTER,)])
@pytest.mark.parametrize(
    "convention", [None, {"ck": "ck_%(table_name)s_%(constraint_name)s"}], ids=["none", "ck"]
)
def test_they_are_those_that_the_database_has(
    verified: Verified, url: str, bodies: tuple[str, ...], convention: dict[str, str] | None
) -> None:
    same(verified(url, CREATE, *bodies, convention=convention))


def test_one_that_is_gone_is_missing(verified: Verified, postgresql_url: str) -> None:
    run = verified(postgresql_url, CREATE, then=["ALTER TABLE t DROP CONSTRAINT kk"])
    assert run.status == 1
    assert "- t: check kk (" in run.out


def test_one_without_a_name_is_there(verified: Verified, sqlite_url: str) -> None:
    body = 'op.create_table("t", sa.Column("f", sa.Boolean(create_constraint=True)))'
    same(verified(sqlite_url, body))
