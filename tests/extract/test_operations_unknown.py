"""Calls that Alembic would refuse, or that hide what they pass, are operations all the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.extract.signatures import WITHOUT_EFFECT
from alembic_lint.model import (
    AddColumn,
    CreateIndex,
    CreateTableComment,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    Opaque,
    Operation,
    RenameTable,
    Unknown,
    table_of,
)
from alembic_lint.source import Span

Read = Callable[..., Operation | None]


@pytest.mark.parametrize("method", sorted(WITHOUT_EFFECT))
def test_what_changes_nothing_is_no_operation(method: str, read: Read) -> None:
    assert read(f"{method}()") is None


@pytest.mark.parametrize(
    ("text", "batch"),
    [
        ('sync_enum_values("public", "e", ["a"], [("t", "c")])', False),
        ("invoke(custom())", False),
        ("run_async(coroutine)", False),
        ('create_table("t")', True),
    ],
)
def test_a_method_that_is_not_alembics_could_touch_anything(
    text: str, batch: bool, read: Read
) -> None:
    made = read(text, batch=batch)

    assert isinstance(made, Opaque)
    assert made.tables is None
    assert text.partition("(")[0] in made.why


@pytest.mark.parametrize(
    "text",
    [
        "add_column()",
        'add_column("t")',
        "drop_constraint()",
        "create_table()",
        "create_index('ix')",
        "create_index(*names())",
        "alter_column(**options())",
        "rename_table('a')",
        "execute()",
        "bulk_insert()",
        "create_foreign_key(1, 2, 3, 4, 5, 6, 7, 8)",
        "create_exclude_constraint()",
    ],
)
def test_a_call_that_alembic_would_refuse_is_an_operation_all_the_same(
    text: str, read: Read
) -> None:
    made = read(text)

    assert made is not None
    assert (made.span, made.call.name) == (Span(3, 4, 3, 20), f"op.{text.partition('(')[0]}")


def test_what_a_call_does_not_pass_is_unknown(read: Read) -> None:
    made = read('add_column("t")')

    assert isinstance(made, AddColumn)
    assert made.table == "t"
    assert isinstance(made.column, Unknown)


def test_what_unknown_stars_may_pass_is_unknown(read: Read) -> None:
    starred = read('drop_column("t", *rest())')
    options = read('drop_table("t", **options())')
    index = read('create_index("ix", "t", columns())')

    assert isinstance(starred, DropColumn)
    assert (starred.table, type(starred.column), starred.schema) == ("t", Unknown, None)
    assert isinstance(options, DropTable)
    assert (options.table, type(options.schema), type(options.if_exists)) == (
        "t",
        Unknown,
        Unknown,
    )
    assert isinstance(index, CreateIndex)
    assert isinstance(index.index.columns, Unknown)


def test_positions_that_older_releases_took_leave_the_rest_open(read: Read) -> None:
    made = read('drop_constraint("uq", "t", "unique", "s")')

    assert isinstance(made, DropConstraint)
    assert (made.name, made.table, made.type_) == ("uq", "t", "unique")
    assert isinstance(made.schema, Unknown)


def test_the_table_of_an_operation_is_its_name_before_it(read: Read) -> None:
    renamed = read('rename_table("a", "b")')
    index = read('drop_index("ix")')
    comment = read("drop_table_comment()", batch=True)
    custom = read("custom()")

    assert isinstance(renamed, RenameTable)
    assert isinstance(index, DropIndex)
    assert isinstance(comment, CreateTableComment)
    assert isinstance(custom, Opaque)
    assert [table_of(item) for item in (renamed, index, comment, custom)] == ["a", None, "t", None]
