"""What operations on tables, columns and constraints make of constraints and indexes."""

from __future__ import annotations

import re
from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import DropConstraint, MaybeName, Unknown
from alembic_lint.schema import named_keys
from alembic_lint.schema.objects import KINDS, Constraint, Definition, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_wherever, standing
from alembic_lint.schema.ticks import CONSTRAINTS, INDEX, ticked
from alembic_lint.schema.values import Origin, Presence

MERGED = frozenset({"mysql", "mariadb"})
"""Databases on which a unique constraint is an index, and nothing else."""


def add(
    schema: Schema, table: Table, item: Definition | model.Index | Unknown, origin: Origin
) -> tuple[Schema, Table]:
    """A schema and a table of it, to which a constraint or an index is added.

    The table is not put back into the schema. One whose name is taken already changes nothing.
    """
    match item:
        case Unknown():
            return schema, replace(table, keys_gained=ticked(schema.clock))
        case model.Index():
            index = named_keys.index(item, origin, schema, table)
            return _add_index(schema, table, index)
        case model.PrimaryKeyConstraint(columns=()):
            return schema, table
        case _:
            table, item = _with_index_taken(schema, table, item, origin)
            found = named_keys.constraint(item, origin, schema, table)
            return _add_constraint(schema, table, found)


def _with_index_taken(
    schema: Schema, table: Table, item: Definition, origin: Origin
) -> tuple[Table, Definition]:
    """A table without the index that a constraint takes over, and the constraint on its columns.

    The index gets the constraint's name; one without a name keeps the index's.

    Source: PostgreSQL's manual, "ALTER TABLE", "ADD table_constraint_using_index".
    """
    match item:
        case model.UniqueConstraint(using_index=str(given)):
            taken = given
            item = replace(item, using_index=None)
        case model.PrimaryKeyConstraint():
            told = dict(item.keywords).get("using_index")
            if not isinstance(told, str):
                return table, item
            taken = told
            kept = tuple(pair for pair in item.keywords if pair[0] != "using_index")
            item = replace(item, keywords=kept)
        case _:
            return table, item
    name = item.name or taken
    index = table.index(taken)
    if index is None or index.presence is Presence.ABSENT:
        return table, replace(item, name=name)
    table = forget_index(table, index, schema, origin)
    return table, replace(item, columns=index.names, name=name)


def _add_index(schema: Schema, table: Table, index: Index) -> tuple[Schema, Table]:
    key = table.fold(key_of(index.name, index.position))
    old = table.indexes_by_name.get(key)
    if old is not None and table.has_index(str(index.name)) is Presence.PRESENT:
        return schema, table
    table = replace(
        table,
        indexes_by_name=table.indexes_by_name.insert(key, index),
        next_position=table.next_position + 1,
    )
    for name in (index.name, index.likely):
        if isinstance(name, str):
            schema = schema.with_home(name, table)
    return schema, table


def _add_constraint(schema: Schema, table: Table, item: Constraint) -> tuple[Schema, Table]:
    key = table.fold(key_of(item.name, item.position))
    old = table.constraint(item.name) if isinstance(item.name, str) else None
    # Batch mode makes the table anew with the constraints by their names, so the last one stays.
    anew = schema.database == "sqlite" and _in_batch(item)
    if old is not None and old.presence is Presence.PRESENT and old.name == item.name and not anew:
        return schema, table
    if item.kind == "primary":
        there = table.primary_key is not None and table.primary_key.presence is Presence.PRESENT
        if there and not anew:
            return schema, table
        if anew and _on_renamed(table, item):
            table = _perhaps_without(table, "primary", schema)
        else:
            # There is but one: a new one shows that no other was left.
            for other in table.constraints:
                if other.kind == "primary" and item.origin is not None:
                    table = forget(table, other, schema, item.origin)
        table = _key_not_null(schema, table, item)
    if anew and _on_renamed(table, item):
        item = replace(item, presence=Presence.MAYBE)
    table = replace(
        table,
        constraints_by_name=table.constraints_by_name.insert(key, item),
        next_position=table.next_position + 1,
    )
    if item.kind in {"primary", "unique", "exclude"}:
        for name in (item.name, item.likely):
            if isinstance(name, str):
                schema = schema.with_home(name, table)
    referred = schema.referent(item.definition, table)
    if referred is not None:
        schema = schema.with_referrer(referred, table)
        schema, table = _index_of_foreign_key(schema, table, item)
    return schema, table


