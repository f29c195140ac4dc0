"""ALM421 enum-type-not-created."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types, naming_databases
from alembic_lint.judging.absent import Fate, Making
from alembic_lint.judging.enum_types import Given
from alembic_lint.model import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    ColumnExists,
    CreateEnum,
    CreateTable,
    DropEnum,
    EnumExists,
    EnumType,
    ExecuteSql,
    RenameEnum,
    TableExists,
    flatten,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Schema, TableKey

_ANY = "*"
"""Stands for a name that is not known, which may be that of any type."""


_NEVER = "nothing makes it"

_ON_TYPES = (AddEnumValue, DropEnum)
"""Operations on a type itself."""


@each_replay("ALM421", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A column of an enum type that nothing has made, or a change of such a type, on PostgreSQL.

    `op.create_table` makes the types of its columns; `op.add_column` and `op.alter_column` do not,
    and `create_type=False` forbids it: `type "…" does not exist`. A type that the history never
    makes may have been there before, unless everything else comes from the history.

    Source: alembic/ddl/impl.py, `DefaultImpl.create_table`, which alone runs the types' events.
    """
    makers = _makers(replay)
    spoken, made_otherwise = _spoken_of(replay), _spoken_of(replay, _ON_TYPES)
    dropped = _dropped(replay)
    unsaid = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    reported: set[tuple[str, TableKey]] = set()
    for act in enum_types.acting(replay, settings, (EnumExists, ColumnExists, TableExists)):
        step = act.step
        for item in _needed(step):
            name, place = item.enum.name, item.enum.schema
            if not isinstance(name, str) or not (place is None or isinstance(place, str)):
                continue
            key = step.before.key(name, place)
            if (step.revision.path, key) in reported:
                continue
            on_type = isinstance(step.operation, _ON_TYPES)
            listed = made_otherwise if on_type else spoken
            fate = _fate(step, key, makers.get(key, ()), listed)
            if fate is not None:
                reported.add((step.revision.path, key))
                where = naming_databases.on_it(settings, unsaid, "PostgreSQL")
                doubt = unsaid
                if doubt is None and name in dropped and fate.told == _NEVER:
                    doubt = "unless it was there before Alembic, and only a downgrade drops it"
                if doubt is None and on_type and fate.told == _NEVER:
                    doubt = "unless it was there before Alembic"
                yield _finding(step, name, fate, doubt, where)


def _needed(step: Step) -> Iterator[Given]:
    """The enums that a step needs to be there."""
    operation = step.operation
    match operation:
        case AddColumn(if_not_exists=False) | AlterColumn():
            yield from (item for item in enum_types.given(operation) if _is_plain(item))
        case CreateTable(temporary=False):
            yield from (
                item
                for item in enum_types.given(operation)
                if _is_plain(item) and item.enum.create_type is False
            )
        case DropEnum(if_exists=False) | AddEnumValue() if operation.direction == "upgrade":
            yield Given(EnumType(operation.name, (), operation.schema), None)
        case _:
            return


def _is_plain(item: Given) -> bool:
    return item.enum.native is True and item.keyword("inherit_schema") is None


def _fate(
    step: Step, key: TableKey, made: tuple[Making, ...], spoken: frozenset[str]
) -> Fate | None:
    """What became of the type; None where it is, or may be, there."""
    place, name = key
    presence = step.before.has_enum(name, place)
    create = f'call sa.Enum(…, name="{name}").create(op.get_bind(), checkfirst=True) first'
    if isinstance(step.operation, DropEnum):
        create = "remove this, or write IF EXISTS"
    if presence is Presence.MAYBE:
        unsure = step.before.enum(name, place) is not None or made or {name, _ANY} & spoken
        if unsure:
            return None
        return Fate(_NEVER, create) if _starts_empty(step) else None
    if presence is Presence.PRESENT:
        return None
    others = absent.elsewhere(step.history, step, made)
    if others.parallel:
        return None
    found = step.before.enum(name, place)
    if found is not None:
        fate = absent.fate(step.history, step, found, f'"{name}"')
        if fate is not None:
            return Fate(fate.told, create, fate.related)
    if others.later is not None:
        coming = absent.coming(step.history, step, others.later, f'"{name}"')
        return Fate(coming.told, create, coming.related)
    if others.limited or not made:
        return None
    return Fate("nothing makes it before", create)


