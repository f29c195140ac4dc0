"""ALM408 duplicate-index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent, clashing, indexes_again, inverse, returning
from alembic_lint.model import (
    AddColumn,
    ConstraintExists,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    IndexExists,
    Operation,
    Unknown,
    table_of,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Constraint, Index, Presence, Table
from alembic_lint.schema.definitions import left_out

_MERGED = frozenset({"mysql", "mariadb"})
"""Databases on which a unique constraint is an index."""

_BY_SCHEMA = frozenset({"postgresql", "sqlite", "oracle"})
"""Databases on which the name of an index is unique in its schema, not only in its table."""

_RELATIONS = frozenset({"index", "unique", "primary", "exclude"})
"""What PostgreSQL keeps as a relation, whose name is unique in its schema."""

_OTHER_NAME = "unless a naming convention gives the first another name"

_CUT = 63
"""Letters of a name that PostgreSQL keeps."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Something that an operation gives a name to; `kind` is Alembic's, or "index"."""

    kind: str
    name: str
    table: str
    schema: str | None


@each_replay("ALM408", Severity.ERROR, after_merge=True)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An index or constraint whose name is taken, or a second primary key; nothing asks first.

    On PostgreSQL and SQLite the name of an index is unique in its schema, on MySQL in its table.
    Unique constraints, primary keys and exclusion constraints are indexes to PostgreSQL; to MySQL
    unique constraints are. The names of other constraints are unique in their table; SQLite takes
    them twice. The order is that of `alembic upgrade heads` on an empty database.

    An index that `index=True` makes has the name "ix_table_column", unless a naming convention says
    otherwise: where that is not known, a second of this name is only possible. MySQL gives way with
    an index that it made itself for a foreign key. `if_not_exists=True` of a create_table asks for
    the table alone, and makes its indexes all the same. A downgrade is refused as well where it
    makes what its upgrade has left there.
    """
    if not absent.meant(replay, settings):
        return
    reported: set[tuple[str, str]] = set()
    again: set[tuple[str, str]] = set()
    for act in absent.acting(replay.upgrade_run(), (IndexExists, ConstraintExists)):
        step = act.step
        if absent.is_for_sqlite(step, settings):
            continue
        table = table_of(step.operation)
        if isinstance(step.operation, CreateTable) and isinstance(table, str):
            place = step.operation.schema
            there = None if isinstance(place, Unknown) else step.before.presence(table, place)
            if there is not Presence.ABSENT:
                again.add((step.revision.path, table))
        once_more = _with_its_table(step)
        if once_more is not None:
            yield once_more
        if isinstance(table, str) and (step.revision.path, table) in again:
            # The table is what is made twice.
            continue
        second = _second_key(step)
        if second is not None:
            yield second
            continue
        own: set[tuple[str, str, str]] = set()
        for made in _made(step):
            if (step.revision.path, made.name) in reported:
                continue
            space = _space(made, step.database)
            if space is None:
                continue
            finding = _twice_within(step, made) if space in own else _again(step, made)
            own.add(space)
            if finding is not None:
                reported.add((step.revision.path, made.name))
                yield finding
    for trip, step in returning.on_the_way_back(replay, settings):
        if not absent.is_for_sqlite(step, settings):
            for finding in _still_there(step):
                if returning.is_settled(trip, step, settings):
                    yield finding


def _with_its_table(step: Step) -> Finding | None:
    """An index that a create_table makes although it leaves the table, which it finds, alone."""
    again = indexes_again.made_again(step)
    if again is None or clashing.exclusive(step.history, again.maker, step):
        return None
    doubt = clashing.doubt(step.history, step, again.maker, again.first.presence, "the index")
    if doubt is None and not again.sure:
        doubt = _OTHER_NAME
    because = (
        f"if_not_exists asks for the table alone, and "
        f"{clashing.who(step.history, step, again.maker)} has already made index "
        f'"{again.name}" on it'
    )
    return clashing.finding(
        step,
        again.maker,
        f'index "{again.name}"',
        because=because,
        remedy="guard it with a test that the table is not there instead",
        doubt=doubt,
        help_=inverse.guarded_create(table_of(step.operation)),
    )


def _still_there(step: Step) -> Iterator[Finding]:
    """What a downgrade makes under a name that is surely taken after the upgrade."""
    second = _second_key(step)
    found = [second] if second is not None else [_again(step, made) for made in _made(step)]
    for finding in found:
        if finding is not None and finding.confidence is Confidence.CERTAIN:
            yield finding


def _made(step: Step) -> Iterator[_Made]:
    """What an operation makes with a name of its own, if what it is for is not there already."""
    operation = step.operation
    match operation:
        case CreateIndex(if_not_exists=False, index=model.Index() as index):
            yield from _named("index", index.name, operation)
        case CreateForeignKey():
            yield from _named("foreignkey", operation.constraint.name, operation)
        case CreateUniqueConstraint():
            # With an index of that name, it takes it over.
            if operation.constraint.using_index is None:
                yield from _named("unique", operation.constraint.name, operation)
        case CreatePrimaryKey():
            yield from _named("primary", operation.constraint.name, operation)
        case CreateCheckConstraint():
            yield from _named("check", operation.constraint.name, operation)
        case CreateExcludeConstraint():
            yield from _named("exclude", operation.constraint.name, operation)
        case CreateTable(
            table=str(name), schema=None | str() as place, temporary=False, if_not_exists=False
        ) if step.before.presence(name, place) is Presence.ABSENT:
            for item in operation.constraints:
                if not isinstance(item, Unknown) and not left_out(item, step.database):
                    yield from _named(_KINDS[type(item)], item.name, operation)
            for index in operation.indexes:
                yield from _named("index", index.name, operation)
            for column in operation.columns if isinstance(operation.columns, tuple) else ():
                yield from _of_column(column, operation)
        case AddColumn(
            table=str(name), schema=None | str() as place, column=model.Column(name=str(column))
        ) if step.before.table(name, place).has_column(column) is not Presence.PRESENT:
            yield from _of_column(operation.column, operation)
        case _:
            pass


_KINDS = {
    model.PrimaryKeyConstraint: "primary",
    model.ForeignKeyConstraint: "foreignkey",
    model.UniqueConstraint: "unique",
    model.CheckConstraint: "check",
    model.ExcludeConstraint: "exclude",
}


def _of_column(column: model.Column | Unknown, operation: Operation) -> Iterator[_Made]:
    if isinstance(column, Unknown):
        return
    for key in column.foreign_keys:
        if isinstance(key, model.ForeignKeyConstraint) and key.use_alter is False:
            yield from _named("foreignkey", key.name, operation)
    for item in column.checks:
        yield from _named("check", item.name, operation)


def _named(kind: str, name: model.MaybeName, operation: Operation) -> Iterator[_Made]:
    match operation:
        case (
            CreateTable(table=str(table), schema=None | str() as place)
            | AddColumn(table=str(table), schema=None | str() as place)
            | CreateIndex(table=str(table), schema=None | str() as place)
            | CreateForeignKey(table=str(table), schema=None | str() as place)
            | CreateUniqueConstraint(table=str(table), schema=None | str() as place)
            | CreatePrimaryKey(table=str(table), schema=None | str() as place)
            | CreateCheckConstraint(table=str(table), schema=None | str() as place)
            | CreateExcludeConstraint(table=str(table), schema=None | str() as place)
        ) if isinstance(name, str):
            yield _Made(kind, name, table, place)
        case _:
            pass


def _space(made: _Made, database: str) -> tuple[str, str, str] | None:
    """What a name is unique in, with the name; None where it may be taken twice."""
    if database == "sqlite":
        return ("index", "", made.name) if made.kind == "index" else None
    if database in _MERGED:
        kind = "index" if made.kind in {"index", "unique"} else made.kind
        return None if made.kind == "primary" else (kind, made.table, made.name)
    if database in _BY_SCHEMA and made.kind in _RELATIONS:
        return "relation", "", made.name
    return "constraint", made.table, made.name


def _second_key(step: Step) -> Finding | None:
    """A primary key under another name than the one that its table has for sure."""
    match step.operation:
        case CreatePrimaryKey(table=str(name), schema=None | str() as place) as operation:
            table = step.before.table(name, place)
        case _:
            return None
    key = table.primary_key
    if step.runs is not True or key is None or key.presence is not Presence.PRESENT:
        return None
    maker = key.origin
    if (
        table.presence is not Presence.PRESENT
        or step.database == "sqlite"
        or maker is None
        or clashing.doubt(step.history, step, maker, key.presence, "the first") is not None
        or clashing.exclusive(step.history, maker, step)
        or (isinstance(key.name, str) and key.name == operation.constraint.name)
    ):
        return None
    return clashing.finding(
        step,
        maker,
        f'a primary key of "{table.name}"',
        because="a table has one only",
        remedy="drop the first",
        doubt=None,
    )


def _twice_within(step: Step, made: _Made) -> Finding:
    doubt = absent.doubts(step)
    because = f'it makes two things named "{made.name}"'
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), because, "rename one of them", doubt),
        path=step.revision.path,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _again(step: Step, made: _Made) -> Finding | None:
    found = _taken(step, made)
    if found is None:
        return None
    table, item = found
    maker = item.origin
    if maker is None or table.presence is Presence.ABSENT:
        return None
    if maker.operation is step.operation or clashing.exclusive(step.history, maker, step):
        return None
    if Presence.MAYBE in (table.presence, item.presence):
        # Names are dropped in ways that cannot be read: in loops over what is there, say.
        return None
    if clashing.is_order_vague(step.history) and maker.revision is not step.revision:
        return None
    if maker.sql and step.database != "postgresql" and len(made.name) == _CUT:
        # PostgreSQL's parser reads SQL text, and cuts names that others leave long.
        return None
    if made.kind == "check" and _is_prefixed(step):
        return None
    doubt = clashing.doubt(step.history, step, maker, item.presence, "the first")
    if doubt is None and item.name != made.name and not table.folds:
        doubt = _OTHER_NAME
    where = "" if table.name == made.table else f' on "{table.name}"'
    kind = _KIND_WORDS["index" if isinstance(item, Index) else item.kind]
    first = clashing.who(step.history, step, maker)
    because = f'{first} has already made {kind} "{made.name}"{where}'
    same = isinstance(item, Index) and table.name == made.table
    remedy = clashing.remove_one(step.history, maker) if same else "give it another name"
    if clashing.left_there(step, maker):
        remedy = clashing.LEAVE_OR_DROP
    return clashing.finding(
        step,
        maker,
        f'{kind} "{made.name}"{where}',
        because=because,
        remedy=remedy,
        turned_remedy=None if same else remedy,
        doubt=doubt,
    )


def _is_prefixed(step: Step) -> bool:
    """Whether a convention may put a prefix before the name of a check: its drop has it, too."""
    conventions = step.before.starts.conventions
    return conventions is None or "constraint_name" in conventions.get("ck", "")


_KIND_WORDS = {
    "index": "index",
    "unique": "unique constraint",
    "primary": "primary key",
    "foreignkey": "foreign key",
    "check": "check constraint",
    "exclude": "exclusion constraint",
}


def _taken(step: Step, made: _Made) -> tuple[Table, Index | Constraint] | None:
    """What has, or may have, the name that something is to be given."""
    before = step.before
    own = before.table(made.table, made.schema)
    if step.database == "sqlite":
        home = before.home(made.name, made.schema)
        index = None if home is None else home.index(made.name)
        return None if home is None or not _is_there(index) or index is None else (home, index)
    if step.database in _MERGED:
        return _taken_on_mysql(own, made)
    constraint = own.constraint(made.name)
    if constraint is not None and _is_there(constraint):
        return own, constraint
    if made.kind not in _RELATIONS:
        return None
    home = before.home(made.name, made.schema) if step.database in _BY_SCHEMA else own
    if home is None:
        return None
    for item in (home.index(made.name), home.constraint(made.name)):
        kind = "index" if isinstance(item, Index) else None if item is None else item.kind
        if item is not None and _is_there(item) and kind in _RELATIONS:
            return home, item
    return None


def _taken_on_mysql(own: Table, made: _Made) -> tuple[Table, Index | Constraint] | None:
    constraint, index = own.constraint(made.name), own.index(made.name)
    if made.kind in {"index", "unique"}:
        if constraint is not None and constraint.kind == "unique" and _is_there(constraint):
            return own, constraint
        if index is None or not _is_there(index) or index.origin is None:
            return None
        # An index that MySQL made for a foreign key gives way.
        explicit = isinstance(index.origin.operation, CreateIndex) or (
            constraint is None or constraint.kind != "foreignkey"
        )
        return (own, index) if explicit else None
    if constraint is not None and constraint.kind == made.kind and _is_there(constraint):
        return None if made.kind == "primary" else (own, constraint)
    return None


def _is_there(item: Index | Constraint | None) -> bool:
    return item is not None and item.presence is not Presence.ABSENT
