"""GitHub's workflow commands and job summaries.

There is no schema. The commands are read as GitHub's runner reads them (actions/runner,
ActionCommand.TryParseV2 and ActionCommandManager's `stop-commands`), the summary by a parser of
CommonMark; limits are those in GitHub's "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
from markdown_it import MarkdownIt

from alembic_lint import Report
from alembic_lint.cli import main
from alembic_lint.counts import Counts
from alembic_lint.diagnostics import Result
from alembic_lint.history import History, build_history
from alembic_lint.model import Assigned, Revision
from alembic_lint.report import full, github, github_summary
from alembic_lint.report.places import Places
from alembic_lint.report.style import Style
from alembic_lint.rule import Severity
from alembic_lint.source import FILE_START, SourceFile, Span
from alembic_lint.wording import printable, visible
from tests.report.reports import NAMES, finding, of_fixture, strange

HERE = PurePosixPath(Path.cwd().as_posix())
PLACES = Places(HERE, HERE)
KINDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """What the runner takes for commands, and leaves out between marks that stop it."""
    return [found for found in _all(log) if found.name in KINDS.values()]


def _all(log: str) -> Iterator[Command]:
    stopped: str | None = None
    for line in re.split("\r\n|\r|\n", log):
        found = _command(line)
        if stopped is not None:
            stopped = None if found is not None and found.name == stopped else stopped
        elif found is not None and found.name == "stop-commands":
            stopped = found.data
        elif found is not None:
            yield found
    assert stopped is None


def _command(line: str) -> Command | None:
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    info, _, data = line[2:].partition("::")
    name, _, told = info.partition(" ")
    pairs = (pair.partition("=") for pair in told.split(",") if "=" in pair)
    properties = {key.strip(): _decoded(value, "%3A:", "%2C,") for key, _, value in pairs}
    return Command(name, properties, _decoded(data))


def _decoded(text: str, *more: str) -> str:
    for code in ("%0D\r", "%0A\n", *more, "%25%"):
        text = text.replace(code[:3], code[3:])
    return text


def shown(text: str) -> str:
    return "".join(letter if letter in "\r\n\t" else visible(letter) for letter in text)


def hold(report: Report) -> None:
    found = commands(github.render(report, PLACES))
    ordered = sorted(report.diagnostics, key=lambda item: item.severity.rank)
    assert len(found) == len(ordered)
    for command, item in zip(found, ordered, strict=True):
        span = item.span
        columns = {"col": str(span.column + 1), "endColumn": str(span.end_column + 1)}
        assert command.name == KINDS[item.severity]
        assert command.properties == {
            "title": f"alembic-lint ({item.code})",
            "file": shown(item.path),
            "line": str(span.line),
            "endLine": str(span.end_line),
            **(columns if span.line == span.end_line else {}),
        }
        assert command.data == shown("\n".join(filter(None, (item.message, item.help))))


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture(name: str) -> None:
    hold(of_fixture(name))


def test_strange_names() -> None:
    hold(strange())


def many(**numbers: int) -> Report:
    found = [
        finding(Span.of_line(line + 1), severity=Severity(severity), path=f"{severity}.py")
        for severity, number in numbers.items()
        for line in range(number)
    ]
    ordered = sorted(found, key=lambda item: (item.path, item.span))
    return Report(Result(tuple(ordered), (), Counts()))


def test_what_github_drops_is_told_and_the_worst_come_first() -> None:
    text = github.render(many(warning=11, info=10, error=13), PLACES)

    assert [command.name for command in commands(text)] == [
        *["error"] * 13,
        *["warning"] * 11,
        *["notice"] * 10,
    ]
    assert text.splitlines()[-1] == (
        "GitHub shows 10 annotations of each kind from a step: 3 errors, 1 warning more are in "
        "this log only"
    )
    assert "GitHub shows" not in github.render(many(warning=10, error=10), PLACES)


def test_nothing_in_a_linted_file_is_a_command() -> None:
    lines = ["::error file=x::planted", "##[error]planted", "::stop-commands::x", "  ::x::"]
    text = "\n".join(f"# {line}" for line in lines)
    item = finding(Span(2, 0, 2, 3), path="::x::.py", message=lines[0], help="\n".join(lines))
    report = Report(Result((item,), (), Counts()), sources={"::x::.py": SourceFile("x.py", text)})
    log = github.fenced(full.render(report, Style())) + github.render(report, PLACES)

    (command,) = commands(log)

    assert command.data == "\n".join((lines[0], *lines))
    assert re.search(r"^ +::stop-commands::x$", log, re.MULTILINE)


def test_the_mark_depends_on_the_text_and_on_nothing_else() -> None:
    assert github.fenced("a\n") == github.fenced("a\n") != github.fenced("b\n")
    assert re.fullmatch(
        r"::stop-commands::([0-9a-f]{64})\na\n::\1::\n", github.fenced("a\n"), re.ASCII
    )


def table(markdown: str) -> list[list[str]]:
    """The cells of the first table as they are read, without its head."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    rows: list[list[str]] = []
    for token, after in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"td_open", "th_open"}:
            children = after.children or []
            assert {child.type for child in children} <= {"text", "text_special"}
            rows[-1].append("".join(child.content for child in children))
    return rows[1:]


