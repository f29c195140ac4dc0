"""How two schemas differ: object by object, and what of it is certain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from alembic_lint import model
from alembic_lint.model import Flag, IndexElement, MaybeName, Name, SqlExpression, Unknown
from alembic_lint.schema.defaults import plain_expression, same_default
from alembic_lint.schema.objects import Column, Constraint, EnumType, Index, Table
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.types import same_type
from alembic_lint.schema.values import Presence, TableKey

_WITHOUT_COMMENTS = frozenset({"sqlite"})
_MERGED = frozenset({"mysql", "mariadb"})


class Verdict(StrEnum):
    """What a comparison comes to."""

    EQUAL = "equal"
    MISSING = "missing"
    """The first has it, the second does not."""
    EXTRA = "extra"
    """The second has it, the first does not."""
    UNLIKE = "unlike"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One object, or one attribute of it, in two schemas.

    `kind` is "table", "column", "primary", "foreignkey", "unique", "check", "exclude", "index" or
    "enum". `name` is the object's, or its columns where it has none. `attribute` None means the
    object as a whole. `first` and `second` are those of the two schemas, None where one lacks it.
    """

    kind: str
    table: TableKey | None
    name: str
    verdict: Verdict
    attribute: str | None = None
    first: Table | Column | Constraint | Index | EnumType | None = None
    second: Table | Column | Constraint | Index | EnumType | None = None

    @property
    def differs(self) -> bool:
        """Whether the two certainly differ."""
        return self.verdict in {Verdict.MISSING, Verdict.EXTRA, Verdict.UNLIKE}


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
    verdict = _presence(first.presence, second.presence)
    if verdict is None:
        return
    yield Comparison(
        kind="table", table=key, name=first.name, verdict=verdict, first=first, second=second
    )
    if Presence.ABSENT in (first.presence, second.presence):
        return
    if verdict is Verdict.EQUAL and database not in _WITHOUT_COMMENTS and not first.external:
        same = _same(first.comment, second.comment)
        yield Comparison(
            kind="table",
            table=key,
            name=first.name,
            verdict=_verdict(same),
            attribute="comment",
            first=first,
            second=second,
        )
    if database in _MERGED:
        first, second = _with_unique_as_constraints(first), _with_unique_as_constraints(second)
    yield from _columns(first, second, database)
    yield from _constraints(first, second, database)
    yield from _indexes(first, second)


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


def _presence(first: Presence, second: Presence) -> Verdict | None:
    """What two presences come to; None where neither is there."""
    if first is second is Presence.ABSENT:
        return None
    if Presence.MAYBE in (first, second):
        return Verdict.UNCERTAIN
    if first is second:
        return Verdict.EQUAL
    return Verdict.MISSING if second is Presence.ABSENT else Verdict.EXTRA


