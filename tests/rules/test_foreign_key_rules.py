"""The rules on foreign keys, keys and indexes, where their cards do not show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.diagnostics import Diagnostic

Lint = Callable[..., list[Diagnostic]]

USERS = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True), {})'
ORDERS = """op.create_table(
    "orders",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("user_id", {type}, sa.ForeignKey("users.{column}")),
)"""


def orders(type_: str = "sa.Integer()", column: str = "id") -> str:
    return ORDERS.format(type=type_, column=column)


def users(*items: str) -> str:
    return USERS.format(", ".join(items))


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("sa.BigInteger()", "sa.Integer()"),
        ("sa.SmallInteger()", "sa.BigInteger()"),
        ("sa.Text()", "sa.String(20)"),
        ("sa.Integer()", "sa.Numeric(10)"),
        ("sa.Date()", "sa.DateTime(timezone=True)"),
        ("sa.Time()", "sa.Interval()"),
        ("postgresql.CITEXT()", "sa.Text()"),
        ("GUID()", "sa.UUID()"),
        ("sa.ARRAY(sa.Integer())", "sa.ARRAY(sa.Integer())"),
    ],
)
def test_types_that_postgresql_compares_may_refer(lint: Lint, child: str, parent: str) -> None:
    found = lint(users(f'sa.Column("key", {parent}, unique=True)'), orders(child, "key"))

    assert [item for item in found if item.code == "ALM412"] == []


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("sa.Text()", "sa.Integer()"),
        ("sa.Numeric(10)", "sa.Integer()"),
        ("sa.String(36)", "sa.UUID()"),
        ("sa.Interval()", "sa.Time()"),
        ("sa.Boolean()", "sa.Integer()"),
        ("sa.LargeBinary()", "sa.Text()"),
        ("sa.Date()", "sa.Text()"),
        ('sa.Enum("a", name="one")', 'sa.Enum("a", name="two")'),
    ],
)
def test_types_that_postgresql_refuses_are_told(
    lint: Lint, refusal: Callable[..., str], child: str, parent: str
) -> None:
    sources = (users(f'sa.Column("key", {parent}, unique=True)'), orders(child, "key"))

    (found,) = [item for item in lint(*sources) if item.code == "ALM412"]

    assert found.severity == "error"
    assert "cannot be implemented" in refusal(*sources)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("pass", id="external"),
        pytest.param('op.add_column("users", sa.Column("key", sa.Text()))', id="touched"),
        pytest.param(users("*columns()"), id="columns not known"),
        pytest.param(f"if asked():\n    {users()}", id="undecided"),
    ],
)
@pytest.mark.parametrize("code", ["ALM412", "ALM413", "ALM414"])
def test_what_is_not_known_of_a_table_is_no_fault(lint: Lint, first: str, code: str) -> None:
    found = lint(first, orders("sa.Text()", "key"), 'op.drop_column("users", "other")')

    assert [item for item in found if item.code == code] == []


@pytest.mark.parametrize(
    "key",
    [
        'sa.UniqueConstraint("key", "id"), sa.UniqueConstraint("key")',
        'sa.UniqueConstraint("key", name=named())',
        'sa.Index("ix", "key", unique=True)',
        'sa.Index("ix", "key", unique=asked())',
    ],
)
def test_a_unique_key_of_any_kind_is_a_target(lint: Lint, key: str) -> None:
    found = lint(users('sa.Column("key", sa.Integer())', key), orders(column="key"))

    assert [item for item in found if item.code == "ALM413"] == []


@pytest.mark.parametrize(
    "key",
    [
        'sa.UniqueConstraint("key", "id")',
        'sa.UniqueConstraint("key", deferrable=True)',
        'sa.Index("ix", "key")',
        'sa.Index("ix", "key", unique=True, postgresql_where=sa.text("key > 0"))',
    ],
)
def test_what_is_no_target_on_postgresql_is_told(
    lint: Lint, refusal: Callable[..., str], key: str
) -> None:
    sources = (users('sa.Column("key", sa.Integer())', key), orders(column="key"))

    (found,) = [item for item in lint(*sources) if item.code == "ALM413"]

    assert found.severity == "error"
    assert "unique constraint" in refusal(*sources)


@pytest.mark.parametrize(
    "drop",
    [
        'op.drop_table("users")',
        'op.execute("DROP TABLE users")',
        'op.drop_column("users", "key")',
        'op.drop_constraint("uq", "users", type_="unique")',
    ],
)
def test_what_is_referred_to_cannot_be_dropped(
    lint: Lint, refusal: Callable[..., str], drop: str
) -> None:
    made = users('sa.Column("key", sa.Integer())', 'sa.UniqueConstraint("key", name="uq")')
    sources = (made, orders(column="key"), drop)

    (found,) = [item for item in lint(*sources) if item.code == "ALM414"]

    assert '"orders"' in found.message
    assert "other objects depend on it" in refusal(*sources)


@pytest.mark.parametrize(
    "drop",
    [
        'op.execute("DROP TABLE users CASCADE")',
        'op.execute("DROP TABLE users, orders")',
        'op.execute("ALTER TABLE users DROP CONSTRAINT uq CASCADE")\nop.drop_table("users")',
        'op.drop_column("orders", "user_id")\nop.drop_table("users")',
        'op.drop_table("orders")\nop.drop_table("users")',
        'op.drop_constraint("orders_user_id_fkey", "orders")\nop.drop_table("users")',
        'op.drop_constraint("other", "users")',
    ],
)
def test_what_nothing_refers_to_any_more_can_be_dropped(
    lint: Lint, refusal: Callable[..., str], drop: str
) -> None:
    made = users(
        'sa.Column("key", sa.Integer())',
        'sa.UniqueConstraint("key", name="uq")',
        'sa.UniqueConstraint("id", "key", name="other")',
    )
    sources = (made, orders(column="key"), drop)

    assert [item for item in lint(*sources) if item.code == "ALM414"] == []
    assert refusal(*sources) == ""


def test_sqlite_drops_what_is_referred_to(lint: Lint) -> None:
    found = lint(users(), orders(), 'op.drop_table("users")', dialects=("sqlite",))

    assert [item for item in found if item.code == "ALM414"] == []


def test_order_within_a_downgrade_is_not_told_twice(lint: Lint) -> None:
    found = lint(
        f"{users()}\n{orders()}", down={0: 'op.drop_table("users")\nop.drop_table("orders")'}
    )

    assert [item for item in found if item.code == "ALM414"] == []


def test_downgrade_that_drops_what_another_revision_refers_to_is_told(lint: Lint) -> None:
    found = lint(users(), orders(), "pass", down={2: 'op.drop_table("users")'})

    assert [item.span.line for item in found if item.code == "ALM414"] == [14]


EVENTS = """op.create_table(
    "events",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("kind", sa.String(20)),
    sa.Column("at", sa.DateTime()),
)
"""


PLAIN = 'op.create_index("plain", "events", ["kind"])'
WIDE = 'op.create_index("wide", "events", ["kind", "at"])'


@pytest.mark.parametrize(
    "indexes",
    [
        (PLAIN, 'op.create_index("b", "events", ["at", "kind"])'),
        (PLAIN, 'op.create_index("b", "events", ["kind", "at"], postgresql_where="id > 0")'),
        ('op.create_index("a", "events", ["kind"], unique=True)', WIDE),
        ('op.create_index("a", "events", ["kind"], postgresql_using="gin")', WIDE),
        ('op.create_index("a", "events", ["kind"], postgresql_ops={"kind": "my_ops"})', WIDE),
        ('op.create_index("a", "events", ["kind"], postgresql_include=["id"])', WIDE),
        ('op.create_index("a", "events", [sa.text("lower(kind)")])', WIDE),
        ('op.create_index("a", "events", columns())', PLAIN),
        (PLAIN, f"if asked():\n    {WIDE}"),
        (PLAIN, WIDE, 'op.drop_index("plain", table_name="events")'),
        (PLAIN, "op.execute('CREATE INDEX b ON events (kind COLLATE \"C\")')"),
        (WIDE, 'op.execute("CREATE INDEX b ON events (kind, at DESC)")'),
        (PLAIN, WIDE, 'op.drop_column("events", "at")'),
    ],
)  # fmt: skip
def test_index_that_says_something_of_its_own_is_not_redundant(
    lint: Lint, indexes: tuple[str, ...]
) -> None:
    found = lint("\n".join((EVENTS, *indexes)))

    assert [item for item in found if item.code == "ALM417"] == []


@pytest.mark.parametrize(
    ("name", "indexes"),
    [
        ("plain", (PLAIN, WIDE)),
        ("plain", (WIDE, PLAIN)),
        ("plain", (PLAIN, 'op.create_index("b", "events", ["kind"], unique=True)')),
        ("b", (PLAIN, 'op.create_index("b", "events", ["kind"])')),
        ("b", ('op.create_index("b", "events", ["id"])',)),
        ("plain", (PLAIN, 'op.rename_table("events", "past")', WIDE.replace("events", "past"))),
        ("plain", (PLAIN, 'op.add_column("events", sa.Column("new", sa.Integer()))', WIDE)),
    ],
)
def test_index_that_another_covers_is_told_once(
    lint: Lint, name: str, indexes: tuple[str, ...]
) -> None:
    found = lint("\n".join((EVENTS, *indexes)))

    (only,) = [item for item in found if item.code == "ALM417"]
    assert f'index "{name}"' in only.message.partition(" costs ")[0]


@pytest.mark.parametrize(
    ("severity", "indexes"),
    [
        ("info", (PLAIN, WIDE)),
        ("warning", (PLAIN, 'op.create_index("b", "events", ["kind"])')),
        ("warning", ('op.create_index("b", "events", ["id"])',)),
    ],
)
def test_index_that_is_smaller_than_the_other_is_but_an_info(
    lint: Lint, severity: str, indexes: tuple[str, ...]
) -> None:
    found = lint("\n".join((EVENTS, *indexes)))

    (only,) = [item for item in found if item.code == "ALM417"]
    assert str(only.severity) == severity
    assert only.message.endswith("smaller one") == (severity == "info")


def test_index_that_mysql_makes_for_a_foreign_key_is_not_judged(lint: Lint) -> None:
    index = 'op.create_index("ix", "orders", ["user_id", "id"])'

    found = lint(users(), orders(), index, dialects=("mysql",))

    assert [item for item in found if item.code == "ALM417"] == []


@pytest.mark.parametrize(
    "table",
    [
        'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=asked()))',
        'op.create_table("t", sa.Column("id", sa.Integer()), *keys())',
        'op.create_table("t", sa.Column("id", sa.Integer()), postgresql_partition_by="RANGE (id)")',
        'op.execute("CREATE TABLE t AS SELECT 1 AS id")',
        'op.execute("CREATE TABLE t PARTITION OF u FOR VALUES FROM (1) TO (2)")',
        'op.create_table("t", sa.Column("id", sa.Integer()), prefixes=["TEMPORARY"])',
        'op.create_table("t", sa.Column("id", sa.Integer()))\nop.drop_table("t")',
        'op.create_table("t", sa.Column("id", sa.Integer()))\nop.execute(asked())',
        'op.add_column("t", sa.Column("id", sa.Integer()))',
    ],
)
def test_table_that_may_have_a_key_is_not_told(lint: Lint, table: str) -> None:
    found = lint(table, dialects=("postgresql",))

    assert [item for item in found if item.code == "ALM419"] == []


def test_guarded_drop_of_a_constraint_leaves_the_primary_key(lint: Lint) -> None:
    drop = 'op.execute("ALTER TABLE users DROP CONSTRAINT IF EXISTS uq_other")'

    found = lint(users(), drop, dialects=("postgresql",))

    assert [item for item in found if item.code == "ALM419"] == []


@pytest.mark.parametrize("dialect", ["mysql", "postgresql"])
def test_a_key_in_another_order_is_a_target(lint: Lint, dialect: str) -> None:
    made = users('sa.Column("key", sa.Integer())', 'sa.UniqueConstraint("key", "id")')
    add = 'op.create_foreign_key("fk", "users", "users", ["id", "key"], ["id", "key"])'

    found = lint(made, add, dialects=(dialect,))

    assert [item for item in found if item.code == "ALM413"] == []
