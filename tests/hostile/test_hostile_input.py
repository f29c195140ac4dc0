"""Files that are broken, or meant to do harm, through the real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from alembic_lint.cli.formats import FORMATS

GOOD = '''"""Add the accounts."""

from alembic import op
import sqlalchemy as sa

revision = "3ac5"
down_revision = None


def upgrade():
    op.create_table("accounts", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    pass
'''
"""Lints with a finding of its own (ALM302), which shows that the rest was still linted."""

BAD_ID = 'revision = "7bd1"\ndown_revision = "3ac5"\n'

SECONDS = 60  # for one run; far above what any of them needs

Lint = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    directory = tmp_path / "versions"
    directory.mkdir()
    (directory / "good.py").write_text(GOOD, "utf-8")
    return directory


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Run the command; whatever happens, it must say so without a traceback."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "alembic_lint", *arguments],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout
        assert "internal error" not in done.stderr
        return done

    return run


def codes(done: subprocess.CompletedProcess[str]) -> dict[str, set[str]]:
    """The rules that fired, by file."""
    found: dict[str, set[str]] = {}
    for item in json.loads(done.stdout)["diagnostics"]:
        found.setdefault(item["filename"], set()).add(item["code"])
    return found


BROKEN: dict[str, tuple[bytes, str]] = {
    "syntax error": (BAD_ID.encode() + b"\ndef upgrade(:\n", "ALM001"),
    "merge conflict": (
        b'<<<<<<< HEAD\nrevision = "7bd1"\n=======\nrevision = "7bd2"\n>>>>>>> topic\n',
        "ALM001",
    ),
    "NUL byte": (BAD_ID.encode() + b"# \0\n", "ALM002"),
    "Latin-1 under a UTF-8 cookie": (
        b"# -*- coding: utf-8 -*-\n" + BAD_ID.encode() + b"# caf\xe9\n",
        "ALM002",
    ),
    "unknown encoding": (b"# -*- coding: klingon -*-\n" + BAD_ID.encode(), "ALM002"),
    "nested parentheses": (
        BAD_ID.encode() + b"x = " + b"(" * 10_000 + b"1" + b")" * 10_000 + b"\n",
        "ALM001",
    ),
    "5 MB of text": (BAD_ID.encode() + b"# padding\n" * 500_000, "ALM002"),
    "half a file": (GOOD.encode()[:-60], "ALM001"),
    "nothing in it": (b"", "ALM203"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_a_finding_and_the_rest_is_linted(
    versions: Path, lint: Lint, case: str
) -> None:
    content, code = BROKEN[case]
    (versions / "bad.py").write_bytes(content)

    done = lint("versions", "--output-format", "json")

    assert done.returncode == 1
    found = codes(done)
    assert code in found["versions/bad.py"]
    assert "ALM302" in found["versions/good.py"]


def test_valid_python_that_cannot_be_read_is_no_error_and_keeps_its_place(
    versions: Path, lint: Lint
) -> None:
    (versions / "odd.py").write_text(f"{BAD_ID}\n\n(x): int = 1\n", "utf-8")
    last = GOOD.replace("None", '"7bd1"').replace("3ac5", "9ef2").replace("accounts", "users")
    (versions / "last.py").write_text(last, "utf-8")

    done = lint("versions", "--output-format", "json")

    assert done.returncode == 0
    found = codes(done)
    assert found["versions/odd.py"] == {"ALM002"}
    assert found["versions/last.py"] == found["versions/good.py"] == {"ALM302"}


@pytest.mark.parametrize("form", ["full", "concise"])
def test_broken_files_can_be_shown_to_people_and_hide_nothing(
    versions: Path, lint: Lint, form: str
) -> None:
    for number, (content, _) in enumerate(BROKEN.values()):
        (versions / f"bad{number}.py").write_bytes(content)

    done = lint("versions", "--output-format", form)

    assert done.returncode == 1
    for number, (_, code) in enumerate(BROKEN.values()):
        assert f"versions/bad{number}.py:" in done.stdout
        assert code in done.stdout
    assert "versions/good.py:" in done.stdout


STRANGE = (
    b"a b%.py",
    b"a::b,c.py",
    b"&<]]>.py",
    b"esc\x1b[2J.py",
    b"not utf-8 \xff.py",
)


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are any bytes")
@pytest.mark.parametrize("form", FORMATS)
def test_files_of_any_name_are_told_in_every_format(versions: Path, lint: Lint, form: str) -> None:
    for name in STRANGE:
        (versions / os.fsdecode(name)).write_bytes(b"broken(")
    # Alembic loads no file with a line feed in its name, but from a directory with one.
    versions.rename(versions.with_name("line\nversions"))

    done = lint("line\nversions", "--select", "ALM001", "--output-format", form)

    assert done.returncode == 1
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    if form in {"json", "sarif", "gitlab", "rdjson"}:
        json.loads(done.stdout)
        assert done.stdout.count("versions/") >= len(STRANGE)
    elif form == "junit":
        assert len(ET.fromstring(done.stdout.encode())) == len(STRANGE) + 1
    elif form == "github":
        assert sum(line.startswith("::error ") for line in done.stdout.splitlines()) == len(STRANGE)
    else:
        assert done.stdout.count("ALM001") == len(STRANGE)


class TestWhatIsNoFile:
    def test_a_circle_of_symbolic_links(self, versions: Path, lint: Lint) -> None:
        (versions / "x.py").symlink_to("y.py")
        (versions / "y.py").symlink_to("x.py")
        (versions / "again").symlink_to(".")

        found = codes(lint("versions", "--output-format", "json"))

        assert found["versions/x.py"] == {"ALM002"}
        assert found["versions/y.py"] == {"ALM002"}
        assert "ALM302" in found["versions/good.py"]

    def test_a_link_to_nothing(self, versions: Path, lint: Lint) -> None:
        (versions / "x.py").symlink_to(versions / "gone.py")

        found = codes(lint("versions", "--output-format", "json"))

        assert found["versions/x.py"] == {"ALM002"}
        assert "ALM302" in found["versions/good.py"]

    def test_a_named_link_to_nothing(self, versions: Path, lint: Lint) -> None:
        (versions / "x.py").symlink_to(versions / "gone.py")

        assert codes(lint("versions/x.py", "--output-format", "json")) == {
            "versions/x.py": {"ALM002"}
        }

    def test_a_pipe_does_not_hang(self, versions: Path, lint: Lint) -> None:
        os.mkfifo(versions / "x.py")

        found = codes(lint("versions", "--output-format", "json"))

        assert found["versions/x.py"] == {"ALM002"}
        assert "ALM302" in found["versions/good.py"]

    def test_a_directory_named_like_a_revision(self, versions: Path, lint: Lint) -> None:
        (versions / "x.py").mkdir()

        done = lint("versions", "--output-format", "json")

        assert "versions/x.py is a directory" in done.stderr
        assert "ALM302" in codes(done)["versions/good.py"]

    def test_a_device(self, versions: Path, lint: Lint) -> None:
        (versions / "x.py").symlink_to("/dev/zero")

        done = lint("versions", "--output-format", "json")

        assert "ALM302" in codes(done)["versions/good.py"]

    def test_a_name_that_is_not_text(self, versions: Path, lint: Lint) -> None:
        name = os.fsencode(versions) + b"/caf\xe9.py"
        with open(name, "wb") as stream:  # noqa: PTH123  (a Path shows such a name differently)
            stream.write(b"broken(")

        for form in ("full", "concise", "json"):
            done = lint("versions", "--output-format", form)
            assert done.returncode == 1
            assert "caf" in done.stdout


RUNS_CODE = {
    "writes a file": "import pathlib\npathlib.Path('ran').write_text('x')\n",
    "exits": "import pathlib, sys\npathlib.Path('ran').write_text('x')\nsys.exit(7)\n",
    "kills its process": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    "sleeps": "import time\ntime.sleep(10_000)\n",
    "loops": "while True:\n    pass\n",
    "runs in a decorator": "@(lambda f: open('ran', 'w').close())\ndef helper():\n    pass\n",
    "runs in a default": "def helper(x=open('ran', 'w').close()):\n    pass\n",
    "runs in an f-string": "x = f\"{open('ran', 'w').close()}\"\n",
    "runs in an id": "",
}


@pytest.mark.parametrize("case", RUNS_CODE)
def test_nothing_of_a_revision_runs(versions: Path, lint: Lint, tmp_path: Path, case: str) -> None:
    text = GOOD.replace("3ac5", "7bd1").replace("None", '"3ac5"')
    if case == "runs in an id":
        text = text.replace('"7bd1"', "open('ran', 'w').name")
    (versions / "bad.py").write_text(RUNS_CODE[case] + text, "utf-8")

    done = lint("versions", "--output-format", "json")

    assert done.returncode in {0, 1}
    assert set(codes(done)) >= {"versions/bad.py", "versions/good.py"}
    assert not (tmp_path / "ran").exists()


def test_nothing_of_a_module_that_a_revision_imports_runs(
    versions: Path, lint: Lint, tmp_path: Path
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("open('ran', 'w').close()\n", "utf-8")
    (tmp_path / "app" / "guards.py").write_text(
        "open('ran', 'w').close()\n\n"
        "def has(name):\n    open('ran', 'w').close()\n    return False\n",
        "utf-8",
    )
    (tmp_path / "env.py").write_text("open('ran', 'w').close()\n", "utf-8")
    text = GOOD.replace("from alembic", "from app.guards import has\nfrom alembic", 1)
    (versions / "good.py").write_text(
        text.replace("    op.create", "    if not has('accounts'):\n        op.create"), "utf-8"
    )

    done = lint("versions", "--output-format", "json")

    assert done.returncode in {0, 1}
    assert "versions/good.py" in codes(done)
    assert not (tmp_path / "ran").exists()


class TestTheProcess:
    def test_a_reader_that_stops_early(self, versions: Path, tmp_path: Path) -> None:
        for number in range(300):
            (versions / f"{number:04}.py").write_text("broken(" * 50, "utf-8")
        command = f"{sys.executable} -m alembic_lint versions | head -1"

        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

        assert len(done.stdout.splitlines()) == 1
        assert done.stderr == ""

    def test_every_locale_gives_the_same_bytes(self, versions: Path, tmp_path: Path) -> None:
        (versions / "bad.py").write_text('x = "é表"; broken(', "utf-8")
        outputs = {
            subprocess.run(
                [sys.executable, "-m", "alembic_lint", "versions"],
                cwd=tmp_path,
                env={
                    "PATH": os.environ["PATH"],
                    "LC_ALL": locale,
                    "PYTHONIOENCODING": encoding,
                    "PYTHONHASHSEED": seed,
                },
                capture_output=True,
                timeout=SECONDS,
                check=False,
            ).stdout
            for locale, encoding, seed in [
                ("C.UTF-8", "utf-8", "1"),
                ("C", "ascii", "2"),
                ("POSIX", "latin-1", "3"),
            ]
        }

        assert len(outputs) == 1
        assert "é表".encode() in outputs.pop()

    def test_configuration_that_is_no_text(
        self, versions: Path, lint: Lint, tmp_path: Path
    ) -> None:
        del versions
        (tmp_path / "alembic-lint.toml").write_bytes(b"\xff\xfe\0")

        done = lint("versions")

        assert done.returncode == 2
        assert done.stderr.startswith("error: alembic-lint.toml: ")

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"[alembic\n", b"\0", b""])
    def test_an_ini_that_is_none(
        self, versions: Path, lint: Lint, tmp_path: Path, content: bytes
    ) -> None:
        del versions
        (tmp_path / "alembic.ini").write_bytes(content)

        done = lint("alembic.ini")

        assert done.returncode == 2
        assert done.stderr.startswith("error: alembic.ini ")
