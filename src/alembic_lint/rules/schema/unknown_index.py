"""ALM403 unknown-index."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.absent import Fate, Making
from alembic_lint.model import (
    ConstraintExists,
    CreateIndex,
    DropIndex,
    IndexExists,
    RenameIndex,
    TableExists,
    Unknown,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Schema, Table, TableKey

_MERGED = frozenset({"mysql", "mariadb"})
"""Databases on which a unique constraint is an index."""

_LIMIT = 63
"""Letters of a name that PostgreSQL keeps."""


@each_replay("ALM403", Severity.ERROR)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An upgrade that drops or renames an index which is not there at that point.

    It was dropped, renamed, or went with its table or column; or it never was made, and all indexes
    of the table are known. PostgreSQL and SQLite find an index by its name alone, MySQL in the
    table that is given. An index that was made without a name may have any, where the naming
    convention is not known.

    The index of a unique constraint cannot be dropped as an index: PostgreSQL asks for the
    constraint to be dropped, SQLite knows none of that name; to MySQL both are one.
    """
    if not absent.meant(replay, settings):
        return
    makers = _makers(replay)
    for act in absent.acting(replay.steps, (IndexExists, ConstraintExists, TableExists)):
        step = act.step
        match step.operation:
            case DropIndex(
                name=str(name), table=None | str() as given, schema=None | str(), if_exists=False
            ):
                pass
            case RenameIndex(name=str(name), schema=None | str(), if_exists=False):
                given = None
            case _:
                continue
        if absent.is_for_sqlite(step, settings):
            continue
        finding = _missing(makers, step, name, given, settings)
        if finding is not None:
            yield finding


def _missing(
    makers: dict[TableKey, tuple[Making, ...]],
    step: Step,
    name: str,
    given: str | None,
    settings: Settings,
) -> Finding | None:
    operation, before = step.operation, step.before
    if not isinstance(operation, DropIndex | RenameIndex) or isinstance(operation.schema, Unknown):
        return None
    place = operation.schema
    home = before.home(name, place)
    owner = before.table(given, place) if given is not None else home
    made = makers.get(before.key(name, place), ())
    if owner is None and not made:
        return _nowhere(step, name)
    if owner is None or (owner.external and home is None):
        return None
    tables = [owner] if home is None or home.key == owner.key else [owner, home]
    names = {name, name[:_LIMIT]}
    if any(_may_have(table, each, step) for table in tables for each in names):
        return None
    if any(_went_in_batch(table, name, step) for table in tables):
        return None
    fate = _constraint(tables, name, step) or _fate(step, tables, name, made, settings)
    if fate is None:
        return None
    doubt = absent.owner_doubt(step, owner)
    return Finding(
        operation.span,
        absent.phrase(absent.doing(operation), fate.told, fate.remedy, doubt),
        path=step.revision.path,
        related=fate.related,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _nowhere(step: Step, name: str) -> Finding | None:
    """An index that is named without its table, and that no table of the history has."""
    before = step.before
    if before.gained >= 0 or step.database in _MERGED or not before.tables:
        return None
    if before.views:
        # What is on a materialized view is not followed.
        return None
    if any(table.external or not table.all_keys_known for table in before.tables):
        return None
    if any(
        table.has_constraint(each) is not Presence.ABSENT
        or table.has_index(each) is not Presence.ABSENT
        for table in before.tables
        for each in (name, name[:_LIMIT])
    ):
        return None
    listed = {
        item.name: item
        for table in before.tables
        for item in table.indexes
        if isinstance(item.name, str)
    }
    meant = absent.near_miss(name, listed)
    origin = None if meant is None else listed[meant].origin
    doubt = absent.doubts(step) or "unless it is on a table that was there before Alembic"
    remedy = "remove this" if meant is None else f'did you mean "{meant}"?'
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), "nothing makes it", remedy, doubt),
        path=step.revision.path,
        related=() if origin is None else (absent.place(origin, f'"{meant}" is made here'),),
        confidence=Confidence.POSSIBLE,
    )


def _may_have(table: Table, name: str, step: Step) -> bool:
    if table.presence is Presence.ABSENT:
        return False
    # PostgreSQL renames the index of a constraint as it renames any other.
    either = step.database in _MERGED or isinstance(step.operation, RenameIndex)
    if either and table.has_constraint(name) is not Presence.ABSENT:
        return True
    return table.has_index(name) is not Presence.ABSENT


def _went_in_batch(table: Table, name: str, step: Step) -> bool:
    """Whether an index went with a column of the same batch, which SQLite does all at once."""
    index, batch = table.index(name), step.operation.context.batch
    gone = None if index is None else index.gone
    if gone is None or batch is None or gone.revision is not step.revision:
        return False
    other = gone.operation.context.batch
    lite = step.database == "sqlite"
    return lite and other is not None and other.block == batch.block


def _constraint(tables: list[Table], name: str, step: Step) -> Fate | None:
    """That the name is a constraint's, which is dropped in another way."""
    for table in tables:
        item = table.constraint(name)
        if (
            table.presence is Presence.PRESENT
            and item is not None
            and item.presence is Presence.PRESENT
            and item.name == name
            and item.kind in {"unique", "primary", "exclude"}
            and isinstance(step.operation, DropIndex)
        ):
            origin = item.origin
            related = () if origin is None else (absent.place(origin, f'"{name}" is made here'),)
            kind = {"primary": "primary key", "exclude": "exclusion"}.get(item.kind, item.kind)
            called = kind if item.kind == "primary" else f"{kind} constraint"
            return Fate(f"it is a {called}, not an index", "use drop_constraint", related)
    return None


def _fate(
    step: Step, tables: list[Table], name: str, made: tuple[Making, ...], settings: Settings
) -> Fate | None:
    history, what = step.history, f'"{name}"'
    for table in reversed(tables):
        tombstone = table.index(name)
        if tombstone is not None and tombstone.gone is not None:
            fate = absent.fate(history, step, tombstone, what)
            if fate is not None:
                return Fate(f"it does not exist: {fate.told}", fate.remedy, fate.related)
        if table.presence is Presence.ABSENT and table.gone is not None:
            fate = absent.fate(history, step, table, f'"{table.name}"')
            if fate is not None and table.renamed_to is None:
                told = f'it went with table "{table.name}"'
                return Fate(f"{told}: {fate.told}", "remove this", fate.related)
    owner = tables[0]
    if owner.presence is Presence.ABSENT:
        return None
    others = absent.elsewhere(history, step, made)
    if others.parallel or (others.limited and settings.dialects is None):
        return None
    if others.later is not None:
        fate = absent.coming(history, step, others.later, what)
        return Fate(f"it does not exist: {fate.told}", fate.remedy, fate.related)
    return absent.never_made(owner, name, "index", owner.indexes)


def _makers(replay: Replay) -> dict[TableKey, tuple[Making, ...]]:
    """The operations that make each index by its name."""
    blank = Schema(starts=replay.starts)
    found: dict[TableKey, tuple[Making, ...]] = {}
    for making in absent.makings(replay.history):
        match making.operation:
            case CreateIndex(schema=None | str() as place) as operation:
                name = operation.index.name
            case RenameIndex(new_name=name, schema=None | str() as place):
                pass
            case _:
                continue
        if isinstance(name, str):
            key = blank.key(name, place)
            found[key] = (*found.get(key, ()), making)
    return found
