"""After what cannot be read nothing is certain, and no rule that needs it fires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from alembic_lint import Report
from alembic_lint import lint as lint_paths
from alembic_lint.config import defaults
from alembic_lint.diagnostics import Diagnostic

HEAD = """\
import functools, os
import sqlalchemy as sa
from alembic import op

revision = {key!r}
down_revision = {down!r}

"""
TABLE = """\
def upgrade():
    op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    op.drop_table("t")
"""
INDEX = """\
def upgrade():
    op.create_index("ix_x", "t", ["x"])


def downgrade():
    op.drop_index("ix_x", "t")
"""

Lint = Callable[..., list[Diagnostic]]


def reported(tmp_path: Path, bodies: Sequence[str]) -> Report:
    versions = tmp_path / "versions"
    versions.mkdir()
    (tmp_path / "env.py").write_text("from alembic import context\n", "utf-8")
    for number, body in enumerate(bodies):
        head = HEAD.format(key=f"r{number}", down=f"r{number - 1}" if number else None)
        (versions / f"r{number}.py").write_text(head + body, "utf-8")
    return lint_paths([versions], defaults())


ADDS = "op.add_column('t', sa.Column('x', sa.Integer()))"
DROPS = "op.drop_column('t', 'x')"
BETWEEN = {
    "a lambda": f"upgrade = lambda: {ADDS}\ndowngrade = lambda: {DROPS}\n",
    "a partial": (
        "upgrade = functools.partial(op.add_column, 't', sa.Column('x', sa.Integer()))\n"
        "downgrade = functools.partial(op.drop_column, 't', 'x')\n"
    ),
    "a condition": (
        f"if os.environ:\n    def upgrade(): {ADDS}\n    def downgrade(): {DROPS}\n"
        f"else:\n    def upgrade(): {ADDS}\n    def downgrade(): {DROPS}\n"
    ),
    "a syntax error": "def upgrade(:\n",
    "conflict markers": "<<<<<<< ours\n",
    "an unseen function": "from elsewhere import upgrade, downgrade\n",
    "everything unseen": "from elsewhere import *\n",
    "an unseen decorator": (
        "from elsewhere import each\n@each\ndef upgrade(): pass\n@each\ndef downgrade(): pass\n"
    ),
    "an unseen helper": (
        "from elsewhere import do, undo\ndef upgrade(): do()\ndef downgrade(): undo()\n"
    ),
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN.keys())
def test_a_column_that_may_have_been_made_is_not_missed(tmp_path: Path, between: str) -> None:
    found = reported(tmp_path, (TABLE, between, INDEX)).diagnostics

    codes = {item.code for item in found}
    assert codes.isdisjoint({"ALM205", "ALM209", "ALM301", "ALM302", "ALM303", "ALM304", "ALM402"})


def test_what_is_not_read_counts_as_opaque(tmp_path: Path) -> None:
    unseen = BETWEEN["an unseen function"]

    counts = reported(tmp_path, (TABLE, unseen)).result.counts

    assert sum(number for _, number in counts.opaque) == 2
    assert dict(counts.operations) == {"CreateTable": 1, "DropTable": 1, "Opaque": 2}
    assert (counts.exact, counts.certain_tables, counts.tables) == (2, 0, 1)


def test_a_downgrade_that_is_not_read_is_not_judged(tmp_path: Path) -> None:
    body = f"from elsewhere import downgrade\ndef upgrade(): {ADDS}\n"

    found = reported(tmp_path, (TABLE, body)).diagnostics

    assert not [item for item in found if item.code.startswith("ALM3")]
