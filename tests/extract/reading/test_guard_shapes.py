"""The shapes that guards have in real revisions, each told by what it asks of the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...


Read = Callable[..., Reading]

CREATE = 'op.create_table("users", sa.Column("id", sa.Integer()))'
BIND = "bind = op.get_bind()\ninspector = sa.inspect(bind)\n"

TABLE_TESTS = {
    "has_table": 'inspector.has_table("users")',
    "has_table of a new inspector": 'sa.inspect(op.get_bind()).has_table("users")',
    "has_table of the dialect": 'bind.dialect.has_table(bind, "users")',
    "has_table of the engine": 'bind.engine.has_table("users")',
    "a name among the tables": '"users" in inspector.get_table_names()',
    "a name in a set of the tables": '"users" in set(inspector.get_table_names())',
    "a name in a sorted list of the tables": '"users" in sorted(inspector.get_table_names())',
    "a comprehension over the tables": '"users" in [t for t in inspector.get_table_names()]',
    "any over the tables": 'any(t == "users" for t in inspector.get_table_names())',
    "an f-string": "inspector.has_table(f\"{'us'}ers\")",
    "a row of the catalogue": (
        'bind.execute(sa.text("SELECT 1 FROM information_schema.tables '
        "WHERE table_name = 'users'\")).first() is not None"
    ),
    "to_regclass": "bind.execute(sa.text(\"SELECT to_regclass('users')\")).scalar() is not None",
    "sqlite_master": (
        "bind.execute(sa.text(\"SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND name = 'users'\")).fetchone()"
    ),
    "a bound parameter": (
        'bind.execute(sa.text("SELECT 1 FROM information_schema.tables WHERE table_name = :t"), '
        '{"t": "users"}).scalar()'
    ),
}


@pytest.mark.parametrize("test", TABLE_TESTS.values(), ids=TABLE_TESTS.keys())
class TestTable:
    def test_negated_condition_guards_its_block(self, read_text: Read, test: str) -> None:
        lines = read_text(f"{BIND}if not ({test}):\n    {CREATE}\n").lines

        assert lines[-1] == "CreateTable users | if not table users"

    def test_else_branch_stands_under_the_opposite(self, read_text: Read, test: str) -> None:
        lines = read_text(f"{BIND}if {test}:\n    pass\nelse:\n    {CREATE}\n").lines

        assert lines[-1] == "CreateTable users | if not table users"

    def test_early_return_guards_what_follows(self, read_text: Read, test: str) -> None:
        lines = read_text(f"{BIND}if {test}:\n    return\n{CREATE}\n").lines

        assert lines[-1] == "CreateTable users | if not table users"

    def test_positive_condition_guards_a_drop(self, read_text: Read, test: str) -> None:
        lines = read_text(f'{BIND}if {test}:\n    op.drop_table("users")\n').lines

        assert lines[-1] == "DropTable users | if table users"

    def test_condition_assigned_first(self, read_text: Read, test: str) -> None:
        lines = read_text(f"{BIND}there = {test}\nif not there:\n    {CREATE}\n").lines

        assert lines[-1] == "CreateTable users | if not table users"

    def test_local_helper_is_known_by_what_it_does(self, read_text: Read, test: str) -> None:
        body = BIND.replace("\n", "\n    ")
        text = f"def there():\n    {body}return {test}\n---\nif not there():\n    {CREATE}\n"

        line = read_text(text).lines[-1]

        assert line.startswith("CreateTable users | if not table users")


COLUMN_TESTS = {
    "names in a list": '"a" in [c["name"] for c in inspector.get_columns("t")]',
    "names in a set": '"a" in {c["name"] for c in inspector.get_columns("t")}',
    "names in a dict": '"a" in {c["name"]: c for c in inspector.get_columns("t")}',
    "names by get": '"a" in [c.get("name") for c in inspector.get_columns("t")]',
    "any": 'any(c["name"] == "a" for c in inspector.get_columns("t"))',
    "next with a default": (
        'next((c for c in inspector.get_columns("t") if c["name"] == "a"), None) is not None'
    ),
    "subset": '{"a"}.issubset({c["name"] for c in inspector.get_columns("t")})',
    "subset by comparison": '{"a"} <= {c["name"] for c in inspector.get_columns("t")}',
    "a filtered list": '[c for c in inspector.get_columns("t") if c["name"] == "a"]',
    "a length": 'len([c for c in inspector.get_columns("t") if c["name"] == "a"]) > 0',
    "a map": '"a" in list(c["name"] for c in inspector.get_columns("t"))',
    "a look-up of the catalogue": (
        "bind.execute(sa.text(\"SELECT 1 FROM information_schema.columns WHERE table_name = 't' "
        "AND column_name = 'a'\")).fetchone()"
    ),
}


@pytest.mark.parametrize("test", COLUMN_TESTS.values(), ids=COLUMN_TESTS.keys())
def test_column_is_looked_for(read_text: Read, test: str) -> None:
    add = 'op.add_column("t", sa.Column("a", sa.Integer()))'

    guarded = read_text(f"{BIND}if not ({test}):\n    {add}\n").lines
    dropped = read_text(f'{BIND}if {test}:\n    op.drop_column("t", "a")\n').lines

    assert guarded[-1] == "AddColumn t.a | if not column t.a"
    assert dropped[-1] == "DropColumn t.a | if column t.a"


OTHER_TESTS = {
    "index by name": (
        '"i" in [i["name"] for i in inspector.get_indexes("t")]',
        "index i on t",
    ),
    "has_index": ('inspector.has_index("t", "i")', "index i on t"),
    "unique constraint by name": (
        '"u" in {u["name"] for u in inspector.get_unique_constraints("t")}',
        "unique u on t",
    ),
    "unique constraint by columns": (
        'any(u["column_names"] == ["a", "b"] for u in inspector.get_unique_constraints("t"))',
        "unique (a,b) on t",
    ),
    "foreign key by name": (
        'any(f["name"] == "fk" for f in inspector.get_foreign_keys("t"))',
        "foreignkey fk on t",
    ),
    "check by name": (
        '"c" in [c["name"] for c in inspector.get_check_constraints("t")]',
        "check c on t",
    ),
    "primary key by name": (
        'inspector.get_pk_constraint("t")["name"] == "pk"',
        "primary pk on t",
    ),
    "enum by name": ('"e" in [e["name"] for e in inspector.get_enums()]', "enum e"),
    "table in a schema": ('inspector.has_table("t", schema="app")', "table app.t"),
    "a conjunction": (
        'inspector.has_table("t") and "a" not in [c["name"] for c in inspector.get_columns("t")]',
        "(table t and not column t.a)",
    ),
    "the dialect by name": ('bind.dialect.name == "postgresql"', "dialect postgresql"),
    "the dialect among some": (
        'bind.dialect.name in ("mysql", "mariadb")',
        "dialect mariadb/mysql",
    ),
    "the engine's name": ('bind.engine.name == "sqlite"', "dialect sqlite"),
    "the context's dialect": ('op.get_context().dialect.name == "mssql"', "dialect mssql"),
    "a dialect by its beginning": (
        'bind.dialect.name.startswith("postgres")',
        "dialect postgresql",
    ),
    "a dialect by its class": (
        "isinstance(bind.dialect, postgresql.dialect.PGDialect)",
        "dialect postgresql",
    ),
    "offline by context": ("context.is_offline_mode()", "offline"),
    "offline by as_sql": ("op.get_context().as_sql", "offline"),
    "what cannot be decided": (
        'bind.execute(sa.text("SELECT count(*) FROM t")).scalar() < 1000',
        '`bind.execute(sa.text("SELECT count(*) FROM t")).scalar() < 1000`',
    ),
}


@pytest.mark.parametrize(("test", "said"), OTHER_TESTS.values(), ids=OTHER_TESTS.keys())
def test_condition_is_told(read_text: Read, test: str, said: str) -> None:
    line = read_text(f'{BIND}if {test}:\n    op.drop_table("t")\n').lines[-1]

    kind, guard, *_ = line.split(" | ")
    assert kind == "DropTable t"
    assert guard == f"if {said}"


KEYWORDS = {
    'op.create_table("t", sa.Column("a", sa.Integer()), if_not_exists=True)': "if_not_exists",
    'op.drop_table("t", if_exists=True)': "if_exists",
    'op.create_index("i", "t", ["a"], if_not_exists=True)': "if_not_exists",
    'op.drop_index("i", "t", if_exists=True)': "if_exists",
    'op.add_column("t", sa.Column("a", sa.Integer()), if_not_exists=True)': "if_not_exists",
    'op.drop_column("t", "a", if_exists=True)': "if_exists",
    'op.execute("CREATE TABLE IF NOT EXISTS t (a int)")': "if_not_exists",
    'op.execute("DROP TABLE IF EXISTS t")': "if_exists",
    'op.execute("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int")': "if_not_exists",
    'op.execute("CREATE INDEX IF NOT EXISTS i ON t (a)")': "if_not_exists",
    'sa.table("t", sa.column("a")).create(op.get_bind(), checkfirst=True)': "if_not_exists",
    'postgresql.ENUM("x", name="e").create(op.get_bind(), checkfirst=True)': "if_not_exists",
    'postgresql.ENUM("x", name="e").drop(op.get_bind())': "if_exists",
}


@pytest.mark.parametrize(("call", "field"), KEYWORDS.items(), ids=KEYWORDS.keys())
def test_keyword_is_a_guard_of_the_operation_itself(
    read_text: Callable[..., object], call: str, field: str
) -> None:
    operations = getattr(read_text(call), "operations")  # noqa: B009

    assert getattr(operations[-1], field) is True


HELPERS: dict[str, tuple[Mapping[str, str], str]] = {
    "by an absolute import": (
        {"app.ddl": "def exists(bind, name):\n    return sa.inspect(bind).has_table(name)\n"},
        "from app.ddl import exists",
    ),
    "by a module's alias": (
        {"app.ddl": "def exists(bind, name):\n    return sa.inspect(bind).has_table(name)\n"},
        "import app.ddl as ddl\nexists = ddl.exists",
    ),
    "re-exported by a package": (
        {
            "app.__init__": "from .ddl import exists\n",
            "app.ddl": "def exists(bind, name):\n    return sa.inspect(bind).has_table(name)\n",
        },
        "from app import exists",
    ),
    "with a swallowed error": (
        {
            "app.ddl": (
                "def exists(bind, name):\n    try:\n"
                "        return sa.inspect(bind).has_table(name)\n"
                "    except Exception:\n        return False\n"
            )
        },
        "from app.ddl import exists",
    ),
}


@pytest.mark.parametrize(("modules", "line"), HELPERS.values(), ids=HELPERS.keys())
def test_imported_helper_is_read(read_text: Read, modules: Mapping[str, str], line: str) -> None:
    texts = {name: f"import sqlalchemy as sa\n{text}" for name, text in modules.items()}
    text = f'{line}\n---\nif not exists(op.get_bind(), "users"):\n    {CREATE}\n'

    assert read_text(text, texts).lines[-1].startswith("CreateTable users | if not table users")


@pytest.mark.parametrize("name", ["table_exists", "has_table", "_table_exists"])
def test_helper_that_is_not_at_hand_is_known_by_its_name(read_text: Read, name: str) -> None:
    text = f'from elsewhere.ddl import {name}\n---\nif not {name}("users"):\n    {CREATE}\n'

    assert read_text(text).lines == ["CreateTable users | if not table users"]


def test_unknown_helper_leaves_the_condition_undecided(read_text: Read) -> None:
    text = f'from elsewhere.ddl import ready\n---\nif not ready("users"):\n    {CREATE}\n'

    assert read_text(text).lines == ['CreateTable users | if not `ready("users")`']


def test_wrapper_with_a_guard_inside(read_text: Read) -> None:
    modules = {
        "app.ddl": (
            "from alembic import op\nimport sqlalchemy as sa\n"
            "def create_table(name, *columns):\n"
            "    if not sa.inspect(op.get_bind()).has_table(name):\n"
            "        op.create_table(name, *columns)\n"
        )
    }
    text = 'from app.ddl import create_table\n---\ncreate_table("users", sa.Column("id"))\n'

    line = read_text(text, modules).lines[-1]

    assert line == "CreateTable users | if not table users | via create_table"


def test_loop_over_the_missing_tables(read_text: Read) -> None:
    text = f"""
{BIND}existing = set(inspector.get_table_names())
for name in ("a", "b"):
    if name in existing:
        continue
    op.create_table(name, sa.Column("id", sa.Integer()))
