"""Values of the reading as values of the model; what that cannot say becomes Unknown."""

from __future__ import annotations

from dataclasses import replace

from alembic_lint.extract.column_types import construct_type
from alembic_lint.extract.conditions import DIALECTS, holds_on
from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    Boolean,
    BoundMethod,
    CallbackStack,
    ClassValue,
    Connection,
    ContextManager,
    Decorated,
    Dialect,
    DialectName,
    Either,
    Existing,
    FirstValue,
    FunctionValue,
    GeneratorCall,
    Inspector,
    Instance,
    MigrationContext,
    ModuleValue,
    Pairs,
    PartialCall,
    Record,
    RecordField,
    Rows,
    Selection,
    Sometimes,
)
from alembic_lint.model import (
    ColumnType,
    MaybeName,
    Name,
    Reference,
    SqlExpression,
    TableValue,
    Unknown,
    Value,
)

_UNSEEN = "an unknown part of the text"

_DYNAMIC = {
    Boolean: "a condition decides it when the revision runs",
    Either: "a condition decides it when the revision runs",
    DialectName: "it is the name of the database's dialect",
    Record: "it is read from the database",
    RecordField: "it is read from the database",
    Existing: "it is read from the database",
    Selection: "it is read from the database",
    Rows: "it is read from the database",
    FirstValue: "it is read from the database",
    Sometimes: "a condition decides it when the revision runs",
    Connection: "it is a database connection",
}


def lower(value: Abstract, *, keep_marks: bool = False) -> Value:
    """The model's value for an abstract one; what the model cannot say becomes `Unknown`.

    A text with unknown parts becomes Unknown too, unless `keep_marks` (SQL is still read then).
    """
    match value:
        case str() if not keep_marks and has_mark(value):
            return Unknown(_UNSEEN)
        case SqlExpression(str(text)) if not keep_marks and has_mark(text):
            return SqlExpression(Unknown(_UNSEEN))
        case tuple():
            return tuple(lower(item, keep_marks=keep_marks) for item in value)
        case Pairs(items):
            return tuple((lower(key), lower(item)) for key, item in items)
        case (
            FunctionValue()
            | ClassValue()
            | Instance()
            | ModuleValue()
            | PartialCall()
            | Decorated()
            | BoundMethod()
        ):
            return Unknown("it is a Python object")
        case Either():
            return _decided(value)
        case (
            Connection()
            | MigrationContext()
            | Dialect()
            | Inspector()
            | BatchOperations()
            | DialectName()
            | Boolean()
            | Existing()
            | Record()
            | RecordField()
            | Selection()
            | Rows()
            | FirstValue()
            | Sometimes()
            | ContextManager()
            | CallbackStack()
            | GeneratorCall()
        ):
            return Unknown(_DYNAMIC.get(type(value), "it is an object of the running migration"))
        case _:
            return value


def _decided(value: Either) -> Value:
    """One of two values: the same, or types of which the dialect decides."""
    then, other = lower(value.then), lower(value.other)
    if then == other:
        return then
    first, second = _type_of(then), _type_of(other)
    everywhere = holds_on(value.condition, "")
    if first is None or second is None or everywhere is None:
        return Unknown(_DYNAMIC[Either])
    whole = replace(first if everywhere else second, variants=())
    found: list[tuple[str, ColumnType]] = []
    for dialect in DIALECTS:
        chosen = first if holds_on(value.condition, dialect) else second
        type_ = dict(chosen.variants).get(dialect, replace(chosen, variants=()))
        if type_ != whole:
            found.append((dialect, type_))
    return replace(whole, variants=tuple(found))


def _type_of(value: Value) -> ColumnType | None:
    """The type that a value is, or a class that makes one when it is called without arguments."""
    made = construct_type(value.name, ()) if isinstance(value, Reference) else value
    return made if isinstance(made, ColumnType) else None


def is_known(value: Abstract) -> bool:
    """Whether a value is fully known: a scalar without unknown parts, or a tuple of such."""
    match value:
        case str():
            return not has_mark(value)
        case None | bool() | int() | float() | bytes():
            return True
        case tuple():
            return all(is_known(item) for item in value)
        case _:
            return False


def name_of(value: Abstract) -> Name:
    """A value in the place of a name."""
    match lower(value):
        case str(text):
            return text
        case TableValue(name=name):
            return name
        case Unknown() as unknown:
            return unknown
        case _:
            return Unknown("it is not a string")


def maybe_name(value: Abstract) -> MaybeName:
    """A value in the place of a name that may be None."""
    return None if value is None else name_of(value)
