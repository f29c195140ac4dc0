"""Replay: which tables exist at each operation, and whether its guards let it run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alembic_lint.history import History, build_history
from alembic_lint.model import (
    And,
    Argument,
    Assigned,
    Body,
    Call,
    ColumnExists,
    Condition,
    Context,
    CreateTable,
    CreateUniqueConstraint,
    DialectIs,
    DropTable,
    ExecuteSql,
    Function,
    Guard,
    Loop,
    Name,
    Not,
    OfflineMode,
    Opaque,
    OpaqueCondition,
    Operation,
    Or,
    RenameTable,
    Revision,
    Statement,
    TableExists,
    UniqueConstraint,
    Unknown,
    Value,
)
from alembic_lint.replay import Replay, Step, databases, replay
from alembic_lint.schema import Presence
from alembic_lint.source import FILE_START

PRESENT, ABSENT, MAYBE = Presence.PRESENT, Presence.ABSENT, Presence.MAYBE
OPAQUE = OpaqueCondition("asked()")


def under(*conditions: Condition, dialects: tuple[str, ...] | None = None) -> Context:
    """A context of guards, numbered from 1 in their order."""
    guards = tuple(
        Guard(condition, block, FILE_START) for block, condition in enumerate(conditions, 1)
    )
    return Context(guards=guards, dialects=dialects)


def create(
    table: Name, context: Context | None = None, *, if_not_exists: bool = False
) -> CreateTable:
    return CreateTable(
        span=FILE_START,
        call=Call("op.create_table"),
        table=table,
        context=context or Context(),
        if_not_exists=if_not_exists,
    )


def drop(table: Name, context: Context | None = None, *, if_exists: bool = False) -> DropTable:
    return DropTable(
        span=FILE_START,
        call=Call("op.drop_table"),
        table=table,
        context=context or Context(),
        if_exists=if_exists,
    )


def rename(table: Name, new: Name, *, if_exists: bool = False) -> RenameTable:
    return RenameTable(
        span=FILE_START,
        call=Call("op.rename_table"),
        table=table,
        new_table=new,
        if_exists=if_exists,
    )


def opaque(*tables: str) -> Opaque:
    call = Call("helper")
    return Opaque(span=FILE_START, call=call, why="it is not seen", tables=tables or None)


def assigned(value: Value) -> Assigned:
    return Assigned(value, repr(value), FILE_START, FILE_START)


def revision(
    key: str,
    down: Value = None,
    up: Sequence[Operation] = (),
    downgrade: Sequence[Operation] = (),
    depends_on: Value = None,
) -> Revision:
    return Revision(
        path=f"versions/{key}.py",
        revision=assigned(key),
        down_revision=assigned(down),
        depends_on=assigned(depends_on),
        upgrade=Function(FILE_START, FILE_START, Body.CODE, tuple(up)),
        downgrade=Function(FILE_START, FILE_START, Body.CODE, tuple(downgrade)),
    )


def history_of(*revisions: Revision) -> History:
    return build_history(revisions)


def presence_after(*operations: Operation, table: str = "t") -> Presence:
    """Whether a table is there when one revision has run; every table is this history's own."""
    later = revision("b", "a", [create("t"), create("u"), create("v")])
    result = replay(history_of(revision("a", None, operations), later))
    return result.at("a").presence(table)


