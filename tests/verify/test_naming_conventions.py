"""Naming conventions that are applied to what has a name already."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.verify.conftest import Run, Verified, Written

CK = {"ck": "ck_%(table_name)s_%(constraint_name)s"}
ALL = {
    "ix": "ix_%(table_name)s_%(constraint_name)s",
    "uq": "uq_%(table_name)s_%(constraint_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(referred_table_name)s_%(referred_column_0_name)s_%(constraint_name)s",
}
MEMBER = """
op.create_table(
    "member",
    sa.Column("id", sa.Integer()),
    sa.Column("age", sa.Integer(), sa.CheckConstraint("age < 200", name="age_low")),
    sa.Column("boss", sa.Integer()),
    sa.CheckConstraint("age > 0", name="age_pos"),
    sa.CheckConstraint("age > 1", name=op.f("age_more")),
    sa.UniqueConstraint("age", name="age"),
    sa.UniqueConstraint("boss", name=op.f("boss")),
    sa.PrimaryKeyConstraint("id", name="member_pk"),
    sa.ForeignKeyConstraint(["boss"], ["member.id"], name="boss_fk"),
)
op.create_index("main", "member", ["boss", "age"])
op.create_index(op.f("other"), "member", ["boss"])
"""
LATER = """
with op.batch_alter_table("member") as batch:
    batch.create_check_constraint("age_even", "age <> 7")
    batch.create_check_constraint(batch.f("age_odd"), "age <> 3")
    batch.create_unique_constraint("both", ["age", "boss"])
    batch.drop_constraint("age_pos", type_="check")
    batch.drop_constraint(op.f("age_more"), type_="check")
    batch.drop_constraint("age", type_="unique")
    batch.drop_index("main")
"""
DIRECT = """
op.create_check_constraint("age_even", "member", "age <> 7")
op.create_check_constraint(op.f("age_odd"), "member", "age <> 3")
op.create_unique_constraint("both", "member", ["age", "boss"])
op.create_foreign_key("again", "member", "member", ["age"], ["id"])
op.drop_constraint("age_pos", "member", type_="check")
op.drop_constraint(op.f("age_more"), "member", type_="check")
op.drop_constraint(op.f("ck_member_age_low"), "member")
op.drop_constraint("age", "member", type_="unique")
"""


def same(run: Run) -> None:
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out
    assert "not certain" not in run.out


@pytest.mark.parametrize("convention", [CK, ALL])
def test_a_convention_is_applied_to_what_has_a_name_but_not_through_op_f(
    verified: Verified, url: str, convention: dict[str, str]
) -> None:
    same(verified(url, MEMBER, convention=convention))


@pytest.mark.parametrize("convention", [CK, ALL])
def test_batch_mode_names_as_alembic_does(
    verified: Verified, url: str, convention: dict[str, str]
) -> None:
    same(verified(url, MEMBER, LATER, convention=convention))


@pytest.mark.parametrize("convention", [CK, ALL])
def test_what_is_made_and_dropped_by_itself_is_named_as_alembic_does(
    verified: Verified, postgresql_url: str, convention: dict[str, str]
) -> None:
    same(verified(postgresql_url, MEMBER, DIRECT, convention=convention))


def test_the_columns_of_a_constraint_or_an_index_without_a_name_name_it(
    verified: Verified, url: str
) -> None:
    convention = {
        "ix": "ix__%(column_0_N_label)s",
        "uq": "uq__%(column_1_name)s_%(column_3_name)s_%(column_0N_key)s",
        "fk": "fk__%(column_0_name)s__%(referred_column_0_N_name)s",
        "pk": "pk__%(table_name)s",
    }
    body = """
    op.create_table(
        "t",
        sa.Column("a", sa.Integer(), primary_key=True),
        sa.Column("b", sa.Integer(), sa.ForeignKey("t.a"), index=True),
        sa.UniqueConstraint("a", "b"),
    )
    op.create_index(None, "t", ["b", "a"])
    """
    same(verified(url, body, convention=convention))


def test_the_name_of_a_check_is_not_known_where_the_convention_is_not(
    command_line: Callable[..., Run], written: Written
) -> None:
    own = written(MEMBER, 'op.drop_constraint(op.f("ck_member_age_pos"), "member", type_="check")')
    env = own.directory / "env.py"
    env.write_text("from app import metadata as target_metadata\n" + env.read_text("utf-8"))
    text = env.read_text("utf-8").replace("sa.MetaData(naming_convention=convention)", "metadata")
    env.write_text(text, "utf-8")

    path = str(own.directory)
    shown = command_line("schema", path, "--isolated", "--at", "a1").out
    found = command_line("check", path, "--isolated").out

    assert "? check age_pos?: age > 0\n" in shown
    assert "  check age_more: age > 1\n" in shown
    assert "[ALM404]" not in found


def test_a_check_is_gone_by_the_name_that_the_convention_made(
    command_line: Callable[..., Run], written: Written
) -> None:
    own = written(
        MEMBER,
        'op.drop_constraint(op.f("ck_member_age_pos"), "member")',
        'op.drop_constraint("age_low", "member", type_="check")',
        convention=CK,
    )
    path = str(own.directory)
    assert "age_pos" not in command_line("schema", path, "--isolated").out
    assert "[ALM404]" not in command_line("check", path, "--isolated").out
