"""Where operations and identifiers stand: lines from 1, columns from 0 in code points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alembic_lint.model import Operation, Revision


class Reading(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def revision(self) -> Revision: ...

    @property
    def operations(self) -> list[Operation]: ...


Read = Callable[..., Reading]

FILE = "from alembic import op\nrevision = 'b2'\ndown_revision = ('a1', 'a2')\n"


def pieces(reading: Reading) -> list[str]:
    """The text at the span of each operation."""
    lines = reading.text.split("\n")
    found = []
    for operation in reading.operations:
        span = operation.span
        part = lines[span.line - 1 : span.end_line]
        part[-1] = part[-1][: span.end_column]
        part[0] = part[0][span.column :]
        found.append("\n".join(part))
    return found


CASES = {
    "characters outside ASCII before it": (
        'x = "é→𝄞"; op.drop_table("ü"); y = "ß"',
        ['op.drop_table("ü")'],
    ),
    "several lines": ('op.drop_table(\n  "a",\n  schema="s",\n)', None),
    "line continuation": ('op \\\n  .drop_table \\\n  ("a")', None),
    "in parentheses": ('(op\n .drop_table("a"))', ['op\n     .drop_table("a")']),
    "in a comprehension": (
        '[op.drop_table(t) for t in ("a", "b")]',
        ["op.drop_table(t)", "op.drop_table(t)"],
    ),
    "in a lambda": ('f = lambda t: op.drop_table(t)\nf("a")', ["op.drop_table(t)"]),
    "after a string of several lines": (
        'x = f"""a\n{y}\n"""; op.drop_table("a")',
        ['op.drop_table("a")'],
    ),
    "behind elif and else": (
        (
            'if f():\n    op.drop_table("a")\nelif g():\n    op.drop_table("b")\n'
            'else: op.drop_table("c")'
        ),
        ['op.drop_table("a")', 'op.drop_table("b")', 'op.drop_table("c")'],
    ),
    "in each part of a try": (
        'try: op.drop_table("a")\nexcept E: op.drop_table("b")\nfinally: op.drop_table("c")',
        ['op.drop_table("a")', 'op.drop_table("b")', 'op.drop_table("c")'],
    ),
    "in a case": ('match f():\n    case 1: op.drop_table("a")', ['op.drop_table("a")']),
    "on a batch": (
        'with op.batch_alter_table("é") as b: b.drop_column("ü")',
        ['b.drop_column("ü")'],
    ),
    "within a decorated function": (
        'import typing as t\n@t.mark("x")\n@t.mark(op.f("y"))\ndef f(): op.drop_table("a")\nf()',
        ['op.drop_table("a")'],
    ),
}


@pytest.mark.parametrize("newer", [False, True], ids=["read by Python", "newer than Python"])
@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_an_operation_spans_its_call(
    read_text: Read, text: str, expected: list[str] | None, newer: bool
) -> None:
    # Python 3.11 refuses a `type` statement, so positions are worked out another way there.
    above = FILE + ("type Name = str\n" if newer else "")

    reading = read_text(f"{above}---\n{text}")

    found = pieces(reading)
    if expected is None:
        assert len(found) == 1
        assert found[0].startswith("op")
        assert found[0].endswith(")")
    else:
        assert found == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_tabs_form_feeds_and_a_byte_order_mark(read_text: Read, end: str) -> None:
    text = f"{FILE}\x0c\ndef upgrade():\n\tif f():\n\t\top.drop_table('a')\n"

    reading = read_text("\ufeff" + text.replace("\n", end))

    (span,) = [operation.span for operation in reading.operations]
    assert (span.line, span.column, span.end_column) == (7, 2, 20)


@pytest.mark.parametrize("newer", [False, True], ids=["read by Python", "newer than Python"])
def test_identifiers_span_their_values(read_text: Read, newer: bool) -> None:
    reading = read_text(FILE + ("type Name = str\n" if newer else "") + "---\npass")

    revision, parents = reading.revision.revision, reading.revision.down_revision
    assert revision is not None
    assert parents is not None
    assert (revision.span.line, revision.span.column, revision.span.end_column) == (2, 11, 15)
    assert [(span.column, span.end_column) for span in parents.spans] == [(17, 21), (23, 27)]


def test_an_operation_of_another_module_stands_at_the_call_that_leads_to_it(
    read_text: Read,
) -> None:
    helper = "from alembic import op\n\n\ndef drop(t):\n    op.drop_table(t)\n"

    reading = read_text('from app.ddl import drop\n---\nx = 1; drop("é")', {"app.ddl": helper})

    assert pieces(reading) == ['drop("é")']
    assert reading.operations[0].call.name == "op.drop_table"


WORDS = st.text("abé→𝄞\t ", max_size=8)


@given(before=WORDS, name=st.text("aé𝄞", min_size=1, max_size=4), newline=st.booleans())
def test_any_text_around_a_call_leaves_its_span(
    read_text: Read, before: str, name: str, newline: bool
) -> None:
    gap = "\n" if newline else ""

    reading = read_text(f'x = "{before}"; op.drop_table({gap}"{name}", schema="{before}")')

    (found,) = pieces(reading)
    assert found.startswith("op.drop_table(")
    assert found.endswith(f'schema="{before}")')
