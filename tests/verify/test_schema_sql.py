"""`schema --format sql` makes on PostgreSQL what real Alembic makes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.verify.conftest import Run, Written, run_sql

WHAT_IS_THERE = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
    coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity::text || a.attgenerated::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND c.relnamespace = 'public'::regnamespace
    AND c.relname <> 'alembic_version'
UNION ALL
SELECT 'index', c.relname, '', pg_get_indexdef(c.oid), '', '', '' FROM pg_class c
WHERE c.relkind IN ('i', 'I') AND c.relnamespace = 'public'::regnamespace
    AND c.relname NOT LIKE 'alembic_version%'
UNION ALL
SELECT 'constraint', x.conname, '', pg_get_constraintdef(x.oid), '', '', '' FROM pg_constraint x
WHERE x.connamespace = 'public'::regnamespace AND x.contype <> 'n'
    AND x.conname NOT LIKE 'alembic_version%'
UNION ALL
SELECT 'partition', c.relname, '', pg_get_partkeydef(c.oid), '', '', '' FROM pg_class c
WHERE c.relkind = 'p'
UNION ALL
SELECT 'sequence', c.relname, '', '', '', '', '' FROM pg_class c WHERE c.relkind = 'S'
ORDER BY 1, 2, 3
"""

HISTORIES = {
    "serial in SQL": """
    op.execute("CREATE TABLE t (id serial PRIMARY KEY, big bigserial, small smallserial)")
    op.execute("ALTER TABLE t ADD more serial")
    """,
    "a key that is made later does not count up": """
    op.create_table("t", sa.Column("id", sa.Integer(), nullable=False))
    op.create_primary_key("t_pkey", "t", ["id"])
    """,
    "a sequence of its own": """
    op.execute("CREATE SEQUENCE num_seq")
    op.create_table(
        "t",
        sa.Column("n", sa.Integer(), server_default=sa.text("nextval('num_seq')")),
    )
    """,
    "nulls": """
    op.execute("CREATE TABLE t (a int, b int, UNIQUE NULLS NOT DISTINCT (a))")
    op.execute("CREATE UNIQUE INDEX i ON t (b) NULLS NOT DISTINCT WHERE a > 1")
    op.create_unique_constraint("u", "t", ["b"], postgresql_nulls_not_distinct=True)
    """,
    "order": """
    op.execute("CREATE TABLE t (a text, b int)")
    op.execute('CREATE INDEX i ON t (a COLLATE "C" text_pattern_ops DESC NULLS LAST, b DESC)')
    """,
    "partitions": """
    op.execute("CREATE TABLE t (a int, b int) PARTITION BY RANGE (a, (b + 1))")
    op.create_table("u", sa.Column("a", sa.Integer()), postgresql_partition_by="LIST (a)")
    """,
    "generated": """
    op.create_table(
        "t",
        sa.Column("a", sa.Integer()),
        sa.Column("b", sa.Integer(), sa.Computed("a + 1")),
        sa.Column("c", sa.Integer(), sa.Computed("a + 2", persisted=True)),
        sa.Column("d", sa.Integer(), sa.Computed("a + 3", persisted=False)),
    )
    """,
    "a foreign key to a primary key": """
    op.execute("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t)")
    op.execute("CREATE TABLE u (t int REFERENCES t ON DELETE CASCADE)")
    """,
    "an index that became a constraint's": """
    op.execute("CREATE TABLE t (id int)")
    op.execute("CREATE UNIQUE INDEX ux ON t (id)")
    op.execute("ALTER TABLE t ADD CONSTRAINT uq UNIQUE USING INDEX ux")
    """,
    "an exclusion": """
    op.execute("CREATE TABLE t3 (excl int4range, EXCLUDE USING gist (excl WITH &&))")
    """,
}


@pytest.mark.parametrize("history", HISTORIES)
def test_it_makes_what_alembic_makes(
    command_line: Callable[..., Run], written: Written, postgresql_url: str, history: str
) -> None:
    own = written(HISTORIES[history])
    run = command_line("schema", str(own.directory), "--isolated", "--format", "sql")
    shown = command_line("schema", str(own.directory), "--isolated").out
    own.upgrade(postgresql_url)
    expected = there(postgresql_url)
    run_sql(postgresql_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    with sa.create_engine(postgresql_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(run.out.replace("%", "%%"))

    assert there(postgresql_url) == expected
    assert len(expected) > 0
    certain = shown.splitlines()[1]
    assert certain in {"certain: 1 of 1 table", "certain: 2 of 2 tables"}


def test_what_is_not_told_stands_in_comments(
    command_line: Callable[..., Run], written: Written
) -> None:
    own = written(
        """
        op.execute("CREATE SEQUENCE num_seq START 5")
        op.create_table(
            "t",
            sa.Column("n", sa.Integer(), server_default=sa.text("nextval('num_seq')")),
            sa.Column("v", sa.Integer(), sa.Computed("n + 1")),
            postgresql_with={"fillfactor": 50},
        )
        op.execute("ALTER TABLE t ADD there int REFERENCES imported")
        """
    )
    path = str(own.directory)
    made = command_line("schema", path, "--isolated", "--format", "sql").out
    shown = command_line("schema", path, "--isolated").out

    assert "\n-- with which numbers sequence num_seq counts is not told\n" in made
    assert "\n-- postgresql_with=(('fillfactor', 50),) is left out\n" in made
    assert "\n-- column v is virtual from PostgreSQL 18 on; before, write STORED\n" in made
    assert "\n-- on t: foreign key t_there_fkey (there) -> imported (?)\n" in made
    assert "what foreign key t_there_fkey is about is not known" in shown


def there(url: str) -> list[tuple[object, ...]]:
    """What stands in the schema public, in PostgreSQL's own words."""
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(WHAT_IS_THERE))]
