"""SQL text that is long, deep or broken: an answer, in bounded time, and no exception."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alembic_lint.extract.sql import catalogue_condition, read_sql
from alembic_lint.model import Call, Context, Direction, Operation, Statement
from alembic_lint.source import FILE_START

DEEP = {
    "parentheses": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "sums": "SELECT " + "1+" * 10_000 + "1",
    "nots": "SELECT " + "NOT " * 5_000 + "true",
    "unions": "SELECT 1" + " UNION SELECT 1, 2" * 5_000,
    "joins": "SELECT 1 FROM a" + " JOIN b ON true" * 5_000,
    "casts": "SELECT 1" + "::int" * 10_000,
    "cases": "SELECT " + "CASE WHEN a THEN " * 3_000 + "1" + " END" * 3_000,
    "arrays": "SELECT " + "ARRAY[" * 5_000 + "]" * 5_000,
    "queries": "SELECT " + "(SELECT " * 3_000 + "1" + ")" * 3_000,
    "postfixes": "SELECT 1" + " IS NULL" * 10_000,
    "arrows": "UPDATE t SET a = b" + " -> 'c'" * 10_000,
    "comments": "/*" * 50_000,
    "blocks": "DO $$ BEGIN " + "IF EXISTS (SELECT 1) THEN " * 2_000 + "$$",
    "calls": "CREATE INDEX i ON t (" + "f(" * 5_000 + ")" * 5_000 + ")",
}

BROKEN = {
    "open string": "UPDATE t SET a = 'b; DROP TABLE t",
    "open dollar quote": "DO $$ BEGIN",
    "open name": 'DROP TABLE "t',
    "open comment": "DROP TABLE t /* ",
    "NUL": "SELECT 1\0; DROP TABLE t",
    "surrogate": "DROP TABLE \ud800",
    "closed only": "))) DROP TABLE t",
    "long name": "CREATE TABLE " + "é" * 500 + " (a int)",
    "lone backslash": "\\",
    "semicolons": ";" * 20_000,
}


def read(text: str, *dialects: str) -> tuple[tuple[Statement, ...], tuple[Operation, ...]]:
    return read_sql(
        text,
        dialects=dialects or None,
        span=FILE_START,
        call=Call("op.execute"),
        direction=Direction.UPGRADE,
        context=Context(),
    )


@pytest.mark.parametrize("dialects", [(), ("mysql", "sqlite")])
@pytest.mark.parametrize("text", [*DEEP.values(), *BROKEN.values()], ids=[*DEEP, *BROKEN])
def test_hostile_text_is_answered(text: str, dialects: tuple[str, ...]) -> None:
    started = time.process_time()

    read(text, *dialects)
    catalogue_condition(text, dialects or None)

    assert time.process_time() - started < 10


def test_deep_text_does_not_overflow_the_small_stack_of_a_thread() -> None:
    # In a process of its own, which an overflow would end.
    script = """
import sys, threading
from alembic_lint.extract.sql import read_sql
from alembic_lint.model import Call, Context, Direction
from alembic_lint.source import FILE_START

def read():
    for depth in (300, 900, 3_000, 10_000):
        for text in ("1+" * depth + "1", "NOT " * depth + "true",
                     "(SELECT " * depth + "1" + ")" * depth,
                     "CASE WHEN a THEN " * depth + "1" + " END" * depth):
            read_sql("SELECT " + text, dialects=("postgresql",), span=FILE_START,
                     call=Call(""), direction=Direction.UPGRADE, context=Context())
    print("done")

threading.stack_size(512 * 1024)
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.mark.parametrize("name", ["parentheses", "sums", "queries"])
def test_text_that_is_too_deep_is_of_no_kind(name: str) -> None:
    [statement], operations = read(DEEP[name], "postgresql")

    assert (statement.kind, statement.complete, operations) == ("UNKNOWN", False, ())


def test_text_that_is_too_long_is_of_no_kind() -> None:
    [statement], _ = read("SELECT 1 -- " + "x" * 1_000_000)

    assert (statement.kind, statement.complete) == ("UNKNOWN", False)


def test_long_flat_text_is_read() -> None:
    rows = ", ".join(f"({number}, 'it''s {number}', now())" for number in range(5_000))

    statements, _ = read(f"INSERT INTO t VALUES {rows}; DROP TABLE t")

    assert [statement.kind for statement in statements] == ["INSERT", "DROP TABLE"]


def test_too_many_statements_are_not_all_read() -> None:
    statements, _ = read("DROP TABLE t;" * 3_000)

    assert len(statements) < 3_000
    assert statements[-1].kind == "UNKNOWN"
    assert not statements[-1].complete


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read("ALTER TABLE t FROBNICATE", "mysql", "sqlite")

    assert caplog.records == []


WORDS = (
    "CREATE TABLE ALTER DROP t a ( ) , ; ' \" ` $$ $x$ -- /* */ :b %s \\: :: [ ] E' int NOT NULL"
    " DEFAULT 1 INDEX ON WHERE = ADD COLUMN CONSTRAINT TYPE AS ENUM DO BEGIN END CASE \ufffc é"
    " SELECT FROM pg_class relname EXISTS AND CHECK REFERENCES USING PRIMARY KEY"
)
PIECES = st.sampled_from([*WORDS.split(), "\n"])


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_no_text_raises(text: str) -> None:
    read(text)
    read(text, "mysql")
    catalogue_condition(text)
