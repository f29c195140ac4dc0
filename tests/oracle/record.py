"""Run one history on one database with real Alembic, and record what the database held on the way.

Usage: record.py JOB RESULT, both JSON files; see `Job` and `Recording`. The job's database must be
empty. Revisions are run as published: only env.py is replaced, and packages that are not installed
(see `missing`). The process must be one of its own, in a directory of its own.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import shutil
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import psycopg
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory

# This file is run as a script; nothing beside it may stand for a module that a revision asks for.
sys.path[0] = str(Path(__file__).parents[2])
from tests.oracle.legacy import accept_old_calls  # noqa: E402
from tests.oracle.missing import Finder, phase  # noqa: E402
from tests.oracle.reflect import Database, reflect  # noqa: E402

del sys.path[0]

VERSION_TABLE = "alembic_version"
FRAMES = 4
"""How many of the innermost places of an error are told."""


class Job(TypedDict):
    """What to run.

    `roots` are import roots, `libraries` such that installed packages go before; modules below them
    may lack what they import. `stops` is how many revisions to stop after, the last that can be
    applied among them. `naming_convention` is that of the metadata which the history's own env.py
    gives to Alembic. `prepare` is Python that sets up what the application would have; `engine` and
    `upgrade` are at hand. `seconds` is the time after which no further revision is begun.
    """

    url: str
    script_location: str
    version_locations: list[str]
    recursive: bool
    roots: list[str]
    libraries: list[str]
    naming_convention: dict[str, str]
    prepare: str
    stops: int
    seconds: float


class Failure(TypedDict):
    """Why a run ended. `revision` is None where the history itself cannot be loaded."""

    revision: str | None
    error: str
    where: str


class Stop(TypedDict):
    """The database at one moment.

    `applied` is how many of `Recording.order` are applied, counted from the start; after downgrades
    of a history with branches these need not be the first ones, so `revisions` lists them all.
    `heads` are the rows of alembic_version, sorted.
    """

    applied: int
    revisions: list[str]
    heads: list[str]
    database: Database


class Recording(TypedDict):
    """What happened. `order` holds the ids in Alembic's order of `upgrade heads`.

    `upgraded` and `downgraded` are the ids whose functions ran to the end, in their order. `up`
    begins with the database before the first revision.
    """

    dialect: str
    server: str
    order: list[str]
    upgraded: list[str]
    upgrade_failure: Failure | None
    up: list[Stop]
    downgraded: list[str]
    downgrade_failure: Failure | None
    down: list[Stop]
    not_installed: list[str]
    broken_modules: dict[str, str]
    seconds: float


class OutOfTimeError(Exception):
    """The job's seconds are over."""


@dataclass
class Files:
    """A way to get a SQLite database back to where it was before a revision failed in the middle.

    PostgreSQL needs none: Alembic runs each revision in a transaction of its own there.
    """

    database: Path | None

    @property
    def copy(self) -> Path:
        assert self.database is not None
        return self.database.with_suffix(".before")

    def keep(self) -> None:
        """Remember the database as it is."""
        if self.database is not None:
            shutil.copyfile(self.database, self.copy)

    def restore(self) -> None:
        """Bring the remembered database back."""
        if self.database is not None:
            shutil.copyfile(self.copy, self.database)


