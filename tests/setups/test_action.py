"""The GitHub action: its metadata, and its steps as a runner runs them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.setups.composite import ACTION, Ran, metadata, run, steps
from tests.setups.schemas import problems

INSTALLED = {"install.outputs.python": sys.executable}

Lint = Callable[..., Ran]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout with a history of two heads, in a directory with a space in its name."""
    place = tmp_path / "checkout"
    (place / ".git").mkdir(parents=True)
    shutil.copytree(ACTION.parent / "fixtures" / "broken_two_heads", place / "my app")
    return place


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    return place


@pytest.fixture
def lint(workspace: Path, temporary: Path) -> Lint:
    """Run the step that lints, with this interpreter as what was installed."""

    def lint(**inputs: str) -> Ran:
        _, step = steps()
        return run(step, inputs, INSTALLED, workspace=workspace, temporary=temporary)

    return lint


def test_the_metadata_is_what_github_accepts() -> None:
    assert problems("github-actions", ACTION) == ""


def test_what_a_user_writes_never_becomes_part_of_a_script() -> None:
    assert metadata()["inputs"].keys() == {"paths", "args", "base", "format", "version"}
    for step in steps():
        assert "${{" not in step.script


def test_histories_are_found_from_the_working_directory(lint: Lint) -> None:
    done = lint(format="concise")

    assert done.status == 1, done.text
    assert re.search(r"^my app/versions/\w+\.py:\d+:\d+: ALM101 \[error\]", done.text, re.MULTILINE)


def test_paths_are_one_a_line_and_may_hold_spaces(lint: Lint, workspace: Path) -> None:
    shutil.copytree(workspace / "my app", workspace / "another app")
    shutil.copytree(workspace / "my app", workspace / "not asked for")

    done = lint(format="concise", paths="my app/versions\n  another app\n")

    assert done.status == 1, done.text
    assert {line.partition("/")[0] for line in done.text.splitlines() if "ALM101" in line} == {
        "my app",
        "another app",
    }


def test_options_are_quoted_as_in_a_shell(lint: Lint) -> None:
    done = lint(format="json", args="""--select "ALM1, ALM5" --ignore 'multiple-heads' -q""")

    assert done.status == 0, done.text
    assert json.loads(done.text)["diagnostics"] == []


@pytest.mark.parametrize("name", ["paths", "args", "base", "format"])
def test_no_input_is_run(lint: Lint, workspace: Path, name: str) -> None:
    done = lint(**{name: "x' $(touch made) `touch made` \"; touch made\ntouch made"})

    assert done.status == 2, done.text
    assert not (workspace / "made").exists()


def test_options_without_an_end_are_told(lint: Lint) -> None:
    done = lint(args='--select "ALM1')

    assert done.status == 2
    assert done.text == "::error::the input args cannot be read: No closing quotation\n"


def test_no_module_of_the_repository_is_run(lint: Lint, workspace: Path) -> None:
    for name in ("click", "shlex", "subprocess", "alembic_lint"):
        (workspace / f"{name}.py").write_text("raise SystemExit('run')\n", "utf-8")

    done = lint(format="concise")

    assert done.status == 1, done.text
    assert "ALM101" in done.text


@pytest.mark.parametrize("version", ["-r requirements.txt", "git+https://example.org/x", "$(id)"])
def test_a_version_is_a_release_and_nothing_else(
    workspace: Path, temporary: Path, version: str
) -> None:
    install, _ = steps()

    done = run(install, {"version": version}, {}, workspace=workspace, temporary=temporary)

    assert done.status == 2
    assert "::error::the input version has to be a release" in done.text
    assert not (temporary / "alembic-lint").exists()


def test_without_a_python_that_will_do_the_way_out_is_told(
    workspace: Path, temporary: Path
) -> None:
    old = temporary / "bin"
    old.mkdir()
    for name in ("python3", "python"):
        (old / name).write_text("#!/bin/sh\nexit 1\n", "utf-8")
        (old / name).chmod(0o755)
    bash = Path(shutil.which("bash") or "").parent
    install, _ = steps()

    done = run(install, {}, {}, workspace=workspace, temporary=temporary, PATH=f"{old}:{bash}")

    assert done.status == 2
    assert "run actions/setup-python before it" in done.text


@pytest.mark.precommit
def test_the_action_installs_its_own_checkout_and_lints_with_it(
    workspace: Path, temporary: Path
) -> None:
    install, lint = steps()

    installed = run(install, {}, {}, workspace=workspace, temporary=temporary)
    assert installed.status == 0, installed.text
    done = run(
        lint,
        {"format": "concise"},
        installed.outputs,
        workspace=workspace,
        temporary=temporary,
    )

    assert Path(installed.outputs["install.outputs.python"]).is_relative_to(temporary)
    assert done.status == 1, done.text
    assert "ALM101" in done.text
