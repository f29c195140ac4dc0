"""The command as a person or a script uses it, in this process; hostile input has its own tests."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import alembic_lint
from alembic_lint.cli import main
from alembic_lint.cli.formats import FORMATS
from alembic_lint.cli.progress import Progress
from alembic_lint.extract import Extractor
from alembic_lint.model import Revision
from alembic_lint.source import SourceFile

REVISION = '''"""Say what it does.

Revision ID: {id}
Revises: {parent_text}
"""

from alembic import op
import sqlalchemy as sa

revision = "{id}"
down_revision = {parent}


def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    op.drop_table("{table}")
'''


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str


Invoke = Callable[..., Run]


@pytest.fixture
def invoke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Invoke:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name in ("NO_COLOR", "FORCE_COLOR", "ALEMBIC_LINT_OUTPUT_FORMAT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def runs(*arguments: str, stdin: bytes = b"") -> Run:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(arguments)
        out, err = capsysbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return runs


def revision(
    directory: Path, identifier: str, parent: str | None = None, table: str | None = None
) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{identifier}.py"
    text = REVISION.format(
        id=identifier,
        parent=repr(parent),
        parent_text=parent or "",
        table=table or f"t_{identifier}",
    )
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A history of two revisions without a finding."""
    revision(tmp_path / "versions", "3ac5")
    revision(tmp_path / "versions", "7bd1", "3ac5")
    return tmp_path / "versions"


@pytest.fixture
def forked(clean: Path) -> Path:
    """The same with a second head."""
    revision(clean, "9ef2", "3ac5")
    return clean