class Run:
    """One history on one database."""

    def __init__(self, job: Job) -> None:
        self.job = job
        sqlite = job["url"].startswith("sqlite")
        # Values as literals, as the driver sends them that these revisions were written for.
        options: dict[str, object] = {} if sqlite else {"cursor_factory": psycopg.ClientCursor}
        self.engine = sa.create_engine(job["url"], poolclass=sa.pool.NullPool, connect_args=options)
        self.files = Files(Path(str(self.engine.url.database)) if sqlite else None)
        self.metadata = (
            sa.MetaData(naming_convention=job["naming_convention"])
            if job["naming_convention"]
            else None
        )
        self.version_table = VERSION_TABLE
        self.deadline = time.monotonic() + job["seconds"]
        self.config = Config()
        self.config.set_main_option("script_location", job["script_location"])
        self.config.set_main_option("path_separator", "newline")
        self.config.set_main_option("version_locations", "\n".join(job["version_locations"]))
        if job["recursive"]:
            self.config.set_main_option("recursive_version_locations", "true")

    def record(self) -> Recording:
        """Upgrade from base with stops, then downgrade to the same stops."""
        started = time.monotonic()
        own = [*self.job["roots"], *self.job["libraries"]]
        self.finder = Finder([Path(root) for root in own])
        sys.meta_path.insert(0, self.finder)
        sys.path[:0] = self.job["roots"]
        sys.path += self.job["libraries"]
        recording = Recording(
            dialect=self.engine.dialect.name,
            server="",
            order=[],
            upgraded=[],
            upgrade_failure=None,
            up=[],
            downgraded=[],
            downgrade_failure=None,
            down=[],
            not_installed=[],
            broken_modules={},
            seconds=0,
        )
        try:
            self._prepare(recording)
            self._upgrade(recording)
            if recording["upgraded"]:
                self._downgrade(recording)
        except RefusedError as refused:
            recording["upgrade_failure"] = refused.failure
        recording["not_installed"] = sorted(self.finder.made_up)
        recording["broken_modules"] = self.finder.failures
        recording["seconds"] = round(time.monotonic() - started, 2)
        return recording

    def _prepare(self, recording: Recording) -> None:
        try:
            exec(self.job["prepare"], {"engine": self.engine, "upgrade": self._upgrade_other})
            self.script = ScriptDirectory.from_config(self.config)
            self.steps = self.script._upgrade_revs("heads", None)  # type: ignore[arg-type]
            recording["order"] = [_id(step) for step in self.steps]
        except (Exception, SystemExit) as error:
            raise RefusedError(_failure(None, error)) from error
        with self.engine.begin() as connection:
            version = connection.dialect.server_version_info or ()
            recording["server"] = ".".join(map(str, version))
            width = max(32, *(len(item) for item in recording["order"]))
            key = f"CONSTRAINT {self.version_table}_pkc PRIMARY KEY (version_num)"
            # Some histories have longer ids than Alembic's own table takes.
            columns = f"version_num VARCHAR({width}) NOT NULL, {key}"
            connection.exec_driver_sql(f"CREATE TABLE {self.version_table} ({columns})")

    def _upgrade_other(self, script_location: str) -> None:
        """Upgrade as far as it goes another history, which a `prepare` names below a root.

        That one has the usual version table then, and this one a table of its own.
        """
        self.version_table = f"{VERSION_TABLE}_own"
        places = (Path(root) / script_location for root in self.job["roots"])
        location = next(place for place in places if place.is_dir())
        config = Config()
        config.set_main_option("script_location", str(location))
        config.set_main_option("recursive_version_locations", "true")
        script = ScriptDirectory.from_config(config)
        steps = script._upgrade_revs("heads", None)  # type: ignore[arg-type]
        environment = EnvironmentContext(config, script, fn=lambda _heads, _context: steps)
        refused = (sa.exc.SQLAlchemyError, NotImplementedError)
        with suppress(*refused), environment, self.engine.connect() as connection:
            environment.configure(
                connection=connection,
                transaction_per_migration=True,
            )
            with environment.begin_transaction():
                environment.run_migrations()

    def _upgrade(self, recording: Recording) -> None:
        done = recording["upgraded"]
        places = spread(len(self.steps), self.job["stops"])
        recording["up"].append(self._stop(recording, done))

        def reached() -> None:
            if len(done) in places:
                recording["up"].append(self._stop(recording, done))

        recording["upgrade_failure"] = self._run(self.steps, done, reached)
        if recording["upgrade_failure"] is not None and recording["up"][-1]["applied"] < len(done):
            recording["up"].append(self._stop(recording, done))

    def _downgrade(self, recording: Recording) -> None:
        done = recording["downgraded"]
        heads = tuple(recording["up"][-1]["heads"])
        wanted = [frozenset(stop["revisions"]) for stop in recording["up"][:-1]]

        def left() -> list[str]:
            return [item for item in recording["upgraded"] if item not in set(done)]

        def reached() -> None:
            if frozenset(left()) in wanted:
                recording["down"].append(self._stop(recording, left()))

        try:
            steps = self.script._downgrade_revs("base", heads)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001  (whatever Alembic raises is the answer)
            recording["downgrade_failure"] = _failure(None, error)
            return
        recording["downgrade_failure"] = self._run(steps, done, reached)
        if recording["downgrade_failure"] is not None and done:
            last = recording["down"][-1:]
            if not last or len(last[0]["revisions"]) != len(left()):
                recording["down"].append(self._stop(recording, left()))

    def _run(
        self, steps: Sequence[RevisionStep], done: list[str], reached: Callable[[], None]
    ) -> Failure | None:
        """Take steps until one fails; the database is then as it was before that one."""
        current: list[str] = []

        def work(_heads: object, _context: MigrationContext) -> Iterator[RevisionStep]:
            for step in steps:
                if time.monotonic() > self.deadline:
                    raise OutOfTimeError(f"not done after {self.job['seconds']} seconds")
                self.files.keep()
                current[:] = [_id(step)]
                phase.running = True
                # Alembic runs the step, commits and comes back.
                yield step
                phase.running = False
                done.append(_id(step))
                current.clear()
                reached()

        environment = EnvironmentContext(self.config, self.script, fn=work)
        try:
            with environment, self.engine.connect() as connection:
                environment.configure(
                    connection=connection,
                    transaction_per_migration=True,
                    target_metadata=self.metadata,
                    version_table=self.version_table,
                )
                with environment.begin_transaction():
                    environment.run_migrations()
        except (Exception, SystemExit) as error:  # noqa: BLE001  (code of strangers)
            phase.running = False
            if current:
                self.files.restore()
            return _failure(current[0] if current else None, error)
        return None

    def _stop(self, recording: Recording, applied: Sequence[str]) -> Stop:
        database = reflect(self.engine)
        database["tables"] = [
            item for item in database["tables"] if not item["name"].startswith(VERSION_TABLE)
        ]
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"SELECT version_num FROM {self.version_table}")
            heads = sorted(row[0] for row in rows)
        ids = set(applied)
        return Stop(
            applied=len(applied),
            revisions=[item for item in recording["order"] if item in ids],
            heads=heads,
            database=database,
        )