def _starts_empty(step: Step) -> bool:
    """Whether the history makes all that this step stands on, in ways that can be read."""
    before, operation = step.before, step.operation
    if before.gained >= 0 or step.runs is not True:
        return False
    if any(table.external for table in before.tables):
        return False
    match operation:
        case CreateTable() | DropEnum() | AddEnumValue():
            return any(table.makers for table in before.tables)
        case (
            AddColumn(table=str(name), schema=None | str() as place)
            | AlterColumn(table=str(name), schema=None | str() as place)
        ):
            table = before.table(name, place)
            return table.presence is Presence.PRESENT and bool(table.makers)
        case _:
            return False


def _spoken_of(replay: Replay, but: tuple[type, ...] = ()) -> frozenset[str]:
    """The words of enum operations and of SQL text, any of which may be the name of a type.

    Operations of the kinds `but` are left out, and SQL text that consists of them. What these are
    about may be a domain as well, so that all other SQL text counts.
    """
    found: set[str] = set()
    for revision in replay.history.revisions:
        for operation in flatten(revision.operations):
            inner = operation.operations if isinstance(operation, ExecuteSql) else (operation,)
            if inner and all(isinstance(item, but) for item in inner):
                continue
            match operation:
                case AddEnumValue(name=str(name)) | RenameEnum(name=str(name)):
                    found.add(name)
                case DropEnum(name=str(name)) if operation.direction == "upgrade":
                    found.add(name)
                case CreateEnum(enum=enum) if not isinstance(enum.name, str):
                    found.add(_ANY)
                case ExecuteSql(sql=str(text)) if (
                    but or "type" in text.lower()
                ) and not _only_drops(operation):
                    found.update(re.findall(r"\w+", text))
                case _:
                    pass
    return frozenset(found)


def _only_drops(operation: ExecuteSql) -> bool:
    """Whether SQL text of a downgrade drops types: it takes them to be made by the upgrade."""
    return (
        operation.direction == "downgrade"
        and isinstance(operation.statements, tuple)
        and all(statement.kind == "DROP TYPE" for statement in operation.statements)
    )


def _dropped(replay: Replay) -> frozenset[str]:
    """The types that downgrades drop."""
    return frozenset(
        operation.name
        for revision in replay.history.revisions
        for operation in flatten(revision.operations)
        if isinstance(operation, DropEnum) and isinstance(operation.name, str)
    )


def _makers(replay: Replay) -> dict[TableKey, tuple[Making, ...]]:
    """The operations that make each type."""
    blank = Schema(starts=replay.starts)
    found: dict[TableKey, tuple[Making, ...]] = {}
    for making in absent.makings(replay.history):
        operation = making.operation
        named: list[tuple[object, object]] = []
        match operation:
            case CreateEnum() | CreateTable():
                named = [
                    (item.enum.name, item.enum.schema)
                    for item in enum_types.given(operation)
                    if item.type is None or item.enum.create_type is not False
                ]
            case RenameEnum():
                named = [(operation.new_name, operation.schema)]
            case _:
                continue
        for name, place in named:
            if isinstance(name, str) and (place is None or isinstance(place, str)):
                key = blank.key(name, place)
                found[key] = (*found.get(key, ()), making)
    return found


def _finding(step: Step, name: str, fate: Fate, unsaid: str | None, where: str) -> Finding:
    doubt = absent.doubts(step) or unsaid
    doing = absent.doing(step.operation)
    if isinstance(step.operation, _ON_TYPES):
        verb = "dropping" if isinstance(step.operation, DropEnum) else "adding a value to"
        doing = f'{verb} enum type "{name}"'
    return Finding(
        step.operation.span,
        absent.phrase(
            f"{doing}{where}",
            f'enum type "{name}" is not there: {fate.told}',
            fate.remedy,
            doubt,
        ),
        path=step.revision.path,
        related=fate.related,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )
