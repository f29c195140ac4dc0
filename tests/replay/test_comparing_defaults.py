"""Defaults as revisions write them, and as databases give them back."""

from __future__ import annotations

import pytest

from alembic_lint.model import Computed, Identity, ServerDefault, SqlExpression, Unknown
from alembic_lint.schema.defaults import same_default


def sql(text: str) -> SqlExpression:
    return SqlExpression(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0", sql("0")),
        ("0", sql("'0'")),
        ("1.50", sql("1.5")),
        ("active", sql("'active'::character varying")),
        ("it's", sql("'it''s'::text")),
        ("a::b", sql("'a::b'::text")),
        ("x", sql("'x'::public.\"Kind\"")),
        ("t", sql("true")),
        ("false", sql("false")),
        (sql("false"), sql("0")),
        (sql("now()"), sql("CURRENT_TIMESTAMP")),
        (sql("'{}'"), sql("'{}'::character varying[]")),
        (sql("'{}'"), sql("('{}'::jsonb)")),
        (sql("gen_random_uuid()"), sql("gen_random_uuid()")),
        (None, sql("NULL::character varying")),
        (Identity(), Identity((("always", False), ("start", 1), ("maxvalue", 2147483647)))),
        (Computed("lower(a)", True), Computed("lower((a)::text)", True)),
    ],
)
def test_the_same(one: ServerDefault, other: ServerDefault) -> None:
    assert same_default(one, other) is True
    assert same_default(other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0", sql("1")),
        ("active", sql("'Active'::character varying")),
        ("active", sql("'passive'::state")),
        (None, sql("0")),
        (sql("now()"), None),
        (Identity(), None),
        (Computed("a + b"), sql("0")),
        (sql("true"), sql("0")),
    ],
)
def test_another(one: ServerDefault, other: ServerDefault) -> None:
    assert same_default(one, other) is False
    assert same_default(other, one) is False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Unknown("not seen"), sql("0")),
        ("20200101", sql("'2020-01-01'::date")),
        ("1 day", sql("'1 days'::interval")),
        ("now()", sql("now()")),
        ("true", sql("'t'::text")),
        (None, sql("nextval('t_id_seq'::regclass)")),
        (sql("(a) + (b)"), sql("a + b")),
        (Computed("a + b"), Computed("b + a")),
        (Identity((("start", 5),)), Identity()),
    ],
)
def test_what_is_not_known(one: ServerDefault, other: ServerDefault) -> None:
    assert same_default(one, other) is None
    assert same_default(other, one) is None
