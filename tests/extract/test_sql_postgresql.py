"""PostgreSQL's statements as the operations that Alembic has for them."""

from __future__ import annotations

from typing import TypedDict

import pytest

from alembic_lint.extract.sql import read_sql, type_family
from alembic_lint.model import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    Call,
    CheckConstraint,
    Column,
    ColumnType,
    Computed,
    Context,
    CreateCheckConstraint,
    CreateEnum,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    Direction,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    EnumType,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Operation,
    PrimaryKeyConstraint,
    RenameConstraint,
    RenameEnum,
    RenameEnumValue,
    RenameIndex,
    RenameTable,
    SqlExpression,
    TableExists,
    UniqueConstraint,
    Unknown,
    ValidateConstraint,
)
from alembic_lint.source import FILE_START, Span

CALL = Call("op.execute")
SPAN: Span = FILE_START


class Place(TypedDict):
    """What the operations of one ALTER TABLE share."""

    span: Span
    call: Call
    table: str
    schema: str


def operations(text: str) -> tuple[Operation, ...]:
    _, found = read_sql(
        text,
        dialects=("postgresql",),
        span=SPAN,
        call=CALL,
        direction=Direction.UPGRADE,
        context=Context(),
    )
    return found


def sql_type(name: str, *args: int) -> ColumnType:
    return ColumnType(name, args, dialect="postgresql")


def columns(text: str) -> tuple[Column, ...]:
    """The columns of a CREATE TABLE with this list."""
    [table] = operations(f"CREATE TABLE t ({text})")
    assert isinstance(table, CreateTable)
    assert isinstance(table.columns, tuple)
    return tuple(item for item in table.columns if isinstance(item, Column))


def test_create_table_with_its_keys_and_constraints() -> None:
    [table] = operations(
        """
        CREATE TABLE IF NOT EXISTS "App".Orders (
            id bigserial PRIMARY KEY,
            "Name" varchar(50) NOT NULL DEFAULT 'it''s',
            price numeric(10, 2) CHECK (price > 0),
            owner int CONSTRAINT fk_owner REFERENCES app.users (id) ON DELETE CASCADE DEFERRABLE,
            code text UNIQUE,
            CONSTRAINT uq UNIQUE (owner, code),
            CONSTRAINT ck CHECK (price < (1 + 2)),
            FOREIGN KEY (owner, code) REFERENCES pairs ON UPDATE SET NULL
        )
        """
    )

    assert table == CreateTable(
        span=SPAN,
        call=CALL,
        table="orders",
        schema="App",
        if_not_exists=True,
        columns=(
            Column(
                name="id",
                type=sql_type("bigint"),
                nullable=False,
                primary_key=True,
                autoincrement=True,
                server_default=SqlExpression("nextval('orders_id_seq'::regclass)"),
            ),
            Column(
                name="Name",
                type=sql_type("character varying", 50),
                nullable=False,
                server_default="it's",
            ),
            Column(
                name="price",
                type=sql_type("numeric", 10, 2),
                checks=(CheckConstraint("price > 0"),),
            ),
            Column(
                name="owner",
                type=sql_type("integer"),
                foreign_keys=(
                    ForeignKeyConstraint(
                        columns=("owner",),
                        referent="users",
                        referent_columns=("id",),
                        name="fk_owner",
                        referent_schema="app",
                        ondelete="CASCADE",
                        deferrable=True,
                    ),
                ),
            ),
            Column(name="code", type=sql_type("text"), unique=True),
        ),
        constraints=(
            UniqueConstraint(("owner", "code"), "uq"),
            CheckConstraint("price < (1 + 2)", "ck"),
            ForeignKeyConstraint(
                columns=("owner", "code"),
                referent="pairs",
                referent_columns=Unknown(
                    "the statement leaves them to the primary key of the table it refers to"
                ),
                onupdate="SET NULL",
            ),
        ),
    )


