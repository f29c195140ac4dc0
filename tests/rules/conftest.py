"""Hand-made revisions for the tests of single rules."""

from __future__ import annotations

import io
import textwrap
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy.exc import DBAPIError

from alembic_lint import config as configuration
from alembic_lint import engine, project, repository
from alembic_lint.config import Settings
from alembic_lint.diagnostics import Diagnostic
from alembic_lint.history import build_history
from alembic_lint.model import (
    UNSET,
    Assigned,
    Body,
    Function,
    Header,
    Operation,
    Revision,
    Unset,
    Value,
)
from alembic_lint.rule import Finding, Rule
from alembic_lint.source import Problem, Span


def _assigned(value: Value | Unset, line: int) -> Assigned | None:
    if isinstance(value, Unset):
        return None
    span = Span.of_line(line, 40)
    return Assigned(value, repr(value), span, span)


def _function(line: int, body: Body | None, operations: Sequence[Operation]) -> Function | None:
    if body is None:
        return None
    body = Body.CODE if operations else body
    return Function(Span.of_line(line, 20), Span(line, 4, line, 11), body, tuple(operations))


def _make_revision(
    revision: Value | Unset = "4f1c09be72d3",
    down_revision: Value | Unset = None,
    *,
    path: str = "versions/a1.py",
    branch_labels: Value | Unset = UNSET,
    depends_on: Value | Unset = UNSET,
    header: Header | None = None,
    problem: Problem | None = None,
    upgrade: Body | None = Body.EMPTY,
    downgrade: Body | None = Body.EMPTY,
    up: Sequence[Operation] = (),
    down: Sequence[Operation] = (),
    module: Sequence[Operation] = (),
) -> Revision:
    return Revision(
        path=path,
        problem=problem,
        revision=_assigned(revision, 1),
        down_revision=_assigned(down_revision, 2),
        branch_labels=_assigned(branch_labels, 3),
        depends_on=_assigned(depends_on, 4),
        header=header,
        upgrade=_function(6, upgrade, up),
        downgrade=_function(10, downgrade, down),
        module_operations=tuple(module),
    )


@pytest.fixture
def make_revision() -> Callable[..., Revision]:
    """A revision of empty functions, unless its arguments say more; UNSET is not assigned."""
    return _make_revision


@pytest.fixture
def findings() -> Callable[..., list[Finding]]:
    """What a rule finds in one revision; a rule over histories gets it as its history."""

    def run(rule: Rule, revision: Revision, settings: Settings | None = None) -> list[Finding]:
        settings = settings or Settings()
        if rule.history_check is not None:
            return list(rule.history_check(build_history([revision]), settings))
        assert rule.revision_check is not None
        return list(rule.revision_check(revision, settings))

    return run


_ENVIRONMENT = {
    "alembic.ini": "[alembic]\nscript_location = %(here)s\npath_separator = os\n",
    "env.py": """\
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.get_x_argument(as_dictionary=True)["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
}

_SOURCE = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = {key!r}
down_revision = {down!r}


def upgrade():
{up}


def downgrade():
{downgrade}
"""


def _write(
    directory: Path,
    upgrades: Sequence[str],
    parents: Sequence[tuple[int, ...]],
    downgrades: Mapping[int, str],
) -> None:
    """Write an environment; revision `rN` stands on the revisions of these numbers."""
    (directory / "versions").mkdir(parents=True)
    for name, text in _ENVIRONMENT.items():
        (directory / name).write_text(text, "utf-8")
    for number, body in enumerate(upgrades):
        text = _SOURCE.format(
            key=f"r{number}",
            down=tuple(f"r{parent}" for parent in parents[number]) or None,
            up=textwrap.indent(body, "    "),
            downgrade=textwrap.indent(downgrades.get(number, "pass"), "    "),
        )
        (directory / "versions" / f"r{number}.py").write_text(text, "utf-8")


def _line(count: int) -> tuple[tuple[int, ...], ...]:
    return tuple((number - 1,) if number else () for number in range(count))


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[Diagnostic]]:
    """What all rules find in a history of these upgrades, each a function's body.

    Without `parents`, each revision stands on the one before.
    """
    made: list[Path] = []

    def run(
        *upgrades: str,
        parents: Sequence[tuple[int, ...]] | None = None,
        down: Mapping[int, str] | None = None,
        dialects: tuple[str, ...] | None = ("postgresql",),
    ) -> list[Diagnostic]:
        directory = tmp_path / f"linted{len(made)}"
        made.append(directory)
        _write(directory, upgrades, parents or _line(len(upgrades)), down or {})
        config = configuration.defaults()
        settings = Settings(dialects=dialects)
        loaded = repository.load(project.discover([directory], config), settings)
        result = engine.lint(
            [item.history for item in loaded.histories], config, settings=[settings]
        )
        assert not result.internal_errors
        return list(result.diagnostics)

    return run


def _refusal(directory: Path, url: str) -> Callable[..., str]:
    def run(*upgrades: str, parents: Sequence[tuple[int, ...]] | None = None) -> str:
        _write(directory, upgrades, parents or _line(len(upgrades)), {})
        options = Namespace(x=[f"url={url}"])
        config = AlembicConfig(directory / "alembic.ini", stdout=io.StringIO(), cmd_opts=options)
        try:
            command.upgrade(config, "heads")
        except DBAPIError as error:
            return str(error.orig)
        return ""

    return run


@pytest.fixture
def refusal(tmp_path: Path, postgresql_url: str) -> Callable[..., str]:
    """What PostgreSQL says to `alembic upgrade heads` of such a history; empty where it is fine."""
    return _refusal(tmp_path / "migrated", postgresql_url)


@pytest.fixture
def sqlite_refusal(tmp_path: Path) -> Callable[..., str]:
    """The same of SQLite."""
    return _refusal(tmp_path / "on_sqlite", f"sqlite:///{tmp_path}/app.db")
