"""Statements of MySQL, SQLite, SQL Server and Oracle as Alembic's operations."""

from __future__ import annotations

import sqlite3
from typing import TypedDict

import pytest

from alembic_lint.extract.sql import read_sql, type_family
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    Call,
    Column,
    ColumnType,
    Context,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    Direction,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    EnumType,
    ForeignKeyConstraint,
    Index,
    Operation,
    PrimaryKeyConstraint,
    RenameTable,
    SqlExpression,
    Statement,
    UniqueConstraint,
    Unknown,
)
from alembic_lint.source import FILE_START, Span


class Place(TypedDict):
    """What every operation carries."""

    span: Span
    call: Call


PLACE = Place(span=FILE_START, call=Call("op.execute"))


def read(text: str, *dialects: str) -> tuple[tuple[Statement, ...], tuple[Operation, ...]]:
    return read_sql(
        text,
        dialects=dialects or None,
        **PLACE,
        direction=Direction.UPGRADE,
        context=Context(),
    )


def operations(text: str, *dialects: str) -> tuple[Operation, ...]:
    return read(text, *dialects)[1]


def test_mysql_creates_a_table_with_its_keys_and_indexes() -> None:
    [table] = operations(
        """
        CREATE TABLE IF NOT EXISTS `Users` (
            Id int unsigned NOT NULL AUTO_INCREMENT,
            state ENUM('a', 'b') DEFAULT 'a' COMMENT 'which',
            PRIMARY KEY (Id), KEY ix (state), UNIQUE KEY uq (state),
            CONSTRAINT fk FOREIGN KEY (Id) REFERENCES app.other (id) ON DELETE SET NULL
        ) ENGINE=InnoDB
        """,
        "mysql",
    )

    assert table == CreateTable(
        **PLACE,
        table="Users",
        if_not_exists=True,
        columns=(
            Column(
                name="Id",
                type=ColumnType("int unsigned", dialect="mysql"),
                nullable=False,
                autoincrement=True,
            ),
            Column(
                name="state",
                type=ColumnType(
                    "enum", ("a", "b"), dialect="mysql", enum=EnumType(None, ("a", "b"))
                ),
                server_default="a",
                comment="which",
            ),
        ),
        constraints=(
            PrimaryKeyConstraint(("Id",)),
            UniqueConstraint(("state",), "uq"),
            ForeignKeyConstraint(
                ("Id",), "other", ("id",), "fk", referent_schema="app", ondelete="SET NULL"
            ),
        ),
        indexes=(Index("ix", ("state",)),),
    )


def test_mysql_alters_a_table() -> None:
    found = operations(
        """
        ALTER TABLE t ADD COLUMN a bigint AFTER b, DROP COLUMN c, DROP FOREIGN KEY fk,
            DROP INDEX ix, DROP PRIMARY KEY, MODIFY d varchar(40) NOT NULL, CHANGE e f text,
            ADD INDEX iy (a, d(10)), ADD UNIQUE KEY uq (a), ADD PRIMARY KEY (a),
            ADD CONSTRAINT fk2 FOREIGN KEY (a) REFERENCES u (id)
        """,
        "mysql",
    )

    def typed(name: str, *args: int) -> ColumnType:
        return ColumnType(name, args, dialect="mysql")

    expected: list[Operation] = [
        AddColumn(**PLACE, table="t", column=Column(name="a", type=typed("bigint"))),
        DropColumn(**PLACE, table="t", column="c"),
        DropConstraint(**PLACE, table="t", name="fk", type_="foreignkey"),
        DropIndex(**PLACE, table="t", name="ix"),
        DropConstraint(**PLACE, table="t", name=None, type_="primary"),
        AlterColumn(
            **PLACE,
            table="t",
            column="d",
            type=typed("varchar", 40),
            nullable=False,
            server_default=None,
            autoincrement=False,
            comment=None,
        ),
        AlterColumn(
            **PLACE,
            table="t",
            column="e",
            new_name="f",
            type=typed("text"),
            nullable=True,
            server_default=None,
            autoincrement=False,
            comment=None,
        ),
        CreateIndex(**PLACE, table="t", index=Index("iy", ("a", "d"))),
        CreateUniqueConstraint(**PLACE, table="t", constraint=UniqueConstraint(("a",), "uq")),
        CreatePrimaryKey(**PLACE, table="t", constraint=PrimaryKeyConstraint(("a",))),
        CreateForeignKey(
            **PLACE, table="t", constraint=ForeignKeyConstraint(("a",), "u", ("id",), "fk2")
        ),
    ]
    assert list(found) == expected


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("mysql", "DROP INDEX `Ix` ON t", (DropIndex(**PLACE, name="Ix", table="t"),)),
        (
            "mysql",
            "RENAME TABLE a TO b, s.c TO s.d",
            (
                RenameTable(**PLACE, table="a", new_table="b"),
                RenameTable(**PLACE, table="c", schema="s", new_table="d", new_schema="s"),
            ),
        ),
        (
            "sqlite",
            "CREATE UNIQUE INDEX IF NOT EXISTS ix ON T (lower(a), b DESC) WHERE a > 1",
            (
                CreateIndex(
                    **PLACE,
                    table="T",
                    index=Index(
                        "ix",
                        (SqlExpression("LOWER(a)"), "b"),
                        unique=True,
                        keywords=(
                            ("sqlite_where", SqlExpression("a > 1")),
                            ("ordering", (("b", "DESC"),)),
                        ),
                    ),
                    if_not_exists=True,
                ),
            ),
        ),
        (
            "sqlite",
            "ALTER TABLE [a] RENAME TO b",
            (RenameTable(**PLACE, table="a", new_table="b"),),
        ),
        (
            "sqlite",
            "ALTER TABLE t RENAME COLUMN a TO b",
            (AlterColumn(**PLACE, table="t", column="a", new_name="b"),),
        ),
        ("mssql", "DROP INDEX t.ix", (DropIndex(**PLACE, name="ix", table="t"),)),
        (
            "mssql",
            "EXEC sp_rename 'dbo.t.a', 'b', 'COLUMN'",
            (AlterColumn(**PLACE, table="t", schema="dbo", column="a", new_name="b"),),
        ),
        (
            "mssql",
            "ALTER TABLE [dbo].[t] ALTER COLUMN a nvarchar(50) NOT NULL",
            (
                AlterColumn(
                    **PLACE,
                    table="t",
                    schema="dbo",
                    column="a",
                    type=ColumnType("nvarchar", (50,), dialect="mssql"),
                    nullable=False,
                ),
            ),
        ),
        (
            "oracle",
            "ALTER TABLE T ADD (a NUMBER(10), b VARCHAR2(10 CHAR))",
            (
                AddColumn(
                    **PLACE,
                    table="t",
                    column=Column(name="a", type=ColumnType("number", (10,), dialect="oracle")),
                ),
                AddColumn(
                    **PLACE,
                    table="t",
                    column=Column(name="b", type=ColumnType("varchar2", (10,), dialect="oracle")),
                ),
            ),
        ),
        (
            "oracle",
            "DROP TABLE T CASCADE CONSTRAINTS",
            (DropTable(**PLACE, table="t", cascade=True),),
        ),
    ],
)
def test_other_statements(dialect: str, text: str, expected: tuple[Operation, ...]) -> None:
    statements, found = read(text, dialect)

    assert found == expected
    assert [statement.complete for statement in statements] == [True]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE TABLE t (id int unsigned, b LONGTEXT)", "mysql"),
        ("CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT)", "sqlite"),
        ("CREATE TABLE t (a NVARCHAR(10), b DATETIME2)", "mssql"),
        ("CREATE TABLE t (a VARCHAR2(10), b CLOB)", "oracle"),
        ("CREATE TABLE t (a varchar(10), b text)", "postgresql"),
    ],
)
def test_a_statement_of_an_unknown_database_is_read_by_its_own_words(
    text: str, dialect: str
) -> None:
    [table] = operations(text)

    assert isinstance(table, CreateTable)
    assert isinstance(table.columns, tuple)
    types = [item.type for item in table.columns if isinstance(item, Column)]
    assert {item.dialect for item in types if isinstance(item, ColumnType)} == {dialect}
    assert all(type_family(item) for item in types if isinstance(item, ColumnType))


