"""Directories that another user has closed: passed over, told of, and refused where named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REVISION = """\
revision = "a1b2c3"
down_revision = None


def upgrade():
    pass


def downgrade():
    pass
"""
INI = "[alembic]\nscript_location = migrations\n"
SEEN = "Found 1 info in 1 file (checked 1 revision)\n"

Lint = Callable[..., tuple[int, str, str]]


def bound_by_permissions() -> list[str]:
    """What makes a command of root's as bound by permissions as any other user's."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or (bool(bound_by_permissions()) and shutil.which("setpriv") is None),
    reason="permissions bind nobody here",
)


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Run the command where `project` holds a history; status, last line of output, errors."""
    write(tmp_path / "project" / "alembic.ini", INI)
    write(tmp_path / "project" / "migrations" / "env.py", "")
    write(tmp_path / "project" / "migrations" / "versions" / "a.py", REVISION)
    (tmp_path / ".git").mkdir()

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [*bound_by_permissions(), sys.executable, "-m", "alembic_lint", *arguments],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        *_, last = ["", *done.stdout.splitlines(keepends=True)]
        return done.returncode, last, done.stderr

    return run


@pytest.fixture
def close(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Make a directory that may not be looked into, until the test ends."""
    made: list[Path] = []

    def closes(name: str, mode: int = 0) -> None:
        directory = tmp_path / name
        write(directory / "versions" / "b.py", REVISION)
        made.append(directory)
        directory.chmod(mode)

    yield closes
    for directory in reversed(made):
        directory.chmod(0o700)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("mode", [0, 0o444, 0o111])
@pytest.mark.parametrize("arguments", [(), (".",), ("graph",)])
def test_one_beside_the_history_is_passed_over_and_told(
    lint: Lint, close: Callable[..., None], mode: int, arguments: tuple[str, ...]
) -> None:
    close("pgdata", mode)

    status, last, errors = lint(*arguments)

    assert status == 0
    assert last == SEEN or "a1b2c3" in last
    assert errors == "note: pgdata cannot be read, so revisions in it are not seen\n"


def test_of_many_a_few_are_named(lint: Lint, close: Callable[..., None]) -> None:
    for number in range(1, 6):
        close(f"data{number}")

    assert lint()[2] == (
        "note: 5 directories cannot be read, so revisions in them are not seen: data1, data2, "
        "data3 and 2 more\n"
    )


def test_nothing_is_said_of_those_that_are_excluded_or_never_searched(
    lint: Lint, close: Callable[..., None], tmp_path: Path
) -> None:
    write(tmp_path / "alembic-lint.toml", 'exclude = ["pgdata"]\n')
    for name in ("pgdata", "node_modules", ".cache"):
        close(name)

    assert lint() == (0, SEEN, "")


def test_one_below_the_script_directory_is_told(lint: Lint, close: Callable[..., None]) -> None:
    close("project/migrations/more")

    assert lint("project/alembic.ini") == (
        0,
        SEEN,
        "note: project/migrations/more cannot be read, so revisions in it are not seen\n",
    )


@pytest.mark.parametrize("mode", [0, 0o444, 0o111])
def test_one_that_is_named_is_an_error_about_itself(
    lint: Lint, close: Callable[..., None], mode: int
) -> None:
    close("pgdata", mode)

    assert lint("pgdata") == (2, "", "error: pgdata cannot be read: permission denied\n")


def test_what_is_named_in_one_is_an_error(
    lint: Lint, close: Callable[..., None], tmp_path: Path
) -> None:
    close("pgdata")

    status, _, errors = lint("pgdata/versions")

    assert (status, errors) == (2, f"error: {tmp_path}/pgdata/versions: permission denied\n")


def test_the_working_directory_may_be_one(close: Callable[..., None], tmp_path: Path) -> None:
    close("closed", 0o700)
    shell = ["sh", "-c", 'chmod 0 . && exec "$@"', "sh"]

    done = subprocess.run(
        [*bound_by_permissions(), *shell, sys.executable, "-P", "-m", "alembic_lint"],
        cwd=tmp_path / "closed",
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: . cannot be read: permission denied\n"


def test_a_history_that_lies_in_one_is_told_and_the_others_are_linted(
    lint: Lint, close: Callable[..., None], tmp_path: Path
) -> None:
    close("pgdata")
    write(tmp_path / "other" / "alembic.ini", "[alembic]\nscript_location = ../pgdata/versions\n")

    status, last, errors = lint(".")

    assert (status, last) == (0, SEEN)
    assert "note: pgdata/versions cannot be read: permission denied\n" in errors


def test_a_module_in_one_is_not_at_hand(
    lint: Lint, close: Callable[..., None], tmp_path: Path
) -> None:
    close("project/app")
    text = REVISION.replace("    pass", "    make()", 1)
    write(
        tmp_path / "project" / "migrations" / "versions" / "a.py",
        f"from app.tables import make\n{text}",
    )

    status, _, errors = lint("project")

    assert (status, errors) == (0, "")


def test_a_configuration_below_that_may_not_be_read_is_told_and_the_rest_is_linted(
    lint: Lint, tmp_path: Path
) -> None:
    write(tmp_path / "other" / "pyproject.toml", "")
    (tmp_path / "other" / "pyproject.toml").chmod(0)

    assert lint() == (
        0,
        SEEN,
        "note: other/pyproject.toml cannot be read: Permission denied\n",
    )
