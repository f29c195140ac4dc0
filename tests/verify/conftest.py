"""What the tests of `verify` share: histories of a test's own, applied by real Alembic."""

from __future__ import annotations

import warnings
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from alembic_lint.cli import main

ROOT = Path(__file__).parents[2]

ENV = """
from alembic import context
import sqlalchemy as sa

convention = {convention!r}
target_metadata = sa.MetaData(naming_convention=convention)
url = context.get_x_argument(as_dictionary=True)["url"]

with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = {id!r}
down_revision = {down!r}


def upgrade():
{body}
"""


@dataclass(frozen=True)
class Run:
    """How a command ended: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


Verify = Callable[..., Run]


@pytest.fixture
def command_line(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Run]:
    """Any command of alembic-lint, from the project's root."""
    monkeypatch.chdir(ROOT)

    def runs(*arguments: str) -> Run:
        status = main(list(arguments))
        out, err = capsysbinary.readouterr()
        return Run(status, out.decode(), err.decode())

    return runs


@pytest.fixture
def verify(command_line: Callable[..., Run]) -> Verify:
    """`alembic-lint verify` on a history and a database."""

    def runs(path: Path | str, url: str, *arguments: str) -> Run:
        return command_line("verify", str(path), "--url", url, "--isolated", *arguments)

    return runs


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'app.db'}"
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path / 'app.db'}"


@dataclass(frozen=True)
class Own:
    """A history of a test's own, in a directory of an Alembic environment."""

    directory: Path

    def upgrade(self, url: str, revision: str = "heads") -> None:
        """Apply it with real Alembic."""
        config = Config(cmd_opts=Namespace(x=[f"url={url}"]))
        config.set_main_option("script_location", str(self.directory))
        config.set_main_option("path_separator", "os")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            command.upgrade(config, revision)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Own]:
    """Write a history: the body of `upgrade` of each revision, one above the other."""

    def write(*bodies: str, convention: dict[str, str] | None = None) -> Own:
        directory = tmp_path / "own"
        (directory / "versions").mkdir(parents=True)
        (directory / "env.py").write_text(ENV.format(convention=convention or {}), "utf-8")
        (directory / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s\n", "utf-8")
        for number, body in enumerate(bodies, 1):
            down = f"a{number - 1}" if number > 1 else None
            text = REVISION.format(id=f"a{number}", down=down, body=indent(dedent(body), "    "))
            (directory / "versions" / f"a{number}.py").write_text(text, "utf-8")
        return Own(directory)

    return write


Written = Callable[..., Own]


@pytest.fixture
def verified(written: Written, verify: Verify) -> Callable[..., Run]:
    """Write a history, apply it to a database with real Alembic, and hold one against the other."""

    def runs(
        url: str,
        *bodies: str,
        convention: dict[str, str] | None = None,
        then: Sequence[str] = (),
    ) -> Run:
        own = written(*bodies, convention=convention)
        own.upgrade(url)
        run_sql(url, *then)
        return verify(own.directory, url)

    return runs


Verified = Callable[..., Run]


def run_sql(url: str, *statements: str) -> None:
    """Run statements on a database, behind Alembic's back."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
