"""Replay: a history run without a database, one Step for each operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from alembic_lint.history import History
from alembic_lint.history.order import only_below
from alembic_lint.model import (
    And,
    ColumnExists,
    Condition,
    ConstraintExists,
    CreateTable,
    DialectIs,
    Direction,
    DropTable,
    EnumExists,
    Function,
    Guard,
    IndexExists,
    Not,
    OfflineMode,
    OpaqueCondition,
    Operation,
    Or,
    RenameTable,
    Revision,
    TableExists,
    Unknown,
    Unset,
    conditions_in,
    flatten,
)
from alembic_lint.schema import (
    Assumption,
    Dialects,
    Origin,
    Presence,
    Schema,
    TableKey,
)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One operation in its place.

    `before` is the schema when it is reached: its ancestors' and what its own function has done so
    far. Where its guards could not be decided (`runs` is None) they are taken to hold in `before`,
    while `after` is what both ways have in common. `runs` False: it is skipped.
    """

    history: History = field(repr=False)
    revision: Revision = field(repr=False)
    operation: Operation
    before: Schema = field(repr=False)
    after: Schema = field(repr=False)
    runs: bool | None = True


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """All steps of a history.

    `steps` are those of the upgrades, in the order of `History.order` and then of
    `History.unordered`; `downgrade_steps` are those of the downgrades, each replayed from the
    schema after its own upgrade, in the same order of revisions.
    """

    steps: tuple[Step, ...]
    downgrade_steps: tuple[Step, ...]
    schemas: Mapping[str, Schema] = field(repr=False)

    def at(self, key: str) -> Schema:
        """The schema after the upgrade of a revision and its ancestors.

        Raises:
            KeyError: the history has no such revision.
        """
        return self.schemas[key]


def replay(history: History) -> Replay:
    """Run every upgrade and every downgrade of a history.

    A revision starts from its first parent's schema, followed by what only its other parents and
    their ancestors add, in Alembic's order. Where a parent is missing or the graph runs in circles,
    it starts from a schema of which that much is unknown.
    """
    made = tables_made(history)
    schemas: dict[str, Schema] = {}
    steps: list[Step] = []
    downgrade_steps: list[Step] = []
    for revision in (*history.order, *history.unordered):
        schema = _before(history, revision, made, schemas)
        for step in run(history, revision, Direction.UPGRADE, schema):
            steps.append(step)
            schema = step.after
        key = history.key(revision)
        if history.by_key[key] is revision:
            schemas[key] = schema
        downgrade_steps.extend(run(history, revision, Direction.DOWNGRADE, schema))
    return Replay(tuple(steps), tuple(downgrade_steps), schemas)


def upgrade_run(history: History) -> Iterator[Step]:
    """The steps of one `alembic upgrade heads` on an empty database, branch after branch.

    Unlike in `replay`, a revision comes upon what parallel branches have done before it. Revisions
    that Alembic cannot place follow at the end; a file whose id another has taken over never runs.
    """
    schema = Schema(tables_made(history))
    for revision in (*history.order, *history.unordered):
        if history.by_key[history.key(revision)] is revision:
            for step in run(history, revision, Direction.UPGRADE, schema):
                yield step
                schema = step.after


def run(
    history: History, revision: Revision, direction: Direction, schema: Schema
) -> Iterator[Step]:
    """The steps of one function of a revision, from a given schema.

    The guards of a block are decided once, in the schema in which it is entered. SQL text is a step
    of its own, before those that it amounts to. The database is taken to be there: a test for
    offline mode fails.
    """
    function = revision.upgrade if direction is Direction.UPGRADE else revision.downgrade
    if not isinstance(function, Function):
        return
    scope = f"{revision.path}:{direction}"
    entered: dict[int, Schema] = {}
    for operation in flatten(function.operations):
        dialects = Dialects.of(operation.context)
        undecided: list[Guard] = []
        runs: bool | None = True
        for guard in operation.context.guards:
            assumption = Assumption.of(scope, undecided) if undecided else None
            fresh = guard.block not in entered
            at_entry = entered.setdefault(guard.block, schema).assuming(assumption)
            verdict = holds(guard.condition, at_entry, dialects) if guard.current else None
            if verdict is False:
                runs = False
                break
            if verdict is None:
                undecided.append(guard)
                if fresh and guard.current and len(undecided) == 1:
                    supposed = Assumption.of(scope, undecided)
                    schema = schema.supposing(supposed, guard.condition, dialects)
        loop = operation.context.loop
        hanging = Assumption.of(scope, undecided, None if loop is None else loop.over)
        assumption = hanging if hanging.terms else None
        if runs is False:
            yield Step(history, revision, operation, schema, schema, runs=False)
            continue
        if assumption is not None:
            runs = None
        after = schema.after(Origin(revision, operation), assumption)
        yield Step(history, revision, operation, schema.assuming(assumption), after, runs)
        schema = after


