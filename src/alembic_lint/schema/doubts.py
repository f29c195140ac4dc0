"""Why not everything about a table is certain."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.model import Unknown
from alembic_lint.schema.objects import Column, Constraint, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.ticks import KEY_KINDS
from alembic_lint.schema.values import Origin, Presence

_KINDS = {"primary": "primary key", "foreignkey": "foreign key", "exclude": "exclusion"}


def doubts(schema: Schema, table: Table) -> Iterator[str]:
    """Why not everything about a table is certain, in a fixed order; nothing where it is."""
    if table.presence is Presence.MAYBE:
        where = ", ".join(dict.fromkeys(_place(item) for item in table.makers[:3]))
        made = f" (made at {where})" if where else ""
        yield f"whether the table is there is not certain{made}"
    if table.external:
        yield "the table was there before the history; what was in it then is not known"
    elif not table.all_columns_known or not table.all_keys_known:
        what = _listed(tuple(_open(table)))
        blurred = max(schema.gained, schema.parts_gained) >= 0
        cause = "something in the history that cannot be read" if blurred else "an operation on it"
        yield f"there may be more {what}: {cause} could have added some"
    parts = [doubt for column in table.columns for doubt in _of_column(column)]
    parts += [doubt for item in table.keys for doubt in _of_key(item)]
    yield from dict.fromkeys(parts)


def _open(table: Table) -> Iterator[str]:
    """What there may be more of in a table."""
    if not table.all_columns_known:
        yield "columns"
    kinds = table.keys_gained.kinds
    if kinds == KEY_KINDS:
        yield from ("keys", "indexes")
    else:
        yield from (_PLURALS[kind] for kind in kinds)


_PLURALS = {
    "primary": "primary keys",
    "foreignkey": "foreign keys",
    "unique": "unique constraints",
    "check": "checks",
    "exclude": "exclusion constraints",
    "index": "indexes",
}


def _listed(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _of_column(column: Column) -> Iterator[str]:
    if column.presence is Presence.MAYBE:
        yield f"whether column {column.name} is there is not certain"
    if isinstance(column.type, Unknown):
        yield f"the type of {column.name} is not known: {column.type.why}"
    elif not column.type.known:
        yield f"what {column.type.name} makes of {column.name} in the database is not known"
    if isinstance(column.nullable, Unknown):
        yield f"whether {column.name} takes NULL is not known: {column.nullable.why}"
    if isinstance(column.default, Unknown):
        yield f"the default of {column.name} is not known: {column.default.why}"


def _of_key(item: Constraint | Index) -> Iterator[str]:
    kind = "index" if isinstance(item, Index) else _KINDS.get(item.kind, item.kind)
    name = item.name if isinstance(item.name, str) else item.likely
    called = f"{kind} {name}" if name else f"the {kind}"
    if item.presence is Presence.MAYBE:
        yield f"whether {called} is there is not certain"
    if isinstance(item.name, Unknown):
        yield f"the name of {called} is not known: {item.name.why}"
    columns = item.columns if isinstance(item, Index) else _columns(item)
    if isinstance(columns, Unknown):
        yield f"what {called} is about is not known: {columns.why}"


def _columns(item: Constraint) -> object:
    match item.definition:
        case model.CheckConstraint(condition=condition):
            return condition
        case model.ExcludeConstraint(elements=elements):
            return elements
        case model.ForeignKeyConstraint(columns=tuple(), referent_columns=Unknown() as columns):
            return columns
        case definition:
            return definition.columns


def certain(schema: Schema, table: Table) -> bool:
    """Whether everything about a table is known."""
    return next(doubts(schema, table), None) is None


def _place(origin: Origin) -> str:
    return f"{origin.revision.path}:{origin.operation.span.line}"
