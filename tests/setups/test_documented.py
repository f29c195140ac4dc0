"""docs/setups.md: each snippet is valid, and what it runs exists."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from alembic_lint.cli.application import COMMANDS, command
from tests.precommit.repositories import RUNNERS, SCRIPTS, Repository
from tests.setups.composite import metadata
from tests.setups.documented import INSTALL, PAGE, Snippet, snippets
from tests.setups.schemas import problems

PROJECT = PAGE.parents[1]
SCHEMAS = {
    ".github/workflows/migrations.yml": "github-workflows",
    ".gitlab-ci.yml": "gitlab-ci",
    "azure-pipelines.yml": "azure-pipelines",
}

_COMMAND = re.compile(r"(?<![\w/(.@-])alembic-lint((?: +(?:\"[^\"]*\"|'[^']*'|[^\s`'\";|>]+))+)")


def named(snippet: Snippet) -> str:
    return snippet.name


@pytest.mark.parametrize("snippet", snippets(*SCHEMAS), ids=named)
def test_pipelines_are_what_their_systems_accept(snippet: Snippet, tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yml"
    file.write_text(snippet.text, "utf-8")

    assert problems(SCHEMAS[snippet.file], file) == ""


@pytest.mark.parametrize("snippet", snippets(".pre-commit-config.yaml"), ids=named)
def test_pre_commit_reads_its_configurations(snippet: Snippet, tmp_path: Path) -> None:
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(snippet.text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(file)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 0, done.stdout
    hooks = [hook for item in yaml.safe_load(snippet.text)["repos"] for hook in item["hooks"]]
    offered = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {hook["id"] for hook in offered}


@pytest.mark.parametrize("runner", RUNNERS)
def test_the_hook_for_merges_is_installed_with_the_other(tmp_path: Path, runner: str) -> None:
    first, *_ = snippets(".pre-commit-config.yaml")
    repository = Repository(tmp_path, runner)
    repository.git("init", "--quiet")
    repository.stage(first.file, first.text)

    done = repository.run(str(SCRIPTS / runner), "install")

    assert done.status == 0, done.text
    for kind in ("pre-commit", "pre-merge-commit"):
        assert (tmp_path / ".git" / "hooks" / kind).is_file()


def test_every_block_is_for_a_file_or_the_shell() -> None:
    assert {item.language for item in snippets() if not item.file} == {"sh"}


def test_the_action_is_given_inputs_that_it_has() -> None:
    used = set()
    for snippet in snippets(".github/workflows/migrations.yml"):
        for job in yaml.safe_load(snippet.text)["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("OWNER/alembic-lint@"):
                    used |= step.get("with", {}).keys()

    assert used
    assert used <= metadata()["inputs"].keys()
    table = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert table == list(metadata()["inputs"])


def test_every_command_of_the_page_can_be_parsed() -> None:
    """Options that do not exist, or lack their value, end here."""
    page = PAGE.read_text("utf-8").replace("\\\n", " ")
    assert INSTALL in page
    commands = {item.name: item for item in COMMANDS}
    parent = click.Context(command, **command.context_settings)
    parsed = 0
    for match in _COMMAND.finditer(page.replace(INSTALL, "")):
        words = [word.strip("\"'") for word in match[1].split()]
        name, rest = (words[0], words[1:]) if words[0] in commands else ("check", words)
        if not any(word.startswith("-") for word in rest):
            continue  # prose about the command
        try:
            commands[name].make_context(name, rest, parent)
        except click.UsageError as error:
            pytest.fail(f"{match[0]}: {error.format_message()}")
        parsed += 1

    assert parsed > 5


def test_the_links_of_the_page_lead_somewhere() -> None:
    page = PAGE.read_text("utf-8")
    headings = {
        re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")
        for text in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]*)\)", page):
        file, _, heading = target.partition("#")
        if file.startswith("https:"):
            continue
        assert not file or (PAGE.parent / file).is_file(), target
        if heading and not file:
            assert heading in headings, target


def test_toml_can_be_read() -> None:
    for snippet in snippets(".toml"):
        assert tomllib.loads(snippet.text)
