"""Histories that projects really ship are read as Alembic reads them, and seen into.

What alembic-lint saw and found in each is kept in findings/. After a change that is meant, renew
it and read the difference: `pytest -m corpus tests/corpus --renew-findings`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

import pytest

from alembic_lint import Report, lint
from alembic_lint.config import defaults
from alembic_lint.history import History

HERE = Path(__file__).parent
FINDINGS = HERE / "findings"
SHARE = 0.98
"""The share of the operations on tables whose table must be known, over the whole selection."""

KNOWN = "operations with their table known"
UNKNOWN = "operations with their table not known: "

Unpacked = Callable[[str], Path]


class Recorded(TypedDict):
    """What Alembic reads in one history."""

    version_locations: list[str]
    recursive: NotRequired[bool]
    revisions: int
    heads: list[str]
    real_heads: NotRequired[list[str]]
    bases: list[str]


class Place(NamedTuple):
    """What alembic-lint is called with, and the histories that are there."""

    package: str
    script_location: str
    histories: tuple[Recorded, ...]

    @property
    def name(self) -> str:
        """The name of the test and of its snapshot."""
        where = self.script_location.strip(".").replace("/", ".")
        return f"{self.package}-{where}" if where else self.package


def selection() -> Iterator[Place]:
    document = tomllib.loads((HERE.parent / "corpus.toml").read_text(encoding="utf-8"))
    for package in document["package"]:
        for environment in package["environment"]:
            yield Place(
                package["name"], environment["script_location"], tuple(environment["history"])
            )


PLACES = tuple(selection())


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "place",
    [pytest.param(item, id=item.name, marks=pytest.mark.corpus(item.package)) for item in PLACES],
)
def test_a_history_is_read_as_alembic_reads_it(
    place: Place, unpacked: Unpacked, pytestconfig: pytest.Config
) -> None:
    home = unpacked(place.package)

    report = lint([home / place.script_location], defaults())

    assert report.internal_errors == ()
    assert read(report.histories, place, home) == recorded(place)
    snapshot = FINDINGS / f"{place.name}.txt"
    if pytestconfig.getoption("--renew-findings"):
        snapshot.write_text("".join(f"{line}\n" for line in seen(report, home)), encoding="utf-8")
    assert seen(report, home) == snapshot.read_text(encoding="utf-8").splitlines()


def test_the_table_of_nearly_every_operation_is_known(pytestconfig: pytest.Config) -> None:
    """The numbers are those of the snapshots, which the test above holds to be true."""
    if pytestconfig.getoption("--renew-findings"):
        pytest.skip("the snapshots are being written")
    known = 0
    reasons: Counter[str] = Counter()
    for place in PLACES:
        for line in (FINDINGS / f"{place.name}.txt").read_text(encoding="utf-8").splitlines():
            number, _, what = line.strip().partition(" ")
            if what == KNOWN:
                known += int(number)
            elif what.startswith(UNKNOWN):
                reasons[what.removeprefix(UNKNOWN)] += int(number)

    share = known / (known + reasons.total())
    listed = "\n".join(f"{number:6,}  {reason}" for reason, number in reasons.most_common())
    assert share >= SHARE, f"{share:.2%} of {known + reasons.total():,} are known\n{listed}"


def test_every_snapshot_is_one_of_a_selected_history(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--renew-findings"):
        pytest.skip("the snapshots are being written")
    assert {file.stem for file in FINDINGS.iterdir()} == {place.name for place in PLACES}


@pytest.mark.corpus("mlflow", "optuna")
def test_the_output_does_not_depend_on_the_hash_seed(unpacked: Unpacked) -> None:
    command = [
        sys.executable,
        "-m",
        "alembic_lint",
        "check",
        "--isolated",
        "--output-format",
        "json",
    ]
    places = [
        unpacked(item.package) / item.script_location
        for item in PLACES
        if item.package in {"mlflow", "optuna"}
    ]

    outputs = {
        subprocess.run(
            [*command, *places],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stdout
        for seed in ("0", "1")
    }

    assert len(outputs) == 1
    assert b'"diagnostics"' in outputs.pop()


def read(histories: Sequence[History], place: Place, home: Path) -> dict[str, object]:
    """What alembic-lint says, by the recorded version locations that a history has files in."""
    return {
        " ".join(locations(history, place, home)): {
            "revisions": len({revision.id for revision in history.revisions}),
            "heads": sorted(history.heads),
            "real heads": sorted(history.real_heads),
            "bases": sorted(history.bases),
        }
        for history in histories
    }


def locations(history: History, place: Place, home: Path) -> list[str]:
    everywhere = [item for recorded in place.histories for item in recorded["version_locations"]]
    files = [relative(revision.path, home) for revision in history.revisions]
    inside = [item for item in everywhere if any(file.startswith(f"{item}/") for file in files)]
    outside = [file for file in files if not any(file.startswith(f"{item}/") for item in inside)]
    return [*inside, *outside]


def recorded(place: Place) -> dict[str, object]:
    """What Alembic says, by the version locations."""
    return {
        " ".join(history["version_locations"]): {
            "revisions": history["revisions"],
            "heads": sorted(history["heads"]),
            "real heads": sorted(history.get("real_heads", history["heads"])),
            "bases": sorted(history["bases"]),
        }
        for history in place.histories
    }


def seen(report: Report, home: Path) -> list[str]:
    """How much alembic-lint saw, then what it found; one line each."""
    counts = report.result.counts
    return [
        f"{counts.resolved_tables} {KNOWN}",
        *(f"{number} {UNKNOWN}{reason}" for reason, number in counts.unresolved_tables),
        *(f"{number} texts of SQL not known: {reason}" for reason, number in counts.unread_sql),
        *(f"{number} opaque: {reason}" for reason, number in counts.opaque),
        f"{counts.undecided} under a guard not decided",
        "",
        *(
            f"{relative(item.path, home)}:{item.span.line} {item.code} {item.severity}"
            for item in report.diagnostics
        ),
    ]


def relative(path: str, home: Path) -> str:
    """A path as it is shown, from the directory the package was unpacked into."""
    return Path(path).absolute().relative_to(home).as_posix()
