"""The first day of docs/setups.md, on a history that has errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.precommit.repositories import Done, Repository, revision
from tests.setups.documented import Snippet, only, snippets

VERSIONS = "migrations/versions"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two revisions without a downgrade, the second of which the page names."""
    repository = Repository(tmp_path, "")
    repository.git("init", "--quiet")
    repository.write("migrations/env.py", "")
    old(repository, "3ac5")
    old(repository, "4f1c09be72d3", "3ac5")
    return repository


def old(repository: Repository, identifier: str, *parents: str) -> None:
    text, _, _ = revision(identifier, *parents).partition("\n\ndef downgrade")
    repository.write(f"{VERSIONS}/{identifier}.py", text)


def run(repository: Repository, snippet: Snippet) -> Done:
    return repository.run("bash", "-e", "-c", snippet.text)


def shell(command: str) -> Snippet:
    """The block whose first line is a command."""
    (found,) = (item for item in snippets() if item.text.splitlines()[0] == command)
    return found


def test_the_overview_fails_nothing(repository: Repository) -> None:
    done = run(repository, shell("alembic-lint --exit-zero --statistics"))

    assert done.status == 0, done.text
    assert "ALM301" in done.text


def test_a_baseline_leaves_what_is_new(repository: Repository) -> None:
    done = run(repository, shell("alembic-lint baseline"))

    assert done.status == 0, done.text
    assert (repository.root / "alembic-lint-baseline.toml").is_file()

    old(repository, "c041", "4f1c09be72d3")
    again = repository.run("alembic-lint", "--output-format", "concise")
    assert again.status == 1, again.text
    assert again.text.count("ALM301") == 1
    assert f"{VERSIONS}/c041.py:" in again.text


def test_a_cut_leaves_what_is_new(repository: Repository) -> None:
    snippet = only("alembic-lint.toml")
    repository.write(snippet.file, snippet.text)

    done = repository.run("alembic-lint")
    assert done.status == 0, done.text

    old(repository, "c041", "4f1c09be72d3")
    again = repository.run("alembic-lint", "--output-format", "concise")
    assert again.status == 1, again.text
    assert again.text.count("ALM301") == 1
    assert f"{VERSIONS}/c041.py:" in again.text


def test_a_cut_leaves_the_graph_whole(repository: Repository) -> None:
    snippet = only("alembic-lint.toml")
    repository.write(snippet.file, snippet.text)
    repository.write(f"{VERSIONS}/c041.py", revision("c041", "3ac5"))

    done = repository.run("alembic-lint", "--select", "ALM101")

    assert done.status == 1, done.text
    assert "second head" in done.text
