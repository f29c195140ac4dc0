"""What batch mode makes of a table beside the operations in the batch."""

from __future__ import annotations

from alembic_lint import model
from alembic_lint.model import Batch, Column, TableValue, Unknown, Value
from alembic_lint.schema import keys
from alembic_lint.schema.objects import Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_table, standing
from alembic_lint.schema.values import Origin, Presence

_KEYS = (
    model.CheckConstraint,
    model.ExcludeConstraint,
    model.ForeignKeyConstraint,
    model.PrimaryKeyConstraint,
    model.UniqueConstraint,
)


def after_batch(schema: Schema, origin: Origin, batch: Batch) -> Schema:
    """The schema after an operation of a batch, by what the batch itself was given.

    A table that is made anew is as `copy_from` says, or as it was with what `reflect_args` put in
    its place, and gets what `table_args` add. Without `recreate="always"` it may be altered only.

    Source: alembic/operations/batch.py, `BatchOperationsImpl.flush`.
    """
    given = dict(batch.keywords)
    always = given.get("recreate") == "always"
    if given.get("recreate") == "never" or not (always or schema.database == "sqlite"):
        return schema
    copied, reflected = given.get("copy_from"), given.get("reflect_args") or ()
    added = given.get("table_args") or ()
    if copied is None and not reflected and not added:
        return schema
    if not isinstance(batch.table, str) or isinstance(batch.schema, Unknown):
        return schema.blurred_parts()
    name, place = batch.table, batch.schema
    if copied is not None:
        same = _has_columns(schema.table(name, place), copied)
        schema = blurred_table(schema, name, place, keys_only=same)
    if reflected:
        schema = blurred_table(schema, name, place, keys_only=not isinstance(reflected, Unknown))
    return _with_added(schema, origin, added, name, place, always=always)


def _has_columns(table: Table, copied: Value) -> bool:
    """Whether a table has just the columns that it is told to be copied from."""
    if not isinstance(copied, TableValue):
        return False
    names = [item.name for item in copied.items if isinstance(item, Column)]
    unknown = any(isinstance(item, Unknown) for item in (*copied.items, *names))
    there = {column.name for column in table.columns if column.presence is Presence.PRESENT}
    return not unknown and table.all_columns_known and there == set(names)


def _with_added(
    schema: Schema, origin: Origin, added: Value, name: str, place: str | None, *, always: bool
) -> Schema:
    """The schema in which a table has the constraints of `table_args`."""
    items = added if isinstance(added, tuple) else (Unknown("table_args"),)
    table = standing(schema, name, place)
    for item in items:
        if table is None:
            break
        if not always or not isinstance(item, _KEYS):
            keys_only = isinstance(item, _KEYS)
            return blurred_table(schema, name, place, keys_only=keys_only)
        if not _has_key(table, item):
            schema, table = keys.add(schema, table, item, origin)
            schema = schema.with_table(table)
    return schema


def _has_key(table: Table, item: Value) -> bool:
    """Whether an earlier operation of the batch has brought a constraint along."""
    return any(
        other.origin is not None
        and other.origin.operation.context.batch is not None
        and type(other.definition) is type(item)
        and getattr(item, "name", None) == other.name
        for other in table.constraints
    )
