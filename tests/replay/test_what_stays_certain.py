"""What a replay is certain of after loops over the database, and after errors that are caught."""

from __future__ import annotations

import textwrap

import pytest

from alembic_lint.extract import extract
from alembic_lint.history import build_history
from alembic_lint.replay import replay
from alembic_lint.schema import Presence, Schema
from alembic_lint.source import SourceFile, read_source

PRESENT, ABSENT, MAYBE = Presence.PRESENT, Presence.ABSENT, Presence.MAYBE

START = """
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None

def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tenant", sa.String(36)),
        sa.UniqueConstraint("tenant", name="uq_tenant"),
    )
    op.create_index("ix_users_tenant", "users", ["tenant"])
    op.create_table("roles", sa.Column("id", sa.Integer(), primary_key=True))
"""


class NoModules:
    """A project without any other module."""

    def load(self, name: str) -> SourceFile | None:
        del name
        return None

    def name_of(self, path: str) -> str | None:
        del path
        return None


def after(body: str, database: str = "postgresql") -> Schema:
    """The schema after a second revision whose `upgrade` has this body."""
    head = (
        'import sqlalchemy as sa\nfrom alembic import op\nrevision = "b2"\ndown_revision = "a1"\n'
    )
    second = f"{head}\ndef upgrade():\n{textwrap.indent(textwrap.dedent(body), '    ')}"
    sources = {"a1.py": START, "b2.py": second}
    revisions = [
        extract(read_source(name, text.encode()), NoModules()) for name, text in sources.items()
    ]
    return replay(build_history(revisions), database).at("b2")


def test_a_list_of_the_one_column_that_has_a_name_is_known() -> None:
    schema = after(
        """
        inspector = sa.inspect(op.get_bind())
        found = []
        for table in ["users", "roles"]:
            for column in inspector.get_columns(table):
                if column["name"] == "tenant":
                    found.append((table, column))
        for table, column in found:
            op.alter_column(table, "tenant", new_column_name="project", type_=column["type"])
        """
    )

    assert schema.table("users").has_column("project") is PRESENT
    assert schema.table("users").has_column("tenant") is ABSENT
    assert schema.table("roles").has_column("project") is ABSENT


@pytest.mark.parametrize(
    "test", ['column["nullable"]', 'column["name"] != "id"', 'column["name"].startswith("t")']
)
def test_a_list_of_columns_that_may_be_several_is_not_known(test: str) -> None:
    schema = after(
        f"""
        found = []
        for column in sa.inspect(op.get_bind()).get_columns("users"):
            if {test}:
                found.append("users")
        for table in found:
            op.drop_table(table)
        """
    )

    assert schema.table("users").presence is MAYBE


def test_a_list_that_the_loop_reads_is_not_known() -> None:
    schema = after(
        """
        found = []
        for column in sa.inspect(op.get_bind()).get_columns("users"):
            if column["name"] == "tenant":
                found.append("users")
            elif found:
                op.drop_table("roles")
        """
    )

    assert schema.table("roles").presence is MAYBE


@pytest.mark.parametrize(
    ("columns", "expected"), [('["tenant"]', PRESENT), ('["id"]', ABSENT), ('["x"]', ABSENT)]
)
def test_a_guard_by_the_columns_of_an_index_is_decided(columns: str, expected: Presence) -> None:
    schema = after(
        f"""
        def has_index():
            for index in sa.inspect(op.get_bind()).get_indexes("users"):
                if index["column_names"] == {columns}:
                    return True
            return False

        if has_index():
            op.create_table("made", sa.Column("id", sa.Integer()))
        else:
            op.create_table("other", sa.Column("id", sa.Integer()))
        """
    )

    assert schema.presence("made") is expected
    assert schema.presence("other") is (ABSENT if expected is PRESENT else PRESENT)


def test_what_the_else_of_a_loop_sets_is_set_only_where_nothing_was_found() -> None:
    schema = after(
        """
        for index in sa.inspect(op.get_bind()).get_indexes("users"):
            if index["column_names"] == ["tenant"]:
                found = True
                break
        else:
            found = False
        if found:
            op.create_table("made", sa.Column("id", sa.Integer()))
        """
    )

    assert schema.presence("made") is MAYBE