def test_defaults_are_cut_out_as_written() -> None:
    found = columns(
        "a int DEFAULT 1 + (2, 3) NOT NULL, b text DEFAULT 'é'::text, c json DEFAULT now(),"
        " d int GENERATED ALWAYS AS IDENTITY (START 5), e int GENERATED ALWAYS AS (a * 2) STORED,"
        " f text DEFAULT NULL"
    )

    assert [column.server_default for column in found] == [
        SqlExpression("1 + (2, 3)"),
        SqlExpression("'é'::text"),
        SqlExpression("now()"),
        Identity((("always", True), ("start", 5))),
        Computed("a * 2", persisted=True),
        SqlExpression("NULL"),
    ]
    assert [column.nullable for column in found] == [False, None, None, False, None, None]


@pytest.mark.parametrize(
    ("written", "name", "args", "family"),
    [
        ("int4", "integer", (), "integer"),
        ("varchar(5)", "character varying", (5,), "string"),
        ("char(3)", "character", (3,), "string"),
        ("decimal(4)", "numeric", (4,), "number"),
        ("float8", "double precision", (), "float"),
        ("timestamptz(3)", "timestamp with time zone", (3,), "timestamp with time zone"),
        ("time", "time without time zone", (), "time"),
        ("interval day to second", "interval", ("day to second",), "interval"),
        ("jsonb", "jsonb", (), "jsonb"),
        ("vector(3)", "vector", (3,), "vector"),
        ('"char"', '"char"', (), None),
    ],
)
def test_types_have_one_canonical_form(
    written: str, name: str, args: tuple[int | str, ...], family: str | None
) -> None:
    [column] = columns(f"a {written}")

    assert column.type == ColumnType(name, args, dialect="postgresql")
    assert type_family(column.type) == family


def test_an_array_holds_the_type_of_its_elements() -> None:
    [column] = columns("a varchar(5)[]")

    assert column.type == ColumnType(
        "ARRAY", (sql_type("character varying", 5),), dialect="postgresql"
    )


def test_a_type_of_the_schemas_own_is_an_enum_only_where_the_text_declares_it() -> None:
    _, table = operations("CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (a mood, b s.other)")

    assert isinstance(table, CreateTable)
    assert isinstance(table.columns, tuple)
    declared, other = (item.type for item in table.columns if isinstance(item, Column))
    assert declared == ColumnType(
        "mood", dialect="postgresql", enum=EnumType("mood", ("a", "b"), postgresql=True)
    )
    assert other == ColumnType("s.other", dialect="postgresql", known=False)


@pytest.mark.parametrize(
    ("sqlalchemy", "sql"),
    [
        (ColumnType("String", (50,)), sql_type("character varying", 20)),
        (ColumnType("Integer"), sql_type("integer")),
        (ColumnType("DateTime", (), (("timezone", True),)), sql_type("timestamp with time zone")),
        (ColumnType("DateTime"), sql_type("timestamp without time zone")),
        (ColumnType("LargeBinary"), sql_type("bytea")),
        (ColumnType("Numeric", (3, 1)), sql_type("numeric")),
        (ColumnType("Boolean"), ColumnType("bool", dialect="mysql")),
        (ColumnType("BIGINT", dialect="mysql"), ColumnType("bigint unsigned", dialect="mysql")),
    ],
)
def test_families_join_sqlalchemys_types_and_sqls(sqlalchemy: ColumnType, sql: ColumnType) -> None:
    assert type_family(sqlalchemy) is not None
    assert type_family(sqlalchemy) == type_family(sql)


