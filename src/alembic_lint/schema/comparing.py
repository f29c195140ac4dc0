"""How two schemas differ: object by object, and what of it is certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from alembic_lint import model
from alembic_lint.model import Unknown
from alembic_lint.schema.comparing_keys import compare_constraints, compare_indexes
from alembic_lint.schema.defaults import same_default
from alembic_lint.schema.numbering import WHOLE
from alembic_lint.schema.objects import Column, Constraint, EnumType, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.types import family, same_type
from alembic_lint.schema.values import Presence, TableKey
from alembic_lint.schema.verdicts import Comparison, Verdict, as_verdict, equal, of_part, verdict_of

_WITHOUT_COMMENTS = frozenset({"sqlite"})
_MERGED = frozenset({"mysql", "mariadb"})


def compare(
    first: Schema, second: Schema, keys: Collection[TableKey] | None = None
) -> Iterator[Comparison]:
    """Compare two schemas of one database, in a fixed order.

    Args:
        first: one schema.
        second: the other one.
        keys: the tables to compare; None: all that either has worked on.
    """
    wanted = keys if keys is not None else {*first.tables_by_key, *second.tables_by_key}
    for key in sorted(wanted, key=lambda key: (key[0] or "", key[1])):
        yield from compare_tables(first.at(key), second.at(key), first.database)
    names = {*first.enums_by_key, *second.enums_by_key}
    for place, name in sorted(names, key=lambda key: (key[0] or "", key[1])):
        yield from _enums(first, second, name, place)


def compare_tables(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    """Compare two tables: whether they are there, and if both are, what is in them."""
    key = first.key
    verdict = verdict_of(first.presence, second.presence)
    if verdict is None:
        return
    yield Comparison(
        kind="table", table=key, name=first.name, verdict=verdict, first=first, second=second
    )
    if Presence.ABSENT in (first.presence, second.presence):
        return
    if verdict is Verdict.EQUAL and database not in _WITHOUT_COMMENTS and not first.external:
        same = equal(first.comment, second.comment)
        yield Comparison(
            kind="table",
            table=key,
            name=first.name,
            verdict=as_verdict(same),
            attribute="comment",
            first=first,
            second=second,
        )
    if database in _MERGED:
        first, second = _with_unique_as_constraints(first), _with_unique_as_constraints(second)
    yield from _columns(first, second, database)
    yield from compare_constraints(first, second, database)
    yield from compare_indexes(first, second, database)


def _with_unique_as_constraints(table: Table) -> Table:
    """A table of MySQL, on which a unique constraint and a unique index are one thing."""
    constraints, indexes = table.constraints_by_name, table.indexes_by_name
    for key, item in table.indexes_by_name.items():
        if item.unique is True and isinstance(item.names, tuple):
            indexes = indexes.discard(key)
            if key not in constraints:
                constraint = Constraint(
                    name=item.name,
                    definition=model.UniqueConstraint(item.names),
                    likely=item.likely,
                    position=table.next_position + item.position,
                    presence=item.presence,
                    since=item.since,
                    origin=item.origin,
                    gone=item.gone,
                )
                constraints = constraints.insert(key, constraint)
    return replace(table, constraints_by_name=constraints, indexes_by_name=indexes)


def _columns(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    names = dict.fromkeys(first.fold(item.name) for item in (*first.columns, *second.columns))
    for folded in names:
        one, other = first.column(folded), second.column(folded)
        verdict = verdict_of(first.has_column(folded), second.has_column(folded))
        if verdict is None:
            continue
        known = one if one is not None else other
        name = folded if known is None else known.name
        yield of_part("column", first, name, verdict, None, one, other)
        if verdict is Verdict.EQUAL and one is not None and other is not None:
            for attribute, same in _column_attributes(one, other, database):
                yield of_part("column", first, name, as_verdict(same), attribute, one, other)


def _column_attributes(
    one: Column, other: Column, database: str
) -> Iterator[tuple[str, bool | None]]:
    yield "type", same_type(one.type, other.type, database)
    yield "nullable", equal(one.nullable, other.nullable)
    yield "default", _same_default(one, other, database)
    if database not in _WITHOUT_COMMENTS:
        yield "comment", equal(one.comment, other.comment)


def _same_default(one: Column, other: Column, database: str) -> bool | None:
    """Whether two columns have the same default, or count up both."""
    same = same_default(one.default, other.default)
    if database != "postgresql":
        return same
    if one.serial is True and other.serial is True:
        return True
    known = [item.serial for item in (one, other) if not isinstance(item.serial, Unknown)]
    if True not in known:
        kinds = [family(item.type, database) for item in (one, other)]
        whole = all(kind is None or kind[0] in WHOLE for kind in kinds)
        return same if len(known) == len(kinds) or not whole else None
    if len(known) == 1:
        return None
    # One counts up, the other may do so with a sequence that was not made for it.
    plain = other.default if one.serial is True else one.default
    return None if same_default(None, plain) is None else False


def _enums(first: Schema, second: Schema, name: str, place: str | None) -> Iterator[Comparison]:
    verdict = verdict_of(first.has_enum(name, place), second.has_enum(name, place))
    if verdict is None:
        return
    one, other = first.enum(name, place), second.enum(name, place)
    key = first.key(name, place)
    yield Comparison(kind="enum", table=key, name=name, verdict=verdict, first=one, second=other)
    if verdict is Verdict.EQUAL and one is not None and other is not None:
        same = None if _vague(one) or _vague(other) else one.values == other.values
        yield Comparison(
            kind="enum",
            table=key,
            name=name,
            verdict=as_verdict(same),
            attribute="values",
            first=one,
            second=other,
        )


def _vague(enum: EnumType) -> bool:
    values = enum.values
    return isinstance(values, Unknown) or any(isinstance(item, Unknown) for item in values)
