"""Findings as SARIF 2.1.0, for code scanning and editors.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and GitHub's
"SARIF support for code scanning". `partialFingerprints` are left to who uploads the file and has
the sources, as GitHub's action does; `security-severity` is left out, as it would make findings
alerts about security. Braces in messages stay single: they would be the marks of arguments, of
which there are none, and no reader that is known takes two for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata

from alembic_lint.cards import Card, find
from alembic_lint.diagnostics import Diagnostic, InternalError
from alembic_lint.report import Report
from alembic_lint.report.json_text import Json, written
from alembic_lint.report.places import Places
from alembic_lint.rule import Related, Rule, Severity
from alembic_lint.source import Span
from alembic_lint.wording import writable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TOP = "%SRCROOT%"
"""What relative URIs start from, by the name that GitHub and its own tools use."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
}


def render(report: Report, places: Places, rules: Sequence[Rule], cards: Sequence[Card]) -> str:
    """One log with one run; columns count from 1, in code points, and ends are exclusive.

    Args:
        report: what a run found.
        places: where its paths lead to.
        rules: all rules there are, of which those with findings are described.
        cards: what describes them.
    """
    codes = {item.code for item in report.diagnostics}
    used = [rule for rule in rules if rule.code in codes]
    index = {rule.code: position for position, rule in enumerate(used)}
    version = metadata.version("alembic-lint")
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "alembic-lint",
                "version": version,
                "semanticVersion": version,
                "rules": [_rule(rule, find(rule.code, cards)) for rule in used],
            }
        },
        # One set of results for each database, which others do not replace.
        "automationDetails": {"id": "/".join(("alembic-lint", *report.dialects, ""))},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            TOP: {"description": {"text": "the top directory of the repository"}}
        },
        "invocations": [
            {
                "executionSuccessful": not report.internal_errors,
                "toolExecutionNotifications": [
                    *(_bug(item, report, places) for item in report.internal_errors),
                    *({"level": "note", "message": _message(text)} for text in report.notices),
                ],
            }
        ],
        "results": [_result(item, report, places, index) for item in report.diagnostics],
    }
    return written({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule, card: Card | None) -> Json:
    described: dict[str, Json] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "defaultConfiguration": {"enabled": rule.enabled, "level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["alembic", "migrations", rule.family],
            "precision": "high",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }
    if card is not None:
        described["fullDescription"] = {"text": card.introduction}
        hint = f"The command alembic-lint rule {rule.name} shows the reasons and examples."
        described["help"] = {"text": f"{card.introduction}\n\n{hint}", "markdown": card.text}
    return described


def _result(
    item: Diagnostic, report: Report, places: Places, index: Mapping[str, int]
) -> dict[str, Json]:
    concerned = dict.fromkeys(place.path for place in report.concerned(item))
    known: dict[str, Json] = {
        "confidence": item.confidence.value,
        "revision": item.revision,
        "down_revision": [*item.down_revision],
        "operation": item.operation,
        "table": item.table,
        "object": item.object,
        "concerns": [places.from_top(path) for path in concerned],
    }
    result: dict[str, Json] = {
        "ruleId": item.code,
        "level": _LEVELS[item.severity],
        "message": _message(_text(item)),
        "locations": [{"physicalLocation": _place(places, item.path, item.span)}],
        "properties": {key: _writable(value) for key, value in known.items() if value},
    }
    if item.code in index:
        result["ruleIndex"] = index[item.code]
    if item.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(places, place.path, place.span),
                "message": _message(place.message),
            }
            for number, place in enumerate(item.related, 1)
        ]
    return result


def _text(item: Diagnostic) -> str:
    """The message, then its help, then links to related places, without which GitHub hides them.

    What would read as a link is escaped where there are links; other texts hold none.

    Source: SARIF 2.1.0, 3.11.6.
    """
    parts = [item.message, *([item.help] if item.help else [])]
    if item.related:
        links = (_link(place, number) for number, place in enumerate(item.related, 1))
        parts = [*map(_escaped, parts), "\n".join(links)]
    return "\n\n".join(parts)


def _link(place: Related, number: int) -> str:
    return f"[{_escaped(place.message)}]({number})"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _bug(error: InternalError, report: Report, places: Places) -> Json:
    """A bug, with its file where it is about one, and not about a history."""
    known: dict[str, Json] = {
        "level": "error",
        "message": _message(f"{error.code} failed on {error.path}: {error.message}"),
    }
    if error.path in report.sources:
        known["locations"] = [{"physicalLocation": {"artifactLocation": _file(places, error.path)}}]
    if error.code.startswith("ALM"):
        known["associatedRule"] = {"id": error.code}
    return known


def _message(text: str) -> Json:
    return {"text": writable(text)}


def _place(places: Places, path: str, span: Span) -> Json:
    return {
        "artifactLocation": _file(places, path),
        "region": {
            "startLine": span.line,
            "startColumn": span.column + 1,
            "endLine": span.end_line,
            "endColumn": span.end_column + 1,
        },
    }


def _file(places: Places, path: str) -> Json:
    uri = places.uri(path)
    return {"uri": uri, "uriBaseId": TOP} if places.is_inside(path) else {"uri": uri}


def _writable(value: Json) -> Json:
    match value:
        case str():
            return writable(value)
        case list():
            return [_writable(item) for item in value]
        case _:
            return value
