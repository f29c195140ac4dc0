"""Download and unpack packages of corpus.toml, each into a directory of its own.

Usage: wheels.py CORPUS_TOML CACHE [NAME]... It prints one line for each package, all of them where
none is named: the name, a tab, the directory. What the cache holds already is not fetched again;
several processes may use one cache at the same time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

ATTEMPTS = 3
AT_A_TIME = 4
SECONDS = 600  # for one attempt
KEPT = frozenset({".py", ".ini", ".toml", ".cfg", ".sql", ".mako"})


class CorpusError(Exception):
    """A wheel cannot be had, or is not the one that corpus.toml names."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A published file: what pip is asked for, its name, and what its content must hash to."""

    requirement: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """What is unpacked into one directory."""

    name: str
    wheels: tuple[Wheel, ...]

    @property
    def directory(self) -> str:
        """A name that changes with the content."""
        content = " ".join([*(wheel.sha256 for wheel in self.wheels), *sorted(KEPT)])
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def main(corpus: Path, cache: Path, names: list[str]) -> None:
    """Print where each package lies, once all of them are there."""
    packages = [
        Package(item["name"], tuple(Wheel(**wheel) for wheel in item["wheel"]))
        for item in tomllib.loads(corpus.read_text(encoding="utf-8"))["package"]
        if not names or item["name"] in names
    ]
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "lock"):
        missing = [item for item in packages if not (cache / item.directory).is_dir()]
        wheels = [wheel for package in missing for wheel in package.wheels]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            fetched = pool.map(lambda wheel: (wheel, fetch(wheel, cache)), wheels)
            files = dict(fetched)
        for package in missing:
            unpack([files[wheel] for wheel in package.wheels], cache / package.directory)
    for package in packages:
        sys.stdout.write(f"{package.name}\t{cache / package.directory}\n")


def fetch(wheel: Wheel, cache: Path) -> Path:
    """The file of a wheel, downloaded unless the cache holds it."""
    place = cache / "wheels"
    file = place / wheel.file
    if file.is_file() and digest(file) == wheel.sha256:
        return file
    file.unlink(missing_ok=True)
    for _ in range(ATTEMPTS):
        problem = download(wheel.requirement, place)
        if problem is None:
            break
    else:
        raise CorpusError(f"pip cannot download {wheel.requirement}: {problem}")
    if not file.is_file():
        raise CorpusError(f"pip downloaded {wheel.requirement}, but not as {wheel.file}")
    if digest(file) != wheel.sha256:
        file.unlink()
        raise CorpusError(f"{wheel.file} is not the file that corpus.toml names: sha256 differs")
    return file


def download(requirement: str, place: Path) -> str | None:
    """Let pip put a wheel into a directory; what it complained of, None where it succeeded.

    The wheel is read only, never installed, so the Python it asks for does not matter.
    """
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--ignore-requires-python")
    try:
        done = subprocess.run(
            [*pip(), "download", *options, "--no-input", "--dest", str(place), requirement],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} seconds"
    return None if done.returncode == 0 else done.stderr.strip()


def pip() -> list[str]:
    """The command of this Python's pip; that on the PATH where this Python has none."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip")
    if found is None:
        raise CorpusError("the wheels are downloaded with pip, and there is no pip")
    return [found]


def digest(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpack(wheels: list[Path], target: Path) -> None:
    """Write what alembic-lint may read of some wheels into a directory that appears complete."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if Path(name).suffix in KEPT]
            archive.extractall(unfinished, names)
    unfinished.rename(target)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    except CorpusError as error:
        sys.exit(str(error))
