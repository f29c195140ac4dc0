"""Wheels are fetched once, verified, and unpacked as far as alembic-lint reads them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("wheels.py")
FILE = "demo-1.0-py3-none-any.whl"
METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
TAG = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A directory with one wheel, which is all that pip is allowed to know."""
    place = tmp_path / "shelf"
    place.mkdir()
    with zipfile.ZipFile(place / FILE, "w") as archive:
        archive.writestr("demo/migrations/versions/a1.py", "revision = 'a1'\n")
        archive.writestr("demo/alembic.ini", "[alembic]\n")
        archive.writestr("demo/logo.png", b"\x89PNG")
        archive.writestr("demo-1.0.dist-info/METADATA", METADATA)
        archive.writestr("demo-1.0.dist-info/WHEEL", TAG)
        archive.writestr("demo-1.0.dist-info/RECORD", "")
    return place


def fetch(shelf: Path, sha256: str = "") -> subprocess.CompletedProcess[str]:
    selection = shelf.parent / "corpus.toml"
    expected = sha256 or hashlib.sha256((shelf / FILE).read_bytes()).hexdigest()
    selection.write_text(
        f'[[package]]\nname = "demo"\n[[package.wheel]]\nrequirement = "demo==1.0"\n'
        f'file = "{FILE}"\nsha256 = "{expected}"\n',
        encoding="utf-8",
    )
    only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, SCRIPT, selection, shelf.parent / "cache", "demo"],
        env={**os.environ, **only},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def unpacked(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.stderr == ""
    name, directory = done.stdout.rstrip("\n").split("\t")
    assert name == "demo"
    place = Path(directory)
    return sorted(file.relative_to(place).as_posix() for file in place.rglob("*") if file.is_file())


def test_what_a_linter_reads_is_unpacked(shelf: Path) -> None:
    assert unpacked(fetch(shelf)) == ["demo/alembic.ini", "demo/migrations/versions/a1.py"]


def test_a_cached_package_is_not_fetched_again(shelf: Path) -> None:
    first = unpacked(fetch(shelf))
    sha256 = hashlib.sha256((shelf / FILE).read_bytes()).hexdigest()
    (shelf / FILE).unlink()

    assert unpacked(fetch(shelf, sha256)) == first


def test_a_damaged_wheel_in_the_cache_is_fetched_again(shelf: Path) -> None:
    wheels = shelf.parent / "cache" / "wheels"
    wheels.mkdir(parents=True)
    (wheels / FILE).write_bytes(b"half of it")

    assert unpacked(fetch(shelf)) == ["demo/alembic.ini", "demo/migrations/versions/a1.py"]


def test_another_file_than_the_recorded_one_is_refused(shelf: Path) -> None:
    done = fetch(shelf, sha256="0" * 64)

    assert done.returncode == 1
    assert done.stderr == f"{FILE} is not the file that corpus.toml names: sha256 differs\n"
    assert done.stdout == ""


def test_a_wheel_that_cannot_be_had_is_named_with_the_reason(shelf: Path) -> None:
    (shelf / FILE).rename(shelf / "other-1.0-py3-none-any.whl")

    done = fetch(shelf, sha256="0" * 64)

    assert done.returncode == 1
    assert done.stderr.startswith("pip cannot download demo==1.0: ")
    assert "No matching distribution" in done.stderr
