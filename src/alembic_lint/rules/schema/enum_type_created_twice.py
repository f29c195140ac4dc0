"""ALM422 enum-type-created-twice."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, clashing, enum_types, naming_databases, returning
from alembic_lint.judging.enum_types import Given
from alembic_lint.model import AddEnumValue, CreateEnum, CreateTable, EnumExists, TableExists
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import EnumType, Origin, Presence

_AT_ONCE = "unless both run in one alembic upgrade, which makes a type for tables but once"


@each_replay("ALM422", Severity.ERROR, dialects=("postgresql",), after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An enum type, or a value of one, that is made where it is there already.

    `op.create_table` makes the types of its enum columns without asking, as do `CREATE TYPE` and
    `sa.Enum(…).create(bind)` without `checkfirst=True`; `postgresql.ENUM(…).create(bind)` asks.
    Within one run of Alembic, SQLAlchemy makes a type only for the first of several tables, so
    that two tables of different revisions clash only when these are run one at a time.
    `ALTER TYPE … ADD VALUE` asks with IF NOT EXISTS alone.

    A downgrade fails as well where it makes a table again and the upgrade has left its type there.

    Source: sqlalchemy/dialects/postgresql/named_types.py, `NamedType._check_for_name_in_memos`.
    """
    unsaid = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    if settings.dialects is None and naming_databases.is_for_others(replay.history, "postgresql"):
        return
    reported: set[tuple[str, str | None, str]] = set()
    for act in absent.acting(replay.upgrade_run(), (EnumExists, TableExists)):
        step = act.step
        if isinstance(step.operation, AddEnumValue):
            yield from _value(step, step.operation, unsaid)
        for item in _made(step):
            enum = _there(step, item)
            if enum is None or enum.origin is None or _is_made_at_once(step, enum.origin):
                continue
            identity = (step.revision.path, enum.schema, enum.name)
            if identity not in reported and not clashing.exclusive(step.history, enum.origin, step):
                reported.add(identity)
                yield _finding(step, enum, enum.origin, unsaid)
    for trip, step in returning.on_the_way_back(replay, settings):
        for item in _made(step):
            enum = _there(step, item)
            if enum is None or enum.origin is None or not clashing.left_there(step, enum.origin):
                continue
            if returning.is_settled(trip, step, settings):
                yield _finding(step, enum, enum.origin, unsaid)


def _value(step: Step, operation: AddEnumValue, unsaid: str | None) -> Iterator[Finding]:
    """A value that is added to a type which surely has it."""
    match operation:
        case AddEnumValue(
            name=str(name), value=str(value), schema=None | str() as place, if_not_exists=False
        ):
            enum = step.before.enum(name, place)
        case _:
            return
    if enum is None or enum.presence is not Presence.PRESENT or enum.origin is None:
        return
    if not isinstance(enum.values, tuple) or value not in enum.values:
        return
    maker = enum.origin
    if clashing.exclusive(step.history, maker, step):
        return
    doubt = clashing.doubt(step.history, step, maker, enum.presence, "the type") or unsaid
    doing = f'adding value "{value}" to enum type "{name}"'
    yield Finding(
        operation.span,
        absent.phrase(doing, "it has that value", "write IF NOT EXISTS, or remove this", doubt),
        path=step.revision.path,
        related=(absent.place(maker, f'"{name}" is made here'),),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _made(step: Step) -> Iterator[Given]:
    """The enums that a step makes without asking."""
    operation = step.operation
    if isinstance(operation, CreateEnum) and operation.if_not_exists is not False:
        return
    if isinstance(operation, CreateTable) and operation.temporary:
        return
    if isinstance(operation, CreateEnum | CreateTable):
        for item in enum_types.given(operation):
            if item.plain and (item.type is None or item.enum.create_type is True):
                yield item


def _there(step: Step, item: Given) -> EnumType | None:
    """The type, where something has surely made it before."""
    name, place = item.enum.name, item.enum.schema
    if not isinstance(name, str) or not (place is None or isinstance(place, str)):
        return None
    enum = step.before.enum(name, place)
    if enum is None or enum.presence is not Presence.PRESENT or enum.origin is None:
        return None
    maker = enum.origin.operation
    plain = [each.plain for each in enum_types.given(maker) if each.enum.name == name]
    # What a type with metadata of its own makes depends on the version of SQLAlchemy.
    return enum if all(plain) else None


def _is_made_at_once(step: Step, maker: Origin) -> bool:
    """Whether two tables of one revision share a type, which SQLAlchemy makes once."""
    return _of_tables(step, maker) and maker.revision is step.revision


def _of_tables(step: Step, maker: Origin) -> bool:
    return isinstance(step.operation, CreateTable) and isinstance(maker.operation, CreateTable)


def _finding(step: Step, enum: EnumType, maker: Origin, unsaid: str | None) -> Finding:
    history = step.history
    doubt = clashing.doubt(history, step, maker, enum.presence, "the type") or unsaid
    doing = f'creating enum type "{enum.name}"'
    if isinstance(step.operation, CreateTable):
        remedy = f'use postgresql.ENUM(…, name="{enum.name}", create_type=False)'
        if doubt is None and _of_tables(step, maker) and not clashing.left_there(step, maker):
            doubt = _AT_ONCE
    else:
        remedy = "pass checkfirst=True, or remove this"
        if step.sql:
            remedy = clashing.remove_one(history, maker)
    place = clashing.at(history, step, maker).operation
    if isinstance(place, CreateTable):
        doing = f"{doing} with table {absent.quoted(place.table)}"
    return clashing.finding(
        step,
        maker,
        f'enum type "{enum.name}"',
        doing=doing,
        because=clashing.first_made(history, step, maker, "has made it already"),
        remedy=remedy,
        doubt=doubt,
    )
