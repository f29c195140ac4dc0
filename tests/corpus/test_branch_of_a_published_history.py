"""A branch that adds one bad revision to a long history answers for that one and nothing older."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alembic_lint import lint_project, prepare
from alembic_lint.since import Wanted
from tests.since.git_repository import GitRepository

BAD = """\
import sqlalchemy as sa
from alembic import op

revision = "0bad0bad0bad"
down_revision = "{parent}"


def upgrade():
    op.add_column("tasks_that_nobody_made_here", sa.Column("id", sa.Integer()))
"""


@pytest.mark.corpus("superset")
@pytest.mark.usefixtures("bounded")
def test_the_new_revision_is_told_and_nothing_old(
    unpacked: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = GitRepository.init(tmp_path / "work")
    source = unpacked("superset") / "superset" / "migrations"
    shutil.copytree(source, git.root / "superset" / "migrations")
    git.commit()
    bad = git.write("superset/migrations/versions/bad.py", BAD.format(parent="f5b5f88d8526"))
    monkeypatch.chdir(git.root)
    project, config = prepare([Path("superset/migrations")])

    report = lint_project(project, config, base=Wanted("main", "the test"))

    assert report.internal_errors == ()
    assert report.new == (bad.relative_to(git.root).as_posix(),)
    codes = {item.code for item in report.diagnostics}
    assert {"ALM101", "ALM301"} <= codes
    for item in report.diagnostics:
        takes_part = {item.path, *(place.path for place in item.related)}
        assert report.new[0] in takes_part, f"{item.path}: {item.message}"
    assert report.result.before > 50
