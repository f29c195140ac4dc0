"""The rules on the way back, against what real Alembic does on PostgreSQL and SQLite."""

from __future__ import annotations

import io
import textwrap
from argparse import Namespace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from alembic_lint import config as configuration
from alembic_lint import engine, project, repository
from alembic_lint.config import Settings
from alembic_lint.diagnostics import Diagnostic
from alembic_lint.rules import RULES

FIXTURES = Path(__file__).parents[2] / "fixtures"
CODES = ("ALM303", "ALM304", "ALM305", "ALM306", "ALM308", "ALM310")

ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.get_x_argument(as_dictionary=True)["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

BASE = """\
op.create_table(
    "users",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False, server_default="x"),
    sa.Column("mail", sa.String(200)),
)
op.create_index("ix_users_mail", "users", ["mail"])
op.create_table(
    "orders",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", sa.Integer()),
    sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_orders_user"),
    sa.UniqueConstraint("user_id", name="uq_orders_user"),
)
"""

HEAD = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = {id!r}
down_revision = {parent!r}


def upgrade():
{up}


def downgrade():
{down}
"""


def written(directory: Path, *revisions: tuple[str, str]) -> Path:
    """An environment whose revisions have these bodies, above one that makes two tables."""
    (directory / "versions").mkdir()
    (directory / "env.py").write_text(ENVIRONMENT, "utf-8")
    ini = "[alembic]\nscript_location = %(here)s\npath_separator = os\n"
    (directory / "alembic.ini").write_text(ini, "utf-8")
    parent = None
    base = (BASE, 'op.drop_table("orders")\nop.drop_table("users")\n')
    for number, (up, down) in enumerate((base, *revisions)):
        name = f"a{number}b2c3d4e5f6"
        body = {"up": textwrap.indent(up, "    "), "down": textwrap.indent(down, "    ")}
        text = HEAD.format(id=name, parent=parent, **body)
        (directory / "versions" / f"{name}.py").write_text(text, "utf-8")
        parent = name
    return directory


def diagnosed(
    directory: Path, *dialects: str, settings: Settings | None = None
) -> list[Diagnostic]:
    """What the rules on the way back say, on these databases; PostgreSQL if none is named."""
    config = configuration.defaults()
    loaded = repository.load(project.discover([directory], config), config.settings)
    rules = [rule for rule in RULES if rule.code in CODES]
    result = engine.lint(
        [item.history for item in loaded.histories],
        config,
        rules,
        settings=[settings or Settings(dialects=dialects or ("postgresql",))],
    )
    assert not result.internal_errors
    return list(result.diagnostics)


def alembic_config(directory: Path, url: str) -> Config:
    options = Namespace(x=[f"url={url}"])
    return Config(directory / "alembic.ini", stdout=io.StringIO(), cmd_opts=options)


def reflected(url: str) -> dict[str, object]:
    """All of a database but Alembic's own table."""
    database = sa.create_engine(url, poolclass=sa.pool.NullPool)
    inspector = sa.inspect(database)
    found: dict[str, object] = {}
    for table in inspector.get_table_names():
        if table != "alembic_version":
            columns = sorted(inspector.get_columns(table), key=lambda column: column["name"])
            found[table] = (
                [
                    (item["name"], str(item["type"]), item["nullable"], item["default"])
                    for item in columns
                ],
                sorted(map(str, inspector.get_foreign_keys(table))),
                sorted(map(str, inspector.get_unique_constraints(table))),
                sorted(map(str, inspector.get_indexes(table))),
            )
    if url.startswith("postgresql"):
        with database.connect() as connection:
            types = connection.execute(sa.text("SELECT typname FROM pg_type WHERE typtype = 'e'"))
            found["enums"] = sorted(name for (name,) in types)
    return found


ENUM = 'sa.Enum("a", "b", name="mood")'

REFUSED = {
    "a misspelled column": (
        'op.add_column("users", sa.Column("age", sa.Integer()))',
        'op.drop_column("users", "agee")',
        "ALM304",
    ),
    "a misspelled table": (
        'op.create_table("teams", sa.Column("id", sa.Integer()))',
        'op.drop_table("team")',
        "ALM304",
    ),
    "an index of another name": (
        'op.create_index("ix_users_name", "users", ["name"])',
        'op.drop_index("ix_user_name", table_name="users")',
        "ALM304",
    ),
    "the name before a rename": (
        'op.alter_column("users", "mail", new_column_name="email")',
        'op.drop_column("users", "mail")',
        "ALM304",
    ),
    "a table that the upgrade renamed": (
        'op.rename_table("users", "people")',
        'op.drop_column("users", "mail")',
        "ALM304",
    ),
    "a column dropped twice": (
        'op.add_column("users", sa.Column("age", sa.Integer()))',
        'op.drop_column("users", "age")\nop.drop_column("users", "age")',
        "ALM304",
    ),
    "a type that is not there any more": (
        f"{ENUM}.create(op.get_bind())\n{ENUM}.drop(op.get_bind())",
        'op.execute("DROP TYPE mood")',
        "ALM304",
    ),
    "a parent before its child": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.create_table("jobs", sa.Column("team", sa.Integer(), sa.ForeignKey("teams.id")))'
        ),
        'op.drop_table("teams")\nop.drop_table("jobs")',
        "ALM305",
    ),
    "a parent before the foreign key": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.add_column("users", sa.Column("team", sa.Integer()))\n'
            'op.create_foreign_key("fk_team", "users", "teams", ["team"], ["id"])'
        ),
        (
            'op.drop_table("teams")\n'
            'op.drop_constraint("fk_team", "users", type_="foreignkey")\n'
            'op.drop_column("users", "team")'
        ),
        "ALM305",
    ),
    "a column before its index": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.create_index("ix_users_age", "users", ["age"])'
        ),
        'op.drop_column("users", "age")\nop.drop_index("ix_users_age", table_name="users")',
        "ALM305",
    ),
    "a column before its constraint": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.create_unique_constraint("uq_users_age", "users", ["age"])'
        ),
        (
            'op.drop_column("users", "age")\n'
            'op.drop_constraint("uq_users_age", "users", type_="unique")'
        ),
        "ALM305",
    ),
    "a table before its index": (
        'op.create_table("teams", sa.Column("id", sa.Integer(), index=True))',
        'op.drop_table("teams")\nop.drop_index("ix_teams_id", table_name="teams")',
        "ALM305",
    ),
    "a type before its column": (
        f'{ENUM}.create(op.get_bind())\nop.add_column("users", sa.Column("mood", {ENUM}))',
        f'{ENUM}.drop(op.get_bind())\nop.drop_column("users", "mood")',
        "ALM305",
    ),
    "an index before its column is back": (
        'op.drop_index("ix_users_mail", table_name="users")\nop.drop_column("users", "mail")',
        (
            'op.create_index("ix_users_mail", "users", ["mail"])\n'
            'op.add_column("users", sa.Column("mail", sa.String(200)))'
        ),
        "ALM305",
    ),
}
"""Upgrade, downgrade, and the rule that says that PostgreSQL refuses the downgrade."""

