"""Catalogue queries that tell whether something exists."""

from __future__ import annotations

import pytest

from alembic_lint.extract.sql import UNKNOWN_MARK, catalogue_condition, catalogue_query
from alembic_lint.model import (
    ColumnExists,
    Condition,
    ConstraintExists,
    EnumExists,
    IndexExists,
    Not,
    TableExists,
    Unknown,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT to_regclass('t')", TableExists("t")),
        ("SELECT to_regclass('public.T') IS NOT NULL", TableExists("t")),
        ("SELECT to_regclass('s.\"T\"')::text", TableExists("T", "s")),
        ("SELECT to_regclass('t') IS NULL AS missing", Not(TableExists("t"))),
        ("SELECT 1 FROM information_schema.tables WHERE table_name = 't'", TableExists("t")),
        (
            (
                "SELECT EXISTS (SELECT FROM information_schema.tables"
                " WHERE table_schema = 's' AND table_name = 't' AND table_type = 'BASE TABLE')"
            ),
            TableExists("t", "s"),
        ),
        (
            (
                "SELECT COUNT(*) FROM information_schema.tables"
                " WHERE table_schema = DATABASE() AND table_name = 't'"
            ),
            TableExists("t"),
        ),
        (
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 't'",
            TableExists("t"),
        ),
        (
            (
                "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                " ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = 't'"
                " AND c.relkind IN ('r', 'p')"
            ),
            TableExists("t"),
        ),
        ("SELECT 1 FROM pg_class WHERE relname = 'i' AND relkind = 'i'", IndexExists("i", None)),
        (
            (
                'SELECT column_name FROM "information_schema".columns'
                " WHERE 't' = table_name AND (column_name = 'it''s') LIMIT 1;"
            ),
            None,
        ),
        (
            (
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = 't' AND (column_name = 'it''s') LIMIT 1;"
            ),
            ColumnExists("t", "it's"),
        ),
        (
            (
                "SELECT 1 FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'"
                " AND NOT attisdropped"
            ),
            ColumnExists("t", "c"),
        ),
        (
            (
                "SELECT constraint_name FROM information_schema.table_constraints"
                " WHERE constraint_name = 'k' AND table_name = 't'"
                " AND constraint_type = 'FOREIGN KEY'"
            ),
            ConstraintExists("k", "t", "foreignkey"),
        ),
        (
            (
                "SELECT 1 FROM pg_constraint c JOIN pg_class t ON c.conrelid = t.oid"
                " WHERE c.conname = 'k' AND t.relname = 't' AND c.contype = 'u'"
            ),
            ConstraintExists("k", "t", "unique"),
        ),
        ("SELECT 1 FROM pg_indexes WHERE indexname = 'i'", IndexExists("i", None)),
        ("SELECT oid FROM pg_type WHERE typname = 'e' AND typtype = 'e'", EnumExists("e")),
        ("SELECT name FROM sqlite_master WHERE type='table' AND name='t'", TableExists("t")),
        (
            "SELECT name FROM sqlite_master WHERE type='index' AND name='i' AND tbl_name='t'",
            IndexExists("i", "t"),
        ),
        ("SELECT 1 FROM pragma_table_info('t') WHERE name = 'c'", ColumnExists("t", "c")),
        ("PRAGMA table_info('t')", TableExists("t")),
        ("SHOW TABLES LIKE 't'", TableExists("t")),
        ("SHOW COLUMNS FROM `t` LIKE 'c'", ColumnExists("t", "c")),
        ("SHOW COLUMNS FROM t WHERE Field = 'c'", ColumnExists("t", "c")),
        ("SHOW INDEX FROM t WHERE Key_name = 'i'", IndexExists("i", "t")),
    ],
)
def test_existence(text: str, expected: Condition | None) -> None:
    assert catalogue_condition(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM information_schema.tables",
        "SELECT 1 FROM information_schema.tables WHERE table_name LIKE 't%'",
        "SELECT 1 FROM information_schema.tables WHERE table_name = 't' OR table_name = 'u'",
        "SELECT 1 FROM information_schema.tables WHERE NOT table_name = 't'",
        "SELECT 1 FROM information_schema.tables WHERE table_name <> 't'",
        "SELECT 1 FROM information_schema.tables WHERE table_name = 't' AND table_type = 'VIEW'",
        "SELECT 1 FROM information_schema.tables WHERE table_name = lower('t')",
        "SELECT 1 FROM information_schema.tables WHERE table_name = 't' || 'u'",
        "SELECT 1 FROM information_schema.columns WHERE column_name = 'c'",
        "SELECT 1 FROM information_schema.columns WHERE table_name = 't' AND data_type = 'json'",
        "SELECT count(*) > 1 FROM information_schema.tables WHERE table_name = 't'",
        "SELECT 1 FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = 'i'",
        "SELECT 1 FROM pg_attribute WHERE attrelid = 't'::regclass AND attisdropped",
        "SELECT 1 FROM pg_attribute WHERE attrelid = 't'::regclass AND attisdropped = true",
        "SELECT 1 FROM pg_class WHERE relname = 'i' AND relkind IN ('i')",
        (
            "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() || 'x'"
            " AND table_name = 't'"
        ),
        "SELECT max(oid) FROM pg_class WHERE relname = 't'",
        "SELECT 1 FROM t WHERE table_name = 't'",
        "SELECT to_regclass('t') = to_regclass('u')",
        "SHOW TABLES LIKE 't%'",
        "PRAGMA foreign_keys",
        "DELETE FROM pg_class WHERE relname = 't'",
        "SELECT 1 FROM pg_tables WHERE tablename = 't'; DROP TABLE t",
        "SELECT 1 FROM pg_tables WHERE tablename = 't' UNION SELECT 1",
        "",
    ],
)
def test_anything_else_is_not_taken_for_existence(text: str) -> None:
    assert catalogue_condition(text) is None


def test_parameters_stand_for_their_values() -> None:
    text = (
        "SELECT 1 FROM information_schema.columns WHERE table_name = :t AND column_name = %(c)s"
        " AND table_schema = :s"
    )

    found = catalogue_condition(text, ("postgresql",), {"t": "users", "c": "name"})

    assert isinstance(found, ColumnExists)
    assert (found.table, found.column) == ("users", "name")
    assert isinstance(found.schema, Unknown)


def test_an_unknown_part_of_a_name_is_unknown() -> None:
    found = catalogue_condition(f"SELECT 1 FROM pg_tables WHERE tablename = 'a_{UNKNOWN_MARK}'")

    assert isinstance(found, TableExists)
    assert isinstance(found.table, Unknown)


@pytest.mark.parametrize(
    ("selected", "by_row", "by_value"),
    [
        ("1", True, True),
        ("table_name", True, True),
        ("is_insertable_into", True, False),
        ("0", True, False),
        ("count(*)", False, True),
    ],
)
def test_whether_a_row_or_its_value_tells(selected: str, by_row: bool, by_value: bool) -> None:
    found = catalogue_query(
        f"SELECT {selected} FROM information_schema.tables WHERE table_name = 't'"
    )

    assert found is not None
    assert (found.by_row, found.by_value) == (by_row, by_value)
