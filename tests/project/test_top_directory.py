"""The top directory of the repository, from which some formats tell paths."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from alembic_lint.cli import main
from alembic_lint.project.top import top_directory


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real repository, below which there are two histories."""
    top = tmp_path / "top"
    for name in ("one", "two"):
        (top / name / "versions").mkdir(parents=True)
        (top / name / "versions" / "a.py").write_text(
            'revision = "a"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n', "utf-8"
        )
    subprocess.run(["git", "init", "-q", top], check=True)
    monkeypatch.chdir(top)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "ALEMBIC_LINT_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    return top


def files(repository: Path) -> list[Path]:
    return sorted(repository.glob("*/versions/a.py"))


def test_the_repository_that_holds_all_files(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert top_directory(files(repository)) == repository
    monkeypatch.chdir(repository / "one" / "versions")
    assert top_directory(files(repository)) == repository
    monkeypatch.chdir(repository.parent)
    assert top_directory(files(repository)[:1]) == repository


def test_a_work_tree_has_a_file_in_place_of_the_directory(repository: Path) -> None:
    tree = repository / "one"
    (tree / ".git").write_text("gitdir: ../.git/worktrees/one\n", "utf-8")

    assert top_directory(files(repository)[:1]) == tree


def test_the_checkout_of_a_pipeline_comes_before_a_submodule(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "one" / ".git").write_text("gitdir: ../.git/modules/one\n", "utf-8")
    (tmp_path / "link").symlink_to(repository)

    for checkout in (repository, tmp_path / "link"):
        assert top_directory(files(repository)[:1], str(checkout)) == repository


def test_a_repository_comes_before_a_directory_that_only_holds_checkouts(
    repository: Path, tmp_path: Path
) -> None:
    assert top_directory(files(repository), str(tmp_path)) == repository


def test_without_a_repository_the_checkout_counts_and_then_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "db" / "versions").mkdir(parents=True)
    file = tmp_path / "db" / "versions" / "a.py"
    monkeypatch.chdir(tmp_path / "db")

    assert top_directory([file]) == tmp_path / "db"
    assert top_directory([file], str(tmp_path)) == tmp_path
    assert top_directory([file], str(tmp_path / "gone")) == tmp_path / "db"
    assert top_directory([]) == tmp_path / "db"


@pytest.mark.parametrize("below", [".", "one", "one/versions"])
def test_formats_for_others_tell_paths_from_the_top_wherever_they_run(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    below: str,
) -> None:
    monkeypatch.chdir(repository / below)

    def shown(form: str) -> str:
        arguments = ["--select", "ALM301", "--output-format", form]
        assert main([str(repository / "one" / "versions"), *arguments]) == 1
        return capsys.readouterr().out

    (issue,) = json.loads(shown("gitlab"))
    (result,) = json.loads(shown("sarif"))["runs"][0]["results"]
    (location,) = result["locations"]
    assert issue["location"]["path"] == "one/versions/a.py"
    assert location["physicalLocation"]["artifactLocation"] == {
        "uri": "one/versions/a.py",
        "uriBaseId": "%SRCROOT%",
    }
