"""Conditions: whether they hold in a schema, and what is so where they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alembic_lint.model import (
    And,
    ColumnExists,
    Condition,
    ConstraintExists,
    DialectIs,
    EnumExists,
    IndexExists,
    Name,
    Not,
    OfflineMode,
    OpaqueCondition,
    Or,
    TableExists,
    Unknown,
)
from alembic_lint.schema.objects import Index, Table, unseen
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.ticks import INDEX
from alembic_lint.schema.values import Presence


def holds(condition: Condition, schema: Schema) -> bool | None:
    """Whether a condition holds in a schema; None where that is not known.

    The database is taken to be there: a test for offline mode fails.
    """
    match condition:
        case TableExists(str(name), None | str() as place):
            view = schema.view(name, place)
            if view is not None:
                return _verdict(view.presence)
            return _exists(schema.table(name, place))
        case ColumnExists(str(table), str(column), None | str() as place):
            owner = schema.table(table, place)
            return _within(owner, owner.has_column(column))
        case IndexExists(str(name), str(table), None | str() as place):
            owner = schema.table(table, place)
            return _within(owner, _has_index(owner, name))
        case ConstraintExists(str(name), str(table), _, None | str() as place):
            owner = schema.table(table, place)
            return _within(owner, owner.has_constraint(name))
        case IndexExists(None, str(table), None | str() as place, tuple(columns)):
            owner = schema.table(table, place)
            return _within(owner, _has_index_on(owner, columns, schema.database))
        case ConstraintExists(None, str(table), str(kind), None | str() as place, tuple(columns)):
            owner = schema.table(table, place)
            return _within(owner, _has_constraint_on(owner, columns, kind))
        case (
            ColumnExists(table=str(table), schema=None | str() as place)
            | IndexExists(table=str(table), schema=None | str() as place)
            | ConstraintExists(table=str(table), schema=None | str() as place)
        ):
            return _within(schema.table(table, place), Presence.MAYBE)
        case EnumExists(str(name), None | str() as place) if schema.database == "postgresql":
            return _verdict(schema.has_enum(name, place))
        case DialectIs(names):
            return schema.database in names
        case OfflineMode():
            return False
        case Not(term):
            verdict = holds(term, schema)
            return None if verdict is None else not verdict
        case And(terms):
            return _all(holds(term, schema) for term in terms)
        case Or(terms):
            none = _all(holds(Not(term), schema) for term in terms)
            return None if none is None else not none
        case (
            TableExists()
            | ColumnExists()
            | IndexExists()
            | ConstraintExists()
            | EnumExists()
            | OpaqueCondition()
        ):
            return None


def _has_index(table: Table, name: str) -> Presence:
    """Whether a table has an index; the inspectors of some databases list constraints as well."""
    found = table.has_index(name)
    if found is Presence.ABSENT and table.has_constraint(name) is not Presence.ABSENT:
        return Presence.MAYBE
    return found


def _has_index_on(table: Table, columns: tuple[Name, ...], database: str) -> Presence:
    """Whether a table has an index on just these columns, in this order.

    The inspectors of some databases list the indexes of unique constraints, and MySQL makes one for
    each foreign key.
    """
    found = _any_on(table, columns, (INDEX,))
    if found is not Presence.ABSENT:
        return found
    kinds = ("unique",) if database in ("postgresql", "sqlite") else ("unique", "foreignkey")
    same = _any_on(table, columns, kinds) is not Presence.ABSENT
    return Presence.MAYBE if same else Presence.ABSENT


def _has_constraint_on(table: Table, columns: tuple[Name, ...], kind: str) -> Presence:
    """Whether a table has a constraint of a kind on just these columns, in this order."""
    return _any_on(table, columns, (kind,))


def _any_on(table: Table, columns: tuple[Name, ...], kinds: tuple[str, ...]) -> Presence:
    """Whether a key of these kinds is on just these columns; Maybe where their order differs."""
    if any(isinstance(name, Unknown) for name in columns):
        return Presence.MAYBE
    wanted = tuple(table.fold(name) for name in columns if isinstance(name, str))
    found = Presence.ABSENT if table.all_known(*kinds) else Presence.MAYBE
    for item in table.keys:
        if item.kind not in kinds:
            continue
        on = item.names if isinstance(item, Index) else item.columns
        if isinstance(on, Unknown):
            found = Presence.MAYBE
        elif tuple(table.fold(name) for name in on) == wanted:
            if item.presence is Presence.PRESENT:
                return Presence.PRESENT
            found = Presence.MAYBE
        elif sorted(map(table.fold, on)) == sorted(wanted):
            found = Presence.MAYBE  # it may be sets that are compared
    return found


def _verdict(presence: Presence) -> bool | None:
    return None if presence is Presence.MAYBE else presence is Presence.PRESENT


def _exists(table: Table) -> bool | None:
    """Whether a table is there; not known for one that only its guard speaks of."""
    return None if table.external and table.since == 0 else _verdict(table.presence)


def _within(table: Table, presence: Presence) -> bool | None:
    """Whether a table has something: False where not even the table is there."""
    if table.presence is Presence.ABSENT:
        return False
    verdict = _verdict(presence)
    return None if verdict and table.presence is Presence.MAYBE else verdict


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    """True where all are, False where one is False, None otherwise."""
    found = list(verdicts)
    if False in found:
        return False
    return None if None in found else True


def supposing(schema: Schema, condition: Condition, *, true: bool = True) -> Schema:
    """The schema where a condition that could not be decided holds, or does not."""
    match condition:
        case Not(term):
            return supposing(schema, term, true=not true)
        case And(terms) if true:
            for term in terms:
                schema = supposing(schema, term)
            return schema
        case Or(terms) if not true:
            for term in terms:
                schema = supposing(schema, term, true=False)
            return schema
        case TableExists(str(name), None | str() as place):
            return _with_presence(schema, schema.table(name, place), there=true)
        case ColumnExists(str(name), str(column), None | str() as place):
            return _with_column(schema, schema.table(name, place), column, there=true)
        case _:
            return schema


def _with_presence(schema: Schema, table: Table, *, there: bool) -> Schema:
    presence = Presence.PRESENT if there else Presence.ABSENT
    if table.presence is presence and table.since > 0:
        return schema
    ticked = schema.ticked()
    makers = table.makers if there else ()
    return ticked.with_table(replace(table, presence=presence, since=ticked.clock, makers=makers))


def _with_column(schema: Schema, table: Table, name: str, *, there: bool) -> Schema:
    """The schema where a table has a column, or lacks it if the table is there."""
    if there:
        schema = _with_presence(schema, table, there=True)
        table = schema.table(table.name, table.schema)
    column = table.column(name)
    presence = Presence.PRESENT if there else Presence.ABSENT
    if table.presence is Presence.ABSENT or (column and column.presence is presence):
        return schema
    ticked = schema.ticked()
    known = replace(column or unseen(name), presence=presence, since=ticked.clock, gone=None)
    columns = table.columns_by_name.insert(table.fold(name), known)
    return ticked.with_table(replace(table, columns_by_name=columns))
