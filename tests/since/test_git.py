"""What can be asked of git, in all kinds of checkouts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from alembic_lint.cli import main
from tests.since.conftest import Project, Run
from tests.since.git_repository import GitRepository

Lint = Callable[..., Run]


def clone(project: Project, target: Path, *options: str) -> GitRepository:
    """Clone as a build does, by a transport that can be shallow."""
    project.git.git("clone", "--quiet", *options, f"file://{project.git.root}", target)
    return GitRepository(target)


class TestWhatCounts:
    @pytest.mark.parametrize("state", ["committed", "staged", "untracked", "ignored", "intended"])
    def test_a_new_file_counts_in_every_state(
        self, project: Project, lint: Lint, state: str
    ) -> None:
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("c3", "a1")
        match state:
            case "committed":
                git.commit()
            case "staged":
                git.git("add", ".")
            case "intended":
                git.git("add", "--intent-to-add", ".")
            case "ignored":
                git.write(".gitignore", "c3.py\n")

        run = lint("--base", "main", "--select", "ALM1")

        assert run.status == 1
        assert "versions/c3.py:10:12: ALM101" in run.out
        assert "1 new revision since main, 3 revisions" in run.out

    def test_a_change_that_is_staged_and_taken_back_does_not_count(
        self, project: Project, lint: Lint
    ) -> None:
        project.edit("b2", "sa.Text()", "sa.String()")
        project.git.git("add", ".")
        project.edit("b2", "sa.String()", "sa.Text()")

        assert lint("--base", "main").status == 0

    def test_a_file_that_git_forgets_but_that_is_there_does_not_count(
        self, project: Project, lint: Lint
    ) -> None:
        project.git.git("rm", "--quiet", "--cached", "versions/b2.py")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_other_line_ends_do_not_count(self, project: Project, lint: Lint) -> None:
        text = project.file("b2").read_bytes()
        project.file("b2").write_bytes(text.replace(b"\n", b"\r\n"))

        run = lint("--base", "main", "--select", "ALM1")

        assert run.status == 0

    def test_what_came_to_main_later_is_not_this_branch_s_doing(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        git.git("checkout", "--quiet", "main")
        project.revision("c3", "b2")
        git.commit()
        git.git("checkout", "--quiet", "work")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_an_editor_s_buffer_counts(
        self, project: Project, lint: Lint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = project.file("b2").read_text("utf-8").replace("sa.Text()", "sa.String()")
        monkeypatch.setattr("alembic_lint.cli.streams.read", text.encode)

        run = lint("--base", "main", "--stdin-filename", "versions/b2.py", "-")

        assert "versions/b2.py:15:5: ALM111" in run.out

    @pytest.mark.parametrize(
        "name", ["with space", 'qu"ote', "ünïcode", "new\nline", "-dash", "[a]"]
    )
    def test_any_name_of_a_file_and_of_a_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lint: Lint
    ) -> None:
        git = GitRepository.init(tmp_path / "all")
        project = Project(GitRepository(git.root / name))
        project.git.write("alembic.ini", "[alembic]\nscript_location = %(here)s\n")
        project.git.write("env.py", "")
        project.revision("a1")
        file = project.revision("b2", "a1")
        if "\n" not in name:  # Alembic loads no such file
            file = file.rename(file.with_name(f"{name}.py"))
        git.commit()
        file.unlink()
        project.revision(f"{name} new", "a1")
        monkeypatch.chdir(project.git.root)

        run = lint("--base", "main", "--select", "ALM112", "--quiet")

        assert run.status == 1
        assert run.out.startswith('versions/a1.py:10:12: ALM112 [error] revision "b2"')

    def test_a_directory_below_the_top_and_another_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        git = GitRepository.init(tmp_path / "all")
        project = Project(GitRepository(git.root / "service" / "db"))
        project.git.write("alembic.ini", "[alembic]\nscript_location = %(here)s\n")
        project.git.write("env.py", "")
        project.revision("a1")
        git.commit()
        project.revision("b2", "a1")
        monkeypatch.chdir(git.root / "service")

        run = lint("--base", "main", "db")

        assert run.out == "All checks passed: 1 new revision since main, 2 revisions, head: b2\n"

    def test_a_linked_version_directory(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        link = tmp_path / "linked"
        link.symlink_to(project.git.root, target_is_directory=True)
        project.file("b2").unlink()
        monkeypatch.chdir(link)

        run = lint("--base", "main", "--select", "ALM112")

        assert "ALM112" in run.out

    def test_directories_below_a_version_location(self, project: Project, lint: Lint) -> None:
        git = project.git
        git.write(
            "alembic.ini",
            "[alembic]\nscript_location = %(here)s\nrecursive_version_locations = true\n",
        )
        git.commit()
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "b2")
        git.git("checkout", "--quiet", "-b", "other", "main")
        (project.versions / "2026").mkdir()
        project.revision("c3", "b2").rename(project.versions / "2026" / "c3.py")
        project.file("d4").rename(project.git.root / "kept")
        git.git("add", "versions")
        git.git("commit", "--quiet", "--message", "c3")
        git.git("checkout", "--quiet", "work")
        (project.git.root / "kept").rename(project.file("d4"))

        run = lint("--base", "other", "--select", "ALM114")

        assert 'beside "c3" (versions/2026/c3.py)' in run.out


class TestCheckouts:
    def test_a_detached_head(self, project: Project, lint: Lint) -> None:
        project.git.git("checkout", "--quiet", "--detach")
        project.revision("c3", "b2")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 1 new revision since main, 3 revisions, head: c3\n"

    def test_a_second_work_tree(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        tree = tmp_path / "tree"
        project.git.git("worktree", "add", "--quiet", "-b", "work", tree)
        (tree / "versions" / "b2.py").unlink()
        monkeypatch.chdir(tree)

        assert "ALM112" in lint("--base", "main").out

    def test_a_submodule(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        outer = GitRepository.init(tmp_path / "outer")
        outer.git("submodule", "--quiet", "add", f"file://{project.git.root}", "db")
        outer.commit()
        (outer.root / "db" / "versions" / "b2.py").unlink()
        monkeypatch.chdir(outer.root)

        assert "ALM112" in lint("--base", "origin/main", "db").out

    def test_the_work_tree_of_a_hook(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        monkeypatch.setenv("GIT_DIR", "nowhere")
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/nothing")
        project.file("b2").unlink()

        assert "ALM112" in lint("--base", "main").out

    def test_a_shallow_clone_is_2_and_names_the_remedy(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        clone(project, tmp_path / "shallow", "--depth", "1")
        monkeypatch.chdir(tmp_path / "shallow")

        run = lint("--base", "release")

        assert run.status == 2
        assert (
            "it is a shallow clone; fetch all of it: fetch-depth: 0 of actions/checkout" in run.err
        )

    def test_a_shallow_clone_without_the_commit_where_branches_part_is_2(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("c3", "b2")
        git.commit()
        git.git("checkout", "--quiet", "main")
        git.commit()
        clone(project, tmp_path / "shallow", "--depth", "1", "--no-single-branch")
        monkeypatch.chdir(tmp_path / "shallow")

        run = lint("--base", "origin/work")

        assert run.status == 2
        assert "this shallow clone ends before the commit" in run.err
        assert "fetch-depth: 0" in run.err

    def test_a_clone_without_the_contents_of_files_asks_no_server(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        project.git.git("config", "uploadpack.allowfilter", "true")
        project.edit("b2", "sa.Text()", "sa.String()")
        project.git.commit()
        part = clone(project, tmp_path / "part", "--filter=blob:none")
        monkeypatch.chdir(part.root)

        run = lint("--base", "origin/main~1")

        assert run.status == 2
        assert run.err.startswith("error: the clone lacks files of older commits")

    def test_no_repository_is_2(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        shutil.copytree(project.versions, tmp_path / "plain" / "versions")
        monkeypatch.chdir(tmp_path / "plain")

        run = lint("--base", "main", "versions")

        assert (run.status, run.out) == (2, "")
        assert run.err == "error: --base: versions is in no git repository\n"

    def test_no_commit_yet_is_2(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        shutil.copytree(project.versions, tmp_path / "fresh" / "versions")
        GitRepository.init(tmp_path / "fresh")
        monkeypatch.chdir(tmp_path / "fresh")

        run = lint("--base", "main", "versions")

        assert run.status == 2
        assert "has no commit yet" in run.err

    def test_unrelated_histories_are_2(self, project: Project, lint: Lint) -> None:
        project.git.git("checkout", "--quiet", "--orphan", "other")
        project.git.commit()

        run = lint("--base", "main")

        assert run.status == 2
        assert run.err == "error: --base: HEAD and 'main' have no commit in common\n"

    def test_git_is_not_installed(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        del project
        monkeypatch.setenv("PATH", "/nowhere")

        run = lint("--base", "main")

        assert run.status == 2
        assert "git is not installed, or not on the PATH" in run.err

    def test_a_broken_repository_is_2(self, project: Project, lint: Lint) -> None:
        shutil.rmtree(project.git.root / ".git" / "objects")

        run = lint("--base", "main")

        assert run.status == 2
        assert run.err.startswith("error: --base: ")
        assert run.err.count("\n") == 1


class TestRefs:
    @pytest.mark.parametrize(
        "ref",
        [
            "nowhere",
            "--upload-pack=touch x",
            "-x",
            "a..b",
            "main:versions",
            "a\nb",
            "a b",
            "*",
            "@",
        ],
    )
    def test_what_is_no_commit_is_2_and_never_an_option(
        self, project: Project, lint: Lint, ref: str
    ) -> None:
        run = lint(f"--base={ref}")

        if ref == "@":
            assert run.status == 0
            return
        assert run.status == 2
        assert run.err.startswith("error: --base: ")
        assert run.err.count("\n") == 1
        assert not (project.git.root / "x").exists()

    def test_no_upstream_is_2(self, project: Project, lint: Lint) -> None:
        del project
        run = lint("--base", "@{upstream}")

        assert run.status == 2
        assert "no upstream configured for branch 'main'" in run.err

    def test_a_branch_of_the_remote_is_found_by_its_name(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        copy = clone(project, tmp_path / "copy")
        copy.git("checkout", "--quiet", "--detach")
        copy.git("branch", "--quiet", "-D", "main")
        monkeypatch.chdir(copy.root)

        run = lint("--base", "main")

        assert "0 new revisions since origin/main" in run.out

    def test_a_tag_and_a_hash(self, project: Project, lint: Lint) -> None:
        project.git.git("tag", "-a", "-m", "One", "v1")
        name = project.git.git("rev-parse", "--short", "HEAD").strip()

        assert "since v1" in lint("--base", "v1").out
        assert f"since {name}" in lint("--base", name).out

    def test_against_needs_a_base(self, project: Project, lint: Lint) -> None:
        del project
        run = lint("--against", "main")

        assert run.status == 2
        assert run.err == "error: --against needs a base that they all come from; give --base\n"

    def test_an_unknown_branch_to_compare_with_is_2(self, project: Project, lint: Lint) -> None:
        del project
        run = lint("--base", "main", "--against", "gone")

        assert run.status == 2
        assert run.err.startswith("error: --against: ")


class TestWhoAsks:
    @pytest.fixture
    def work(self, project: Project) -> Project:
        """A branch with one new revision; the configuration asks for another base."""
        project.git.git("branch", "--quiet", "early")
        project.revision("c3", "b2")
        project.git.commit()
        project.git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "c3")
        return project

    @pytest.mark.parametrize("name", ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"])
    def test_a_build_tells_its_target(
        self, work: Project, lint: Lint, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        del work
        monkeypatch.setenv(name, "early")

        assert "2 new revisions since early" in lint().out

    def test_the_remote_s_branch_counts_in_a_build(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        copy = clone(project, tmp_path / "copy")
        monkeypatch.chdir(copy.root)
        monkeypatch.setenv("GITHUB_BASE_REF", "main")

        assert "since origin/main" in lint().out

    def test_the_configuration_comes_before_the_build(
        self, work: Project, lint: Lint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        work.git.write("alembic-lint.toml", 'base = "main"\n')
        monkeypatch.setenv("GITHUB_BASE_REF", "early")

        assert "1 new revision since main" in lint().out

    def test_the_option_comes_before_the_configuration(self, work: Project, lint: Lint) -> None:
        work.git.write("alembic-lint.toml", 'base = "main"\n')

        assert "2 new revisions since early" in lint("--base", "early").out
        assert "since" not in lint("--base", "").out

    def test_a_push_build_has_no_base(
        self, work: Project, lint: Lint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del work
        monkeypatch.setenv("GITHUB_BASE_REF", "")

        assert lint() == Run(0, "All checks passed: 4 revisions, head: d4\n", "")

    def test_a_build_without_its_base_is_told_and_goes_on(
        self, work: Project, lint: Lint, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del work
        monkeypatch.setenv("GITHUB_BASE_REF", "gone")

        run = lint()

        assert run.status == 0
        assert run.out == "All checks passed: 4 revisions, head: d4\n"
        assert run.err.startswith("note: GITHUB_BASE_REF: ")
        assert "without a base, all findings are shown" in run.err

    def test_a_build_outside_of_a_repository_goes_on(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
    ) -> None:
        shutil.copytree(project.versions, tmp_path / "plain" / "versions")
        monkeypatch.chdir(tmp_path / "plain")
        monkeypatch.setenv("GITHUB_BASE_REF", "main")

        assert lint("versions").status == 0

    def test_a_configured_base_that_is_not_there_is_2(self, project: Project, lint: Lint) -> None:
        project.git.write("alembic-lint.toml", 'base = "gone"\n')

        run = lint()

        assert run.status == 2
        assert run.err.startswith('error: "base" in alembic-lint.toml: ')

    def test_the_setting_is_shown(
        self, project: Project, lint: Lint, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        del lint
        project.git.write("alembic-lint.toml", 'base = "main"\n')

        assert main(["config", str(project.git.root)]) == 0
        out, _ = capsysbinary.readouterr()
        assert b'base = "main"\n' in out


def test_git_is_asked_few_times(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lint: Lint
) -> None:
    git = project.git
    git.git("checkout", "--quiet", "-b", "work")
    for number in range(20):
        project.revision(f"r{number}", f"r{number - 1}" if number else "b2")
    git.git("checkout", "--quiet", "main")
    git.write("versions/c3.py", project.revision("c3", "b2").read_text("utf-8"))
    git.git("add", "versions/c3.py")
    git.git("commit", "--quiet", "--message", "c3")
    git.git("checkout", "--quiet", "work")
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho x >> "{calls}"\nexec {shutil.which("git")} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    run = lint("--base", "main")

    assert "ALM114" in run.out
    assert len(calls.read_text("utf-8").split()) <= 9