UNRESTORED = {
    "a table left over": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer()))\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        'table "teams" is left over; add op.drop_table("teams")',
    ),
    "a column left over": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.add_column("users", sa.Column("size", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        '"users" still has column "size"; add op.drop_column("users", "size")',
    ),
    "an index left over": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.create_index("ix_users_name", "users", ["name"])'
        ),
        'op.drop_column("users", "age")',
        'add op.drop_index("ix_users_name", table_name="users")',
    ),
    "a constraint left over": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.create_unique_constraint("uq_users_name", "users", ["name"])'
        ),
        'op.drop_column("users", "age")',
        'add op.drop_constraint("uq_users_name", "users", type_="unique")',
    ),
    "a column lost": (
        'op.drop_column("users", "name")\nop.add_column("users", sa.Column("age", sa.Integer()))',
        'op.drop_column("users", "age")',
        (
            'add op.add_column("users", '
            'sa.Column("name", sa.String(80), nullable=False, server_default="x"))'
        ),
    ),
    "an index lost with its column": (
        'op.drop_column("users", "mail")',
        'op.add_column("users", sa.Column("mail", sa.String(200)))',
        'add op.create_index("ix_users_mail", "users", ["mail"])',
    ),
    "a foreign key lost": (
        (
            'op.drop_constraint("fk_orders_user", "orders", type_="foreignkey")\n'
            'op.add_column("orders", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("orders", "age")',
        'add op.create_foreign_key("fk_orders_user", "orders", "users", ["user_id"], ["id"])',
    ),
    "another name": (
        'op.drop_constraint("uq_orders_user", "orders", type_="unique")',
        'op.create_unique_constraint("uq_user", "orders", ["user_id"])',
        'unique constraint "uq_orders_user" of "orders" has become unique constraint "uq_user"',
    ),
    "a column not named back": (
        (
            'op.alter_column("users", "mail", new_column_name="email")\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        'add op.alter_column("users", "email", new_column_name="mail")',
    ),
    "a column that stays NOT NULL": (
        (
            'op.alter_column("users", "mail", nullable=False)\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        'add op.alter_column("users", "mail", nullable=True)',
    ),
    "a type that stays": (
        (
            'op.alter_column("users", "name", type_=sa.Text())\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        'add op.alter_column("users", "name", type_=sa.String(80))',
    ),
    "a default that stays away": (
        (
            'op.alter_column("users", "name", server_default=None)\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
        'add op.alter_column("users", "name", server_default="x")',
    ),
    "an ancestor's column": (
        "pass",
        'op.drop_column("users", "mail")',
        '"users" lacks column "mail"',
    ),
    "an enum type": (
        f'op.create_table("teams", sa.Column("mood", {ENUM}))',
        'op.drop_table("teams")',
        'enum type "mood" stays behind',
    ),
}
"""Upgrade, downgrade, and a part of what is said of a way back that does not restore the schema."""

RESTORED = {
    "in reverse": (
        (
            'op.add_column("users", sa.Column("age", sa.Integer()))\n'
            'op.create_index("ix_users_age", "users", ["age"])'
        ),
        'op.drop_index("ix_users_age", table_name="users")\nop.drop_column("users", "age")',
    ),
    "a column takes its index along": (
        (
            'op.add_column("users", '
            'sa.Column("age", sa.Integer(), sa.CheckConstraint("age > 0")))\n'
            'op.create_index("ix_users_age", "users", ["age"])'
        ),
        'op.drop_column("users", "age")',
    ),
    "a table takes its index along": (
        'op.create_table("teams", sa.Column("id", sa.Integer(), index=True))',
        'op.drop_table("teams")',
    ),
    "tables dropped at once": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.create_table("jobs", sa.Column("team", sa.Integer(), sa.ForeignKey("teams.id")))'
        ),
        'op.execute("DROP TABLE teams, jobs")',
    ),
    "tables dropped by their metadata": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.create_table("jobs", sa.Column("team", sa.Integer(), sa.ForeignKey("teams.id")))'
        ),
        (
            "metadata = sa.MetaData()\n"
            'teams = sa.Table("teams", metadata, sa.Column("id", sa.Integer(), primary_key=True))\n'
            'jobs = sa.Table("jobs", metadata, sa.Column("team", sa.ForeignKey("teams.id")))\n'
            "metadata.drop_all(bind=op.get_bind(), tables=[teams, jobs])"
        ),
    ),
    "a parent with CASCADE": (
        (
            'op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))\n'
            'op.create_table("jobs", sa.Column("team", sa.Integer(), sa.ForeignKey("teams.id")))'
        ),
        'op.execute("DROP TABLE teams CASCADE")\nop.drop_table("jobs")',
    ),
    "names that the database gives": (
        'op.create_foreign_key(None, "users", "orders", ["id"], ["id"])',
        'op.drop_constraint("users_id_fkey", "users", type_="foreignkey")',
    ),
    "renamed and back": (
        (
            'op.rename_table("users", "people")\n'
            'op.alter_column("people", "mail", new_column_name="email")'
        ),
        (
            'op.alter_column("people", "email", new_column_name="mail")\n'
            'op.rename_table("people", "users")'
        ),
    ),
    "what is there is dropped": (
        'op.create_table("teams", sa.Column("id", sa.Integer()))',
        'op.drop_table("nothing", if_exists=True)\nop.drop_table("teams", if_exists=True)',
    ),
    "a type that stays in use": (
        (
            f"{ENUM}.create(op.get_bind())\n"
            'op.create_table("teams", sa.Column("id", sa.Integer()))\n'
            f'op.add_column("teams", sa.Column("mood", {ENUM}))'
        ),
        f'op.drop_table("teams")\n{ENUM}.drop(op.get_bind())',
    ),
    "a type swapped for a new one": (
        (
            "op.execute(\"CREATE TYPE mood AS ENUM ('a')\")\n"
            'op.execute("ALTER TABLE users ADD COLUMN mood mood")'
        ),
        'op.drop_column("users", "mood")\nop.execute("DROP TYPE mood")',
    ),
    "a table that may be missing": (
        'op.execute("ALTER TABLE IF EXISTS nothing RENAME TO something")',
        'op.execute("ALTER TABLE IF EXISTS something ADD COLUMN a integer")',
    ),
    "an index that goes with its materialized view": (
        (
            'op.execute("CREATE MATERIALIZED VIEW mails AS SELECT id, mail FROM users")\n'
            'op.execute("CREATE UNIQUE INDEX ux_mails ON mails (id)")\n'
            'op.execute("DROP MATERIALIZED VIEW mails")\n'
            'op.execute("CREATE MATERIALIZED VIEW mails AS SELECT id FROM users")\n'
            'op.create_index("ux_mails", "mails", ["id"], unique=True)'
        ),
        (
            'op.drop_index("ux_mails", table_name="mails")\n'
            'op.execute("CREATE INDEX ux_mails ON mails (id)")\n'
            'op.execute("DROP INDEX ux_mails")\n'
            'op.execute("DROP MATERIALIZED VIEW mails")'
        ),
    ),
    "a view in place of a table": (
        (
            'op.rename_table("orders", "all_orders")\n'
            'op.execute("CREATE VIEW orders AS SELECT id, user_id FROM all_orders")'
        ),
        (
            'op.execute("DELETE FROM orders WHERE user_id IS NULL")\n'
            'op.execute("DROP VIEW orders")\n'
            'op.rename_table("all_orders", "orders")'
        ),
    ),
    "partitions, which go with their table": (
        (
            'op.execute("CREATE TABLE m (id int, at date) PARTITION BY RANGE (at)")\n'
            'op.execute("CREATE TABLE m_1 PARTITION OF m DEFAULT")'
        ),
        'op.execute("DROP TABLE m")',
    ),
    "a partition of a renamed table": (
        (
            'op.execute("CREATE TABLE m (id int, at date) PARTITION BY RANGE (at)")\n'
            'op.execute("CREATE TABLE m_1 PARTITION OF m DEFAULT")\n'
            'op.rename_table("m", "n")'
        ),
        'op.drop_table("n")',
    ),
    "a table that has become a partition": (
        (
            'op.execute("CREATE TABLE m (id int, at date) PARTITION BY RANGE (at)")\n'
            'op.execute("CREATE TABLE m_1 (id int, at date)")\n'
            'op.execute("ALTER TABLE m ATTACH PARTITION m_1 DEFAULT")'
        ),
        'op.execute("DROP TABLE m")',
    ),
    "tables that inherit, which CASCADE takes along": (
        (
            'op.execute("CREATE TABLE m (id int)")\n'
            'op.execute("CREATE TABLE m_1 (b int) INHERITS (m)")\n'
            'op.execute("CREATE TABLE m_2 () INHERITS (m_1)")'
        ),
        'op.execute("DROP TABLE m CASCADE")',
    ),
    "a table that is altered if it is there": (
        (
            'op.execute("ALTER TABLE IF EXISTS nope RENAME TO nope2")\n'
            'op.execute("ALTER TABLE IF EXISTS gone ADD COLUMN x int; SELECT 1;'
            ' ALTER TABLE IF EXISTS gone RENAME COLUMN x TO y")'
        ),
        'op.execute("SELECT 1")',
    ),
    "indexes that PostgreSQL names": (
        (
            'op.execute("CREATE INDEX ON users (lower(mail))")\n'
            'op.execute("CREATE INDEX ON users (lower(mail))")\n'
            "op.execute(\"CREATE INDEX ON users USING gin (to_tsvector('english', mail))\")"
        ),
        (
            'op.execute("DROP INDEX users_lower_idx1")\n'
            'op.execute("DROP INDEX users_lower_idx")\n'
            'op.execute("DROP INDEX users_to_tsvector_idx")'
        ),
    ),
    "an index whose name is not told": (
        'op.execute("CREATE INDEX ON users (CAST(id + 1 AS text))")',
        'op.execute("DROP INDEX users_text_idx")',
    ),
    "rows only": ("op.execute(\"UPDATE users SET name = 'y'\")", 'op.execute("SELECT 1")'),
}
"""Upgrade and downgrade that give the schema back; nothing may be said."""


