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
    Operation,
    RenameConstraint,
    RenameEnum,
    RenameEnumValue,
    RenameIndex,
    RenameTable,
    Unknown,
    ValidateConstraint,
)
from alembic_lint.schema import batches, columns, enums, indexes, keys, renaming, tables, views
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.statements import after_sql
from alembic_lint.schema.values import Origin


def after(schema: Schema, origin: Origin) -> Schema:
    """The schema when an operation has run.

    An operation that the database would refuse leaves what is there as it is; one on an object
    that is not known to be there shows that it is. The operations that SQL text amounts to are not
    part of its own effect.
    """
    batch = origin.operation.context.batch
    done = views.after_tables(schema, _after(schema, origin), origin)
    return done if batch is None else batches.after_batch(done, origin, batch)


def reached(schema: Schema, operation: Operation) -> Schema:
    """The schema as an operation finds it.

    Batch mode names what SQLite keeps no name of, by its own convention.

    Source: alembic/operations/batch.py, `BatchOperationsImpl.flush`.
    """
    batch = operation.context.batch
    if schema.database != "sqlite" or batch is None:
        return schema
    given = dict(batch.keywords).get("naming_convention")
    if not isinstance(given, tuple) or not isinstance(batch.table, str):
        return schema
    pairs = (item for item in given if isinstance(item, tuple))
    conventions = {
        key: pattern
        for key, pattern, *_ in (pair for pair in pairs if len(pair) == 2)
        if isinstance(key, str) and isinstance(pattern, str)
    }
    if isinstance(batch.schema, Unknown):
        return schema
    table = schema.table(batch.table, batch.schema)
    return schema.with_table(renaming.conventionally_named(table, conventions))


def _after(schema: Schema, origin: Origin) -> Schema:
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
            return indexes.create_index(ticked, origin, operation)
        case DropIndex():
            return indexes.drop_index(ticked, origin, operation)
        case RenameIndex():
            return indexes.rename_index(ticked, origin, operation)
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
            return renaming.rename_constraint(ticked, origin, operation)
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
