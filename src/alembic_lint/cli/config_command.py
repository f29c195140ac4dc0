"""`alembic-lint config`: what is in force, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import click

from alembic_lint import prepare
from alembic_lint.cli import options, streams
from alembic_lint.cli.nothing import nothing_found, nothing_left
from alembic_lint.config import Config
from alembic_lint.project import Project

FILES = {"json-schema": "json_schema.json", "problem-matcher": "problem_matcher.json"}
"""What `--print` prints, in the package `alembic_lint.report`."""


@click.command("config")
@options.paths
@click.option("--show-files", is_flag=True, help="List the files to be reported on.")
@click.option("--show-settings", is_flag=True, help="Show what is configured (the default).")
@click.option(
    "--print",
    "wanted",
    type=click.Choice(tuple(FILES)),
    help="Print a file for programs, and stop: the JSON Schema of the format json, or the problem "
    "matcher of the format concise.",
)
@options.configuration
def config(
    paths: tuple[str, ...],
    *,
    show_files: bool,
    show_settings: bool,
    wanted: str | None,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Show the configuration in force and the histories found."""
    if wanted is not None:
        streams.write(files("alembic_lint").joinpath("report", FILES[wanted]).read_text("utf-8"))
        return
    from alembic_lint.report import settings  # noqa: PLC0415  (imports the parsers)

    places = [Path(path) for path in paths]
    project, found = prepare(places, options.chosen(config_file, isolated=isolated))
    streams.note(project.notices)
    if show_settings or not show_files:
        streams.note(project.notices_of_left_out)
        streams.write(settings.render(project, found))
    if show_files:
        list_files(project, places, found, exclude_named=False)


def list_files(
    project: Project, paths: Sequence[Path], found: Config, *, exclude_named: bool
) -> None:
    """Print the files that findings are wanted for.

    Raises:
        EndedError: there is none, and that is not what was asked for.
    """
    if not project.reported:
        raise nothing_found(project, paths, found)
    streams.note(project.notices_of_left_out)
    if (ended := nothing_left(project, found, exclude_named=exclude_named)) is not None:
        raise ended
    files = sorted(project.wanted(found, exclude_named=exclude_named))
    streams.write_paths(files)