def runs(result: Replay) -> list[bool | None]:
    return [step.runs for step in result.steps]


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([], ABSENT),
        ([create("t")], PRESENT),
        ([create("t"), drop("t")], ABSENT),
        ([create("u"), rename("u", "t")], PRESENT),
        ([create("t"), rename("t", "u")], ABSENT),
        ([create("t", if_not_exists=True)], PRESENT),
        ([drop("t", if_exists=True)], ABSENT),
        ([rename("t", "u", if_exists=True)], ABSENT),
        ([opaque()], MAYBE),
        ([opaque("t")], MAYBE),
        ([opaque("u")], ABSENT),
        ([create("t"), opaque()], MAYBE),
        ([create("t"), opaque("u")], PRESENT),
        ([opaque(), create("t")], PRESENT),
        ([opaque(), drop("t")], ABSENT),
        ([create(Unknown("a loop"))], MAYBE),
        ([create("t"), create(Unknown("a loop"))], PRESENT),
        ([create("t"), drop(Unknown("a loop"))], MAYBE),
        ([drop(Unknown("a loop"), if_exists=True)], ABSENT),
        ([rename(Unknown("a loop"), "t")], MAYBE),
    ],
)
def test_each_operation_changes_what_is_there(
    operations: list[Operation], expected: Presence
) -> None:
    assert presence_after(*operations) is expected


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([create("t", under(OPAQUE))], MAYBE),
        ([create("t"), drop("t", under(OPAQUE))], MAYBE),
        ([create("t", under(OPAQUE)), drop("t", under(OPAQUE))], ABSENT),
        ([create("t", under(OPAQUE)), create("t", under(Not(OPAQUE)))], PRESENT),
        ([create("t", under(OPAQUE)), drop("t")], ABSENT),
        ([opaque(), create("t", under(Not(TableExists("t"))))], PRESENT),
        ([opaque(), drop("t", under(TableExists("t")))], ABSENT),
        ([create("t", under(OfflineMode()))], ABSENT),
        ([create("t", under(Not(OfflineMode())))], PRESENT),
        ([create("t", under(ColumnExists("u", "c")))], ABSENT),
        ([create("t", under(Not(ColumnExists("u", "c"))))], PRESENT),
        ([create("u"), create("t", under(ColumnExists("u", "c")))], ABSENT),
        ([opaque("u"), create("t", under(ColumnExists("u", "c")))], MAYBE),
        ([create("t", under(And((TableExists("u"), OPAQUE))))], ABSENT),
        ([create("t", under(Or((Not(TableExists("u")), OPAQUE))))], PRESENT),
        ([create("t", under(Or((TableExists("u"), OPAQUE))))], MAYBE),
        ([create("t", under(TableExists(Unknown("a loop"))))], MAYBE),
    ],
)
def test_a_guard_lets_run_holds_back_or_leaves_open(
    operations: list[Operation], expected: Presence
) -> None:
    assert presence_after(*operations) is expected


def test_a_loop_that_was_not_unrolled_leaves_open() -> None:
    context = Context(loop=Loop("tables", "it is not known", FILE_START))
    assert presence_after(create("t", context)) is MAYBE


def test_the_guards_of_one_block_are_decided_once_when_it_is_entered() -> None:
    block = under(Not(TableExists("t")))
    history = history_of(revision("a", None, [create("t", block), create("u", block)]))
    assert runs(replay(history)) == [True, True]


def test_the_other_branch_of_a_condition_does_not_see_what_the_first_did() -> None:
    absent, present = under(Not(TableExists("t"))), under(TableExists("t"))
    history = history_of(revision("a", None, [create("t", absent), create("u", present)]))
    assert runs(replay(history)) == [True, False]


def test_a_guard_is_decided_in_the_state_that_the_ancestors_leave() -> None:
    guarded = create("t", under(Not(TableExists("t"))))
    history = history_of(revision("a", None, [create("t")]), revision("b", "a", [guarded]))
    result = replay(history)
    assert runs(result) == [True, False]
    (maker,) = result.at("b").table("t").makers
    assert maker.revision.id == "a"


def test_a_step_under_an_open_guard_starts_where_the_guard_holds() -> None:
    inside = under(OPAQUE)
    history = history_of(revision("a", None, [create("t", inside), create("u", inside)]))
    first, second = replay(history).steps
    assert first.runs is None
    assert first.before.presence("t") is ABSENT
    assert second.before.presence("t") is PRESENT
    assert replay(history).at("a").presence("t") is MAYBE


def test_a_table_that_the_history_never_makes_was_there_before_it() -> None:
    schema = replay(history_of(revision("a", None, [drop("old"), create("t")]))).at("a")
    assert schema.table("users").external
    assert schema.presence("users") is PRESENT
    assert schema.presence("old") is ABSENT


def test_a_guard_on_a_table_that_only_it_speaks_of_is_left_open() -> None:
    history = history_of(revision("a", None, [create("t", under(TableExists("users")))]))
    assert runs(replay(history)) == [None]


def test_a_table_dropped_before_it_is_made_was_there_before_alembic() -> None:
    history = history_of(revision("a", None, [drop("t"), create("t")]))
    first, second = replay(history).steps
    assert first.before.presence("t") is PRESENT
    assert second.before.presence("t") is ABSENT


