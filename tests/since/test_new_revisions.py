"""What rules are told of new revisions, and which findings are a branch's doing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alembic_lint import config as configuration
from alembic_lint import engine, repository, since
from alembic_lint import project as projects
from alembic_lint.cli import main
from alembic_lint.config import Settings
from alembic_lint.diagnostics import Result
from alembic_lint.model import AddColumn, CreateIndex, Revision
from alembic_lint.replay import Step, replay
from alembic_lint.rule import Finding, Rule, Severity, each_operation, each_revision
from alembic_lint.source import FILE_START
from tests.since.conftest import Project, Run

Lint = Callable[..., Run]


@each_operation("ALM699", Severity.WARNING)
def blocks(step: Step, _settings: Settings) -> Iterator[Finding]:
    match step.operation:
        case CreateIndex(table=str(table)) | AddColumn(table=str(table)):
            if not step.is_new(table):
                yield Finding(step.operation.span, f"{table} is locked")
        case _:
            pass


@each_revision("ALM799", Severity.WARNING)
def deploys(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    yield Finding(FILE_START, f"{revision.id} is deployed")


LOCKS = replace(blocks, name="blocks", family="locks")
DEPLOY = replace(deploys, name="deploys", family="deploy")
OTHER = replace(deploys, name="others", family="file", code="ALM299")


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The engine on the project, with these rules alone."""
    monkeypatch.chdir(project.git.root)

    def runs(*rules: Rule, base: str | None = "main") -> Result:
        config = configuration.defaults()
        settings = Settings(dialects=("postgresql",))
        loaded = repository.load(projects.discover([Path.cwd()], config), settings)
        branches = None
        if base is not None:
            branches = since.compare(loaded, since.Wanted(base, "a test")).branches
        histories = [item.history for item in loaded.histories]
        result = engine.lint(
            histories, config, rules, settings=[settings] * len(histories), branches=branches
        )
        assert not result.internal_errors
        return result

    return runs


def told(result: Result) -> list[tuple[str, str]]:
    return [(Path(item.path).stem, item.code) for item in result.diagnostics]


