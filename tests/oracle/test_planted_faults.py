"""What a database refuses, and what a downgrade does not restore, is found from the source alone.

Each fault of planted.toml is a small change of a sound history. Real Alembic takes the history up,
down and up again; what alembic-lint says of the same files must agree with how that ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from alembic_lint import Diagnostic, Severity, lint
from alembic_lint.config import defaults
from tests.oracle.histories import OTHERS
from tests.oracle.planted import FAULTS, SOUND, Fault, Sound, edited, written
from tests.oracle.round_trip import Outcome, round_trip

pytestmark = [pytest.mark.oracle, pytest.mark.database]

FAMILIES = ("ALM109", "ALM110", "ALM3", "ALM4")
Url = Callable[[str], str]


def on(names: Iterable[str]) -> tuple[str, ...]:
    """These databases; where PostgreSQL is among them, the machine's own servers too."""
    listed = tuple(names)
    return (*listed, *OTHERS) if "postgresql" in listed else listed


def dialect(database: str) -> str:
    """SQLAlchemy's name for it."""
    return database.partition("-")[0]


FAULTS_AND_DATABASES = [
    pytest.param(
        fault,
        database,
        id=f"{fault.history}-{fault.name}-{database}",
        marks=[pytest.mark.xfail(reason=fault.missed, strict=True)] if fault.missed else [],
    )
    for fault in FAULTS
    for database in on(fault.outcome)
]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Url:
    """The URL of an empty database."""

    def of(database: str) -> str:
        if database == "sqlite":
            return f"sqlite:///{tmp_path}/app.db"
        if database in OTHERS:
            url_of: Url = request.getfixturevalue("other_postgresql_url")
            return url_of(database)
        found: str = request.getfixturevalue("postgresql_url")
        return found

    return of


@pytest.mark.parametrize(
    ("sound", "database"),
    [
        pytest.param(item, database, id=f"{item.name}-{database}")
        for item in SOUND.values()
        for database in on(item.databases)
    ],
)
def test_sound_histories(sound: Sound, database: str, url: Url, tmp_path: Path) -> None:
    directory = written(tmp_path / sound.name, sound.files())

    trip = round_trip(directory, url(database))

    assert trip.outcome is Outcome.SOUND, trip
    assert errors(found(directory, database)) == []


@pytest.mark.parametrize(("fault", "database"), FAULTS_AND_DATABASES)
def test_faults(fault: Fault, database: str, url: Url, tmp_path: Path) -> None:
    files = {**edited(SOUND[fault.history].files(), fault.edits), **fault.added}
    directory = written(tmp_path / fault.history, files)
    outcome = Outcome[fault.outcome[dialect(database)].upper()]

    trip = round_trip(directory, url(database))
    said = found(directory, database)

    assert trip.outcome is outcome, trip
    if outcome is Outcome.SOUND:
        assert errors(said) == []
        return
    file = f"{fault.file}.py"
    there = [item for item in said if where(item) == (file, fault.line(files))]
    assert fault.code in {item.code for item in there}, (trip, shown(said))
    allowed = {(f"{name}.py", line) for name, line in fault.allowed(files)}
    stray = [
        item for item in said if item.severity is Severity.ERROR and where(item) not in allowed
    ]
    assert not stray, (trip, shown(stray))


def test_there_are_many() -> None:
    assert sum(set(fault.outcome.values()) != {"sound"} for fault in FAULTS) >= 40
    assert len({(fault.history, fault.name) for fault in FAULTS}) == len(FAULTS)


def found(directory: Path, database: str) -> Sequence[Diagnostic]:
    """What the rules on the schema and on the way back say, for a project on this database."""
    settings = replace(defaults().settings, dialects=(dialect(database),))
    config = replace(defaults(), extend_select=("ALM307",), settings=settings)
    report = lint([directory], config)
    assert not report.internal_errors
    return [item for item in report.diagnostics if item.code.startswith(FAMILIES)]


def errors(said: Sequence[Diagnostic]) -> list[str]:
    return shown([item for item in said if item.severity is Severity.ERROR])


def where(item: Diagnostic) -> tuple[str, int]:
    return Path(item.path).name, item.span.line


def shown(said: Sequence[Diagnostic]) -> list[str]:
    return [f"{Path(item.path).name}:{item.span.line} {item.code} {item.message}" for item in said]