"""

    assert read_text(text).lines == [
        "CreateTable a | if not table a",
        "CreateTable b | if not table b",
    ]


def test_comprehension_that_keeps_the_missing_tables(read_text: Read) -> None:
    text = f"""
{BIND}missing = [t for t in ("a", "b") if t not in inspector.get_table_names()]
for name in missing:
    op.create_table(name, sa.Column("id", sa.Integer()))
"""

    assert read_text(text).lines == [
        "CreateTable a | if not table a",
        "CreateTable b | if not table b",
    ]


def test_dispatch_by_dialect(read_text: Read) -> None:
    text = """
def _pg():
    op.drop_table("p")
def _lite():
    op.drop_table("l")
---
{"postgresql": _pg, "sqlite": _lite}[op.get_bind().dialect.name]()
"""

    lines = read_text(text).lines

    assert [line.split(" | ")[0] for line in lines] == ["DropTable p", "DropTable l"]
    assert "on postgresql" in lines[0]
    assert "on sqlite" in lines[1]


def test_match_on_the_dialect(read_text: Read) -> None:
    text = """
match op.get_bind().dialect.name:
    case "postgresql":
        op.drop_table("p")
    case "mysql" | "mariadb":
        op.drop_table("m")
    case _:
        op.drop_table("o")
"""

    lines = read_text(text).lines

    assert [line.partition(" | ")[0] for line in lines] == [
        "DropTable p",
        "DropTable m",
        "DropTable o",
    ]
    assert "on postgresql" in lines[0]
    assert "on mariadb/mysql" in lines[1]
    assert "on mssql/oracle/sqlite" in lines[2]
