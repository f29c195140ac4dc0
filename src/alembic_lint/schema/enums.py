"""What operations make of PostgreSQL's enum types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import (
    AddEnumValue,
    CreateEnum,
    CreateTable,
    DropEnum,
    Name,
    RenameEnum,
    RenameEnumValue,
    Unknown,
)
from alembic_lint.schema.objects import EnumType
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Origin, Presence


def made_with(schema: Schema, origin: Origin, operation: CreateTable) -> Schema:
    """The schema with the enum types that SQLAlchemy makes before a table.

    Source: sqlalchemy/dialects/postgresql/named_types.py, `NamedType._on_table_create`.
    """
    if schema.database != "postgresql":
        return schema
    for enum in enums_of(operation):
        if enum.create_type is not False and enum.native is not False:
            perhaps = isinstance(enum.create_type, Unknown) or isinstance(enum.native, Unknown)
            schema = _made(schema, origin, enum, certain=not perhaps)
    return schema


def enums_of(operation: CreateTable | CreateEnum) -> Iterator[model.EnumType]:
    """The enum that is made, or those of a new table's columns, in order."""
    if isinstance(operation, CreateEnum):
        yield operation.enum
        return
    columns = () if isinstance(operation.columns, Unknown) else operation.columns
    for column in columns:
        if isinstance(column, model.Column):
            yield from of_type(column.type)


def of_type(type_: model.Type | None) -> Iterator[model.EnumType]:
    """The enum that a type is on PostgreSQL, or is an array of."""
    if isinstance(type_, model.ColumnType):
        type_ = dict(type_.variants).get("postgresql", type_)
        if type_.enum is not None:
            yield type_.enum
        for argument in type_.args:
            if isinstance(argument, model.ColumnType):
                yield from of_type(argument)


def _made(schema: Schema, origin: Origin, enum: model.EnumType, *, certain: bool = True) -> Schema:
    if not isinstance(enum.name, str) or isinstance(enum.schema, Unknown):
        return schema
    old = schema.enum(enum.name, enum.schema)
    if old is not None and old.presence is Presence.PRESENT:
        return schema
    made = EnumType(
        name=enum.name,
        values=enum.values,
        schema=schema.key(enum.name, enum.schema)[0],
        presence=Presence.PRESENT if certain else Presence.MAYBE,
        since=schema.clock,
        origin=origin,
    )
    if old is not None and old.presence is Presence.MAYBE and old.values != enum.values:
        made = replace(made, values=Unknown("it may have been there before"))
    return schema.with_enum(made)


def after_enum(
    schema: Schema,
    origin: Origin,
    operation: CreateEnum | DropEnum | AddEnumValue | RenameEnum | RenameEnumValue,
) -> Schema:
    """The schema after an operation on an enum type; no other database has them."""
    if schema.database != "postgresql":
        return schema
    match operation:
        case CreateEnum(enum=enum):
            return _made(schema, origin, enum)
        case DropEnum(name=str(name), schema=None | str() as place):
            old = schema.enum(name, place)
            blank = EnumType(name=name, values=(), schema=schema.key(name, place)[0])
            gone = replace(old or blank, presence=Presence.ABSENT, since=schema.clock, gone=origin)
            return schema.with_enum(gone)
        case RenameEnum(name=str(name), new_name=str(new), schema=None | str() as place):
            old = schema.enum(name, place)
            if old is None or old.presence is Presence.ABSENT:
                return schema
            gone = replace(
                old, presence=Presence.ABSENT, since=schema.clock, gone=origin, renamed_to=new
            )
            schema = schema.with_enum(gone).with_enum(replace(old, name=new, since=schema.clock))
            return _with_types_renamed(schema, old, new)
        case AddEnumValue(name=str(name), schema=None | str() as place):
            return _valued(schema, name, place, lambda values: _added(values, operation))
        case RenameEnumValue(name=str(name), schema=None | str() as place):
            return _valued(schema, name, place, lambda values: _renamed(values, operation))
        case _:
            return schema.blurred(gained=False) if isinstance(operation, DropEnum) else schema


def resolved(type_: model.Type, schema: Schema) -> model.Type:
    """A column's type; where SQL text has but the name of an enum type that is there, it is that.

    PostgreSQL keeps which type it is, whatever its name becomes.
    """
    if schema.database != "postgresql" or isinstance(type_, Unknown):
        return type_
    if type_.known:
        return _with_args(type_, lambda item: resolved(item, schema))
    place, _, name = type_.name.rpartition(".")
    enum = schema.enum(name, place or None)
    if type_.dialect != "postgresql" or enum is None or enum.presence is not Presence.PRESENT:
        return type_
    written = model.EnumType(enum.name, enum.values, enum.schema, postgresql=True)
    return replace(type_, enum=written, known=True)


def _with_args(
    type_: model.ColumnType, change: Callable[[model.ColumnType], model.Type]
) -> model.ColumnType:
    """A type of which the types that are its arguments, such as an array's, are changed."""
    args = tuple(
        change(item) if isinstance(item, model.ColumnType) else item for item in type_.args
    )
    return type_ if args == type_.args else replace(type_, args=args)


def _with_types_renamed(schema: Schema, enum: EnumType, new: str) -> Schema:
    """The schema in which the columns of an enum type are of a type with its new name."""
    old = schema.key(enum.name, enum.schema)

    def renamed(type_: model.Type) -> model.Type:
        if isinstance(type_, Unknown):
            return type_
        own = type_.enum
        if own is None or not isinstance(own.name, str) or isinstance(own.schema, Unknown):
            return _with_args(type_, renamed)
        if schema.key(own.name, own.schema) != old:
            return type_
        name = new if type_.name == own.name else type_.name
        return replace(type_, name=name, enum=replace(own, name=new))

    for table in schema.tables:
        columns = table.columns_by_name
        for key, column in list(columns.items()):
            type_ = renamed(column.type)
            if type_ is not column.type:
                columns = columns.insert(key, replace(column, type=type_))
        if columns is not table.columns_by_name:
            schema = schema.with_table(replace(table, columns_by_name=columns))
    return schema


Values = tuple[Name, ...]


def _valued(
    schema: Schema, name: str, place: str | None, change: Callable[[Values], Values | Unknown]
) -> Schema:
    """The schema with other values of an enum type, which is there then."""
    old = schema.enum(name, place)
    if old is None or old.presence is Presence.ABSENT:
        return schema
    values = old.values if isinstance(old.values, Unknown) else change(old.values)
    return schema.with_enum(
        replace(old, values=values, presence=Presence.PRESENT, since=schema.clock)
    )


def _added(values: Values, operation: AddEnumValue) -> Values | Unknown:
    if operation.value in values:
        return values
    if operation.before is not None:
        at = _place(values, operation.before)
    elif operation.after is not None:
        at = _place(values, operation.after)
        at = None if at is None else at + 1
    else:
        at = len(values)
    if at is None:
        return Unknown("where a value was added is not known")
    return (*values[:at], operation.value, *values[at:])


def _renamed(values: Values, operation: RenameEnumValue) -> Values | Unknown:
    at = _place(values, operation.value)
    if at is None:
        return Unknown("which value was renamed is not known")
    return (*values[:at], operation.new_value, *values[at + 1 :])


def _place(values: Values, value: Name | None) -> int | None:
    return values.index(value) if isinstance(value, str) and value in values else None
