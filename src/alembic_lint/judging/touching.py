"""What operations do to tables, columns, indexes and constraints, so that two can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from alembic_lint import model
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    MaybeName,
    Name,
    RenameConstraint,
    RenameTable,
    Unknown,
    Unset,
)
from alembic_lint.replay import Step
from alembic_lint.schema import TableKey, refused
from alembic_lint.schema.objects import names


class Verb(StrEnum):
    """What is done to an object; a rename drops the old name and makes the new one."""

    MADE = "made"
    DROPPED = "dropped"
    CHANGED = "changed"
    USED = "used"


Part = tuple[str, str]
"""The kind and name of what is in a table; the table itself is `TABLE`."""

TABLE: Part = ("table", "")


@dataclass(frozen=True, slots=True, eq=False)
class Touch:
    """One thing that a step does to an object; `part` None is one whose name is not known."""

    step: Step
    table: TableKey
    part: Part | None
    verb: Verb


def touches(step: Step) -> Iterator[Touch]:
    """What a step does to tables and what is in them; reading and writing rows is nothing."""
    operation, schema = step.operation, step.before
    if _is_idle(step):
        return
    for table, place, part, verb in _touched(step):
        if isinstance(table, str) and not isinstance(place, Unknown):
            key = schema.key(table, place)
            folded = schema.at(key).fold
            named = None if part is None else (part[0], folded(part[1]))
            yield Touch(step, key, named, verb)
    for key_ in _foreign_keys(operation):
        if isinstance(key_.referent, str) and not isinstance(key_.referent_schema, Unknown):
            place = key_.referent_schema
            if (key_.referent, place) == (model.table_of(operation), _place(operation)):
                continue
            referent = schema.key(key_.referent, place)
            yield Touch(step, referent, TABLE, Verb.USED)
            listed = names(key_.referent_columns)
            for name in () if isinstance(listed, Unknown) else listed:
                yield Touch(step, referent, ("column", name), Verb.USED)


def _is_idle(step: Step) -> bool:
    """Whether a step asks (`if_exists`, `if_not_exists`) and finds that nothing is to be done."""
    match step.operation:
        case (
            DropTable(if_exists=True)
            | DropColumn(if_exists=True)
            | DropIndex(if_exists=True)
            | DropConstraint(if_exists=True)
        ) as drop:
            return refused(step.before, replace(drop, if_exists=False)) is True
        case (
            CreateTable(if_not_exists=True)
            | AddColumn(if_not_exists=True)
            | CreateIndex(if_not_exists=True)
        ) as create:
            return refused(step.before, replace(create, if_not_exists=False)) is True
        case _:
            return False


_Touched = tuple[Name, MaybeName, Part | None, Verb]


def _touched(step: Step) -> Iterator[_Touched]:
    operation = step.operation
    match operation:
        case CreateTable(temporary=False):
            yield operation.table, operation.schema, TABLE, Verb.MADE
        case DropTable():
            yield operation.table, operation.schema, TABLE, Verb.DROPPED
        case RenameTable():
            yield operation.table, operation.schema, TABLE, Verb.DROPPED
            target = operation.new_schema
            place = operation.schema if isinstance(target, Unset) else target
            yield operation.new_table, place, TABLE, Verb.MADE
        case AddColumn(column=column):
            name = column if isinstance(column, Unknown) else column.name
            yield operation.table, operation.schema, _part("column", name), Verb.MADE
        case DropColumn():
            part = _part("column", operation.column)
            yield operation.table, operation.schema, part, Verb.DROPPED
        case AlterColumn(new_name=new):
            verb = Verb.CHANGED if isinstance(new, Unset) else Verb.DROPPED
            yield operation.table, operation.schema, _part("column", operation.column), verb
            if not isinstance(new, Unset):
                yield operation.table, operation.schema, _part("column", new), Verb.MADE
        case CreateIndex(index=index):
            part = _part("index", index.name)
            yield operation.table, operation.schema, part, Verb.MADE
            listed = () if isinstance(index.columns, Unknown) else index.columns
            for item in listed:
                if isinstance(item, str):
                    yield operation.table, operation.schema, ("column", item), Verb.USED
        case DropIndex(name=name):
            yield *_home(step, operation), _part("index", name), Verb.DROPPED
        case DropConstraint() | RenameConstraint():
            part = _part("constraint", operation.name)
            yield operation.table, operation.schema, part, Verb.DROPPED
            if isinstance(operation, RenameConstraint):
                part = _part("constraint", operation.new_name)
                yield operation.table, operation.schema, part, Verb.MADE
        case (
            CreateForeignKey()
            | CreateUniqueConstraint()
            | CreatePrimaryKey()
            | CreateCheckConstraint()
            | CreateExcludeConstraint()
        ):
            part = _part("constraint", operation.constraint.name)
            yield operation.table, operation.schema, part, Verb.MADE
            for name in _own_columns(operation):
                yield operation.table, operation.schema, ("column", name), Verb.USED
        case _:
            return


def _home(step: Step, operation: DropIndex) -> tuple[Name, MaybeName]:
    if isinstance(operation.table, str):
        return operation.table, operation.schema
    if isinstance(operation.name, str) and not isinstance(operation.schema, Unknown):
        home = step.before.home(operation.name, operation.schema)
        if home is not None:
            return home.name, home.schema
    return Unknown("its table is not given"), None


def _part(kind: str, name: MaybeName) -> Part | None:
    return (kind, name) if isinstance(name, str) else None


def _place(operation: model.Operation) -> MaybeName:
    match operation:
        case CreateTable(schema=place) | AddColumn(schema=place) | CreateForeignKey(schema=place):
            return place
        case _:
            return None


def _own_columns(operation: model.Operation) -> tuple[str, ...]:
    match operation:
        case CreateForeignKey() | CreateUniqueConstraint() | CreatePrimaryKey():
            found = names(operation.constraint.columns)
            return () if isinstance(found, Unknown) else found
        case _:
            return ()


def _foreign_keys(operation: model.Operation) -> Iterator[model.ForeignKeyConstraint]:
    """The foreign keys that an operation makes."""
    found: tuple[object, ...] = ()
    match operation:
        case CreateForeignKey():
            found = (operation.constraint,)
        case AddColumn(column=model.Column(foreign_keys=keys)):
            found = keys
        case CreateTable():
            columns = () if isinstance(operation.columns, Unknown) else operation.columns
            of_columns = (each.foreign_keys for each in columns if isinstance(each, model.Column))
            found = (*operation.constraints, *(key for group in of_columns for key in group))
        case _:
            pass
    for item in found:
        if isinstance(item, model.ForeignKeyConstraint):
            yield item


def alike(one: Touch, other: Touch) -> bool:
    """Whether two changes of a column come to the same, so that their order does not matter."""
    match one.step.operation, other.step.operation:
        case AlterColumn() as left, AlterColumn() as right:
            return _changes(left) == _changes(right)
        case _:
            return False


def _changes(operation: AlterColumn) -> tuple[object, ...]:
    found = (
        operation.type,
        operation.nullable,
        operation.server_default,
        operation.new_name,
        operation.comment,
        operation.autoincrement,
    )
    if any(isinstance(item, Unknown) for item in found):
        return (*found, operation.span)
    return found if any(item is not UNSET for item in found) else ()
