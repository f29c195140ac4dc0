"""Replay: a history run without a database, one Step for each operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath

from alembic_lint.history import History
from alembic_lint.history.order import only_below
from alembic_lint.model import (
    AlterColumn,
    Context,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DialectIs,
    Direction,
    ExecuteSql,
    Function,
    Guard,
    Not,
    OpaqueCondition,
    Operation,
    Revision,
    TableExists,
    Unknown,
    conditions_in,
    flatten,
)
from alembic_lint.schema import (
    Conventions,
    Origin,
    Presence,
    Schema,
    Starts,
    after,
    holds,
    join,
    made_by,
    only_postgresql,
    reached,
    refused,
    supposing,
    unsupported,
)

COMMON = ("mysql", "postgresql", "sqlite")
"""The databases that a history is replayed on where it is not known which ones it is for."""

SUPPORTED = frozenset({*COMMON, "mariadb", "mssql", "oracle"})
"""SQLAlchemy's own dialects."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operation in its place, on one database.

    `before` is the schema when it is reached: its ancestors' and what its own function has done so
    far. Where its guards could not be decided (`runs` is None) they are taken to hold in `before`
    and `after`. `runs` False: it is skipped. `sql` tells that it is what SQL text amounts to.
    """

    history: History = field(repr=False)
    revision: Revision = field(repr=False)
    operation: Operation
    before: Schema = field(repr=False)
    after: Schema = field(repr=False)
    runs: bool | None = True
    sql: bool = False

    @property
    def database(self) -> str:
        """SQLAlchemy's name of the database."""
        return self.before.database

    def is_new(self, name: str, schema: str | None = None) -> bool:
        """Whether nothing but this upgrade has seen a table so far, so that it is surely empty.

        It is there, and this revision made it, or another that is new since the base of the branch.
        """
        table = self.before.table(name, schema)
        return (
            table.presence is Presence.PRESENT
            and all(
                maker.revision is self.revision or maker.revision.path in (self.history.new or ())
                for maker in table.makers
            )
            and bool(table.makers)
        )


@dataclass(frozen=True, slots=True, eq=False)
class RoundTrip:
    """A revision's upgrade, and its downgrade right after it, on one database.

    `before` is the schema that its ancestors leave, `after` that after the upgrade, and `restored`
    that after the downgrade.
    """

    history: History = field(repr=False)
    revision: Revision = field(repr=False)
    before: Schema = field(repr=False)
    after: Schema = field(repr=False)
    restored: Schema = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False)
    downgrade_steps: tuple[Step, ...] = field(repr=False)

    @property
    def database(self) -> str:
        """SQLAlchemy's name of the database."""
        return self.before.database


