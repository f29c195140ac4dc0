"""What docs/setups.md tells editors to run, and how they read what it writes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.precommit.repositories import environment, revision
from tests.setups.documented import PAGE, only

Lines = Callable[..., list[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A history with one head, and another file that is not saved yet would make a second."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / ".git").mkdir()  # where the search for a history ends
    versions.joinpath("3ac5.py").write_text(revision("3ac5"), "utf-8")
    versions.joinpath("9ef2.py").write_text(revision("9ef2", "3ac5"), "utf-8")
    return tmp_path


@pytest.fixture
def lines(project: Path) -> Lines:
    """Run a command on a buffer that is saved nowhere, and give the lines it writes."""

    def lines(*command: str) -> list[str]:
        done = subprocess.run(
            command,
            cwd=project,
            env=environment(),
            input=revision("c041", "3ac5"),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout.splitlines()

    return lines


def test_neovim_is_told_of_a_second_head(project: Path, lines: Lines) -> None:
    text = only("init.lua").text
    listed = re.search(r"args = \{(.*?)\n  \}", text, re.DOTALL)
    pattern = re.search(r'from_pattern\(\s*"([^"]*)",\s*\{([^}]*)\}', text)
    assert listed
    assert pattern
    unsaved = str(project / "migrations" / "versions" / "c041.py")
    arguments = [
        quoted or unsaved for quoted, _ in re.findall(r'"([^"]*)"|(function.*?end)', listed[1])
    ]

    found = lines("alembic-lint", *arguments)

    names = re.findall(r'"(\w+)"', pattern[2])
    assert all(re.match(of_lua(pattern[1]), line) for line in found)
    first = dict(zip(names, re.findall(of_lua(pattern[1]), found[0])[0], strict=True))
    assert first["file"] == "migrations/versions/c041.py"
    assert (first["lnum"], first["code"], first["severity"]) == ("3", "ALM101", "error")


def of_lua(pattern: str) -> str:
    """A pattern of Lua that has only these of its special characters, as a regular expression."""
    return (
        pattern.replace(".-", ".*?").replace("%d", r"\d").replace("%a", "[a-z]")
        .replace("%[", r"\[").replace("%]", r"\]")
    )  # fmt: skip


def test_emacs_is_told_of_a_second_head(project: Path, lines: Lines) -> None:
    text = only("alembic-lint-flymake.el").text
    command = re.search(r':command \(list (.*?) "-"\)', text, re.DOTALL)
    pattern = re.search(r'\(re-search-forward\s+"(.*?)" nil t\)', text)
    assert command
    assert pattern
    unsaved = str(project / "migrations" / "versions" / "c041.py")
    words = re.findall(r'"([^"]*)"|(buffer-file-name)', command[1])

    found = lines(*(quoted or unsaved for quoted, _ in words), "-")

    plain = pattern[1].replace(r"\\(", "(").replace(r"\\)", ")").replace(r"\\[", r"\[")
    plain = plain.replace(r"\\]", r"\]")
    assert all(re.match(plain, line) for line in found)
    match = re.match(plain, found[0])
    assert match
    assert match.group(1, 2, 5) == ("migrations/versions/c041.py", "3", "error")


@pytest.mark.skipif(shutil.which("emacs") is None, reason="Emacs is not installed")
def test_emacs_itself_shows_a_second_head(project: Path) -> None:
    library = project / "alembic-lint-flymake.el"
    library.write_text(only(library.name).text, "utf-8")
    file = project / "migrations" / "versions" / "c041.py"
    file.write_text(revision("c041", "9ef2"), "utf-8")
    script = project / "run.el"
    script.write_text(
        f"""\
(require 'alembic-lint-flymake)
(find-file "{file}")
(search-forward "9ef2")
(replace-match "3ac5")
(flymake-start)
(dotimes (_ 600) (unless (flymake-diagnostics) (accept-process-output nil 0.2)))
(dolist (found (flymake-diagnostics))
  (princ (format "%s %s\\n" (flymake-diagnostic-type found) (flymake-diagnostic-text found))))
(set-buffer-modified-p nil)
""",
        "utf-8",
    )

    done = subprocess.run(
        ["emacs", "-Q", "--batch", "-L", str(project), "-l", str(script)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=300,
    )

    assert ":error ALM101 [error] revision" in done.stdout, done.stdout


def test_the_task_of_vs_code_matches_each_line(project: Path, lines: Lines) -> None:
    (task,) = json.loads(only("tasks.json").text)["tasks"]
    matcher = task["problemMatcher"]["pattern"]
    (project / "migrations" / "versions" / "c041.py").write_text(revision("c041", "3ac5"), "utf-8")

    found = lines(task["command"], *task["args"])

    matches = [re.match(matcher["regexp"], line) for line in found]
    assert all(matches)
    (head,) = (match for match in matches if match and match[matcher["code"]] == "ALM101")
    assert head[matcher["file"]] == "migrations/versions/c041.py"
    assert head[matcher["line"]] == "3"
    assert head[matcher["severity"]] == "error"
    assert "second head" in head[matcher["message"]]


def test_pycharm_s_filter_matches_each_line(project: Path, lines: Lines) -> None:
    fields = dict(re.findall(r"^\| ([\w ]+) \| `([^`]*)`", PAGE.read_text("utf-8"), re.MULTILINE))
    file = project / "migrations" / "versions" / "c041.py"
    file.write_text(revision("c041", "3ac5"), "utf-8")
    arguments = fields["Arguments"].replace("$FilePath$", str(file)).split()

    found = lines(fields["Program"], *arguments)

    pattern = re.escape(fields["Output filters"])
    for macro, matched in {
        "FILE_PATH": "(.+?)", "LINE": r"(\d+)", "COLUMN": r"(\d+)", "MESSAGE": "(.*)"
    }.items():  # fmt: skip
        pattern = pattern.replace(re.escape(f"${macro}$"), matched)
    assert all(re.fullmatch(pattern, line) for line in found)
    assert found[0].startswith("migrations/versions/c041.py:3:")


def test_helix_runs_it_on_its_buffer(project: Path, lines: Lines) -> None:
    command = re.search(r'":sh (.*)"', only("config.toml").text)
    assert command
    file = project / "migrations" / "versions" / "c041.py"
    file.write_text(revision("c041", "3ac5"), "utf-8")

    found = lines("sh", "-c", command[1].replace("%{buffer_name}", "migrations/versions/c041.py"))

    assert "ALM101" in found[0]
