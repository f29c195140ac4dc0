"""Columns, constraints and expressions, compared with what real SQLAlchemy makes of the text."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.schema import CreateIndex, CreateTable

from alembic_lint.extract import columns
from alembic_lint.extract.expressions import RESERVED_WORDS
from alembic_lint.model import (
    CheckConstraint,
    Column,
    ColumnType,
    Computed,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Reference,
    Sequence_,
    SqlExpression,
    TableValue,
    UniqueConstraint,
    Unknown,
    Value,
)

Evaluate = Callable[[str], Value]

DIALECTS: dict[str, ModuleType] = {
    "postgresql": postgresql,
    "mysql": mysql,
    "sqlite": sqlite,
    "mssql": mssql,
    "oracle": oracle,
}
REAL = {
    "sa": sa,
    "pg": postgresql,
    "mysql": mysql,
    "sqlite": sqlite,
    "mssql": mssql,
    "oracle": oracle,
}

COLUMNS = (
    'sa.Column("id", sa.Integer)',
    'sa.Column("id", sa.Integer())',
    'sa.Column("id", sa.Integer(), nullable=False)',
    'sa.Column("id", sa.Integer(), nullable=True, primary_key=True)',
    'sa.Column("id", sa.Integer(), nullable=None)',
    'sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False)',
    'sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True)',
    'sa.Column("id", type_=sa.BigInteger)',
    'sa.Column(name="id", type_=sa.BigInteger)',
    'sa.Column(sa.BigInteger, name="id")',
    'sa.Column(None, sa.BigInteger, name="id")',
    'sa.Column("id", None, sa.ForeignKey("users.id"))',
    'sa.Column("id", sa.ForeignKey("users.id"))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE", name="fk"))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("app.users.id", onupdate="SET NULL"))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("db.app.users.id", use_alter=True))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("users"))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("a.b"), sa.ForeignKey("c.d", deferrable=True))',
    'sa.Column("id", sa.Integer, sa.ForeignKey("a.b", initially="DEFERRED", match="FULL"))',
    'sa.Column("n", sa.String(50), unique=True)',
    'sa.Column("n", sa.String(length=50), index=True)',
    'sa.Column("n", sa.String(50), unique=None, index=None)',
    'sa.Column("n", sa.Unicode(50), comment="what it is")',
    'sa.Column("n", sa.Numeric(10, 2), server_default="0")',
    'sa.Column("n", sa.Numeric(precision=10, scale=2), server_default=sa.text("0"))',
    'sa.Column("n", sa.DateTime(timezone=True), server_default=sa.func.now())',
    'sa.Column("n", sa.DateTime(), server_default=sa.func.current_timestamp())',
    'sa.Column("n", sa.DateTime(), server_default=sa.sql.func.now(), onupdate=sa.func.now())',
    'sa.Column("n", sa.Boolean(), server_default=sa.true(), nullable=False)',
    'sa.Column("n", sa.Boolean(), server_default=sa.sql.expression.false())',
    'sa.Column("n", sa.Boolean(create_constraint=True, name="ck"), server_default=sa.false())',
    'sa.Column("n", sa.Text(), server_default="it\'s")',
    'sa.Column("n", sa.Text(), sa.DefaultClause("x"))',
    'sa.Column("n", sa.Text(), server_default=sa.DefaultClause(sa.text("x")))',
    'sa.Column("n", sa.Text(), server_default=sa.literal("x"))',
    'sa.Column("n", sa.Text(), server_default=sa.literal_column("current_user"))',
    'sa.Column("n", sa.Integer, server_default=sa.literal(5))',
    'sa.Column("n", sa.Integer, default=5)',
    'sa.Column("n", sa.Integer, default=0)',
    'sa.Column("n", sa.Integer, default=None)',
    'sa.Column("n", sa.Integer, insert_default=5)',
    'sa.Column("n", sa.Integer, server_default=None)',
    'sa.Column("n", sa.Integer, sa.Sequence("seq"))',
    'sa.Column("n", sa.Integer, default=sa.Sequence("seq", start=5))',
    'sa.Column("n", sa.Integer, sa.Computed("a + 1"))',
    'sa.Column("n", sa.Integer, sa.Computed(sa.text("a + 1"), persisted=True))',
    'sa.Column("n", sa.Integer, sa.Computed("a + 1", False), nullable=True)',
    'sa.Column("n", sa.Integer, sa.Identity())',
    'sa.Column("n", sa.Integer, sa.Identity(always=True, start=3))',
    'sa.Column("n", sa.Integer, sa.Identity(True), primary_key=True)',
    'sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0", name="positive"))',
    'sa.Column("n", sa.Integer, *[sa.ForeignKey("a.b")], **{"nullable": False, "index": True})',
    'sa.Column(*("n", sa.Integer))',
    'sa.Column(sa.sql.quoted_name("N", quote=True), sa.Integer)',
    'sa.Column("n", sa.ARRAY(sa.Integer))',
    'sa.Column("n", sa.ARRAY(sa.String(5), dimensions=2))',
    'sa.Column("n", pg.ARRAY(sa.Text()), server_default="{}")',
    'sa.Column("n", pg.ARRAY(item_type=sa.Text))',
    'sa.Column("n", pg.JSONB(astext_type=sa.Text()), server_default=sa.text("\'{}\'::jsonb"))',
    'sa.Column("n", pg.UUID(as_uuid=True), server_default=sa.func.gen_random_uuid())',
    'sa.Column("n", pg.UUID, primary_key=True)',
    'sa.Column("n", pg.TIMESTAMP(timezone=True, precision=6))',
    'sa.Column("n", pg.INTERVAL(fields="YEAR TO MONTH"))',
    'sa.Column("n", pg.TSVECTOR())',
    'sa.Column("n", pg.INET())',
    'sa.Column("n", pg.DOUBLE_PRECISION(precision=53))',
    'sa.Column("n", pg.VARCHAR(20))',
    'sa.Column("n", pg.base.BYTEA())',
    'sa.Column("n", mysql.INTEGER(11, unsigned=True))',
    'sa.Column("n", mysql.INTEGER(display_width=11))',
    'sa.Column("n", mysql.TINYINT(display_width=1))',
    'sa.Column("n", mysql.LONGTEXT())',
    'sa.Column("n", mysql.VARCHAR(50, collation="utf8mb4_bin"))',
    'sa.Column("n", mssql.UNIQUEIDENTIFIER())',
    'sa.Column("n", mssql.DATETIME2())',
    'sa.Column("n", oracle.NUMBER(10, 0))',
    'sa.Column("n", sqlite.JSON())',
    'sa.Column("n", sa.types.JSON)',
    'sa.Column("n", sa.Uuid(as_uuid=False))',
    'sa.Column("n", sa.LargeBinary(16))',
    'sa.Column("n", sa.Interval(native=False))',
    'sa.Column("n", sa.sql.sqltypes.NullType())',
    'sa.Column("n", sa.Float(precision=53, asdecimal=True))',
    'sa.Column("n", sa.Float(53).with_variant(mysql.DOUBLE(), "mysql"))',
    'sa.Column("n", sa.JSON().with_variant(pg.JSONB(), "postgresql"))',
    'sa.Column("n", sa.JSON().with_variant(pg.JSONB, "postgresql", "cockroachdb"))',
    'sa.Column("n", sa.Text().with_variant(mysql.TEXT, "mysql").with_variant(sa.CLOB, "oracle"))',
    'sa.Column("n", sa.Integer, key="other", info={"a": 1}, doc="text")',
)


@pytest.mark.parametrize("text", COLUMNS)
def test_a_column_is_what_sqlalchemy_makes_of_it(text: str, evaluate: Evaluate) -> None:
    real = eval(text, dict(REAL))
    ours = evaluate(text)

    assert isinstance(ours, Column)
    assert ours.name == real.name
    assert ours.primary_key == real.primary_key
    implied = not ours.primary_key if ours.nullable is None else ours.nullable
    has_identity = isinstance(ours.server_default, Identity)
    if not has_identity:  # SQLAlchemy makes these NOT NULL unless told otherwise
        assert implied == bool(real.nullable)
    assert ours.unique == bool(real.unique)
    assert ours.index == bool(real.index)
    assert ours.comment == real.comment
    assert ours.autoincrement == real.autoincrement
    if ours.type is None:
        assert isinstance(real.type, sa.types.NullType)
    else:
        assert isinstance(ours.type, ColumnType)
        assert ours.type.known
        assert variants_of(real.type) == {
            name: repr(rebuilt(variant)) for name, variant in ours.type.variants
        }
        assert repr(rebuilt(ours.type)) == repr(real.type)
    assert ours.sequence == (
        Sequence_(real.default.name) if isinstance(real.default, sa.Sequence) else None
    )
    assert ours.default == (real.default is not None and not isinstance(real.default, sa.Sequence))
    assert default_text(ours) == real_default_text(real)
    assert {key_of(key) for key in ours.foreign_keys} == {
        real_key_of(key, real) for key in real.foreign_keys
    }
    assert [(check.name, check.condition) for check in ours.checks] == [
        (check.name, str(check.sqltext)) for check in real.constraints
    ]


def variants_of(real: sa.types.TypeEngine[object]) -> dict[str, str]:
    return {name: repr(item) for name, item in real._variant_mapping.items()}


def rebuilt(type_: ColumnType) -> sa.types.TypeEngine[object]:
    """SQLAlchemy's type, built from what we read."""
    module = sa.types if type_.dialect is None else DIALECTS[type_.dialect]
    made: sa.types.TypeEngine[object] = getattr(module, type_.name)(
        *[built_argument(value) for value in type_.args],
        **{name: built_argument(value) for name, value in type_.keywords},
    )
    for dialect, variant in type_.variants:
        made = made.with_variant(rebuilt(variant), dialect)
    return made


