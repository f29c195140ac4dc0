"""The two hooks, installed and run by pre-commit itself on a git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SECONDS = 600  # pre-commit installs the project and what it needs

pytestmark = [
    pytest.mark.precommit,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

REVISION = """\
revision = "{id}"
down_revision = {parent!r}


def upgrade():
    op.create_table("t_{id}")


def downgrade():
    op.drop_table("t_{id}")
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with three committed revisions, each on the one before."""
    versions = tmp_path / "app" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text("", "utf-8")
    (versions / "__init__.py").write_text("", "utf-8")
    parent = None
    for identifier in ("3ac5", "7bd1", "9ef2"):
        text = "from alembic import op\n\n" + REVISION.format(id=identifier, parent=parent)
        (versions / f"{identifier}.py").write_text(text, "utf-8")
        parent = identifier
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def git(directory: Path, *arguments: str) -> None:
    person = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(
        ["git", *person, "-c", "commit.gpgsign=false", *arguments],
        cwd=directory,
        env=environment(),
        check=True,
        timeout=SECONDS,
    )


def try_repo(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(PROJECT), *arguments],
        cwd=directory,
        env=environment() | {"PRE_COMMIT_HOME": str(directory / ".git" / "pre-commit-home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=SECONDS,
    )


def environment() -> dict[str, str]:
    """Ours, without what a surrounding git or pre-commit has set."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GIT_", "PRE_COMMIT", "ALEMBIC_LINT"))
    }


def test_a_staged_bad_revision_fails_and_is_named(repository: Path) -> None:
    bad = repository / "app" / "migrations" / "versions" / "c041.py"
    text = REVISION.format(id="c041", parent="7bd1")
    bad.write_text(f"from alembic import op\n\n{text}", "utf-8")
    git(repository, "add", str(bad))

    done = try_repo(repository, "alembic-lint", "--verbose")

    assert done.returncode == 1, done.stdout
    assert "hook id: alembic-lint\n" in done.stdout
    assert "ALM101" in done.stdout
    assert "app/migrations/versions/c041.py" in done.stdout


def test_a_staged_deletion_fails_the_history_hook(repository: Path) -> None:
    git(repository, "rm", "--quiet", "app/migrations/versions/7bd1.py")

    done = try_repo(repository, "--verbose")

    assert done.returncode == 1, done.stdout
    by_file, by_history = done.stdout.split("hook id: alembic-lint-history\n")
    assert "(no files to check)" in by_file
    assert "ALM103" in by_history
    assert "app/migrations/versions/9ef2.py" in by_history
