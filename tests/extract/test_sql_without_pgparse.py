"""PostgreSQL's statements where its own parser is not installed, as on Windows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

READ = """
import sys
if "absent" in sys.argv:
    sys.modules["pgparse"] = None
from alembic_lint.extract.sql import read_sql
from alembic_lint.model import Call, Context, Direction
from alembic_lint.source import FILE_START
for text in sys.stdin.read().split("\\0"):
    statements, operations = read_sql(text, dialects=("postgresql",), span=FILE_START,
        call=Call(""), direction=Direction.UPGRADE, context=Context())
    print([(item.kind, item.complete) for item in statements], operations, sep="\\n")
assert ("pgparse" in sys.modules and sys.modules["pgparse"] is not None) != ("absent" in sys.argv)
"""

SAME = [
    "CREATE TYPE s.Mood AS ENUM ('a', 'it''s'); DROP TYPE IF EXISTS a, \"B\".c CASCADE",
    "CREATE TYPE mood AS ENUM ('\ufffc', 'b'); DROP TYPE \ufffc",
    "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' BEFORE 'b'",
    "ALTER TYPE mood ADD VALUE 'd' AFTER 'c'",
    "ALTER TYPE mood RENAME TO feeling; ALTER TYPE mood RENAME VALUE 'a' TO 'z'",
    "ALTER INDEX IF EXISTS s.a RENAME TO b",
    "DROP INDEX CONCURRENTLY IF EXISTS s.ix",
    "DROP TABLE IF EXISTS A, s.b CASCADE",
    "ALTER TABLE A RENAME TO b; ALTER TABLE b RENAME COLUMN x TO y",
    "ALTER TABLE t DROP COLUMN IF EXISTS a, DROP CONSTRAINT c",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL, ALTER COLUMN b DROP NOT NULL",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON T (a, B) WHERE a > 1",
    "UPDATE t SET a = 1; DELETE FROM t WHERE b = :c; INSERT INTO t SELECT * FROM u",
]

NOT_SEEN = [
    "DO $$ BEGIN CREATE TYPE mood AS ENUM ('a'); END $$",
    "ALTER TYPE t ADD ATTRIBUTE a int",
    "CREATE TYPE t AS (a int)",
    "ALTER TABLE t VALIDATE CONSTRAINT c",
]


def read(
    python: Callable[..., subprocess.CompletedProcess[str]], texts: list[str], *arguments: str
) -> list[str]:
    script = READ.replace("sys.stdin.read()", repr("\0".join(texts)))
    done = python("-c", script, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_stand_in_reads_the_same(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert read(python, SAME, "absent") == read(python, SAME)


def test_the_stand_in_does_not_claim_to_tell_what_it_does_not_read(
    python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    lines = read(python, NOT_SEEN[:1] + NOT_SEEN[3:], "absent")

    assert len(lines) == 4
    for told, operations in zip(lines[::2], lines[1::2], strict=True):
        assert "False" in told
        assert operations == "()"


@pytest.mark.parametrize("text", NOT_SEEN[1:3])
def test_a_composite_type_is_no_enum(
    python: Callable[..., subprocess.CompletedProcess[str]], text: str
) -> None:
    _, operations = read(python, [text], "absent")

    assert operations == "()"
