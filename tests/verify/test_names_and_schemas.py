"""Names in other case and schemas that are named: one object, however it is spoken of."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.verify.conftest import Run, Verified, Verify, Written, run_sql

CommandLine = Callable[..., Run]

PROFILE = 'op.create_table("UserProfile", sa.Column("Id", sa.Integer(), primary_key=True))'
PUBLIC = """
op.create_table("x", sa.Column("id", sa.Integer(), primary_key=True), schema="public")
op.create_table(
    "y",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("x_id", sa.Integer(), sa.ForeignKey("public.x.id")),
)
"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('op.drop_column("UserProfile", "nope")', "ALM402"),
        (PROFILE, "ALM405"),
        (PROFILE.replace("UserProfile", "USERPROFILE"), "ALM405"),
    ],
)
def test_a_table_with_capitals_is_known_on_sqlite(
    command_line: CommandLine, written: Written, body: str, code: str
) -> None:
    own = written(PROFILE, body)
    run = command_line("check", str(own.directory), "--isolated", "--dialect", "sqlite")
    assert run.out.count(f"[{code}]") == 1, run.out + run.err


def test_a_table_with_capitals_is_shown_on_sqlite(
    command_line: CommandLine, written: Written
) -> None:
    path = str(written(PROFILE).directory)
    run = command_line("schema", path, "--isolated", "--database", "sqlite")
    assert "1 table\n" in run.out
    assert "UserProfile\n" in run.out


@pytest.mark.parametrize("form", ["text", "json", "sql"])
def test_a_table_in_the_default_schema_by_its_name_is_shown(
    command_line: CommandLine, written: Written, form: str
) -> None:
    path = str(written(PUBLIC).directory)
    run = command_line("schema", path, "--isolated", "--format", form)
    shown = {"text": "\nx\n", "json": '"name": "x"', "sql": 'CREATE TABLE "x" ('}
    assert shown[form] in run.out


def test_a_table_that_refers_to_itself_by_another_spelling_of_its_schema_is_there(
    command_line: CommandLine, written: Written
) -> None:
    own = written(
        """
        op.create_table(
            "x",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("parent", sa.Integer(), sa.ForeignKey("x.id")),
            schema="public",
        )
        """
    )
    run = command_line("check", str(own.directory), "--isolated", "--select", "ALM401")
    assert run.status == 0, run.out


def test_tables_with_capitals_are_compared(verified: Verified, url: str) -> None:
    run = verified(url, PROFILE)
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out
    assert "not certain" not in run.out


def test_the_version_table_is_left_out_where_a_revision_names_the_default_schema(
    verified: Verified, postgresql_url: str
) -> None:
    run = verified(postgresql_url, PUBLIC)
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out
    assert "not certain" not in run.out


def test_the_version_table_of_another_schema_is_left_out(
    written: Written, verify: Verify, postgresql_url: str
) -> None:
    own = written(PUBLIC.replace('"public"', '"audit"').replace("public.", "audit."))
    run_sql(postgresql_url, "CREATE SCHEMA audit")
    own.upgrade(postgresql_url)
    run_sql(postgresql_url, "ALTER TABLE alembic_version SET SCHEMA audit")
    run = verify(own.directory, postgresql_url, "--version-table", "audit.alembic_version")
    assert (run.status, "nothing differs" in run.out) == (0, True), run.out


def test_public_is_a_schema_of_its_own_where_names_without_one_stand_elsewhere(
    written: Written, verify: Verify, postgresql_url: str
) -> None:
    own = written(PUBLIC)
    run_sql(postgresql_url, "CREATE SCHEMA tenant")
    url = sa.make_url(postgresql_url).update_query_dict({"options": "-csearch_path=tenant"})
    text = url.render_as_string(hide_password=False)
    own.upgrade(text)
    for arguments in ((text,), (postgresql_url, "--schema", "tenant")):
        run = verify(own.directory, *arguments)
        assert (run.status, "nothing differs" in run.out) == (0, True), run.out + run.err


def test_all_revisions_that_are_not_applied_are_told(
    written: Written, verify: Verify, sqlite_url: str
) -> None:
    own = written(PROFILE, *["pass"] * 10)
    own.upgrade(sqlite_url, "a9")
    assert "  not applied yet: a10, a11\n" in verify(own.directory, sqlite_url).out
    run_sql(sqlite_url, "UPDATE alembic_version SET version_num = 'a1'")
    told = verify(own.directory, sqlite_url).out
    assert "  not applied yet: 10 revisions, a2, a3, a4, a5, a6, a7, a8, … a11\n" in told
    document = json.loads(verify(own.directory, sqlite_url, "--format", "json").out)
    assert document["heads_not_applied"] == ["a11"]
    assert document["not_applied"] == [f"a{number}" for number in range(2, 12)]