def _on_renamed(table: Table, item: Constraint) -> bool:
    """Whether a constraint is on a column that the same batch has renamed.

    Batch mode looks for its columns under their old names, and may leave it out.

    Source: alembic/operations/batch.py, `ApplyBatchImpl._transfer_elements_to_new_table`.
    """
    batch = None if item.origin is None else item.origin.operation.context.batch
    if batch is None or isinstance(item.columns, Unknown):
        return False
    return any(
        column.renamed_to in item.columns
        and column.gone is not None
        and item.origin is not None
        and column.gone.revision is item.origin.revision
        and column.gone.operation.context.batch == batch
        for column in table.columns_by_name.values()
    )


def _in_batch(item: Constraint) -> bool:
    return item.origin is not None and item.origin.operation.context.batch is not None


def _key_not_null(schema: Schema, table: Table, item: Constraint) -> Table:
    """A table whose columns in a primary key are NOT NULL, as they are but on SQLite."""
    if schema.database == "sqlite" or isinstance(item.columns, Unknown):
        return table
    columns = table.columns_by_name
    for name in item.columns:
        column = table.column(name)
        if column is not None and column.presence is Presence.PRESENT:
            changed = replace(column, nullable=False, since=schema.clock)
            columns = columns.insert(table.fold(name), changed)
    return replace(table, columns_by_name=columns)


def _index_of_foreign_key(schema: Schema, table: Table, item: Constraint) -> tuple[Schema, Table]:
    """MySQL makes an index for a foreign key unless one begins with its columns.

    Source: MySQL's reference manual, "FOREIGN KEY Constraints", "Conditions and Restrictions".
    """
    columns = item.columns
    if schema.database not in MERGED or isinstance(columns, Unknown):
        return schema, table
    for other in table.keys:
        listed = other.names if isinstance(other, Index) else other.columns
        keyed = isinstance(other, Index) or other.kind in {"primary", "unique"}
        if keyed and isinstance(listed, tuple) and listed[: len(columns)] == columns:
            return schema, table
    given = item.name if isinstance(item.name, str) and item.likely is None else None
    index = Index(
        name=given or Unknown("MySQL names the index of a foreign key"),
        columns=columns,
        position=table.next_position,
        since=schema.clock,
        origin=item.origin,
    )
    return _add_index(schema, table, index)


def to_own_primary_key(schema: Schema, table: Table) -> Table:
    """A table whose foreign keys to its own primary key are to that one's columns."""
    constraints = table.constraints_by_name
    for key, item in list(constraints.items()):
        definition = named_keys.to_primary_key(item.definition, schema, table)
        if definition is not item.definition:
            constraints = constraints.insert(key, replace(item, definition=definition))
    return replace(table, constraints_by_name=constraints)


def key_of(name: MaybeName, position: int) -> str:
    """What a constraint or index is kept under."""
    return name if isinstance(name, str) else f"\0{position}"


def on_constraint(
    schema: Schema,
    origin: Origin,
    table: MaybeName,
    place: MaybeName,
    item: Definition | model.Index,
) -> Schema:
    """The schema after a constraint or an index was added to a table."""
    if isinstance(table, str) and isinstance(place, Unknown):
        if isinstance(item, model.PrimaryKeyConstraint):
            return blurred_wherever(schema, table)  # its columns are NOT NULL then
        return blurred_wherever(schema, table, keys_only=True, lost=False)
    if not isinstance(table, str) or isinstance(place, Unknown):
        if isinstance(item, model.PrimaryKeyConstraint):
            return schema.blurred_parts()  # its columns are NOT NULL then
        kind = INDEX if isinstance(item, model.Index) else KINDS[type(item)]
        return schema.blurred_keys(with_merged(schema, (kind,)), lost=False)
    found = standing(schema, table, place)
    if found is None:
        return schema
    schema, found = add(schema, found, item, origin)
    return schema.with_table(found)


