"""Columns, compared with what real SQLAlchemy makes of the text."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.schema import CreateTable

from alembic_lint.extract import columns
from alembic_lint.model import (
    Column,
    ColumnType,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Reference,
    Sequence_,
    SqlExpression,
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


def test_the_keywords_of_a_column_are_those_of_sqlalchemy() -> None:
    real = inspect.signature(sa.Column.__init__).parameters.values()
    named = {item.name for item in real if item.kind is inspect.Parameter.KEYWORD_ONLY}

    assert set(columns.COLUMN.keyword_only) == {name for name in named if name[0] != "_"}


@pytest.mark.parametrize("name", ["sqlalchemy.MetaData", "sqlalchemy.select", "app.models.user"])
def test_what_makes_no_value_of_the_model_is_left_to_the_reader(name: str) -> None:
    assert columns.construct(name, ()) is None


def test_a_reference_to_a_function_is_no_type() -> None:
    assert isinstance(columns.as_type(Reference("sqlalchemy.text")), Unknown)
    assert isinstance(columns.as_type("VARCHAR"), Unknown)