def test_every_subcommand_of_alter_table() -> None:
    found = operations(
        """
        ALTER TABLE ONLY s.t
            ADD COLUMN IF NOT EXISTS a int DEFAULT f(1, 2), DROP b, DROP COLUMN IF EXISTS c CASCADE,
            ALTER d TYPE text USING concat(d, ','), ALTER e SET NOT NULL, ALTER f DROP NOT NULL,
            ALTER g SET DEFAULT now(), ALTER h DROP DEFAULT,
            ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u (x) NOT VALID,
            ADD CONSTRAINT ck CHECK (a > 0) NOT VALID, ADD UNIQUE (a),
            ADD CONSTRAINT pk PRIMARY KEY USING INDEX ix,
            ADD CONSTRAINT ex EXCLUDE USING gist (a WITH =) WHERE (a > 1),
            DROP CONSTRAINT IF EXISTS old, VALIDATE CONSTRAINT fk
        """
    )

    place = Place(span=SPAN, call=CALL, table="t", schema="s")
    of_index = Unknown("the columns are those of an index")
    expected: list[Operation] = [
        AddColumn(
            **place,
            column=Column(
                name="a", type=sql_type("integer"), server_default=SqlExpression("f(1, 2)")
            ),
            if_not_exists=True,
        ),
        DropColumn(**place, column="b"),
        DropColumn(**place, column="c", if_exists=True, cascade=True),
        AlterColumn(
            **place,
            column="d",
            type=sql_type("text"),
            using=SqlExpression("concat(d, ',')"),
        ),
        AlterColumn(**place, column="e", nullable=False),
        AlterColumn(**place, column="f", nullable=True),
        AlterColumn(**place, column="g", server_default=SqlExpression("now()")),
        AlterColumn(**place, column="h", server_default=None),
        CreateForeignKey(
            **place, constraint=ForeignKeyConstraint(("a",), "u", ("x",), "fk", not_valid=True)
        ),
        CreateCheckConstraint(**place, constraint=CheckConstraint("a > 0", "ck", not_valid=True)),
        CreateUniqueConstraint(**place, constraint=UniqueConstraint(("a",))),
        CreatePrimaryKey(
            **place, constraint=PrimaryKeyConstraint(of_index, "pk", (("using_index", "ix"),))
        ),
        CreateExcludeConstraint(
            **place,
            constraint=ExcludeConstraint((("a", "="),), "ex", "gist", SqlExpression("a > 1")),
        ),
        DropConstraint(**place, name="old", if_exists=True),
        ValidateConstraint(**place, name="fk"),
    ]
    assert list(found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "DROP TABLE IF EXISTS a, s.b CASCADE",
            (
                DropTable(span=SPAN, call=CALL, table="a", if_exists=True, cascade=True),
                DropTable(
                    span=SPAN, call=CALL, table="b", schema="s", if_exists=True, cascade=True
                ),
            ),
        ),
        (
            "ALTER TABLE a SET SCHEMA s",
            (RenameTable(span=SPAN, call=CALL, table="a", new_table="a", new_schema="s"),),
        ),
        (
            "ALTER TABLE a RENAME b TO c",
            (AlterColumn(span=SPAN, call=CALL, table="a", column="b", new_name="c"),),
        ),
        (
            "ALTER TABLE a RENAME CONSTRAINT b TO c",
            (RenameConstraint(span=SPAN, call=CALL, table="a", name="b", new_name="c"),),
        ),
        (
            "ALTER INDEX IF EXISTS s.a RENAME TO b",
            (
                RenameIndex(
                    span=SPAN, call=CALL, name="a", schema="s", new_name="b", if_exists=True
                ),
            ),
        ),
        (
            "DROP INDEX CONCURRENTLY IF EXISTS s.a",
            (
                DropIndex(
                    span=SPAN, call=CALL, name="a", schema="s", if_exists=True, concurrently=True
                ),
            ),
        ),
        (
            "DROP TYPE IF EXISTS s.a CASCADE",
            (DropEnum(span=SPAN, call=CALL, name="a", schema="s", if_exists=True, cascade=True),),
        ),
        (
            "ALTER TYPE a ADD VALUE IF NOT EXISTS 'x' BEFORE 'y'",
            (
                AddEnumValue(
                    span=SPAN, call=CALL, name="a", value="x", before="y", if_not_exists=True
                ),
            ),
        ),
        (
            "ALTER TYPE a ADD VALUE 'x' AFTER 'y'",
            (AddEnumValue(span=SPAN, call=CALL, name="a", value="x", after="y"),),
        ),
        (
            "ALTER TYPE s.a RENAME TO b",
            (RenameEnum(span=SPAN, call=CALL, name="a", schema="s", new_name="b"),),
        ),
        (
            "ALTER TYPE a RENAME VALUE 'x' TO 'y'",
            (RenameEnumValue(span=SPAN, call=CALL, name="a", value="x", new_value="y"),),
        ),
        (
            "COMMENT ON TABLE s.a IS 'x'",
            (CreateTableComment(span=SPAN, call=CALL, table="a", schema="s", comment="x"),),
        ),
        (
            "COMMENT ON COLUMN s.a.b IS NULL",
            (AlterColumn(span=SPAN, call=CALL, table="a", schema="s", column="b", comment=None),),
        ),
    ],
)
def test_other_statements(text: str, expected: tuple[Operation, ...]) -> None:
    assert operations(text) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ALTER TABLE IF EXISTS s.a RENAME TO b", RenameTable),
        ("ALTER TABLE IF EXISTS s.a RENAME COLUMN x TO y", AlterColumn),
        ("ALTER TABLE IF EXISTS s.a ADD COLUMN x int", AddColumn),
        ("ALTER TABLE IF EXISTS s.a SET SCHEMA b", RenameTable),
    ],
)
def test_a_table_that_may_be_missing_is_asked_for(text: str, kind: type[Operation]) -> None:
    [found] = operations(text)

    assert type(found) is kind
    assert [guard.condition for guard in found.context.guards] == [TableExists("a", "s")]