def fences(markdown: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [(token.info, token.content) for token in tokens if token.type == "fence"]


class TestSummary:
    @pytest.mark.parametrize("name", [*NAMES, "strange"])
    def test_the_table_has_all_findings_and_the_graph_all_revisions(self, name: str) -> None:
        report = strange() if name == "strange" else of_fixture(name)

        text = github_summary.render(report, PLACES)

        ordered = sorted(report.diagnostics, key=lambda item: item.severity.rank)
        assert table(text) == [
            [
                f"{item.severity}{' (possible)' if item.confidence == 'possible' else ''}",
                f"{printable(item.path)}:{item.span.line}",
                f"{item.code} {item.name}",
                printable(item.message),
            ]
            for item in ordered
        ]
        ((language, graph),) = fences(text)
        assert language == "mermaid"
        assert graph.startswith("flowchart TB\n")

    def test_what_does_not_fit_is_counted(self) -> None:
        report = many(error=40_000)

        text = github_summary.render(report, PLACES)

        assert 1_000_000 < len(text.encode()) <= 1024 * 1024
        rows = table(text)
        (left_out,) = re.findall(r"^([\d,]+) more findings: see the log\.$", text, re.MULTILINE)
        assert len(rows) + int(left_out.replace(",", "")) == 40_000

    @pytest.mark.parametrize("room", [0, 400, 700, 1000, 5000, 100_000])
    def test_it_is_never_larger_than_the_room(self, room: int) -> None:
        text = github_summary.render(of_fixture("option_b_unmerged"), PLACES, room)

        assert len(text.encode()) <= room
        assert (text == "") is (room < 600)

    def test_a_graph_that_mermaid_refuses_is_told_in_text_or_in_a_sentence(self) -> None:
        report = Report(Result((), (), Counts()), histories=(line_of(501),))
        wide = replace(report, histories=(line_of(2000, parent=False, name="r"),))

        ((language, graph),) = fences(github_summary.render(report, PLACES))
        text = github_summary.render(wide, PLACES, 40_000)

        assert language == "text"
        assert "499 revisions" in graph
        assert fences(text) == []
        assert "2,000 revisions: too many to be drawn here" in text
        drawn = replace(report, histories=(line_of(501, name="r"),))
        assert fences(github_summary.render(drawn, PLACES))[0][0] == "mermaid"


def line_of(number: int, *, parent: bool = True, name: str = "revision" * 20) -> History:
    def assigned(value: str | None) -> Assigned:
        return Assigned(value, repr(value), FILE_START, FILE_START)

    return build_history(
        [
            Revision(
                f"{name}{index}.py",
                revision=assigned(f"{name}{index}"),
                down_revision=assigned(f"{name}{index - 1}" if index and parent else None),
            )
            for index in range(number)
        ]
    )


class TestCommand:
    """The command itself, in what looks like a step on GitHub."""

    @pytest.fixture(autouse=True)
    def step(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "versions").mkdir()
        for name in ("a", "b"):
            (tmp_path / "versions" / f"{name}.py").write_text(
                f'revision = "{name}"\ndown_revision = None\n\n\ndef upgrade():\n    pass\n',
                "utf-8",
            )
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        for name in ("FORCE_COLOR", "ALEMBIC_LINT_OUTPUT_FORMAT"):
            monkeypatch.delenv(name, raising=False)

    ARGUMENTS = ("versions", "--select", "ALM301", "--output-format", "github")

    def test_people_find_text_in_the_log_too(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(self.ARGUMENTS) == 1
        log = capsys.readouterr().out
        monkeypatch.delenv("GITHUB_ACTIONS")
        assert main(self.ARGUMENTS) == 1
        elsewhere = capsys.readouterr().out

        assert [item.properties["file"] for item in commands(log)] == [
            "versions/a.py",
            "versions/b.py",
        ]
        assert "error[ALM301] missing-downgrade" in log
        assert "\nFound 2 errors in 2 files (checked 2 revisions)\n" in log
        assert log.endswith(elsewhere)
        assert all(line.startswith("::error ") for line in elsewhere.splitlines())

    def test_the_summary_is_added_to_what_is_there(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "summary.md").write_text("before", "utf-8")

        assert main(self.ARGUMENTS) == 1

        text = (tmp_path / "summary.md").read_text("utf-8")
        assert text.startswith("before\n## alembic-lint\n\nFound 2 errors in 2 files")
        assert Counter(row[0] for row in table(text)) == {"error": 2}
        assert capsys.readouterr().err == ""

    def test_other_formats_add_nothing(self, tmp_path: Path) -> None:
        assert main([*self.ARGUMENTS, "--output-format", "sarif"]) == 1
        assert not (tmp_path / "summary.md").exists()

    def test_a_full_summary_is_left_as_it_is(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = "x" * (1024 * 1024 - 300)
        (tmp_path / "summary.md").write_text(before, "utf-8")

        assert main(self.ARGUMENTS) == 1

        assert (tmp_path / "summary.md").read_text("utf-8") == before
        assert capsys.readouterr().err == (
            "note: the summary of this step is full, so the findings are not added to it\n"
        )

    def test_a_summary_that_cannot_be_written_changes_no_status(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", "gone/summary.md")

        assert main(self.ARGUMENTS) == 1
        run = capsys.readouterr()
        assert len(commands(run.out)) == 2
        assert run.err == (
            "note: the summary gone/summary.md cannot be written: no such file or directory\n"
        )
