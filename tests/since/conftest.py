"""A history in a git repository, and the command run on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from alembic_lint.cli import main
from tests.since.git_repository import GitRepository

_REVISION = '''\
"""{what}

Revision ID: {id}
Revises: {parents}
"""

import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {down}


def upgrade():
    {up}


def downgrade():
    {back}
'''


@dataclass(frozen=True)
class Run:
    """What a command ended with and wrote."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A repository with an Alembic environment, whose revisions are in `versions`."""

    git: GitRepository

    @property
    def versions(self) -> Path:
        return self.git.root / "versions"

    def file(self, identifier: str) -> Path:
        return self.versions / f"{identifier}.py"

    def revision(self, identifier: str, *parents: str, column: str = "", up: str = "") -> Path:
        """Write a revision that adds a column, or makes the table if it has no parent."""
        name = column or f"c_{identifier}"
        back = f'op.drop_column("users", "{name}")'
        change = f'op.add_column("users", sa.Column("{name}", sa.Text()))'
        if not parents:
            change = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))'
            back = 'op.drop_table("users")'
        if len(parents) > 1:
            change = back = "pass"
        down = repr(parents[0] if len(parents) == 1 else parents or None).replace("'", '"')
        text = _REVISION.format(
            what=f"Revision {identifier}.",
            id=identifier,
            parents=", ".join(parents),
            down=down,
            up=up or change,
            back=back,
        )
        return self.git.write(f"versions/{identifier}.py", text)

    def edit(self, identifier: str, old: str, new: str) -> None:
        """Replace a piece of a revision's text."""
        text = self.file(identifier).read_text("utf-8")
        assert old in text
        self.file(identifier).write_text(text.replace(old, new), "utf-8")


def start(root: Path) -> Project:
    """A repository whose main has the revisions a1 and b2."""
    project = Project(GitRepository.init(root))
    project.git.write("alembic.ini", "[alembic]\nscript_location = %(here)s\n")
    project.git.write("env.py", "")
    project.revision("a1")
    project.revision("b2", "a1")
    project.git.commit("Begin")
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return start(tmp_path / "project")


@pytest.fixture
def lint(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Run]:
    """Run `alembic-lint` in the project's directory, with findings one a line."""
    monkeypatch.chdir(project.git.root)

    def run(*arguments: str) -> Run:
        status = main(("--output-format", "concise", *arguments))
        out, err = capsysbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return run