class TestStatus:
    def test_0_where_nothing_is_found(self, invoke: Invoke, clean: Path) -> None:
        del clean
        assert invoke("versions/") == Run(0, "All checks passed: 2 revisions, head: 7bd1\n", "")

    def test_1_where_a_finding_reaches_fail_on(self, invoke: Invoke, forked: Path) -> None:
        del forked
        run = invoke("versions/")

        assert run.status == 1
        assert "error[ALM101] multiple-heads: " in run.out
        assert run.out.endswith("Found 1 error in 1 file (checked 3 revisions)\n")

    def test_0_where_findings_stay_below_fail_on(self, invoke: Invoke, clean: Path) -> None:
        (clean / "3ac5.py").write_text(
            (clean / "3ac5.py").read_text("utf-8").replace("ID: 3ac5", "ID: 3ac4"), "utf-8"
        )

        assert invoke("versions/").status == 0
        assert invoke("versions/", "--fail-on", "warning").status == 1

    def test_0_with_exit_zero(self, invoke: Invoke, forked: Path) -> None:
        del forked
        assert invoke("-e", "versions").status == 0

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["nowhere"], "error: nowhere: no such file or directory"),
            (["--selekt", "ALM1", "versions"], "no such option"),
            (
                ["--select", "ALM9", "versions"],
                "--select: no rule is called 'ALM9', and no code ",
            ),
            (["--select", "ALM999", "versions"], "no code starts with it; `alembic-lint rule`"),
            (["--ignore", "alm405"], "codes are written in capitals: 'ALM405'"),
            (["--isolated", "--config", "alembic-lint.toml"], "so --config has no place"),
            (["graph", "--isolated", "--config", "x.toml"], "so --config has no place"),
            (["rule", "--all", "multiple-heads"], "so the name 'multiple-heads' has no place"),
            (["rule", "multiple-head"], "did you mean 'multiple-heads'? `alembic-lint rule` lists"),
            (["--ignore", "multiple-head", "versions"], "did you mean 'multiple-heads'?"),
            (["--dialect", "postgres", "versions"], "did you mean 'postgresql'?"),
            (["--per-file-ignores", "a.py", "versions"], "'a.py' is not PATTERN:RULE"),
            (
                ["--config", "gone.toml", "versions"],
                "gone.toml: cannot be read: no such file",
            ),
            (["--output-format", "xml", "versions"], "'xml' is not one of"),
            (["--select", "", "versions"], "--select: RULE is empty\n"),
            (["--ignore", " ", "versions"], "--ignore: RULE is empty in ' '\n"),
            (["--extend-select", "ALM1,,ALM2"], "--extend-select: RULE is empty in 'ALM1,,ALM2'"),
            (["--dialect", "", "versions"], "--dialect: NAME is empty\n"),
            ([""], "a path is empty; leave it out to search from the working directory\n"),
            (["versions", ""], "a path is empty"),
            (["--stdin-filename", "", "-"], "--stdin-filename: FILE is empty\n"),
            (["--stdin-filename", "versions", "-"], "--stdin-filename: versions is a directory"),
            (["--against", ""], "--against: REF is empty\n"),
            (["--config", ""], "--config: FILE is empty\n"),
            (["--config", "versions"], "--config: versions is a directory; name a file in it\n"),
            (["graph", ""], "a path is empty"),
            (["graph", "--config", ""], "--config: FILE is empty\n"),
            (["config", ""], "a path is empty"),
            (["baseline", ""], "a path is empty"),
            (["baseline", "-o", ""], "--output-file: FILE is empty\n"),
            (["schema", ""], "a path is empty"),
            (["schema", "-n", ""], "--name: NAME is empty\n"),
            (["schema", "--at", ""], "--at: REVISION is empty\n"),
            (["schema", "--diff", ""], "--diff: A..B is empty\n"),
            (["schema", "--database", ""], "--database: NAME is empty\n"),
            (["verify", "--url", ""], "--url: URL is empty\n"),
            (["verify", "--url", "sqlite://", ""], "a path is empty"),
            (["verify", "--url", "sqlite://", "--schema", ""], "--schema: SCHEMA is empty\n"),
            (["verify", "--url", "x", "--version-table", ""], "--version-table: [SCHEMA.]TABLE is"),
            (["rule", ""], "no rule is called ''"),
            (["rule", "ALM1001"], "no rule is called 'ALM1001'"),
            (["-"], "- needs --stdin-filename"),
            (["--stdin-filename", "versions/a.py"], "--stdin-filename needs -"),
        ],
    )
    def test_2_for_a_wrong_call(
        self, invoke: Invoke, clean: Path, arguments: list[str], words: str
    ) -> None:
        del clean
        run = invoke(*arguments)

        assert run.status == 2
        assert run.out == ""
        assert words in run.err

    def test_2_for_a_wrong_configuration(self, invoke: Invoke, clean: Path) -> None:
        (clean.parent / "alembic-lint.toml").write_text('ignore = ["ALM77"]\n', "utf-8")

        run = invoke("versions")

        assert run.status == 2
        assert run.err.startswith("error: alembic-lint.toml: ignore: no rule is called 'ALM77'")

    def test_2_where_there_is_nothing_to_lint(self, invoke: Invoke, tmp_path: Path) -> None:
        (tmp_path / "versions").mkdir()
        (tmp_path / "versions" / "__init__.py").write_text("", "utf-8")

        for arguments in (
            [],
            ["versions"],
            ["versions/__init__.py"],
            ["--show-files"],
            ["config", "--show-files"],
        ):
            run = invoke(*arguments)
            assert run.status == 2
            assert run.out == ""
            assert "error: " in run.err
        assert invoke("--allow-empty").status == 0

    def test_2_where_the_version_directory_has_no_file(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = m\n", "utf-8")
        (tmp_path / "m" / "versions").mkdir(parents=True)
        (tmp_path / "m" / "env.py").write_text("", "utf-8")

        assert invoke().err == (
            "error: there is no revision file in m/versions; where there is none yet, pass "
            "--allow-empty\n"
        )


class TestWhatIsReported:
    def test_without_a_path_the_working_directory_counts(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(clean)

        assert invoke().out == "All checks passed: 2 revisions, head: 7bd1\n"

    def test_check_may_be_named(self, invoke: Invoke, clean: Path) -> None:
        del clean
        assert invoke("check", "versions") == invoke("versions")

    def test_a_file_limits_findings_but_not_the_graph(self, invoke: Invoke, forked: Path) -> None:
        (forked / "7bd1.py").write_text("broken(", "utf-8")

        run = invoke("versions/3ac5.py", "--output-format", "concise")

        assert "7bd1.py" not in run.out
        assert run.out == (
            "All checks passed: 1 of 3 revisions, head: 9ef2; 1 finding in other files is not "
            "shown\n"
        )
        assert "versions/7bd1.py:1:" in invoke("versions/7bd1.py", "--output-format=concise").out

    def test_a_second_head_is_reported_for_either_head_and_says_why(
        self, invoke: Invoke, forked: Path
    ) -> None:
        del forked
        itself = invoke("versions/9ef2.py", "--output-format", "concise")
        other = invoke("versions/7bd1.py", "--output-format", "concise")

        assert itself.status == other.status == 1
        finding, summary = itself.out.splitlines()
        assert finding.startswith("versions/9ef2.py:10:12: ALM101 [error] ")
        assert summary == "Found 1 error in 1 file (checked 1 of 3 revisions)"
        assert other.out.splitlines() == [
            f"{finding} (concerns versions/7bd1.py: the other head)",
            summary,
        ]
        assert invoke("versions/7bd1.py").out.endswith(
            "   = note: reported because it concerns versions/7bd1.py (the other head)\n"
            f"\n{summary}\n"
        )
        document = json.loads(invoke("versions/7bd1.py", "--output-format", "json").out)
        assert document["diagnostics"][0]["concerns"] == ["versions/7bd1.py"]

    def test_a_place_that_only_explains_a_finding_is_not_to_blame(
        self, invoke: Invoke, forked: Path
    ) -> None:
        del forked
        assert "the branches part here" in invoke("versions/9ef2.py").out
        assert invoke("versions/3ac5.py") == Run(
            0,
            "All checks passed: 1 of 3 revisions, heads: 7bd1, 9ef2; "
            "1 finding in other files is not shown\n",
            "",
        )

    def test_a_finding_that_two_files_have_of_each_other_is_told_once(
        self, invoke: Invoke, forked: Path
    ) -> None:
        revision(forked, "a041", "3ac5")

        run = invoke("versions/9ef2.py", "--output-format", "concise")

        assert len(run.out.splitlines()) == 2
        assert run.out.startswith("versions/9ef2.py:10:12: ALM101 [error] ")
        assert run.out.endswith(
            "Found 1 error in 1 file "
            "(checked 1 of 4 revisions; 1 finding in other files is not shown)\n"
        )
        assert len(invoke("versions/7bd1.py", "--output-format", "concise").out.splitlines()) == 3

    def test_version_directories_that_name_each_other_are_one_history(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        revision(tmp_path / "core" / "alembic", "3ac5")
        revision(tmp_path / "users" / "alembic", "7bd1", "3ac5")
        revision(tmp_path / "other" / "alembic", "9ef2")

        run = invoke("core/alembic", "users/alembic", "other/alembic")

        assert run == Run(
            0, "All checks passed: 3 revisions in 2 histories, heads: 7bd1, 9ef2\n", ""
        )

    def test_a_nested_directory_counts_only_where_it_belongs(
        self, invoke: Invoke, clean: Path
    ) -> None:
        revision(clean / "expand", "9ef2", "7bd1")
        revision(clean / "archive", "1111")

        run = invoke("versions")

        assert run.out == "All checks passed: 3 revisions, head: 9ef2\n"
        assert run.err.startswith("note: versions/archive holds revisions that the history above")

    def test_excluded_files_stay_in_the_graph(self, invoke: Invoke, clean: Path) -> None:
        (clean / "7bd1.py").write_text("broken(", "utf-8")
        (clean.parent / "alembic-lint.toml").write_text('exclude = ["7bd1.py"]\n', "utf-8")

        assert invoke("versions").status == 0
        assert invoke("versions/7bd1.py").status == 1
        assert invoke("versions/7bd1.py", "--force-exclude").status == 0
        assert invoke("--show-files").out == "versions/3ac5.py\n"

    def test_a_configuration_that_excludes_everything_is_2(
        self, invoke: Invoke, clean: Path
    ) -> None:
        (clean.parent / "base.toml").write_text('exclude = ["versions"]\n', "utf-8")
        (clean.parent / "alembic-lint.toml").write_text('extend = "base.toml"\n', "utf-8")

        for arguments in (
            [],
            ["versions"],
            ["versions", "versions/3ac5.py", "--force-exclude"],
            ["versions", "--show-files"],
            ["config", "versions", "--show-files"],
        ):
            assert invoke(*arguments) == Run(
                2,
                "",
                'error: nothing is left to lint: "exclude" in base.toml leaves out all 2 files '
                "that were found\n",
            )
        assert invoke("--allow-empty", "versions") == Run(
            0, "Nothing checked: 0 of 2 revisions\n", ""
        )
        assert invoke("graph", "versions").status == 0

    def test_histories_that_are_not_looked_for_are_told_too(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        revision(tmp_path / "backend" / "versions", "3ac5")
        (tmp_path / "alembic-lint.toml").write_text('exclude = ["backend"]\n', "utf-8")

        for arguments in ([], ["."], ["graph"], ["backend"]):
            run = invoke(*arguments)
            assert run.err == (
                'error: nothing is left to lint: "exclude" in alembic-lint.toml leaves out the '
                "file that was found\n"
            )
            assert run.status == 2

    def test_a_hook_that_names_excluded_files_only_is_no_error(
        self, invoke: Invoke, clean: Path
    ) -> None:
        (clean.parent / "alembic-lint.toml").write_text('exclude = ["versions"]\n', "utf-8")

        assert invoke("--force-exclude", "versions/3ac5.py", "versions/7bd1.py") == Run(
            0,
            "Nothing checked: 0 of 2 revisions\n",
            'note: "exclude" in alembic-lint.toml leaves out every file that was named\n',
        )
        assert invoke("-q", "--force-exclude", "versions/3ac5.py") == Run(0, "", "")

    @pytest.mark.parametrize("command", [[], ["graph"], ["config", "--show-files"]])
    def test_a_path_without_a_history_is_told_in_one_sentence(
        self, invoke: Invoke, tmp_path: Path, command: list[str]
    ) -> None:
        revision(tmp_path / "migrations" / "versions", "3ac5")
        (tmp_path / "migrations" / "env.py").write_text("", "utf-8")
        (tmp_path / "setup.py").write_text("", "utf-8")
        (tmp_path / "docs").mkdir()
        reasons = {
            "migrations/env.py": "migrations/env.py is the script that runs a history, no part of "
            "it; pass migrations to lint the history",
            "setup.py": "setup.py belongs to no Alembic history",
            "docs": "docs holds no Alembic history (no version directory, env.py, alembic.ini or "
            "[tool.alembic] in or below it)",
        }

        for path, reason in reasons.items():
            assert invoke(*command, path) == Run(2, "", f"error: {reason}\n")
            beside = invoke(*command, path, "migrations")
            assert (beside.status, beside.err) == (0, f"note: {reason}; it is left out\n")


class TestSelection:
    def test_select_replaces_the_configured_one(self, invoke: Invoke, forked: Path) -> None:
        (forked.parent / "alembic-lint.toml").write_text(
            'select = ["ALM2"]\nextend-select = ["ALM3"]\nignore = ["ALM101"]\n', "utf-8"
        )

        assert invoke("versions").status == 0
        assert invoke("versions", "--select", "ALM101").status == 1
        assert invoke("versions", "--select", "ALM1").status == 0
        assert invoke("versions", "--extend-select", "ALM1").status == 0

    def test_ignore_and_its_spellings(self, invoke: Invoke, forked: Path) -> None:
        del forked
        for selector in ("ALM101", "ALM1", "multiple-heads", "ALM2,ALM101", "ALL"):
            assert invoke("versions", "--ignore", selector).status == 0
        assert invoke("versions", "--ignore", "ALM2").status == 1

    def test_per_file_ignores(self, invoke: Invoke, clean: Path) -> None:
        (clean / "7bd1.py").write_text("broken(", "utf-8")

        assert invoke("versions", "--per-file-ignores", "versions/7bd1.py:ALM0").status == 0
        assert invoke("versions", "--per-file-ignores", "7*.py:syntax-error").status == 0
        assert invoke("versions", "--per-file-ignores", "versions/3ac5.py:ALM0").status == 1

    def test_severity_from_the_configuration(self, invoke: Invoke, forked: Path) -> None:
        (forked.parent / "alembic-lint.toml").write_text(
            'severity = {"ALM101" = "info"}\n', "utf-8"
        )

        run = invoke("versions", "--output-format", "concise")

        assert run.status == 0
        assert "ALM101 [info]" in run.out
        assert invoke("versions", "--isolated").status == 1

    def test_the_configuration_beside_a_history_found_below_counts(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        for name in ("3ac5", "9ef2"):
            revision(tmp_path / "backend" / "migrations" / "versions", name)
        (tmp_path / "backend" / "migrations" / "env.py").write_text("", "utf-8")
        assert invoke().status == 1
        (tmp_path / "backend" / "pyproject.toml").write_text(
            '[tool.alembic-lint]\nignore = ["ALM1"]\n', "utf-8"
        )

        assert invoke().status == 0

    def test_a_dialect_limits_rules_to_it(self, invoke: Invoke, tmp_path: Path) -> None:
        revision(tmp_path / "versions", "x" * 40)

        assert invoke("versions", "--dialect", "postgresql").status == 1
        assert invoke("versions", "--dialect", "sqlite").status == 0


class TestOutput:
    def test_json(self, invoke: Invoke, forked: Path) -> None:
        del forked
        run = invoke("versions", "--output-format", "json")

        document = json.loads(run.out)
        assert run.status == 1
        assert [item["code"] for item in document["diagnostics"]] == ["ALM101"]
        assert document["histories"][0]["heads"] == ["7bd1", "9ef2"]

    def test_the_environment_chooses_the_format_and_an_option_wins(
        self, invoke: Invoke, forked: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del forked
        monkeypatch.setenv("ALEMBIC_LINT_OUTPUT_FORMAT", "concise")

        assert re.search(r"^versions/\w+\.py:\d+:\d+: ALM101 \[error\] ", invoke("versions").out)
        assert invoke("versions", "--output-format", "full").out.startswith("error[ALM101]")

    def test_a_wrong_format_in_the_environment_names_the_variable(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del clean
        monkeypatch.setenv("ALEMBIC_LINT_OUTPUT_FORMAT", "Concise")

        assert invoke("versions") == Run(
            2,
            "",
            "error: the environment variable ALEMBIC_LINT_OUTPUT_FORMAT is 'Concise', which is no "
            f"output format; did you mean 'concise'? valid are: {', '.join(FORMATS)}\n",
        )
        assert invoke("versions", "--output-format", "full").status == 0
        assert "ALEMBIC_LINT_OUTPUT_FORMAT" in invoke("check", "--help").out

    def test_the_same_input_gives_the_same_bytes(self, invoke: Invoke, forked: Path) -> None:
        del forked
        for form in FORMATS:
            first = invoke("versions", "--output-format", form)
            assert first == invoke("versions", "--output-format", form)

    def test_quiet_leaves_findings_only(self, invoke: Invoke, forked: Path) -> None:
        (forked / "x.py").mkdir()

        loud = invoke("versions", "--output-format=concise")
        quiet = invoke("versions", "--output-format=concise", "-q")

        assert (
            loud.err
            == "note: versions/x.py is a directory; Alembic does not read it as a revision\n"
        )
        assert quiet.err == ""
        assert len(loud.out.splitlines()) == len(quiet.out.splitlines()) + 1 == 2

    def test_statistics(self, invoke: Invoke, forked: Path) -> None:
        del forked
        run = invoke("versions", "--statistics")

        assert run.status == 1
        assert run.out.startswith("1  ALM101 [error] multiple-heads\n")
        assert "6 operations in 3 revisions\n" in run.out
        assert "table known in 6 of 6 operations on tables (100.0 %)\n" in run.out
        document = json.loads(invoke("versions", "--statistics", "--output-format=json").out)
        assert [item["code"] for item in document["diagnostics"]] == ["ALM101"]
        assert document["statistics"]["tables"] == {"resolved": 6, "unresolved": {}}

    @pytest.mark.parametrize(
        ("option", "no_color", "force_color", "coloured"),
        [
            (None, None, None, False),
            (None, None, "1", True),
            (None, "1", "1", False),
            (None, "", "1", True),
            (None, None, "", False),
            ("always", "1", None, True),
            ("never", None, "1", False),
            ("auto", None, "1", True),
        ],
    )
    def test_colour(
        self,
        invoke: Invoke,
        forked: Path,
        monkeypatch: pytest.MonkeyPatch,
        option: str | None,
        no_color: str | None,
        force_color: str | None,
        coloured: bool,
    ) -> None:
        del forked
        for name, value in (("NO_COLOR", no_color), ("FORCE_COLOR", force_color)):
            if value is not None:
                monkeypatch.setenv(name, value)

        run = invoke("versions", *([] if option is None else ["--color", option]))

        assert ("\x1b[" in run.out) is coloured


class TestStandardInput:
    def test_it_stands_for_the_file(self, invoke: Invoke, clean: Path) -> None:
        del clean
        run = invoke(
            "--stdin-filename", "versions/7bd1.py", "--output-format=concise", "-", stdin=b"broken("
        )

        assert run.status == 1
        assert run.out.startswith("versions/7bd1.py:1:")

    def test_a_file_that_is_not_saved_yet_joins_the_history(
        self, invoke: Invoke, clean: Path
    ) -> None:
        text = REVISION.format(id="9ef2", parent="'3ac5'", parent_text="3ac5", table="x")

        run = invoke("check", "--stdin-filename", "versions/9ef2.py", "-", stdin=text.encode())

        assert run.status == 1
        assert "ALM101" in run.out
        assert not (clean / "9ef2.py").exists()


class TestBug:
    def test_one_file_that_brings_out_a_bug_does_not_stop_the_others(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (clean / "9ef2.py").write_text("broken(", "utf-8")

        extract = Extractor.extract

        def failing(extractor: Extractor, source: SourceFile) -> Revision:
            if source.path == "versions/7bd1.py" and source.problem is None:
                raise ValueError("no such thing")
            return extract(extractor, source)

        monkeypatch.setattr(Extractor, "extract", failing)

        run = invoke("versions", "--output-format", "concise")

        assert run.status == 3
        assert "versions/9ef2.py:1:" in run.out
        assert re.fullmatch(
            r"internal error: extract failed on versions/7bd1\.py: ValueError: no such thing "
            r"\(test_command_line\.py:\d+\); please report it\n",
            run.err,
        )

    def test_the_revision_keeps_its_place_in_the_graph(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        revision(clean, "9ef2", "7bd1")

        extract = Extractor.extract

        def failing(extractor: Extractor, source: SourceFile) -> Revision:
            if source.path == "versions/7bd1.py" and source.problem is None:
                raise RecursionError
            return extract(extractor, source)

        monkeypatch.setattr(Extractor, "extract", failing)

        assert invoke("versions").out == "All checks passed: 3 revisions, head: 9ef2\n"

    def test_one_anywhere_else_is_told_on_one_line(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del clean

        def failing(*_: object, **__: object) -> None:
            raise ZeroDivisionError("a\nb")

        monkeypatch.setattr("alembic_lint.engine.lint", failing)

        run = invoke("versions")

        assert run.status == 3
        assert run.err.startswith("internal error: ZeroDivisionError: a b (")
        assert run.err.count("\n") == 1

    def test_an_interrupt_is_130(
        self, invoke: Invoke, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del clean

        def interrupted(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("alembic_lint.engine.lint", interrupted)

        run = invoke("versions")

        assert (run.status, run.out) == (130, "")
        assert "Traceback" not in run.err


class TestRule:
    def test_without_a_name_the_rules_are_listed(self, invoke: Invoke) -> None:
        lines = invoke("rule").out.splitlines()

        assert any(re.match(r"ALM101  multiple-heads +error +\w", line) for line in lines)
        assert lines == sorted(lines)

    @pytest.mark.parametrize("name", ["ALM101", "alm101", "multiple-heads"])
    def test_one_is_explained_by_its_card(self, invoke: Invoke, name: str) -> None:
        assert invoke("rule", name).out.startswith("# multiple-heads (ALM101)\n")

    def test_all_of_them(self, invoke: Invoke) -> None:
        rules = json.loads(invoke("rule", "--all", "--output-format", "json").out)

        assert len(rules) == len(invoke("rule").out.splitlines())
        heads = next(item for item in rules if item["code"] == "ALM101")
        assert heads["severity"] == "error"
        assert heads["explanation"].startswith("# multiple-heads (ALM101)\n")
        assert heads["explanation"] in invoke("rule", "--all").out

    def test_the_beginning_of_codes_lists_a_family(self, invoke: Invoke) -> None:
        every = [line.split()[0] for line in invoke("rule").out.splitlines()]
        listed = [line.split()[0] for line in invoke("rule", "alm1").out.splitlines()]

        assert listed == [code for code in every if code.startswith("ALM1")]
        assert len(listed) > 5

    def test_an_unknown_name_is_told_in_a_line_that_can_be_read(self, invoke: Invoke) -> None:
        assert invoke("rule", "wrong") == Run(
            2, "", "error: no rule is called 'wrong'; `alembic-lint rule` lists the rules\n"
        )


class TestConfig:
    def test_settings_are_shown_as_they_could_be_written(self, invoke: Invoke, clean: Path) -> None:
        (clean.parent / "alembic-lint.toml").write_text('fail-on = "info"\n', "utf-8")

        shown = invoke("config", "--show-settings").out

        assert shown.startswith("# from alembic-lint.toml\n")
        assert 'fail-on = "info"\n' in shown
        assert "# history versions: 2 files in versions; dialects not known" in shown
        (clean.parent / "alembic-lint.toml").write_text(shown, "utf-8")
        assert invoke("config").out == shown

    def test_nothing_in_it_can_steer_a_terminal(self, invoke: Invoke, clean: Path) -> None:
        strange = "x\x7f\u202e\x85"
        clean.rename(clean.with_name(strange))
        (clean.parent / "alembic-lint.toml").write_text(
            'per-file-ignores = {"x\\u007f\\u202e\\u0085/*" = ["ALM206"]}\n', "utf-8"
        )

        shown = invoke("config", strange).out

        assert all(character == "\n" or character.isprintable() for character in shown)
        (clean.parent / "alembic-lint.toml").write_text(shown, "utf-8")
        assert invoke("config", strange).out == shown

    @pytest.mark.parametrize(
        ("name", "key"), [("json-schema", "$schema"), ("problem-matcher", "problemMatcher")]
    )
    def test_files_for_programs_are_printed(self, invoke: Invoke, name: str, key: str) -> None:
        run = invoke("config", "--print", name)

        assert (run.status, run.err) == (0, "")
        assert key in json.loads(run.out)

    def test_files_are_listed(self, invoke: Invoke, clean: Path) -> None:
        del clean
        assert invoke("config", "--show-files").out == "versions/3ac5.py\nversions/7bd1.py\n"


class TestGraph:
    @pytest.mark.parametrize("form", ["text", "dot", "mermaid", "json"])
    def test_every_form_names_the_revisions(self, invoke: Invoke, forked: Path, form: str) -> None:
        del forked
        run = invoke("graph", "versions", "--format", form)

        assert run.status == 0
        assert all(identifier in run.out for identifier in ("3ac5", "7bd1", "9ef2"))

    def test_nothing_to_show_is_2(self, invoke: Invoke) -> None:
        assert invoke("graph").status == 2


class TestApi:
    def test_lint_does_what_the_command_does(self, invoke: Invoke, forked: Path) -> None:
        del invoke
        report = alembic_lint.lint([forked])

        assert isinstance(report, alembic_lint.Report)
        assert report.failed
        assert [item.code for item in report.diagnostics] == ["ALM101"]
        assert report.diagnostics[0].severity is alembic_lint.Severity.ERROR

    def test_nothing_found_is_no_error_here(self, invoke: Invoke) -> None:
        del invoke
        assert alembic_lint.lint().revisions == 0

    def test_unknown_names_are_refused(self) -> None:
        with pytest.raises(AttributeError, match="nothing"):
            _ = alembic_lint.nothing


def test_version_and_help(invoke: Invoke) -> None:
    assert re.fullmatch(r"alembic-lint \d+\.\d+\.\d+\n", invoke("--version").out)
    assert "check" in invoke("-h").out
    assert "--stdin-filename" in invoke("check", "-h").out


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestProgress:
    def test_a_short_run_shows_nothing(self) -> None:
        stream = _Terminal()

        with Progress(stream) as progress:
            progress(1, 2)

        assert stream.getvalue() == ""

    def test_a_long_run_shows_a_bar_and_takes_it_away(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Progress, "DELAY", 0.0)
        monkeypatch.setattr(Progress, "INTERVAL", 0.0)
        stream = _Terminal()

        with Progress(stream) as progress:
            progress(100, 1_000)

        assert "\rreading revisions [###---" in stream.getvalue()
        assert "100/1,000" in stream.getvalue()
        assert stream.getvalue().endswith("\r\x1b[K")

    def test_only_a_terminal_sees_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Progress, "DELAY", 0.0)
        stream = io.StringIO()

        with Progress(stream) as progress:
            progress(1, 2)

        assert stream.getvalue() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_colour(forked: Path) -> None:
    import pty  # noqa: PLC0415  (not on Windows)

    ours, theirs = pty.openpty()
    environment = {
        key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR"}
    }
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "wb") as terminal:
        done = subprocess.run(
            [sys.executable, "-m", "alembic_lint", "versions", "--select", "ALM1"],
            cwd=forked.parent,
            env=environment,
            stdout=terminal,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1  # and so there is something to read
        seen = screen.read(65_536)

    assert seen.startswith(b"\x1b[1;31merror[ALM101]\x1b[0m ")


@pytest.mark.parametrize("name", ["__init__.py", "notes.txt"])
def test_buffer_of_a_file_that_alembic_never_loads_is_no_revision(
    invoke: Invoke, clean: Path, name: str
) -> None:
    run = invoke("--stdin-filename", f"versions/{name}", "-")

    assert clean.is_dir()
    assert run.status == 2
    assert run.err == f"error: versions/{name}: Alembic loads no file of this name\n"
