"""What a replay gives: one Step for each operation, a RoundTrip for each revision."""

from __future__ import annotations

from dataclasses import dataclass, field

from alembic_lint.history import History
from alembic_lint.model import Operation, Revision
from alembic_lint.schema import Presence, Schema


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