@pytest.mark.parametrize("case", REFUSED)
def test_a_downgrade_that_postgresql_refuses_is_an_error(
    case: str, tmp_path: Path, postgresql_url: str
) -> None:
    up, down, code = REFUSED[case]
    directory = written(tmp_path, (up, down))

    found = diagnosed(directory)

    assert [(item.code, str(item.severity)) for item in found] == [(code, "error")]
    config = alembic_config(directory, postgresql_url)
    command.upgrade(config, "head")
    with pytest.raises(sa.exc.DatabaseError):
        command.downgrade(config, "-1")


def test_a_table_that_something_else_made_may_be_made_again(tmp_path: Path) -> None:
    up, down = 'op.drop_table("tokens")', 'op.drop_table("tokens")\nop.drop_table("users")'

    (found,) = [item for item in diagnosed(written(tmp_path, (up, down))) if item.code == "ALM304"]

    assert str(found.severity) == "warning"
    assert "may fail" in found.message
    assert "unless what made it before Alembic makes it again" in found.message


@pytest.mark.parametrize("case", UNRESTORED)
def test_a_way_back_that_does_not_restore_the_schema_is_told(
    case: str, tmp_path: Path, postgresql_url: str
) -> None:
    up, down, said = UNRESTORED[case]
    directory = written(tmp_path, (up, down))

    found = diagnosed(directory)

    assert [str(item.severity) for item in found] == ["warning"]
    assert said in found[0].message
    config = alembic_config(directory, postgresql_url)
    command.upgrade(config, "a0b2c3d4e5f6")
    before = reflected(postgresql_url)
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    assert reflected(postgresql_url) != before


