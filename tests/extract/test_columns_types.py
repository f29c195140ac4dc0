"""Column types: the tables of names against SQLAlchemy's modules, enums, other libraries' types."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

from alembic_lint.extract import columns
from alembic_lint.extract.sqlalchemy_names import DIALECT_TYPES, GENERIC_TYPES
from alembic_lint.model import ColumnType, EnumType, Reference, Unknown, Value

Evaluate = Callable[[str], Value]

MODULES: dict[str, ModuleType] = {
    "postgresql": postgresql,
    "mysql": mysql,
    "sqlite": sqlite,
    "mssql": mssql,
    "oracle": oracle,
}
ABSTRACT = {"TypeEngine", "TypeDecorator", "UserDefinedType", "Variant"}


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


def types_in(module: ModuleType) -> set[str]:
    return {
        name
        for name, item in inspect.getmembers(module, inspect.isclass)
        if issubclass(item, sa.types.TypeEngine) and not name.startswith("_")
    }


def test_generic_types_are_those_of_sqlalchemy() -> None:
    assert types_in(sa.types) - ABSTRACT == GENERIC_TYPES


@pytest.mark.parametrize("dialect", sorted(MODULES))
def test_types_of_a_dialect_are_those_it_defines_itself(dialect: str) -> None:
    module = MODULES[dialect]
    own = {
        name
        for name in types_in(module)
        if getattr(sa.types, name, None) is not getattr(module, name)
    }

    assert own == DIALECT_TYPES[dialect]


def test_a_dialect_passes_generic_types_on(evaluate: Evaluate) -> None:
    assert evaluate("pg.VARCHAR(20)") == ColumnType("VARCHAR", (20,))
    assert evaluate("pg.JSONB()") == ColumnType("JSONB", dialect="postgresql")


@pytest.mark.parametrize(
    "text",
    [
        'sa.Enum("a", "b")',
        'sa.Enum("a", "b", name="e")',
        'sa.Enum(*["a", "b"], name="e", schema="s")',
        'sa.Enum("a", native_enum=False, create_constraint=True, name="e")',
        'pg.ENUM("a", "b", name="e")',
        'pg.ENUM("a", "b", name="e", create_type=False)',
        'mysql.ENUM("a", "b")',
    ],
)
def test_an_enum_is_what_sqlalchemy_makes_of_it(text: str, evaluate: Evaluate) -> None:
    real = eval(text, {"sa": sa, "pg": postgresql, "mysql": mysql})
    ours = evaluate(text)

    assert isinstance(ours, ColumnType)
    assert ours.enum == EnumType(
        name=real.name,
        values=tuple(real.enums),
        schema=real.schema,
        native=real.native_enum,
        create_type=real.create_type,
        create_constraint=real.create_constraint,
        postgresql=isinstance(real, postgresql.ENUM),
    )


def test_a_python_enum_lends_its_name_in_lower_case(evaluate: Evaluate) -> None:
    ours = evaluate("sa.Enum(app.models.Colour)")
    named = evaluate('sa.Enum(app.models.Colour, name="colours")')

    assert isinstance(ours, ColumnType)
    assert ours.enum is not None
    assert ours.enum.name == sa.Enum(Colour).name
    assert isinstance(ours.enum.values, Unknown)
    assert isinstance(named, ColumnType)
    assert named.enum is not None
    assert named.enum.name == "colours"


def test_values_that_are_not_known_leave_the_name_of_an_enum_open(evaluate: Evaluate) -> None:
    unnamed = evaluate("sa.Enum(colours())")
    starred = evaluate('sa.Enum(*colours(), name="e")')

    assert isinstance(unnamed, ColumnType)
    assert unnamed.enum is not None
    assert isinstance(unnamed.enum.name, Unknown)
    assert isinstance(starred, ColumnType)
    assert starred.enum is not None
    assert (starred.enum.name, type(starred.enum.values)) == ("e", Unknown)


def test_create_type_of_a_generic_enum_depends_on_the_release_of_sqlalchemy(
    evaluate: Evaluate,
) -> None:
    ours = evaluate('sa.Enum("a", name="e", create_type=False)')

    assert isinstance(ours, ColumnType)
    assert ours.enum is not None
    assert isinstance(ours.enum.create_type, Unknown)
    assert ours.keywords == (("name", "e"), ("create_type", False))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('geoalchemy2.Geometry("POINT", srid=4326)', "geoalchemy2.Geometry"),
        ("sqlalchemy_utils.types.uuid.UUIDType()", "sqlalchemy_utils.types.uuid.UUIDType"),
        ("sqlalchemy_utils.JSONType()", "sqlalchemy_utils.JSONType"),
    ],
)
def test_a_type_of_another_library_keeps_its_dotted_name(
    text: str, name: str, evaluate: Evaluate
) -> None:
    ours = evaluate(text)

    assert isinstance(ours, ColumnType)
    assert (ours.name, ours.known) == (name, False)


def test_a_type_of_the_project_keeps_its_dotted_name() -> None:
    expected = ColumnType("app.types.GUID", known=False)

    assert columns.as_type(Reference("app.types.GUID", called=True)) == expected
    assert columns.as_type(Reference("app.types.GUID")) == expected


def test_a_bare_class_is_the_type_without_arguments() -> None:
    assert columns.as_type(Reference("sqlalchemy.Integer")) == ColumnType("Integer")
    assert columns.as_type(Reference("sqlalchemy.dialects.postgresql.json.JSONB")) == ColumnType(
        "JSONB", dialect="postgresql"
    )


def test_the_string_of_sqlmodel_has_a_length_on_mysql(evaluate: Evaluate) -> None:
    assert evaluate("sqlmodel.sql.sqltypes.AutoString()") == ColumnType(
        "String", variants=(("mysql", ColumnType("String", (255,))),)
    )
    assert evaluate("sqlmodel.AutoString(length=50)") == ColumnType(
        "String", keywords=(("length", 50),)
    )
    assert evaluate("sqlmodel.sql.sqltypes.types.Uuid()") == ColumnType("Uuid")


def test_a_mutable_type_is_the_type_it_wraps(evaluate: Evaluate) -> None:
    ours = evaluate("mutable.MutableDict.as_mutable(pg.JSONB)")

    assert ours == ColumnType("JSONB", dialect="postgresql")


def test_a_variant_that_is_not_known_is_so_on_its_dialect_only(evaluate: Evaluate) -> None:
    variant = evaluate("sa.Text().with_variant(variant(), 'mysql')")
    dialect = evaluate("sa.Text().with_variant(sa.JSON(), dialect())")

    assert variant == ColumnType("Text", variants=(("mysql", ColumnType("unknown", known=False)),))
    assert dialect == ColumnType("Text", known=False)
