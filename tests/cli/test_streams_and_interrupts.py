"""Streams that are closed, full or read by nobody, and interrupts, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REVISION = '''"""Begin."""

from alembic import op

revision = "3ac5"
down_revision = None


def upgrade():
    op.create_table("t")


def downgrade():
    pass
'''

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell and signals")

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    directory = tmp_path / "versions"
    directory.mkdir()
    (directory / "3ac5.py").write_text(REVISION, "utf-8")
    return directory


@pytest.fixture
def shell(versions: Path) -> Shell:
    """Run a line of shell beside a history; `$lint` is the command."""

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", line.replace("$lint", f"'{sys.executable}' -m alembic_lint")],
            cwd=versions.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["versions", "graph versions", "rule", "config", "--version"])
def test_a_full_device_is_one_line_and_2(shell: Shell, command: str) -> None:
    done = shell(f"$lint {command} > /dev/full")

    assert done.stderr == "error: standard output cannot be written: no space left on device\n"
    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_help_for_a_full_device_is_one_line_and_2(shell: Shell) -> None:
    done = shell("$lint --help > /dev/full")

    assert done.stderr == "error: no space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize("command", ["versions", "graph versions", "rule ALM101"])
def test_a_closed_output_is_one_line_and_2(shell: Shell, command: str) -> None:
    done = shell(f"$lint {command} >&-")

    assert done.stderr == "error: standard output is closed\n"
    assert done.returncode == 2


def test_a_closed_input_is_one_line_and_2(shell: Shell) -> None:
    done = shell("$lint --stdin-filename versions/3ac5.py - <&-")

    assert done.stderr == "error: standard input is closed, but - asks for it\n"
    assert done.returncode == 2


@pytest.mark.parametrize("target", ["2>&-", "2>/dev/full"])
def test_messages_that_cannot_be_written_change_no_status(shell: Shell, target: str) -> None:
    if "full" in target and not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    assert shell(f"$lint nowhere {target}").returncode == 2
    done = shell(f"$lint --fail-on warning versions {target}")
    assert done.returncode == 1
    assert "ALM302" in done.stdout


def test_a_working_directory_that_is_gone_is_one_line_and_2(shell: Shell) -> None:
    done = shell("mkdir gone && cd gone && rmdir ../gone && $lint")

    assert done.stderr == "error: the working directory is not there any more\n"
    assert done.returncode == 2


def test_output_that_nobody_reads_is_no_error(shell: Shell) -> None:
    done = shell('{ $lint rule --all; echo "status $?" >&2; } | head -n 1')

    assert done.stdout == "# syntax-error (ALM001)\n"
    assert done.stderr == "status 0\n"


INTERRUPTED = """\
import os, signal, sys

module = sys.argv.pop(1)


class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)


sys.meta_path.insert(0, Interrupting())

from alembic_lint.cli import main

sys.exit(main())
"""
"""A run that is interrupted when it imports the module named first."""


def interrupted(versions: Path, module: str, *, ignored: bool) -> subprocess.CompletedProcess[str]:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL)  # inherited
    try:
        return subprocess.run(
            [sys.executable, "-c", INTERRUPTED, module, "--fail-on=warning", str(versions)],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "module", ["click", "alembic_lint.cli.check", "libcst", "networkx", "alembic_lint.engine"]
)
def test_an_interrupt_is_quiet_and_130_even_during_imports(versions: Path, module: str) -> None:
    done = interrupted(versions, module, ignored=False)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_that_is_ignored_stays_ignored(versions: Path) -> None:
    done = interrupted(versions, "libcst", ignored=True)

    assert done.returncode == 1
    assert "ALM302" in done.stdout


def test_the_command_imports_no_parser_for_its_help() -> None:
    code = (
        "import sys; from alembic_lint.cli import main; main(['check', '--help']); "
        "print(sorted({'libcst', 'networkx', 'sqlglot', 'pgparse', 'importlib.metadata'}"
        ".intersection(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60
    )

    assert done.stdout.splitlines()[-1] == "[]"
