"""Missing and doubled objects, where the cards do not show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alembic_lint import config as configuration
from alembic_lint import engine, project, repository

CODES = ("ALM401", "ALM402", "ALM403", "ALM404", "ALM407", "ALM408")

USERS = 'op.create_table("users", sa.Column("id", sa.Integer()), sa.Column("email", sa.Text()))'

Check = Callable[..., list[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What the rules say of a line of upgrades: code and severity, in the order of the lines."""

    def run(*upgrades: str, dialects: tuple[str, ...] | None = ("postgresql",)) -> list[str]:
        versions = tmp_path / "versions"
        versions.mkdir()
        for number, body in enumerate(upgrades):
            parent = f'"r{number - 1}9b1c55d02e"' if number else "None"
            lines = "\n".join(f"    {line}" for line in body.splitlines())
            (versions / f"r{number}.py").write_text(
                "import os\n\nimport sqlalchemy as sa\nfrom alembic import op\n"
                f'revision = "r{number}9b1c55d02e"\ndown_revision = {parent}\n'
                f"def upgrade():\n{lines}\n\ndef downgrade():\n    pass\n",
                "utf-8",
            )
        config = configuration.defaults()
        settings = replace(config.settings, dialects=dialects)
        config = replace(config, select=CODES, settings=settings)
        loaded = repository.load(project.discover([versions], config), settings)
        histories = [item.history for item in loaded.histories]
        result = engine.lint(histories, config)
        assert not result.internal_errors
        return [f"{item.code} {item.severity}" for item in result.diagnostics]

    return run


def test_one_finding_for_a_table_and_revision(check: Check) -> None:
    late = 'op.drop_column("users", "a")\nop.drop_column("users", "b")\nop.drop_table("users")'
    assert check(USERS, 'op.drop_table("users")', late) == ["ALM401 error"]


@pytest.mark.parametrize(
    "last",
    [
        'op.execute("ALTER TABLE IF EXISTS users ADD COLUMN a integer")',
        'op.execute("DROP TABLE IF EXISTS users")',
        'if sa.inspect(op.get_bind()).has_table("users"):\n    op.drop_column("users", "email")',
        'if os.environ.get("ASKED"):\n    op.drop_column("users", "email")',
        'try:\n    op.drop_table("users")\nexcept Exception:\n    pass',
        'op.execute("CREATE TEMP TABLE users (id int)")\nop.execute("SELECT * FROM users")',
        'op.bulk_insert(sa.table("users", sa.column("id")), [])',
    ],
)
def test_what_may_be_missing(check: Check, last: str) -> None:
    assert check(USERS, 'op.drop_table("users")', last) == []


def test_a_table_from_before_is_not_misspelled_for_sure(check: Check) -> None:
    other = 'op.add_column("customers", sa.Column("a", sa.Text()))'
    typo = 'op.add_column("user", sa.Column("a", sa.Text()))'
    assert check(USERS, other, typo) == ["ALM401 warning"]


def test_a_table_that_several_revisions_use_is_not_misspelled(check: Check) -> None:
    first = 'op.add_column("user", sa.Column("a", sa.Text()))'
    second = 'op.add_column("user", sa.Column("b", sa.Text()))'
    assert check(USERS, first, second) == []


def test_a_table_that_is_used_and_then_dropped_if_it_exists_was_there_before(check: Check) -> None:
    remade = f'op.execute("DROP TABLE IF EXISTS users")\n{USERS}'
    assert check('op.drop_column("users", "a")', remade) == []


def test_what_another_database_has_is_missing_only_where_that_is_known(check: Check) -> None:
    made = f'if op.get_bind().dialect.name == "mysql":\n    {USERS}'
    used = 'op.add_column("users", sa.Column("a", sa.Text()))'
    assert check(made, used, dialects=("mysql", "postgresql")) == ["ALM401 error"]


def test_what_another_database_has_is_left_alone_elsewhere(check: Check) -> None:
    made = f'if op.get_bind().dialect.name == "mysql":\n    {USERS}'
    used = 'op.add_column("users", sa.Column("a", sa.Text()))'
    assert check(made, used, dialects=None) == []


