"""A history run without a database, revision after revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from alembic_lint.history import History
from alembic_lint.history.order import only_below
from alembic_lint.model import Direction, Revision
from alembic_lint.replay.running import run
from alembic_lint.replay.steps import RoundTrip, Step
from alembic_lint.schema import Conventions, Schema, Starts, made_by


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
    history: History,
    database: str = "postgresql",
    conventions: Conventions | None = None,
    default_schema: str | None = None,
) -> Replay:
    """Run every upgrade and every downgrade of a history.

    A revision starts from its first parent's schema, followed by what only its other parents and
    their ancestors add, in Alembic's order. Where a parent is missing or the graph runs in circles,
    it starts from a schema of which that much is unknown.

    Args:
        history: what to run.
        database: SQLAlchemy's name of the database.
        conventions: the naming convention of the project's metadata; None: not known.
        default_schema: where names without a schema stand; None: where they do anyhow.
    """
    starts = Starts(database=database, conventions=conventions, default_schema=default_schema)
    tables, enums = made_by((*history.order, *history.unordered), Schema(starts=starts).key)
    starts = replace(starts, tables=tables, enums=enums)
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