@dataclass(frozen=True, eq=False)
class Replay:
    """A history replayed on one database, in the order of `History.order` and `unordered`."""

    history: History = field(repr=False)
    starts: Starts = field(repr=False)
    trips: tuple[RoundTrip, ...]
    schemas: Mapping[str, Schema] = field(repr=False)

    @property
    def database(self) -> str:
        """SQLAlchemy's name of the database."""
        return self.starts.database

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all upgrades."""
        return tuple(step for trip in self.trips for step in trip.steps)

    @cached_property
    def downgrade_steps(self) -> tuple[Step, ...]:
        """The steps of all downgrades, each from the schema after its own upgrade."""
        return tuple(step for trip in self.trips for step in trip.downgrade_steps)

    def at(self, key: str) -> Schema:
        """The schema after the upgrade of a revision and its ancestors.

        Raises:
            KeyError: the history has no such revision.
        """
        return self.schemas[key]

    def at_heads(self) -> Schema:
        """The schema after `alembic upgrade heads`, as far as Alembic can place the revisions."""
        placed = [key for key in self.history.real_heads if key in self.history.position]
        return self.at_all(placed)

    def upgrade_run(self) -> tuple[Step, ...]:
        """The steps of one `alembic upgrade heads` on an empty database, branch after branch.

        Unlike in `steps`, a revision comes upon what parallel branches have done before it.
        Revisions that Alembic cannot place follow at the end; a file whose id another has taken
        over never runs.
        """
        return self._combined

    @cached_property
    def _combined(self) -> tuple[Step, ...]:
        found: list[Step] = []
        # As long as nothing parallel has run, a revision starts from what its ancestors leave.
        trips = {id(trip.revision): trip for trip in self.trips}
        first = self.history.order[:1]
        schema = trips[id(first[0])].before if first else Schema(starts=self.starts)
        for revision in (*self.history.order, *self.history.unordered):
            if self.history.by_key[self.history.key(revision)] is not revision:
                continue
            trip = trips[id(revision)]
            if trip.before is schema:
                schema = trip.after
                found.extend(trip.steps)
            else:
                steps, schema = run(self.history, revision, Direction.UPGRADE, schema)
                found.extend(steps)
        return tuple(found)

    def at_all(self, keys: Sequence[str]) -> Schema:
        """The schema of a database that has these revisions and their ancestors, and no other.

        Raises:
            KeyError: the history has no such revision.
        """
        if len(keys) == 1:
            return self.at(keys[0])
        if not keys:
            return Schema(starts=self.starts)
        schema = self.at(keys[0])
        return _with_others(self.history, schema, keys[:1], keys[1:])


def replay(
    history: History, database: str = "postgresql", conventions: Conventions | None = None
) -> Replay:
    """Run every upgrade and every downgrade of a history.

    A revision starts from its first parent's schema, followed by what only its other parents and
    their ancestors add, in Alembic's order. Where a parent is missing or the graph runs in circles,
    it starts from a schema of which that much is unknown.

    Args:
        history: what to run.
        database: SQLAlchemy's name of the database.
        conventions: the naming convention of the project's metadata; None: not known.
    """
    tables, enums = made_by((*history.order, *history.unordered))
    starts = Starts(database=database, tables=tables, enums=enums, conventions=conventions)
    schemas: dict[str, Schema] = {}
    trips: list[RoundTrip] = []
    for revision in (*history.order, *history.unordered):
        before = _before(history, revision, starts, schemas)
        steps, upgraded = run(history, revision, Direction.UPGRADE, before)
        downgrade_steps, restored = run(history, revision, Direction.DOWNGRADE, upgraded)
        key = history.key(revision)
        if history.by_key[key] is revision:
            schemas[key] = upgraded
        trips.append(
            RoundTrip(
                history, revision, before, upgraded, restored, tuple(steps), tuple(downgrade_steps)
            )
        )
    return Replay(history, starts, tuple(trips), schemas)


def databases(history: History, dialects: tuple[str, ...] | None) -> tuple[str, ...]:
    """The databases to replay a history on, sorted: those it is for, or else the common ones.

    Where that is not known, those that the history itself asks for are among them, and those on
    which it certainly cannot run are not.
    """
    if dialects is not None:
        return tuple(sorted(dialects))
    placed = {name for place in history.locations for name in PurePath(place).parts[-2:]}
    if len(placed & SUPPORTED) == 1:
        # One directory of revisions for each database: versions/postgresql, versions/sqlite.
        return tuple(placed & SUPPORTED)
    named: set[str] = set()
    unfit: set[str] = set()
    for revision in history.revisions:
        if not isinstance(revision.upgrade, Function):
            continue
        for operation in flatten(revision.upgrade.operations):
            context = operation.context
            asked = {
                name
                for guard in context.guards
                for condition in conditions_in(guard.condition)
                if isinstance(condition, DialectIs)
                for name in condition.names
            }
            named.update(asked)
            if not asked and context.dialects is None and not context.tries:
                unfit.update(_unfit(operation))
    fit = set(COMMON) - unfit
    return tuple(sorted(((fit or {"postgresql"}) | named) & SUPPORTED))


def _unfit(operation: Operation) -> Iterator[str]:
    """The common databases that certainly refuse an operation."""
    if unsupported(operation, "sqlite"):
        yield "sqlite"
    if only_postgresql(operation):
        yield from ("mysql", "sqlite")


def run(
    history: History, revision: Revision, direction: Direction, schema: Schema
) -> tuple[list[Step], Schema]:
    """The steps of one function of a revision from a given schema, and the schema after it.

    The guards of a block are decided once, in the schema in which it is entered. Where that is not
    possible, both ways are run, and the schema afterwards is what they have in common. SQL text is
    a step of its own, before those that it amounts to.
    """
    function = revision.upgrade if direction is Direction.UPGRADE else revision.downgrade
    if not isinstance(function, Function):
        return [], schema
    running = _Running(history, revision)
    schema = running.block(list(_written(function.operations)), 0, schema, sure=True)
    return running.steps, schema


_HELD_AGAINST_ROWS = (
    AlterColumn
    | CreateCheckConstraint
    | CreateExcludeConstraint
    | CreateForeignKey
    | CreatePrimaryKey
    | CreateUniqueConstraint
)
"""Operations that rows, or what other tables lack, may make fail."""

_Written = tuple[Operation, bool]
"""An operation, and whether it is what SQL text amounts to."""


def _written(operations: Sequence[Operation]) -> Iterator[_Written]:
    for operation in operations:
        yield operation, False
        if isinstance(operation, ExecuteSql):
            for inner in operation.operations:
                yield inner, True


class _Running:
    """One function on its way."""

    def __init__(self, history: History, revision: Revision) -> None:
        self.history, self.revision = history, revision
        self.steps: list[Step] = []
        self.entered: dict[int, Schema] = {}
        self.left: dict[int, bool | None] = {}
        """Of each `try`, whether an error has ended it: None where that is not known."""

    def block(
        self, operations: Sequence[_Written], depth: int, schema: Schema, *, sure: bool
    ) -> Schema:
        """Run operations that share their first `depth` guards, which hold."""
        at = 0
        while at < len(operations):
            operation, sql = operations[at]
            guards = operation.context.guards
            if len(guards) <= depth:
                schema = self.one(operation, schema, sql=sql, sure=sure)
                at += 1
                continue
            guard = guards[depth]
            end = _end(operations, at, depth, guard)
            schema, at = self.guarded(operations, at, end, depth, schema, sure=sure)
        return schema

    def guarded(
        self,
        operations: Sequence[_Written],
        at: int,
        end: int,
        depth: int,
        schema: Schema,
        *,
        sure: bool,
    ) -> tuple[Schema, int]:
        """Run a block under one guard, and where it cannot be decided the block of its opposite.

        A condition without which the revision fails is taken to hold: no schema is left otherwise.

        Returns the schema afterwards and the place of the first operation that was not run.
        """
        inside = operations[at:end]
        guard = inside[0][0].context.guards[depth]
        entry = self.entered.setdefault(guard.block, schema)
        verdict = holds(guard.condition, entry) if guard.current else None
        if verdict is False:
            self.skip(inside, schema)
            return schema, end
        if verdict is True:
            return self.block(inside, depth + 1, schema, sure=sure), end
        supposed, opposite = schema, schema
        if guard.current:
            supposed = supposing(schema, guard.condition)
            opposite = supposing(schema, guard.condition, true=False)
        one = self.block(inside, depth + 1, supposed, sure=False)
        if guard.required:
            return one, end
        otherwise = operations[end][0].context.guards if end < len(operations) else ()
        if len(otherwise) > depth and _opposite(guard, otherwise[depth]):
            last = _end(operations, end, depth, otherwise[depth])
            opposite = self.block(operations[end:last], depth + 1, opposite, sure=False)
            end = last
        return join(one, opposite, schema), end

    def skip(self, operations: Sequence[_Written], schema: Schema) -> None:
        """Note operations that do not run."""
        for operation, sql in operations:
            self.steps.append(
                Step(self.history, self.revision, operation, schema, schema, runs=False, sql=sql)
            )

    def one(self, operation: Operation, schema: Schema, *, sql: bool, sure: bool) -> Schema:
        """Run one operation."""
        context = operation.context
        if not _is_for(context, schema.database):
            self.skip([(operation, sql)], schema)
            return schema
        schema = reached(schema, operation)
        swallowing = [handled.block for handled in context.tries if handled.swallows]
        ended = [self.left[block] for block in swallowing if block in self.left]
        if True in ended:
            self.skip([(operation, sql)], schema)
            return schema
        fails = unsupported(operation, schema.database) or refused(schema, operation)
        if swallowing and fails is False and isinstance(operation, _HELD_AGAINST_ROWS):
            fails = None
        done = schema
        if not fails:
            done = after(schema, Origin(self.revision, operation, sql=sql))
        runs = True if sure and context.loop is None and not ended else None
        self.steps.append(Step(self.history, self.revision, operation, schema, done, runs, sql))
        if swallowing and fails is not False:
            self.left[swallowing[-1]] = fails
        perhaps = context.loop is not None or ended or (swallowing and fails is None)
        return join(done, schema, schema) if perhaps else done


def _end(operations: Sequence[_Written], at: int, depth: int, guard: Guard) -> int:
    """The place behind the operations that stand under the same guard, one after the other."""
    while at < len(operations):
        guards = operations[at][0].context.guards
        if len(guards) <= depth:
            break
        other = guards[depth]
        if other.block != guard.block or other.condition != guard.condition:
            break
        at += 1
    return at


def _opposite(one: Guard, other: Guard) -> bool:
    """Whether two guards are the two branches of one condition."""
    return one.block == other.block and (
        one.condition == Not(other.condition) or other.condition == Not(one.condition)
    )


def _is_for(context: Context, database: str) -> bool:
    return context.dialects is None or database in context.dialects


def asks_for_table(operation: CreateTable) -> bool | None:
    """Whether a create is run only where its table is not there; None where that is not known.

    An `if_not_exists`, or a test for that table anywhere among the guards, is such a question. A
    `try` that swallows the failure is not known to be one.
    """
    conditions = [
        condition
        for guard in operation.context.guards
        for condition in conditions_in(guard.condition)
    ]
    tests = [condition for condition in conditions if isinstance(condition, TableExists)]
    if operation.if_not_exists is True or any(test.table == operation.table for test in tests):
        return True
    hidden = (
        isinstance(operation.if_not_exists, Unknown)
        or isinstance(operation.table, Unknown)
        or any(isinstance(condition, OpaqueCondition) for condition in conditions)
        or any(isinstance(test.table, Unknown) for test in tests)
        or any(handled.swallows for handled in operation.context.tries)
    )
    return None if hidden else False


def _before(
    history: History, revision: Revision, starts: Starts, schemas: Mapping[str, Schema]
) -> Schema:
    """The schema that the upgrade of a revision starts from."""
    key = history.key(revision)
    if history.by_key[key] is not revision:
        own = [parent for parent in revision.parents if parent in schemas]
        return schemas[own[0]].blurred() if own else Schema.unknown(starts)
    parents = history.parents(key)
    if key not in history.position:
        ready = [parent for parent in parents if parent in schemas]
        if not ready:
            return Schema.unknown(starts)
        lacking = len(ready) != len(parents) or len(ready) != len(_named(revision))
        return schemas[ready[0]].blurred() if lacking or len(ready) > 1 else schemas[ready[0]]
    if not parents:
        return Schema(starts=starts)
    schema = schemas[parents[0]]
    return schema if len(parents) == 1 else _with_others(history, schema, parents[:1], parents[1:])


def _with_others(
    history: History, schema: Schema, applied: Sequence[str], others: Sequence[str]
) -> Schema:
    """The schema after what only these other revisions and their ancestors add to those applied."""
    added = only_below(others, applied, history.parents, history.depth)
    for name in sorted(added, key=history.position.__getitem__):
        _, schema = run(history, history.by_key[name], Direction.UPGRADE, schema)
    return schema


def _named(revision: Revision) -> frozenset[str]:
    """What a revision names as its parents, of either kind."""
    return frozenset((*revision.parents, *revision.dependencies))
