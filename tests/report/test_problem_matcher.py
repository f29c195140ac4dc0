"""The problem matcher reads what the format concise writes.

Its keys are those of the problem matchers of GitHub's runner (actions/toolkit,
docs/problem-matchers.md), which are those of VS Code as well. The patterns hold nothing that
JavaScript, .NET and Python read differently.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files

import pytest

from alembic_lint import Report
from alembic_lint.report import concise
from alembic_lint.report.style import Style
from alembic_lint.wording import printable
from tests.report.reports import NAMES, STRANGE, of_fixture, strange

TEXT = files("alembic_lint").joinpath("report", "problem_matcher.json").read_text("utf-8")
MATCHERS = json.loads(TEXT)["problemMatcher"]
FIELDS = ("file", "line", "column", "code", "severity", "message")

SCRIPT = """
const [matchers, text] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const found = [];
for (const line of text.split("\\n"))
  for (const { severity, pattern: [pattern] } of matchers) {
    const groups = new RegExp(pattern.regexp).exec(line);
    if (groups) found.push(FIELDS.map(key => key in pattern ? groups[pattern[key]] : severity));
  }
process.stdout.write(JSON.stringify(found));
"""


def matched(text: str) -> list[list[str]]:
    """The fields of each line that is matched."""
    found = []
    for line in text.split("\n"):
        for matcher in MATCHERS:
            (pattern,) = matcher["pattern"]
            groups = re.search(pattern["regexp"], line)
            if groups:
                found.append(
                    [groups[pattern[k]] if k in pattern else matcher["severity"] for k in FIELDS]
                )
    return found


def expected(report: Report) -> list[list[str]]:
    return [
        [
            printable(item.path),
            str(item.span.line),
            str(item.span.column + 1),
            item.code,
            "notice" if item.severity == "info" else item.severity.value,
            printable(item.message),
        ]
        for item in report.diagnostics
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_of_the_fixtures_is_matched_and_nothing_else(name: str) -> None:
    report = of_fixture(name)

    assert matched(concise.render(report, Style()) + "Found 1 error\n") == expected(report)


def plain() -> tuple[str, list[list[str]]]:
    """What the strange report says, but for the one name that looks like a whole line."""
    report = strange()
    lines = concise.render(report, Style()).splitlines()
    kept = [line for line in lines if STRANGE[-1] not in line]
    wanted = [item for item in expected(report) if item[0] != STRANGE[-1]]
    return "\n".join(kept), wanted


def test_strange_names_are_matched() -> None:
    text, wanted = plain()

    assert len(wanted) == len(STRANGE)
    assert matched(text) == wanted


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_javascript_matches_the_same() -> None:
    text, wanted = plain()

    done = subprocess.run(
        ["node", "-e", SCRIPT.replace("FIELDS", json.dumps(FIELDS))],
        input=json.dumps([MATCHERS, text]),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )

    assert json.loads(done.stdout) == wanted


def test_the_keys_are_those_that_runners_know() -> None:
    assert len({matcher["owner"] for matcher in MATCHERS}) == len(MATCHERS)
    for matcher in MATCHERS:
        assert set(matcher) <= {"owner", "severity", "pattern"}
        (pattern,) = matcher["pattern"]
        assert set(pattern) <= {"regexp", *FIELDS}
        assert re.compile(pattern["regexp"]).groups == len(pattern) - 1
        assert matcher.get("severity", "error") in {"error", "warning", "notice"}
