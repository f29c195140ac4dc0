"""duplicate-table and missing-existence-guard, where the cards do not show it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alembic_lint.config import Settings
from alembic_lint.history import History, build_history
from alembic_lint.model import (
    Assigned,
    Body,
    Call,
    ColumnExists,
    Condition,
    Context,
    CreateTable,
    DropTable,
    Function,
    Guard,
    Handler,
    Not,
    OpaqueCondition,
    Operation,
    RenameTable,
    Revision,
    TableExists,
    Try,
    Unknown,
    Value,
)
from alembic_lint.replay import databases, replay
from alembic_lint.rule import Confidence, Finding
from alembic_lint.rules.guards import missing_existence_guard
from alembic_lint.rules.schema import duplicate_table
from alembic_lint.source import FILE_START

OPAQUE = OpaqueCondition("asked()")


def create(
    table: str | Unknown = "t",
    *conditions: Condition,
    schema: str | None = None,
    dialects: tuple[str, ...] | None = None,
    tries: tuple[Try, ...] = (),
) -> CreateTable:
    guards = tuple(Guard(condition, 1, FILE_START) for condition in conditions)
    context = Context(guards=guards, dialects=dialects, tries=tries)
    call = Call("op.create_table")
    return CreateTable(span=FILE_START, call=call, table=table, schema=schema, context=context)


def drop(table: str) -> DropTable:
    return DropTable(span=FILE_START, call=Call("op.drop_table"), table=table)


def assigned(value: Value) -> Assigned:
    return Assigned(value, repr(value), FILE_START, FILE_START)


def revision(key: str, down: Value, *up: Operation, labels: Value = None) -> Revision:
    return Revision(
        path=f"versions/{key}.py",
        revision=assigned(key),
        down_revision=assigned(down),
        branch_labels=assigned(labels),
        upgrade=Function(FILE_START, FILE_START, Body.CODE, up),
    )


def chain(*steps: Sequence[Operation]) -> History:
    """One revision after the other, from r0 on."""
    return build_history(
        [revision(f"r{n}", f"r{n - 1}" if n else None, *up) for n, up in enumerate(steps)]
    )


def duplicates(history: History) -> list[Finding]:
    assert duplicate_table.check.replay_check is not None
    found = {
        (finding.path, finding.span, finding.message): finding
        for name in databases(history, None)
        for finding in duplicate_table.check.replay_check(replay(history, name), Settings())
    }
    return list(found.values())


def missing_guards(history: History, guards: str = "auto") -> list[Finding]:
    assert missing_existence_guard.check.replay_check is not None
    found = {
        (finding.path, finding.span, finding.message): finding
        for name in databases(history, None)
        for finding in missing_existence_guard.check.replay_check(
            replay(history, name), Settings(guards=guards)
        )
    }
    return list(found.values())


def unguarded(history: History, guards: str = "auto") -> list[str | None]:
    return [finding.path for finding in missing_guards(history, guards)]


def test_each_later_revision_is_reported_once_a_table_and_shows_the_first() -> None:
    found = duplicates(chain([create()], [create(), create("u")], [create(), create("u")]))
    assert [(item.path, item.related[0].path) for item in found] == [
        ("versions/r1.py", "versions/r0.py"),
        ("versions/r2.py", "versions/r0.py"),
        ("versions/r2.py", "versions/r1.py"),
    ]


@pytest.mark.parametrize(
    "second",
    [
        [create("t", Not(TableExists("t")))],
        [create("t", Not(ColumnExists("u", "c")), Not(TableExists("t")))],
        [create("t", OPAQUE)],
        [create("t", schema="audit")],
        [drop("t"), create("t")],
        [create("t", tries=(Try(FILE_START, (Handler("a.py", FILE_START, ("Exception",)),)),))],
        [create(Unknown("a loop"))],
        [
            RenameTable(span=FILE_START, call=Call("op.rename_table"), table="t", new_table="old"),
            create("t"),
        ],
    ],
)
def test_what_does_not_clash(second: list[Operation]) -> None:
    assert duplicates(chain([create("t")], second)) == []


def test_creates_on_different_databases_do_not_clash() -> None:
    first, second = create("t", dialects=("postgresql",)), create("t", dialects=("mysql",))
    assert duplicates(chain([first], [second])) == []
    (finding,) = duplicates(chain([first], [create("t")]))
    assert finding.confidence is Confidence.CERTAIN


def test_the_two_branches_of_one_condition_do_not_clash() -> None:
    condition = ColumnExists("users", "c")
    assert duplicates(chain([create("t", condition), create("t", Not(condition))])) == []


def test_one_revision_that_makes_a_table_twice() -> None:
    (finding,) = duplicates(chain([create("t"), create("t")]))
    assert "twice" in finding.message
    assert finding.confidence is Confidence.CERTAIN


def test_a_first_create_that_may_not_have_run_makes_it_possible() -> None:
    (finding,) = duplicates(chain([create("t", OPAQUE)], [create("t")]))
    assert finding.confidence is Confidence.POSSIBLE


def test_a_guard_on_another_object_that_is_open_makes_it_possible() -> None:
    (finding,) = duplicates(chain([create("t")], [create("t", ColumnExists("users", "c"))]))
    assert finding.confidence is Confidence.POSSIBLE


def test_parallel_branches_clash_in_the_one_that_alembic_runs_later() -> None:
    files = [
        revision("base", None),
        revision("a", "base", create()),
        revision("b", "base", create()),
    ]
    history = build_history(files)
    (finding,) = duplicates(history)
    assert finding.path == history.order[-1].path
    assert "parallel" in finding.message
    assert finding.confidence is Confidence.CERTAIN


def test_labelled_branches_need_not_be_run_together() -> None:
    branches = [
        revision("a", "base", create(), labels="one"),
        revision("b", "base", create(), labels="two"),
    ]
    (finding,) = duplicates(build_history([revision("base", None), *branches]))
    assert finding.confidence is Confidence.POSSIBLE
    lines = [
        revision("a", None, create(), labels="one"),
        revision("b", None, create(), labels="two"),
    ]
    assert duplicates(build_history(lines)) == []


def test_what_alembic_cannot_place_clashes_only_possibly() -> None:
    history = build_history([revision("a", None, create()), revision("b", "gone", create())])
    (finding,) = duplicates(history)
    assert finding.confidence is Confidence.POSSIBLE


def test_a_chain_of_thousands_that_all_make_one_table_takes_seconds() -> None:
    assert len(duplicates(chain(*([create("t")] for _ in range(3_000))))) == 2_999


GUARDED = Not(TableExists("t"))


def guarded(table: str) -> CreateTable:
    return create(table, Not(TableExists(table)))


def beside(*branches: Sequence[Operation]) -> History:
    """Revisions on one base; Alembic runs the last one first."""
    files = [revision(f"r{n}", "base", *up) for n, up in enumerate(branches)]
    return build_history([revision("base", None), *files])


def test_a_table_made_elsewhere_asks_for_a_guard() -> None:
    assert unguarded(beside([create("t")], [create("t")])) == ["versions/r1.py"]
    assert unguarded(beside([create("t", GUARDED)], [create("t")])) == ["versions/r1.py"]


@pytest.mark.parametrize("guards", ["auto", "require"])
def test_a_create_that_comes_upon_its_table_is_told_by_duplicate_table_alone(guards: str) -> None:
    history = chain([create("t", GUARDED)], [create("t")])

    assert unguarded(history, guards) == []
    assert [finding.path for finding in duplicates(history)] == ["versions/r1.py"]


def test_a_table_that_this_create_always_makes_first_does_not() -> None:
    assert unguarded(chain([create("t")], [create("t", GUARDED)])) == []


LATER = TableExists("u")


@pytest.mark.parametrize(
    ("history", "words"),
    [
        (
            chain([create("t", LATER)], [create("t"), create("u")]),
            "versions/r0.py makes it before, and this create fails where",
        ),
        (
            beside([create("t", GUARDED)], [create("t")]),
            "versions/r0.py makes it in a parallel branch, and this create fails if",
        ),
    ],
)
def test_the_message_tells_which_of_two_creates_fails(history: History, words: str) -> None:
    (message,) = [
        finding.message for finding in missing_guards(history) if finding.path == "versions/r1.py"
    ]

    assert words in message


@pytest.mark.parametrize(
    "around",
    [
        [create("c"), drop("c")],
        [drop("c"), create("c")],
        [
            create("c"),
            RenameTable(span=FILE_START, call=Call("op.rename_table"), table="c", new_table="x"),
        ],
    ],
)
def test_a_table_that_the_same_revision_removes_needs_no_guard(around: list[Operation]) -> None:
    three = [guarded("a"), guarded("b"), guarded("d")]

    assert unguarded(chain([*three, *around])) == []
    assert unguarded(chain(three, around), "require") == ["versions/r1.py"]


def test_a_table_that_is_dropped_and_made_again_does_not() -> None:
    assert unguarded(chain([create("t")], [drop("t")], [create("t")])) == []


def test_a_create_under_a_condition_that_was_not_read_neither_counts_nor_is_flagged() -> None:
    assert unguarded(chain([create("t")], [create("t", OPAQUE)])) == []


def test_a_custom_takes_three_guards_and_more_than_half() -> None:
    two = [guarded("a"), guarded("b"), create("c")]
    assert unguarded(chain(two)) == []
    three = [guarded("a"), guarded("b"), guarded("d"), create("c")]
    assert unguarded(chain(three)) == ["versions/r0.py"]
    half = [*three, create("e"), create("f")]
    assert unguarded(chain(half)) == []


@pytest.mark.parametrize(
    ("guards", "expected"),
    [("require", ["versions/r0.py"]), ("forbid", ["versions/r1.py"]), ("off", []), ("auto", [])],
)
def test_the_setting_says_where_a_guard_is_asked_for(guards: str, expected: list[str]) -> None:
    assert unguarded(chain([create("a")], [guarded("b")]), guards) == expected
