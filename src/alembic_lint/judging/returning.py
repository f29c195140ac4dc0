"""What the rules on the way back share: which round trips they judge, and which steps fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import absent
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    Body,
    ColumnExists,
    ConstraintExists,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DialectIs,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    EnumExists,
    ExecuteSql,
    Function,
    IndexExists,
    Operation,
    RenameTable,
    Revision,
    TableExists,
    Unknown,
    conditions_in,
    flatten,
    table_of,
)
from alembic_lint.replay import Replay, RoundTrip, Step, asks_for_table
from alembic_lint.schema import Column, Presence, TableKey, refused, unsupported
from alembic_lint.schema.enums import of_type
from alembic_lint.schema.lacking import Lacking, lacking
from alembic_lint.schema.needs import needed_tables, needed_views

_QUESTIONS = (TableExists, ColumnExists, IndexExists, ConstraintExists, EnumExists)

_NOT_ON_SQLITE = (
    CreateCheckConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropConstraint,
)
_DIRECTORIES = frozenset({"mysql", "postgresql", "sqlite"})
"""Names of directories that tell what their revisions are for."""


def goes_back(trip: RoundTrip, settings: Settings) -> bool:
    """Whether a revision has a downgrade to judge, after an upgrade that can come to its end.

    A missing downgrade, an empty one, and one that raises are other rules' subjects.
    """
    if settings.downgrade == "forbidden" or trip.revision.problem is not None:
        return False
    if settings.dialects is None and _is_for_another(trip):
        return False
    match trip.revision:
        case Revision(upgrade=Function(), downgrade=Function(body=Body.CODE)):
            return not any(fails(step) for step in trip.steps)
        case _:
            return False


def _is_for_another(trip: RoundTrip) -> bool:
    """Whether a revision is for another database: its directory says so, or what it does.

    Source: alembic/ddl/sqlite.py, `SQLiteImpl.add_constraint` and `drop_constraint`, which refuse.
    """
    directory = set(PurePath(trip.revision.path).parts[:-1])
    if directory & _DIRECTORIES and trip.database not in directory:
        return True
    return trip.database == "sqlite" and any(
        isinstance(step.operation, _NOT_ON_SQLITE)
        and step.operation.context.batch is None
        and step.runs is not False
        for step in (*trip.steps, *trip.downgrade_steps)
    )


def comes_back(trip: RoundTrip, settings: Settings) -> bool:
    """Whether a round trip can be judged by where it ends: nothing stops the downgrade, either."""
    return goes_back(trip, settings) and not any(
        fails(step) or _is_nameless(step) or (step.runs is True and missing(trip, step) is not None)
        for step in trip.downgrade_steps
    )


def _is_nameless(step: Step) -> bool:
    """Whether a constraint is dropped without a name, which only a naming convention can give."""
    operation = step.operation
    return isinstance(operation, DropConstraint) and operation.name is None


def fails(step: Step) -> bool:
    """Whether a database refuses a step and nothing prevents it: for what is there, or is not.

    So it does with what it cannot do at all.
    """
    if step.runs is not True:
        return False
    return (
        unsupported(step.operation, step.database)
        or bool(refused(step.before, step.operation))
        or lacking(step.before, step.operation) is not None
    )


def missing(trip: RoundTrip, step: Step) -> Lacking | None:
    """What a step of a downgrade works on and is not there, a misspelled table included."""
    return lacking(step.before, step.operation) or _misspelled(trip, step)


def _misspelled(trip: RoundTrip, step: Step) -> Lacking | None:
    """A table that nothing else speaks of, and whose name is near to that of one that is there."""
    for needed in needed_tables(step.operation, step.database):
        table = step.before.table(needed.name, needed.schema)
        if not table.external or table.origin is not None or needed.reads:
            continue
        there = [
            item.name
            for item in step.before.tables
            if item.presence is Presence.PRESENT and not item.external
        ]
        if absent.near_miss(needed.name, dict.fromkeys(there)) and not _is_used(trip, needed.name):
            return Lacking(kind="table", name=needed.name, table=table.key)
    changes = needed_views(step.operation) if isinstance(step.operation, ExecuteSql) else ()
    for change in changes:
        if isinstance(change.name, str) and not isinstance(change.schema, Unknown):
            known = dict.fromkeys(view.name for view in step.before.views)
            seen = step.before.view(change.name, change.schema) is not None
            if not seen and absent.near_miss(change.name, known):
                return Lacking(kind="view", name=change.name, table=None)
    match step.operation:
        case DropEnum(if_exists=False, name=str(name), schema=None | str() as place):
            there = [item.name for item in step.before.enums if item.presence is Presence.PRESENT]
            seen = step.before.enum(name, place) is not None
            if (
                step.database == "postgresql"
                and not seen
                and absent.near_miss(name, dict.fromkeys(there))
            ):
                return Lacking(kind="enum type", name=name, table=None)
        case _:
            pass
    return None


def _is_used(trip: RoundTrip, name: str) -> bool:
    """Whether anything but this downgrade works on a table of this name."""
    for revision in trip.history.revisions:
        functions = [revision.upgrade]
        if revision is not trip.revision:
            functions.append(revision.downgrade)
        for function in functions:
            if isinstance(function, Function):
                for operation in flatten(function.operations):
                    named = {item.name for item in needed_tables(operation, trip.database)}
                    if name in named or name == table_of(operation):
                        return True
    return False


def certain(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps that run for sure, and whose failure nothing swallows."""
    for act in absent.acting(steps, _QUESTIONS):
        if act.step.runs is True:
            yield act.step


