"""What comments do to findings, and what is said of the comments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from alembic_lint import config as configuration
from alembic_lint import engine, project, repository
from alembic_lint.diagnostics import Result
from alembic_lint.rule import Finding, Rule, Severity
from alembic_lint.rules import RULES

HEAD = """\
import sqlalchemy as sa
from alembic import op

revision = {key!r}
down_revision = {down!r}
"""
LOG = 'op.create_table("log", sa.Column("line", sa.Text()))'
KIN = ("unused-suppression", "unknown-suppression", "suppression-without-reason")

Lint = Callable[..., Result]


def body(*lines: str, down: str = 'op.drop_table("log")') -> str:
    written = "".join(f"    {line}\n" for line in lines)
    return f"\n\ndef upgrade():\n{written}\n\ndef downgrade():\n    {down}\n"


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Lint files of a version directory, given as texts without their heads, one on the other."""
    monkeypatch.chdir(tmp_path)

    def run(
        *texts: str,
        top: str = "",
        only: Sequence[str] | None = None,
        rules: Sequence[Rule] = RULES,
        downs: Sequence[str | None] | None = None,
        **changes: object,
    ) -> Result:
        (tmp_path / "versions").mkdir(exist_ok=True)
        parents = downs or [None, *(f"r{number}" for number in range(len(texts)))]
        for number, (text, down) in enumerate(zip(texts, parents, strict=False)):
            start = top + HEAD.format(key=f"r{number}", down=down)
            (tmp_path / "versions" / f"r{number}.py").write_text(start + text, "utf-8")
        settings = replace(configuration.defaults().settings, dialects=("postgresql",))
        config = replace(
            configuration.defaults(),
            settings=settings,
            **changes,  # type: ignore[arg-type]  # fields of Config, by name
        )
        loaded = repository.load(project.discover([tmp_path / "versions"], config), settings)
        return engine.lint(
            [item.history for item in loaded.histories],
            config,
            rules,
            settings=[settings],
            only=only,
        )

    return run


def names(result: Result) -> list[str]:
    assert not result.internal_errors
    return [item.name for item in result.diagnostics]


def test_a_finding_is_hidden_and_counted_where_its_statement_has_a_comment(lint: Lint) -> None:
    plain = lint(body(LOG))
    hidden = lint(body(f"{LOG}  # alembic-lint: ignore[missing-primary-key] a log"))

    assert (names(plain), plain.suppressed) == (["missing-primary-key"], 0)
    assert (names(hidden), hidden.suppressed) == ([], 1)


@pytest.mark.parametrize("selector", ["missing-primary-key", "ALM419", "ALM41", "ALM4"])
def test_selectors_are_those_of_the_configuration(lint: Lint, selector: str) -> None:
    assert names(lint(body(f"{LOG}  # alembic-lint: ignore[{selector}]"))) == []


@pytest.mark.parametrize("selector", ["ALL", "ALM"])
def test_nothing_hides_everything(lint: Lint, selector: str) -> None:
    result = lint(body(f"{LOG}  # alembic-lint: ignore[{selector}] all of it"))

    assert names(result) == ["missing-primary-key", "unknown-suppression"]
    assert "would hide whatever comes up" in result.diagnostics[1].message


def test_a_comment_on_a_definition_does_not_reach_into_it(lint: Lint) -> None:
    text = body(LOG).replace("upgrade():", "upgrade():  # alembic-lint: ignore[ALM419]")

    assert names(lint(text)) == ["unused-suppression", "missing-primary-key"]


def test_a_range_and_the_file_hide_as_well(lint: Lint) -> None:
    ranged = body("# alembic-lint: disable[ALM419] logs", LOG)

    assert names(lint(ranged)) == []
    assert names(lint(body(LOG), top="# alembic-lint: file-ignore[ALM419] logs\n")) == []


