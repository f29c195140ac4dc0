"""Rules about branches that the graph does not order, where their cards do not show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.config import Settings
from alembic_lint.diagnostics import Diagnostic
from alembic_lint.history import build_history
from alembic_lint.model import Call, DropColumn, Revision
from alembic_lint.replay import replay
from alembic_lint.rule import Finding
from alembic_lint.rules.history import branches_touch_same_object
from alembic_lint.source import Span

Lint = Callable[..., list[Diagnostic]]

BASE = """op.create_table(
    "t",
    sa.Column("id", sa.Integer()),
    sa.Column("a", sa.Text()),
    sa.Column("b", sa.Text()),
    sa.PrimaryKeyConstraint("id", name="pk_t"),
)
op.create_table("u", sa.Column("id", sa.Integer(), primary_key=True))"""
MERGED = ((), (0,), (0,), (1, 2))
UNMERGED = ((), (0,), (0,))

WIDER = 'op.alter_column("t", "a", type_=sa.String(50))'
DROP_A = 'op.drop_column("t", "a")'


def told(found: list[Diagnostic], code: str = "ALM109") -> list[str]:
    return [str(item.severity) for item in found if item.code == code]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WIDER, WIDER.replace("50", "60")),
        (DROP_A, DROP_A),
        (DROP_A, WIDER),
        (DROP_A, 'op.create_unique_constraint("uq", "t", ["a", "b"])'),
        ('op.alter_column("t", "a", new_column_name="c")', 'op.create_index("ix", "t", ["a"])'),
        ('op.drop_table("t")', 'op.add_column("t", sa.Column("c", sa.Text()))'),
        ('op.rename_table("t", "v")', DROP_A),
        ('op.drop_table("u")', 'op.create_foreign_key("fk", "t", "u", ["id"], ["id"])'),
    ],
)
def test_two_branches_on_one_object(lint: Lint, one: str, other: str) -> None:
    assert told(lint(BASE, one, other, "pass", parents=MERGED)) == ["warning"]
    assert told(lint(BASE, one, other, parents=UNMERGED)) == ["warning"]
    assert told(lint(BASE, one, other)) == []


ADD_C = 'op.add_column("t", sa.Column("c", sa.Text()))'


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (ADD_C, ADD_C, "ALM407"),
        ('op.create_index("ix", "t", ["a"])', 'op.create_index("ix", "t", ["b"])', "ALM408"),
        ('op.add_column("ext", sa.Column("c", sa.Text()))',) * 2 + ("ALM407",),
    ],
)
def test_what_both_make_fails_and_is_told_once(lint: Lint, one: str, other: str, code: str) -> None:
    for found in (
        lint(BASE, one, other, "pass", parents=MERGED),
        lint(BASE, one, other, parents=UNMERGED),
    ):
        assert told(found, code) == ["error"]
        assert told(found) == []


def test_what_both_make_does_not_hide_another_clash(lint: Lint) -> None:
    found = lint(BASE, f"{ADD_C}\n{WIDER}", f"{ADD_C}\n{DROP_A}", parents=UNMERGED)

    assert told(found, "ALM407") == ["error"]
    assert told(found) == ["warning"]


def test_what_a_guard_keeps_from_failing_is_a_matter_of_order(lint: Lint) -> None:
    guard = 'if "c" not in [c["name"] for c in sa.inspect(op.get_bind()).get_columns("t")]:\n    '

    found = lint(BASE, guard + ADD_C, guard + ADD_C, parents=UNMERGED)

    assert told(found, "ALM407") == []
    assert told(found) == ["warning"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WIDER, WIDER),
        (DROP_A, 'op.drop_column("t", "b")'),
        ('op.create_index("x", "t", ["a"])', 'op.create_index("y", "t", ["a"])'),
        (
            'op.create_table("v", sa.Column("id", sa.Integer(), sa.ForeignKey("u.id")))',
            'op.create_table("w", sa.Column("id", sa.Integer(), sa.ForeignKey("u.id")))',
        ),
        ("op.execute(\"UPDATE t SET a = ''\")", "op.execute(\"UPDATE t SET a = 'x'\")"),
        (
            'op.create_table("tmp", sa.Column("id", sa.Integer()))\nop.drop_table("tmp")',
            'op.create_table("tmp", sa.Column("id", sa.Integer()))\nop.drop_table("tmp")',
        ),
        (
            'op.add_column("t", sa.Column("c", sa.Text()), if_not_exists=True)',
            'op.add_column("t", sa.Column("c", sa.Text()), if_not_exists=True)',
        ),
    ],
)
def test_merged_branches_that_do_not_meet(lint: Lint, one: str, other: str) -> None:
    assert told(lint(BASE, one, other, "pass", parents=MERGED)) == []


def test_a_dropped_table_is_told_from_what_is_dropped_in_it(lint: Lint) -> None:
    found = lint(BASE, 'op.drop_table("t")', DROP_A, "pass", parents=MERGED)

    (message,) = [item.message for item in found if item.code == "ALM109"]
    assert "dropped both" not in message
    assert '"t" is ' in message
    assert "worked on" in message


def test_one_finding_for_two_branches_and_a_table(lint: Lint) -> None:
    one = f'{WIDER}\nop.alter_column("t", "b", type_=sa.String(50))'
    parents = ((), (0,), (1,), (0,), (3,), (2, 4))

    found = lint(BASE, one, DROP_A, one.replace("50", "60"), "pass", "pass", parents=parents)

    assert told(found) == ["warning"]


def test_many_merges_of_work_on_other_parts_are_silent(lint: Lint) -> None:
    upgrades: list[str] = [BASE]
    parents: list[tuple[int, ...]] = [()]
    for number in range(12):
        tip = len(upgrades) - 1
        column = f'op.add_column("t", sa.Column("c{number}", sa.Text()))'
        key = 'sa.Column("t_id", sa.Integer(), sa.ForeignKey("t.id"))'
        upgrades += [f'op.create_table("t{number}", {key})', column, "pass"]
        parents += [(tip,), (tip,), (tip + 1, tip + 2)]

    assert told(lint(*upgrades, parents=parents)) == []


def test_a_table_that_only_the_other_branch_makes_is_no_clash(lint: Lint) -> None:
    add = 'op.add_column("v", sa.Column("c", sa.Text()))'
    make = 'op.create_table("v", sa.Column("id", sa.Integer(), primary_key=True))'

    found = lint(BASE, make, add, parents=UNMERGED)

    assert len(told(found, "ALM110")) == 1
    assert told(found, "ALM401") == []
    assert told(found) == []


@pytest.mark.parametrize(
    ("make", "use"),
    [
        ('op.add_column("t", sa.Column("c", sa.Text()))', 'op.create_index("ix", "t", ["c"])'),
        ('op.create_index("ix", "t", ["a"])', 'op.drop_index("ix", table_name="t")'),
        ('op.create_unique_constraint("uq", "t", ["a"])', 'op.drop_constraint("uq", "t")'),
        ('op.rename_table("u", "v")', 'op.create_foreign_key("fk", "t", "v", ["id"], ["id"])'),
    ],
)
def test_what_only_another_branch_makes(
    lint: Lint, refusal: Callable[..., str], make: str, use: str
) -> None:
    found = lint(BASE, make, use, parents=UNMERGED)

    (severity,) = told(found, "ALM110")
    assert (severity == "error") == (refusal(BASE, make, use, parents=UNMERGED) != "")
    assert told(lint(BASE, make, use), "ALM110") == []
    assert {item.code for item in found}.isdisjoint({"ALM401", "ALM402", "ALM403", "ALM404"})


@pytest.mark.parametrize(
    "use",
    [
        'if sa.inspect(op.get_bind()).has_table("v"):\n    op.drop_table("v")',
        'op.drop_table("v", if_exists=True)',
        "try:\n    op.drop_table('v')\nexcept Exception:\n    pass",
    ],
)
def test_work_that_asks_first_depends_on_nothing(lint: Lint, use: str) -> None:
    make = 'op.create_table("v", sa.Column("id", sa.Integer(), primary_key=True))'

    assert told(lint(BASE, make, use, parents=UNMERGED), "ALM110") == []


def test_branches_with_labels_of_their_own_are_meant_to_stay_apart(
    make_revision: Callable[..., Revision],
) -> None:
    def drop(column: str) -> DropColumn:
        span = Span.of_line(7, 20)
        return DropColumn(span=span, call=Call("op.drop_column"), table="t", column=column)

    def findings(one: str | None, other: str | None, columns: str) -> list[Finding]:
        history = build_history(
            [
                make_revision("a", path="a.py"),
                make_revision("b", "a", path="b.py", branch_labels=one, up=[drop(columns[0])]),
                make_revision("c", "a", path="c.py", branch_labels=other, up=[drop(columns[1])]),
            ]
        )
        check = branches_touch_same_object.check.replay_check
        assert check is not None
        return list(check(replay(history), Settings()))

    assert len(findings(None, None, "xy")) == 1
    assert findings("expand", "contract", "xy") == []
    assert len(findings("expand", "contract", "xx")) == 1


RENAME = 'op.alter_column("t", "a", new_column_name="c")'
INDEX_A = 'op.create_index("ix", "t", ["a"])'


@pytest.mark.database
@pytest.mark.parametrize(
    ("late", "early", "words"),
    [
        (RENAME, INDEX_A, ("renamed", "used")),
        (RENAME, WIDER, ("renamed", "changed")),
        (DROP_A, WIDER, ("dropped", "changed")),
        ('op.rename_table("t", "v")', INDEX_A, ("renamed", "worked on")),
        ('op.drop_table("t")', INDEX_A, ("dropped", "worked on")),
    ],
)
def test_only_order_that_works_is_told(
    lint: Lint, refusal: Callable[..., str], late: str, early: str, words: tuple[str, str]
) -> None:
    (found,) = [
        item for item in lint(BASE, late, early, "pass", parents=MERGED) if item.code == "ALM109"
    ]

    assert all(word in found.message for word in words)
    assert 'set depends_on = "r2"' in found.message
    assert refusal(BASE, late, early) != ""


@pytest.mark.parametrize(
    ("late", "early"),
    [
        (DROP_A, INDEX_A),
        ('op.drop_table("u")', 'op.create_foreign_key("fk", "t", "u", ["id"], ["id"])'),
        (DROP_A, DROP_A),
        (WIDER, WIDER.replace("50", "60")),
    ],
)
def test_order_is_left_open_where_neither_is_sure_to_work(
    lint: Lint, late: str, early: str
) -> None:
    (found,) = [
        item for item in lint(BASE, late, early, "pass", parents=MERGED) if item.code == "ALM109"
    ]

    assert "depends_on" not in found.message