def test_what_sql_amounts_to_follows_as_steps_of_its_own() -> None:
    sql = ExecuteSql(
        span=FILE_START,
        call=Call("op.execute"),
        sql="CREATE TABLE t (id int)",
        statements=(Statement("CREATE TABLE", "CREATE TABLE t (id int)"),),
        operations=(create("t"),),
    )
    first, second = replay(history_of(revision("a", None, [sql]))).steps
    assert first.operation is sql
    assert first.after.presence("t") is ABSENT
    assert second.after.presence("t") is PRESENT


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (Unknown("a file"), MAYBE),
        ((Statement("UNKNOWN", "gibberish", complete=False),), MAYBE),
        ((Statement("DO", "DO $$ … $$", complete=False),), MAYBE),
        ((Statement("ALTER TABLE", "RENAME", tables=((None, "t"),), complete=False),), MAYBE),
        ((Statement("ALTER TABLE", "RENAME", tables=((None, "u"),), complete=False),), PRESENT),
        ((Statement("ALTER TABLE", "SET", tables=((None, "t"),), complete=False),), PRESENT),
        ((Statement("UPDATE", "…", tables=((None, "t"),), complete=False),), PRESENT),
    ],
)
def test_sql_that_is_not_fully_read_blurs_what_it_can_touch(
    statements: tuple[Statement, ...] | Unknown, expected: Presence
) -> None:
    sql = ExecuteSql(
        span=FILE_START, call=Call("op.execute"), sql=Unknown("a file"), statements=statements
    )
    assert presence_after(create("t"), sql) is expected


def test_databases_are_told_apart() -> None:
    postgresql = under(DialectIs(("postgresql",)), dialects=("postgresql",))
    history = history_of(revision("a", None, [create("t", postgresql)]))
    assert replay(history, "postgresql").at("a").presence("t") is PRESENT
    assert replay(history, "mysql").at("a").presence("t") is ABSENT


def test_the_databases_of_an_else_are_all_others() -> None:
    postgresql = under(DialectIs(("postgresql",)), dialects=("postgresql",))
    others = under(Not(DialectIs(("postgresql",))))
    history = history_of(revision("a", None, [create("t", postgresql), create("t", others)]))
    assert runs(replay(history, "postgresql")) == [True, False]
    assert runs(replay(history, "mysql")) == [False, True]
    assert replay(history, "mysql").at("a").presence("t") is PRESENT


def test_branches_do_not_see_each_other_and_a_merge_sees_both() -> None:
    history = history_of(
        revision("base"),
        revision("left", "base", [create("t")]),
        revision("right", "base", [create("u")]),
        revision("merge", ("left", "right")),
    )
    result = replay(history)
    assert result.at("right").presence("t") is ABSENT
    assert result.at("merge").presence("t") is PRESENT
    assert result.at("merge").presence("u") is PRESENT


def test_a_merge_keeps_the_first_parents_object_where_the_others_guards_hold_back() -> None:
    guard = under(Not(TableExists("t")))
    history = history_of(
        revision("base"),
        revision("legacy", "base", [create("t", guard)]),
        revision("split", "base", [create("t", guard)]),
        revision("merge", ("split", "legacy")),
    )
    (maker,) = replay(history).at("merge").table("t").makers
    assert maker.revision.id == "split"


def test_what_parents_share_is_applied_once() -> None:
    history = history_of(
        revision("base", None, [create("t")]),
        revision("left", "base", [drop("t")]),
        revision("right", "base"),
        revision("merge", ("left", "right")),
    )
    assert replay(history).at("merge").presence("t") is ABSENT


def test_a_dependency_is_an_ancestor_too() -> None:
    history = history_of(
        revision("a", None, [create("t")]),
        revision("b", None, [drop("t")], depends_on="a"),
    )
    result = replay(history)
    assert result.steps[-1].before.presence("t") is PRESENT
    assert result.at("b").presence("t") is ABSENT


def test_the_downgrade_starts_where_the_upgrade_ended() -> None:
    history = history_of(
        revision("a", None, [create("t")], [drop("t", under(TableExists("t")))]),
        revision("b", "a", [drop("t")], [create("t")]),
    )
    first, second = replay(history).downgrade_steps
    assert (first.runs, first.after.presence("t")) == (True, ABSENT)
    assert (second.before.presence("t"), second.after.presence("t")) == (ABSENT, PRESENT)
    assert [first.revision.id, second.revision.id] == ["a", "b"]


def test_a_run_of_all_heads_meets_what_parallel_branches_made() -> None:
    history = history_of(
        revision("base"),
        revision("left", "base", [create("t")]),
        revision("right", "base", [create("t")]),
    )
    seen = {step.revision.id: step.before.presence("t") for step in replay(history).upgrade_run()}
    assert sorted(seen.values()) == [ABSENT, PRESENT]
    assert {step.before.presence("t") for step in replay(history).steps} == {ABSENT}


