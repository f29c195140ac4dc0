"""What a long history has is left out by its baseline, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = 'dialects = ["postgresql"]\n'
FRESH = """\
import sqlalchemy as sa
from alembic import op

revision = "fresh"
down_revision = "{head}"


def upgrade():
    op.create_table("fresh_log", sa.Column("line", sa.Text()))


def downgrade():
    op.drop_table("fresh_log")
"""


def run(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic_lint", *arguments],
        cwd=here,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.corpus("superset")
def test_a_baseline_silences_what_there_is(unpacked: Callable[[str], Path], tmp_path: Path) -> None:
    source = unpacked("superset") / "superset" / "migrations"
    shutil.copytree(source, tmp_path / "migrations")
    (tmp_path / "alembic-lint.toml").write_text(CONFIG, "utf-8")
    file = tmp_path / "alembic-lint-baseline.toml"

    written = run(tmp_path, "baseline", "migrations")
    first = file.read_bytes()
    from_within = run(tmp_path / "migrations" / "versions", "baseline")

    assert (written.returncode, from_within.returncode) == (0, 0), written.stderr
    assert file.read_bytes() == first
    silent = run(tmp_path, "check", "migrations", "--output-format", "concise")
    assert (silent.returncode, silent.stderr) == (0, written.stderr)
    assert silent.stdout.startswith("All checks passed: ")
    left_out = re.search(r"; (\d+) findings in the baseline are not shown", silent.stdout)
    assert left_out is not None
    assert int(left_out[1]) > 50

    head = silent.stdout.partition("head: ")[2].partition(";")[0].strip()
    fresh = tmp_path / "migrations" / "versions" / "fresh.py"
    fresh.write_text(FRESH.format(head=head), "utf-8")
    again = run(tmp_path, "check", "migrations", "--output-format", "concise")

    shown = again.stdout.splitlines()[:-1]
    assert {line.partition(":")[0] for line in shown} == {"migrations/versions/fresh.py"}
    assert any(" ALM419 " in line for line in shown)
