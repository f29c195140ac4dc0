"""Findings as JUnit's XML: a suite for each file, a case for each finding.

There is no one standard; this is what Jenkins' schema (xunit plugin, junit-10.xsd) allows and
GitLab, Azure Pipelines and others read. A clock has no place in it, so the times are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from alembic_lint.diagnostics import Diagnostic, InternalError
from alembic_lint.report import Report, concise
from alembic_lint.report.style import Style

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference (its production 2, Char)."""


def render(report: Report) -> str:
    """All files that findings were asked for, sorted; paths from the working directory.

    A finding that makes the run fail is a failure, one below `--fail-on` the output of a case that
    passed, so that the report and the exit status agree. A file without a finding is one case that
    passed. A bug in alembic-lint is an error.
    """
    suites = _suites(report)
    tests, failures, errors = (
        sum(suite.tests for suite in suites),
        sum(suite.failures for suite in suites),
        sum(len(suite.bugs) for suite in suites),
    )
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="alembic-lint" tests="{tests}" failures="{failures}" errors="{errors}">',
        *(line for suite in suites for line in suite.lines()),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _suites(report: Report) -> list[_Suite]:
    suites = {name: _Suite(report, name) for name in report.files_asked}
    for item in report.diagnostics:
        suites.setdefault(item.path, _Suite(report, item.path)).findings.append(item)
    for error in report.internal_errors:
        suites.setdefault(error.path, _Suite(report, error.path)).bugs.append(error)
    return [suites[name] for name in sorted(suites)]


@dataclass(frozen=True, slots=True)
class _Suite:
    """What is known of one file; or of a history, which a bug may be about."""

    report: Report
    name: str
    findings: list[Diagnostic] = field(default_factory=list)
    bugs: list[InternalError] = field(default_factory=list)

    @property
    def tests(self) -> int:
        return len(self.findings) + len(self.bugs) or 1

    @property
    def failures(self) -> int:
        return sum(map(self._fails, self.findings))

    def _fails(self, item: Diagnostic) -> bool:
        return item.severity.rank <= self.report.fail_on.rank

    def lines(self) -> Iterator[str]:
        yield (
            f'  <testsuite name="{_attribute(self.name)}" tests="{self.tests}" '
            f'failures="{self.failures}" errors="{len(self.bugs)}">'
        )
        names: Counter[str] = Counter()
        for item in self.findings:
            yield from self._finding(item, _numbered(f"{item.code} {item.name}", names))
        for error in self.bugs:
            yield from self._bug(error, _numbered(f"{error.code} internal error", names))
        if not self.findings and not self.bugs:
            yield f"    <testcase {self._case('no findings')}/>"
        yield "  </testsuite>"

    def _finding(self, item: Diagnostic, name: str) -> Iterator[str]:
        lines = [concise.line(self.report, item, Style())]
        lines += [f"help: {item.help}"] if item.help else []
        lines += [
            f"{place.path}:{place.span.line}:{place.span.column + 1}: {place.message}"
            for place in item.related
        ]
        text = _text("\n".join(lines))
        yield f"    <testcase {self._case(name)}>"
        if self._fails(item):
            kind = item.severity.value
            yield f'      <failure type="{kind}" message="{_attribute(item.message)}">{text}'
            yield "      </failure>"
        else:
            yield f"      <system-out>{text}"
            yield "      </system-out>"
        yield "    </testcase>"

    def _bug(self, error: InternalError, name: str) -> Iterator[str]:
        yield f"    <testcase {self._case(name)}>"
        yield f'      <error type="internal error" message="{_attribute(error.message)}"/>'
        yield "    </testcase>"

    def _case(self, name: str) -> str:
        return f'classname="{_attribute(self.name)}" name="{_attribute(name)}"'


def _numbered(name: str, names: Counter[str]) -> str:
    """The name, which no other case of the suite has: readers take two of one name for one."""
    names[name] += 1
    return name if names[name] == 1 else f"{name} ({names[name]})"


def _text(text: str) -> str:
    """Text between tags; as `>` is escaped, no `]]>` is left."""
    return _references(text, "&<>\r")


def _attribute(text: str) -> str:
    """Text between double quotes, whose white space a reader would otherwise turn into spaces."""
    return _references(text, '&<>"\t\n\r')


def _references(text: str, special: str) -> str:
    held = _FORBIDDEN.sub(lambda found: _escape(ord(found[0])), text)
    return "".join(f"&#{ord(letter)};" if letter in special else letter for letter in held)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
