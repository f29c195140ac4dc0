"""What happens to two branches that both start from main, in real git."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.since.conftest import Project, Run

Lint = Callable[..., Run]


@pytest.fixture
def merged_a(project: Project) -> Project:
    """Branches A and B have each put a revision on b2; A is merged, and B is checked out."""
    git = project.git
    git.git("checkout", "--quiet", "-b", "A")
    project.revision("c3", "b2")
    git.commit()
    git.git("checkout", "--quiet", "-b", "B", "main")
    project.revision("d4", "b2")
    git.commit()
    git.git("checkout", "--quiet", "main")
    git.git("merge", "--quiet", "A")
    git.git("checkout", "--quiet", "B")
    return project


def test_each_branch_is_sound_by_itself(merged_a: Project, lint: Lint) -> None:
    del merged_a
    run = lint()

    assert (run.status, run.out) == (0, "All checks passed: 3 revisions, head: d4\n")


def test_the_second_branch_fails_naming_both_files_and_the_line(
    merged_a: Project, lint: Lint
) -> None:
    del merged_a
    run = lint("--base", "main", "--fail-on", "error", "--ignore", "ALM109")

    finding, _, last = run.out.partition("\n")
    assert run.status == 1
    assert finding.startswith("versions/d4.py:11:17: ALM114 [error] ")
    assert '"d4" is a second head beside "c3" (versions/c3.py)' in finding
    assert 'write down_revision = "c3" in versions/d4.py:11' in finding
    assert last == "Found 1 error in 1 file (checked 1 new revision since main, 3 revisions)\n"


def test_git_itself_sees_no_conflict_and_the_merge_has_two_heads(
    merged_a: Project, lint: Lint
) -> None:
    merged_a.git.git("merge", "--quiet", "main")

    run = lint()

    assert "ALM101" in run.out


def test_it_passes_once_the_revision_is_put_on_top(merged_a: Project, lint: Lint) -> None:
    merged_a.git.git("merge", "--quiet", "main")
    merged_a.edit("d4", 'down_revision = "b2"', 'down_revision = "c3"')
    merged_a.edit("d4", "Revises: b2", "Revises: c3")

    run = lint("--base", "main")

    assert run.status == 0
    assert run.out == "All checks passed: 1 new revision since main, 4 revisions, head: d4\n"


def test_after_the_merge_without_a_new_parent_it_is_a_second_head_and_that_is_told_once(
    merged_a: Project, lint: Lint
) -> None:
    merged_a.git.git("merge", "--quiet", "main")

    run = lint("--base", "main", "--output-format", "full")

    assert "Found 1 error, 1 info in 1 file" in run.out  # ALM109 tells that both touch one table
    assert run.out.startswith('error[ALM101] multiple-heads: revision "d4" is a second head beside')
    assert 'or, in versions/d4.py: down_revision = "c3"' in run.out


def test_a_revision_beside_the_old_head_is_told_once_though_main_has_gone_on(
    merged_a: Project, lint: Lint
) -> None:
    merged_a.edit("d4", '"b2"', '"a1"')
    merged_a.edit("d4", "Revises: b2", "Revises: a1")

    run = lint("--base", "main", "--ignore", "ALM109")

    assert run.out.count(" [error] ") == 1
    assert 'ALM101 [error] revision "d4" is a second head beside "b2"' in run.out


def test_two_heads_that_main_has_long_had_hide_no_third(project: Project, lint: Lint) -> None:
    git = project.git
    project.revision("x1", "a1")
    git.commit()
    git.git("checkout", "--quiet", "-b", "work")
    project.revision("d4", "b2")
    git.commit()
    git.git("checkout", "--quiet", "main")
    project.revision("c3", "b2")
    git.commit()
    git.git("checkout", "--quiet", "work")

    run = lint("--base", "main", "--select", "ALM114")

    assert 'ALM114 [error] once this branch is merged into main, "d4" is a second head' in run.out
    assert 'beside "c3" (versions/c3.py)' in run.out


def test_a_change_of_the_same_column_is_told_before_the_merge(
    merged_a: Project, lint: Lint
) -> None:
    merged_a.revision("d4", "b2", up='op.alter_column("users", "c_c3", nullable=False)')

    run = lint("--base", "main", "--select", "branches-touch-same-object")

    assert run.out.startswith('versions/d4.py:15:5: ALM109 [warning] column "c_c3" of "users"')
    assert "(once this branch is merged into main)" in run.out


class TestWhatBothMake:
    """The same made on main and on this branch: each is sound alone, and the merge fails."""

    TABLE = 'op.create_table("own", sa.Column("id", sa.Integer(), primary_key=True))'
    COLUMN = 'op.add_column("users", sa.Column("mail", sa.Text()))'
    INDEX = 'op.create_index("ix", "users", ["id"])'
    GUARD = 'if not sa.inspect(op.get_bind()).has_table("own"):\n        '

    def both(self, project: Project, main: str, branch: str) -> None:
        """Main makes something in c3, and this branch in d4, of which that on main runs last."""
        git = project.git
        git.git("checkout", "--quiet", "-b", "B")
        project.revision("d4", "b2", up=branch)
        git.commit()
        git.git("checkout", "--quiet", "main")
        project.revision("c3", "b2", up=main)
        git.commit()
        git.git("checkout", "--quiet", "B")

    @pytest.mark.parametrize(
        ("up", "rule", "what"),
        [
            (TABLE, "ALM405", 'creating table "own"'),
            (COLUMN, "ALM407", 'adding column "mail" to "users"'),
            (INDEX, "ALM408", 'creating index "ix" on "users"'),
        ],
    )
    def test_it_is_an_error_in_the_new_revision_before_and_after_the_merge(
        self, project: Project, lint: Lint, up: str, rule: str, what: str
    ) -> None:
        self.both(project, up, up)
        said = (
            f"versions/d4.py:15:5: {rule} [error] {what} fails because the parallel branch of "
            '"c3" makes it too; remove it here, or put this branch on top of "c3" and guard it'
        )

        before = lint("--base", "main", "--select", f"{rule},ALM109")
        project.git.git("merge", "--quiet", "--no-edit", "main")
        after = lint("--base", "main", "--select", f"{rule},ALM109")

        assert before.out.splitlines()[:-1] == [f"{said} (once this branch is merged into main)"]
        assert after.out.splitlines()[:-1] == [said]

    @pytest.mark.parametrize(
        ("up", "remedy"),
        [
            (TABLE, "remove it here, or guard it with a test that it is not there (once"),
            (COLUMN, "remove this, or guard this with a test that it is not there (once"),
            (INDEX, "remove this (once"),
        ],
    )
    def test_what_the_base_has_is_not_to_be_changed(
        self, project: Project, lint: Lint, up: str, remedy: str
    ) -> None:
        self.both(project, up, up)
        project.file("d4").rename(project.file("a0"))  # so that it runs last

        run = lint("--base", "main", "--select", "ALM405,ALM407,ALM408")

        assert run.out.startswith("versions/a0.py:15:5: ")
        assert 'the parallel branch of "c3" has already made ' in run.out
        assert f"; {remedy}" in run.out

    def test_a_guard_of_the_new_one_does_not_help_the_other(
        self, project: Project, lint: Lint
    ) -> None:
        self.both(project, self.TABLE, self.GUARD + self.TABLE)

        run = lint("--base", "main", "--select", "duplicate-table")
        project.git.git("merge", "--quiet", "--no-edit", "main")

        assert "c3.py" not in lint("--base", "main", "--select", "ALM501").out
        assert run.out.startswith(
            'versions/d4.py:16:9: ALM405 [error] creating table "own" makes revision "c3" of a '
            "parallel branch fail, which makes it too; remove it here, or"
        )

    def test_two_guarded_ones_are_told_of_the_new_one(self, project: Project, lint: Lint) -> None:
        other = self.TABLE.replace("primary_key=True", 'server_default="1"')
        self.both(project, self.GUARD + self.TABLE, self.GUARD + other)

        run = lint("--base", "main", "--select", "ALM406,ALM310", "--output-format", "full")

        assert "d4.py:16:9" in run.out
        assert "--> versions/c3.py" not in run.out
        assert "default none in \"c3\", '1' here" in run.out

    def test_a_new_revision_below_an_old_one_is_what_is_told_of(
        self, project: Project, lint: Lint
    ) -> None:
        project.revision("c3", "b2", up=self.COLUMN)
        project.git.commit()
        project.git.git("checkout", "--quiet", "-b", "B")
        project.revision("b3", "b2", up=self.COLUMN)
        project.edit("c3", 'down_revision = "b2"', 'down_revision = "b3"')

        run = lint("--base", "main", "--select", "duplicate-column")

        assert run.out.startswith(
            'versions/b3.py:15:5: ALM407 [error] adding column "mail" to "users" makes its '
            'descendant "c3" fail, which makes it too; remove it here\n'
        )

    def test_the_second_head_is_the_new_one(self, project: Project, lint: Lint) -> None:
        project.revision("a0", "a1")

        run = lint("--base", "main", "--select", "multiple-heads")

        assert run.out.startswith("versions/a0.py:10:12: ALM101")

    def test_a_label_of_both_is_told_of_the_new_one(self, project: Project, lint: Lint) -> None:
        self.both(project, "pass", "pass")
        project.git.git("checkout", "--quiet", "main")
        label = 'down_revision = "b2"\nbranch_labels = "x"'
        project.edit("c3", 'down_revision = "b2"', label)
        project.git.commit()
        project.git.git("checkout", "--quiet", "B")
        project.file("d4").rename(project.file("a0"))
        project.edit("a0", 'down_revision = "b2"', label)

        run = lint("--base", "main", "--select", "duplicate-branch-label")

        assert run.out.startswith(
            'versions/a0.py:12:17: ALM106 [error] branch label "x" is already set by "c3"'
        )

    def test_comments_and_the_code_quality_report_have_a_place(
        self, project: Project, lint: Lint
    ) -> None:
        self.both(project, self.TABLE, self.TABLE)
        select = ("--base", "main", "--select", "duplicate-table")

        assert '"path": "versions/d4.py"' in lint(*select, "--output-format", "gitlab").out
        added = lint(*select, "--add-ignore", "old; see #12")

        assert added.out.startswith("Ignored 1 finding by 1 comment in 1 file")
        assert (added.status, added.err) == (0, "")
        assert lint(*select).status == 0


def test_one_id_in_two_files_is_told_before_the_merge(merged_a: Project, lint: Lint) -> None:
    merged_a.revision("d4", "b2")
    merged_a.edit("d4", 'revision = "d4"', 'revision = "c3"')
    merged_a.edit("d4", "ID: d4", "ID: c3")

    run = lint("--base", "main")

    assert "versions/d4.py:10:12: ALM114 [error]" in run.out
    assert "this file and versions/c3.py have the same revision id" in run.out


def test_an_open_branch_is_compared_with_another_one(merged_a: Project, lint: Lint) -> None:
    git = merged_a.git
    git.git("checkout", "--quiet", "main")
    git.git("checkout", "--quiet", "-b", "E")
    merged_a.revision("e5", "c3")
    git.commit()
    git.git("checkout", "--quiet", "-b", "F", "main")
    merged_a.revision("f6", "c3")
    git.commit()

    alone = lint("--base", "main")
    both = lint("--base", "main", "--against", "E")
    also = lint("--base", "main", "--against", "E", "--against", "B")

    assert alone.status == 0
    assert both.out.count("ALM114") == 1
    assert 'once this branch and E are both merged, "f6" is a second head beside "e5"' in both.out
    assert also.out.count("ALM114") == 2


def test_a_parent_that_main_has_dropped_is_told_before_the_merge(
    project: Project, lint: Lint
) -> None:
    git = project.git
    git.git("checkout", "--quiet", "-b", "work")
    project.revision("d4", "b2")
    git.commit()
    git.git("checkout", "--quiet", "main")
    git.git("rm", "--quiet", "versions/b2.py")
    git.commit()
    git.git("checkout", "--quiet", "work")

    run = lint("--base", "main")

    assert "versions/d4.py:11:17: ALM103 [error]" in run.out
    assert "(once this branch is merged into main)" in run.out


class TestMergedRevisions:
    def test_a_changed_operation_is_told(self, project: Project, lint: Lint) -> None:
        project.edit("b2", "sa.Text()", "sa.String(40)")

        run = lint("--base", "main")

        assert run.status == 1
        assert run.out.startswith('versions/b2.py:15:5: ALM111 [error] revision "b2" is on main')
        assert 'upgrade() does add_column "c_b2" of "users" in another way' in run.out

    def test_a_comment_a_docstring_and_a_layout_are_no_change(
        self, project: Project, lint: Lint
    ) -> None:
        project.edit("b2", "Revision b2.", "Another text.")
        project.edit("b2", "def upgrade():", "# what for\ndef upgrade() -> None:")
        project.edit("b2", 'op.add_column("users", ', "op.add_column(\n        'users', ")
        project.git.commit()

        run = lint("--base", "main~0")

        assert run.status == 0
        assert "0 new revisions since main~0" in run.out

    def test_another_parent_is_told_at_its_line(self, project: Project, lint: Lint) -> None:
        project.edit("b2", 'down_revision = "a1"', "down_revision = None")

        run = lint("--base", "main", "--select", "history-edited")

        assert run.out.startswith("versions/b2.py:11:17: ALM111 [error]")
        assert 'down_revision is None, and was "a1"' in run.out

    def test_another_id_is_told_with_what_becomes_of_databases(
        self, project: Project, lint: Lint
    ) -> None:
        project.edit("b2", 'revision = "b2"', 'revision = "b3"')

        run = lint("--base", "main", "--select", "ALM111,ALM112")

        assert 'a database that is at "b2" cannot be located any more' in run.out
        assert "ALM112" not in run.out

    def test_another_downgrade_is_only_an_info(self, project: Project, lint: Lint) -> None:
        project.edit("b2", 'op.drop_column("users", "c_b2")', 'op.drop_column("users", "x")')

        run = lint("--base", "main", "--select", "history-edited")

        assert run.status == 0
        assert "versions/b2.py:19:5: ALM111 [info]" in run.out

    def test_code_that_cannot_be_seen_through_is_only_possible(
        self, project: Project, lint: Lint
    ) -> None:
        project.edit("b2", "from alembic import op", "from alembic import op\nfrom far import away")
        project.edit("b2", "    op.add_column", "    away(op, 1)\n    op.add_column")
        project.git.commit()
        project.edit("b2", "away(op, 1)", "away(op, 1 + len(str(op)))")

        run = lint("--base", "HEAD", "--select", "history-edited")

        assert "ALM111 [warning]" in run.out

    def test_a_deleted_head_is_told_where_it_stood_on(self, project: Project, lint: Lint) -> None:
        project.file("b2").unlink()

        run = lint("--base", "main")

        assert run.status == 1
        assert run.out.startswith('versions/a1.py:10:12: ALM112 [error] revision "b2"')

    def test_a_deletion_tells_the_gap_in_an_older_file(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "b2")
        project.git.commit()
        project.file("b2").unlink()

        run = lint("--base", "HEAD")

        assert "versions/c3.py:11:17: ALM112 [error]" in run.out
        assert "versions/c3.py:11:17: ALM103 [error]" in run.out

    def test_the_gap_is_told_once_whatever_the_merge_would_bring(
        self, project: Project, lint: Lint
    ) -> None:
        git = project.git
        project.revision("feed01", "b2")
        git.commit()
        git.git("checkout", "--quiet", "-b", "work")
        project.revision("d4", "feed01")
        project.file("feed01").unlink()
        git.commit()
        git.git("checkout", "--quiet", "main")
        project.revision("feed03", "feed01")
        git.commit()
        git.git("checkout", "--quiet", "work")

        run = lint("--base", "main")

        assert run.out.count("ALM103") == 1
        assert "ALM112" in run.out

    def test_a_file_that_was_put_aside_is_told_there(self, project: Project, lint: Lint) -> None:
        project.git.git("mv", "versions/b2.py", "versions/b2.py.old")

        run = lint("--base", "main", "--select", "revision-deleted")

        assert run.out.startswith("versions/b2.py.old:10:12: ALM112 [error]")

    def test_a_file_that_moves_is_neither_gone_nor_new(self, project: Project, lint: Lint) -> None:
        project.git.git("mv", "versions/b2.py", "versions/2026_b2_names.py")

        run = lint("--base", "main")

        assert run.out == "All checks passed: 0 new revisions since main, 2 revisions, head: b2\n"

    def test_all_of_them_are_gone(self, project: Project, lint: Lint) -> None:
        for name in ("a1", "b2"):
            project.file(name).unlink()

        allowed = lint("--base", "main", "--allow-empty", "--select", "ALM1")

        assert allowed.status == 1
        assert allowed.out.startswith("versions/a1.py:10:12: ALM112 [error] revisions ")
        assert "checked 0 new revisions since main, 0 revisions" in allowed.out
        assert lint("--base", "main").out == allowed.out

    def test_all_of_one_configured_location_are_gone(self, project: Project, lint: Lint) -> None:
        git = project.git
        ini = "[alembic]\nscript_location = %(here)s\nversion_locations = versions more\n"
        git.write("alembic.ini", ini)
        project.revision("c3", "b2")
        git.write("more/c3.py", project.file("c3").read_text("utf-8"))
        project.file("c3").unlink()
        git.commit()
        git.git("rm", "--quiet", "-r", "more")

        run = lint("--base", "main")

        assert 'ALM112 [error] revision "c3" (more/c3.py) of main is gone' in run.out

    def test_all_of_one_history_of_several_are_gone(self, project: Project, lint: Lint) -> None:
        git = project.git
        for service in ("one", "two"):
            git.write(f"{service}/alembic.ini", "[alembic]\nscript_location = %(here)s\n")
            git.write(f"{service}/env.py", "")
            git.write(f"{service}/versions/a1.py", project.file("a1").read_text("utf-8"))
        git.commit()
        git.git("rm", "--quiet", "-r", "two/versions")

        run = lint("--base", "main", "one", "two")

        assert "two/versions/a1.py:10:12: ALM112" in run.out

    def test_where_there_never_was_one_nothing_is_gone(self, project: Project, lint: Lint) -> None:
        git = project.git
        for name in ("a1", "b2"):
            project.file(name).unlink()
        git.commit()

        run = lint("--base", "HEAD", "--allow-empty")
        strict = lint("--base", "HEAD")

        assert (run.status, run.out) == (0, "Nothing checked: 0 revisions\n")
        assert strict.status == 2
        assert "pass --allow-empty" in strict.err

    def test_where_there_never_was_one_a_base_need_not_be_there(
        self, project: Project, lint: Lint
    ) -> None:
        for name in ("a1", "b2"):
            project.file(name).unlink()

        run = lint("--base", "gone", "--allow-empty")

        assert run.status == 0
        assert "whether revisions were deleted is not known" in run.err

    def test_how_old_they_are_is_no_matter(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "b2")
        project.git.commit()
        project.edit("a1", "sa.Integer()", "sa.BigInteger()")

        edited = lint("--base", "main", "--lint-after", "b2")
        project.git.git("checkout", "--quiet", "versions")
        project.file("a1").unlink()
        project.edit("b2", '"a1"', "None")
        deleted = lint("--base", "main", "--lint-after", "b2")

        assert "versions/a1.py:15:5: ALM111 [error]" in edited.out
        assert "ALM112 [error]" in deleted.out

    def test_a_squash_tells_once_of_all_that_are_gone(self, project: Project, lint: Lint) -> None:
        for number in range(3, 9):
            project.revision(f"r{number}", f"r{number - 1}" if number > 3 else "b2")
        project.git.commit()
        for number in range(3, 9):
            project.file(f"r{number}").unlink()
        project.revision("s1", "b2")

        run = lint("--base", "HEAD", "--select", "revision-deleted")

        assert run.out.count("ALM112") == 1
        assert '"r6" (versions/r6.py) and 2 more of HEAD are gone' in run.out
