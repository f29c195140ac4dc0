from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import Header, Revision, Unknown, Value
from alembic_lint.rule import Finding
from alembic_lint.rules.file.docstring_mismatch import check
from alembic_lint.source import Span

REVISION, REVISES = Span.of_line(3), Span.of_line(4)


def header(revision: str | None, revises: tuple[str, ...] | None) -> Header:
    return Header(revision, REVISION, revises, REVISES)


@pytest.mark.parametrize(
    ("docstring", "down_revision", "lines"),
    [
        (header("b1", ("a1",)), "a1", []),
        (header("b1", ()), None, []),
        (header("b1", ("None",)), None, []),
        (header("b1", ("<None>",)), None, []),
        (header("b1", ("<base>",)), None, []),
        (header("b1", ()), (), []),
        (header("b1", ("a1", "c1")), ("c1", "a1"), []),
        (header(None, None), "a1", []),
        (None, "a1", []),
        (header("b2", ("a1",)), "a1", [3]),
        (header("b1", ("a2",)), "a1", [4]),
        (header("b1", ()), "a1", [4]),
        (header("b1", ("a1",)), None, [4]),
        (header("b1", ("a1",)), ("a1", "c1"), [4]),
        (header("b2", ("a2",)), "a1", [3, 4]),
        (header("b1", ("a2",)), Unknown("a call"), []),
        (header("b1", ("a2",)), ("a1", Unknown("a call")), []),
    ],
)
def test_header_is_held_against_the_variables(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    docstring: Header | None,
    down_revision: Value,
    lines: list[int],
) -> None:
    revision = make_revision("b1", down_revision, header=docstring)

    assert [item.span.line for item in findings(check, revision)] == lines


def test_message_names_both_sides(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision("b1", ("a1", "c1"), header=header("b1", ()))

    (finding,) = findings(check, revision)

    assert finding.message == (
        "the docstring says that this revises nothing, but Alembic reads down_revision = "
        '"a1", "c1"; correct the docstring'
    )