def drop_constraint(schema: Schema, origin: Origin, operation: DropConstraint) -> Schema:
    """The schema after `op.drop_constraint`."""
    if not isinstance(operation.table, str):
        kinds = (operation.type_,) if operation.type_ in CONSTRAINTS else CONSTRAINTS
        if operation.cascade is not False:
            kinds = (*kinds, "foreignkey")
        return schema.blurred_keys(with_merged(schema, kinds), gained=False)
    if isinstance(operation.schema, Unknown):
        return blurred_wherever(schema, operation.table, keys_only=True)
    table = standing(schema, operation.table, operation.schema)
    if table is None:
        return schema
    kind = operation.type_
    match operation.name:
        case str(name):
            if operation.cascade is not False:
                schema = _without_keys_to(schema, table, name, origin)
                table = standing(schema, table.name, table.schema) or table
            asks = operation.if_exists is not False
            return schema.with_table(_without(schema, table, name, kind, origin, asks=asks))
        case None | Unknown() if kind == "primary" and (key := table.primary_key) is not None:
            # There is but one; MySQL's DROP PRIMARY KEY needs no name at all.
            return schema.with_table(forget(table, key, schema, origin))
        case _ if isinstance(kind, str):
            return schema.with_table(_perhaps_without(table, kind, schema))
        case _:
            ticks = table.keys_lost.later(ticked(schema.clock))
            return schema.with_table(replace(table, keys_lost=ticks))


def with_merged(schema: Schema, kinds: tuple[str, ...]) -> frozenset[str]:
    """The kinds, with those that are of one kind with them to the database.

    MySQL makes an index for a foreign key, too.
    """
    found = frozenset(kinds)
    merged = schema.database in MERGED and found & {"foreignkey", "unique", INDEX}
    return found | {"unique", INDEX} if merged else found


def _without_keys_to(schema: Schema, table: Table, name: str, origin: Origin) -> Schema:
    """The schema without the foreign keys that CASCADE takes with the key that they are to."""
    key, found = schema.key(table.name, table.schema), table.constraint(name)
    if found is not None and found.kind not in {"primary", "unique"}:
        return schema
    for other in list(schema.referring(key)):
        changed = other
        for item in other.constraints:
            definition = item.definition
            if not isinstance(definition, model.ForeignKeyConstraint):
                continue
            to = definition.referent_columns
            same = found is None or isinstance(to, Unknown) or found.columns == to
            if same and schema.referent(definition, other) == key:
                changed = forget(changed, item, schema, origin)
        schema = schema.with_table(changed)
    return schema


def _perhaps_without(table: Table, kind: str, schema: Schema) -> Table:
    """A table of which one constraint of a kind is gone, and which one is not known."""
    constraints = table.constraints_by_name
    for item in table.constraints:
        if item.kind == kind:
            perhaps = replace(item, presence=Presence.MAYBE, since=schema.clock)
            key = table.fold(key_of(item.name, item.position))
            constraints = constraints.insert(key, perhaps)
    return replace(table, constraints_by_name=constraints)


def _without(
    schema: Schema, table: Table, name: str, kind: MaybeName, origin: Origin, *, asks: bool
) -> Table:
    """A table without the constraint of this name; `asks`: it need not have one."""
    found = table.constraint(name)
    if found is not None and found.presence is not Presence.ABSENT:
        return forget(table, found, schema, origin)
    if schema.database in MERGED:
        index = table.index(name)
        if index is not None and index.presence is not Presence.ABSENT:
            return forget_index(table, index, schema, origin)
    return _perhaps(table, kind, schema, origin, asks=asks)


def _perhaps(table: Table, kind: MaybeName, schema: Schema, origin: Origin, *, asks: bool) -> Table:
    """A table without a constraint that is not listed by its name.

    If just one could have it, that one is gone; of several, each may be.
    """
    unnamed = [
        item
        for item in table.constraints
        if not isinstance(item.name, str)
        and (item.name is not None or schema.database == "sqlite")
        and (not isinstance(kind, str) or item.kind == kind)
    ]
    if len(unnamed) == 1 and table.all_keys_known and not asks:
        return forget(table, unnamed[0], schema, origin)
    constraints = table.constraints_by_name
    for item in unnamed:
        perhaps = replace(item, presence=Presence.MAYBE, since=schema.clock)
        constraints = constraints.insert(table.fold(key_of(item.name, item.position)), perhaps)
    return replace(table, constraints_by_name=constraints)


