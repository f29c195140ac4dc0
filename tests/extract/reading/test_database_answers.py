"""What a revision does with what the database tells it, and names that a condition decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...


Read = Callable[..., Reading]

INSPECTOR = "bind = op.get_bind()\ninspector = sa.inspect(bind)\n"


@pytest.mark.parametrize(
    "names",
    [
        'map(lambda c: c["name"], inspector.get_columns("t"))',
        'list(map(lambda c: c["name"], inspector.get_columns("t")))',
        '[c["name"] for c in filter(lambda c: c["name"], inspector.get_columns("t"))]',
        '[row[1] for row in bind.execute(sa.text("PRAGMA table_info(t)"))]',
        "[row[1] for row in bind.execute(sa.text('PRAGMA table_info(\"t\")')).fetchall()]",
        '{row[1] for row in bind.execute(sa.text("pragma table_xinfo(t);"))}',
    ],
)
def test_the_columns_that_exist(read_text: Read, names: str) -> None:
    reading = read_text(f'{INSPECTOR}if "c" not in {names}:\n    op.drop_table("t")')

    assert reading.lines[-1] == "DropTable t | if not column t.c"


def test_a_filter_of_what_exists_asks_for_its_condition(read_text: Read) -> None:
    reading = read_text(
        f'{INSPECTOR}found = list(filter(lambda c: c["name"] == "c", inspector.get_columns("t")))\n'
        'if found:\n    op.drop_column("t", "c")'
    )

    assert reading.lines == ["DropColumn t.c | if column t.c"]


def test_a_function_is_applied_to_known_values(read_text: Read) -> None:
    reading = read_text(
        'for name in map(lambda n: f"old_{n}", filter(lambda n: n != "b", ["a", "b"])):\n'
        "    op.drop_table(name)\n"
        'for name in map(str, ("c",)):\n    op.drop_table(name)'
    )

    assert reading.lines == ["DropTable old_a", "DropTable c"]


@pytest.mark.parametrize("tables", ["meta.tables", "meta.tables.keys()", "list(meta.tables)"])
def test_reflected_tables_are_those_that_exist(read_text: Read, tables: str) -> None:
    reading = read_text(
        f"meta = sa.MetaData()\nmeta.reflect(bind=op.get_bind())\n"
        f'if "t" in {tables}:\n    op.drop_table("t")'
    )

    assert reading.lines == ["DropTable t | if table t"]


def test_tables_of_metadata_that_was_not_reflected_tell_nothing(read_text: Read) -> None:
    reading = read_text('meta = sa.MetaData()\nif "t" in meta.tables:\n    op.drop_table("t")')

    assert reading.lines == ['DropTable t | if `"t" in meta.tables`']


@pytest.mark.parametrize(
    ("above", "end"), [("import sys", "sys.exit(1)"), ("from sys import exit", "exit()")]
)
def test_the_end_of_the_process_ends_a_function(read_text: Read, above: str, end: str) -> None:
    reading = read_text(
        f'{above}\n---\nif sa.inspect(op.get_bind()).has_table("t"):\n    {end}\n'
        'op.create_table("t")'
    )

    assert reading.lines == ["CreateTable t | if not table t"]


def test_exit_of_something_else_ends_nothing(read_text: Read) -> None:
    lines = read_text('import app\n---\napp.exit()\nop.drop_table("t")').lines

    assert lines == ["Opaque app.exit", "DropTable t"]


def test_a_sorted_list_still_holds_what_it_held(read_text: Read) -> None:
    reading = read_text(
        'names = ["a", "b"]\nnames.sort(key=lambda n: len(n))\n'
        "for name in names:\n    op.drop_table(name)"
    )

    assert reading.lines == ["DropTable a", "DropTable b"]


CHOICE = '"a" if sa.inspect(op.get_bind()).has_table("a") else "b"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"op.drop_table({CHOICE})",
            ["DropTable a | if table a", "DropTable b | if not table a"],
        ),
        (
            f'op.drop_table("t", schema={CHOICE})',
            ["DropTable a.t | if table a", "DropTable b.t | if not table a"],
        ),
        (
            f'name = {CHOICE}\nop.drop_index(f"ix_{{name}}", table_name=name)',
            ["DropIndex ? on a | if table a", "DropIndex ? on b | if not table a"],
        ),
        (
            """
            name = "x"
            if op.get_context().as_sql:
                name = "y"
            with op.batch_alter_table("t") as batch_op:
                batch_op.drop_constraint(name)
            """,
            [
                "DropConstraint y on t | if offline | batch t",
                "DropConstraint x on t | if not offline | batch t",
            ],
        ),
    ],
)
def test_a_name_that_a_condition_decides_makes_two_operations(
    read_text: Read, text: str, expected: list[str]
) -> None:
    assert read_text(text).lines == expected


def test_many_choices_are_not_taken_apart(read_text: Read) -> None:
    steps = "\n".join(f'if x{n}:\n    name = "n{n}"' for n in range(9))

    lines = read_text(f'name = "n"\n{steps}\nop.drop_table(name)').lines

    assert lines == ["DropTable ?"]


def test_values_that_many_conditions_decide_are_not_compared_pair_by_pair(read_text: Read) -> None:
    steps = "\n".join(f'if x{n}:\n    a = "a{n}"\nif y{n}:\n    b = "a{n}"' for n in range(9))

    lines = read_text(f'a = b = "n"\n{steps}\nif a == b:\n    op.drop_table("t")').lines

    assert lines == ["DropTable t | if `a == b`"]
