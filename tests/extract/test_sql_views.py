"""What SQL text does with views, and which columns their queries read."""

from __future__ import annotations

import pytest

from alembic_lint.extract.sql import UNKNOWN_MARK, read_sql
from alembic_lint.model import Call, ColumnRead, Context, Direction, ViewChange
from alembic_lint.source import FILE_START

A, B = (None, "a"), (None, "b")


def views(text: str, dialect: str = "postgresql") -> list[ViewChange]:
    statements, _ = read_sql(
        text,
        dialects=(dialect,),
        span=FILE_START,
        call=Call("op.execute"),
        direction=Direction.UPGRADE,
        context=Context(),
    )
    return [view for statement in statements for view in statement.views]


def reads(query: str) -> set[ColumnRead] | None:
    """The columns that the query of a view reads."""
    (view,) = views(f"CREATE VIEW v AS {query}")
    return None if view.columns is None else set(view.columns)


def one(name: str | None, *tables: tuple[str | None, str], closed: bool = True) -> ColumnRead:
    return ColumnRead(name, tables, closed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE VIEW s.V AS SELECT 1", ViewChange("create", "v", "s", columns=())),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", ViewChange("replace", "v", columns=())),
        (
            "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT 1",
            ViewChange("create", "v", asks=True, columns=()),
        ),
        ("DROP VIEW IF EXISTS v CASCADE", ViewChange("drop", "v", asks=True, cascade=True)),
        ("ALTER VIEW v RENAME TO w", ViewChange("rename", "v", new_name="w")),
    ],
)
def test_what_is_done_with_a_view(text: str, expected: ViewChange) -> None:
    assert views(text) == [expected]


@pytest.mark.parametrize("dialect", ["sqlite", "mysql"])
def test_views_of_other_databases(dialect: str) -> None:
    text = "CREATE VIEW v AS SELECT id FROM a; DROP VIEW v"

    assert views(text, dialect) == [ViewChange("create", "v"), ViewChange("drop", "v")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT id FROM a", {one("id", A)}),
        ("SELECT * FROM a", {one(None, A)}),
        ("SELECT x.id, x.* FROM s.a AS x", {one("id", ("s", "a")), one(None, ("s", "a"))}),
        ("SELECT id AS n FROM a ORDER BY n", {one("id", A)}),
        ("SELECT id FROM a, b", {one("id", A, B)}),
        ("SELECT a.x FROM a JOIN b USING (k)", {one("x", A), one("k", A), one("k", B)}),
        ("SELECT a.x FROM a JOIN b ON a.k = b.l", {one("x", A), one("k", A), one("l", B)}),
        ("SELECT a FROM a", set()),
        ("SELECT ctid FROM a", set()),
        ("WITH a AS (SELECT k FROM b) SELECT id FROM a", {one("k", B, closed=False)}),
        ("SELECT q.id, m FROM (SELECT id FROM a) q, b", {one("id", A), one("m", B, closed=False)}),
        (
            "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND z > 1)",
            {one("k", A), one("k", B), one("z", B, A)},
        ),
        ("SELECT x FROM a UNION SELECT y FROM b", {one("x", A), one("y", B)}),
        ("SELECT f FROM generate_series(1, 2) AS f", set()),
        ("SELECT x FROM a AS t(x)", set()),
    ],
)
def test_columns_that_a_query_reads(query: str, expected: set[ColumnRead]) -> None:
    assert reads(query) == expected


def test_a_query_that_is_not_known_whole_is_not_read() -> None:
    assert reads(f"SELECT id FROM {UNKNOWN_MARK}") is None
