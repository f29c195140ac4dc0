"""DO blocks: which of them are seen through, and the guards that their statements get."""

from __future__ import annotations

import pytest

from alembic_lint.extract.sql import read_sql
from alembic_lint.model import (
    Call,
    Condition,
    ConstraintExists,
    Context,
    Direction,
    EnumExists,
    Not,
    OpaqueCondition,
    Operation,
    Statement,
)
from alembic_lint.source import FILE_START, Span

CALL = Call("op.execute")
SPAN: Span = FILE_START


def block(body: str) -> tuple[Statement, tuple[Operation, ...]]:
    [statement], found = read_sql(
        f"DO $$ {body} $$",
        dialects=None,
        span=SPAN,
        call=CALL,
        direction=Direction.UPGRADE,
        context=Context(),
    )
    return statement, found


OTHER = EnumExists("other")
SQL = "DROP TABLE t;"


@pytest.mark.parametrize(
    ("body", "conditions"),
    [
        (f"BEGIN {SQL} END", [[]]),
        (f"DECLARE x int := 1; BEGIN x := 2; {SQL} END", [[]]),
        (
            f"BEGIN {SQL} EXCEPTION WHEN others THEN RAISE NOTICE 'no'; END",
            [[Not(OpaqueCondition("the block fails"))]],
        ),
        (
            f"BEGIN SELECT 1; EXCEPTION WHEN duplicate_table THEN {SQL} END",
            [[OpaqueCondition("the block fails")]],
        ),
        (
            (
                "BEGIN IF EXISTS (SELECT 1 FROM pg_type WHERE typname = 'other') THEN"
                f" {SQL} END IF; END"
            ),
            [[OTHER]],
        ),
        (
            (
                "BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'other') THEN"
                f" {SQL} ELSE {SQL} END IF; END"
            ),
            [[Not(OTHER)], [OTHER]],
        ),
        (
            f"BEGIN IF a THEN {SQL} ELSIF b THEN {SQL} END IF; {SQL} END",
            [
                [OpaqueCondition("a")],
                [Not(OpaqueCondition("a")), OpaqueCondition("b")],
                [],
            ],
        ),
        (
            (
                "BEGIN IF EXISTS (SELECT 1 FROM pg_type WHERE typname = 'other') THEN RETURN;"
                f" END IF; {SQL} END"
            ),
            [[Not(OTHER)]],
        ),
        (
            f"BEGIN IF a THEN IF b THEN RETURN; END IF; END IF; {SQL} END",
            [[OpaqueCondition("it goes on")]],
        ),
        (
            f"DECLARE r record; BEGIN FOR r IN SELECT 1 LOOP {SQL} END LOOP; END",
            [[OpaqueCondition("FOR r IN SELECT 1 LOOP")]],
        ),
        ("BEGIN EXECUTE 'DROP TABLE ' || quote_ident('t'); END", [[]]),
        ("BEGIN EXECUTE format('DROP TABLE %I', 't'); END", [[]]),
    ],
)
def test_a_block_is_read_with_the_conditions_around_its_statements(
    body: str, conditions: list[list[Condition]]
) -> None:
    statement, found = block(body)

    assert statement.complete
    assert [getattr(made, "table", "") for made in found] == ["t"] * len(conditions)
    guards = [[guard.condition for guard in made.context.guards] for made in found]
    assert guards == conditions


def test_a_constraint_that_may_be_there_already_is_asked_for() -> None:
    statement, [found] = block(
        "BEGIN ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u (a);"
        " EXCEPTION WHEN duplicate_object THEN NULL; END"
    )

    assert statement.complete
    [guard] = found.context.guards
    assert guard.condition == Not(ConstraintExists("fk", "t"))


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN PERFORM 1; END",
        "DECLARE n int; BEGIN SELECT count(*) INTO n FROM t; RAISE NOTICE '%', n; END",
        "BEGIN UPDATE t SET a = 1; END",
        "BEGIN CREATE EXTENSION x; EXCEPTION WHEN OTHERS THEN NULL; END",
    ],
)
def test_a_block_that_changes_no_definition_is_nothing(body: str) -> None:
    statement, found = block(body)

    assert (statement.complete, found) == (True, ())


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN PERFORM make_tables(); END",
        "BEGIN CALL make_tables(); END",
        "DECLARE x text; BEGIN EXECUTE x; END",
        "BEGIN IF a THEN DROP TABLE t; END",
        "BEGIN DROP TABLE t; END nonsense",
        "DROP TABLE t;",
        "BEGIN " * 40 + "END;" * 40,
    ],
)
def test_a_block_that_may_do_anything_is_not_seen_through(body: str) -> None:
    statement, found = block(body)

    assert (statement.kind, statement.complete) == ("DO", False)
    assert (statement.tables, found) == ((), ())


def test_a_block_of_which_a_part_is_not_read_names_its_tables() -> None:
    statement, found = block("BEGIN DROP TABLE t; CREATE TABLE u (LIKE v); END")

    assert (statement.complete, found) == (False, ())
    assert statement.tables == ((None, "t"), (None, "u"))


@pytest.mark.parametrize(
    ("text", "kind", "complete"),
    [
        ("UPDATE t SET a = 1 WHERE \ufffc \ufffc \ufffc", "UPDATE", True),
        ("SELECT a FROM t WHERE b \ufffc \ufffc ORDER BY a", "SELECT", True),
        ("WITH x AS (SELECT 1) UPDATE t SET a = 1 \ufffc \ufffc c", "UPDATE", True),
        ("SELECT make_tables() FROM t \ufffc \ufffc \ufffc", "UNKNOWN", False),
        ("SELECT a INTO u FROM t \ufffc \ufffc \ufffc", "UNKNOWN", False),
        ("CREATE EXTENSION \ufffc \ufffc x y", "CREATE EXTENSION", True),
        ("DROP FUNCTION f \ufffc x CASCADE", "DROP FUNCTION", False),
        ("CREATE INDEX i ON t \ufffc \ufffc x", "CREATE INDEX", False),
        ("CREATE \ufffc t", "UNKNOWN", False),
        ("\ufffc TABLE t", "UNKNOWN", False),
    ],
)
def test_first_words_tell_what_a_text_is_about(text: str, kind: str, complete: bool) -> None:
    [statement], found = read_sql(
        text,
        dialects=("postgresql",),
        span=SPAN,
        call=CALL,
        direction=Direction.UPGRADE,
        context=Context(),
    )

    assert (statement.kind, statement.complete, found) == (kind, complete, ())


def test_an_index_of_unknown_elements_is_on_a_known_table() -> None:
    [statement], _ = read_sql(
        "CREATE INDEX i ON t \ufffc \ufffc x",
        dialects=("postgresql",),
        span=SPAN,
        call=CALL,
        direction=Direction.UPGRADE,
        context=Context(),
    )

    assert statement.tables == ((None, "t"),)
