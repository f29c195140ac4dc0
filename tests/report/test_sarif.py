"""SARIF, read back by its models in sarif-pydantic and held against the standard.

sarif-pydantic keeps fields that it does not know; here these fail. What it leaves open is asserted
after OASIS' SARIF 2.1.0 (sections named below) and GitHub's "SARIF support for code scanning".
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from pydantic import BaseModel
from sarif_pydantic import Sarif

from alembic_lint import Report
from alembic_lint.cards import load
from alembic_lint.report import sarif
from alembic_lint.report.places import Places
from alembic_lint.rule import Severity
from alembic_lint.rules import RULES
from alembic_lint.wording import writable
from tests.report.reports import NAMES, of_fixture, strange

HERE = PurePosixPath(Path.cwd().as_posix())
PLACES = Places(HERE, HERE)
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def rendered(report: Report, places: Places = PLACES) -> str:
    return sarif.render(report, places, RULES, load())


def unknown_fields(value: object) -> Iterator[str]:
    match value:
        case BaseModel():
            yield from (f"{type(value).__name__}.{name}" for name in value.model_extra or ())
            for name in type(value).model_fields:
                yield from unknown_fields(getattr(value, name))
        case list():
            for item in value:
                yield from unknown_fields(item)
        case _:
            pass


# The standard has them; the models do not.
MISSING_IN_MODELS = {
    "Sarif.$schema",
    "Run.columnKind",
    "Run.automationDetails",
    "Invocation.toolExecutionNotifications",
}


def path_of(location: dict[str, dict[str, dict[str, str]]]) -> str:
    artifact = location["physicalLocation"]["artifactLocation"]
    uri = artifact["uri"]
    assert re.fullmatch(r"[A-Za-z0-9%/._~:-]+", uri)  # RFC 3986
    parts = urlsplit(uri)
    assert (artifact.get("uriBaseId") == "%SRCROOT%") is (parts.scheme == "")
    return os.fsdecode(unquote_to_bytes(parts.path))


def unlinked(text: str) -> str:
    return re.sub(r"\\([\\\[\]])", r"\1", text)


def links_in(message: str) -> list[tuple[str, str]]:
    """The links of a plain text message (3.11.6), wherever they stand in it."""
    escaped = r"(?:[^\[\]\\]|\\.)*"
    found = re.findall(rf"\\.|\[({escaped})\]\(([^()]*)\)", message, re.DOTALL)
    return [(text, target) for text, target in found if target]


def hold(report: Report) -> None:
    """The log tells each finding, and nothing that SARIF does not know."""
    text = rendered(report)
    assert text.isascii()
    model = Sarif.model_validate_json(text)
    assert set(unknown_fields(model)) <= MISSING_IN_MODELS
    log = json.loads(text)
    assert log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"  # 3.14.17
    assert "%SRCROOT%" in run["originalUriBaseIds"]
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} <= {item.code for item in report.diagnostics}
    assert len(run["results"]) == len(report.diagnostics)
    for result, item in zip(run["results"], report.diagnostics, strict=True):
        assert result["ruleId"] == item.code
        assert rules[result["ruleIndex"]]["id"] == item.code
        assert result["level"] == LEVELS[item.severity]
        (location,) = result["locations"]
        assert path_of(location) == item.path
        span = item.span
        assert location["physicalLocation"]["region"] == {  # 3.30.5 to 3.30.8: from 1, exclusive
            "startLine": span.line,
            "startColumn": span.column + 1,
            "endLine": span.end_line,
            "endColumn": span.end_column + 1,
        }
        message = result["message"]["text"]
        shown = unlinked(message) if item.related else message
        assert shown.startswith(writable(item.message))
        assert item.help is None or f"\n\n{writable(item.help)}" in shown
        assert result["properties"].get("table") == (item.table and writable(item.table))
        related = result.get("relatedLocations", [])
        assert [(path_of(place), place["message"]["text"]) for place in related] == [
            (place.path, writable(place.message)) for place in item.related
        ]
        # 3.11.6: a number in a link is the id of exactly one location.
        links = links_in(message) if item.related else []
        assert [(unlinked(name), int(number)) for name, number in links] == [
            (place["message"]["text"], place["id"]) for place in related
        ]


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture(name: str) -> None:
    hold(of_fixture(name))


def test_what_reads_as_a_link_in_a_message_with_links_is_none() -> None:
    report = of_fixture("option_b_unmerged")
    item = next(item for item in report.diagnostics if item.related)
    odd = replace(item, message="in [a](1)/\\[b](2)", help="write [\\]")
    alone = replace(odd, related=())
    result = replace(report.result, diagnostics=(odd, alone))

    text, plain = (
        each["message"]["text"]
        for each in json.loads(rendered(replace(report, result=result)))["runs"][0]["results"]
    )

    assert text.startswith("in \\[a\\](1)/\\\\\\[b\\](2)\n\nwrite \\[\\\\\\]\n\n[")
    assert len(links_in(text)) == len(item.related)
    assert plain == "in [a](1)/\\[b](2)\n\nwrite [\\]"


def test_strange_names() -> None:
    hold(strange())


def test_no_text_has_a_lone_surrogate_which_strict_readers_refuse() -> None:
    document = json.loads(rendered(strange()))

    json.dumps(document, ensure_ascii=False).encode()


def test_rules_are_described_by_their_cards() -> None:
    (run,) = json.loads(rendered(of_fixture("option_b_unmerged")))["runs"]
    cards = {card.code: card for card in load()}

    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(
        {item.code for item in of_fixture("option_b_unmerged").diagnostics}
    )
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["help"]["markdown"] == cards[rule["id"]].text
        assert rule["fullDescription"]["text"] in " ".join(cards[rule["id"]].text.split())
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
        assert "security-severity" not in rule["properties"]
        assert len(rule["properties"]["tags"]) <= 20  # GitHub's limit


def test_the_cards_are_short_enough_for_github() -> None:
    """`shortDescription.text` and `fullDescription.text` may have 1,024 characters."""
    assert all(0 < len(card.introduction) <= 1024 for card in load())
    assert all(0 < len(rule.summary) <= 1024 for rule in RULES)


def test_bugs_and_notices_are_notifications() -> None:
    report = strange()

    (run,) = json.loads(rendered(report))["runs"]

    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    bug, notice = invocation["toolExecutionNotifications"]
    assert (bug["level"], notice["level"]) == ("error", "note")
    assert bug["associatedRule"] == {"id": "ALM405"}
    assert unquote_to_bytes(
        bug["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    ) == os.fsencode(report.internal_errors[0].path)
    assert notice["message"]["text"] == writable(report.notices[0])
    clean = json.loads(rendered(of_fixture("option_a")))["runs"][0]["invocations"]
    assert clean == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_results_of_one_database_do_not_replace_those_of_another() -> None:
    def identifier(*dialects: str) -> str:
        report = replace(of_fixture("option_a"), dialects=dialects)
        found: str = json.loads(rendered(report))["runs"][0]["automationDetails"]["id"]
        return found

    assert identifier("postgresql") == "alembic-lint/postgresql/"
    assert identifier("mysql", "sqlite") == "alembic-lint/mysql/sqlite/"
    assert identifier() == "alembic-lint/"


def test_a_file_outside_of_the_repository_keeps_its_whole_path() -> None:
    places = Places(PurePosixPath("/work/a b"), PurePosixPath("/work"))

    assert places.uri("é.py") == "a%20b/%C3%A9.py"
    assert places.uri("/else/é.py") == "file:///else/%C3%A9.py"
