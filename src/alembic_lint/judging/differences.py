"""How the schema after an upgrade and its downgrade differs from the one before, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.judging.inverse import given_name
from alembic_lint.judging.returning import may_be_one_name
from alembic_lint.model import AddColumn, CreateIndex, CreateTable, Unknown
from alembic_lint.replay import RoundTrip
from alembic_lint.schema import (
    Column,
    Comparison,
    Constraint,
    Index,
    Presence,
    Table,
    TableKey,
    Verdict,
    compare_tables,
)

_NAMES_INDEXES = frozenset({"mysql", "mariadb"})
"""Databases that make an index for a foreign key, and keep it."""

Object = Table | Column | Constraint | Index

Kept = TypeVar("Kept")


class Outcome(StrEnum):
    """What became of an object."""

    LEFT = "left"
    """It was not there before the upgrade, and stays."""
    LOST = "lost"
    """It was there before, and does not come back."""
    KEPT = "kept"
    """An attribute of it stays as the upgrade made it."""
    UNLIKE = "unlike"
    """It is made anew, and an attribute of it is not as it was."""
    RENAMED = "renamed"
    """It is there under another name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not as it was.

    `first` is what it was before the upgrade and `second` what it is after the downgrade, None
    where there was or is none. `goes_along` tells that it comes and goes with a column that differs
    as well.
    """

    outcome: Outcome
    key: TableKey
    first: Object | None
    second: Object | None
    attribute: str | None = None
    goes_along: bool = False


def differences(trip: RoundTrip) -> Iterator[tuple[TableKey, tuple[Difference, ...]]]:
    """What is certain to differ, for each table that the revision works on, in a fixed order."""
    changed = trip.restored.changed_since(trip.before)
    moved: set[TableKey] = set()
    for key in sorted(changed, key=lambda key: (key[0] or "", key[1])):
        first, second = trip.before.at(key), trip.restored.at(key)
        renamed = _renamed_table(trip, first, second)
        if renamed is not None:
            moved.add(renamed.key)
            yield key, (Difference(Outcome.RENAMED, key, first, renamed),)
    for key in sorted(changed - moved, key=lambda key: (key[0] or "", key[1])):
        first, second = trip.before.at(key), trip.restored.at(key)
        if _renamed_table(trip, first, second) is None and not _was_never_seen(trip, first, second):
            found = tuple(_of_table(trip, first, second))
            if found:
                yield key, found


def _renamed_table(trip: RoundTrip, first: Table, second: Table) -> Table | None:
    """The table that a table is after the downgrade, where it was renamed and not renamed back."""
    if first.presence is not Presence.PRESENT or second.renamed_to is None:
        return None
    if second.presence is not Presence.ABSENT or second.gone is None:
        return None
    match second.gone.operation:
        case model.RenameTable(new_schema=None | str() as place):
            there = trip.restored.table(second.renamed_to, place)
        case _:
            there = trip.restored.table(second.renamed_to, second.schema)
    was = trip.before.at(there.key)
    present = there.presence is Presence.PRESENT and was.presence is Presence.ABSENT
    return there if present else None


def _was_never_seen(trip: RoundTrip, first: Table, second: Table) -> bool:
    """Whether a table that is dropped is only taken to have been there before Alembic.

    Where the drop asks, or the revision makes a table of that name on the way, it need not have.
    """
    if not first.external or second.presence is not Presence.ABSENT or second.gone is None:
        return False
    drop = second.gone.operation
    made = any(
        isinstance(step.operation, CreateTable) and step.operation.table == first.name
        for step in (*trip.steps, *trip.downgrade_steps)
    )
    return made or not isinstance(drop, model.DropTable) or drop.if_exists is not False


def _of_table(trip: RoundTrip, first: Table, second: Table) -> Iterator[Difference]:
    key = first.key
    compared = [
        item
        for item in compare_tables(*_touched(first, second), trip.database)
        if not _is_index_of_key(trip, item)
    ]
    alone = [
        item
        for item in compared
        if item.verdict in {Verdict.MISSING, Verdict.EXTRA}
        and not _has_twin(first, second, item)
        and not _may_have_another_name(trip, item)
        and not _was_there(trip, item)
    ]
    alone = [item for item in alone if not _is_unique_otherwise(item, alone)]
    columns = {
        verdict: frozenset(
            item.name for item in alone if item.kind == "column" and item.verdict is verdict
        )
        for verdict in (Verdict.MISSING, Verdict.EXTRA)
    }
    renamed = _under_other_names(alone)
    for one, other in renamed:
        yield Difference(Outcome.RENAMED, key, _object(one.first), _object(other.second))
    taken = {id(item) for pair in renamed for item in pair}
    names = frozenset(item.name for pair in renamed for item in pair if item.kind == "column")
    for item in alone:
        # What is about a renamed column follows it.
        if id(item) not in taken and not _goes_along(item, names):
            outcome = Outcome.LOST if item.verdict is Verdict.MISSING else Outcome.LEFT
            along = _goes_along(item, columns[item.verdict])
            was, is_ = _object(item.first), _object(item.second)
            yield Difference(outcome, key, was, is_, goes_along=along)
    followed = [item for item in compared if not _goes_along(item, names)]
    yield from _attributes(trip, key, followed)


def _touched(first: Table, second: Table) -> tuple[Table, Table]:
    """Two tables without what nothing has touched in between, which is the same object in both."""
    columns = _same(first.columns_by_name, second.columns_by_name)
    constraints = _same(first.constraints_by_name, second.constraints_by_name)
    indexes = _same(first.indexes_by_name, second.indexes_by_name)
    one, other = (
        replace(
            table,
            columns_by_name=_less(table.columns_by_name, columns),
            constraints_by_name=_less(table.constraints_by_name, constraints),
            indexes_by_name=_less(table.indexes_by_name, indexes),
        )
        for table in (first, second)
    )
    return one, other


def _same(first: HashTrieMap[str, Kept], second: HashTrieMap[str, Kept]) -> tuple[str, ...]:
    return tuple(name for name, part in first.items() if second.get(name) is part)


def _less(parts: HashTrieMap[str, Kept], names: tuple[str, ...]) -> HashTrieMap[str, Kept]:
    for name in names:
        parts = parts.remove(name)
    return parts


def _object(item: object) -> Object | None:
    return item if isinstance(item, Table | Column | Constraint | Index) else None


def _is_index_of_key(trip: RoundTrip, item: Comparison) -> bool:
    """Whether it is an index that MySQL has made for a foreign key, which it keeps."""
    if trip.database not in _NAMES_INDEXES or item.kind != "index":
        return False
    index = item.first if item.first is not None else item.second
    if not isinstance(index, Index) or index.origin is None:
        return False
    match index.origin.operation:
        case CreateIndex():
            return False
        case AddColumn(column=model.Column(index=indexed)):
            return indexed is not True
        case CreateTable(columns=tuple(columns), indexes=indexes):
            listed = {one.name for one in indexes} | {
                f"ix_{one.name}" for one in columns if isinstance(one, model.Column) and one.index
            }
            return index.name not in listed and index.likely is None
        case _:
            return True


def _has_twin(first: Table, second: Table, item: Comparison) -> bool:
    """Whether a constraint that one side lacks is there once more, or once less.

    Two foreign keys on one column, say, of which one may have been dropped by a name not known.
    """
    part, others = item.first, second.constraints
    if part is None:
        part, others = item.second, first.constraints
    if not isinstance(part, Constraint) or isinstance(part.columns, Unknown):
        return False
    if given_name(part) is not None and all(
        other.presence is Presence.PRESENT and given_name(other) is not None for other in others
    ):
        return False
    return any(other.kind == part.kind and other.columns == part.columns for other in others)


def _is_unique_otherwise(item: Comparison, alone: list[Comparison]) -> bool:
    """Whether a unique index has come for a unique constraint on the same columns, or the other."""
    columns = _unique_columns(item)
    return columns is not None and any(
        other.verdict is not item.verdict
        and other.kind != item.kind
        and _unique_columns(other) == columns
        for other in alone
    )


def _unique_columns(item: Comparison) -> tuple[str, ...] | None:
    match item.first if item.first is not None else item.second:
        case Index(unique=True, names=tuple(names)):
            return names
        case Constraint(kind="unique", columns=tuple(columns)):
            return columns
        case _:
            return None


def _was_there(trip: RoundTrip, item: Comparison) -> bool:
    """Whether the upgrade itself drops what is left over, by its name: it was there before."""
    return item.verdict is Verdict.EXTRA and _is_dropped(trip, item.table, _object(item.second))


def _is_dropped(trip: RoundTrip, key: TableKey | None, part: Object | None) -> bool:
    """Whether the upgrade drops what has this name, or would if it were there."""
    if part is None or key is None:
        return False
    for step in trip.steps:
        match step.operation:
            case model.DropColumn(table=str(table), column=name) if isinstance(part, Column):
                same = step.before.key(table)[1] == key[1]
            case model.DropIndex(name=name) if isinstance(part, Index):
                same = True
            case model.DropConstraint(name=name) if isinstance(part, Constraint):
                same = True
            case _:
                continue
        if same and name == part.name:
            return True
    return False


def _may_have_another_name(trip: RoundTrip, item: Comparison) -> bool:
    """Whether a naming convention that is not known may have named a constraint otherwise.

    Another line then speaks of it by the name that it has in truth.
    """
    part = item.first if item.first is not None else item.second
    if not isinstance(part, Constraint) or not isinstance(part.name, str):
        return False
    if trip.before.starts.conventions is not None:
        return False
    tables = [schema.at(item.table) for schema in (trip.before, trip.after) if item.table]
    names = {other.name for table in tables for other in table.constraints}
    for step in (*trip.steps, *trip.downgrade_steps):
        match step.operation:
            case model.DropConstraint(name=name):
                names.add(name)
            case model.CreateCheckConstraint(constraint=constraint):
                names.add(constraint.name)
            case _:
                pass
    return any(isinstance(name, str) and may_be_one_name(name, part.name) for name in names)


def _under_other_names(alone: list[Comparison]) -> list[tuple[Comparison, Comparison]]:
    """Objects that one side lacks and the other has under another name: pairs of the two."""
    found: list[tuple[Comparison, Comparison]] = []
    extra = [item for item in alone if item.verdict is Verdict.EXTRA]
    for item in alone:
        if item.verdict is not Verdict.MISSING:
            continue
        other = next((two for two in extra if two.kind == item.kind and _alike(item, two)), None)
        if other is not None:
            extra.remove(other)
            found.append((item, other))
    return found


def _alike(lost: Comparison, left: Comparison) -> bool:
    match lost.first, left.second:
        case Column(), Column(renamed_to=None) as column:
            return lost.second is not None and _renamed_to(lost.second) == column.name
        case Index() as one, Index() as other:
            return one.columns == other.columns and one.unique == other.unique
        case Constraint() as one, Constraint() as other:
            return one.definition == other.definition
        case _:
            return False


def _renamed_to(item: object) -> str | None:
    return item.renamed_to if isinstance(item, Column) else None


def _goes_along(item: Comparison, columns: frozenset[str]) -> bool:
    """Whether a key or an index is about a column that comes, or goes, as well."""
    part = item.first if item.first is not None else item.second
    match part:
        case Constraint():
            names = part.columns
        case Index():
            names = part.names
        case _:
            return False
    return isinstance(names, tuple) and bool(columns.intersection(names))


def _attributes(trip: RoundTrip, key: TableKey, compared: list[Comparison]) -> Iterator[Difference]:
    """The attributes that differ in what is there before and afterwards."""
    unlike = [item for item in compared if item.verdict is Verdict.UNLIKE]
    if not unlike:
        return
    up, back = _meanwhile(trip, key), trip.restored.at(key)
    same = {
        (item.kind, _identity(item.second), item.attribute)
        for item in compare_tables(up, back, trip.database)
        if item.verdict is Verdict.EQUAL and item.attribute is not None
    }
    for item in unlike:
        first, second = _object(item.first), _object(item.second)
        if item.attribute == "name":
            if _both_given(first, second) and not _is_dropped(trip, key, second):
                yield Difference(Outcome.RENAMED, key, first, second)
            continue
        kept = (item.kind, _identity(item.second), item.attribute) in same
        outcome = Outcome.KEPT if kept else Outcome.UNLIKE
        yield Difference(outcome, key, first, second, item.attribute)


def _meanwhile(trip: RoundTrip, key: TableKey) -> Table:
    """A table after the upgrade, which may have given it another name."""
    table = trip.after.at(key)
    if (
        table.presence is Presence.ABSENT
        and table.gone is not None
        and table.renamed_to is not None
    ):
        match table.gone.operation:
            case model.RenameTable(new_schema=None | str() as place):
                return trip.after.table(table.renamed_to, place)
            case model.RenameTable():
                return trip.after.table(table.renamed_to, key[0])
            case _:
                pass
    return table


def _identity(item: object) -> object:
    """What tells an object from the others of its kind in one schema."""
    match item:
        case Column():
            return item.name
        case Constraint() | Index():
            return item.position
        case _:
            return None


def _both_given(first: Object | None, second: Object | None) -> bool:
    """Whether two names were written: those that a database makes up are no one's business."""
    match first, second:
        case (Constraint() | Index()) as one, (Constraint() | Index()) as other:
            names = given_name(one), given_name(other)
            return None not in names and len({str(name).lower() for name in names}) == 2
        case _:
            return False