@pytest.mark.parametrize("case", UNRESTORED)
def test_the_lines_that_are_given_restore_the_schema(
    case: str, tmp_path: Path, postgresql_url: str
) -> None:
    up, down, _ = UNRESTORED[case]
    (finding,) = diagnosed(written(tmp_path, (up, down)))
    assert finding.help
    mended = tmp_path / "mended"
    mended.mkdir()
    directory = written(mended, (up, f"{down}\n{finding.help}"))

    assert not diagnosed(directory)
    config = alembic_config(directory, postgresql_url)
    command.upgrade(config, "a0b2c3d4e5f6")
    before = reflected(postgresql_url)
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    assert reflected(postgresql_url) == before


@pytest.mark.parametrize("case", RESTORED)
def test_nothing_is_said_of_a_way_back_that_restores_the_schema(
    case: str, tmp_path: Path, postgresql_url: str
) -> None:
    directory = written(tmp_path, RESTORED[case])

    assert not diagnosed(directory)
    config = alembic_config(directory, postgresql_url)
    command.upgrade(config, "a0b2c3d4e5f6")
    before = reflected(postgresql_url)
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    assert reflected(postgresql_url) == before


UNDECIDED = {
    "another name, which the upgrade drops as well": (
        (
            'op.execute("ALTER TABLE orders DROP CONSTRAINT IF EXISTS fk_user")\n'
            'op.drop_constraint("fk_orders_user", "orders", type_="foreignkey")'
        ),
        'op.create_foreign_key("fk_user", "orders", "users", ["user_id"], ["id"])',
    ),
    "a column that some databases had": (
        'op.drop_column("users", "old", if_exists=True)',
        'op.add_column("users", sa.Column("old", sa.Integer()))',
    ),
    "a condition that cannot be read": (
        (
            'import os\nif os.environ.get("X"):\n'
            '    op.create_table("teams", sa.Column("id", sa.Integer()))'
        ),
        'op.execute("SELECT 1")',
    ),
    "a downgrade that raises": (
        'op.create_table("teams", sa.Column("id", sa.Integer()))',
        'print("no way back")\nraise NotImplementedError',
    ),
    "an empty downgrade": ('op.create_table("teams", sa.Column("id", sa.Integer()))', "pass"),
    "a failure that is swallowed": (
        'op.create_table("teams", sa.Column("id", sa.Integer()))',
        (
            'try:\n    op.drop_column("users", "nothing")\nexcept Exception:\n    pass\n'
            'op.drop_table("teams")'
        ),
    ),
    "SQL that may have done it": (
        'op.create_table("teams", sa.Column("id", sa.Integer()))',
        'op.execute(open("undo.sql").read())',
    ),
    "a name that is free again": (
        'op.drop_index("ix_users_mail", "users")\nop.create_index(None, "users", ["mail"])',
        'op.drop_index("ix_users_mail", "users")\nop.create_index(None, "users", ["mail"])',
    ),
    "a type that was there before": (
        (
            'op.execute("ALTER TYPE mood RENAME TO old_mood")\n'
            "op.execute(\"CREATE TYPE mood AS ENUM ('a')\")\n"
            'op.execute("DROP TYPE old_mood")'
        ),
        "op.execute(\"ALTER TYPE mood ADD VALUE 'b'\")",
    ),
    "a constraint that may not have been there": (
        (
            'op.execute("ALTER TABLE users DROP CONSTRAINT IF EXISTS nothing")\n'
            'op.add_column("users", sa.Column("age", sa.Integer()))'
        ),
        'op.drop_column("users", "age")',
    ),
    "a name that a convention makes longer": (
        'op.create_check_constraint("positive", "users", "id > 0")',
        'op.drop_constraint("ck_users_positive", "users", type_="check")',
    ),
    "what the upgrade replaces": (
        (
            'op.execute("ALTER TABLE users DROP CONSTRAINT IF EXISTS ck_x")\n'
            'op.create_check_constraint("ck_x", "users", "id > 0")'
        ),
        (
            'op.drop_constraint("ck_x", "users", type_="check")\n'
            'op.create_check_constraint("ck_x", "users", "id > 1")'
        ),
    ),
    "a constraint dropped without a name": (
        'op.create_unique_constraint(None, "users", ["name"])',
        'op.drop_constraint(None, "users", type_="unique")',
    ),
    "a question first": (
        'op.execute("SELECT 1")',
        'if sa.inspect(op.get_bind()).has_table("nothing"):\n    op.drop_table("nothing")',
    ),
}