def test_an_index_that_the_database_lists_for_a_unique_constraint_is_not_known() -> None:
    before = "op.drop_index('ix_users_tenant', 'users')"
    schema = after(
        f"""
        {before}
        for index in sa.inspect(op.get_bind()).get_indexes("users"):
            if index["column_names"] == ["tenant"]:
                return
        op.create_table("made", sa.Column("id", sa.Integer()))
        """
    )

    assert schema.presence("made") is MAYBE


def test_an_inspector_keeps_what_it_has_answered() -> None:
    """So the second look still tells of before; a new inspector, or a cleared one, does not."""
    body = """
        inspector = sa.inspect(op.get_bind())
        columns = [column["name"] for column in inspector.get_columns("users")]
        op.add_column("users", sa.Column("age", sa.Integer()))
        {}
        if "age" in [column["name"] for column in inspector.get_columns("users")]:
            op.create_index("ix_age", "users", ["age"])
        """

    assert after(body.format("")).table("users").has_index("ix_age") is MAYBE
    for fresh in ("inspector.clear_cache()", "inspector = sa.inspect(op.get_bind())"):
        assert after(body.format(fresh)).table("users").has_index("ix_age") is PRESENT


def test_looking_at_a_table_that_is_there_raises_nothing() -> None:
    body = """
        inspector = sa.inspect(op.get_bind())
        try:
            columns = [column["name"] for column in inspector.get_columns("{}")]
        except Exception:
            return
        op.create_table("made", sa.Column("id", sa.Integer()))
        """

    assert after(body.format("users")).presence("made") is PRESENT
    assert after(body.format("elsewhere")).presence("made") is MAYBE


def test_a_table_that_is_made_anew_in_a_try_is_there_however_it_ends() -> None:
    schema = after(
        """
        try:
            columns = [sa.Column("id", sa.Integer()), sa.Column("tenant", sa.Text())]
            op.create_table("users_new", *columns)
            op.create_unique_constraint("uq_new", "users_new", ["tenant"])
            op.drop_table("users")
            op.rename_table("users_new", "users")
        except Exception:
            pass
        op.add_column("users", sa.Column("age", sa.Integer()))
        """
    )

    assert schema.presence("users") is PRESENT
    assert schema.presence("users_new") is MAYBE
    assert schema.table("users").has_column("tenant") is PRESENT
    assert schema.table("users").has_column("age") is PRESENT


def test_what_follows_a_try_does_not_depend_on_how_it_ends() -> None:
    schema = after(
        """
        for table in ["users", "roles"]:
            try:
                op.create_unique_constraint("uq_" + table, table, ["id"])
                op.drop_table(table)
            except Exception:
                pass
        op.create_table("made", sa.Column("id", sa.Integer()))
        """
    )

    assert schema.presence("users") is MAYBE
    assert schema.presence("made") is PRESENT


def test_an_index_dropped_by_an_unknown_name_leaves_the_constraints() -> None:
    schema = after(
        """
        for index in sa.inspect(op.get_bind()).get_indexes("users"):
            op.drop_index(index["name"], table_name="users")
        """
    )

    assert schema.table("users").has_index("ix_users_tenant") is MAYBE
    assert schema.table("users").has_constraint("uq_tenant") is PRESENT
    assert schema.table("users").has_index("never_made") is ABSENT


def test_constraints_of_one_name_and_two_kinds_may_each_be_there() -> None:
    schema = after(
        """
        if op.get_bind().execute(asked()).scalar():
            op.create_check_constraint("one_name", "users", "tenant <> ''")
        else:
            op.create_foreign_key("one_name", "users", "roles", ["tenant"], ["id"])
        """
    )
    found = {item.kind: item.presence for item in schema.table("users").constraints}

    assert found["check"] is MAYBE
    assert found["foreignkey"] is MAYBE