def built_argument(value: Value) -> object:
    return rebuilt(value) if isinstance(value, ColumnType) else value


def default_text(column: Column) -> object:
    """The DEFAULT, or what stands for it, of one of our columns."""
    match column.server_default:
        case str(text):
            return "'" + text.replace("'", "''") + "'"
        case SqlExpression(text=text):
            return text
        case Computed(expression=text, persisted=persisted):
            return ("computed", text, persisted)
        case Identity(keywords=keywords):
            return ("identity", dict(keywords).get("always", False), dict(keywords).get("start"))
        case other:
            return other


def real_default_text(column: sa.Column[object]) -> object:
    """The same of SQLAlchemy's column, as the DDL compiler writes it."""
    if column.computed is not None:
        return ("computed", str(column.computed.sqltext), column.computed.persisted)
    if column.identity is not None:
        return ("identity", column.identity.always, column.identity.start)
    if column.server_default is None:
        return None
    dialect = StrCompileDialect()
    table = sa.Table("t", sa.MetaData(), column)
    compiler = dialect.ddl_compiler(dialect, CreateTable(table))
    return compiler.get_column_default_string(column)


def key_of(key: ForeignKeyConstraint | Unknown) -> tuple[object, ...]:
    assert isinstance(key, ForeignKeyConstraint)
    return (
        key.columns,
        key.referent,
        key.referent_schema,
        key.referent_columns,
        key.name,
        key.ondelete,
        key.onupdate,
        key.deferrable,
        key.initially,
        key.match,
        key.use_alter,
    )


