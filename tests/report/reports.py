"""Reports made by hand, with names as nobody should give them, and those of the fixtures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic_lint import Report, lint
from alembic_lint.counts import Counts
from alembic_lint.diagnostics import Diagnostic, InternalError, Result
from alembic_lint.history import build_history
from alembic_lint.model import Assigned, Revision
from alembic_lint.rule import Confidence, Related, Severity
from alembic_lint.source import FILE_START, SourceFile, Span

FIXTURES = Path(__file__).parents[2] / "fixtures"
NAMES = tuple(sorted(path.name for path in FIXTURES.glob("[a-z]*") if path.is_dir()))

STRANGE = (
    "plain.py",
    "with space and 100%.py",
    "números/日本𐐀.py",
    "line\nfeed\r.py",
    "a::b,c;d.py",
    "&<>\"']]>.py",
    "bell\x07 escape\x1b[31m del\x7f.py",
    "not utf-8 \udcff\udc80.py",
    "turned \u202e around \u2028 \ufffe.py",
    "`code` *b* _i_ [l](1) | $x$ @me #1 ~s~ \\ :tada: www.x.y.py",
    "{0} %0A %25 {{.py",
    "x.py:3:4: ALM101 [error] y.py",
)
"""File names, and parts of messages."""


@cache
def of_fixture(name: str) -> Report:
    """What is found in a fixture."""
    return lint([FIXTURES / name])


def finding(span: Span = FILE_START, **changes: object) -> Diagnostic:
    """A finding with some fields of its own."""
    fields: dict[str, object] = {
        "code": "ALM405",
        "name": "duplicate-table",
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "path": "versions/b.py",
        "span": span,
        "message": 'the table "orders" exists already',
    }
    return Diagnostic(**(fields | changes))  # type: ignore[arg-type]  # the fields' own types


def strange() -> Report:
    """One revision for each strange name, and findings that say it wherever they can."""
    texts = {name: f'"""日本𐐀"""; drop({number})\n\n' for number, name in enumerate(STRANGE)}
    severities = [*Severity]
    found = [
        finding(
            Span(1, 3, 1, 14) if number % 2 else Span(1, 10, 2, 0),
            path=path,
            severity=severities[number % 3],
            message=f'the table "{path}" exists already',
            help=f"see {path}:\nguard it",
            related=(Related("plain.py", Span(1, 6, 1, 6), f"made in {path}"),),
            revision=path,
            down_revision=(path,),
            operation="CreateTable",
            table=path,
            object=path,
        )
        for number, path in enumerate(STRANGE)
    ]
    found.append(finding(FILE_START, path="plain.py", code="ALM301", name="missing-downgrade"))
    revisions = [
        Revision(path, revision=_assigned(path), down_revision=_assigned(None)) for path in STRANGE
    ]
    ordered = sorted(found, key=lambda item: (item.path, item.span, item.code))
    return Report(
        Result(
            tuple(ordered),
            (InternalError("ALM405", STRANGE[3], STRANGE[3], f"KeyError: {STRANGE[6]}"),),
            Counts(),
        ),
        histories=(build_history(revisions, name="\x1b", locations=(".",)),),
        sources={path: SourceFile(path, text) for path, text in texts.items()},
        notices=(f"{STRANGE[7]} is a directory",),
    )


def _assigned(value: str | None) -> Assigned:
    return Assigned(value, repr(value), FILE_START, FILE_START)
