"""`--add-ignore`, `baseline` and `--lint-after`, as a person uses them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from alembic_lint.cli import main

REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {parent!r}


def upgrade():
    op.create_table("t_{id}", sa.Column("line", sa.Text()))


def downgrade():
    op.drop_table("t_{id}")
"""
ONE = 'version = 1\n[[revision]]\nlocation = "v"\nid = "a"\n'
"""The beginning of a baseline."""

CONFIG = 'dialects = ["postgresql"]\n'


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """A project, and the command run somewhere in it."""

    root: Path
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def baseline(self) -> Path:
        return self.root / "alembic-lint-baseline.toml"

    def add(self, name: str, parent: str | None = None, directory: str = "versions") -> Path:
        file = self.root / directory / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(REVISION.format(id=name, parent=parent), "utf-8")
        return file

    def run(self, *arguments: str, here: str = ".") -> Run:
        self.monkeypatch.chdir(self.root / here)
        status = main(arguments)
        out, err = self.capture.readouterr()
        return Run(status, out, err)

    def found(self, *arguments: str, here: str = ".") -> list[tuple[str, str]]:
        """The findings, as pairs of a file's name and a rule's."""
        run = self.run("check", *arguments, "--output-format", "json", here=here)
        assert run.status in {0, 1}, run.err
        return [
            (Path(item["filename"]).name, item["name"])
            for item in json.loads(run.out)["diagnostics"]
        ]

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Place:
    """A history of two revisions; each makes a table without a primary key."""
    for name in ("NO_COLOR", "FORCE_COLOR", "ALEMBIC_LINT_OUTPUT_FORMAT", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".git").mkdir()
    (tmp_path / "alembic-lint.toml").write_text(CONFIG, "utf-8")
    made = Place(tmp_path, capsys, monkeypatch)
    made.add("aaa1")
    made.add("bbb2", "aaa1")
    return made


BOTH = [("aaa1.py", "missing-primary-key"), ("bbb2.py", "missing-primary-key")]


class TestAddIgnore:
    def test_what_was_shown_is_allowed_and_the_second_time_nothing_happens(
        self, place: Place
    ) -> None:
        first = place.run("--add-ignore", "old logs")
        texts = [file.read_bytes() for file in sorted(place.versions.iterdir())]

        assert first == Run(0, "Ignored 2 findings by 2 comments in 2 files\n", "")
        assert place.found() == []
        assert all(b"  # alembic-lint: ignore[missing-primary-key] old logs\n" in t for t in texts)
        again = place.run("--add-ignore", "other words")
        assert again.out == "Ignored 0 findings by 0 comments in 0 files\n"
        assert [file.read_bytes() for file in sorted(place.versions.iterdir())] == texts

    def test_only_what_is_shown(self, place: Place) -> None:
        place.run("versions/bbb2.py", "--add-ignore", "old logs")
        assert place.found() == BOTH[:1]

        place.run("--select", "ALM101", "--add-ignore", "none of these")
        assert place.found() == BOTH[:1]

    def test_permissions_and_links_stay(self, place: Place) -> None:
        file = place.versions / "aaa1.py"
        file.chmod(0o600)
        real = file.rename(place.root / "real.py")
        file.symlink_to(real)

        assert place.run("--add-ignore", "old logs").status == 0

        assert file.is_symlink()
        assert real.stat().st_mode & 0o777 == 0o600
        assert b"old logs" in real.read_bytes()

    def test_a_file_that_does_not_parse_is_told_and_stays(self, place: Place) -> None:
        file = place.versions / "bbb2.py"
        place.edit(file, "def upgrade():", "def upgrade()")
        before = file.read_bytes()

        run = place.run("--add-ignore", "old logs")

        assert run.status == 1
        assert run.out.endswith("; 1 finding left\n")
        assert "bbb2.py: no comment is added for its findings: it does not parse" in run.err
        assert file.read_bytes() == before

    def test_findings_about_comments_get_none(self, place: Place) -> None:
        place.edit(
            place.versions / "bbb2.py",
            'drop_table("t_bbb2")',
            'drop_table("t_bbb2")  # noqa: ALM401',
        )

        run = place.run("--add-ignore", "old logs")

        assert run.out == "Ignored 2 findings by 2 comments in 2 files; 1 finding left\n"
        assert "mend or remove these" in run.err
        assert place.found() == [("bbb2.py", "unused-suppression")]

    @pytest.mark.parametrize(
        "reason", ["", "  ", "one\ntwo", "a # noqa: ALM101", "a # type: ignore", "\x1b[31m"]
    )
    def test_a_reason_is_one_line_of_text(self, place: Place, reason: str) -> None:
        run = place.run("--add-ignore", reason)

        assert (run.status, run.out) == (2, "")
        assert "--add-ignore" in run.err

    @pytest.mark.parametrize("reason", ["old; see #12", "#12", "see PROJ#12 (and #13)", "a # b"])
    def test_a_reason_may_name_a_ticket(self, place: Place, reason: str) -> None:
        assert place.run("--add-ignore", reason).status == 0
        texts = [file.read_bytes() for file in sorted(place.versions.iterdir())]

        assert all(f"[missing-primary-key] {reason}\n".encode() in text for text in texts)
        assert place.found() == []
        place.run("--add-ignore", reason)
        assert [file.read_bytes() for file in sorted(place.versions.iterdir())] == texts

    def test_what_it_wrote_still_counts_when_a_file_is_renamed(self, place: Place) -> None:
        guard = 'if not sa.inspect(op.get_bind()).has_table("users"):\n        op.create_table'
        for name in ("ccc3", "ddd4"):
            place.edit(place.add(name, "bbb2"), f"t_{name}", "users")
            place.edit(place.versions / f"{name}.py", "op.create_table", guard)
        rules = {rule for _, rule in place.found()}
        assert {
            "multiple-heads",
            "guarded-duplicate-table",
            "downgrade-drops-shared-table",
        } <= rules
        place.run("--add-ignore", "both are wanted")
        assert place.found() == []

        (place.versions / "ccc3.py").rename(place.versions / "z.py")

        assert place.found() == []

    def test_not_with_standard_input(self, place: Place) -> None:
        run = place.run("-", "--stdin-filename", "versions/bbb2.py", "--add-ignore", "x")

        assert run.status == 2