def _columns(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    names = dict.fromkeys(first.fold(item.name) for item in (*first.columns, *second.columns))
    for folded in names:
        one, other = first.column(folded), second.column(folded)
        verdict = _presence(first.has_column(folded), second.has_column(folded))
        if verdict is None:
            continue
        known = one if one is not None else other
        name = folded if known is None else known.name
        yield _one("column", first, name, verdict, None, one, other)
        if verdict is Verdict.EQUAL and one is not None and other is not None:
            for attribute, same in _column_attributes(one, other, database):
                yield _one("column", first, name, _verdict(same), attribute, one, other)


def _column_attributes(
    one: Column, other: Column, database: str
) -> Iterator[tuple[str, bool | None]]:
    yield "type", same_type(one.type, other.type, database)
    yield "nullable", _same(one.nullable, other.nullable)
    yield "default", same_default(one.default, other.default)
    if database not in _WITHOUT_COMMENTS:
        yield "comment", _same(one.comment, other.comment)


def _one(
    kind: str,
    table: Table,
    name: str,
    verdict: Verdict,
    attribute: str | None,
    first: Column | Constraint | Index | None,
    second: Column | Constraint | Index | None,
) -> Comparison:
    return Comparison(
        kind=kind,
        table=table.key,
        name=name,
        verdict=verdict,
        attribute=attribute,
        first=first,
        second=second,
    )


def _verdict(same: bool | None) -> Verdict:
    return Verdict.UNCERTAIN if same is None else Verdict.EQUAL if same else Verdict.UNLIKE


def _same(
    one: Flag | MaybeName | tuple[Name, ...], other: Flag | MaybeName | tuple[Name, ...]
) -> bool | None:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    return one == other


def _signature(item: Constraint) -> object | None:
    """What a constraint is about, by which its like is found; None where it is not known."""
    definition = item.definition
    if isinstance(definition, model.CheckConstraint):
        return item.name if isinstance(item.name, str) else None
    columns = item.columns
    if isinstance(columns, Unknown):
        return item.name if isinstance(item.name, str) else None
    match definition:
        case model.PrimaryKeyConstraint():
            return "primary"
        case model.ForeignKeyConstraint(referent=str(referent)):
            return columns, referent
        case model.ForeignKeyConstraint():
            return None
        case model.UniqueConstraint():
            return frozenset(columns)
        case _:
            return columns


def _constraints(first: Table, second: Table, database: str) -> Iterator[Comparison]:
    left, right = list(first.constraints), list(second.constraints)
    pairs, left, right = _paired(left, right)
    for one, other in pairs:
        name = _shown(one)
        verdict = _presence(one.presence, other.presence) or Verdict.EQUAL
        yield _one(one.kind, first, name, verdict, None, one, other)
        if verdict is Verdict.EQUAL:
            for attribute, same in _constraint_attributes(one, other, database):
                yield _one(one.kind, first, name, _verdict(same), attribute, one, other)
    yield from _alone(first, left, right, Verdict.MISSING, whole=second)
    yield from _alone(first, right, left, Verdict.EXTRA, whole=first)


def _paired(
    left: list[Constraint], right: list[Constraint]
) -> tuple[list[tuple[Constraint, Constraint]], list[Constraint], list[Constraint]]:
    """Those that are about the same, and what is left over of both."""
    pairs: list[tuple[Constraint, Constraint]] = []
    rest, remaining = list(left), list(right)
    # The surest first: one that is known to be there before one that may be, and of several about
    # the same columns, that of the same name.
    for maybe, alike in product((False, True), (_named_alike, _about_the_same)):
        for one in [item for item in rest if maybe or item.presence is Presence.PRESENT]:
            found = next((other for other in remaining if alike(one, other)), None)
            if found is not None:
                pairs.append((one, found))
                rest.remove(one)
                remaining.remove(found)
    return pairs, rest, remaining


def _named_alike(one: Constraint, other: Constraint) -> bool:
    return one.kind == other.kind and isinstance(one.name, str) and one.name == other.name


def _about_the_same(one: Constraint, other: Constraint) -> bool:
    signature = _signature(one)
    return one.kind == other.kind and signature is not None and _signature(other) == signature


def _alone(
    table: Table,
    here: Sequence[Constraint],
    there: Sequence[Constraint],
    verdict: Verdict,
    *,
    whole: Table,
) -> Iterator[Comparison]:
    """Constraints that one side alone has; one there that is not known may be its like."""
    for item in here:
        vague = _signature(item) is None or any(
            other.kind == item.kind and _signature(other) is None for other in there
        )
        unsure = not whole.all_known(item.kind) or vague or item.presence is Presence.MAYBE
        missing = verdict is Verdict.MISSING
        yield _one(
            item.kind,
            table,
            _shown(item),
            Verdict.UNCERTAIN if unsure else verdict,
            None,
            item if missing else None,
            None if missing else item,
        )


def _constraint_attributes(
    one: Constraint, other: Constraint, database: str
) -> Iterator[tuple[str, bool | None]]:
    if database != "sqlite" or (one.name is not None and other.name is not None):
        yield "name", _same(one.name, other.name)
    match one.definition, other.definition:
        case model.ForeignKeyConstraint() as left, model.ForeignKeyConstraint() as right:
            yield "columns", _same(one.columns, other.columns)
            yield "referent_columns", _same(left.referent_columns, right.referent_columns)
            yield "referent_schema", _same(left.referent_schema, right.referent_schema)
            yield "ondelete", _same(_action(left.ondelete), _action(right.ondelete))
            yield "onupdate", _same(_action(left.onupdate), _action(right.onupdate))
            yield "deferrable", _same(bool_of(left.deferrable), bool_of(right.deferrable))
        case model.CheckConstraint(), _:
            pass
        case _:
            yield "columns", _same(one.columns, other.columns)


def _action(action: MaybeName) -> MaybeName:
    """An action in capitals; NO ACTION is what a foreign key does anyhow."""
    if not isinstance(action, str):
        return action
    plain = " ".join(action.upper().split())
    return None if plain == "NO ACTION" else plain


def bool_of(flag: Flag | None) -> Flag:
    """A flag of which None means False."""
    return False if flag is None else flag


def _shown(item: Constraint | Index) -> str:
    """The name of a constraint or index, or else its columns."""
    if isinstance(item.name, str):
        return item.name
    columns = item.names if isinstance(item, Index) else item.columns
    if isinstance(columns, tuple):
        return item.likely or f"({', '.join(columns)})"
    return item.likely or "(?)"


def _indexes(first: Table, second: Table) -> Iterator[Comparison]:
    remaining = list(second.indexes)
    pairs: dict[int, Index] = {}
    for like in (_named_like, _unnamed_like):
        for number, one in enumerate(first.indexes):
            twin = None if number in pairs else next((o for o in remaining if like(one, o)), None)
            if twin is not None:
                pairs[number] = twin
                remaining.remove(twin)
    for number, one in enumerate(first.indexes):
        found = pairs.get(number)
        if found is None:
            vague = any(isinstance(item.name, Unknown) for item in remaining)
            unsure = not second.all_known("index") or vague or one.presence is Presence.MAYBE
            verdict = Verdict.UNCERTAIN if unsure else Verdict.MISSING
            yield _one("index", first, _shown(one), verdict, None, one, None)
            continue
        verdict = _presence(one.presence, found.presence) or Verdict.EQUAL
        yield _one("index", first, _shown(one), verdict, None, one, found)
        if verdict is Verdict.EQUAL:
            yield _one(
                "index",
                first,
                _shown(one),
                _verdict(_same_elements(one, found)),
                "columns",
                one,
                found,
            )
            same = _same(one.unique, found.unique)
            yield _one("index", first, _shown(one), _verdict(same), "unique", one, found)
    for other in remaining:
        vague = any(isinstance(item.name, Unknown) for item in first.indexes)
        unsure = not first.all_known("index") or vague or other.presence is Presence.MAYBE
        verdict = Verdict.UNCERTAIN if unsure else Verdict.EXTRA
        yield _one("index", first, _shown(other), verdict, None, None, other)


def _named_like(one: Index, other: Index) -> bool:
    """Whether two indexes have the same name, or one that a database gives."""
    if isinstance(one.name, str) and one.name in (other.name, other.likely):
        return True
    return isinstance(other.name, str) and other.name == one.likely


def _unnamed_like(one: Index, other: Index) -> bool:
    """Whether two indexes, one of which has a name that is not known, are on the same columns."""
    unnamed = isinstance(one.name, Unknown) or isinstance(other.name, Unknown)
    return unnamed and one.columns == other.columns


def _same_elements(one: Index, other: Index) -> bool | None:
    if not isinstance(one.columns, tuple) or not isinstance(other.columns, tuple):
        return None
    if len(one.columns) != len(other.columns):
        return False
    left = [_element(item) for item in one.columns]
    right = [_element(item) for item in other.columns]
    if left == right and None not in left:
        return True
    # An expression can be written in many ways.
    return False if isinstance(one.names, tuple) and isinstance(other.names, tuple) else None


_ORDER = re.compile(r"(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*$", re.IGNORECASE)


def _element(item: IndexElement) -> str | None:
    """A column of an index, or an expression, without its order."""
    match item:
        case str(name):
            return name.lower()
        case SqlExpression(str(text)):
            return plain_expression(_ORDER.sub("", text))
        case _:
            return None


def _enums(first: Schema, second: Schema, name: str, place: str | None) -> Iterator[Comparison]:
    verdict = _presence(first.has_enum(name, place), second.has_enum(name, place))
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
            verdict=_verdict(same),
            attribute="values",
            first=one,
            second=other,
        )


def _vague(enum: EnumType) -> bool:
    values = enum.values
    return isinstance(values, Unknown) or any(isinstance(item, Unknown) for item in values)
