"""Constraints, indexes and expressions, compared with what real SQLAlchemy makes of the text."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from alembic_lint.extract.constraints import CONSTRUCTORS
from alembic_lint.extract.expressions import RESERVED_WORDS
from alembic_lint.model import (
    CheckConstraint,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    SqlExpression,
    TableValue,
    UniqueConstraint,
    Unknown,
    Value,
)

Evaluate = Callable[[str], Value]

REAL = {"sa": sa, "pg": postgresql}


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


def test_a_lone_string_is_not_a_list_of_columns(evaluate: Evaluate) -> None:
    ours = evaluate('sa.ForeignKeyConstraint("name", ["t.x"])')

    assert isinstance(ours, ForeignKeyConstraint)
    assert isinstance(ours.columns, Unknown)


@pytest.mark.parametrize("name", sorted(CONSTRUCTORS))
def test_positions_are_those_of_sqlalchemy(name: str) -> None:
    item = postgresql.ExcludeConstraint if name == "ExcludeConstraint" else getattr(sa, name)
    real = inspect.signature(item.__init__ if inspect.isclass(item) else item)
    parameters = [each for each in real.parameters.values() if each.name != "self"]
    kinds = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    positions = [each.name for each in parameters if each.kind in kinds]
    rest = [each.name for each in parameters if each.kind is inspect.Parameter.VAR_POSITIONAL]
    ours = CONSTRUCTORS[name]

    assert list(ours.positional) == positions[: len(ours.positional)]
    assert all(left.startswith("_") for left in positions[len(ours.positional) :])
    assert ours.rest == (rest[0] if rest else None)
    named = {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
    assert set(ours.keyword_only) <= named
