"""The selection of corpus.toml, unpacked on first use below .corpus/ at the project's root."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

ROOT = Path(__file__).parents[2]
SELECTION = ROOT / "tests" / "corpus.toml"
CACHE = ROOT / ".corpus"
SECONDS = 120
"""Of processor time, what reading one history may take; the largest take ten."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of the option that renews the snapshots."""
    parser.addoption(
        "--renew-findings",
        action="store_true",
        help="write tests/corpus/findings anew instead of comparing with it",
    )


@pytest.fixture(scope="session")
def unpacked(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """The directory of a package, by its name.

    The packages of all selected tests are downloaded at once, by the first worker that asks.
    """
    names = {
        name
        for item in request.session.items
        if isinstance(item, pytest.Function)
        for mark in item.iter_markers("corpus")
        for name in mark.args
    }
    script = Path(__file__).with_name("wheels.py")
    done = subprocess.run(
        [sys.executable, script, SELECTION, CACHE, *sorted(names)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"the corpus cannot be had: {done.stderr}", pytrace=False)
    places = dict(line.split("\t") for line in done.stdout.splitlines())
    return lambda name: Path(places[name])


@pytest.fixture
def bounded() -> Iterator[None]:
    """Stop a test after `SECONDS` of processor time: a history that takes forever is named.

    alembic-lint takes the error for a bug of its own in the file that it is reading, and says so.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"not done after {SECONDS} seconds")