def real_key_of(key: sa.ForeignKey, column: sa.Column[object]) -> tuple[object, ...]:
    target = key._column_tokens
    return (
        (column.name,),
        target.table_name,
        target.schema,
        (target.column_name or column.name,),
        key.name,
        key.ondelete,
        key.onupdate,
        key.deferrable,
        key.initially,
        key.match,
        key.use_alter,
    )


@pytest.mark.parametrize(
    "text",
    [
        'sa.ForeignKeyConstraint(["a"], ["t.x"])',
        'sa.ForeignKeyConstraint(["a", "b"], ["t.x", "t.y"], name="fk", ondelete="CASCADE")',
        'sa.ForeignKeyConstraint(("a",), ("s.t.x",), "fk", "SET NULL", "CASCADE", True)',
        'sa.ForeignKeyConstraint(columns=["a"], refcolumns=["t.x"], match="FULL", use_alter=True)',
        'sa.schema.ForeignKeyConstraint(["a"], ["t.x"], deferrable=False)',
    ],
)
def test_a_foreign_key_constraint_is_what_sqlalchemy_makes_of_it(
    text: str, evaluate: Evaluate
) -> None:
    real = eval(text, dict(REAL))
    ours = evaluate(text)

    assert isinstance(ours, ForeignKeyConstraint)
    tokens = [key._column_tokens for key in real.elements]
    assert ours.columns == tuple(real.column_keys)
    assert ours.referent == tokens[0].table_name
    assert ours.referent_schema == tokens[0].schema
    assert ours.referent_columns == tuple(token.column_name for token in tokens)
    for field in ("name", "ondelete", "onupdate", "deferrable", "initially", "match", "use_alter"):
        assert getattr(ours, field) == getattr(real, field)


