"""ALM404 unknown-constraint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.absent import Fate, Making
from alembic_lint.model import (
    ConstraintExists,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
    IndexExists,
    RenameConstraint,
    TableExists,
    Unknown,
    ValidateConstraint,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Column, Constraint, Presence, Schema, Table, TableKey

_MERGED = frozenset({"mysql", "mariadb"})
"""Databases on which a unique constraint is an index."""

_CONVENTION_KEYS = {"primary": "pk", "foreignkey": "fk", "unique": "uq", "check": "ck"}

_CUT = 54
"""Letters that a name keeps at least where it is cut to a database's limit."""

_ConstraintKey = tuple[TableKey, str]


@each_replay("ALM404", Severity.ERROR)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An upgrade that drops, renames or validates a constraint that is not there at that point.

    It was dropped, renamed, or went with a column; or it never was made, and all constraints of the
    table are known. What may have the name is left alone: a constraint of that kind that was made
    without one, where a convention, or SQLite's batch mode, may give it any; a name that a
    convention may have put a prefix before; a check, where a column's type may have brought one
    along (SQLAlchemy did that for Boolean and Enum before 1.4).

    A unique index is no constraint to PostgreSQL; to MySQL it is.
    """
    if not absent.meant(replay, settings):
        return
    makers = _makers(replay)
    for act in absent.acting(replay.steps, (ConstraintExists, IndexExists, TableExists)):
        step, kind = act.step, None
        if step.database == "sqlite" and step.operation.context.batch is None:
            # It has no such statement at all.
            continue
        match step.operation:
            case DropConstraint(
                table=str(owner), name=str(name), schema=None | str() as place, if_exists=False
            ):
                given = step.operation.type_
                if isinstance(given, Unknown):
                    continue
                kind = given
            case (
                RenameConstraint(table=str(owner), name=str(name), schema=None | str() as place)
                | ValidateConstraint(table=str(owner), name=str(name), schema=None | str() as place)
            ):
                pass
            case _:
                continue
        table = step.before.table(owner, place)
        if table.presence is Presence.ABSENT or _may_have(table, name, kind, replay):
            continue
        made = makers.get((step.before.key(owner, place), table.fold(name)), ())
        fate = _fate(step, table, name, made, settings)
        if fate is None:
            continue
        doubt = absent.owner_doubt(step, table)
        yield Finding(
            step.operation.span,
            absent.phrase(absent.doing(step.operation), fate.told, fate.remedy, doubt),
            path=step.revision.path,
            related=fate.related,
            confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
        )


def _may_have(table: Table, name: str, kind: str | None, replay: Replay) -> bool:
    """Whether a table has, or may have, a constraint of this name."""
    found = table.constraint(name)
    if found is not None and found.presence is not Presence.ABSENT:
        return True
    if not table.all_keys_known and (found is None or found.gone is None):
        return True
    merged = replay.database in _MERGED and kind in (None, "unique")
    if merged and table.has_index(name) is not Presence.ABSENT:
        return True
    conventions = replay.starts.conventions
    for item in table.constraints:
        if kind is not None and item.kind != kind:
            continue
        if not isinstance(item.name, str) or _alike(item, item.name, name, conventions):
            return True
    return kind in (None, "check") and any(map(_may_bring_check, table.columns))


def _alike(item: Constraint, own: str, name: str, conventions: Mapping[str, str] | None) -> bool:
    """Whether a convention, or a limit on its length, may have made one name of the other."""
    if own[:_CUT] == name[:_CUT]:
        return True
    if conventions is not None:
        pattern = conventions.get(_CONVENTION_KEYS.get(item.kind, ""), "")
        if "constraint_name" not in pattern:
            return False
    return own.endswith(f"_{name}") or name.endswith(f"_{own}")


def _may_bring_check(column: Column) -> bool:
    """Whether a column's type may have made a CHECK constraint of its own."""
    match column.type:
        case model.ColumnType(known=True, enum=None, name=name):
            return name in {"Boolean", "Enum"}
        case _:
            return True


def _fate(
    step: Step, table: Table, name: str, made: tuple[Making, ...], settings: Settings
) -> Fate | None:
    history, what = step.history, f'"{name}"'
    tombstone = table.constraint(name)
    if tombstone is not None:
        fate = absent.fate(history, step, tombstone, what)
        if fate is not None:
            return Fate(f"it does not exist: {fate.told}", fate.remedy, fate.related)
    index = table.index(name)
    if index is not None and index.presence is Presence.PRESENT:
        origin = index.origin
        related = () if origin is None else (absent.place(origin, f"{what} is made here"),)
        return Fate("it is an index, not a constraint", "use drop_index", related)
    others = absent.elsewhere(history, step, made)
    if others.parallel or (others.limited and settings.dialects is None):
        return None
    if others.later is not None:
        fate = absent.coming(history, step, others.later, what)
        return Fate(f"it does not exist: {fate.told}", fate.remedy, fate.related)
    return absent.never_made(table, name, "constraint", table.constraints)


def _makers(replay: Replay) -> dict[_ConstraintKey, tuple[Making, ...]]:
    """The operations that make each constraint by its name, but those that make its table."""
    blank = Schema(starts=replay.starts)
    found: dict[_ConstraintKey, tuple[Making, ...]] = {}
    for making in absent.makings(replay.history):
        operation = making.operation
        match operation:
            case (
                CreateForeignKey()
                | CreateUniqueConstraint()
                | CreatePrimaryKey()
                | CreateCheckConstraint()
                | CreateExcludeConstraint()
            ):
                name = operation.constraint.name
            case RenameConstraint(new_name=name):
                pass
            case _:
                continue
        if (
            isinstance(name, str)
            and isinstance(operation.table, str)
            and not isinstance(operation.schema, Unknown)
        ):
            key = blank.key(operation.table, operation.schema)
            folded = blank.at(key).fold(name)
            found[key, folded] = (*found.get((key, folded), ()), making)
    return found