def forget(table: Table, item: Constraint, schema: Schema, origin: Origin) -> Table:
    """A table in which a constraint is gone."""
    key = table.fold(key_of(item.name, item.position))
    gone = replace(item, presence=Presence.ABSENT, since=schema.clock, gone=origin)
    return replace(table, constraints_by_name=table.constraints_by_name.insert(key, gone))


def forget_index(table: Table, item: Index, schema: Schema, origin: Origin) -> Table:
    """A table in which an index is gone."""
    key = table.fold(key_of(item.name, item.position))
    gone = replace(item, presence=Presence.ABSENT, since=schema.clock, gone=origin)
    return replace(table, indexes_by_name=table.indexes_by_name.insert(key, gone))


def with_index(table: Table, index: Index) -> Table:
    """A table with an index as it is now."""
    key = table.fold(key_of(index.name, index.position))
    return replace(table, indexes_by_name=table.indexes_by_name.insert(key, index))


def renamed(table: Table, item: Constraint, new: str, schema: Schema, origin: Origin) -> Table:
    """A table in which a constraint has another name."""
    table = forget(table, item, schema, origin)
    named = replace(item, name=new, likely=None, since=schema.clock)
    return replace(
        table, constraints_by_name=table.constraints_by_name.insert(table.fold(new), named)
    )


def without_column(schema: Schema, table: Table, name: str, origin: Origin) -> Table:
    """A table without the constraints and indexes that a column takes with it.

    MySQL takes a column out of its indexes, and drops those that have no other.
    """
    for item in table.constraints:
        if isinstance(item.columns, tuple) and _has(table, item.columns, name):
            table = forget(table, item, schema, origin)
        elif isinstance(item.definition, model.CheckConstraint):
            table = _without_checked(table, item, name, schema, origin)
    for index in table.indexes:
        if not isinstance(index.columns, tuple):
            continue
        if schema.database in MERGED and len(index.columns) > 1:
            rest = tuple(item for item in index.columns if item != name)
            table = with_index(table, replace(index, columns=rest, since=schema.clock))
        elif _has(table, tuple(item for item in index.columns if isinstance(item, str)), name):
            table = forget_index(table, index, schema, origin)
        elif _may_speak_of(index, name):
            perhaps = replace(index, presence=Presence.MAYBE, since=schema.clock)
            table = with_index(table, perhaps)
    return table


def _may_speak_of(index: Index, column: str) -> bool:
    """Whether an expression or the condition of an index may be about a column."""
    given = index.columns if isinstance(index.columns, tuple) else ()
    expressions = [item for item in given if not isinstance(item, str)]
    conditions = [value for name, value in index.keywords if name.endswith("_where")]
    for item in (*expressions, *conditions):
        text = item.text if isinstance(item, model.SqlExpression) else item
        if not isinstance(text, str) or re.search(rf"\b{re.escape(column)}\b", text):
            return True
    return False


def _without_checked(
    table: Table, item: Constraint, column: str, schema: Schema, origin: Origin
) -> Table:
    """A table without a check that speaks of a column; its SQL may do so in disguise."""
    definition = item.definition
    condition = definition.condition if isinstance(definition, model.CheckConstraint) else None
    spoken = isinstance(condition, str) and re.search(rf"\b{re.escape(column)}\b", condition)
    if spoken and schema.database == "postgresql":
        return forget(table, item, schema, origin)
    if not spoken and isinstance(condition, str):
        return table
    perhaps = replace(item, presence=Presence.MAYBE, since=schema.clock)
    key = table.fold(key_of(item.name, item.position))
    return replace(table, constraints_by_name=table.constraints_by_name.insert(key, perhaps))


def _has(table: Table, columns: tuple[str, ...], name: str) -> bool:
    return table.fold(name) in {table.fold(item) for item in columns}
