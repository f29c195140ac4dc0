"""What is compared where a branch, or its base, has moved the version directory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.since.conftest import Project, Run

Lint = Callable[..., Run]


def keep_in(project: Project, directory: str, *further: str) -> None:
    """Say in alembic.ini that revisions are in other directories than `versions`."""
    places = " ".join(f"%(here)s/{name}" for name in (directory, *further))
    text = f"[alembic]\nscript_location = %(here)s\nversion_locations = {places}\n"
    project.git.write("alembic.ini", text)


def rename(project: Project, old: str, new: str) -> None:
    project.git.git("mv", old, new)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def renamed(project: Project) -> Project:
    """A branch on which `versions` is called `revs`, not committed."""
    project.git.git("checkout", "--quiet", "-b", "work")
    rename(project, "versions", "revs")
    keep_in(project, "revs")
    return project


class TestThisBranchMoves:
    def test_what_moved_is_not_new(self, renamed: Project, lint: Lint) -> None:
        del renamed
        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_the_whole_environment_moves_and_main_goes_on(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        (git.root / "mig").mkdir()
        for name in ("alembic.ini", "env.py", "versions"):
            rename(project, name, f"mig/{name}")
        git.commit()
        git.git("checkout", "--quiet", "-b", "work")
        rename(project, "mig", "db")
        project.revision("d4", "b2").rename(git.root / "db" / "versions" / "d4.py")
        git.commit()
        git.git("checkout", "--quiet", "main")
        project.revision("c3", "b2").rename(git.root / "mig" / "versions" / "c3.py")
        git.commit()
        git.git("checkout", "--quiet", "work")

        run = lint("--base", "main")

        assert "db/versions/d4.py:11:17: ALM114" in run.out
        assert 'a second head beside "c3"' in run.out
        assert "1 new revision since main, 3 revisions" in run.out

    @pytest.mark.parametrize("state", ["staged", "committed", "unknown to git"])
    def test_an_edit_is_told_in_every_state(self, project: Project, lint: Lint, state: str) -> None:
        project.git.git("checkout", "--quiet", "-b", "work")
        project.versions.rename(project.git.root / "revs")
        keep_in(project, "revs")
        replace(project.git.root / "revs" / "b2.py", "sa.Text()", "sa.String(40)")
        if state != "unknown to git":
            project.git.git("add", "--all")
        if state == "committed":
            project.git.commit()

        run = lint("--base", "main")

        assert run.out.startswith("revs/b2.py:15:5: ALM111 [error]")
        assert "0 new revisions since main" in run.out

    def test_a_deletion_is_told_with_the_command_that_brings_the_file_back(
        self, renamed: Project, lint: Lint
    ) -> None:
        (renamed.git.root / "revs" / "b2.py").unlink()

        run = lint("--base", "main", "--output-format", "full")

        assert "error[ALM112]" in run.out
        assert "git show main:versions/b2.py > revs/b2.py" in run.out

    def test_a_file_put_aside_there_is_gone(self, renamed: Project, lint: Lint) -> None:
        rename(renamed, "revs/b2.py", "revs/b2.py.old")

        assert "revs/b2.py.old:10:12: ALM112" in lint("--base", "main").out

    def test_a_directory_is_split_in_two(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "b2")
        project.git.commit()
        project.git.git("checkout", "--quiet", "-b", "work")
        for name, file in (("old", "a1"), ("old", "b2"), ("recent", "c3")):
            (project.git.root / name).mkdir(exist_ok=True)
            rename(project, f"versions/{file}.py", f"{name}/{file}.py")
        keep_in(project, "old", "recent")
        same = lint("--base", "main")
        replace(project.git.root / "recent" / "c3.py", "sa.Text()", "sa.String()")

        assert "0 new revisions since main, 3 revisions" in same.out
        assert lint("--base", "main").out.startswith("recent/c3.py:15:5: ALM111")

    def test_directories_below_move_along(self, project: Project, lint: Lint) -> None:
        ini = "[alembic]\nscript_location = %(here)s\nrecursive_version_locations = true\n"
        git = project.git
        (git.root / "mig").mkdir()
        rename(project, "env.py", "mig/env.py")
        rename(project, "alembic.ini", "mig/alembic.ini")
        rename(project, "versions", "mig/versions")
        git.write("mig/alembic.ini", ini)
        git.commit()
        git.git("checkout", "--quiet", "-b", "work")
        rename(project, "mig", "db")
        (git.root / "db" / "versions" / "2026").mkdir()
        project.revision("d4", "b2").rename(git.root / "db" / "versions" / "2026" / "d4.py")
        git.commit()
        git.git("checkout", "--quiet", "main")
        (git.root / "mig" / "versions" / "2027").mkdir(parents=True)
        project.revision("c3", "b2").rename(git.root / "mig" / "versions" / "2027" / "c3.py")
        git.commit()
        git.git("checkout", "--quiet", "work")

        run = lint("--base", "main")

        assert "db/versions/2026/d4.py:11:17: ALM114" in run.out
        assert "1 new revision since main, 3 revisions" in run.out


class TestTheBaseMoves:
    @pytest.fixture
    def main_renames(self, project: Project) -> Project:
        """A branch with a new revision d4; main has renamed `versions`, and added c3 there."""
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "b2")
        git.commit()
        git.git("checkout", "--quiet", "main")
        rename(project, "versions", "revs")
        keep_in(project, "revs")
        project.revision("c3", "b2").rename(git.root / "revs" / "c3.py")
        git.commit()
        git.git("checkout", "--quiet", "work")
        return project

    def test_a_second_head_is_told_and_no_parent_is_missed(
        self, main_renames: Project, lint: Lint
    ) -> None:
        del main_renames
        run = lint("--base", "main")

        assert run.out.count(" [error] ") == 1
        assert "versions/d4.py:11:17: ALM114" in run.out

    def test_it_is_so_with_another_open_branch(self, main_renames: Project, lint: Lint) -> None:
        main_renames.git.git("branch", "--quiet", "--move", "main", "other")
        main_renames.git.git("branch", "--quiet", "main", "other~1")

        run = lint("--base", "main", "--against", "other")

        assert run.out.count(" [error] ") == 1
        assert 'once this branch and other are both merged, "d4" is a second head' in run.out

    def test_both_move_it_apart(self, main_renames: Project, lint: Lint) -> None:
        rename(main_renames, "versions", "db")
        keep_in(main_renames, "db")

        run = lint("--base", "main")

        assert run.out.count(" [error] ") == 1
        assert "db/d4.py:11:17: ALM114" in run.out
        assert "1 new revision since main, 3 revisions" in run.out


class TestOtherHistories:
    def test_a_copy_of_what_is_still_there_is_new_and_that_is_told(
        self, project: Project, lint: Lint
    ) -> None:
        for name in ("a1", "b2"):
            text = project.file(name).read_text("utf-8")
            project.git.write(f"revs/{name}.py", text)
        keep_in(project, "revs")

        run = lint("--base", "main")

        assert "2 new revisions since main" in run.out
        assert run.err == (
            "note: revs: main has the same revisions in versions, which is there as well; "
            "those here all count as new\n"
        )

    def test_a_service_that_goes_is_not_taken_for_one_that_shares_an_id(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        for service in ("one", "two"):
            git.write(f"{service}/alembic.ini", "[alembic]\nscript_location = %(here)s\n")
            git.write(f"{service}/env.py", "")
            for name in ("a1", "b2"):
                text = project.file(name).read_text("utf-8")
                git.write(f"{service}/versions/{name}.py", text)
        project.revision("c3", "b2").rename(git.root / "two" / "versions" / "c3.py")
        git.commit()
        git.git("rm", "--quiet", "-r", "two")
        project.revision("c3", "b2", column="own").rename(git.root / "one" / "versions" / "n.py")

        run = lint("--base", "main", "one")

        assert run.out == "All checks passed: 1 new revision since main, 3 revisions, head: c3\n"
        assert run.err == ""


def test_a_clone_without_old_files_says_that_it_cannot_look_for_moves(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
) -> None:
    git = project.git
    git.git("config", "uploadpack.allowfilter", "true")
    git.write("app.py", "name = 1\n")
    git.commit()
    git.git("rm", "--quiet", "app.py")
    project.revision("c3", "b2")
    git.commit()
    part = tmp_path / "part"
    git.git("clone", "--quiet", "--filter=blob:none", f"file://{git.root}", part)
    monkeypatch.chdir(part)

    run = lint("--base", "origin/main~1")

    assert run.out.startswith("All checks passed: 1 new revision since origin/main~1")
    assert "nothing is fetched here; clone without it; whether a version directory has" in run.err
