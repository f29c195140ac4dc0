"""What two ways through a history have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.model import Unknown
from alembic_lint.schema import views
from alembic_lint.schema.objects import Column, Constraint, Definition, EnumType, Index, Table
from alembic_lint.schema.schema import Journal, Schema
from alembic_lint.schema.values import Presence, TableKey, distinct, together

VAGUE = Unknown("it depends on a condition that could not be decided")


def join(one: Schema, other: Schema, base: Schema) -> Schema:
    """The schema of which only is known what holds both ways.

    Both came from `base`. What one way alone has, or has otherwise, is Maybe, or Unknown.
    """
    changed = one.changed_since(base) | other.changed_since(base)
    clock = max(one.clock, other.clock) + 1
    joined = replace(
        one,
        clock=clock,
        gained=max(one.gained, other.gained),
        lost=max(one.lost, other.lost),
        parts_gained=max(one.parts_gained, other.parts_gained),
        parts_lost=max(one.parts_lost, other.parts_lost),
        keys_gained=one.keys_gained.later(other.keys_gained),
        keys_lost=one.keys_lost.later(other.keys_lost),
        tables_by_key=base.tables_by_key,
        heirs=one.heirs.update(other.heirs),
        journal=base.journal,
        views_by_key=views.joined(one, other, clock),
        enums_by_key=_joined_enums(one, other, clock),
    )
    for key in other.changed_since(base):
        joined = _indexed(joined, other.at(key))
    entries, journal = joined.tables_by_key, joined.journal
    length = 0 if journal is None else journal.length
    for key in sorted(changed, key=lambda key: (key[0] or "", key[1])):
        table = join_tables(one.at(key), other.at(key), clock)
        length += 1
        entries, journal = entries.insert(key, table), Journal(key, journal, length)
    return replace(joined, tables_by_key=entries, journal=journal)


def join_tables(one: Table, other: Table, clock: int) -> Table:
    """What is known of a table that is either of two.

    If it is there one way only, what is in it is as it is that way.
    """
    presence = together((one.presence, other.presence))
    makers = distinct((*other.makers, *one.makers))
    if one.presence is Presence.ABSENT or other.presence is Presence.ABSENT:
        kept = other if one.presence is Presence.ABSENT else one
        return replace(
            kept,
            presence=presence,
            makers=makers,
            since=clock,
            gone=one.gone or other.gone if presence is Presence.ABSENT else None,
            columns_by_name=_settled(kept, kept.columns_by_name, clock),
            constraints_by_name=_settled(kept, kept.constraints_by_name, clock),
            indexes_by_name=_settled(kept, kept.indexes_by_name, clock),
        )
    return replace(
        one,
        presence=presence,
        makers=makers,
        external=one.external and other.external,
        since=clock,
        gone=None,
        comment=one.comment if one.comment == other.comment else VAGUE,
        columns_by_name=_joined(
            _settled(one, one.columns_by_name, clock),
            _settled(other, other.columns_by_name, clock),
            (one, other),
            _either_column,
        ),
        constraints_by_name=_joined(
            _settled(one, one.constraints_by_name, clock),
            _settled(other, other.constraints_by_name, clock),
            (one, other),
            _either_constraint,
        ),
        indexes_by_name=_joined(
            _settled(one, one.indexes_by_name, clock),
            _settled(other, other.indexes_by_name, clock),
            (one, other),
            _either_index,
        ),
        columns_gained=max(one.columns_gained, other.columns_gained),
        columns_lost=max(one.columns_lost, other.columns_lost),
        keys_gained=one.keys_gained.later(other.keys_gained),
        keys_lost=one.keys_lost.later(other.keys_lost),
        next_position=max(one.next_position, other.next_position),
    )


P = TypeVar("P", Column, Constraint, Index)


def _settled(table: Table, parts: HashTrieMap[str, P], clock: int) -> HashTrieMap[str, P]:
    """The parts of a table as they are seen now, which is known at this tick."""
    for name, part in list(parts.items()):
        presence = part.seen(*table.ticks_of(part))
        parts = parts.insert(name, replace(part, presence=presence, since=clock))
    return parts


def _joined(
    one: HashTrieMap[str, P],
    other: HashTrieMap[str, P],
    tables: tuple[Table, Table],
    either: Callable[[P, P], P],
) -> HashTrieMap[str, P]:
    """The parts of either of two tables; what only one lists is absent from the other, or Maybe."""
    parts = one
    for name, part in list(one.items()):
        twin = other.get(name)
        if twin is not None and _unlike(part, twin):
            parts = parts.insert(name, replace(part, presence=Presence.MAYBE))
            parts = parts.insert(f"{name}\0", replace(twin, presence=Presence.MAYBE))
        elif twin is not None:
            parts = parts.insert(name, _together(part, twin, either))
        else:
            parts = parts.insert(name, _one_sided(part, open_=tables[1].ticks_of(part)[0] >= 0))
    for name, part in list(other.items()):
        if name not in one:
            parts = parts.insert(name, _one_sided(part, open_=tables[0].ticks_of(part)[0] >= 0))
    return parts


def _unlike(part: Column | Constraint | Index, twin: Column | Constraint | Index) -> bool:
    """Whether one name is that of constraints of two kinds: each is there one way alone."""
    return (
        isinstance(part, Constraint)
        and isinstance(twin, Constraint)
        and part.kind != twin.kind
        and Presence.ABSENT not in (part.presence, twin.presence)
    )


def _together(part: P, twin: P, either: Callable[[P, P], P]) -> P:
    if Presence.ABSENT in (part.presence, twin.presence):
        kept = twin if part.presence is Presence.ABSENT else part
        return replace(
            kept,
            presence=together((part.presence, twin.presence)),
            gone=kept.gone if part.presence is twin.presence else None,
        )
    return replace(either(part, twin), presence=together((part.presence, twin.presence)))


def _one_sided(part: P, *, open_: bool) -> P:
    absent = part.presence is Presence.ABSENT
    return replace(part, presence=Presence.ABSENT if absent and not open_ else Presence.MAYBE)


def joined_columns(one: Column, other: Column, clock: int) -> Column:
    """A column that is either of two; what they differ in is not known."""
    return replace(
        one,
        type=one.type if one.type == other.type else VAGUE,
        nullable=one.nullable if one.nullable == other.nullable else VAGUE,
        default=one.default if one.default == other.default else VAGUE,
        comment=one.comment if one.comment == other.comment else VAGUE,
        autoincrement=one.autoincrement if one.autoincrement == other.autoincrement else VAGUE,
        serial=one.serial if one.serial == other.serial else VAGUE,
        position=min(one.position, other.position),
        since=clock,
    )


def _either_column(one: Column, other: Column) -> Column:
    return joined_columns(one, other, one.since)


def _either_constraint(one: Constraint, other: Constraint) -> Constraint:
    return replace(one, definition=_either_definition(one.definition, other.definition))


def _either_definition(one: Definition, other: Definition) -> Definition:
    """A definition in which is not known what two of one kind differ in."""
    match one, other:
        case model.ForeignKeyConstraint(), model.ForeignKeyConstraint():
            return replace(
                one,
                columns=one.columns if one.columns == other.columns else VAGUE,
                referent=one.referent if one.referent == other.referent else VAGUE,
                referent_columns=one.referent_columns
                if one.referent_columns == other.referent_columns
                else VAGUE,
                ondelete=one.ondelete if one.ondelete == other.ondelete else VAGUE,
                onupdate=one.onupdate if one.onupdate == other.onupdate else VAGUE,
            )
        case model.PrimaryKeyConstraint(), model.PrimaryKeyConstraint():
            return one if one.columns == other.columns else replace(one, columns=VAGUE)
        case model.UniqueConstraint(), model.UniqueConstraint():
            return one if one.columns == other.columns else replace(one, columns=VAGUE)
        case model.CheckConstraint(), model.CheckConstraint():
            return one if one == other else replace(one, condition=VAGUE)
        case model.ExcludeConstraint(), model.ExcludeConstraint():
            return one if one == other else replace(one, elements=VAGUE)
        case _:
            return one


def _either_index(one: Index, other: Index) -> Index:
    return replace(
        one,
        columns=one.columns if one.columns == other.columns else VAGUE,
        unique=one.unique if one.unique == other.unique else VAGUE,
        keywords=one.keywords if one.keywords == other.keywords else (),
    )


def _indexed(schema: Schema, table: Table) -> Schema:
    """The schema that finds the indexes and foreign keys of a table."""
    for item in table.keys:
        for name in (item.name, item.likely):
            if isinstance(name, str):
                schema = schema.with_home(name, table)
    for constraint in table.constraints:
        referred = schema.referent(constraint.definition, table)
        if referred is not None:
            schema = schema.with_referrer(referred, table)
    return schema


def _joined_enums(one: Schema, other: Schema, clock: int) -> HashTrieMap[TableKey, EnumType]:
    if one.enums_by_key is other.enums_by_key and one.lost == other.lost:
        return one.enums_by_key
    joined = one.enums_by_key
    for key, enum in (*one.enums_by_key.items(), *other.enums_by_key.items()):
        places = (one.has_enum(enum.name, enum.schema), other.has_enum(enum.name, enum.schema))
        twin = other.enums_by_key.get(key, enum)
        joined = joined.insert(
            key,
            replace(
                enum,
                presence=together(places),
                since=clock,
                values=enum.values if enum.values == twin.values else VAGUE,
                gone=enum.gone if places == (Presence.ABSENT, Presence.ABSENT) else None,
            ),
        )
    return joined
