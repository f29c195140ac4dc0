"""GitLab's code quality report.

Nothing that can be installed has a schema of it; what is asserted is in GitLab's documentation,
"Code Quality", section "Code Quality report format".
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from alembic_lint import Report
from alembic_lint.diagnostics import Diagnostic, Party
from alembic_lint.report import gitlab
from alembic_lint.report.places import Places
from alembic_lint.source import Span
from alembic_lint.wording import writable
from tests.report.reports import NAMES, finding, of_fixture, strange

HERE = PurePosixPath(Path.cwd().as_posix())
PLACES = Places(HERE, HERE)


def hold(report: Report) -> None:
    text = gitlab.render(report, PLACES)
    assert text.isascii()
    issues = json.loads(text)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert set(issue["location"]) == {"path", "lines"}
        assert not issue["location"]["path"].startswith(("/", "./"))
    assert len({issue["fingerprint"] for issue in issues}) == len(report.diagnostics)
    assert [
        (
            issue["check_name"],
            issue["description"],
            issue["location"]["path"],
            issue["location"]["lines"],
        )
        for issue in issues
    ] == [
        (
            item.code,
            writable(f"{item.name}: {item.message}"),
            writable(item.path),
            {"begin": item.span.line},
        )
        for item in report.diagnostics
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture(name: str) -> None:
    hold(of_fixture(name))


def test_strange_names() -> None:
    hold(strange())


def test_severities() -> None:
    report = strange()

    shown = [issue["severity"] for issue in json.loads(gitlab.render(report, PLACES))]

    mapped = {"error": "critical", "warning": "major", "info": "info"}
    assert shown == [mapped[item.severity.value] for item in report.diagnostics]


def marks(*diagnostics: Diagnostic, places: Places = PLACES) -> list[str]:
    return gitlab.fingerprints(diagnostics, places)


class TestFingerprints:
    def test_they_stay_when_lines_move_and_files_are_renamed(self) -> None:
        before = [finding(Span(n, 0, n, 5), revision="a", table="t") for n in (3, 9)]
        after = [replace(item, span=Span(item.span.line + 70, 4, 99, 0)) for item in before]

        assert len(set(marks(*before))) == 2
        assert marks(*after) == marks(*before)
        assert marks(*(replace(item, path="c.py", message="…") for item in before)) == marks(
            *before
        )

    @pytest.mark.parametrize("field", ["code", "revision", "operation", "table", "object"])
    def test_each_part_tells_findings_apart(self, field: str) -> None:
        item = finding(revision="a", operation="CreateTable", table="t", object="c")
        other: Diagnostic = replace(item, **{field: "other"})  # type: ignore[arg-type]  # text

        assert marks(item) != marks(other)

    def test_it_does_not_matter_in_which_revision_a_clash_is_told(self) -> None:
        span = Span(3, 0, 3, 5)
        a = Party("a.py", span, "a", "CreateTable", "t")
        b = Party("b.py", span, "b", "AddColumn", "t", "c")
        c = Party("c.py", span, "c", "CreateTable", "t")

        def told(here: Party, *others: Party) -> list[str]:
            return marks(
                finding(
                    here.span,
                    path=here.path,
                    revision=here.revision,
                    operation=here.operation,
                    table=here.table,
                    object=here.object,
                    others=others,
                )
            )

        assert told(a, b) == told(b, a)
        assert told(a, b, c) == told(c, a, b)
        assert len({*told(a), *told(b), *told(a, b), *told(a, c), *told(a, b, c)}) == 5

    def test_a_further_finding_leaves_those_of_others_alone(self) -> None:
        one, two = finding(revision="a"), finding(revision="b")

        assert marks(one, finding(revision="a"), two) == [
            *marks(one),
            *marks(one, one)[1:],
            *marks(two),
        ]

    def test_files_without_a_revision_are_told_apart_wherever_it_runs(self) -> None:
        below = Places(HERE / "db", HERE)

        assert marks(finding(path="a.py")) != marks(finding(path="b.py"))
        assert marks(finding(path="db/a.py")) == marks(finding(path="a.py"), places=below)
