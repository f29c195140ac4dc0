"""The format of reviewdog.

Nothing that can be installed has its schema; what is asserted is in reviewdog's
proto/rdf/reviewdog.proto, and in the JSON mapping of protocol buffers, by which it is read: an
unknown name of a severity or a lone surrogate is an error.
"""

from __future__ import annotations

import json

import pytest

from alembic_lint import Report
from alembic_lint.diagnostics import Result
from alembic_lint.report import rdjson
from alembic_lint.source import SourceFile, Span
from alembic_lint.wording import writable
from tests.report.reports import NAMES, STRANGE, finding, of_fixture, strange

Position = dict[str, int]


def code_points(report: Report, path: str, position: Position) -> tuple[int, int]:
    """A position as reviewdog reads it: a line from 1 and so many bytes before it."""
    line = report.sources[path].line(position["line"]).encode()
    return position["line"], len(line[: position["column"] - 1].decode())


def spans(report: Report, location: dict[str, dict[str, Position]], path: str) -> Span:
    start, end = location["range"]["start"], location["range"]["end"]
    return Span(*code_points(report, path, start), *code_points(report, path, end))


def hold(report: Report) -> None:
    text = rdjson.render(report)
    assert text.isascii()
    document = json.loads(text)
    assert set(document) == {"source", "diagnostics"}
    assert document["source"] == {"name": "alembic-lint"}
    assert len(document["diagnostics"]) == len(report.diagnostics)
    for found, item in zip(document["diagnostics"], report.diagnostics, strict=True):
        assert set(found) == {
            "message",
            "location",
            "severity",
            "code",
            "suggestions",
            "related_locations",
        }
        json.dumps(found, ensure_ascii=False).encode()  # no lone surrogate
        assert found["severity"] in {"ERROR", "WARNING", "INFO"}
        assert found["severity"].lower() == item.severity.value
        assert found["code"] == {"value": item.code}
        assert found["suggestions"] == []
        expected = "\n\n".join(part for part in (item.message, item.help) if part)
        assert found["message"] == writable(expected)
        assert found["location"]["path"] == writable(item.path)
        if report.sources[item.path].text:
            assert spans(report, found["location"], item.path) == item.span
        assert [
            (
                place["message"],
                place["location"]["path"],
                spans(report, place["location"], other.path),
            )
            for place, other in zip(found["related_locations"], item.related, strict=True)
        ] == [(writable(place.message), writable(place.path), place.span) for place in item.related]


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture(name: str) -> None:
    hold(of_fixture(name))


def test_strange_names() -> None:
    assert len(strange().diagnostics) > len(STRANGE)
    hold(strange())


def test_columns_are_bytes_as_in_the_example_of_the_protocol() -> None:
    item = finding(Span(1, 2, 1, 3), path="x.py")
    sources = {"x.py": SourceFile("x.py", "a𐐀b")}
    report = Report(Result((item,), (), of_fixture("option_a").result.counts), sources=sources)

    (found,) = json.loads(rdjson.render(report))["diagnostics"]

    assert found["location"]["range"] == {
        "start": {"line": 1, "column": 6},
        "end": {"line": 1, "column": 7},
    }


def test_a_line_that_is_not_known_keeps_its_columns() -> None:
    item = finding(Span(7, 2, 7, 5), path="gone.py")
    report = Report(Result((item,), (), of_fixture("option_a").result.counts))

    (found,) = json.loads(rdjson.render(report))["diagnostics"]

    assert found["location"]["range"]["start"] == {"line": 7, "column": 3}
