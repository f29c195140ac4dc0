"""`alembic-lint schema`: the schema that a history leads to, at any of its revisions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from alembic_lint.cli import choosing, options, streams
from alembic_lint.wording import near

if TYPE_CHECKING:
    from alembic_lint.replay import Replay
    from alembic_lint.report.schema_text import Moment

FORMATS = ("text", "json", "sql")


@click.command("schema")
@options.paths
@click.option(
    "--at",
    metavar="REVISION",
    callback=options.filled,
    help="After which revision: an id or the beginning of one, head, heads, base, a branch label, "
    "label@head, head-2, or several with commas.  [default: heads]",
)
@click.option(
    "--diff",
    metavar="A..B",
    callback=options.filled,
    help="What changes from one revision to another; without A from base, without B to heads.",
)
@click.option(
    "--database",
    metavar="NAME",
    callback=options.filled,
    help="The database, such as sqlite.  [default: the one that the history is for, or postgresql]",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@choosing.name
@options.configuration
def schema(
    paths: tuple[str, ...],
    *,
    at: str | None,
    diff: str | None,
    database: str | None,
    form: str,
    name: str | None,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Show the schema that the history leads to, without a database.

    It is replayed from the revision files alone. What is not certain, since it stands under a
    condition that only a database can decide, or since it cannot be read, is marked with a question
    mark, and a line below the table says why.
    """
    if at is not None and diff is not None:
        raise click.UsageError("--at and --diff exclude each other; --diff A..B names both ends")

    from alembic_lint.replay import replay  # noqa: PLC0415  (this imports the parsers)
    from alembic_lint.report import (  # noqa: PLC0415
        schema_changes,
        schema_json,
        schema_sql,
        schema_text,
    )

    chosen = choosing.one_history(paths, name, config_file=config_file, isolated=isolated)
    on = choosing.one_database(chosen, database)
    if form == "sql" and on not in schema_sql.DATABASES:
        raise click.ClickException(
            f"--format sql is not written for {on}; {near(on, schema_sql.DATABASES)}"
        )
    if form == "sql" and diff is not None:
        raise click.ClickException("--diff has no SQL; use --format text or json")
    run = replay(chosen.history, on, chosen.settings.conventions)
    if diff is not None:
        first, dots, second = diff.partition("..")
        if not dots:
            raise click.ClickException(f"--diff: {diff!r} is not A..B")
        one = _moment(run, first or "base")[0]
        other = _moment(run, second or "heads")[0]
        show = schema_changes.render_json if form == "json" else schema_changes.render
        streams.write(show(one, other))
        return
    moment, keys = _moment(run, "heads" if at is None else at)
    match form:
        case "json":
            streams.write(schema_json.render(moment, keys))
        case "sql":
            streams.write(schema_sql.render(moment))
        case _:
            streams.write(schema_text.render(moment))


def _moment(run: Replay, text: str) -> tuple[Moment, tuple[str, ...]]:
    """The schema at what a word means, and the revisions that it means."""
    from alembic_lint.history import RevisionError, asked  # noqa: PLC0415  (imports the parsers)
    from alembic_lint.report.schema_text import Moment  # noqa: PLC0415

    try:
        keys = asked(run.history, text)
    except RevisionError as error:
        raise click.ClickException(str(error)) from error
    apart = [key for key in keys if key not in run.history.position]
    if apart and len(keys) > 1:
        raise click.ClickException(
            f"revision {apart[0]!r} stands on a broken part of the history, so it cannot be "
            "combined with others; see alembic-lint check"
        )
    shown = " and ".join(keys) or "base"
    return Moment(run.at_all(keys), shown if text == shown else f"{shown} ({text})"), keys
