"""The post-write hooks of docs/setups.md under real `alembic revision`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import write_hooks

from tests.precommit.repositories import SCRIPTS, environment, revision
from tests.setups.documented import PAGE, Snippet, snippets
from tests.setups.test_documented import named

INI = snippets("alembic.ini")
TOML = snippets("pyproject.toml")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as `alembic init` makes it, with a history of two revisions: 3ac5 and 9ef2."""
    (tmp_path / ".git").mkdir()  # where the search for a history ends
    alembic(tmp_path, "init", "--template", "pyproject", "my migrations")
    versions = tmp_path / "my migrations" / "versions"
    versions.joinpath("3ac5.py").write_text(revision("3ac5"), "utf-8")
    versions.joinpath("9ef2.py").write_text(revision("9ef2", "3ac5"), "utf-8")
    return tmp_path


def alembic(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=True,
        timeout=300,
    )


def add(project: Path, snippet: Snippet) -> None:
    with (project / snippet.file).open("a", encoding="utf-8") as stream:
        stream.write(f"\n{snippet.text}")


@pytest.mark.parametrize("snippet", [*INI, *TOML], ids=named)
def test_a_new_file_is_silent_until_it_makes_a_second_head(project: Path, snippet: Snippet) -> None:
    add(project, snippet)

    sound = alembic(project, "revision", "-m", "add total", "--rev-id", "c041")

    assert "Running post write hook 'alembic_lint' ..." in sound.stdout
    assert "ALM" not in sound.stdout
    assert "error" not in sound.stdout

    second = alembic(
        project, "revision", "-m", "add tax", "--rev-id", "d152", "--head", "9ef2", "--splice"
    )
    assert "error[ALM101] multiple-heads" in second.stdout
    assert "my migrations/versions/d152_add_tax.py:" in second.stdout
    assert 'alembic merge -m "merge heads" c041 d152' in second.stdout
    assert (project / "my migrations" / "versions" / "d152_add_tax.py").is_file()

    merged = alembic(project, "merge", "-m", "merge heads", "c041", "d152")
    assert "Running post write hook" in merged.stdout
    assert "ALM" not in merged.stdout


def test_a_new_file_has_no_finding_but_that_it_is_empty(project: Path) -> None:
    path = "my migrations/versions/c041_add_total.py"
    alembic(project, "revision", "-m", "add total", "--rev-id", "c041")

    done = subprocess.run(
        [SCRIPTS / "alembic-lint", "--output-format", "concise", "--select", "ALL", path],
        cwd=project,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert re.findall(r"ALM\d+", done.stdout) == ["ALM209"], done.stdout
    assert done.returncode == 0


def test_every_kind_of_hook_that_alembic_has_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")

    assert write_hooks._registry.keys() == {"console_scripts", "exec", "module"}
    for kind in write_hooks._registry:
        assert f"type = {kind}" in page
