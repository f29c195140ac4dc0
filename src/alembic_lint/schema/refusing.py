"""Whether a database refuses an operation because of what is there, or is not."""

from __future__ import annotations

from alembic_lint import model
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    BulkInsert,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    ExecuteSql,
    Flag,
    Operation,
    RenameTable,
    Unknown,
    Unset,
    ValidateConstraint,
)
from alembic_lint.schema.indexes import home_of
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Presence


def refused(schema: Schema, operation: Operation) -> bool | None:
    """Whether an operation fails for what it makes being there, or what it works on missing.

    None where that is not known. It may fail for other reasons, such as the data. One that asks
    (`if_exists`, `if_not_exists`) does not.
    """
    asks = _asks(operation)
    if asks is True:
        return False
    verdict = _refused(schema, operation)
    return None if verdict and asks is not False else verdict


def _asks(operation: Operation) -> Flag:
    """Whether an operation is run only where what it makes is missing, or what it drops there."""
    match operation:
        case (
            DropTable(if_exists=asks)
            | RenameTable(if_exists=asks)
            | DropColumn(if_exists=asks)
            | DropIndex(if_exists=asks)
            | DropConstraint(if_exists=asks)
            | CreateTable(if_not_exists=asks)
            | AddColumn(if_not_exists=asks)
            | CreateIndex(if_not_exists=asks)
        ):
            return asks
        case _:
            return False


def _refused(schema: Schema, operation: Operation) -> bool | None:
    match operation:
        case CreateTable(table=str(name), schema=None | str() as place):
            return _is(schema.presence(name, place), Presence.PRESENT)
        case DropTable(table=str(name), schema=None | str() as place):
            return _is(schema.presence(name, place), Presence.ABSENT)
        case RenameTable(
            table=str(name), new_table=str(new), schema=None | str() as place, new_schema=new_place
        ) if not isinstance(new_place, Unknown):
            old = schema.key(name, place)
            target = schema.key(new, place if isinstance(new_place, Unset) else new_place)
            gone = _is(schema.presence(name, place), Presence.ABSENT)
            return gone or (old != target and _is(schema.at(target).presence, Presence.PRESENT))
        case AddColumn(
            table=str(name),
            column=model.Column(name=str(column)),
            schema=None | str() as place,
        ):
            table = schema.table(name, place)
            return _is(table.has_column(column), Presence.PRESENT)
        case (
            DropColumn(table=str(name), column=str(column), schema=None | str() as place)
            | AlterColumn(table=str(name), column=str(column), schema=None | str() as place)
        ):
            table = schema.table(name, place)
            return _is(table.has_column(column), Presence.ABSENT)
        case CreateIndex(
            table=str(name), index=model.Index(name=str(index)), schema=None | str() as place
        ):
            return _is(schema.table(name, place).has_index(index), Presence.PRESENT)
        case DropIndex(name=str(index), table=table, schema=None | str() as place) if not (
            isinstance(table, Unknown)
        ):
            home = home_of(schema, index, table, place)
            return None if home is None else _is(home.has_index(index), Presence.ABSENT)
        case DropConstraint(name=str(item), table=str(name), schema=None | str() as place):
            return _is(schema.table(name, place).has_constraint(item), Presence.ABSENT)
        case (
            CreateForeignKey(table=str(name), schema=None | str() as place)
            | CreateUniqueConstraint(table=str(name), schema=None | str() as place)
            | CreateCheckConstraint(table=str(name), schema=None | str() as place)
        ):
            given = operation.constraint.name
            if isinstance(given, str):
                return _is(schema.table(name, place).has_constraint(given), Presence.PRESENT)
            return None if isinstance(given, Unknown) else False
        case ExecuteSql() | BulkInsert() | CreateTableComment() | ValidateConstraint():
            return False
        case _:
            return None


def _is(presence: Presence, wanted: Presence) -> bool | None:
    return None if presence is Presence.MAYBE else presence is wanted
