"""What SQL text is read as, against what PostgreSQL makes of the same text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from alembic_lint.extract.sql import catalogue_query, read_sql
from alembic_lint.model import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    Call,
    CheckConstraint,
    Column,
    ColumnType,
    Context,
    CreateCheckConstraint,
    CreateEnum,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    Direction,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Not,
    Operation,
    PrimaryKeyConstraint,
    RenameConstraint,
    RenameEnum,
    RenameEnumValue,
    RenameIndex,
    RenameTable,
    Statement,
    UniqueConstraint,
    Unknown,
    ValidateConstraint,
)
from alembic_lint.source import FILE_START

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[Connection]:
    """A connection to an empty database, each statement a transaction of its own."""
    url = postgresql_url.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(url, autocommit=True) as opened:
        yield opened


def read(text: str) -> tuple[tuple[Statement, ...], tuple[Operation, ...]]:
    return read_sql(
        text,
        dialects=("postgresql",),
        span=FILE_START,
        call=Call("op.execute"),
        direction=Direction.UPGRADE,
        context=Context(),
    )


@dataclass
class Made:
    """What a sequence of operations leaves behind, by name."""

    columns: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)
    constraints: dict[str, tuple[str, str]] = field(default_factory=dict)
    indexes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)

    def add_column(self, table: str, column: Column) -> None:
        nullable = column.nullable is not False and column.primary_key is not True
        self.columns[table][str(column.name)] = (type_text(column.type), nullable)
        for key in column.foreign_keys:
            self.add_constraint(table, key)
        for check in column.checks:
            self.add_constraint(table, check)

    def add_constraint(self, table: str, constraint: object) -> None:
        kinds = {
            PrimaryKeyConstraint: "p",
            ForeignKeyConstraint: "f",
            UniqueConstraint: "u",
            CheckConstraint: "c",
            ExcludeConstraint: "x",
        }
        assert isinstance(constraint, tuple(kinds))
        name = getattr(constraint, "name", None)
        if isinstance(constraint, PrimaryKeyConstraint) and isinstance(constraint.columns, tuple):
            for column in constraint.columns:
                kind, _ = self.columns[table][str(column)]
                self.columns[table][str(column)] = (kind, False)
        if name is not None:
            self.constraints[name] = (table, kinds[type(constraint)])

    def apply(self, operation: Operation) -> None:
        match operation:
            case CreateTable(table=str(table), columns=tuple(columns), constraints=constraints):
                self.columns[table] = {}
                for column in columns:
                    assert isinstance(column, Column)
                    self.add_column(table, column)
                for constraint in constraints:
                    self.add_constraint(table, constraint)
            case DropTable(table=str(table)):
                del self.columns[table]
            case RenameTable(table=str(table), new_table=str(new)):
                self.columns[new] = self.columns.pop(table)
                self.constraints = {
                    name: (new if owner == table else owner, kind)
                    for name, (owner, kind) in self.constraints.items()
                }
                self.indexes = {
                    name: (new if owner == table else owner, unique)
                    for name, (owner, unique) in self.indexes.items()
                }
            case AddColumn(table=str(table), column=Column() as column):
                self.add_column(table, column)
            case DropColumn(table=str(table), column=str(name)):
                del self.columns[table][name]
            case AlterColumn(table=str(table), column=str(name)):
                kind, nullable = self.columns[table].pop(name)
                if isinstance(operation.new_name, str):
                    name = operation.new_name
                if isinstance(operation.type, ColumnType):
                    kind = type_text(operation.type)
                if isinstance(operation.nullable, bool):
                    nullable = operation.nullable
                self.columns[table][name] = (kind, nullable)
            case CreateIndex(table=str(table), index=index):
                self.indexes[str(index.name)] = (table, index.unique is True)
            case DropIndex(name=str(name)):
                del self.indexes[name]
            case RenameIndex(name=str(name), new_name=str(new)):
                self.indexes[new] = self.indexes.pop(name)
            case DropConstraint(name=str(name)):
                del self.constraints[name]
            case RenameConstraint(name=str(name), new_name=str(new)):
                self.constraints[new] = self.constraints.pop(name)
            case (
                CreatePrimaryKey(table=str(table), constraint=constraint)
                | CreateUniqueConstraint(table=str(table), constraint=constraint)
                | CreateForeignKey(table=str(table), constraint=constraint)
                | CreateCheckConstraint(table=str(table), constraint=constraint)
            ):
                self.add_constraint(table, constraint)
            case CreateEnum(enum=enum):
                assert isinstance(enum.values, tuple)
                self.enums[str(enum.name)] = [str(value) for value in enum.values]
            case DropEnum(name=str(name)):
                del self.enums[name]
            case RenameEnum(name=str(name), new_name=str(new)):
                self.enums[new] = self.enums.pop(name)
            case AddEnumValue(name=str(name), value=str(value), before=None, after=None):
                self.enums[name].append(value)
            case AddEnumValue(name=str(name), value=str(value), before=str(before)):
                self.enums[name].insert(self.enums[name].index(before), value)
            case RenameEnumValue(name=str(name), value=str(value), new_value=str(new)):
                self.enums[name] = [new if item == value else item for item in self.enums[name]]
            case ValidateConstraint():
                pass
            case _:
                raise AssertionError(operation)


def type_text(kind: object) -> str:
    """A type as PostgreSQL's `format_type` would print it."""
    assert isinstance(kind, ColumnType), kind
    if kind.name == "ARRAY":
        return type_text(kind.args[0]) + "[]"
    numbers = ",".join(str(item) for item in kind.args if isinstance(item, int))
    words = " ".join(str(item) for item in kind.args if isinstance(item, str))
    if kind.name == "numeric" and numbers and "," not in numbers:
        numbers += ",0"
    first, _, rest = kind.name.partition(" ")
    bracket = f"({numbers})" if numbers else ""
    if first in ("timestamp", "time"):
        return f"{first}{bracket} {rest}"
    return f"{kind.name}{' ' + words if words else ''}{bracket}"


def rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query.encode()).fetchall()


def found_in(connection: Connection) -> Made:
    """What the database holds; constraints without a name of their own left out."""
    made = Made()
    for table, column, kind, nullable in rows(
        connection,
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
        " AND c.relnamespace = 'public'::regnamespace ORDER BY a.attnum",
    ):
        made.columns.setdefault(str(table), {})[str(column)] = (str(kind), nullable is True)
    for name, table, kind in rows(
        connection,
        "SELECT conname, conrelid::regclass::text, contype FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    ):
        made.constraints[str(name)] = (str(table).strip('"'), str(kind))
    for name, table, unique in rows(
        connection,
        "SELECT i.relname, t.relname, x.indisunique FROM pg_index x"
        " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
        " WHERE i.relnamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)",
    ):
        made.indexes[str(name)] = (str(table), unique is True)
    for name, value in rows(
        connection,
        "SELECT t.typname, e.enumlabel FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid"
        " ORDER BY e.enumsortorder",
    ):
        made.enums.setdefault(str(name), []).append(str(value))
    return made


SCRIPTS = {
    "types": """
        CREATE TYPE mood AS ENUM ('sad', 'it''s');
        CREATE TABLE t (
            a smallint, b int, c int8, d decimal(4), e numeric(6, 2), f float4, g float(30),
            h varchar, i varchar(7), j char, k char(3), l text, m bool, n date, o time, p timetz(2),
            q timestamp(3), r timestamptz, s interval, t interval day to second, u interval(3),
            v bytea, w uuid, x json, y jsonb, z inet, aa bit(3), ab varbit(4), ac int[],
            ad varchar(5) ARRAY, ae "char", af name, ag tsvector, ah int4range, ai mood, aj mood[],
            ak serial, al bigserial, am smallserial, an money, ao xml, ap national character(4)
        )
    """,
    "names": """
        CREATE TABLE "Mixed Case" ("Id" int PRIMARY KEY, UnQuoted text, "quo""ted" text NOT NULL);
        CREATE UNIQUE INDEX Ix_Mixed ON "Mixed Case" (unquoted);
        ALTER TABLE "Mixed Case" ADD COLUMN "naïve" int;
    """,
    "constraints": """
        CREATE TABLE parent (id int, code text, CONSTRAINT parent_pk PRIMARY KEY (id),
            CONSTRAINT parent_code UNIQUE (code));
        CREATE TABLE child (
            id int CONSTRAINT child_pk PRIMARY KEY,
            parent_id int CONSTRAINT child_parent REFERENCES parent ON DELETE SET NULL,
            n int CONSTRAINT positive CHECK (n > 0) CONSTRAINT one UNIQUE
        );
        ALTER TABLE child ADD CONSTRAINT small CHECK (n < 9) NOT VALID, ADD COLUMN code text
            CONSTRAINT child_code REFERENCES parent (code);
        ALTER TABLE child VALIDATE CONSTRAINT small;
        ALTER TABLE child DROP CONSTRAINT positive, DROP CONSTRAINT IF EXISTS one;
        ALTER TABLE child RENAME CONSTRAINT small TO smaller;
        CREATE UNIQUE INDEX later ON parent (code, id);
        ALTER TABLE child ALTER n SET NOT NULL, ALTER n TYPE bigint USING n::bigint;
    """,
    "renames": """
        CREATE TABLE a (x int, y int, CONSTRAINT ck CHECK (x > y)); CREATE INDEX i ON a (x);
        ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME x TO z; ALTER INDEX i RENAME TO j;
        ALTER TABLE b DROP COLUMN IF EXISTS y CASCADE, DROP CONSTRAINT IF EXISTS ck;
        CREATE TABLE c (x int); DROP TABLE c;
        CREATE INDEX k ON b (lower(z::text), (z + 1)) WHERE z > 1; DROP INDEX IF EXISTS k;
    """,
    "enums": """
        CREATE TYPE a AS ENUM ('1', '2'); ALTER TYPE a ADD VALUE 'x' BEFORE '2';
        ALTER TYPE a RENAME VALUE '1' TO '0'; ALTER TYPE a RENAME TO b;
        ALTER TYPE b ADD VALUE IF NOT EXISTS 'last';
        CREATE TYPE gone AS ENUM ('1'); DROP TYPE gone;
        DO $$ BEGIN CREATE TYPE d AS ENUM ('e'); EXCEPTION WHEN duplicate_object THEN null; END $$;
    """,
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_the_server_makes_what_was_read(connection: Connection, script: str) -> None:
    statements, operations = read(script)
    made = Made()
    for operation in operations:
        made.apply(operation)

    for statement in statements:
        assert isinstance(statement.text, str)
        connection.execute(statement.text.encode())

    assert all(statement.complete for statement in statements)
    found = found_in(connection)
    assert made.columns == found.columns
    assert made.indexes == found.indexes
    assert made.enums == found.enums
    # The server invents names for those that have none.
    assert made.constraints.items() <= found.constraints.items()


HARMLESS = [
    "CREATE VIEW v AS SELECT * FROM t",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    (
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();"
        "DROP TRIGGER tr ON t"
    ),
    "GRANT SELECT ON t TO PUBLIC",
    "SET lock_timeout = '1s'",
    "SELECT setval('s', 5), now(), count(*) FROM t",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY, SET (fillfactor = 70), REPLICA IDENTITY FULL",
    "ALTER TABLE t ALTER a SET STATISTICS 5, ALTER b SET STORAGE EXTERNAL, CLUSTER ON ix",
    "CREATE SEQUENCE s2; ALTER SEQUENCE s2 RESTART WITH 5; DROP SEQUENCE s2",
    "CREATE DOMAIN d AS int; ALTER DOMAIN d ADD CONSTRAINT dc CHECK (value > 0); DROP DOMAIN d",
    "CREATE STATISTICS st ON a, b FROM t; DROP STATISTICS st",
    "INSERT INTO t VALUES (1, 'x') ON CONFLICT DO NOTHING; UPDATE t SET b = 'y'; DELETE FROM t",
    "TRUNCATE t",
    "VACUUM t",
    "ANALYZE t",
    "REINDEX TABLE t",
    "COMMENT ON INDEX ix IS 'x'",
    "CREATE POLICY p ON t USING (true); DROP POLICY p ON t",
    "CREATE SCHEMA other; ALTER SCHEMA other OWNER TO CURRENT_USER",
    "CREATE EXTENSION IF NOT EXISTS plpgsql",
    "CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a; REFRESH MATERIALIZED VIEW mv",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_complete_without_operations_changes_no_table(
    connection: Connection, text: str
) -> None:
    connection.execute(
        "CREATE TABLE t (a int PRIMARY KEY, b text); CREATE INDEX ix ON t (b); CREATE SEQUENCE s"
    )
    before = found_in(connection)

    statements, operations = read(text)
    for statement in statements:
        assert isinstance(statement.text, str)
        connection.execute(statement.text.encode())

    assert all(statement.complete for statement in statements)
    assert operations == ()
    assert found_in(connection) == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT to_regclass('t')",
        "SELECT to_regclass('public.T') IS NULL",
        "SELECT 1 FROM information_schema.tables WHERE table_name = 't'",
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 't')",
        "SELECT NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = 't' AND relkind IN ('r', 'p'))",
        (
            "SELECT count(*) FROM information_schema.columns"
            " WHERE table_name = 't' AND column_name = 'a'"
        ),
        (
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 't' AND column_name = 'a' AND table_schema = current_schema()"
        ),
        "SELECT 1 FROM pg_indexes WHERE tablename = 't' AND indexname = 'ix'",
        "SELECT 1 FROM pg_constraint WHERE conname = 'ck' AND contype = 'c'",
        (
            "SELECT constraint_name FROM information_schema.table_constraints"
            " WHERE table_name = 't' AND constraint_name = 'ck'"
        ),
        "SELECT 1 FROM pg_type WHERE typname = 'mood'",
        (
            "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid"
            " WHERE n.nspname = ANY(current_schemas(false)) AND c.relname = 't'"
        ),
    ],
)
def test_a_catalogue_query_answers_as_its_condition_says(
    connection: Connection, query: str
) -> None:
    found = catalogue_query(query, ("postgresql",))
    assert found is not None

    def answers() -> tuple[bool, bool]:
        row = connection.execute(query.encode()).fetchone()
        return row is not None, bool(row and row[0])

    absent = answers()
    connection.execute(
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (a int, CONSTRAINT ck CHECK (a > 0));"
        "CREATE INDEX ix ON t (a)"
    )
    present = answers()

    holds = (True, False) if isinstance(found.condition, Not) else (False, True)
    if found.by_row:
        assert (absent[0], present[0]) == holds
    if found.by_value:
        assert (absent[1], present[1]) == holds
    assert found.by_row or found.by_value


def test_the_block_that_makes_an_enum_conditional_runs_twice(connection: Connection) -> None:
    block = """DO $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN
            CREATE TYPE mood AS ENUM ('a', 'b');
        END IF;
    END $$"""

    connection.execute(block.encode())
    connection.execute(block.encode())
    _, [operation] = read(block)

    assert isinstance(operation, CreateEnum)
    assert operation.if_not_exists is True
    assert not isinstance(operation.enum.values, Unknown)
    assert found_in(connection).enums == {"mood": list(operation.enum.values)}