@pytest.mark.parametrize(
    "text",
    [
        'sa.PrimaryKeyConstraint("a")',
        'sa.PrimaryKeyConstraint("a", "b", name="pk")',
        'sa.UniqueConstraint("a", "b", name="uq")',
        'sa.UniqueConstraint("a", deferrable=True, initially="DEFERRED")',
        'sa.UniqueConstraint(*["a", "b"])',
        'sa.UniqueConstraint("a", postgresql_nulls_not_distinct=True)',
        'sa.UniqueConstraint("a", sqlite_on_conflict="IGNORE")',
    ],
)
def test_a_key_is_what_sqlalchemy_makes_of_it(text: str, evaluate: Evaluate) -> None:
    real = eval(text, dict(REAL))
    sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), real)
    ours = evaluate(text)

    assert isinstance(ours, PrimaryKeyConstraint | UniqueConstraint)
    assert type(ours).__name__ == type(real).__name__
    assert ours.columns == tuple(column.name for column in real.columns)
    assert ours.name == real.name
    if isinstance(ours, UniqueConstraint):
        assert (ours.deferrable, ours.initially) == (real.deferrable, real.initially)
    assert dict(ours.keywords) == dict(real.dialect_kwargs)


@pytest.mark.parametrize(
    "text",
    [
        'sa.CheckConstraint("a > 0")',
        'sa.CheckConstraint("a > 0", name="ck")',
        'sa.CheckConstraint(sa.text("a > 0"), "ck")',
        'sa.CheckConstraint(sqltext="a > 0", name="ck", postgresql_not_valid=True)',
    ],
)
def test_a_check_is_what_sqlalchemy_makes_of_it(text: str, evaluate: Evaluate) -> None:
    real = eval(text, dict(REAL))
    ours = evaluate(text)

    assert isinstance(ours, CheckConstraint)
    assert (ours.name, ours.condition) == (real.name, str(real.sqltext))
    assert ours.not_valid == bool(real.dialect_kwargs.get("postgresql_not_valid"))


@pytest.mark.parametrize(
    "text",
    [
        'sa.Index("ix", "a")',
        'sa.Index(None, "a", "b", unique=True)',
        'sa.Index("ix", sa.text("lower(a)"), postgresql_using="gin")',
        'sa.Index("ix", sa.column("a").desc(), sa.desc("b"))',
        'sa.Index("ix", sa.func.lower(sa.column("a")), unique=False)',
        'sa.Index("ix", "a", postgresql_where=sa.text("a > 0"), sqlite_where=sa.text("a > 0"))',
    ],
)
def test_an_index_is_what_sqlalchemy_makes_of_it(text: str, evaluate: Evaluate) -> None:
    real = eval(text, dict(REAL))
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Text), sa.Column("b", sa.Integer))
    table.append_constraint(real)
    ours = evaluate(text)

    assert isinstance(ours, Index)
    assert ours.unique == bool(real.unique)
    assert isinstance(ours.columns, tuple)
    texts = [str(item.text if isinstance(item, SqlExpression) else item) for item in ours.columns]
    real.name = "ix"
    assert f"({', '.join(texts)})" in str(CreateIndex(real))
    assert {name for name, _ in ours.keywords} == set(real.kwargs)


def test_an_exclusion_constraint_pairs_elements_with_operators(evaluate: Evaluate) -> None:
    ours = evaluate(
        'pg.ExcludeConstraint(("room", "="), (sa.text("tsrange(a, b)"), "&&"), '
        'name="ex", using="gist", where=sa.text("a > 0"))'
    )

    assert ours == ExcludeConstraint(
        elements=(("room", "="), (SqlExpression("tsrange(a, b)"), "&&")),
        name="ex",
        using="gist",
        where=SqlExpression("a > 0"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "sa.func.now()",
        "sa.sql.func.now()",
        "sa.sql.functions.now()",
        "sa.func.current_timestamp()",
        "sa.func.CURRENT_TIMESTAMP()",
        "sa.func.current_timestamp(6)",
        "sa.func.current_date()",
        "sa.func.current_time()",
        "sa.func.localtime()",
        "sa.func.localtimestamp()",
        "sa.func.current_user()",
        "sa.func.session_user()",
        "sa.func.user()",
        "sa.func.sysdate()",
        "sa.func.count()",
        "sa.func.random()",
        "sa.func.gen_random_uuid()",
        "sa.func.uuid_generate_v4()",
        "sa.func.pg_catalog.foo()",
        "sa.func.timezone('utc', sa.func.now())",
        "sa.func.coalesce(sa.column('a'), sa.column('User'), sa.column('order'))",
        'sa.func.json_array(1, -2.5, None, True, "it\'s")',
        "sa.func.lower(sa.text('a || b'))",
        "sa.text('a')",
        "sa.sql.text(text='a')",
        "sa.literal_column('a')",
        "sa.literal('x')",
        "sa.literal(1.5)",
        "sa.literal(True)",
        "sa.literal(None)",
        "sa.true()",
        "sa.false()",
        "sa.null()",
        "sa.sql.expression.true()",
        "sa.sql.expression.False_()",
        "sa.desc('x')",
        "sa.asc(sa.column('x'))",
        "sa.column('x').desc().nulls_last()",
        "sa.nulls_first(sa.column('Order'))",
        "sa.func.lower(sa.column('x')).desc()",
        "sa.text('now()').execution_options(a=1)",
    ],
)
def test_an_expression_has_the_text_that_sqlalchemy_compiles(text: str, evaluate: Evaluate) -> None:
    real = eval(text, dict(REAL))
    ours = evaluate(text)

    assert isinstance(ours, SqlExpression)
    assert ours.text == str(real.compile(compile_kwargs={"literal_binds": True}))