class RefusedError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure["error"])
        self.failure = failure


def spread(revisions: int, stops: int) -> frozenset[int]:
    """After how many revisions to stop: always after the last, and evenly on the way."""
    return frozenset(max(1, round(revisions * (index + 1) / stops)) for index in range(stops))


def _id(step: RevisionStep) -> str:
    return str(step.revision.revision)


def _failure(revision: str | None, error: BaseException) -> Failure:
    text = " ".join(str(error).split("\n[SQL:")[0].split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [item for item in frames if "site-packages" not in item.filename] or frames[-1:]
    places = [f"{Path(item.filename).name}:{item.lineno}" for item in own]
    place = " ".join(places[-FRAMES:])
    return Failure(revision=revision, error=f"{type(error).__name__}: {text}"[:500], where=place)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no migration needs: other processes, and any host but this one's socket."""
    forbidden = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}
    if event in forbidden or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        raise PermissionError(f"{event} is not for migrations")


def main(job_file: Path, result_file: Path) -> None:
    """Do a job."""
    job: Job = json.loads(job_file.read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # Revisions use modules of SQLAlchemy which only an application has imported.
    for name in ("sqlalchemy.orm", "sqlalchemy.ext.declarative"):
        importlib.import_module(name)
    accept_old_calls()
    run = Run(job)
    sys.addaudithook(_guard)
    recording = run.record()
    # Written at once: who looks for it finds all of it or nothing.
    unfinished = result_file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(recording, indent=1), encoding="utf-8")
    unfinished.rename(result_file)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    # Applications leave threads behind.
    os._exit(0)
