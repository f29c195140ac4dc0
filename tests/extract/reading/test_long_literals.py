"""Literals with more values than are followed, such as the rows of a whole table."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import pytest

from alembic_lint.model import BulkInsert, Operation, Unknown


class Reading(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def lines(self) -> list[str]: ...

    @property
    def operations(self) -> list[Operation]: ...


Read = Callable[..., Reading]

SECONDS = 10
"""LibCST alone takes fifteen for the largest of these on an idle machine, everything else two."""

ROW = '{{"id": {0}, "name": "café {0}", "at": datetime.date(2020, 1, 1), "n": -1, "x": None}}'


def rows(number: int, separator: str = ",\n        ") -> str:
    return "[" + separator.join(ROW.format(index) for index in range(number)) + "]"


def piece(reading: Reading, operation: Operation) -> str:
    """The text at the span of an operation."""
    span = operation.span
    part = reading.text.split("\n")[span.line - 1 : span.end_line]
    part[-1] = part[-1][: span.end_column]
    part[0] = part[0][span.column :]
    return "\n".join(part)


def test_the_rows_of_a_whole_table_are_read_in_time(read_text: Read) -> None:
    text = f'import datetime\n---\nop.bulk_insert(t, {rows(18_000)})\nop.drop_table("a")'
    assert 1_500_000 < len(text.encode()) < 2_000_000

    started = time.process_time()
    reading = read_text(text)

    assert time.process_time() - started < SECONDS
    insert, drop = reading.operations
    assert isinstance(insert, BulkInsert)
    assert insert.rows == Unknown("the rows are not known")
    assert piece(reading, drop) == 'op.drop_table("a")'
    assert piece(reading, insert).startswith("op.bulk_insert(t, [")
    assert piece(reading, insert).endswith("}])")


@pytest.mark.parametrize(
    "literal",
    [
        rows(1_000),
        rows(1_000, separator=", "),
        rows(1_000, separator=",\n# a comment\n") + " + [1]",
        "(" + rows(1_000)[1:-1] + ")",
        rows(1_000)[1:-1].replace(",\n        ", ", "),  # a tuple without brackets
        "{" + ", ".join(f'"k{index}": "v{index}"' for index in range(6_000)) + "}",
        "{" + ",\n".join(f'"k{index}"' for index in range(6_000)) + "}",
    ],
    ids=["lines", "one line", "comments", "tuple", "bare tuple", "dict", "set"],
)
def test_what_stands_after_a_long_literal_keeps_its_place(read_text: Read, literal: str) -> None:
    reading = read_text(
        f'import datetime\nROWS = {literal}; NAME = "ä"\n---\nop.drop_table(NAME)\n'
        f'x = {literal}; op.drop_table("b")\nfor row in ROWS:\n    op.drop_table("c")'
    )

    assert [piece(reading, item) for item in reading.operations] == [
        "op.drop_table(NAME)",
        'op.drop_table("b")',
        'op.drop_table("c")',
    ]
    assert reading.lines[:2] == ["DropTable ä", "DropTable b"]
    assert reading.lines[2].startswith("DropTable c | loop over ROWS")


def test_operations_in_a_long_list_are_read(read_text: Read) -> None:
    padding = ", ".join('"padding"' for _ in range(5_500))
    reading = read_text(f'x = [{padding}, op.drop_table("a")]')

    assert reading.lines == ["DropTable a"]


def test_a_long_tuple_of_targets_is_left_as_it_is(read_text: Read) -> None:
    names = ", ".join(f"name_{index}" for index in range(5_500))
    reading = read_text(f'({names}) = VALUES\nop.drop_table("a")')

    assert reading.lines == ["DropTable a"]