class TestBaseline:
    def test_what_there_is_is_left_out_and_what_is_new_is_shown(self, place: Place) -> None:
        written = place.run("baseline")
        assert written == Run(0, "alembic-lint-baseline.toml: 2 entries for 2 revisions\n", "")
        checked = place.run()
        assert (checked.status, checked.err) == (0, "")
        assert "2 findings in the baseline are not shown" in checked.out

        place.add("ccc3", "bbb2")

        assert place.found() == [("ccc3.py", "missing-primary-key")]
        assert place.found("--no-baseline") == [*BOTH, ("ccc3.py", "missing-primary-key")]

    def test_it_is_the_same_from_everywhere(self, place: Place) -> None:
        place.run("baseline")
        text = place.baseline.read_bytes()

        for here in ("versions", "."):
            place.run("baseline", here=here)
            assert place.baseline.read_bytes() == text
            assert place.found(here=here) == []
        elsewhere = place.root.with_name("elsewhere")
        shutil.rmtree(elsewhere, ignore_errors=True)
        elsewhere.mkdir()
        place.run("baseline", str(place.root), "-o", str(elsewhere / "b.toml"))
        assert b"versions" in (elsewhere / "b.toml").read_bytes()
        place.run("baseline", str(place.versions), here="../elsewhere")
        assert place.baseline.read_bytes() == text
        assert place.found(str(place.versions), here="../elsewhere") == []

    def test_lines_file_names_and_other_findings_do_not_matter(self, place: Place) -> None:
        place.run("baseline")
        file = place.versions / "aaa1.py"
        place.edit(file, "import sqlalchemy as sa\n", '"""Moved."""\n\nimport sqlalchemy as sa\n')
        file.rename(place.versions / "renamed.py")

        assert place.found() == []

        place.edit(place.versions / "bbb2.py", '"t_bbb2", sa', '"other", sa')
        assert ("bbb2.py", "missing-primary-key") in place.found()

    def test_what_is_mended_is_told_and_dropped(self, place: Place) -> None:
        place.run("baseline")
        place.edit(place.versions / "aaa1.py", "sa.Text()", "sa.Text(), primary_key=True")

        note = (
            "note: alembic-lint-baseline.toml: 1 entry leaves out nothing any more "
            "(missing-primary-key of t_aaa1 in aaa1); "
            "`alembic-lint baseline` drops what is of no use\n"
        )
        assert place.run().err == note
        assert place.run("versions/aaa1.py").err == note
        assert place.run("versions/bbb2.py").err == ""
        assert place.run("--select", "ALM101").err == ""
        assert place.run("-q").err == ""
        assert place.run("baseline").out.endswith("1 entry for 1 revision (1 dropped)\n")
        assert place.run().err == ""

    def test_a_revision_that_is_gone_is_dropped(self, place: Place) -> None:
        place.run("baseline")
        (place.versions / "bbb2.py").unlink()

        assert "in bbb2)" in place.run().err
        assert place.run("baseline").out.endswith("(1 dropped)\n")

    def test_files_that_are_not_linted_now_keep_their_entries(self, place: Place) -> None:
        place.add("aaa1", directory="other/versions")
        place.run("baseline", ".")
        text = place.baseline.read_bytes()
        assert text.count(b"id =") == 3

        for path in ("versions", "other/versions", "versions/aaa1.py"):
            place.run("baseline", path)
            assert place.baseline.read_bytes() == text
            assert place.run(path).err == ""

    def test_one_id_in_two_histories_is_two_revisions(self, place: Place) -> None:
        place.run("baseline")
        place.add("aaa1", directory="other/versions")

        assert place.found("other/versions") == [("aaa1.py", "missing-primary-key")]

    def test_a_file_without_an_id_is_told_by_its_name(self, place: Place) -> None:
        (place.versions / "x.py").write_text("def upgrade():\n    pass\n", "utf-8")
        assert ("x.py", "missing-revision-identifiers") in place.found()

        place.run("baseline")

        assert b'file = "x.py"' in place.baseline.read_bytes()
        assert place.found() == []

    def test_a_copy_of_a_revision_is_not_what_was_known(self, place: Place) -> None:
        place.run("baseline")
        shutil.copy(place.versions / "bbb2.py", place.versions / "copy.py")

        found = place.found()
        assert {"bbb2.py", "copy.py"} == {name for name, _ in found}
        assert "duplicate-revision-id" in {rule for _, rule in found}

        place.run("baseline")
        assert place.found() == []

    def test_another_head_is_not_the_one_that_was_known(self, place: Place) -> None:
        place.add("ccc3", "aaa1")
        place.run("baseline")
        assert place.found() == []

        place.add("ddd4", "aaa1")

        assert "multiple-heads" in {rule for _, rule in place.found()}

    def test_a_further_create_is_not_the_one_that_was_known(self, place: Place) -> None:
        for name in ("ccc3", "ddd4"):
            place.edit(place.add(name, "bbb2"), f"t_{name}", "users")
        place.run("baseline")
        known = place.found("--no-baseline")
        assert place.found() == []

        place.edit(place.add("eee5", "bbb2"), "t_eee5", "users")

        run = place.run("--output-format", "json")
        new = json.loads(run.out)["diagnostics"]
        assert {"duplicate-table", "multiple-heads"} <= {item["name"] for item in new}
        for item in new:  # all that is told is that one's doing
            concerned = [item["filename"], *(other["filename"] for other in item["related"])]
            assert "versions/eee5.py" in concerned
        assert known != []

    @pytest.mark.parametrize("names", [("ccc3", "ddd4"), ("ccc3", "ddd4", "eee5")])
    def test_in_which_order_files_are_loaded_does_not_matter(
        self, place: Place, names: tuple[str, ...]
    ) -> None:
        for number, name in enumerate(names):
            file = place.add(name, "bbb2")
            place.edit(file, f"t_{name}", "users")
            if number == 1:  # not the same operations on both sides
                place.edit(
                    file, "op.create_table", 'op.drop_column("t_aaa1", "line")\n    op.create_table'
                )
            else:
                place.edit(
                    file,
                    "op.create_table",
                    'op.alter_column("t_aaa1", "line", type_=sa.String())\n    op.create_table',
                )
        place.run("baseline")
        text = place.baseline.read_bytes()
        before = place.found("--no-baseline")
        assert {"multiple-heads", "duplicate-table", "branches-touch-same-object"} <= {
            rule for _, rule in before
        }
        assert place.found() == []

        for name in names:
            file = place.versions / f"{name}.py"
            moved = file.rename(place.versions / f"z{name}.py")

            assert place.found() == []
            assert place.run().err == ""
            place.run("baseline")
            assert place.baseline.read_bytes() == text
            moved.rename(file)

    def test_nor_where_each_branch_has_several_revisions(self, place: Place) -> None:
        alter = 'op.alter_column("t_aaa1", "line", type_=sa.String({}))\n    '
        drop = 'op.drop_column("t_aaa1", "line")\n    '
        for name, parent, work in (
            ("ccc3", "bbb2", alter.format(9)),
            ("ccc4", "ccc3", drop + 'op.drop_column("t_bbb2", "line")\n    '),
            ("ddd3", "bbb2", drop),
            ("ddd4", "ddd3", 'op.drop_column("t_bbb2", "line")\n    ' + alter.format(7)),
        ):
            place.edit(place.add(name, parent), "op.create_table", f"{work}op.create_table")
        place.run("baseline")
        assert b"branches-touch-same-object" in place.baseline.read_bytes()
        assert place.found() == []

        for name in ("ccc3", "ccc4"):
            (place.versions / f"{name}.py").rename(place.versions / f"z{name}.py")

        assert [rule for _, rule in place.found() if rule == "branches-touch-same-object"] == []

    def test_it_says_so_where_its_version_directory_is_gone(self, place: Place) -> None:
        place.run("baseline")
        place.versions.rename(place.root / "m")
        (place.versions / "__pycache__").mkdir(parents=True)
        ini = "[alembic]\nscript_location = %(here)s\nversion_locations = %(here)s/m\n"
        (place.root / "alembic.ini").write_text(ini, "utf-8")
        (place.root / "env.py").write_text("", "utf-8")

        run = place.run()

        assert "Found 2 warnings" in run.out
        assert run.err == (
            "note: alembic-lint-baseline.toml: 2 entries name revisions in versions, where there "
            "are none any more; write there where they are now, or `alembic-lint baseline` drops "
            "them\n"
        )
        assert "(2 new, 2 dropped)" in place.run("baseline").out
        assert place.run().err == ""
        assert place.found() == []

    def test_it_goes_to_standard_output(self, place: Place) -> None:
        run = place.run("baseline", "-o", "-")

        assert not place.baseline.exists()
        assert not (place.root / "-").exists()
        place.run("baseline")
        assert run == Run(0, place.baseline.read_text("utf-8"), "")

    def test_where_it_cannot_be_written_is_an_error(self, place: Place) -> None:
        for name in ("", "versions"):
            run = place.run("baseline", "-o", name)
            assert (run.status, run.out) == (2, "")

    def test_a_comment_counts_before_the_baseline(self, place: Place) -> None:
        place.run("baseline")
        place.run("--no-baseline", "--add-ignore", "old logs")

        run = place.run()
        assert "2 findings suppressed by comments are not shown" in run.out
        assert "2 entries leave out nothing any more" in run.err

    def test_its_name_is_configured(self, place: Place) -> None:
        (place.root / "alembic-lint.toml").write_text(
            f'{CONFIG}baseline = "known/old.toml"\n', "utf-8"
        )
        missing = place.run()
        assert missing.status == 2
        assert missing.err == (
            "error: alembic-lint.toml: baseline: known/old.toml is not there; "
            "`alembic-lint baseline` writes it\n"
        )
        (place.root / "known").mkdir()

        assert place.run("baseline").status == 0

        assert place.found() == []
        assert place.found(here="versions") == []
        assert place.found("--isolated") == BOTH

    def test_one_from_the_command_line(self, place: Place) -> None:
        place.run("baseline", "-o", "b.toml")

        assert place.found() == BOTH
        assert place.found("--baseline", "b.toml") == []
        assert place.run("--baseline", "b.toml", "--no-baseline").status == 2
        (place.root / "b.toml").rename(place.baseline)
        assert place.found("--baseline", "") == BOTH

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("version = 2\n", "version: 2 is not 1"),
            ("", "the key 'version' is missing"),
            ('version = 1\n[[revision]]\nlocation = "v"\nid = "a"\n', "key 'findings' is missing"),
            (
                'version = 1\n[[revision]]\nlocation = "v"\nid = "a"\nfindings = [{}]\n',
                "revision[0].findings[0]: the key 'rule' is missing",
            ),
            (
                f'{ONE}findings = [{{ rule = "multiple-heads", with = [{{}}] }}]\n',
                "revision[0].findings[0].with[0]: it has neither an id nor a file",
            ),
            (
                f'{ONE}findings = [{{ rule = "multiple-heads", table = [1] }}]\n',
                "revision[0].findings[0].table: 1 is not a string",
            ),
            ("version = 1\nrevisions = []\n", "revisions: unknown key"),
            ("version = 1\nrevision = 3\n", "revision: 3 is not a list of tables"),
            ("<<<<<<< HEAD\n", "is not TOML"),
            (
                'version = 1\n[[revision]]\nid = "a"\nfindings = []\n',
                "the key 'location' is missing",
            ),
            (
                'version = 1\n[[revision]]\nlocation = "v"\nfindings = []\n',
                "revision[0]: it has neither an id nor a file",
            ),
            (
                'version = 1\n[[revision]]\nlocation = "v"\nid = "a"\nfindings = [{ rule="a" }]\n',
                "revision[0].findings[0].rule: no rule is called 'a'",
            ),
        ],
    )
    def test_a_broken_one_is_an_error(self, place: Place, text: str, words: str) -> None:
        place.baseline.write_text(text, "utf-8")

        for command in ("check", "baseline"):
            run = place.run(command)
            assert (run.status, run.out) == (2, "")
            assert run.err.startswith("error: alembic-lint-baseline.toml: ")
            assert words in run.err
        assert place.baseline.read_text("utf-8") == text

    def test_nothing_to_lint_is_an_error(self, place: Place) -> None:
        shutil.rmtree(place.versions)

        assert place.run("baseline").status == 2
        assert not place.baseline.exists()

    def test_strange_names_come_back(self, place: Place) -> None:
        place.edit(place.versions / "bbb2.py", '"t_bbb2"', '"t \\" \\\\ \\x7f \\u202e é"')
        assert place.found() == BOTH

        place.run("baseline")

        assert place.found() == []


