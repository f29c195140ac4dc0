"""Hand-made revisions for the tests of single rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from alembic_lint.config import Settings
from alembic_lint.history import build_history
from alembic_lint.model import (
    UNSET,
    Assigned,
    Body,
    Function,
    Header,
    Operation,
    Revision,
    Unset,
    Value,
)
from alembic_lint.rule import Finding, Rule
from alembic_lint.source import Problem, Span


def _assigned(value: Value | Unset, line: int) -> Assigned | None:
    if isinstance(value, Unset):
        return None
    span = Span.of_line(line, 40)
    return Assigned(value, repr(value), span, span)


def _function(line: int, body: Body | None, operations: Sequence[Operation]) -> Function | None:
    if body is None:
        return None
    body = Body.CODE if operations else body
    return Function(Span.of_line(line, 20), Span(line, 4, line, 11), body, tuple(operations))


def _make_revision(
    revision: Value | Unset = "4f1c09be72d3",
    down_revision: Value | Unset = None,
    *,
    path: str = "versions/a1.py",
    branch_labels: Value | Unset = UNSET,
    depends_on: Value | Unset = UNSET,
    header: Header | None = None,
    problem: Problem | None = None,
    upgrade: Body | None = Body.EMPTY,
    downgrade: Body | None = Body.EMPTY,
    up: Sequence[Operation] = (),
    down: Sequence[Operation] = (),
    module: Sequence[Operation] = (),
) -> Revision:
    return Revision(
        path=path,
        problem=problem,
        revision=_assigned(revision, 1),
        down_revision=_assigned(down_revision, 2),
        branch_labels=_assigned(branch_labels, 3),
        depends_on=_assigned(depends_on, 4),
        header=header,
        upgrade=_function(6, upgrade, up),
        downgrade=_function(10, downgrade, down),
        module_operations=tuple(module),
    )


@pytest.fixture
def make_revision() -> Callable[..., Revision]:
    """A revision of empty functions, unless its arguments say more; UNSET is not assigned."""
    return _make_revision


@pytest.fixture
def findings() -> Callable[..., list[Finding]]:
    """What a rule finds in one revision; a rule over histories gets it as its history."""

    def run(rule: Rule, revision: Revision, settings: Settings | None = None) -> list[Finding]:
        settings = settings or Settings()
        if rule.history_check is not None:
            return list(rule.history_check(build_history([revision]), settings))
        assert rule.revision_check is not None
        return list(rule.revision_check(revision, settings))

    return run
