"""One function of a revision, run from a given schema: guards, branches and `try` blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alembic_lint.history import History
from alembic_lint.model import (
    AlterColumn,
    Context,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    Direction,
    ExecuteSql,
    Function,
    Guard,
    Not,
    Operation,
    Revision,
    Unknown,
)
from alembic_lint.replay.steps import Step
from alembic_lint.schema import (
    Conventions,
    Origin,
    Schema,
    after,
    final_name,
    holds,
    join,
    reached,
    refused,
    supposing,
    unsupported,
)


def run(
    history: History, revision: Revision, direction: Direction, schema: Schema
) -> tuple[list[Step], Schema]:
    """The steps of one function of a revision from a given schema, and the schema after it.

    The guards of a block are decided once, in the schema in which it is entered. Where that is not
    possible, both ways are run, and the schema afterwards is what they have in common. SQL text is
    a step of its own, before those that it amounts to. A function that is not read may have done
    anything.
    """
    function = revision.upgrade if direction is Direction.UPGRADE else revision.downgrade
    match function:
        case Function():
            pass
        case Unknown():
            return [], schema.blurred()
        case None:
            return [], schema
    written = list(_written(function.operations, schema.starts.conventions or {}))
    running = _Running(history, revision, written)
    schema = running.block(written, 0, schema, sure=True)
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


@dataclass(frozen=True, slots=True)
class _Written:
    """An operation in its place, counted from 0; `sql`: it is what SQL text amounts to."""

    operation: Operation
    sql: bool
    place: int

    @property
    def guards(self) -> tuple[Guard, ...]:
        return self.operation.context.guards


def _written(operations: Sequence[Operation], conventions: Conventions) -> Iterator[_Written]:
    place = 0
    for operation in operations:
        yield _Written(final_name(operation, conventions), False, place)
        place += 1
        if isinstance(operation, ExecuteSql):
            for inner in operation.operations:
                yield _Written(inner, True, place)
                place += 1


@dataclass(slots=True)
class _Tried:
    """A `try` that swallows errors, on its way.

    `last` is the place of its last operation, `start` the schema before its first. `failed` is the
    schema where an operation has failed that may fail: what follows in the `try` does not run then.
    `ended`: one has failed for certain.
    """

    last: int
    start: Schema | None = None
    failed: Schema | None = None
    ended: bool = False


class _Running:
    """One function on its way."""

    def __init__(
        self, history: History, revision: Revision, operations: Sequence[_Written]
    ) -> None:
        self.history, self.revision = history, revision
        self.steps: list[Step] = []
        self.entered: dict[int, Schema] = {}
        self.tried: dict[int, _Tried] = {}
        """By their blocks, in the order in which they begin."""
        for item in operations:
            for handled in item.operation.context.tries:
                if handled.swallows:
                    self.tried.setdefault(handled.block, _Tried(item.place)).last = item.place
        self.open: list[_Tried] = []

    def block(
        self, operations: Sequence[_Written], depth: int, schema: Schema, *, sure: bool
    ) -> Schema:
        """Run operations that share their first `depth` guards, which hold."""
        at = 0
        while at < len(operations):
            item = operations[at]
            if len(item.guards) <= depth:
                schema = self.one(item, schema, sure=sure)
                at += 1
            else:
                end = _end(operations, at, depth, item.guards[depth])
                schema, at = self.guarded(operations, at, end, depth, schema, sure=sure)
            schema = self.closed(schema, operations[at - 1].place)
        return schema

    def closed(self, schema: Schema, place: int) -> Schema:
        """The schema after the `try` blocks that end at a place: whether an error ended them."""
        for tried in [tried for tried in self.open if tried.last <= place]:
            self.open.remove(tried)
            if tried.failed is not None and tried.start is not None:
                schema = join(schema, tried.failed, tried.start)
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
        guard = inside[0].guards[depth]
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
        otherwise = operations[end].guards if end < len(operations) else ()
        if len(otherwise) > depth and _opposite(guard, otherwise[depth]):
            last = _end(operations, end, depth, otherwise[depth])
            opposite = self.block(operations[end:last], depth + 1, opposite, sure=False)
            end = last
        return join(one, opposite, schema), end

    def skip(self, operations: Sequence[_Written], schema: Schema) -> None:
        """Note operations that do not run."""
        for item in operations:
            self.note(item, schema, schema, runs=False)

    def note(self, item: _Written, before: Schema, after: Schema, *, runs: bool | None) -> None:
        """Note a step."""
        operation, sql = item.operation, item.sql
        self.steps.append(Step(self.history, self.revision, operation, before, after, runs, sql))

    def one(self, item: _Written, schema: Schema, *, sure: bool) -> Schema:
        """Run one operation."""
        operation = item.operation
        context = operation.context
        if not _is_for(context, schema.database):
            self.skip([item], schema)
            return schema
        around = self.around(context, schema)
        schema = reached(schema, operation)
        if any(tried.ended for tried in around):
            self.skip([item], schema)
            return schema
        fails = unsupported(operation, schema.database) or refused(schema, operation)
        if around and fails is False and isinstance(operation, _HELD_AGAINST_ROWS):
            fails = None
        done = schema
        if not fails:
            done = after(schema, Origin(self.revision, operation, sql=item.sql))
        perhaps = context.loop is not None
        surely = sure and not perhaps and all(tried.failed is None for tried in around)
        self.note(item, schema, done, runs=True if surely else None)
        if around and fails is not False:
            # The innermost ends here, of which what it did so far stays.
            inner = around[-1]
            if fails is None or perhaps:
                start = schema if inner.start is None else inner.start
                failed = schema if inner.failed is None else inner.failed
                inner.failed = join(failed, schema, start)
            else:
                inner.ended = True
        return join(done, schema, schema) if perhaps else done

    def around(self, context: Context, schema: Schema) -> list[_Tried]:
        """The `try` blocks around an operation that swallow its errors, outermost first."""
        found = [self.tried[handled.block] for handled in context.tries if handled.swallows]
        for tried in found:
            if tried.start is None:
                tried.start = schema
                self.open.append(tried)
        return found


def _end(operations: Sequence[_Written], at: int, depth: int, guard: Guard) -> int:
    """The place behind the operations that stand under the same guard, one after the other."""
    while at < len(operations):
        guards = operations[at].guards
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