class TestLintAfter:
    def test_a_revision_and_its_ancestors_are_left_out(self, place: Place) -> None:
        place.add("ccc3", "bbb2")

        run = place.run("--lint-after", "bbb2", "--output-format", "concise")

        assert "2 findings of old revisions are not shown" in run.out
        assert place.found("--lint-after", "bbb2") == [("ccc3.py", "missing-primary-key")]
        place.run("baseline", "-o", "b.toml")
        assert place.run("--lint-after", "bbb2", "--baseline", "b.toml").err == ""
        assert len(place.found("--lint-after", "aaa1")) == 2

    def test_it_is_configured_and_combines_with_other_ways(self, place: Place) -> None:
        place.add("ccc3", "bbb2")
        config = place.root / "alembic-lint.toml"
        config.write_text(f'{CONFIG}lint-after = "aaa1"\n', "utf-8")
        assert [name for name, _ in place.found()] == ["bbb2.py", "ccc3.py"]

        config.write_text(
            f'{CONFIG}lint-after = "aaa1"\nper-file-ignores = {{ "bbb2.py" = ["ALM419"] }}\n',
            "utf-8",
        )
        assert [name for name, _ in place.found()] == ["ccc3.py"]

        place.run("baseline")
        assert b"aaa1" not in place.baseline.read_bytes()
        assert place.found() == []

    def test_a_finding_that_concerns_a_later_revision_is_shown(self, place: Place) -> None:
        place.edit(place.versions / "bbb2.py", "t_bbb2", "t_aaa1")

        assert ("bbb2.py", "duplicate-table") in place.found("--lint-after", "aaa1")
        assert place.found("--lint-after", "bbb2") == []

        place.add("ccc3", "aaa1")
        heads = place.found("--lint-after", "bbb2", "--select", "ALM101")
        assert [rule for _, rule in heads] == ["multiple-heads"]

    def test_a_file_that_does_not_parse_is_never_old(self, place: Place) -> None:
        place.edit(place.versions / "aaa1.py", "def upgrade():", "def upgrade()")

        assert ("aaa1.py", "syntax-error") in place.found("--lint-after", "bbb2")

    def test_an_unknown_id_is_an_error(self, place: Place) -> None:
        run = place.run("--lint-after", "bbb3")

        assert (run.status, run.out) == (2, "")
        assert run.err == (
            "error: --lint-after: no revision has the id 'bbb3'; did you mean 'bbb2'?\n"
        )
        (place.root / "alembic-lint.toml").write_text(f'{CONFIG}lint-after = "bb"\n', "utf-8")
        assert place.run().err.startswith("error: alembic-lint.toml: lint-after: no revision has")

    def test_several_histories_have_an_id_each(self, place: Place) -> None:
        place.add("zzz9", directory="other/versions")
        (place.root / "alembic-lint.toml").write_text(
            f'{CONFIG}lint-after = ["bbb2", "zzz9"]\n', "utf-8"
        )

        assert place.found(".") == []
        assert place.found("other/versions") == []
