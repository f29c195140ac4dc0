"""The two hooks, installed from this repository by pre-commit and by prek themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.precommit.repositories import PROJECT, RUNNERS, SCRIPTS, VERSIONS, begun

pytestmark = [
    pytest.mark.precommit,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]


@pytest.mark.parametrize("runner", RUNNERS)
def test_both_hooks_run_in_an_environment_of_their_own(tmp_path: Path, runner: str) -> None:
    repository = begun(tmp_path, runner)
    bad = repository.revise("c041", "7bd1")
    repository.git("rm", "--quiet", f"{VERSIONS}/3ac5.py")
    home = str(tmp_path / ".git" / "home")

    done = repository.run(
        str(SCRIPTS / runner), "try-repo", str(PROJECT), "--verbose",
        PRE_COMMIT_HOME=home, PREK_HOME=home,
    )  # fmt: skip

    assert done.status == 1, done.text
    assert f"{bad}:" in done.part("alembic-lint")
    assert "ALM101" in done.part("alembic-lint")
    assert "ALM103" in done.part("alembic-lint-history")
    assert f"{VERSIONS}/7bd1.py:" in done.part("alembic-lint-history")
    assert "unexpected key" not in done.text.lower()
