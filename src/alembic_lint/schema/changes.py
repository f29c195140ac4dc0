"""What each operation makes of a schema."""

from __future__ import annotations

from alembic_lint.model import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    BulkInsert,
    CreateCheckConstraint,
    CreateEnum,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    ExecuteSql,
    Opaque,
    RenameConstraint,
    RenameEnum,
    RenameEnumValue,
    RenameIndex,
    RenameTable,
    ValidateConstraint,
)
from alembic_lint.schema import columns, enums, keys, tables
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.statements import after_sql
from alembic_lint.schema.values import Origin


def after(schema: Schema, origin: Origin) -> Schema:
    """The schema when an operation has run.

    An operation that the database would refuse leaves what is there as it is; one on an object
    that is not known to be there shows that it is. The operations that SQL text amounts to are not
    part of its own effect.
    """
    operation = origin.operation
    ticked = schema.ticked()
    match operation:
        case CreateTable():
            return tables.create(ticked, origin, operation)
        case DropTable():
            return tables.drop(ticked, origin, operation)
        case RenameTable():
            return tables.rename(ticked, origin, operation)
        case CreateTableComment():
            return tables.comment(ticked, operation)
        case AddColumn():
            return columns.add(ticked, origin, operation)
        case DropColumn():
            return columns.drop(ticked, origin, operation)
        case AlterColumn():
            return columns.alter(ticked, origin, operation)
        case CreateIndex():
            return keys.create_index(ticked, origin, operation)
        case DropIndex():
            return keys.drop_index(ticked, origin, operation)
        case RenameIndex():
            return keys.rename_index(ticked, origin, operation)
        case (
            CreateForeignKey()
            | CreateUniqueConstraint()
            | CreateCheckConstraint()
            | CreatePrimaryKey()
            | CreateExcludeConstraint()
        ):
            table, place = operation.table, operation.schema
            return keys.on_constraint(ticked, origin, table, place, operation.constraint)
        case DropConstraint():
            return keys.drop_constraint(ticked, origin, operation)
        case RenameConstraint():
            return keys.rename_constraint(ticked, origin, operation)
        case CreateEnum() | DropEnum() | AddEnumValue() | RenameEnum() | RenameEnumValue():
            return enums.after_enum(ticked, origin, operation)
        case ExecuteSql():
            return after_sql(ticked, origin, operation)
        case Opaque():
            if operation.tables is None:
                return schema.blurred()
            return tables.blurred(ticked, ((None, name) for name in operation.tables))
        case BulkInsert() | ValidateConstraint():
            return schema