def holds(condition: Condition, schema: Schema, dialects: Dialects) -> bool | None:
    """Whether a condition holds in a schema on these databases; None where that is not known."""
    match condition:
        case TableExists(str(name), None | str() as place):
            return _exists(schema, name, place, dialects)
        case (
            ColumnExists(table=str(name), schema=None | str() as place)
            | ConstraintExists(table=str(name), schema=None | str() as place)
        ):
            return _without_table(schema, name, place, dialects)
        case IndexExists(table=str(name), schema=None | str() as place):
            return _without_table(schema, name, place, dialects)
        case DialectIs(names):
            return dialects.decide(names)
        case OfflineMode():
            return False
        case Not(term):
            verdict = holds(term, schema, dialects)
            return None if verdict is None else not verdict
        case And(terms):
            return _all(holds(term, schema, dialects) for term in terms)
        case Or(terms):
            none = _all(holds(Not(term), schema, dialects) for term in terms)
            return None if none is None else not none
        case (
            TableExists()
            | ColumnExists()
            | IndexExists()
            | ConstraintExists()
            | EnumExists()
            | OpaqueCondition()
        ):
            return None


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


def tables_made(history: History) -> frozenset[TableKey]:
    """The tables that the history makes: all others were there before Alembic.

    A table that is dropped or renamed before anything makes it was there before, too.
    """
    made: set[TableKey] = set()
    external: set[TableKey] = set()
    for revision in (*history.order, *history.unordered):
        if not isinstance(revision.upgrade, Function):
            continue
        for operation in flatten(revision.upgrade.operations):
            match operation:
                case CreateTable(temporary=False, table=str(name), schema=None | str() as schema):
                    made.add((schema, name))
                case DropTable(table=str(name), schema=None | str() as schema):
                    _note_external((schema, name), operation, made, external)
                case RenameTable(
                    table=str(name), new_table=str(new), schema=None | str() as schema
                ):
                    _note_external((schema, name), operation, made, external)
                    if not isinstance(operation.new_schema, Unknown):
                        place = operation.new_schema
                        made.add((schema if isinstance(place, Unset) else place, new))
                case _:
                    pass
    return frozenset(made - external)


def _note_external(
    key: TableKey,
    operation: DropTable | RenameTable,
    made: set[TableKey],
    external: set[TableKey],
) -> None:
    if key not in made and operation.if_exists is False and not operation.context.guards:
        external.add(key)


def _before(
    history: History,
    revision: Revision,
    made: frozenset[TableKey],
    schemas: Mapping[str, Schema],
) -> Schema:
    """The schema that the upgrade of a revision starts from."""
    key = history.key(revision)
    if history.by_key[key] is not revision:
        own = [parent for parent in revision.parents if parent in schemas]
        return schemas[own[0]].blurred() if own else Schema.unknown(made)
    parents = history.parents(key)
    if key not in history.position:
        ready = [parent for parent in parents if parent in schemas]
        if not ready:
            return Schema.unknown(made)
        lacking = len(ready) != len(parents) or len(ready) != len(_named(revision))
        return schemas[ready[0]].blurred() if lacking or len(ready) > 1 else schemas[ready[0]]
    if not parents:
        return Schema(made)
    schema = schemas[parents[0]]
    if len(parents) > 1:
        added = only_below(parents[1:], parents[:1], history.parents, history.depth)
        for name in sorted(added, key=history.position.__getitem__):
            for step in run(history, history.by_key[name], Direction.UPGRADE, schema):
                schema = step.after
    return schema


def _named(revision: Revision) -> frozenset[str]:
    """What a revision names as its parents, of either kind."""
    return frozenset((*revision.parents, *revision.dependencies))


def _exists(schema: Schema, name: str, place: str | None, dialects: Dialects) -> bool | None:
    """Whether a table is there; not known for one that only its guard speaks of."""
    table = schema.table(name, place, dialects)
    if table.external or table.presence is Presence.MAYBE:
        return None
    return table.presence is Presence.PRESENT


def _without_table(schema: Schema, name: str, place: str | None, dialects: Dialects) -> bool | None:
    """False where not even the table is there."""
    absent = schema.table(name, place, dialects).presence is Presence.ABSENT
    return False if absent else None


def _all(verdicts: Iterator[bool | None]) -> bool | None:
    """True where all are, False where one is False, None otherwise."""
    found = list(verdicts)
    if False in found:
        return False
    return None if None in found else True