def on_the_way_back(replay: Replay, settings: Settings) -> Iterator[tuple[RoundTrip, Step]]:
    """The steps of downgrades that run for sure, each after an upgrade that comes to its end.

    Left out are those that make something while the upgrade drops another of its kind that no step
    makes again: it is the name in the upgrade that is likely to be wrong.
    """
    for trip in replay.trips:
        if goes_back(trip, settings):
            odd = _dropped(trip.steps) - _made(trip.downgrade_steps)
            for step in certain(trip.downgrade_steps):
                kinds = {(kind, table) for kind, table, _ in _made((step,))}
                if not any((kind, table) in kinds for kind, table, _ in odd):
                    yield trip, step


_Named = tuple[str, str | None, object]
"""A kind of thing, the table that it is in, and its name (of a table with its schema).

The table of an index need not be told.
"""


def _dropped(steps: tuple[Step, ...]) -> frozenset[_Named]:
    """What steps drop without asking, or give another name."""
    found: set[_Named] = set()
    for step in steps:
        match step.operation:
            case (
                DropTable(table=name, schema=place, if_exists=False)
                | RenameTable(table=name, schema=place)
            ):
                found.add(("table", None, (place, name)))
            case DropColumn(table=str(table), column=name, if_exists=False):
                found.add(("column", table, name))
            case DropIndex(name=name, if_exists=False):
                found.add(("index", None, name))
            case DropConstraint(table=str(table), name=name, if_exists=False):
                found.add(("constraint", table, name))
            case _:
                pass
    return frozenset(found)


def _made(steps: tuple[Step, ...]) -> frozenset[_Named]:
    """What steps make, or give a name."""
    found: set[_Named] = set()
    for step in steps:
        match step.operation:
            case CreateTable(table=name, schema=place) | RenameTable(new_table=name, schema=place):
                found.add(("table", None, (place, name)))
            case AddColumn(table=str(table), column=model.Column(name=name)):
                found.add(("column", table, name))
            case CreateIndex(index=model.Index(name=name)):
                found.add(("index", None, name))
            case (
                CreateForeignKey(table=str(table))
                | CreateUniqueConstraint(table=str(table))
                | CreateCheckConstraint(table=str(table))
                | CreatePrimaryKey(table=str(table))
            ):
                found.add(("constraint", table, step.operation.constraint.name))
            case _:
                pass
    return frozenset(found)


def is_settled(trip: RoundTrip, step: Step, settings: Settings) -> bool:
    """Whether what is there of a step's table is known from the revisions below it alone.

    Not so where the table is made on some databases only, where a condition or a `try` decides
    what the revision does to it, or where an unordered revision works on it as well.
    """
    match table_of(step.operation), getattr(step.operation, "schema", None):
        case str(name), (None | str()) as place:
            key = step.before.key(name, place)
        case _:
            return True
    return is_settled_table(trip, key, settings)


def is_settled_table(trip: RoundTrip, key: TableKey, settings: Settings) -> bool:
    """The same for any table."""
    if settings.dialects is None and is_limited(trip.history, key):
        return False
    return is_clear(trip, key, settings) and not worked_on_in_parallel(
        trip.history, trip.revision, key
    )


