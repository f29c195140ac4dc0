"""What a commit, a merge and a push meet with where the two hooks are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from tests.precommit.repositories import (
    RUNNERS,
    VERSIONS,
    Repository,
    begin_history,
    begun,
    revision,
)
from tests.setups.documented import snippets

pytestmark = [
    pytest.mark.precommit,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

FILES, HISTORY = "alembic-lint", "alembic-lint-history"

both_runners = pytest.mark.parametrize("runner", RUNNERS)


@pytest.fixture
def runner() -> str:
    return "pre-commit"


@pytest.fixture
def repository(tmp_path: Path, runner: str) -> Repository:
    return begun(tmp_path, runner)


@both_runners
def test_a_second_head_is_refused_with_the_way_out(repository: Repository) -> None:
    repository.install_hooks()
    path = repository.revise("c041", "7bd1")

    done = repository.commit(skip=HISTORY)

    assert done.status == 1, done.text
    said = done.part(FILES)
    assert "Failed" in said
    assert "error[ALM101] multiple-heads" in said
    assert path in said
    assert 'alembic merge -m "merge heads" 9ef2 c041' in said
    assert "c041" not in repository.git("log", "--name-only")


def test_a_sound_revision_is_committed(repository: Repository) -> None:
    repository.install_hooks()
    repository.revise("c041", "9ef2")

    done = repository.commit()

    assert done.status == 0, done.text
    assert "Passed" in done.part(FILES)
    assert "Passed" in done.part(HISTORY)


@both_runners
def test_a_deleted_revision_is_missed_by_the_history_alone(repository: Repository) -> None:
    repository.install_hooks()
    repository.commit_unchecked()
    repository.git("rm", "--quiet", f"{VERSIONS}/7bd1.py")

    done = repository.commit()

    assert done.status == 1, done.text
    assert "no files to check" in done.part(FILES)
    said = done.part(HISTORY)
    assert "error[ALM103] unknown-down-revision" in said
    assert f"{VERSIONS}/9ef2.py" in said


@both_runners
def test_an_unrelated_file_costs_one_quiet_hook(repository: Repository) -> None:
    repository.install_hooks()
    repository.stage("README.md", "words\n")

    done = repository.commit()

    assert done.status == 0, done.text
    assert "no files to check" in done.part(FILES)
    assert done.part(HISTORY).splitlines()[0].endswith("Passed")
    assert "hook id" not in done.text
    assert "checks passed" not in done.text


@both_runners
def test_a_merge_that_brings_two_heads_together_is_refused(repository: Repository) -> None:
    repository.install_hooks("pre-commit", "pre-merge-commit")
    repository.commit_unchecked()
    repository.git("switch", "--quiet", "--create", "invoices")
    repository.revise("c041", "9ef2")
    repository.commit_unchecked()
    repository.git("switch", "--quiet", "main")
    repository.revise("d152", "9ef2")
    repository.commit_unchecked()

    done = repository.run("git", "merge", "--no-edit", "invoices")

    assert done.status != 0, done.text
    assert "error[ALM101] multiple-heads" in done.part(HISTORY)
    assert 'alembic merge -m "merge heads" c041 d152' in done.text

    repository.revise("e263", "c041", "d152")
    again = repository.commit("Merge")
    assert again.status == 0, again.text
    assert len(repository.git("log", "-1", "--format=%P").split()) == 2


def test_a_push_is_refused_for_what_was_committed_unchecked(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository.install_hooks("pre-push")
    repository.git("rm", "--quiet", f"{VERSIONS}/7bd1.py")
    repository.commit_unchecked()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    repository.git("init", "--quiet", "--bare", str(elsewhere))

    done = repository.run("git", "push", str(elsewhere), "main")

    assert done.status != 0, done.text
    assert "error[ALM103] unknown-down-revision" in done.part(HISTORY)


def test_a_parent_put_aside_is_named(repository: Repository) -> None:
    repository.install_hooks()
    repository.git("mv", f"{VERSIONS}/7bd1.py", f"{VERSIONS}/7bd1.py.old")

    done = repository.commit()

    assert done.status == 1, done.text
    assert "no files to check" in done.part(FILES)
    assert "ALM103" in done.part(HISTORY)
    assert f"{VERSIONS}/7bd1.py.old" in done.part(HISTORY)


@both_runners
def test_names_with_spaces_and_beyond_ascii_are_told_as_they_are(repository: Repository) -> None:
    repository.install_hooks()
    repository.stage(f"{VERSIONS}/ö ño 表.py", revision("c041", "7bd1"))
    repository.stage(f"{VERSIONS}/a 'b' $c.py", revision("d152", "c041"))

    done = repository.commit(skip=HISTORY)

    assert done.status == 1, done.text
    assert f"{VERSIONS}/a 'b' $c.py" in done.part(FILES)
    assert f"{VERSIONS}/ö ño 表.py" in done.part(FILES)


@pytest.mark.parametrize(("staged", "status"), [("9ef2", 0), ("7bd1", 1)])
def test_what_is_committed_is_judged_not_what_is_on_the_disk(
    repository: Repository, staged: str, status: int
) -> None:
    """A revision whose staged parent and whose parent on the disk differ."""
    repository.install_hooks()
    path = repository.revise("c041", staged)
    other = revision("c041", "7bd1" if staged == "9ef2" else "9ef2")
    repository.write(path, other)

    done = repository.commit(skip=HISTORY)

    assert done.status == status, done.text
    assert ("ALM101" in done.part(FILES)) == bool(status)
    assert (repository.root / path).read_text("utf-8") == other


def test_more_files_than_one_command_line_holds_are_all_judged(repository: Repository) -> None:
    """pre-commit splits at 128 KiB; each part is judged within the whole history."""
    repository.install_hooks()
    below, long = "9ef2", "x" * 230
    for number in range(520):
        identifier = f"a{number:03}"
        repository.write(f"{VERSIONS}/{identifier}_{long}.py", revision(identifier, below))
        below = identifier
    repository.write(f"{VERSIONS}/first_{long}.py", revision("b000", "a350"))
    repository.git("add", VERSIONS)

    done = repository.commit(skip=HISTORY)

    assert done.status == 1, done.text[-2000:]
    said = done.part(FILES)
    assert said.count(" of 524 revisions") == 2  # parts, one of which is sound
    assert 'alembic merge -m "merge heads" a519 b000' in said
    assert "unknown-down-revision" not in said


def test_two_environments_are_told_apart(repository: Repository) -> None:
    begin_history(repository, "reports/db/migrations")
    repository.stage("reports/alembic.ini", "[alembic]\nscript_location = %(here)s/db/migrations\n")
    repository.install_hooks()
    repository.commit_unchecked()
    repository.git("rm", "--quiet", "reports/db/migrations/versions/7bd1.py")

    done = repository.commit()

    assert done.status == 1, done.text
    assert "reports/db/migrations/versions/9ef2.py" in done.part(HISTORY)
    assert "app/" not in done.part(HISTORY)


def test_what_a_branch_brings_is_judged_by_what_is_staged(repository: Repository) -> None:
    """With a base, while git holds the index under another name (`commit --all`)."""
    repository.install_hooks(settings=[{"id": HISTORY, "args": ["--base", "main"]}])
    repository.commit_unchecked()
    repository.git("switch", "--quiet", "--create", "invoices")
    edited = revision("3ac5", table="other")
    repository.write(f"{VERSIONS}/3ac5.py", edited)

    done = repository.run("git", "commit", "--all", "--message", "Edit", SKIP=FILES)

    assert done.status == 1, done.text
    assert "ALM111" in done.part(HISTORY)
    assert f"{VERSIONS}/3ac5.py" in done.part(HISTORY)


def test_a_draft_that_git_does_not_know_counts(repository: Repository) -> None:
    repository.install_hooks()
    repository.write(f"{VERSIONS}/c041.py", revision("c041", "7bd1"))

    done = repository.commit()

    assert done.status == 1, done.text
    assert "no files to check" in done.part(FILES)
    assert "ALM101" in done.part(HISTORY)


def test_a_version_directory_of_another_name_is_configured(tmp_path: Path) -> None:
    _, snippet = snippets(".pre-commit-config.yaml")
    (source,) = yaml.safe_load(snippet.text)["repos"]
    repository = Repository(tmp_path, "pre-commit")
    repository.git("init", "--quiet")
    repository.stage("backend/migrations/env.py", "")
    for identifier, *parents in (("3ac5",), ("9ef2", "3ac5"), ("c041", "3ac5")):
        repository.revise(identifier, *parents, versions="backend/migrations/revisions")
    repository.install_hooks(settings=source["hooks"])

    done = repository.commit()

    assert done.status == 1, done.text
    assert "ALM101" in done.part(FILES)
    assert "ALM101" in done.part(HISTORY)


@pytest.mark.parametrize("scripts", [(), ("db/env.py", "db/versions/__init__.py")])
def test_where_there_is_no_revision_yet_the_way_out_is_told(
    tmp_path: Path, scripts: tuple[str, ...]
) -> None:
    repository = Repository(tmp_path, "pre-commit")
    repository.git("init", "--quiet")
    for script in scripts:
        repository.stage(script, "")
    repository.install_hooks()

    done = repository.commit()

    assert done.status == 1, done.text
    assert "where there is none yet, pass --allow-empty" in done.part(HISTORY)

    repository.install_hooks(settings=[{"id": HISTORY, "args": ["--allow-empty"]}])
    again = repository.commit()
    assert again.status == 0, again.text
