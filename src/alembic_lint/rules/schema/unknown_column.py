"""ALM402 unknown-column."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.absent import Fate, Making
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    ColumnExists,
    CreateTable,
    TableExists,
    Unknown,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Schema, Table, TableKey
from alembic_lint.schema.lacking import may_be_elsewhere
from alembic_lint.schema.needs import NeededColumn, NeededTable, needed_columns
from alembic_lint.schema.objects import names

_ColumnKey = tuple[TableKey, str]


@each_replay("ALM402", Severity.ERROR)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An upgrade that works on a column which its table does not have at that point.

    The column was dropped or renamed, is only made later, or never is. All columns of the table
    must be known: in a table that was there before Alembic, only one that a revision has dropped is
    known to be missing. The columns of new indexes and keys count, and those that foreign keys are
    to; SQLite does not look at the latter. So do the columns that the query of a new view reads,
    as far as it says whose they are: PostgreSQL and MySQL look them up at once; and those of rows
    for `op.bulk_insert`, of a new check, and of the expressions of an index. SQLAlchemy refuses a
    table whose own constraints name a column that it lacks.

    A column that a parallel branch makes is another rule's subject.
    """
    if not absent.meant(replay, settings):
        return
    makers = _makers(replay)
    reported: set[tuple[str, TableKey, str]] = set()
    for act in absent.acting(replay.steps, (ColumnExists, TableExists)):
        step = act.step
        for needed in (*needed_columns(step.operation, step.database), *_own(step)):
            key = step.before.key(needed.table.name, needed.table.schema)
            if (step.revision.path, key, needed.name) in reported:
                continue
            finding = _missing(makers, step, needed, settings)
            if finding is not None:
                reported.add((step.revision.path, key, needed.name))
                yield finding


def _own(step: Step) -> Iterator[NeededColumn]:
    """The columns that the constraints and indexes of a new table are on."""
    match step.operation:
        case (
            CreateTable(
                table=str(table), schema=None | str() as place, columns=tuple(columns)
            ) as operation
        ) if not any(map(_is_vague, columns)):
            pass
        case _:
            return
    for item in (*operation.constraints, *operation.indexes):
        listed: tuple[str, ...] | Unknown = ()
        match item:
            case (
                model.PrimaryKeyConstraint(columns=found)
                | model.UniqueConstraint(columns=found)
                | model.ForeignKeyConstraint(columns=found)
            ):
                listed = names(found)
            case model.Index(columns=tuple(elements)):
                listed = tuple(each for each in elements if isinstance(each, str))
            case _:
                pass
        for name in () if isinstance(listed, Unknown) else listed:
            yield NeededColumn(NeededTable(table, place), name)


def _is_vague(item: model.Column | Unknown) -> bool:
    """Whether constraints may name a column otherwise than by its name, or it is not known."""
    return isinstance(item, Unknown) or "key" in dict(item.keywords)


def _missing(
    makers: dict[_ColumnKey, tuple[Making, ...]],
    step: Step,
    needed: NeededColumn,
    settings: Settings,
) -> Finding | None:
    place = needed.table
    creates = isinstance(step.operation, CreateTable)
    own = creates and not place.referred
    table = (step.after if own else step.before).table(place.name, place.schema)
    if own and step.before.presence(place.name, place.schema) is not Presence.ABSENT:
        return None
    if table.presence is Presence.ABSENT or table.has_column(needed.name) is not Presence.ABSENT:
        return None
    if may_be_elsewhere(step.before, needed):
        return None
    doubt = absent.owner_doubt(step, table)
    fate = _fate(makers, step, table, needed, settings)
    if fate is None:
        return None
    whose = "it" if own else f'"{place.name}"'
    told = f'{whose} has no column "{needed.name}"'
    if place.referred:
        told = f'its foreign key is to column "{needed.name}" of "{place.name}", which is not there'
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), f"{told}: {fate.told}", fate.remedy, doubt),
        path=step.revision.path,
        related=fate.related,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _fate(
    makers: dict[_ColumnKey, tuple[Making, ...]],
    step: Step,
    table: Table,
    needed: NeededColumn,
    settings: Settings,
) -> Fate | None:
    """What became of a column; None where another rule, or nobody, can say."""
    history, what = step.history, f'"{needed.name}"'
    tombstone = table.column(needed.name)
    if tombstone is not None:
        fate = absent.fate(history, step, tombstone, what)
        if fate is not None:
            return fate
    key = step.before.key(needed.table.name, needed.table.schema)
    made = makers.get((key, table.fold(needed.name)), ())
    others = absent.elsewhere(history, step, made)
    if others.parallel or (others.limited and settings.dialects is None):
        return None
    if others.later is not None:
        return absent.coming(history, step, others.later, what)
    if others.limited:
        return Fate("it is made on other databases only", "limit this to them as well")
    meant = absent.near_miss(needed.name, {item.name: item for item in table.columns})
    related = (
        ()
        if table.origin is None
        else (absent.place(table.origin, f'"{table.name}" is made here'),)
    )
    remedy = (
        "name one of its columns, or add it first" if meant is None else f'did you mean "{meant}"?'
    )
    return Fate("nothing makes it", remedy, related)


def _makers(replay: Replay) -> dict[_ColumnKey, tuple[Making, ...]]:
    """The operations that make each column: by adding it, by a new name, or with its table."""
    blank = Schema(starts=replay.starts)
    found: dict[_ColumnKey, tuple[Making, ...]] = {}
    for making in absent.makings(replay.history):
        operation = making.operation
        match operation:
            case AddColumn(column=model.Column(name=str(name))) | AlterColumn(new_name=str(name)):
                made: tuple[model.Name, ...] = (name,)
            case CreateTable(columns=tuple(columns)):
                made = tuple(item.name for item in columns if isinstance(item, model.Column))
            case _:
                continue
        if not isinstance(operation.table, str) or isinstance(operation.schema, Unknown):
            continue
        key = blank.key(operation.table, operation.schema)
        fold = blank.at(key).fold
        for item in made:
            if isinstance(item, str):
                found[key, fold(item)] = (*found.get((key, fold(item)), ()), making)
    return found