@pytest.mark.parametrize("case", UNDECIDED)
def test_nothing_is_said_of_what_is_not_known(case: str, tmp_path: Path) -> None:
    directory = written(tmp_path, UNDECIDED[case])

    assert not diagnosed(directory, "mysql", "postgresql", "sqlite")


def test_a_downgrade_that_fails_is_not_said_to_leave_something_as_well(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        ('op.add_column("users", sa.Column("age", sa.Integer()))', 'op.drop_column("user", "age")'),
    )

    assert [item.code for item in diagnosed(directory)] == ["ALM304"]


def test_an_index_that_mysql_keeps_for_a_foreign_key_is_not_left_over(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        (
            'op.create_foreign_key("fk_users_order", "users", "orders", ["name"], ["id"])',
            'op.drop_constraint("fk_users_order", "users", type_="foreignkey")',
        ),
    )

    assert not diagnosed(directory, "mysql")


def test_sqlite_drops_a_parent_before_its_child(tmp_path: Path) -> None:
    up, down, _ = REFUSED["a parent before its child"]
    directory = written(tmp_path, (up, down))

    assert not diagnosed(directory, "sqlite")
    config = alembic_config(directory, f"sqlite:///{tmp_path / 'app.db'}")
    command.upgrade(config, "head")
    command.downgrade(config, "-1")


