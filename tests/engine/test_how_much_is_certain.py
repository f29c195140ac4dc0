"""The figures that tell how much of a replay is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from alembic_lint import lint
from alembic_lint.config import defaults
from alembic_lint.counts import Counts

HEAD = """
from alembic import op
import sqlalchemy as sa
from app import asked, change, Money

revision = "a1"
down_revision = None


def upgrade():
    op.create_table("plain", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_table("other", sa.Column("id", sa.Integer(), primary_key=True))
"""


def counted(tmp_path: Path, *lines: str) -> Counts:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    env = "from alembic import context\ncontext.configure(connection=c)\n"
    (tmp_path / "migrations" / "env.py").write_text(env, "utf-8")
    body = "".join(f"    {line}\n" for line in lines)
    down = '\n\ndef downgrade():\n    op.drop_table("other")\n    op.drop_table("plain")\n'
    (versions / "a1.py").write_text(HEAD + body + down, "utf-8")
    return lint([versions], defaults()).result.counts


@pytest.mark.parametrize(
    ("line", "exact", "certain", "tables"),
    [
        # Two creates and two drops are exact in any case.
        ("pass", 4, 2, 2),
        ('op.add_column("plain", sa.Column("a", sa.Text()))', 5, 2, 2),
        ('op.execute("UPDATE plain SET id = 1")', 5, 2, 2),
        ('op.execute("ALTER TABLE plain ADD COLUMN b TEXT")', 5, 2, 2),
        ('op.add_column("plain", sa.Column("a", Money()))', 4, 1, 2),
        ('op.add_column("before", sa.Column("a", sa.Text()))', 5, 2, 3),
        ('if asked(): op.add_column("plain", sa.Column("a", sa.Text()))', 4, 1, 2),
        ("change(op)", 4, 0, 2),
        ("op.execute(asked())", 4, 0, 2),
    ],
)
def test_what_is_exact_and_what_is_certain(
    tmp_path: Path, line: str, exact: int, certain: int, tables: int
) -> None:
    counts = counted(tmp_path, line)

    assert (counts.exact, counts.certain_tables, counts.tables) == (exact, certain, tables)
