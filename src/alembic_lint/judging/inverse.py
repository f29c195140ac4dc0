"""An object as messages name it, and as the line of a revision that makes or drops it."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.model import (
    AddColumn,
    ColumnType,
    Computed,
    CreateIndex,
    CreateTable,
    Identity,
    IndexElement,
    Operation,
    ServerDefault,
    SqlExpression,
    Type,
    Unknown,
    Value,
)
from alembic_lint.schema import Column, Constraint, EnumType, Index, Origin, Table

_WORDS = {
    "primary": "primary key",
    "foreignkey": "foreign key",
    "unique": "unique constraint",
    "check": "check constraint",
    "exclude": "exclusion constraint",
}
_DIALECTS = frozenset({"postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle"})

_SHORT = 60
"""Letters of a condition that a message shows."""

Object = Table | Column | Constraint | Index | EnumType


def shown(item: Object) -> str:
    """An object as a message names it, alike on every database: a given name, or columns."""
    match item:
        case Table():
            return f'table "{item.name}"'
        case Column():
            return f'column "{item.name}"'
        case EnumType():
            return f'enum type "{item.name}"'
        case Constraint():
            kind = _WORDS[item.kind]
        case Index():
            kind = "index"
    name = given_name(item)
    if name is not None:
        return f'{kind} "{name}"'
    listed = ", ".join(map(_element, item.columns if isinstance(item.columns, tuple) else ()))
    if isinstance(item, Constraint) and isinstance(item.definition, model.CheckConstraint):
        condition = item.definition.condition
        if isinstance(condition, str) and len(condition) <= _SHORT:
            return f"{kind} ({condition})"
    return f"{kind} on {listed}" if listed else f"{kind} without a known name"


def _element(element: IndexElement) -> str:
    """A column, or an expression, of an index or a constraint."""
    match element:
        case str(name):
            return f'"{name}"'
        case SqlExpression(str(text)):
            return text
        case _:
            return "…"


def given_name(item: Constraint | Index) -> str | None:
    """The name that a revision gives to it; None where it is left to the database, or not known.

    A naming convention may make another of it, here and where it is dropped by it.
    """
    given = () if item.origin is None else _names(item.origin.operation)
    name = item.name if isinstance(item.name, str) else item.likely
    return name if name in given else None


def _names(operation: Operation) -> Iterator[object]:
    """The names that an operation gives to constraints and indexes."""
    match operation:
        case CreateIndex(index=index):
            yield index.name
        case CreateTable():
            yield from (
                item.name for item in operation.constraints if not isinstance(item, Unknown)
            )
            yield from (item.name for item in operation.indexes)
            columns = () if isinstance(operation.columns, Unknown) else operation.columns
            for column in columns:
                yield from _in_column(column)
        case AddColumn():
            yield from _in_column(operation.column)
        case (
            model.CreateForeignKey()
            | model.CreateUniqueConstraint()
            | model.CreateCheckConstraint()
            | model.CreatePrimaryKey()
            | model.CreateExcludeConstraint()
        ):
            yield operation.constraint.name
        case _:
            return


def _in_column(column: model.Column | Unknown) -> Iterator[object]:
    if isinstance(column, model.Column):
        yield from (key.name for key in column.foreign_keys if not isinstance(key, Unknown))
        yield from (check.name for check in column.checks)
        if isinstance(column.type, ColumnType):
            yield dict(column.type.keywords).get("name")
            yield None if column.type.enum is None else column.type.enum.name


def guarded_create(table: object) -> str:
    """The lines that make a table only where it is not there."""
    return f'if not sa.inspect(op.get_bind()).has_table("{table}"):\n    op.create_table(…)'


def dropping(item: Object, table: Table | None) -> str:
    """The line that drops an object of a table."""
    match item:
        case Table():
            return f'op.drop_table("{item.name}"{_schema(item)})'
        case EnumType():
            place = "" if item.schema is None else f', schema="{item.schema}"'
            return f'sa.Enum(name="{item.name}"{place}).drop(op.get_bind())'
        case Column() if table is not None:
            return f'op.drop_column("{table.name}", "{item.name}"{_schema(table)})'
        case Index() if table is not None:
            name = f'"{item.name}"' if isinstance(item.name, str) else "…"
            return f'op.drop_index({name}, table_name="{table.name}"{_schema(table)})'
        case Constraint() if table is not None:
            given = given_name(item)
            name = "…" if given is None else f'"{given}"'
            kind = "" if item.kind == "exclude" else f', type_="{item.kind}"'
            return f'op.drop_constraint({name}, "{table.name}"{kind}{_schema(table)})'
        case _:
            return ""


def _schema(table: Table) -> str:
    return "" if table.schema is None else f', schema="{table.schema}"'


def making(item: Object, table: Table | None) -> str:
    """The line that makes an object of a table anew, as far as it is known; `…` is the rest."""
    match item:
        case Table():
            written = _written(item.origin, (CreateTable,))
            return written or f'op.create_table("{item.name}", …{_schema(item)})'
        case EnumType():
            values = item.values if isinstance(item.values, tuple) else ()
            listed = "".join(f'"{value}", ' for value in values if isinstance(value, str))
            return f'sa.Enum({listed}name="{item.name}").create(op.get_bind())'
        case Column() if table is not None:
            return f'op.add_column("{table.name}", {_column(item)}{_schema(table)})'
        case Index() if table is not None:
            columns = ", ".join(
                f'"{each}"' if isinstance(each, str) else "…"
                for each in (item.columns if isinstance(item.columns, tuple) else ("…",))
            )
            name = f'"{item.name}"' if isinstance(item.name, str) else "…"
            unique = ", unique=True" if item.unique is True else ""
            return f'op.create_index({name}, "{table.name}", [{columns}]{unique}{_schema(table)})'
        case Constraint() if table is not None:
            return _constraint(item, table)
        case _:
            return ""


def _written(origin: Origin | None, kinds: tuple[type, ...]) -> str | None:
    """The call that made it as it was written; None where it was not such a call, or is long."""
    if origin is None or origin.sql or not isinstance(origin.operation, kinds):
        return None
    call = origin.operation.call
    if not call.name.startswith("op."):
        return None
    arguments = [
        item.text if item.keyword is None else f"{item.keyword}={item.text}"
        for item in call.arguments
        if item.keyword not in {"*", "**"}
    ]
    if len(arguments) != len(call.arguments):
        return None
    lines = [" ".join(text.split()) for text in arguments]
    return "\n".join((f"{call.name}(", *(f"    {text}," for text in lines), ")"))


def _constraint(item: Constraint, table: Table) -> str:
    name = given_name(item)
    first = "…" if name is None else f'"{name}"'
    columns = item.columns
    own = "…" if isinstance(columns, Unknown) else ", ".join(f'"{each}"' for each in columns)
    place = _schema(table)
    match item.definition:
        case model.ForeignKeyConstraint(referent=referent, referent_columns=others) as key:
            there = "…"
            if isinstance(others, tuple):
                there = ", ".join(f'"{each}"' for each in others if isinstance(each, str))
            to = f'"{referent}"' if isinstance(referent, str) else "…"
            deleting = f', ondelete="{key.ondelete}"' if isinstance(key.ondelete, str) else ""
            return (
                f'op.create_foreign_key({first}, "{table.name}", {to}, [{own}], '
                f"[{there}]{deleting})"
            )
        case model.UniqueConstraint():
            return f'op.create_unique_constraint({first}, "{table.name}", [{own}]{place})'
        case model.PrimaryKeyConstraint():
            return f'op.create_primary_key({first}, "{table.name}", [{own}]{place})'
        case model.CheckConstraint(condition=condition):
            text = condition if isinstance(condition, str) else "…"
            return f'op.create_check_constraint({first}, "{table.name}", {quoted(text)}{place})'
        case _:
            return f'op.create_exclude_constraint({first}, "{table.name}", …{place})'


def _column(column: Column) -> str:
    parts = [f'"{column.name}"', type_text(column.type)]
    if isinstance(column.nullable, Unknown):
        parts.append("nullable=…")
    elif not column.nullable:
        parts.append("nullable=False")
    if column.default is not None:
        parts.append(f"server_default={default_text(column.default)}")
    return f"sa.Column({', '.join(parts)})"


def default_text(default: ServerDefault) -> str:
    """A server default as it is written."""
    match default:
        case None:
            return "None"
        case str(text):
            return quoted(text)
        case SqlExpression(str(text)):
            return f"sa.text({quoted(text)})"
        case Computed(expression=str(text)):
            return f"sa.Computed({quoted(text)})"
        case Identity(keywords=()):
            return "sa.Identity()"
        case _:
            return "…"


def type_text(type_: Type) -> str:
    """A type as it is written, with what is not known as `…`."""
    if isinstance(type_, Unknown):
        return "…"
    if type_.enum is not None and isinstance(type_.enum.name, str):
        listed = type_.enum.values if isinstance(type_.enum.values, tuple) else ()
        values = "".join(f'"{item}", ' for item in listed if isinstance(item, str))
        return f'sa.Enum({values}name="{type_.enum.name}")'
    if " " in type_.name or type_.name.islower():
        return "…" if "." not in type_.name else f"{type_.name}(…)"
    if "." in type_.name:
        name = type_.name
    else:
        module = type_.dialect if type_.dialect in _DIALECTS else "sa"
        name = f"{module}.{type_.name}"
    arguments = [value_text(item) for item in type_.args]
    arguments += [f"{keyword}={value_text(item)}" for keyword, item in type_.keywords]
    return f"{name}({', '.join(arguments)})"


def value_text(value: Value) -> str:
    """A plain value, or a type, as it is written."""
    match value:
        case str(text):
            return quoted(text)
        case None | bool() | int() | float():
            return repr(value)
        case ColumnType():
            return type_text(value)
        case _:
            return "…"


def quoted(text: str) -> str:
    """A string as Python writes it, in double quotes where that needs no escape."""
    return (
        f'"{text}"' if text.isprintable() and '"' not in text and "\\" not in text else repr(text)
    )