@pytest.mark.parametrize(
    "text",
    [
        "sa.cast('1', sa.Integer)",
        "sa.func.cast(sa.text('1'), sa.Integer)",
        "sa.func.lower(app.NAME)",
        "sa.func.lower(*app.NAMES)",
        "sa.text('a').op('->')('b')",
        "sa.column('a').op('->')",
        "sa.text(app.SQL)",
        "sa.func.next_value(sa.Sequence('s'))",
        "sa.Sequence('s').next_value()",
        "pg.array(['a'])",
    ],
)
def test_an_expression_that_is_not_worked_out_is_unknown(text: str, evaluate: Evaluate) -> None:
    ours = evaluate(text)

    assert isinstance(ours.text if isinstance(ours, SqlExpression) else ours, Unknown)


def test_reserved_words_are_those_of_sqlalchemy() -> None:
    assert set(RESERVED_WORDS) == set(sa.sql.compiler.RESERVED_WORDS)


@pytest.mark.parametrize(
    ("text", "name", "schema", "items"),
    [
        ('sa.table("t", sa.column("a"))', "t", None, 1),
        ('sa.sql.table("t", sa.sql.column("a", sa.Integer), schema="s")', "t", "s", 1),
        ('sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), schema="s")', "t", "s", 1),
        ('sa.Table("t", app.metadata)', "t", None, 0),
    ],
)
def test_a_table_is_known_by_name(
    text: str, name: str, schema: str | None, items: int, evaluate: Evaluate
) -> None:
    ours = evaluate(text)

    assert isinstance(ours, TableValue)
    assert (ours.name, ours.schema, len(ours.items)) == (name, schema, items)


def test_arguments_that_are_not_known_leave_nothing_certain(evaluate: Evaluate) -> None:
    column = evaluate('sa.Column("a", sa.Integer, **app.OPTIONS)')
    starred = evaluate("sa.Column(*app.COLUMN)")
    item = evaluate('sa.Column("a", sa.Integer, app.reference())')

    assert isinstance(column, Column)
    assert column.name == "a"
    assert isinstance(column.nullable, Unknown)
    assert isinstance(column.server_default, Unknown)
    assert isinstance(starred, Column)
    assert isinstance(starred.name, Unknown)
    assert isinstance(starred.type, Unknown)
    assert isinstance(item, Column)
    assert isinstance(item.foreign_keys[0], Unknown)


def test_a_default_that_sqlalchemy_refuses_is_kept_as_written(evaluate: Evaluate) -> None:
    ours = evaluate('sa.Column("a", sa.Boolean(), server_default=False)')

    assert isinstance(ours, Column)
    assert isinstance(ours.server_default, Unknown)
    assert ours.keywords == (("server_default", False),)
    with pytest.raises(sa.exc.ArgumentError):
        sa.Column("a", sa.Boolean(), server_default=False)  # type: ignore[arg-type]  # on purpose


def test_a_lone_string_is_not_a_list_of_columns(evaluate: Evaluate) -> None:
    ours = evaluate('sa.ForeignKeyConstraint("name", ["t.x"])')

    assert isinstance(ours, ForeignKeyConstraint)
    assert isinstance(ours.columns, Unknown)


@pytest.mark.parametrize("name", ["sqlalchemy.MetaData", "sqlalchemy.select", "app.models.user"])
def test_what_makes_no_value_of_the_model_is_left_to_the_reader(name: str) -> None:
    assert columns.construct(name, ()) is None


def test_a_reference_to_a_function_is_no_type() -> None:
    assert isinstance(columns.as_type(Reference("sqlalchemy.text")), Unknown)
    assert isinstance(columns.as_type("VARCHAR"), Unknown)
