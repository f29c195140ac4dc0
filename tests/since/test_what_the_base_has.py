"""What is not new, as the base has it by now: squashes, cherry-picks, criss-cross merges."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.since.conftest import Project, Run

Lint = Callable[..., Run]


class TestSquash:
    @pytest.fixture
    def squashed(self, project: Project) -> Project:
        """A branch with a new revision d4, which main has taken over by a squash."""
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "b2")
        git.commit("Add d4")
        git.git("checkout", "--quiet", "main")
        git.git("merge", "--quiet", "--squash", "work")
        git.commit("Squash work")
        git.git("checkout", "--quiet", "work")
        return project

    def test_what_main_has_taken_over_is_not_new(self, squashed: Project, lint: Lint) -> None:
        squashed.revision("e5", "d4")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 1 new revision since main, 4 revisions, head: e5\n"

    def test_an_edit_of_it_is_told(self, squashed: Project, lint: Lint) -> None:
        squashed.edit("d4", "sa.Text()", "sa.String(40)")

        run = lint("--base", "main")

        assert run.out.startswith('versions/d4.py:15:5: ALM111 [error] revision "d4" is on main')

    def test_another_id_of_it_is_told(self, squashed: Project, lint: Lint) -> None:
        squashed.edit("d4", 'revision = "d4"', 'revision = "d5"')

        run = lint("--base", "main", "--select", "ALM1")

        assert "versions/d4.py:10:12: ALM111" in run.out
        assert 'a database that is at "d4" cannot be located any more' in run.out

    def test_what_main_edits_afterwards_is_not_this_branch_s_doing(
        self, squashed: Project, lint: Lint
    ) -> None:
        git = squashed.git
        git.git("checkout", "--quiet", "main")
        squashed.edit("d4", "sa.Text()", "sa.String(40)")
        git.commit()
        git.git("checkout", "--quiet", "work")

        behind = lint("--base", "main")
        squashed.edit("d4", "sa.Text()", "sa.String(80)")
        edited = lint("--base", "main")

        assert behind.out.startswith("All checks passed: 0 new revisions since main")
        assert "versions/d4.py:15:5: ALM111" in edited.out

    def test_another_name_makes_two_files_of_one_revision(
        self, squashed: Project, lint: Lint
    ) -> None:
        squashed.git.git("mv", "versions/d4.py", "versions/names.py")

        run = lint("--base", "main")

        assert run.out.startswith("versions/names.py:10:12: ALM114 [error]")
        assert "merge main into it and keep one of the two, as they do the same" in run.out

    def test_what_main_takes_back_is_new_again(self, squashed: Project, lint: Lint) -> None:
        git = squashed.git
        git.git("checkout", "--quiet", "main")
        git.git("rm", "--quiet", "versions/d4.py")
        git.commit()
        git.git("checkout", "--quiet", "work")

        assert "1 new revision since main" in lint("--base", "main").out

    def test_one_id_in_one_file_on_two_branches_is_told(self, project: Project, lint: Lint) -> None:
        git = project.git
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "b2", column="mine")
        git.commit()
        git.git("checkout", "--quiet", "main")
        project.revision("d4", "b2", column="theirs")
        git.commit()
        git.git("checkout", "--quiet", "work")

        run = lint("--base", "main")

        assert run.out.startswith("versions/d4.py:15:5: ALM111 [error]")


class TestBehind:
    @pytest.fixture
    def behind(self, project: Project) -> Project:
        """A branch that has changed nothing; main has edited a1, deleted c3 and added d4."""
        git = project.git
        project.revision("c3", "b2")
        git.commit()
        git.git("branch", "--quiet", "work")
        project.edit("b2", "sa.Text()", "sa.String(40)")
        project.file("c3").unlink()
        project.revision("d4", "b2")
        git.commit()
        git.git("checkout", "--quiet", "work")
        return project

    def test_nothing_is_told(self, behind: Project, lint: Lint) -> None:
        del behind
        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 3 revisions, head: c3\n"

    def test_the_same_edit_and_deletion_here_are_not_told(
        self, behind: Project, lint: Lint
    ) -> None:
        behind.edit("b2", "sa.Text()", "sa.String(40)")
        behind.file("c3").unlink()

        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_a_deletion_of_what_main_has_only_renamed_is_told(
        self, behind: Project, lint: Lint
    ) -> None:
        git = behind.git
        git.git("checkout", "--quiet", "main")
        git.git("mv", "versions/b2.py", "versions/2026_b2.py")
        git.commit()
        git.git("checkout", "--quiet", "work")
        behind.file("c3").unlink()
        behind.file("b2").unlink()

        run = lint("--base", "main", "--select", "ALM112")

        assert 'ALM112 [error] revision "b2" (versions/b2.py) of main is gone' in run.out

    def test_an_edit_of_this_branch_is_told(self, behind: Project, lint: Lint) -> None:
        behind.edit("b2", "sa.Text()", "sa.String(80)")

        assert "versions/b2.py:15:5: ALM111" in lint("--base", "main").out

    def test_an_edit_that_main_had_for_a_while_is_not_told(
        self, behind: Project, lint: Lint
    ) -> None:
        git = behind.git
        git.git("checkout", "--quiet", "main")
        behind.edit("b2", "sa.String(40)", "sa.String(80)")
        git.commit()
        git.git("checkout", "--quiet", "work")
        behind.edit("b2", "sa.Text()", "sa.String(40)")

        run = lint("--base", "main")

        assert run.status == 0
        assert "0 new revisions since main" in run.out


class TestCrissCross:
    @pytest.fixture
    def crossed(self, project: Project) -> Project:
        """Main has merged d4 of develop, and develop a hotfix of main; develop is checked out."""
        git = project.git
        git.git("checkout", "--quiet", "-b", "develop")
        project.revision("d4", "b2")
        git.commit("Add d4")
        git.git("checkout", "--quiet", "main")
        git.write("hotfix", "")
        git.commit("Hotfix")
        git.git("branch", "--quiet", "hotfix")
        git.git("merge", "--quiet", "--message", "Release", "develop")
        git.git("checkout", "--quiet", "develop")
        git.git("merge", "--quiet", "--message", "Take the hotfix", "hotfix")
        project.revision("e5", "d4")
        git.commit("Add e5")
        assert len(git.git("merge-base", "--all", "main", "develop").split()) == 2
        return project

    def test_what_either_side_had_is_not_new(self, crossed: Project, lint: Lint) -> None:
        del crossed
        run = lint("--base", "main")

        assert run.out == "All checks passed: 1 new revision since main, 4 revisions, head: e5\n"

    def test_an_edit_is_told(self, crossed: Project, lint: Lint) -> None:
        crossed.edit("d4", "sa.Text()", "sa.String(40)")

        assert lint("--base", "main").out.startswith("versions/d4.py:15:5: ALM111")

    def test_a_deletion_is_told_and_no_second_head(self, crossed: Project, lint: Lint) -> None:
        crossed.file("d4").unlink()
        crossed.edit("e5", '"d4"', '"b2"')
        crossed.edit("e5", "Revises: d4", "Revises: b2")

        run = lint("--base", "main")

        assert run.out.count(" [error] ") == 1
        assert 'ALM112 [error] revision "d4" (versions/d4.py) of main is gone' in run.out

    def test_what_one_side_deleted_before_is_not_gone(self, project: Project, lint: Lint) -> None:
        git = project.git
        project.revision("c3", "b2")
        git.commit("Add c3")
        git.git("checkout", "--quiet", "-b", "develop")
        git.git("rm", "--quiet", "versions/c3.py")
        git.commit("Drop c3")
        git.git("checkout", "--quiet", "main")
        git.write("hotfix", "")
        git.commit("Hotfix")
        git.git("branch", "--quiet", "hotfix")
        git.git("merge", "--quiet", "--message", "Release", "develop")
        git.git("checkout", "--quiet", "develop")
        git.git("merge", "--quiet", "--message", "Take the hotfix", "hotfix")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_what_another_branch_has_merged_already_is_not_put_on_top_of_its_merge(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        git.git("checkout", "--quiet", "-b", "rel")
        project.revision("d4", "b2")
        git.commit("Add d4")
        git.git("checkout", "--quiet", "main")
        project.revision("c3", "b2")
        git.commit("Add c3")
        git.git("tag", "m0")
        git.git("merge", "--quiet", "--message", "Merge rel", "rel")
        git.git("checkout", "--quiet", "rel")
        git.git("merge", "--quiet", "--message", "Merge main", "m0")
        project.revision("e5", "c3", "d4")
        git.commit("Add e5")
        git.git("checkout", "--quiet", "main")

        run = lint("--base", "rel")

        assert run.status == 0
        assert "0 new revisions since rel" in run.out


class TestInserted:
    def test_the_advice_makes_no_cycle(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "a1")
        project.edit("b2", '"a1"', '"c3"')

        run = lint("--base", "main", "--select", "ALM113")

        assert run.out.startswith('versions/c3.py:11:17: ALM113 [error] "c3" is put below "b2"')
        assert (
            'restore down_revision = "a1" in versions/b2.py:11, and put this one on top of "b2"'
            in run.out
        )

    def test_an_id_that_the_base_has_by_now_in_another_file_is_told_once(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        git.git("branch", "--quiet", "work")
        project.revision("c3", "b2")
        git.commit()
        git.git("checkout", "--quiet", "work")
        project.revision("c3", "a1").rename(project.versions / "own.py")
        project.edit("b2", '"a1"', '"c3"')

        run = lint("--base", "main", "--select", "ALM113,ALM114")

        assert run.out.count(" [error] ") == 1
        assert "versions/own.py:10:12: ALM114" in run.out

    def test_a_parent_that_was_missing_may_be_put_back(self, project: Project, lint: Lint) -> None:
        text = project.file("a1").read_text("utf-8").replace("None", '"a0"')
        project.file("a1").unlink()
        project.git.commit()
        project.git.write("versions/a1.py", text)
        project.revision("a0")

        assert "ALM113" not in lint("--base", "HEAD", "--select", "ALM113").out