def test_create_index_names_its_options_as_sqlalchemy_does() -> None:
    [found] = operations(
        """
        CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON s.t
        USING gin (a gin_trgm_ops DESC, lower(b) text_ops, (c || 'x, y')) INCLUDE (d)
        WITH (fastupdate = 1) WHERE a IN (1, 2) AND e
        """
    )

    assert found == CreateIndex(
        span=SPAN,
        call=CALL,
        table="t",
        schema="s",
        if_not_exists=True,
        concurrently=True,
        index=Index(
            name="ix",
            columns=("a", SqlExpression("lower(b)"), SqlExpression("c || 'x, y'")),
            unique=True,
            keywords=(
                ("postgresql_using", "gin"),
                ("postgresql_where", SqlExpression("a IN (1, 2) AND e")),
                ("postgresql_include", ("d",)),
                ("postgresql_ops", (("a", "gin_trgm_ops"),)),
                ("ordering", (("a", "DESC"),)),
                ("postgresql_with", (("fastupdate", 1),)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("element", "ordering"),
    [
        ("a", ()),
        ("a ASC NULLS LAST", ()),
        ("a DESC", (("a", "DESC"),)),
        ("a DESC NULLS FIRST", (("a", "DESC"),)),
        ("a DESC NULLS LAST", (("a", "DESC NULLS LAST"),)),
        ("a NULLS FIRST", (("a", "NULLS FIRST"),)),
        ('a COLLATE "C" DESC', (("a", "COLLATE C DESC"),)),
        ("b, a DESC", (("a", "DESC"),)),
    ],
)
def test_the_order_of_an_index_is_kept(element: str, ordering: tuple[tuple[str, str], ...]) -> None:
    (made,) = operations(f"CREATE INDEX ix ON t ({element})")

    assert isinstance(made, CreateIndex)
    assert dict(made.index.keywords).get("ordering", ()) == ordering


def test_a_named_constraint_of_an_added_column_is_an_operation_of_its_own() -> None:
    added, constraint = operations("ALTER TABLE t ADD a int CONSTRAINT uq UNIQUE")

    assert isinstance(added, AddColumn)
    assert isinstance(constraint, CreateUniqueConstraint)
    assert constraint.constraint == UniqueConstraint(("a",), "uq")


def test_an_enum_whose_values_are_not_known_is_still_made() -> None:
    [found] = operations("CREATE TYPE mood AS ENUM (\ufffc)")

    assert isinstance(found, CreateEnum)
    assert found.enum.name == "mood"
    assert isinstance(found.enum.values, Unknown)


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN CREATE TYPE mood AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN null; END",
        (
            "BEGIN CREATE TYPE mood AS ENUM ('a');"
            " EXCEPTION WHEN duplicate_object THEN RAISE NOTICE 'there'; END;"
        ),
        (
            "BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN"
            " CREATE TYPE mood AS ENUM ('a'); END IF; END"
        ),
    ],
)
def test_a_block_that_only_makes_an_enum_conditional_is_seen_through(body: str) -> None:
    statements, [found] = read_sql(
        f"DO $$ {body} $$",
        dialects=None,
        span=SPAN,
        call=CALL,
        direction=Direction.UPGRADE,
        context=Context(),
    )

    assert found == CreateEnum(
        span=SPAN, call=CALL, enum=EnumType("mood", ("a",), postgresql=True), if_not_exists=True
    )
    assert [(statement.kind, statement.complete) for statement in statements] == [("DO", True)]