class TestFamilies:
    def test_locks_and_deployment_are_told_of_all_without_a_base(
        self, run: Callable[..., Result]
    ) -> None:
        assert told(run(LOCKS, DEPLOY, base=None)) == [
            ("a1", "ALM799"),
            ("b2", "ALM799"),
            ("b2", "ALM699"),
        ]

    def test_with_a_base_only_new_revisions_are_asked(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        project.revision("c3", "b2")

        assert told(run(LOCKS, DEPLOY, OTHER)) == [
            ("c3", "ALM299"),
            ("c3", "ALM799"),
            ("c3", "ALM699"),
        ]

    def test_an_edited_revision_is_not_new(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        project.edit("b2", "sa.Text()", "sa.String()")

        assert told(run(LOCKS, DEPLOY)) == []

    def test_what_the_base_has_is_counted(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        project.revision("c3", "b2")

        found = run(OTHER)

        assert (found.before, found.elsewhere) == (2, 0)


class TestNewTables:
    def test_a_table_is_new_in_the_revision_that_makes_it(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        project.revision(
            "c3",
            "b2",
            up='op.create_table("own", sa.Column("id", sa.Integer()))\n'
            '    op.create_index("ix_own", "own", ["id"])\n'
            '    op.create_index("ix_users", "users", ["id"])',
        )

        (found,) = run(LOCKS).diagnostics

        assert found.message == "users is locked"

    def test_and_in_all_revisions_of_the_branch_that_makes_it(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        made = 'op.create_table("own", sa.Column("id", sa.Integer()))'
        project.revision("c3", "b2", up=made)
        project.revision("d4", "c3", up='op.create_index("ix_own", "own", ["id"])')

        assert told(run(LOCKS)) == []
        assert ("d4", "ALM699") in told(run(LOCKS, base=None))

        project.git.commit()
        project.revision("e5", "d4", up='op.add_column("own", sa.Column("n", sa.Integer()))')
        assert told(run(LOCKS, base="HEAD")) == [("e5", "ALM699")]

    def test_a_table_that_was_there_before_alembic_is_not_new(
        self, project: Project, run: Callable[..., Result]
    ) -> None:
        project.revision("c3", "b2", up='op.create_index("ix", "far", ["id"])')

        assert told(run(LOCKS)) == [("c3", "ALM699")]

    def test_a_table_that_may_be_there_already_is_not_new(self, project: Project) -> None:
        project.revision(
            "c3",
            "b2",
            up='if far():\n        op.create_table("own", sa.Column("id", sa.Integer()))\n'
            '    op.create_index("ix_own", "own", ["id"])',
        )
        config = configuration.defaults()
        loaded = repository.load(projects.discover([project.git.root], config), config.settings)

        steps = replay(loaded.histories[0].history).steps

        assert not steps[-1].is_new("own")


class TestWhatIsTold:
    def test_old_findings_of_a_changed_file_are_not(self, project: Project, lint: Lint) -> None:
        project.edit("b2", 'op.drop_column("users", "c_b2")', "pass")
        project.git.commit()
        project.edit("b2", "def upgrade", "# a comment\ndef upgrade")

        whole, since_base = lint(), lint("--base", "main")

        assert "ALM302" in whole.out
        assert since_base.out.startswith("All checks passed: 0 new revisions since main, ")

    def test_new_findings_of_a_changed_file_are(self, project: Project, lint: Lint) -> None:
        project.edit("b2", 'op.drop_column("users", "c_b2")', "pass")

        run = lint("--base", "main", "--ignore", "ALM111")

        assert "versions/b2.py:18:5: ALM302" in run.out

    def test_what_a_deletion_breaks_in_an_older_file_is(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "b2", up='op.drop_column("users", "c_b2")')
        project.git.commit()
        project.edit("c3", 'down_revision = "b2"', 'down_revision = "a1"')
        project.edit("c3", "Revises: b2", "Revises: a1")
        project.file("b2").unlink()

        run = lint("--base", "main", "--select", "unknown-column")

        assert "versions/c3.py:15:5: ALM402" in run.out

    def test_a_finding_in_an_older_file_that_concerns_a_new_one_is(
        self, project: Project, lint: Lint
    ) -> None:
        text = project.file("b2").read_text("utf-8")
        project.git.write("versions/a0.py", text)

        run = lint("--base", "main", "--select", "duplicate-revision-id")

        assert "versions/b2.py:10:12: ALM104" in run.out
        assert "(concerns versions/a0.py: the same id)" in run.out

    def test_a_finding_of_the_replay_in_an_older_file_that_concerns_a_new_one_is(
        self, project: Project, lint: Lint
    ) -> None:
        project.revision("c3", "b2", up='op.drop_table("own")')
        project.git.commit()
        project.revision("d4", "b2", up='op.create_table("own", sa.Column("id", sa.Text()))')

        run = lint("--base", "main", "--select", "missing-depends-on")

        assert "versions/c3.py:15:5: ALM110" in run.out
        assert "(concerns versions/d4.py:" in run.out

    def test_a_second_head_is_told_at_the_new_one_whatever_the_files_are_called(
        self, project: Project, lint: Lint
    ) -> None:
        project.revision("a0", "a1")

        run = lint("--base", "main", "--select", "ALM1", "--ignore", "ALM109")

        assert run.out.startswith('versions/a0.py:10:12: ALM101 [error] revision "a0" is a second')
        assert run.out.count(" [error] ") == 1

    def test_paths_limit_further(self, project: Project, lint: Lint) -> None:
        project.revision("c3", "b2", up='op.drop_column("users", "nope")')
        project.revision("d4", "c3", up='op.drop_column("users", "never")')

        run = lint("--base", "main", "--select", "unknown-column", "versions/c3.py")
        every = lint("--base", "main", "--select", "unknown-column")

        assert "c3.py" in run.out
        assert "d4.py" not in run.out
        assert "d4.py" in every.out

    def test_what_is_new_in_other_files_is_not_called_old(
        self, project: Project, lint: Lint
    ) -> None:
        project.revision("b2", "a1", up='op.drop_column("users", "never")')
        project.git.commit()
        project.revision("c3", "b2", up='op.drop_column("users", "nope")')
        select = ("--base", "main", "--select", "unknown-column")

        run = lint(*select, "versions/b2.py")
        every = lint(*select)

        assert run.out.endswith("; 1 finding in other files, 1 finding from before are not shown\n")
        assert every.out.endswith("; 1 finding from before is not shown)\n")

    def test_an_old_file_that_is_named_has_nothing_new(self, project: Project, lint: Lint) -> None:
        project.edit("b2", 'op.drop_column("users", "c_b2")', "pass")
        project.git.commit()
        project.revision("c3", "b2")

        run = lint("--base", "main", "versions/b2.py")

        assert run.status == 0
        assert "ALM302" not in run.out

    def test_a_suppression_of_a_rule_that_was_not_asked_is_not_unused(
        self, project: Project, lint: Lint
    ) -> None:
        project.edit(
            "b2", "def upgrade", "# alembic-lint: ignore[history-edited] as agreed\ndef upgrade"
        )

        assert "ALM003" not in lint().out

    def test_a_finding_about_a_branch_can_be_suppressed(self, project: Project, lint: Lint) -> None:
        project.edit(
            "b2", "sa.Text()))", "sa.String()))  # alembic-lint: ignore[ALM111] not released"
        )

        run = lint("--base", "main")

        assert run.status == 0
        assert "1 finding suppressed by comments" in run.out

    def test_paths_start_at_the_top_where_only_an_old_file_is_told(
        self,
        project: Project,
        monkeypatch: pytest.MonkeyPatch,
        capsysbinary: pytest.CaptureFixture[bytes],
    ) -> None:
        project.file("b2").unlink()
        monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
        monkeypatch.delenv("CI_PROJECT_DIR", raising=False)
        monkeypatch.chdir(project.git.root.parent)

        main(["--base", "main", "--output-format", "gitlab", project.git.root.name])

        (found,) = json.loads(capsysbinary.readouterr().out)
        assert found["location"]["path"] == "versions/a1.py"

    def test_json_tells_the_base_and_what_is_new(
        self, project: Project, lint: Lint, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        del lint
        project.revision("c3", "b2")

        main(["--base", "main", "--output-format", "json", "."])
        with_base = json.loads(capsysbinary.readouterr().out)
        main(["--output-format", "json", "."])
        without = json.loads(capsysbinary.readouterr().out)

        assert with_base["base"] == {"ref": "main", "new": ["versions/c3.py"]}
        assert without["base"] is None