@pytest.mark.parametrize(("name", "number"), [("versions", 1), ("sqlite", 0), ("postgresql", 1)])
def test_a_directory_tells_what_its_revisions_are_for(
    name: str, number: int, tmp_path: Path
) -> None:
    up, down, _ = REFUSED["a parent before its child"]
    directory = written(tmp_path, (up, down))
    ini = directory / "alembic.ini"
    ini.write_text(f"{ini.read_text('utf-8')}version_locations = %(here)s/{name}\n", "utf-8")
    (directory / "versions").rename(directory / name)

    assert len(diagnosed(directory, settings=Settings())) == number


def test_a_name_that_one_database_gives_is_not_missed_on_another(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        (
            'op.create_unique_constraint(None, "users", ["name"])',
            'op.drop_constraint("users_name_key", "users", type_="unique")',
        ),
    )

    assert not diagnosed(directory, settings=Settings())


def test_what_is_done_on_another_database_only_is_not_missed(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        (
            (
                'if op.get_bind().dialect.name == "mysql":\n'
                '    op.create_table("teams", sa.Column("id", sa.Integer()))'
            ),
            'op.drop_table("teams")',
        ),
    )

    assert not diagnosed(directory, settings=Settings())


def test_a_unique_index_stands_for_a_unique_constraint(tmp_path: Path) -> None:
    directory = written(
        tmp_path,
        (
            'op.drop_constraint("uq_orders_user", "orders", type_="unique")',
            'op.create_index("uq_orders_user", "orders", ["user_id"], unique=True)',
        ),
    )

    assert not diagnosed(directory)