def test_sqlite_does_not_look_at_foreign_keys(check: Check) -> None:
    key = 'op.create_table("a", sa.Column("b", sa.Integer(), sa.ForeignKey("users.id")))'
    assert check(key, USERS, dialects=("sqlite",)) == []


def test_an_alter_that_changes_nothing_needs_no_column(check: Check) -> None:
    assert check(USERS, 'op.alter_column("users", "name", existing_type=sa.Text())') == []


def test_columns_that_are_not_all_known(check: Check) -> None:
    table = 'table = sa.Table("users", sa.MetaData())\nfor name in os.environ:\n    '
    grown = table + "table.append_column(sa.Column(name, sa.Text()))\ntable.create(op.get_bind())"
    assert check(grown, 'op.drop_column("users", "email")') == []


def test_postgresql_looks_for_an_index_by_its_name_alone(check: Check) -> None:
    other = 'op.create_table("t", sa.Column("a", sa.Text()))'
    made = f'{USERS}\nop.create_index("ix", "users", ["id"])\n{other}'
    assert check(made, 'op.drop_index("ix", table_name="t")') == []


@pytest.mark.parametrize(
    "name",
    ['"users_email_key"', '"uq_users_email"'],
)
def test_a_constraint_without_a_name_may_have_any(check: Check, name: str) -> None:
    made = 'op.create_table("users", sa.Column("email", sa.Text(), unique=True))'
    assert check(made, f'op.drop_constraint({name}, "users", type_="unique")') == []


@pytest.mark.parametrize("column", ["sa.Boolean()", 'sa.Enum("a", "b", native_enum=False)'])
def test_a_type_may_have_brought_a_check_along(check: Check, column: str) -> None:
    made = f'op.create_table("users", sa.Column("a", {column}))'
    assert check(made, 'op.drop_constraint("a_check", "users", type_="check")') == []


def test_a_check_may_have_been_given_a_prefix(check: Check) -> None:
    made = 'op.create_check_constraint("short", "users", "email <> 1")'
    drop = 'op.drop_constraint("ck_users_short", "users", type_="check")'
    assert check(USERS, made, drop) == []


def test_cascade_takes_the_foreign_keys_to_a_key(check: Check) -> None:
    users = (
        'op.create_table("users", sa.Column("id", sa.Integer()),'
        ' sa.PrimaryKeyConstraint("id", name="pk_users"))'
    )
    key = 'op.create_foreign_key("fk", "a", "users", ["b"], ["id"])'
    table = f'{users}\nop.create_table("a", sa.Column("b", sa.Integer()))\n{key}'
    drop = 'op.execute("ALTER TABLE users DROP CONSTRAINT pk_users CASCADE")'
    assert check(table, f'{drop}\nop.create_primary_key("pk_users", "users", ["id"])\n{key}') == []


def test_a_foreign_key_with_use_alter_is_not_made_with_its_table(check: Check) -> None:
    key = 'sa.ForeignKey("users.id", name="fk", use_alter=True)'
    table = f'op.create_table("a", sa.Column("b", sa.Integer(), {key}))'
    make = 'op.create_foreign_key("fk", "a", "users", ["b"], ["id"])'
    assert check(f"{table}\n{USERS}\n{make}") == []


def test_a_row_read_by_the_name_of_its_column_is_a_condition(check: Check) -> None:
    question = (
        'row = op.get_bind().execute(sa.text("SELECT exists(SELECT 1 FROM facts) AS there"))\n'
        "if row.first().there:\n    "
    )
    again = question + 'op.add_column("users", sa.Column("email", sa.Text()))'
    assert check(USERS, again) == []


def test_two_primary_keys_of_one_name_on_postgresql(check: Check) -> None:
    key = 'sa.PrimaryKeyConstraint("id", name="pk")'
    tables = "\n".join(
        f'op.create_table("{name}", sa.Column("id", sa.Integer()), {key})' for name in "ab"
    )
    assert check(tables) == ["ALM408 error"]


