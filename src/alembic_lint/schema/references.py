"""Foreign keys, with the tables and columns at both of their ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.model import AddColumn, CreateForeignKey, CreateTable, Operation, Unknown
from alembic_lint.schema.objects import Constraint, Index, Table, names
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A foreign key that is there: `columns` of `table` to `referent_columns` of `referent`.

    The columns stand pairwise. The referent may be absent, external, or the table itself.
    """

    constraint: Constraint
    table: Table
    columns: tuple[str, ...]
    referent: Table
    referent_columns: tuple[str, ...]

    @property
    def to_itself(self) -> bool:
        """Whether it stays within its table."""
        return self.table.key == self.referent.key


def references_of(schema: Schema, table: Table) -> Iterator[Reference]:
    """The foreign keys of a table that are certainly there and whose columns are known."""
    if table.presence is not Presence.PRESENT:
        return
    for constraint in table.constraints:
        definition = constraint.definition
        if constraint.presence is not Presence.PRESENT or not isinstance(
            definition, model.ForeignKeyConstraint
        ):
            continue
        key, columns = schema.referent(definition, table), constraint.columns
        if key is None or isinstance(columns, Unknown):
            continue
        referent = schema.at(key)
        targets = _targets(definition, referent)
        if targets is not None and columns and len(targets) == len(columns):
            yield Reference(
                constraint=constraint,
                table=table,
                columns=columns,
                referent=referent,
                referent_columns=targets,
            )


def references_to(schema: Schema, table: Table) -> Iterator[Reference]:
    """The foreign keys to a table that are certainly there, those of the table itself included."""
    key = schema.key(table.name, table.schema)
    for other in schema.referring(key):
        for reference in references_of(schema, other):
            if schema.key(reference.referent.name, reference.referent.schema) == key:
                yield reference


def _targets(definition: model.ForeignKeyConstraint, referent: Table) -> tuple[str, ...] | None:
    """The columns that a foreign key is to; without any in SQL, those of the primary key."""
    if isinstance(definition.referent_columns, Unknown):
        return None
    if not definition.referent_columns:
        primary = referent.primary_key
        if primary is None or isinstance(primary.columns, Unknown):
            return None
        return primary.columns
    found = names(definition.referent_columns)
    return None if isinstance(found, Unknown) else found


def is_unique_target(key: Constraint | Index, database: str) -> bool:
    """Whether a key is of a kind that a foreign key can be to: not partial, not deferrable.

    Source: PostgreSQL's `transformFkeyCheckAttrs`.
    """
    if isinstance(key, Index):
        return key.unique is True and not has_condition(key, database)
    if isinstance(key.definition, model.UniqueConstraint):
        return not key.definition.deferrable
    return key.kind == "primary"


def has_condition(index: Index, database: str) -> bool:
    """Whether an index is of some rows only, or may be."""
    return any(
        keyword == f"{database}_where" and value is not None for keyword, value in index.keywords
    )


def key_columns_of(key: Constraint | Index) -> tuple[str, ...] | None:
    """The columns of a key; None where they are not known or not columns alone."""
    columns = key.names if isinstance(key, Index) else key.columns
    return columns if isinstance(columns, tuple) else None


def references_made(schema: Schema, operation: Operation) -> Iterator[Reference]:
    """The foreign keys that an operation has made in the schema after it."""
    match operation:
        case (
            CreateTable(table=str(name), schema=None | str() as place)
            | AddColumn(table=str(name), schema=None | str() as place)
            | CreateForeignKey(table=str(name), schema=None | str() as place)
        ):
            for reference in references_of(schema, schema.table(name, place)):
                origin = reference.constraint.origin
                if origin is not None and origin.operation is operation:
                    yield reference
        case _:
            return