def test_enum_types_are_postgresqls_alone(tmp_path: Path) -> None:
    up, down, _ = UNRESTORED["an enum type"]

    assert not diagnosed(written(tmp_path, (up, down)), "mysql", "sqlite")


@pytest.mark.parametrize(("dialect", "number"), [("postgresql", 1), ("sqlite", 1), ("mysql", 0)])
def test_a_column_that_cannot_be_filled_is_told_where_the_database_refuses_it(
    dialect: str, number: int, tmp_path: Path
) -> None:
    directory = written(
        tmp_path,
        (
            'op.drop_column("users", "name")',
            'op.add_column("users", sa.Column("name", sa.String(80), nullable=False))',
        ),
    )

    found = diagnosed(directory, dialect)

    assert [item.code for item in found] == ["ALM306"] * number


@pytest.mark.parametrize("rows", [False, True])
def test_postgresql_refuses_a_column_that_it_cannot_fill(
    rows: bool, tmp_path: Path, postgresql_url: str
) -> None:
    directory = written(
        tmp_path,
        (
            'op.drop_column("users", "name")',
            'op.add_column("users", sa.Column("name", sa.String(80), nullable=False))',
        ),
    )
    config = alembic_config(directory, postgresql_url)
    command.upgrade(config, "head")
    if rows:
        with sa.create_engine(postgresql_url, poolclass=sa.pool.NullPool).begin() as connection:
            connection.execute(sa.text("INSERT INTO users (id) VALUES (1)"))
        with pytest.raises(sa.exc.IntegrityError, match="contains null values"):
            command.downgrade(config, "-1")
    else:
        command.downgrade(config, "-1")


def test_a_branch_of_the_story_takes_the_tables_of_the_other(postgresql_url: str) -> None:
    config = alembic_config(FIXTURES / "option_b_unmerged", postgresql_url)
    command.upgrade(config, "heads")
    made = set(reflected(postgresql_url))
    command.downgrade(config, "20250114_ai_training_tables@-1")

    # The four split files are still applied.
    database = sa.create_engine(postgresql_url, poolclass=sa.pool.NullPool)
    with database.connect() as connection:
        versions = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        assert [name for (name,) in versions] == ["20251114_04_modelos_riesgo"]
    lost = made - set(reflected(postgresql_url))
    found = diagnosed(FIXTURES / "option_b_unmerged")
    legacy = [item for item in found if "20250114" in item.path]
    assert {item.table for item in legacy} == lost
    assert {item.code for item in found} == {"ALM310"}


def test_a_batch_adds_what_it_is_told_to_add(tmp_path: Path) -> None:
    checks = '(sa.CheckConstraint("id <> 7", name="ck7"),)'
    up = (
        f'with op.batch_alter_table("users", recreate="always", table_args={checks}) as batch:\n'
        '    batch.add_column(sa.Column("age", sa.Integer()))'
    )
    down = (
        'with op.batch_alter_table("users") as batch:\n'
        '    batch.drop_constraint("ck7", type_="check")\n    batch.drop_column("age")'
    )
    directory = written(tmp_path, (up, down))

    assert not diagnosed(directory, "sqlite")
    config = alembic_config(directory, f"sqlite:///{tmp_path / 'app.db'}")
    command.upgrade(config, "head")
    command.downgrade(config, "-1")