def test_backticks_are_mysqls_where_the_database_is_not_known() -> None:
    [statement], _ = read("UPDATE `user` SET `key` = 'it\\'s; so' WHERE a")

    assert (statement.kind, statement.tables) == ("UPDATE", ((None, "user"),))


def test_a_create_table_that_is_kept_as_text_still_makes_the_table() -> None:
    [statement], [table] = read(
        "CREATE TABLE IF NOT EXISTS t (a TEXT) WITHOUT ROWID, STRICT", "sqlite"
    )

    assert isinstance(table, CreateTable)
    assert (table.table, table.if_not_exists) == ("t", True)
    assert isinstance(table.columns, Unknown)
    assert not statement.complete


@pytest.mark.parametrize(
    "text",
    [
        "PRAGMA foreign_keys=OFF",
        "SET FOREIGN_KEY_CHECKS=0",
        "LOCK TABLES t WRITE",
        "ALTER TABLE t ENGINE=InnoDB",
        "REPLACE INTO t VALUES (1)",
        "INSERT IGNORE INTO t VALUES (1)",
    ],
)
def test_what_leaves_the_schema_alone_is_complete(text: str) -> None:
    [statement], found = read(text, "mysql", "sqlite")

    assert statement.complete
    assert found == ()


@pytest.mark.parametrize(
    "text",
    ["ALTER TABLE t FROBNICATE", "CALL f()", "CREATE TABLE t LIKE u", "SELECT my_function()"],
)
def test_what_may_change_the_schema_unseen_is_not_complete(text: str) -> None:
    [statement], _ = read(text, "mysql")

    assert not statement.complete


def test_sqlites_tables_without_rowid_are_read() -> None:
    [table] = operations("CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID", "sqlite")

    assert isinstance(table, CreateTable)
    assert table.columns == (
        Column(name="a", type=ColumnType("text", dialect="sqlite"), primary_key=True),
    )


SCRIPT = """
    CREATE TABLE "Users" (
        id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x', b NUMERIC(4, 1)
    );
    CREATE TABLE old (a INTEGER);
    ALTER TABLE old RENAME TO new;
    ALTER TABLE new ADD COLUMN b TEXT DEFAULT 'semi;colon';
    ALTER TABLE new RENAME COLUMN a TO c;
    CREATE INDEX ix_new ON new (b);
    CREATE TABLE gone (a INTEGER); DROP TABLE gone;
"""


def test_sqlite_makes_what_was_read() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCRIPT)
    tables: dict[str, list[str]] = {}
    for operation in operations(SCRIPT, "sqlite"):
        match operation:
            case CreateTable(table=str(name), columns=tuple(items)):
                tables[name] = [str(item.name) for item in items if isinstance(item, Column)]
            case RenameTable(table=str(name), new_table=str(new)):
                tables[new] = tables.pop(name)
            case AddColumn(table=str(name), column=Column(name=str(column))):
                tables[name].append(column)
            case AlterColumn(table=str(name), column=str(column), new_name=str(new)):
                tables[name] = [new if item == column else item for item in tables[name]]
            case DropTable(table=str(name)):
                del tables[name]

    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    made = {
        name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        for (name,) in names.fetchall()
    }
    connection.close()

    assert tables == made