def test_a_column_that_was_dropped_is_not_made_twice_for_what_cannot_be_read(check: Check) -> None:
    made = (
        'if op.get_bind().dialect.name == "postgresql":\n'
        '    op.add_column("users", sa.Column("mail", sa.Text()))'
    )
    dropped = 'op.drop_column("users", "mail")'
    again = 'op.add_column("users", sa.Column("mail", sa.Text()))'

    assert check(USERS, made, dropped, 'op.execute(open("seed.sql").read())', again) == []


@pytest.mark.parametrize(
    ("sql", "dialect", "missing"),
    [
        ("UPDATE users SET mail = 1", "postgresql", True),
        ("UPDATE users SET mail = 1", "sqlite", True),
        ("UPDATE users SET email = 'a' WHERE mail = 1", "mysql", True),
        ('UPDATE users SET email = "mail"', "postgresql", True),
        # To these a string, which no column has to be.
        ('UPDATE users SET email = "mail"', "sqlite", False),
        ('UPDATE users SET email = "mail"', "mysql", False),
        ("UPDATE users SET email = 'a' WHERE rowid = 1", "sqlite", False),
        ("UPDATE users SET email = other.mail FROM other", "postgresql", False),
        ("UPDATE users SET email = mail FROM other", "postgresql", False),
        ("ALTER TABLE users ADD COLUMN mail text; UPDATE users SET mail = 1", "postgresql", False),
    ],
)
def test_columns_that_sql_about_rows_names(
    check: Check, sql: str, dialect: str, missing: bool
) -> None:
    said = check(USERS, f"op.execute({sql!r})", dialects=(dialect,))
    assert said == (["ALM402 error"] if missing else [])


TABLE = 'sa.table("users", sa.column("id"), sa.column("nope"))'


@pytest.mark.database
@pytest.mark.parametrize(
    "last",
    [
        f'op.bulk_insert({TABLE}, [{{"id": 1, "nope": 2}}])',
        'op.create_check_constraint("ck", "users", "id > 1 AND nope > 1")',
        'op.create_index("ix", "users", [sa.text("lower(nope) DESC")])',
        'op.create_index("ix", "users", [sa.func.lower(sa.column("nope"))])',
        'op.create_index("ix", "users", ["id"], postgresql_where=sa.text("nope > 1"))',
        'op.create_index("ix", "users", ["id"], postgresql_where="users.nope IS NULL")',
        'op.execute("CREATE INDEX ix ON users ((nope + 1))")',
        'op.execute("ALTER TABLE users ADD CHECK (nope > 1)")',
    ],
)
def test_unknown_column_in_rows_and_expressions(
    check: Check, refusal: Callable[..., str], last: str
) -> None:
    assert check(USERS, last) == ["ALM402 error"]
    assert "nope" in refusal(USERS, last)


@pytest.mark.database
@pytest.mark.parametrize(
    "last",
    [
        f'op.bulk_insert({TABLE}, [{{"id": 1}}])',
        f"op.bulk_insert({TABLE}, [])",
        (
            'users = sa.Table("users", sa.MetaData(), sa.Column("email", sa.Text(), key="nope"))\n'
            'op.bulk_insert(users, [{"nope": "x"}])'
        ),
        """op.create_check_constraint("ck", "users", "email <> 'nope' AND \\"id\\" > 1")""",
        'op.create_check_constraint("ck", "users", "users IS NOT NULL AND tableoid > 0")',
        'op.create_index("ix", "users", [sa.text("email text_pattern_ops DESC NULLS LAST")])',
        'op.create_index("ix", "users", ["id"], sqlite_where=sa.text("nope > 1"))',
    ],
)
def test_known_columns_in_rows_and_expressions(
    check: Check, refusal: Callable[..., str], last: str
) -> None:
    assert check(USERS, last) == []
    assert refusal(USERS, last) == ""


@pytest.mark.parametrize(
    "last",
    [
        'op.create_index("ix", "users", [sa.text("lower(nope)")])',
        'op.create_index("ix", "users", ["id"], sqlite_where=sa.text("nope > 1"))',
    ],
)
def test_unknown_column_in_an_index_on_sqlite(
    check: Check, sqlite_refusal: Callable[..., str], last: str
) -> None:
    assert check(USERS, last, dialects=("sqlite",)) == ["ALM402 error"]
    assert "nope" in sqlite_refusal(USERS, last)
