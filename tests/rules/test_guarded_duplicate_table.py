"""guarded-duplicate-table: what it compares, and when it keeps silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.diagnostics import Diagnostic

Lint = Callable[..., list[Diagnostic]]

PLAIN = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'


def create(*items: str, name: str = "t") -> str:
    inner = ", ".join(('sa.Column("id", sa.Integer(), primary_key=True)', *items))
    return f'op.create_table("{name}", {inner})'


def guarded(*lines: str) -> str:
    return "\n".join(
        ('if not sa.inspect(op.get_bind()).has_table("t"):', *(f"    {line}" for line in lines))
    )


def told(found: list[Diagnostic]) -> list[Diagnostic]:
    return [item for item in found if item.code == "ALM406"]


@pytest.mark.parametrize(
    ("first", "second", "differences"),
    [
        ('sa.Column("a", sa.Text())', 'sa.Column("a", sa.Integer())', 'column "a" (type)'),
        ('sa.Column("a", sa.String(1))', 'sa.Column("a", sa.String(2))', 'column "a" (type)'),
        ('sa.Column("a", sa.Text())', 'sa.Column("a", sa.Text(), nullable=False)', "(nullable)"),
        ('sa.Column("a", sa.Text())', 'sa.Column("a", sa.Text(), server_default="x")', "(default)"),
        ('sa.Column("a", sa.Text())', 'sa.Column("b", sa.Text())', 'column "a" (only there)'),
        ('sa.Column("a", sa.Text())', 'sa.Column("b", sa.Text())', 'column "b" (only here)'),
        (
            'sa.Column("a", sa.Text())',
            'sa.Column("a", sa.Text()), sa.UniqueConstraint("a", name="uq")',
            'unique constraint "uq" (only here)',
        ),
        (
            'sa.Column("a", sa.Integer(), sa.ForeignKey("u.id", name="fk", ondelete="CASCADE"))',
            'sa.Column("a", sa.Integer(), sa.ForeignKey("u.id", name="fk"))',
            'foreign key "fk" (ondelete)',
        ),
        ('sa.Column("a", sa.Text(), index=True)', 'sa.Column("a", sa.Text())', 'index "ix_t_a"'),
    ],
)
def test_each_difference_is_named(lint: Lint, first: str, second: str, differences: str) -> None:
    (only,) = told(lint(create(name="u"), create(first), guarded(create(second))))

    assert only.severity == "warning"
    assert differences in only.message


@pytest.mark.parametrize("parents", [((), (0,), (0,)), ((), (0,), (1,))])
def test_indexes_under_the_same_guard_belong_to_the_definition(
    lint: Lint, parents: tuple[tuple[int, ...], ...]
) -> None:
    with_index = guarded(PLAIN, 'op.create_index("ix", "t", ["id"])')

    (agree,) = told(lint("pass", with_index, with_index, parents=parents))
    (differ,) = told(lint("pass", with_index, guarded(PLAIN), parents=parents))

    assert agree.severity == "info"
    assert differ.severity == "warning"
    assert 'they differ in index "ix" (only ' in differ.message


def test_early_return_is_a_guard(lint: Lint) -> None:
    early = f'if sa.inspect(op.get_bind()).has_table("t"):\n    return\n{PLAIN}'

    (only,) = told(lint(PLAIN, early))

    assert only.severity == "info"


def test_what_was_changed_in_between_counts_where_the_graph_orders_the_two(lint: Lint) -> None:
    change = 'op.add_column("t", sa.Column("a", sa.Text()))'

    (only,) = told(lint(PLAIN, change, guarded(create('sa.Column("a", sa.Text())'))))

    assert only.severity == "info"


def test_what_cannot_be_read_is_not_said_to_differ(lint: Lint) -> None:
    (only,) = told(lint(PLAIN, guarded(create("*columns()"))))

    assert only.severity == "info"
    assert "as far as they can be read" in only.message


@pytest.mark.parametrize(
    "upgrades",
    [
        pytest.param((guarded(PLAIN), 'op.create_index("ix", "t", ["id"])'), id="made once"),
        pytest.param((PLAIN, 'op.drop_table("t")', guarded(PLAIN)), id="dropped"),
        pytest.param((PLAIN, 'op.rename_table("t", "u")', guarded(PLAIN)), id="renamed"),
        pytest.param((PLAIN, f'op.drop_table("t")\n{guarded(PLAIN)}'), id="dropped here"),
        pytest.param((PLAIN, PLAIN), id="not guarded"),
        pytest.param((PLAIN, f"if asked():\n    {PLAIN}"), id="a condition that is not read"),
        pytest.param(
            (PLAIN, f'if op.get_bind().dialect.name == "mysql":\n    {PLAIN}'), id="elsewhere"
        ),
        pytest.param(
            (
                PLAIN,
                f'if op.get_bind().dialect.name == "mysql":\n    {guarded(PLAIN)}'.replace(
                    "    op.", "        op."
                ),
            ),
            id="guarded elsewhere",
        ),
    ],
)
def test_nothing_to_say(lint: Lint, upgrades: tuple[str, ...]) -> None:
    assert told(lint(*upgrades)) == []