def test_a_batch_that_adds_a_check_may_leave_it_behind(tmp_path: Path) -> None:
    checks = '(sa.CheckConstraint("id <> 7", name="ck7"),)'
    up = (
        f'with op.batch_alter_table("users", recreate="always", table_args={checks}) as batch:\n'
        '    batch.add_column(sa.Column("age", sa.Integer()))'
    )
    down = 'with op.batch_alter_table("users") as batch:\n    batch.drop_column("age")'

    directory = written(tmp_path, (up, down))

    # Another convention than none would give the check another name on both ways.
    (found,) = diagnosed(directory, settings=Settings(dialects=("sqlite",), naming_convention=()))

    assert found.code == "ALM303"
    assert '"users" still has check constraint' in found.message


@pytest.mark.parametrize("given", ["reflect_args=args()", "table_args=args()", "copy_from=args()"])
def test_what_a_batch_is_given_and_is_not_known_may_hold_anything(
    given: str, tmp_path: Path
) -> None:
    up = (
        "from elsewhere import args\n"
        f'with op.batch_alter_table("users", recreate="always", {given}) as batch:\n'
        '    batch.add_column(sa.Column("age", sa.Integer()))'
    )
    down = (
        'with op.batch_alter_table("users") as batch:\n'
        '    batch.drop_constraint("ck7", type_="check")\n    batch.drop_column("age")'
    )

    assert not diagnosed(written(tmp_path, (up, down)), "sqlite")


def test_nothing_is_said_of_what_follows_on_sqlite_from_what_it_cannot_do(tmp_path: Path) -> None:
    drop = (
        'with op.batch_alter_table("orders") as batch:\n'
        '    batch.drop_constraint("uq_orders_user", type_="unique")'
    )
    make = 'op.create_unique_constraint("uq_orders_user", "orders", ["user_id"])'
    directory = written(tmp_path, (drop, make))

    assert not diagnosed(directory, "sqlite")
    config = alembic_config(directory, f"sqlite:///{tmp_path / 'app.db'}")
    command.upgrade(config, "head")
    with pytest.raises(NotImplementedError):
        command.downgrade(config, "-1")


NOTHING = 'op.execute("SELECT 1")'


@pytest.mark.parametrize(
    ("up", "down", "line", "said"),
    [
        (
            (
                'op.alter_column("users", "name", type_=sa.Text())\n'
                'op.alter_column("users", "name", server_default="1")'
            ),
            NOTHING,
            1,
            'column "name" of "users" still is sa.Text()',
        ),
        (
            (
                'op.alter_column("users", "mail", new_column_name="m")\n'
                'op.create_index("ix_users_m", "users", ["m"])'
            ),
            'op.alter_column("users", "m", new_column_name="mail")',
            2,
            '"users" still has index "ix_users_m"',
        ),
        (
            (
                'op.create_index("ix_users_name", "users", ["name"])\n'
                'op.alter_column("users", "name", new_column_name="n")'
            ),
            'op.alter_column("users", "n", new_column_name="name")',
            1,
            '"users" still has index "ix_users_name"',
        ),
        (
            'op.create_index(None, "users", [sa.text("lower(name)")])',
            NOTHING,
            1,
            '"users" still has index on lower(name)',
        ),
    ],
)
def test_first_line_that_is_not_undone_is_told(
    tmp_path: Path, up: str, down: str, line: int, said: str
) -> None:
    (found,) = diagnosed(written(tmp_path, (up, down)))

    assert found.code == "ALM303"
    assert found.span.line == line + 9
    assert said in found.message


@pytest.mark.parametrize(
    ("down", "where"),
    [
        ('op.drop_table("teams")', "after the tables are dropped"),
        ('op.execute("DROP TABLE teams")', "after the tables are dropped"),
        ('op.drop_column("users", "mood")', "at the end of downgrade()"),
    ],
)
def test_place_of_the_drop_of_an_enum_type_is_told(tmp_path: Path, down: str, where: str) -> None:
    up = f'{ENUM}.create(op.get_bind())\nop.create_table("teams", sa.Column("id", sa.Integer()))'
    if "mood" in down:
        up = f'{ENUM}.create(op.get_bind())\nop.add_column("users", sa.Column("mood", {ENUM}))'

    (found,) = diagnosed(written(tmp_path, (up, down)))

    assert found.code == "ALM308"
    assert found.message.endswith(where)