def worked_on_in_parallel(history: History, revision: Revision, key: TableKey) -> bool:
    """Whether a revision that the graph does not order before or after works on a table."""
    here = history.key(revision)
    for other in history.revisions:
        there = history.key(other)
        if other is revision or not isinstance(other.upgrade, Function):
            continue
        names = {table_of(item) for item in flatten(other.upgrade.operations)}
        names |= {getattr(item, "new_table", None) for item in flatten(other.upgrade.operations)}
        if key[1] in names and not (
            history.runs_before(here, there) or history.runs_before(there, here)
        ):
            return True
    return False


def is_shared(trip: RoundTrip, key: TableKey) -> bool:
    """Whether the upgrade would make a table, but asks first and finds it made already."""
    return any(
        isinstance(step.operation, CreateTable)
        and isinstance(step.operation.table, str)
        and not isinstance(step.operation.schema, Unknown)
        and step.before.key(step.operation.table, step.operation.schema) == key
        and step.before.at(key).presence is not Presence.ABSENT
        and asks_for_table(step.operation) is not False
        for step in trip.steps
    )


def is_clear(trip: RoundTrip, key: TableKey, settings: Settings, column: str | None = None) -> bool:
    """Whether all that a revision does to a table is known to happen, or known not to.

    With a `column`, only what it does to that one, or to the table as a whole, counts.
    It is not under a condition that could not be decided, where a `try` swallows what fails, or on
    a database that something is left out on, unless the project is known to be for it.
    """
    for step in (*trip.steps, *trip.downgrade_steps):
        if not _works_on(step.operation, key):
            continue
        if column is not None and not _may_change(step.operation, column):
            continue
        context = step.operation.context
        if step.runs is None or any(handled.swallows for handled in context.tries):
            return False
        if step.runs is False and settings.dialects is None and limited(step.operation):
            return False
    return True


def _may_change(operation: Operation, column: str) -> bool:
    """Whether an operation on a table may make or drop this column of it."""
    match operation:
        case AddColumn(column=model.Column(name=str(name))) | DropColumn(column=str(name)):
            return name == column
        case AlterColumn(column=str(name), new_name=new):
            return column in (name, new) or isinstance(new, Unknown)
        case (
            CreateIndex()
            | DropIndex()
            | CreateCheckConstraint()
            | CreateForeignKey()
            | CreatePrimaryKey()
            | CreateUniqueConstraint()
            | DropConstraint()
        ):
            return False
        case _:
            return True


def _works_on(operation: Operation, key: TableKey) -> bool:
    if isinstance(operation, RenameTable) and operation.new_table == key[1]:
        return True
    if isinstance(operation, CreateIndex | DropIndex) and operation.table is None:
        return True
    return table_of(operation) == key[1]


def limited(operation: Operation) -> bool:
    """Whether an operation is not for all databases."""
    return operation.context.dialects is not None or any(
        isinstance(condition, DialectIs)
        for guard in operation.context.guards
        for condition in conditions_in(guard.condition)
    )


def is_limited(history: History, key: TableKey) -> bool:
    """Whether a table is made, somewhere in a history, on some databases only."""
    return any(
        isinstance(making.operation, CreateTable | RenameTable)
        and _works_on(making.operation, key)
        and limited(making.operation)
        for making in absent.makings(history)
    )


def has_type(column: Column, enum: str, place: str | None) -> bool:
    """Whether a column is of an enum type, or of an array of it; SQL text gives but its name."""
    if isinstance(column.type, Unknown):
        return False
    if column.type.name.strip('"') == enum:
        return True
    return any(
        item.name == enum and (item.schema or None) in (None, place)
        for item in of_type(column.type)
    )


def may_be_one_name(one: str, other: str) -> bool:
    """Whether a naming convention may make one of two names of the other."""
    return one != other and (one.endswith(f"_{other}") or other.endswith(f"_{one}"))


_GIVEN = {
    "postgresql": re.compile(r"_(fkey|pkey|key|check|excl|idx)\d*$"),
    "mysql": re.compile(r"_ibfk_\d+$"),
}
"""Names that a database gives to what has none."""


def is_given_elsewhere(name: str, database: str) -> bool:
    """Whether a name looks like one that another database gives."""
    return any(pattern.search(name) for given, pattern in _GIVEN.items() if given != database)
