"""README.md and docs/formats.md: what they show is what the commands write."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from alembic_lint.cli.application import COMMANDS, command
from alembic_lint.config import load
from tests.since.git_repository import GitRepository

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")

REVISION = """\
\"\"\"Make a table.

What is said of it stands here.
\"\"\"

import sqlalchemy as sa
from alembic import op

# Alembic's own names:
revision = "{id}"
down_revision = {parent!r}


def upgrade():
    op.create_table("t_{id}", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    op.drop_table("t_{id}")
"""


def run(place: Path, *words: str) -> str:
    """The output of a module of Python's, which may end with any status."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=place,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert not done.stderr, done.stderr
    return done.stdout


def fixture(place: Path) -> None:
    """The fixtures of the repository."""
    shutil.copytree(ROOT / "fixtures/option_b_unmerged", place / "fixtures/option_b_unmerged")


def migrated(place: Path) -> None:
    """The fixtures, and a database that one branch was applied to."""
    fixture(place)
    ini = "fixtures/option_b_unmerged/alembic.ini"
    database = "url=sqlite:///app.db"
    run(place, "alembic", "-c", ini, "-x", database, "upgrade", "20251114_04_modelos_riesgo")
    assert (place / "app.db").is_file()


def branched(place: Path) -> None:
    """A branch and its base with a new revision each."""
    repository = GitRepository.init(place)

    def commit(name: str, parent: str | None) -> None:
        repository.write(f"versions/{name}.py", REVISION.format(id=name, parent=parent))
        repository.commit()

    commit("b2", None)
    commit("c3", "b2")
    repository.git("update-ref", "refs/remotes/origin/main", "main")
    repository.git("reset", "--quiet", "--hard", "main~1")
    commit("d4", "b2")


PREPARED: dict[str, Callable[[Path], None]] = {
    "alembic-lint --select multiple-heads fixtures/option_b_unmerged": fixture,
    "alembic-lint verify fixtures/option_b_unmerged --url sqlite:///app.db": migrated,
    "alembic-lint --base origin/main --output-format concise": branched,
}


def test_every_shown_session_is_run_here() -> None:
    assert sorted(re.findall(r"^```console\n\$ (.*)$", README, re.MULTILINE)) == sorted(PREPARED)


@pytest.mark.parametrize("line", PREPARED)
def test_a_session_is_shown_as_it_is(tmp_path: Path, line: str) -> None:
    """`…` on a line of its own stands for what is left out; the last line may be, too."""
    _, _, rest = README.partition(f"$ {line}\n")
    shown, _, _ = rest.partition("```")
    PREPARED[line](tmp_path)

    out = run(tmp_path, "alembic_lint", *shlex.split(line)[1:])

    pattern = r"(?:.*\n)*".join(re.escape(part) for part in shown.split("…\n"))
    assert re.fullmatch(rf"{pattern}(?:Found .*\n)?", out)


@pytest.mark.parametrize("page", ["README.md", "docs/formats.md"])
def test_every_command_of_a_page_can_be_parsed(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    lines = re.findall(r"^(?:\$ |- run: |  script: |    )?(alembic-lint .*)$", text, re.MULTILINE)
    commands = {item.name: item for item in COMMANDS}
    parent = click.Context(command, **command.context_settings)

    for line in lines:
        words = shlex.split(line.partition(" | ")[0].partition(" > ")[0], comments=True)[1:]
        name, rest = (
            (words[0], words[1:]) if words[:1] and words[0] in commands else ("check", words)
        )
        commands[name].make_context(name, rest, parent)

    assert len(lines) > 3


@pytest.mark.parametrize("name", ["pyproject.toml", "alembic-lint.toml"])
def test_the_shown_configuration_holds_in_either_file(tmp_path: Path, name: str) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    header, _, entries = block.partition("\n")
    assert header.startswith("[tool.alembic-lint]")
    file = tmp_path / name
    file.write_text(block if name == "pyproject.toml" else entries, "utf-8")

    config = load(file)

    assert (config.base, config.lint_after) == ("origin/main", ("4f1c09be72d3",))
