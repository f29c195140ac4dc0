"""The format json against the JSON Schema that is published with it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from alembic_lint import Report
from alembic_lint.report import as_json
from tests.report.reports import NAMES, of_fixture, strange

SCHEMA = json.loads(files("alembic_lint").joinpath("report", "json_schema.json").read_bytes())


def complaints(report: Report, *, statistics: bool = False) -> list[str]:
    document = json.loads(as_json.render(report, statistics=statistics))
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_is_as_the_schema_says(name: str) -> None:
    report = of_fixture(name)

    assert complaints(report) == []
    assert complaints(report, statistics=True) == []


def objects(schema: object) -> list[dict[str, object]]:
    """The parts of a schema that speak of the fields of an object."""
    match schema:
        case dict():
            inner = [item for value in schema.values() for item in objects(value)]
            return [schema, *inner] if "properties" in schema else inner
        case list():
            return [item for value in schema for item in objects(value)]
        case _:
            return []


def test_a_field_that_the_schema_does_not_name_or_that_is_forgotten_is_seen() -> None:
    found = objects(SCHEMA)

    assert len(found) >= 10
    for item in found:
        assert item["additionalProperties"] is False
        properties, required = item["properties"], item["required"]
        assert isinstance(properties, dict)
        assert isinstance(required, list)
        assert set(properties) - set(required) <= {"statistics"}


def test_strange_names_come_back_as_they_are() -> None:
    report = strange()

    text = as_json.render(report)

    assert text.isascii()
    assert complaints(report) == []
    document = json.loads(text)
    assert [
        (item["filename"], item["message"], item["help"], item["revision"], item["table"])
        for item in document["diagnostics"]
    ] == [
        (item.path, item.message, item.help, item.revision, item.table)
        for item in report.diagnostics
    ]
    assert document["notices"] == [*report.notices]
    assert document["internal_errors"][0]["message"] == report.internal_errors[0].message


def test_numbers_stand_beside_the_findings() -> None:
    report = of_fixture("option_b_unmerged")

    document = json.loads(as_json.render(report, statistics=True))

    assert len(document["diagnostics"]) == len(report.diagnostics) > 0
    assert sum(rule["count"] for rule in document["statistics"]["rules"]) == len(report.diagnostics)
    assert "statistics" not in json.loads(as_json.render(report))
