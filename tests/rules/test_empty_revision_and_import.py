from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import (
    UNSET,
    Body,
    Call,
    Context,
    CreateTable,
    ExecuteSql,
    Guard,
    Opaque,
    OpaqueCondition,
    Operation,
    Revision,
    Unknown,
    Value,
)
from alembic_lint.rule import Finding
from alembic_lint.rules.file import empty_revision, op_call_at_import
from alembic_lint.source import Span

SPAN = Span.of_line(20)
CREATE = CreateTable(span=SPAN, call=Call("op.create_table"), table="users")
GUARD = Guard(OpaqueCondition("x"), 1, SPAN)


@pytest.mark.parametrize("nothing", [None, (), "", UNSET])
def test_revision_without_purpose_is_flagged(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision], nothing: Value
) -> None:
    revision = make_revision("b1", "a1", branch_labels=nothing, depends_on=nothing)

    (finding,) = findings(empty_revision.check, revision)

    assert finding.span == Span(6, 4, 6, 11)
    assert '"b1"' in finding.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"down_revision": ("a1", "c1")},
        {"down_revision": Unknown("a call")},
        {"branch_labels": "shop"},
        {"branch_labels": Unknown("an imported constant")},
        {"branch_labels": (Unknown("an imported constant"),)},
        {"depends_on": "a1"},
        {"up": [CREATE]},
        {"down": [CREATE]},
        {"module": [CREATE]},
        {"upgrade": Body.CODE},
        {"upgrade": Body.RAISES},
        {"upgrade": None},
        {"downgrade": Body.RAISES},
    ],
)
def test_revision_with_a_purpose_is_not_empty(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    arguments: dict[str, Value],
) -> None:
    assert not findings(empty_revision.check, make_revision(**arguments))


def test_operation_at_import_is_flagged_where_it_stands(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    (finding,) = findings(op_call_at_import.check, make_revision(module=[CREATE]))

    assert finding.span == SPAN
    assert finding.message.startswith("op.create_table() runs whenever Alembic loads this file")


@pytest.mark.parametrize(
    "operation",
    [
        Opaque(span=SPAN, call=Call("setup"), why="a call into another package"),
        ExecuteSql(
            span=SPAN, call=Call("op.execute"), sql="SELECT 1", context=Context(guards=(GUARD,))
        ),
    ],
)
def test_call_that_may_not_run_or_may_be_harmless_is_not_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operation: Operation,
) -> None:
    assert not findings(op_call_at_import.check, make_revision(module=[operation]))