def test_below_a_gap_nothing_is_known_but_the_rest_is_replayed() -> None:
    history = history_of(
        revision("base", None, [create("t")]),
        revision("lost", "gone", [create("u")]),
        revision("above", "lost", [drop("u")]),
    )
    result = replay(history)
    steps: dict[str | None, Step] = {step.revision.id: step for step in result.steps}
    assert steps["base"].before.presence("t") is ABSENT
    assert steps["lost"].before.presence("t") is MAYBE
    assert steps["above"].before.presence("u") is PRESENT


def test_members_of_a_cycle_are_replayed_from_an_unknown_state() -> None:
    history = history_of(revision("a", "b", [create("t")]), revision("b", "a", [create("u")]))
    befores = [step.before.presence("t") for step in replay(history).steps]
    assert len(befores) == 2
    assert MAYBE in befores


def test_a_file_whose_id_is_taken_over_is_replayed_but_never_part_of_a_run() -> None:
    first = revision("a", None, [create("t")])
    second = Revision(
        path="versions/copy.py",
        revision=assigned("a"),
        down_revision=assigned(None),
        upgrade=Function(FILE_START, FILE_START, Body.CODE, (create("u"),)),
    )
    history = history_of(first, second)
    assert {step.revision.path for step in replay(history).steps} == {first.path, second.path}
    assert {step.revision.path for step in replay(history).upgrade_run()} == {second.path}
    assert replay(history).at("a").presence("t") is ABSENT


def test_ten_thousand_revisions_that_merge_at_every_step_take_seconds() -> None:
    files = [revision("a0"), revision("b0", "a0")]
    for number in range(1, 5_000):
        before = number - 1
        files.append(revision(f"b{number}", f"b{before}", [create(f"t{number}")]))
        files.append(revision(f"a{number}", (f"a{before}", f"b{number}")))
    history = history_of(*files)
    assert len(history.order) == 10_000
    # Replaying every ancestor at every merge would take some twelve million steps.
    assert replay(history).at("a4999").presence("t4999") is PRESENT


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("app/versions", ("mysql", "postgresql", "sqlite")),
        ("app/versions/sqlite", ("sqlite",)),
        ("app/postgresql/versions", ("postgresql",)),
    ],
)
def test_a_directory_may_name_the_database(location: str, expected: tuple[str, ...]) -> None:
    history = build_history([revision("a")], locations=[location])
    assert databases(history, None) == expected


def test_a_history_is_not_replayed_where_it_certainly_cannot_run() -> None:
    constraint = UniqueConstraint(("a",), "uq")
    unique = CreateUniqueConstraint(
        span=FILE_START, call=Call("op.create_unique_constraint"), table="t", constraint=constraint
    )
    history = history_of(revision("a", None, [create("t"), unique]))
    assert databases(history, None) == ("mysql", "postgresql")


def test_a_condition_without_which_the_revision_fails_is_taken_to_hold() -> None:
    guard = Guard(OPAQUE, 1, FILE_START, required=True)
    opposite = Guard(Not(TableExists("t")), 2, FILE_START, required=True)
    later = revision("b", "a", [create("u", Context(guards=(guard,)))])
    result = replay(history_of(revision("a", None, [create("t")]), later))
    failing = revision("b", "a", [create("u", Context(guards=(opposite,)))])

    assert result.at("b").presence("u") is PRESENT
    assert runs(result) == [True, None]
    assert runs(replay(history_of(revision("a", None, [create("t")]), failing))) == [True, False]


def test_what_an_undecided_downgrade_alone_makes_was_not_there_before() -> None:
    up: list[Operation] = [create("t"), drop("gone"), ExecuteSql(
        span=FILE_START, call=Call("op.execute", (Argument(None, "", "SELECT * FROM read"),)),
        sql="SELECT * FROM read", statements=(Statement("SELECT", "SELECT * FROM read"),),
        operations=(),
    )]  # fmt: skip
    made: list[Operation] = [create(name, under(OPAQUE)) for name in ("copy", "gone", "read")]
    (trip,) = replay(history_of(revision("a", None, up, made))).trips

    assert trip.before.presence("copy") is ABSENT
    assert trip.restored.presence("copy") is MAYBE
    assert trip.before.presence("gone") is PRESENT
    assert trip.before.presence("read") is PRESENT
