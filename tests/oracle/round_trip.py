"""Real Alembic, one revision at a time: up, down and up again, with a look at every schema."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory

from tests.oracle.reflect import Plain, plain, reflect

VERSION_TABLE = "alembic_version"


class Outcome(StrEnum):
    """How a round trip ends; of several, what happens first."""

    SOUND = "sound"
    UPGRADE = "the upgrade is refused"
    DOWNGRADE = "the downgrade is refused"
    UNLIKE = "the downgrade does not restore the schema"


@dataclass(frozen=True, slots=True)
class Trip:
    """How it went, at which revision it ended so, and what the database said or holds."""

    outcome: Outcome
    revision: str | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class RefusedError(Exception):
    revision: str
    told: str


def round_trip(script_location: Path, url: str) -> Trip:
    """Take a history from nothing to its heads, back, and to its heads again.

    After each revision of the way back the schema must be the one that was there before it on the
    way up; in which order columns and constraints stand in their table does not count.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _Journey(script_location, url).take()


class _Journey:
    def __init__(self, script_location: Path, url: str) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        self.config = Config()
        self.config.set_main_option("script_location", str(script_location))
        self.config.set_main_option("path_separator", "os")
        self.script = ScriptDirectory.from_config(self.config)
        self.schemas: dict[frozenset[str], Plain] = {frozenset(): self._schema()}

    def take(self) -> Trip:
        applied: list[str] = []
        upgrade = self.script._upgrade_revs("heads", None)  # type: ignore[arg-type]
        heads = tuple(self.script.get_heads())
        downgrade = self.script._downgrade_revs("base", heads)  # type: ignore[arg-type]
        unlike: list[Trip] = []

        def risen(key: str) -> None:
            applied.append(key)
            self.schemas[frozenset(applied)] = self._schema()

        def sunk(key: str) -> None:
            applied.remove(key)
            before, now = self.schemas.get(frozenset(applied)), self._schema()
            if before is not None and before != now and not unlike:
                told = "; ".join(_differences(before, now, ""))
                unlike.append(Trip(Outcome.UNLIKE, key, told))

        try:
            self._run(upgrade, risen)
        except RefusedError as refusal:
            return Trip(Outcome.UPGRADE, refusal.revision, refusal.told)
        try:
            self._run(downgrade, sunk)
        except RefusedError as refusal:
            return unlike[0] if unlike else Trip(Outcome.DOWNGRADE, refusal.revision, refusal.told)
        if unlike:
            return unlike[0]
        self._run(upgrade, applied.append)
        return Trip(Outcome.SOUND)

    def _run(self, steps: Sequence[RevisionStep], reached: Callable[[str], None]) -> None:
        current: list[str] = []

        def work(_heads: object, _context: MigrationContext) -> Iterator[RevisionStep]:
            for step in steps:
                current[:] = [str(step.revision.revision)]
                # Alembic runs the step, commits and comes back.
                yield step
                reached(*current)

        environment = EnvironmentContext(self.config, self.script, fn=work)
        try:
            with environment, self.engine.connect() as connection:
                environment.configure(connection=connection, transaction_per_migration=True)
                with environment.begin_transaction():
                    environment.run_migrations()
        except Exception as error:
            told = " ".join(str(error).split("\n[SQL:")[0].split())
            raise RefusedError(current[0], f"{type(error).__name__}: {told}") from error

    def _schema(self) -> Plain:
        database = reflect(self.engine)
        database["sequences"].sort(key=str)
        tables = [item for item in database["tables"] if item["name"] != VERSION_TABLE]
        return _unordered(plain({**database, "tables": tables}))


def _unordered(value: Plain) -> Plain:
    """The same with the items of every list by their name; columns of a key keep their order."""
    match value:
        case dict():
            return {key: _unordered(item) for key, item in value.items()}
        case list() if value and all(isinstance(item, dict) for item in value):
            return {str(item["name"]): _unordered(item) for item in value if isinstance(item, dict)}
        case _:
            return value


def _differences(before: Plain, now: Plain, where: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            yield from _differences(before.get(key), now.get(key), f"{where}/{key}")
    elif before != now:
        yield f"{where}: {before} before, {now} after"
