from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import Revision
from alembic_lint.rule import Finding
from alembic_lint.rules.linter import syntax_error, unreadable_file
from alembic_lint.source import Problem, ProblemKind, Span

SYNTAX = {ProblemKind.SYNTAX, ProblemKind.CONFLICT}


@pytest.mark.parametrize("kind", ProblemKind)
def test_each_problem_belongs_to_exactly_one_rule(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    kind: ProblemKind,
) -> None:
    revision = make_revision(problem=Problem(kind, "what is wrong", Span.of_line(3)))

    of_syntax = findings(syntax_error.check, revision)
    of_text = findings(unreadable_file.check, revision)

    assert [len(of_syntax), len(of_text)] == ([1, 0] if kind in SYNTAX else [0, 1])
    assert {item.span for item in (*of_syntax, *of_text)} == {Span.of_line(3)}
    assert all("what is wrong" in item.message for item in (*of_syntax, *of_text))


def test_readable_file_has_no_problem(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision()

    assert not findings(syntax_error.check, revision)
    assert not findings(unreadable_file.check, revision)
