"""Packages to run: unpacked with all that their code may read, not only with what is linted.

A package is one of corpus.toml, or one of libraries.toml: a library that revisions import. Both
name their wheels by hash. Libraries are unpacked rather than installed, so that they bind neither
the project's own dependencies nor its SQLAlchemy.
"""

from __future__ import annotations

import shutil
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from filelock import FileLock

from tests.corpus.wheels import Package, Wheel, fetch

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Resolved, as Alembic resolves the places of its files, and code is known by where it lies.
CACHE = (ROOT / ".corpus").resolve()
BYTES = 1_000_000
"""Larger files are not code."""
LEFT_OUT = frozenset({".js", ".map", ".css", ".html", ".svg", ".png", ".po", ".mo", ".so", ".dll"})


def known() -> Mapping[str, Package]:
    """All packages, by name."""
    return {
        item["name"]: Package(item["name"], tuple(Wheel(**wheel) for wheel in item["wheel"]))
        for file in (HERE.parent / "corpus.toml", HERE / "libraries.toml")
        for item in tomllib.loads(file.read_text(encoding="utf-8"))["package"]
    }


def unpacked(package: Package) -> Path:
    """The directory of a package, downloaded and unpacked on first use."""
    home = CACHE / "oracle" / "packages"
    home.mkdir(parents=True, exist_ok=True)
    target = home / package.directory
    with FileLock(home / f"{package.name}.lock"):
        if target.is_dir():
            return target
        unfinished = target.with_name(f"{target.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for wheel in package.wheels:
            with zipfile.ZipFile(fetch(wheel, CACHE)) as archive:
                archive.extractall(unfinished, list(_wanted(archive)))
        unfinished.rename(target)
    return target


def _wanted(archive: zipfile.ZipFile) -> Iterator[str]:
    for item in archive.infolist():
        suffix = PurePosixPath(item.filename).suffix
        if item.file_size <= BYTES and suffix not in LEFT_OUT:
            yield item.filename
