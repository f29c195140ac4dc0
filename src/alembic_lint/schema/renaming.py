"""Constraints and indexes after a rename: theirs, or of what they are about."""

from __future__ import annotations

from dataclasses import replace

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.model import RenameConstraint
from alembic_lint.schema.keys import renamed
from alembic_lint.schema.naming import Conventions, conventional_name
from alembic_lint.schema.objects import Constraint, Definition, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_wherever, standing
from alembic_lint.schema.values import Origin, Presence, TableKey


def conventionally_named(table: Table, conventions: Conventions) -> Table:
    """A table whose constraints without a name have likely names by a convention."""
    constraints = table.constraints_by_name
    for key, item in list(constraints.items()):
        if item.name is None:
            named = conventional_name(item.definition, table.schema, table.name, conventions)
            likely = named if isinstance(named, str) else None
            constraints = constraints.insert(key, replace(item, likely=likely))
    return replace(table, constraints_by_name=constraints)


def rename_constraint(schema: Schema, origin: Origin, operation: RenameConstraint) -> Schema:
    """The schema after `ALTER TABLE … RENAME CONSTRAINT … TO …`."""
    match operation:
        case RenameConstraint(
            table=str(name), name=str(old), new_name=str(new), schema=None | str() as place
        ):
            table = standing(schema, name, place)
        case RenameConstraint(table=str(name)):
            return blurred_wherever(schema, name, keys_only=True)
        case _:
            return schema.blurred_keys()
    if table is None:
        return schema
    item = table.constraint(old)
    if item is None or item.presence is Presence.ABSENT:
        return schema
    table = renamed(table, item, new, schema, origin)
    schema = schema.with_table(table)
    return schema.with_home(new, table) if item.kind in {"primary", "unique"} else schema


def with_column_renamed(table: Table, old: str, new: str) -> Table:
    """A table whose constraints and indexes speak of a column by its new name."""
    constraints: HashTrieMap[str, Constraint] = table.constraints_by_name
    for key, item in list(constraints.items()):
        changed = _definition_renamed(item.definition, old, new)
        if changed is not item.definition:
            constraints = constraints.insert(key, replace(item, definition=changed))
    indexes: HashTrieMap[str, Index] = table.indexes_by_name
    for key, index in list(indexes.items()):
        if isinstance(index.columns, tuple) and old in index.columns:
            columns = tuple(new if item == old else item for item in index.columns)
            indexes = indexes.insert(key, replace(index, columns=columns))
    return replace(table, constraints_by_name=constraints, indexes_by_name=indexes)


def _definition_renamed(definition: Definition, old: str, new: str) -> Definition:
    match definition:
        case model.CheckConstraint() | model.ExcludeConstraint():
            return definition
        case _ if isinstance(definition.columns, tuple) and old in definition.columns:
            columns = tuple(new if item == old else item for item in definition.columns)
            return replace(definition, columns=columns)
        case _:
            return definition


def with_referent_renamed(table: Table, old: str, new: Table) -> Table:
    """A table whose foreign keys to a renamed table speak of it by its new name."""
    constraints = table.constraints_by_name
    for key, item in list(constraints.items()):
        definition = item.definition
        if isinstance(definition, model.ForeignKeyConstraint) and definition.referent == old:
            changed = replace(definition, referent=new.name, referent_schema=new.schema)
            constraints = constraints.insert(key, replace(item, definition=changed))
    return replace(table, constraints_by_name=constraints)


def with_referred_column_renamed(
    schema: Schema, table: Table, key: TableKey, old: str, new: str
) -> Table:
    """A table whose foreign keys to a renamed column speak of it by its new name."""
    constraints = table.constraints_by_name
    for name, item in list(constraints.items()):
        definition = item.definition
        if (
            isinstance(definition, model.ForeignKeyConstraint)
            and schema.referent(definition, table) == key
            and isinstance(definition.referent_columns, tuple)
            and old in definition.referent_columns
        ):
            columns = tuple(new if item == old else item for item in definition.referent_columns)
            changed = replace(definition, referent_columns=columns)
            constraints = constraints.insert(name, replace(item, definition=changed))
    return replace(table, constraints_by_name=constraints)