class TestRange:
    """What ends a range is told by the rules that both comments name."""

    AUDIT = LOG.replace("log", "audit")
    DOWN = 'op.drop_table("audit")\n    op.drop_table("log")'

    def lines(self, lint: Lint, disable: str, enable: str) -> list[tuple[str, int]]:
        """The findings of a history with a table within and one behind a range."""
        result = lint(
            body(
                f"# alembic-lint: disable[{disable}] r",
                LOG,
                f"# alembic-lint: enable[{enable}]",
                self.AUDIT,
                down=self.DOWN,
            )
        )
        assert not result.internal_errors
        return [(item.code, item.span.line) for item in result.diagnostics]

    @pytest.mark.parametrize("disable", ["ALM419", "missing-primary-key", "ALM41", "ALM4"])
    @pytest.mark.parametrize("enable", ["ALM419", "missing-primary-key", "ALM41", "ALM4"])
    def test_it_ends_however_the_rule_is_named(self, lint: Lint, disable: str, enable: str) -> None:
        assert self.lines(lint, disable, enable) == [("ALM419", 12)]

    def test_another_rule_ends_nothing_and_is_told(self, lint: Lint) -> None:
        assert self.lines(lint, "ALM419", "ALM401") == [("ALM003", 11)]

    def test_the_other_rules_of_a_family_stay_hidden(self, lint: Lint) -> None:
        assert self.lines(lint, "ALM4", "ALM401") == []

    def test_an_enable_outside_of_the_block_ends_nothing(self, lint: Lint) -> None:
        text = body(
            "# alembic-lint: disable[ALM419] r",
            LOG,
            down=f"# alembic-lint: enable[ALM419]\n    {self.DOWN.splitlines()[1].strip()}",
        )

        result = lint(text)

        assert names(result) == ["unused-suppression"]
        assert "ends no disable of the same rule in its block" in result.diagnostics[0].message


def test_only_the_nearest_of_several_is_of_use(lint: Lint) -> None:
    result = lint(
        body("# alembic-lint: disable[ALM419] b", f"{LOG}  # noqa: ALM419"),
        top="# alembic-lint: file-ignore[ALM419] a\n",
    )

    unused = [item for item in result.diagnostics if item.name == "unused-suppression"]
    assert [item.span.line for item in unused] == [1, 10]


def test_in_a_function_of_the_file_the_place_of_the_finding_counts(lint: Lint) -> None:
    text = body("make()", down="pass") + f"\n\ndef make():\n    {LOG}\n"
    (finding,) = (item for item in lint(text).diagnostics if item.code == "ALM419")
    lines = (HEAD.format(key="r0", down=None) + text).split("\n")
    lines[finding.span.line - 1] += "  # noqa: ALM419"

    assert "missing-primary-key" not in names(lint("\n".join(lines[5:])))


class TestUnused:
    UNUSED = f"{LOG}  # alembic-lint: ignore[ALM419, unknown-table, index-x] why"

    def test_what_is_unused_of_several_is_named(self, lint: Lint) -> None:
        result = lint(body(self.UNUSED))

        assert names(result) == ["unused-suppression", "unknown-suppression"]
        assert result.diagnostics[0].message.startswith("unknown-table in ignore[] suppresses")

    def test_not_where_the_rule_did_not_run(self, lint: Lint) -> None:
        run = {"select": ("ALM003", "ALM101")}

        assert names(lint(body(self.UNUSED), **run)) == []
        assert names(lint(body(self.UNUSED), select=("ALM003", "ALM401"))) == [KIN[0]]
        assert names(lint(body(self.UNUSED), ignore=("ALM401", "ALM004"))) == []
        per_file = (("r0.py", ("ALM401", "ALM004")),)
        assert names(lint(body(self.UNUSED), per_file_ignores=per_file)) == []

    def test_not_where_only_some_of_the_rules_it_names_ran(self, lint: Lint) -> None:
        text = body(LOG, "# alembic-lint: ignore[ALM41] why", 'op.execute("")')

        assert names(lint(text, select=("ALM003", "ALM412"))) == []
        assert KIN[0] in names(lint(text))

    def test_a_rule_that_is_off_is_unused_only_where_it_was_enabled(self, lint: Lint) -> None:
        text = body(f"{LOG}  # alembic-lint: ignore[ALM419, ALM005] why")

        assert names(lint(text)) == []
        assert names(lint(text, extend_select=("ALM005",))) == [KIN[0]]

    def test_not_where_a_rule_crashed(self, lint: Lint) -> None:
        def crash(*_: object) -> Iterator[Finding]:
            raise RuntimeError("a bug")

        rules = [
            replace(rule, replay_check=crash) if rule.name == "missing-primary-key" else rule
            for rule in RULES
        ]

        result = lint(body(f"{LOG}  # alembic-lint: ignore[ALM419] why"), rules=rules)

        assert result.internal_errors
        assert [item.name for item in result.diagnostics] == []

    def test_not_where_the_file_has_no_place_in_the_history(self, lint: Lint) -> None:
        text = body('op.add_column("log", sa.Column("a"))  # alembic-lint: ignore[ALM401] why')

        assert KIN[0] not in names(lint(text, downs=["gone"]))

    def test_not_in_a_file_that_does_not_parse(self, lint: Lint) -> None:
        top = "# alembic-lint: file-ignore[ALM419] logs\n"

        assert names(lint("def upgrade()\n    pass\n", top=top)) == ["syntax-error"]

    def test_it_counts_for_the_file_it_stands_in(self, lint: Lint) -> None:
        texts = body(self.UNUSED), body("pass", down="pass")

        result = lint(*texts, only=["versions/r1.py"])

        assert [item.path for item in result.diagnostics] == ["versions/r1.py"]
        assert (result.elsewhere, result.suppressed) == (2, 0)


