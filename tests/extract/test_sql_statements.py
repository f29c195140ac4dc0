"""SQL text cut into statements, with its parameters and unknown parts."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from alembic_lint.extract.sql import UNKNOWN_MARK, read_sql
from alembic_lint.model import (
    AddColumn,
    Call,
    Context,
    CreateIndex,
    CreateTable,
    Direction,
    DropTable,
    Operation,
    Statement,
    Unknown,
)
from alembic_lint.source import FILE_START


def read(text: str, *dialects: str) -> tuple[tuple[Statement, ...], tuple[Operation, ...]]:
    return read_sql(
        text,
        dialects=dialects or None,
        span=FILE_START,
        call=Call("op.execute"),
        direction=Direction.UPGRADE,
        context=Context(),
    )


def kinds(text: str, *dialects: str) -> list[str]:
    return [statement.kind for statement in read(text, *dialects)[0]]


def test_semicolons_in_strings_comments_and_bodies_end_no_statement() -> None:
    text = """
        UPDATE t SET a = 'x;y'; -- not; here
        /* nor; /* here; */ */ UPDATE t SET a = $q$it's; $$ $q$;;
        CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
        DELETE FROM "a;b" WHERE c = E'\\';';
    """

    assert kinds(text) == ["UPDATE", "UPDATE", "CREATE FUNCTION", "DELETE"]


def test_a_trigger_body_is_one_statement() -> None:
    text = """CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN
        UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END; DELETE FROM u; END; DROP TABLE v"""

    assert kinds(text, "sqlite") == ["CREATE TRIGGER", "DROP TABLE"]


def test_a_block_is_not_seen_through_and_a_transaction_is_no_block() -> None:
    block = "BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; EXCEPTION WHEN OTHERS THEN NULL; END;"

    [statement], operations = read(block, "oracle")

    assert (statement.kind, statement.complete, operations) == ("DO", False, ())
    assert kinds("BEGIN; DROP TABLE t; COMMIT") == ["BEGIN", "DROP TABLE", "COMMIT"]
    assert kinds("BEGIN IMMEDIATE; DROP TABLE t; END", "sqlite") == ["BEGIN", "DROP TABLE", "END"]


@pytest.mark.parametrize(
    "condition",
    [
        "a = :value",
        "a = :value::int",
        "a = %(value)s",
        "a = %s",
        "a %% 2 = 0",
        "a = 'at 12:30'",
        "a::text = ':value'",
        r"a\:\:text = 'x'",
        "a[1:2] = b",
    ],
)
def test_parameters_and_colons_do_not_hide_a_statement(condition: str) -> None:
    [statement], _ = read(f"UPDATE t SET a = 1 FROM u WHERE {condition}")

    assert statement.kind == "UPDATE"
    assert statement.tables == ((None, "t"),)
    assert statement.reads == ((None, "u"),)
    assert statement.where


def test_escaped_colons_reach_the_database_without_their_backslash() -> None:
    _, [operation] = read(r"ALTER TABLE t ADD COLUMN a json DEFAULT '{}'\:\:json")

    assert isinstance(operation, AddColumn)
    assert "'{}'::json" in repr(operation.column)
    assert "\\" not in repr(operation.column)


def test_an_unknown_part_is_unknown_and_the_rest_is_told() -> None:
    mark = UNKNOWN_MARK

    _, [table, index] = read(
        f"DROP TABLE {mark}; CREATE INDEX ix_{mark}_a ON t (a, {mark}) WHERE b = '{mark}'"
    )

    assert isinstance(table, DropTable)
    assert isinstance(table.table, Unknown)
    assert isinstance(index, CreateIndex)
    assert isinstance(index.index.name, Unknown)
    assert isinstance(index.index.columns, Unknown)
    assert isinstance(index.index.keyword("postgresql_where"), Unknown)
    assert index.table == "t"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "mssql", "oracle"])
@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE {} (id int, {} int DEFAULT {})",
        "ALTER TABLE {} ADD COLUMN {} {}",
        "ALTER TABLE t ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        "CREATE TABLE t ({})",
        "DROP TABLE {}",
        "INSERT INTO {} VALUES ({})",
        "{} TABLE t",
        "{}",
    ],
)
def test_a_mark_never_appears_in_what_is_read(text: str, dialect: str) -> None:
    result = read(text.replace("{}", UNKNOWN_MARK), dialect)

    assert result[0]
    assert UNKNOWN_MARK not in repr(result)


def test_an_unknown_type_may_hide_the_rest_of_the_column() -> None:
    [statement], [operation] = read(f"ALTER TABLE t ADD COLUMN a {UNKNOWN_MARK}")

    assert isinstance(operation, AddColumn)
    assert not isinstance(operation.column, Unknown)
    assert isinstance(operation.column.type, Unknown)
    assert isinstance(operation.column.nullable, Unknown)
    assert isinstance(operation.column.server_default, Unknown)
    assert not statement.complete


@pytest.mark.parametrize("text", ["", "  ;; ", "-- nothing\n", "/* nothing */"])
def test_text_without_a_statement_is_nothing(text: str) -> None:
    assert read(text) == ((), ())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("UPDATE t SET a = 1", False),
        ("UPDATE t SET a = 1 WHERE b", True),
        ("DELETE FROM t", False),
        ("DELETE FROM t USING u WHERE t.a = u.a", True),
        (f"DELETE FROM t {UNKNOWN_MARK}", True),
    ],
)
@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_whether_data_is_changed_everywhere(text: str, where: bool, dialect: str) -> None:
    [statement], _ = read(text, dialect)

    assert statement.where is where
    assert statement.tables == ((None, "t"),)
    assert statement.complete


def test_reads_and_writes_of_one_statement_are_told_apart() -> None:
    [statement], _ = read(
        "WITH old AS (DELETE FROM s.a RETURNING *), more AS (SELECT * FROM b)"
        " INSERT INTO c SELECT old.* FROM old JOIN more ON true JOIN d ON true"
    )

    assert statement.kind == "INSERT"
    assert set(statement.tables) == {(None, "c"), ("s", "a")}
    assert statement.reads == ((None, "d"), (None, "b"))


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIEW v AS SELECT * FROM t",
        "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
        "GRANT SELECT ON t TO u",
        "SET lock_timeout = '1s'",
        "SELECT setval('s', max(id)) FROM t",
        "SELECT set_config('lock_timeout', '1s', false)",
        "ALTER TABLE t OWNER TO u, ENABLE ROW LEVEL SECURITY",
        "DROP FUNCTION f()",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "COMMENT ON INDEX i IS 'x'",
        "ALTER SEQUENCE s RESTART",
        "LOCK TABLE t",
    ],
)
def test_what_leaves_the_schema_alone_is_complete(text: str) -> None:
    [statement], operations = read(text, "postgresql")

    assert statement.complete
    assert operations == ()


@pytest.mark.parametrize(
    "text",
    [
        "SET search_path TO s",
        "SELECT set_config('search_path', 's', false)",
        "SELECT create_hypertable('t', 'time')",
        "CALL f()",
        "EXECUTE f",
        "DO $$ BEGIN PERFORM f(); END $$",
        "DROP SCHEMA s CASCADE",
        "DROP DOMAIN d CASCADE",
        "DROP DATABASE d",
        "ALTER TABLE t ATTACH PARTITION p DEFAULT",
        "CREATE TABLE t (LIKE u)",
        "CREATE TABLE t AS SELECT 1",
        "SELECT 1 AS a INTO t",
        "no such statement",
    ],
)
def test_what_may_change_the_schema_unseen_is_not_complete(text: str) -> None:
    [statement], _ = read(text, "postgresql")

    assert not statement.complete


def test_a_statement_that_no_parser_reads_still_names_its_table() -> None:
    [statement], operations = read('ALTER TABLE IF EXISTS "S".t FROBNICATE', "postgresql")

    assert statement.kind == "UNKNOWN"
    assert statement.tables == (("S", "t"),)
    assert not statement.complete
    assert operations == ()


def test_a_refused_statement_hides_none_of_the_others() -> None:
    statements, operations = read(
        "CREATE TABLE a (id int); FROB a; CREATE TABLE b (id int)", "postgresql"
    )

    assert [statement.kind for statement in statements] == [
        "CREATE TABLE",
        "UNKNOWN",
        "CREATE TABLE",
    ]
    assert [item.table for item in operations if isinstance(item, CreateTable)] == ["a", "b"]


def test_operations_carry_what_they_were_given() -> None:
    call, context = Call("bind.execute"), Context(autocommit=True)

    _, [operation] = read_sql(
        "DROP TABLE t",
        dialects=None,
        span=FILE_START,
        call=call,
        direction=Direction.DOWNGRADE,
        context=context,
    )

    assert (operation.call, operation.context) == (call, context)
    assert operation.direction is Direction.DOWNGRADE


@pytest.mark.parametrize(
    ("text", "loaded"),
    [("", []), ("DROP TABLE t", ["pgparse"]), ("DROP TABLE `t`", ["pgparse", "sqlglot"])],
)
def test_parsers_are_loaded_only_when_there_is_sql_for_them(
    python: Callable[..., subprocess.CompletedProcess[str]], text: str, loaded: list[str]
) -> None:
    script = f"""
import sys
from alembic_lint.extract.sql import read_sql
from alembic_lint.model import Call, Context, Direction
from alembic_lint.source import FILE_START
read_sql({text!r}, dialects=None, span=FILE_START, call=Call(""),
         direction=Direction.UPGRADE, context=Context())
print(*sorted({{"pgparse", "sqlglot"}} & set(sys.modules)))
"""

    done = python("-c", script)

    assert done.stdout.split() == loaded
