from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from alembic_lint.model import (
    AddColumn,
    Call,
    Column,
    Context,
    CreateTable,
    ExecuteSql,
    Loop,
    Opaque,
    Operation,
    Revision,
    Statement,
    Unknown,
)
from alembic_lint.rule import Finding
from alembic_lint.rules.linter import opaque_operation
from alembic_lint.source import Span

SPAN = Span.of_line(20)
ID = Column(name="id", type=Unknown("a type of the application"))
CREATE = CreateTable(span=SPAN, call=Call("op.create_table"), table="users", columns=(ID,))
SQL = ExecuteSql(span=SPAN, call=Call("op.execute"), sql="…")
ADD = AddColumn(span=SPAN, call=Call("op.add_column"), table="users", column=ID)


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (Opaque(span=SPAN, call=Call("seed"), why="its source is not at hand"), "not at hand"),
        (replace(SQL, statements=Unknown("it is read from a file")), "read from a file"),
        (
            replace(SQL, statements=(Statement("DO", "DO $$ … $$", complete=False),)),
            "the effect of its DO statement is not read",
        ),
        (
            replace(SQL, statements=(Statement("UNKNOWN", "GIBBER", complete=False),)),
            "the effect of its SQL statement is not read",
        ),
        (replace(CREATE, columns=Unknown("a list from elsewhere")), "a list from elsewhere"),
        (replace(CREATE, columns=(ID, Unknown("what a call gives"))), "what a call gives"),
        (replace(ADD, table=Unknown("it is computed")), "its table's name is not known"),
        (
            replace(ADD, context=Context(loop=Loop("names()", "it is a call", SPAN))),
            "it runs in a loop over names()",
        ),
    ],
)
def test_what_cannot_be_seen_through_is_told_with_the_reason(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operation: Operation,
    told: str,
) -> None:
    (finding,) = findings(opaque_operation.check, make_revision(up=[operation]))

    assert finding.span == SPAN
    assert finding.message.startswith(f"what {operation.call.name} does is not known: ")
    assert told in finding.message


@pytest.mark.parametrize(
    "operation",
    [
        CREATE,
        ADD,
        replace(SQL, statements=(Statement("UPDATE", "UPDATE users SET id = 1"),)),
        # Its effect on the schema is known to be none, though its text is not.
        replace(SQL, sql=Unknown("it is built with SQLAlchemy")),
    ],
)
def test_what_is_known_is_not_told_though_a_part_of_it_is_unknown(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operation: Operation,
) -> None:
    assert not findings(opaque_operation.check, make_revision(up=[operation]))


def test_one_call_is_told_once_and_a_downgrade_counts(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    seed = Opaque(span=SPAN, call=Call("seed"), why="its source is not at hand")
    back = replace(seed, span=Span.of_line(30))

    found = findings(opaque_operation.check, make_revision(up=[seed, seed], down=[back]))

    assert [item.span for item in found] == [SPAN, Span.of_line(30)]
