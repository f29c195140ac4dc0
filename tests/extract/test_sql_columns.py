"""Which columns SQL text about rows reads and writes, and that databases look them up."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest

from alembic_lint.extract.sql import UNKNOWN_MARK, read_sql
from alembic_lint.model import Call, ColumnRead, Context, Direction
from alembic_lint.source import FILE_START

A, B = (None, "a"), (None, "b")

TABLES = (
    "CREATE TABLE a (id integer PRIMARY KEY, x integer); CREATE TABLE b (id integer, y integer)"
)


def columns(text: str) -> set[ColumnRead] | None:
    (statement,), _ = read_sql(
        text,
        dialects=("postgresql",),
        span=FILE_START,
        call=Call("op.execute"),
        direction=Direction.UPGRADE,
        context=Context(),
    )
    return None if statement.columns is None else set(statement.columns)


def one(name: str | None, *tables: tuple[str | None, str], closed: bool = True) -> ColumnRead:
    return ColumnRead(name, tables, closed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UPDATE a SET x = 1 WHERE id = :id", {one("x", A), one("id", A)}),
        ("UPDATE s.a AS t SET x = t.id", {one("x", ("s", "a")), one("id", ("s", "a"))}),
        (
            "UPDATE a SET x = y FROM b WHERE a.id = b.id",
            {one("x", A), one("y", A, B), one("id", A), one("id", B)},
        ),
        (
            "UPDATE a SET (x, id) = (SELECT y, z FROM b WHERE b.id = a.id)",
            {one("x", A), one("id", A), one("y", B, A), one("z", B, A), one("id", B)},
        ),
        # A name that stands for the whole row elsewhere is a column where it is written.
        ("UPDATE a SET a = 1", {one("a", A)}),
        ("INSERT INTO a (id, x) VALUES (1, 2)", {one("id", A), one("x", A)}),
        ("INSERT INTO a (x) SELECT y FROM b", {one("x", A), one("y", B)}),
        ("INSERT INTO a SELECT y FROM b", {one("y", B)}),
        (
            "INSERT INTO a (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = excluded.x + a.id",
            {one("id", A), one("x", A)},
        ),
        ("INSERT INTO a (x) VALUES (1) RETURNING id", {one("x", A), one("id", A)}),
        ("DELETE FROM a WHERE x = 1", {one("x", A)}),
        ("DELETE FROM a USING b WHERE a.id = b.y", {one("id", A), one("y", B)}),
        (
            "WITH moved AS (DELETE FROM b RETURNING y) INSERT INTO a (x) SELECT y FROM moved",
            {one("x", A), one("y", B)},
        ),
        ("WITH a AS (SELECT 1 AS q) UPDATE a SET x = 1", {one("x", A)}),
        ("DELETE FROM a WHERE id IN (SELECT id FROM b)", {one("id", A), one("id", B, A)}),
        ("SELECT x FROM a", {one("x", A)}),
    ],
)
def test_columns_of_statements_about_rows(text: str, expected: set[ColumnRead]) -> None:
    assert columns(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"UPDATE a SET {UNKNOWN_MARK} = 1",
        f"INSERT INTO a (x) SELECT y FROM {UNKNOWN_MARK}",
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
        "CREATE INDEX i ON a (x)",
    ],
)
def test_what_is_not_known_whole_is_not_read(text: str) -> None:
    assert columns(text) is None


REFUSED = [
    "UPDATE a SET old = 1",
    "UPDATE a SET x = old",
    "UPDATE a SET x = 1 WHERE old = 2",
    "INSERT INTO a (id, old) VALUES (1, 2)",
    "INSERT INTO a (x) SELECT old FROM b",
    "DELETE FROM a WHERE old = 1",
    "SELECT old FROM a",
]


@pytest.mark.parametrize("text", REFUSED)
def test_sqlite_looks_them_up_though_there_are_no_rows(text: str) -> None:
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES)

    with pytest.raises(sqlite3.OperationalError, match=r"no such column|has no column"):
        database.execute(text)
    database.close()


def test_sqlite_takes_its_row_id_and_a_name_in_quotes() -> None:
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES)

    database.execute('UPDATE a SET x = rowid WHERE oid = _rowid_ AND "old" = 1')
    database.close()


@pytest.mark.parametrize("text", REFUSED)
def test_postgresql_looks_them_up_though_there_are_no_rows(text: str, postgresql_url: str) -> None:
    url = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(url) as database:
        database.execute(TABLES)

        with pytest.raises(psycopg.errors.UndefinedColumn):
            database.execute(text)
        database.rollback()
