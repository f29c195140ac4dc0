"""Enumerations: Python's as a type's values, and types that are created by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from alembic_lint.model import AddColumn, Column, ColumnType, CreateEnum, CreateTable, Operation


class Reading(Protocol):
    @property
    def lines(self) -> list[str]: ...

    @property
    def operations(self) -> list[Operation]: ...


Read = Callable[..., Reading]

COLOUR = '''
import enum

class Colour(str, enum.Enum):
    """What is painted."""
    RED = "r"
    BLUE = "b"
    _ignore_ = []

    def shown(self):
        return self.value
---
'''


@pytest.mark.parametrize(
    ("arguments", "name", "values"),
    [
        ("Colour", "colour", ("RED", "BLUE")),
        ('Colour, name="paint"', "paint", ("RED", "BLUE")),
        ('Colour, values_callable=lambda e: [m.value for m in e], name="p"', "p", ("r", "b")),
        ('*[c.value for c in Colour], name="p"', "p", ("r", "b")),
        ('*(c.name for c in list(Colour)), name="p"', "p", ("RED", "BLUE")),
        ('*map(lambda c: c.value, Colour), name="p"', "p", ("r", "b")),
        ('Colour.RED.value, name="p"', "p", ("r",)),
    ],
)
def test_the_members_of_a_python_enum_are_the_values(
    read_text: Read, arguments: str, name: str, values: tuple[str, ...]
) -> None:
    reading = read_text(f'{COLOUR}op.add_column("t", sa.Column("c", sa.Enum({arguments})))')

    (operation,) = reading.operations
    assert isinstance(operation, AddColumn)
    assert isinstance(operation.column, Column)
    assert isinstance(operation.column.type, ColumnType)
    enum = operation.column.type.enum
    assert enum is not None
    assert (enum.name, enum.values) == (name, values)


@pytest.mark.parametrize(
    ("call", "checked"),
    [
        ('postgresql.ENUM("a", name="e").create(bind)', True),
        ('postgresql.ENUM("a", name="e").create(bind, checkfirst=False)', False),
        ('postgresql.ENUM("a", name="e").create(bind, False)', False),
        ('sa.Enum("a", name="e").create(bind)', False),
        ('sa.Enum("a", name="e").create(bind, checkfirst=True)', True),
        ('sa.Enum("a", name="e").create(bind, True)', True),
    ],
)
def test_a_generic_enum_is_created_unchecked(read_text: Read, call: str, checked: bool) -> None:
    (operation,) = read_text(f"bind = op.get_bind()\n{call}").operations

    assert isinstance(operation, CreateEnum)
    assert operation.if_not_exists is checked


def test_an_enum_that_is_no_type_of_the_database_is_not_created(read_text: Read) -> None:
    text = 'sa.Enum("a", name="e", native_enum=False).create(op.get_bind())'

    assert read_text(text).lines == []


def test_create_all_of_given_tables_creates_them_where_they_are_missing(read_text: Read) -> None:
    reading = read_text(
        'meta = sa.MetaData()\nt = sa.Table("t", meta, sa.Column("id", sa.Integer))\n'
        "meta.create_all(op.get_bind(), tables=[t])\n"
        "meta.drop_all(op.get_bind(), tables=[t], checkfirst=False)"
    )

    create, _ = reading.operations
    assert reading.lines == ["CreateTable t", "DropTable t"]
    assert isinstance(create, CreateTable)
    assert create.if_not_exists is True
