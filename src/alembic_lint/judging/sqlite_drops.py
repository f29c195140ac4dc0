"""What SQLite, and Alembic's batch mode for it, make of what names a column that is dropped."""

from __future__ import annotations

from alembic_lint.judging import inverse
from alembic_lint.model import (
    Batch,
    CheckConstraint,
    ColumnType,
    Context,
    CreateTable,
    DropColumn,
    Unknown,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.schema import Column, Constraint, Index, Table
from alembic_lint.schema.mentions import has_expressions


def is_made_anew(context: Context) -> bool:
    """Whether an operation that SQLite cannot do stands in a batch that makes its table anew."""
    return context.batch is not None and dict(context.batch.keywords).get("recreate") != "never"


def is_refused(replay: Replay, step: Step, table: Table, item: Constraint | Index) -> bool:
    """Whether it is certain that SQLite does not drop the column of a step, as an item names it.

    Outside of batch mode it refuses for anything: `error in table … after drop column`. A batch
    leaves out what is on the column, an index on expressions, and a check without a name; it
    fails on a check that has one and on other indexes, `no such column`. With `copy_from` it
    does not look at what there is.

    Source: alembic/operations/batch.py, `ApplyBatchImpl._grab_table_elements`,
    `_transfer_elements_to_new_table`.
    """
    context = step.operation.context
    if step.database != "sqlite":
        return False
    if not is_made_anew(context):
        named = isinstance(item, Index) or item.kind != "check" or _has_name(item)
        return named or not _has_batches(replay, table, context.batch)
    if context.batch is not None and dict(context.batch.keywords).get("copy_from") is not None:
        return False
    match item:
        case Index():
            return not has_expressions(item)
        case Constraint(kind="check"):
            return _has_name(item)
        case _:
            return False


def _has_name(item: Constraint) -> bool:
    """Whether a check has a name, which a naming convention that is not known may have made."""
    return isinstance(item.name, str) or inverse.given_name(item) is not None


def _has_batches(replay: Replay, table: Table, own: Batch | None) -> bool:
    """Whether another batch may have made a table anew, without the checks that have no name."""
    batches = (step.operation.context.batch for step in replay.steps)
    return any(
        batch is not None and batch != own and batch.table == table.name for batch in batches
    )


def check_of_type(replay: Replay, step: Step, table: Table, column: Column) -> Constraint | None:
    """The check that SQLite has of a Boolean or Enum with `create_constraint` in a CREATE TABLE.

    None where a batch may have changed the type. A column that is added gets none.

    Source: alembic/ddl/sqlite.py, `SQLiteImpl.add_constraint`.
    """
    origin, type_ = column.origin, column.type
    if origin is None or not isinstance(origin.operation, CreateTable) or step.database != "sqlite":
        return None
    if not isinstance(type_, ColumnType) or not type_.known or type_.dialect is not None:
        return None
    words = dict(type_.keywords)
    name: object = words.get("name")
    checked = type_.name == "Boolean" and words.get("create_constraint") is True
    if type_.enum is not None:
        name, checked = type_.enum.name, type_.enum.create_constraint is True
    changed = _has_batches(replay, table, step.operation.context.batch)
    if not checked or "sqlite" in dict(type_.variants) or changed:
        return None
    return Constraint(
        name=name if isinstance(name, str) or name is None else Unknown("it is not known"),
        definition=CheckConstraint(f'"{column.name}" IS NOT NULL'),
        position=column.position + 1,
        since=column.since,
        origin=origin,
    )


def remedy(operation: DropColumn, table: Table, item: Constraint | Index) -> tuple[str, str]:
    """What to do instead, and the lines of it: constraints can only be dropped in a batch."""
    if isinstance(item, Index):
        return "drop the index first", inverse.dropping(item, table)
    place = "" if table.schema is None else f', schema="{table.schema}"'
    name = inverse.given_name(item)
    dropping = f'batch_op.drop_constraint("{name}", type_="{item.kind}")'
    if is_made_anew(operation.context):
        return "drop the constraint in the same batch", dropping
    lines = [f'with op.batch_alter_table("{table.name}"{place}) as batch_op:']
    lines += [] if name is None else [f"    {dropping}"]
    lines.append(f'    batch_op.drop_column("{operation.column}")')
    told = "the column in batch mode" if name is None else "both in one op.batch_alter_table"
    return f"drop {told}", "\n".join(lines)
