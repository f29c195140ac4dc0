"""`alembic-lint graph`: the revision graph as a picture, or as data."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from alembic_lint import prepare
from alembic_lint.cli import options, streams
from alembic_lint.cli.nothing import nothing_found
from alembic_lint.cli.progress import Progress
from alembic_lint.cli.status import BUG, EndedError


@click.command()
@options.paths
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "dot", "mermaid", "json"]),
    default="text",
    show_default=True,
)
@options.configuration
def graph(paths: tuple[str, ...], *, form: str, config_file: Path | None, isolated: bool) -> None:
    """Show the revision graph: heads, branch points, merges, labels."""
    from alembic_lint.report import (  # noqa: PLC0415  (these import the parsers)
        graph_dot,
        graph_json,
        graph_mermaid,
        graph_text,
    )
    from alembic_lint.repository import load  # noqa: PLC0415

    places = [Path(path) for path in paths]
    project, config = prepare(places, options.chosen(config_file, isolated=isolated))
    with Progress(sys.stderr) as progress:
        repository = load(project, config.settings, progress=progress)
    histories = [item.history for item in repository.histories]
    if not histories:
        streams.note((*project.notices, *repository.notices))
        raise nothing_found(project, places, config)
    streams.note((*project.notices, *project.notices_of_left_out, *repository.notices))
    match form:
        case "dot":
            text = graph_dot.render(histories)
        case "mermaid":
            text = graph_mermaid.render(histories)
        case "json":
            text = graph_json.render(histories)
        case _:
            text = graph_text.render(histories)
    streams.write(text)
    for bug in repository.failures:
        streams.complain_of_bug("extract", bug.path, bug.message)
    if repository.failures:
        raise EndedError(BUG)
