"""JUnit's XML, read back by junitparser and by Python's own parser.

Nothing that can be installed has a schema of it; what is asserted is what Jenkins' schema allows
(jenkinsci/xunit-plugin, junit-10.xsd), and production 2 of XML 1.0.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from alembic_lint import Report
from alembic_lint.diagnostics import Diagnostic
from alembic_lint.report import junit
from alembic_lint.rule import Severity
from tests.report.reports import NAMES, of_fixture, strange

ALLOWED = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set(),
}
"""Attributes by element, of those that the schema has."""


def held(text: str) -> str:
    """What XML can hold of a text, and escapes for the rest."""
    return "".join(letter if possible(ord(letter)) else escape(ord(letter)) for letter in text)


def possible(code: int) -> bool:
    return (
        code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
    )


def escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def suites(report: Report) -> list[TestSuite]:
    """The suites as a consumer reads them, after a look at what the schema allows."""
    text = junit.render(report)
    root = ET.fromstring(text.encode())
    for element in root.iter():
        assert set(element.attrib) <= ALLOWED[element.tag], element.tag
    read = JUnitXml.fromstring(text.encode())
    found = list(read)
    assert read.tests == sum(suite.tests for suite in found)
    assert read.failures == sum(suite.failures for suite in found)
    assert read.errors == sum(suite.errors for suite in found) == len(report.internal_errors)
    return found


def cases(suite: TestSuite) -> list[TestCase]:
    return list(suite)


def hold(report: Report) -> None:
    read = suites(report)
    assert [suite.name for suite in read] == [
        held(name)
        for name in sorted({*report.files_asked, *(item.path for item in report.diagnostics)})
    ]
    findings: dict[str, list[Diagnostic]] = {}
    for item in report.diagnostics:
        findings.setdefault(held(item.path), []).append(item)
    for suite in read:
        expected = findings.get(str(suite.name), [])
        found = [case for case in cases(suite) if "internal error" not in str(case.name)]
        assert suite.tests == len(cases(suite)) > 0
        assert len({case.name for case in cases(suite)}) == len(cases(suite))
        assert {case.classname for case in cases(suite)} == {suite.name}
        if not expected:
            assert [case.is_passed for case in found] == [True] * len(found)
            continue
        for case, item in zip(found, expected, strict=True):
            told(case, item, report.fail_on)


def told(case: TestCase, item: Diagnostic, fail_on: Severity) -> None:
    assert str(case.name).startswith(f"{item.code} {item.name}")
    if item.severity.rank <= fail_on.rank:
        (failure,) = case.result
        assert isinstance(failure, Failure)
        assert (failure.type, failure.message) == (item.severity.value, held(item.message))
        text = failure.text
    else:
        assert case.is_passed
        text = case.system_out
    assert text is not None
    assert f":{item.span.line}:{item.span.column + 1}: {item.code} [{item.severity}] " in text
    assert item.help is None or f"\nhelp: {held(item.help)}" in text
    for place in item.related:
        where = f"{place.path}:{place.span.line}:{place.span.column + 1}: {place.message}"
        assert held(where) in text


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture(name: str) -> None:
    hold(of_fixture(name))


@pytest.mark.parametrize("fail_on", Severity)
def test_strange_names_fail_from_fail_on(fail_on: Severity) -> None:
    report = replace(strange(), fail_on=fail_on)

    hold(report)

    failures = sum(suite.failures for suite in suites(report))
    assert failures == sum(item.severity.rank <= fail_on.rank for item in report.diagnostics)


def test_the_document_has_no_forbidden_character_and_no_end_of_cdata() -> None:
    text = junit.render(strange())

    assert all(possible(ord(letter)) for letter in text)
    assert "]]>" not in text
    assert not re.search(r"&#(x?0*)?[0-8];", text)


def test_a_bug_is_an_error_of_its_file() -> None:
    report = strange()

    (suite,) = [suite for suite in suites(report) if suite.errors]

    bug = cases(suite)[-1]
    (error,) = bug.result
    assert isinstance(error, Error)
    assert suite.name == report.internal_errors[0].path
    assert error.message == held(report.internal_errors[0].message)


def test_files_without_findings_have_passed() -> None:
    report = of_fixture("option_a")
    clean = report.files_asked - {item.path for item in report.diagnostics}

    passed = {str(suite.name) for suite in suites(report) if not suite.failures}

    assert clean
    assert clean <= passed
