"""Types of columns that a project defines itself, and types that the dialect decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from alembic_lint.model import AddColumn, Column, ColumnType, Operation, Unknown


class Reading(Protocol):
    @property
    def operations(self) -> list[Operation]: ...


Read = Callable[..., Reading]

TYPES = {
    "app.types": """
        import uuid
        import sqlalchemy as sa
        from sqlalchemy.dialects import postgresql
        from sqlalchemy.dialects.postgresql import JSONB
        from sqlalchemy.types import CHAR, TypeDecorator, UserDefinedType

        class Text(TypeDecorator):
            impl = sa.String
            cache_ok = True

        class Name(Text):
            pass

        class Long(TypeDecorator):
            impl = sa.String(1000)

        class Timestamp(TypeDecorator[int]):
            impl = sa.TIMESTAMP(timezone=True)

            def load_dialect_impl(self, dialect):
                if dialect.name == "postgresql":
                    return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
                elif dialect.name == "sqlite":
                    return dialect.type_descriptor(sa.CHAR(30))
                else:
                    return dialect.type_descriptor(self.impl)

        class Moment(TypeDecorator):
            impl = sa.TIMESTAMP(timezone=True)

            def load_dialect_impl(self, dialect):
                if dialect.name == "mysql":
                    return sa.CHAR(30)
                return super().load_dialect_impl(dialect)

        class Later(Moment):
            def load_dialect_impl(self, dialect):
                return super().load_dialect_impl(dialect)

        class Data(JSONB):
            pass

        class Sized(TypeDecorator):
            impl = sa.String

            def __init__(self, half):
                super().__init__(half * 2)

        class Point(UserDefinedType):
            def get_col_spec(self, **kw):
                return "POINT"

        class NoType:
            impl = sa.String
        """,
    "app.compiled": """
        import sqlalchemy as sa
        from sqlalchemy.ext.compiler import compiles

        class Wide(sa.String):
            pass

        class Plain(sa.String):
            pass

        @compiles(Wide)
        def wide(element, compiler, **kw):
            return "WIDE"
        """,
}


def type_of(read_text: Read, expression: str, imports: str = "from app import types") -> object:
    reading = read_text(
        f'{imports}\n---\nop.add_column("t", sa.Column("c", {expression}))', modules=TYPES
    )
    operation = reading.operations[-1]
    assert isinstance(operation, AddColumn)
    assert isinstance(operation.column, Column)
    return operation.column.type


UTC = ("timezone", True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("types.Text", ColumnType("String")),
        ("types.Text()", ColumnType("String")),
        ("types.Text(50)", ColumnType("String", (50,))),
        ("types.Text(length=50)", ColumnType("String", (), (("length", 50),))),
        ("types.Name(50)", ColumnType("String", (50,))),
        ("types.Long()", ColumnType("String", (1000,))),
        ("types.Data", ColumnType("JSONB", dialect="postgresql")),
        (
            "types.Timestamp()",
            ColumnType(
                "TIMESTAMP",
                (),
                (UTC,),
                variants=(
                    ("postgresql", ColumnType("TIMESTAMP", (), (UTC,), dialect="postgresql")),
                    ("sqlite", ColumnType("CHAR", (30,))),
                ),
            ),
        ),
        (
            "types.Moment()",
            ColumnType("TIMESTAMP", (), (UTC,), variants=(("mysql", ColumnType("CHAR", (30,))),)),
        ),
        ("types.Later()", ColumnType("app.types.Later", known=False)),
        ("types.Sized(20)", ColumnType("app.types.Sized", known=False)),
        ("types.Point()", ColumnType("app.types.Point", known=False)),
        ("postgresql.ARRAY(types.Text)", None),
    ],
)
def test_a_class_at_hand_is_what_it_is_to_the_database(
    read_text: Read, expression: str, expected: ColumnType | None
) -> None:
    if expected is None:
        expected = ColumnType("ARRAY", (ColumnType("String"),), dialect="postgresql")

    assert type_of(read_text, expression) == expected


def test_a_class_of_the_revision_itself(read_text: Read) -> None:
    text = "class Code(sa.types.TypeDecorator):\n    impl = sa.CHAR\n"

    assert type_of(read_text, "Code(3)", text) == ColumnType("CHAR", (3,))


def test_a_class_that_compiles_in_its_own_way_is_not_known(read_text: Read) -> None:
    found = type_of(read_text, "Wide(3)", "from app.compiled import Wide")

    assert found == ColumnType("app.compiled.Wide", known=False)
    found = type_of(read_text, "Plain(3)", "from app.compiled import Plain")
    assert found == ColumnType("String", (3,))


def test_a_class_that_is_no_type_is_none(read_text: Read) -> None:
    assert isinstance(type_of(read_text, "types.NoType()"), Unknown)


@pytest.mark.parametrize(
    "expression",
    [
        'sa.JSON() if op.get_bind().dialect.name != "postgresql" else postgresql.JSONB()',
        'postgresql.JSONB if op.get_bind().dialect.name == "postgresql" else sa.JSON',
    ],
)
def test_a_type_that_the_dialect_decides_has_a_variant(read_text: Read, expression: str) -> None:
    jsonb = ColumnType("JSONB", dialect="postgresql")

    found = type_of(read_text, expression)

    assert found == ColumnType("JSON", variants=(("postgresql", jsonb),))


def test_a_type_that_something_else_decides_is_not_known(read_text: Read) -> None:
    assert isinstance(type_of(read_text, "sa.JSON() if len(x) > 3 else sa.Text()"), Unknown)