class TestKin:
    @pytest.mark.parametrize("name", KIN)
    def test_the_rules_about_comments_can_be_suppressed_for_a_file(
        self, lint: Lint, name: str
    ) -> None:
        text = body(f"{LOG}  # alembic-lint: ignore[ALM419, unknown-table, index-x]")
        top = f"# alembic-lint: file-ignore[{name}] on purpose\n"

        before = lint(text, extend_select=KIN)
        after = lint(text, top=top, extend_select=KIN)

        assert sorted(names(before)) == sorted(KIN)
        assert sorted(names(after)) == sorted(set(KIN) - {name})

    def test_such_a_comment_is_never_unused(self, lint: Lint) -> None:
        assert names(lint(body("pass", down="pass"), top="# noqa: ALM003\n")) == ["empty-revision"]

    def test_their_severity_is_configured_as_any(self, lint: Lint) -> None:
        text = body(f"{LOG}  # alembic-lint: ignore[index-x]")

        result = lint(text, severity=(("ALM004", "error"),))

        assert {item.severity for item in result.diagnostics if item.code == "ALM004"} == {
            Severity.ERROR
        }


class TestOtherFiles:
    """Two heads: the finding stands at one of them, and concerns both."""

    FORK = (None, "r0", "r0")

    def text(self, comment: str = "") -> str:
        return f"{comment}{body('op.execute(MAKE)', down='op.execute(DROP)')}"

    COMMENT = "# alembic-lint: file-ignore[multiple-heads] both are wanted\n"

    def test_of_two_revisions_that_clash_a_comment_at_either_counts(self, lint: Lint) -> None:
        base = self.text()
        texts = {f"versions/r{number}.py": base for number in range(3)}

        def run(at: str, only: Sequence[str] | None) -> Result:
            files = [self.COMMENT + text if path == at else text for path, text in texts.items()]
            return lint(*files, downs=self.FORK, select=("ALM101", "ALM003"), only=only)

        for only in (None, ["versions/r1.py"], ["versions/r2.py"]):
            for place in ("versions/r1.py", "versions/r2.py"):
                assert run(place, only).diagnostics == ()
                assert run(place, only).suppressed == 1
        # The third file takes no part: it only shows where the two part.
        assert {item.code for item in run("versions/r0.py", None).diagnostics} == {
            "ALM101",
            "ALM003",
        }

    def test_a_further_head_needs_a_comment_of_its_own(self, lint: Lint) -> None:
        downs = (*self.FORK, "r0")
        texts = [self.text(), self.COMMENT + self.text(), self.text(), self.text()]

        found = lint(*texts, downs=downs, select=("ALM101",))
        texts[3] = self.COMMENT + texts[3]
        both = lint(*texts, downs=downs, select=("ALM101", "ALM003"))

        assert found.diagnostics != ()
        assert both.diagnostics == ()

    def test_a_comment_at_an_ancestor_counts_for_nothing(self, lint: Lint) -> None:
        allowed = "# alembic-lint: file-ignore[duplicate-table] no\n"

        found = lint(allowed + body(LOG), body(LOG), select=("duplicate-table",))

        assert [item.path for item in found.diagnostics] == ["versions/r1.py"]


def test_a_retired_file_can_suppress_what_is_said_of_it(lint: Lint, tmp_path: Path) -> None:
    lint(body("pass", down="pass"))
    old = tmp_path / "versions" / "x.py.old"
    text = HEAD.format(key="x", down=None) + body(LOG)
    old.write_text(text, "utf-8")
    assert "retired-revision-file" in names(lint(body("pass", down="pass")))

    old.write_text(f"# alembic-lint: file-ignore[ALM117] kept\n{text}", "utf-8")

    assert "retired-revision-file" not in names(lint(body("pass", down="pass")))


def test_a_config_without_rules_about_comments_still_suppresses(lint: Lint) -> None:
    assert names(lint(body(f"{LOG}  # noqa: ALM419"), ignore=KIN)) == []
