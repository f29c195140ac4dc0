"""One history of those that were found, and one database of those that it is for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alembic_lint import prepare
from alembic_lint.cli import options, streams
from alembic_lint.cli.nothing import nothing_found
from alembic_lint.cli.progress import Progress
from alembic_lint.cli.status import BUG, EndedError
from alembic_lint.wording import near

if TYPE_CHECKING:
    from alembic_lint.config import Settings
    from alembic_lint.repository import LoadedHistory

name = click.option(
    "-n",
    "--name",
    metavar="NAME",
    callback=options.filled,
    help="The history that is meant, where there are several.",
)


def one_history(
    paths: Sequence[str], wanted: str | None, *, config_file: Path | None, isolated: bool
) -> LoadedHistory:
    """The history that paths belong to.

    Args:
        paths: as for every command.
        wanted: the name of the history, where there are several.
        config_file: the configuration to read, None for the nearest one.
        isolated: whether to read none.

    Raises:
        EndedError: there is none, or a bug made a file unreadable.
        ClickException: there are several, or none of that name.
    """
    from alembic_lint.repository import load  # noqa: PLC0415  (this imports the parsers)

    places = [Path(path) for path in paths]
    project, config = prepare(places, options.chosen(config_file, isolated=isolated))
    with Progress(sys.stderr) as progress:
        repository = load(project, config.settings, progress=progress)
    streams.note((*project.notices, *project.notices_of_left_out, *repository.notices))
    for bug in repository.failures:
        streams.complain_of_bug("extract", bug.path, bug.message)
    if repository.failures:
        raise EndedError(BUG)
    if not repository.histories:
        raise nothing_found(project, places, config)
    found = [item for item in repository.histories if wanted in (None, item.history.name)]
    names = [item.history.name for item in repository.histories]
    if not found:
        raise click.ClickException(f"there is no history {wanted!r}; {near(str(wanted), names)}")
    if len(found) > 1:
        raise click.ClickException(
            f"there are {len(found)} histories; choose one with -n: {', '.join(names)}"
        )
    return found[0]


def one_database(item: LoadedHistory, wanted: str | None) -> str:
    """The database to replay a history on: the one it is for, or the first of them.

    PostgreSQL comes first where it is one of several.

    Raises:
        ClickException: one that histories cannot be replayed on.
    """
    from alembic_lint.replay import SUPPORTED, databases  # noqa: PLC0415  (imports the parsers)

    if wanted is not None:
        if wanted not in SUPPORTED:
            raise click.ClickException(
                f"--database: unknown database {wanted!r}; {near(wanted, sorted(SUPPORTED))}"
            )
        return wanted
    settings: Settings = item.settings
    found = [each for each in databases(item.history, settings.dialects) if each in SUPPORTED]
    return "postgresql" if "postgresql" in found or not found else found[0]
