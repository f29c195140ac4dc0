"""`alembic-lint verify`: a live database held against the history."""

from __future__ import annotations

from pathlib import Path

import click

from alembic_lint.cli import choosing, options, streams
from alembic_lint.cli.status import FINDINGS, EndedError
from alembic_lint.wording import near


@click.command()
@options.paths
@click.option(
    "--url",
    required=True,
    metavar="URL",
    callback=options.filled,
    envvar="ALEMBIC_LINT_DATABASE_URL",
    help="SQLAlchemy's URL of the database; ALEMBIC_LINT_DATABASE_URL keeps it out of the list of "
    "processes.",
)
@click.option(
    "--schema",
    metavar="SCHEMA",
    callback=options.filled,
    help="The schema in which names without one stand.  [default: the connection's own]",
)
@click.option(
    "--version-table",
    metavar="[SCHEMA.]TABLE",
    callback=options.filled,
    help="Alembic's table.  [default: what env.py says, or alembic_version]",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@choosing.name
@options.configuration
def verify(
    paths: tuple[str, ...],
    *,
    url: str,
    schema: str | None,
    version_table: str | None,
    form: str,
    name: str | None,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Compare a database with the history, as far as that is applied there.

    Reads the version table, replays the history to exactly its rows, and tells which tables,
    columns, keys, indexes and enum types the database lacks, has besides, or has in another form.
    Only what is certain from the history is called different. Nothing is written.

    Where a legacy file and the files that it was split into make the same tables, it tells which of
    them this database has applied, and so whether the legacy file may be retired.

    Exit status: 0 nothing differs; 1 something does; 2 the database cannot be read, or a wrong
    call.
    """
    from alembic_lint import verification  # noqa: PLC0415  (this imports the parsers)
    from alembic_lint.database import (  # noqa: PLC0415
        DatabaseError,
        NoVersionTableError,
        applied_versions,
        opened,
        place_of,
        reflect,
        schemas_of,
    )
    from alembic_lint.replay import SUPPORTED  # noqa: PLC0415
    from alembic_lint.report import verify_json, verify_text  # noqa: PLC0415

    chosen = choosing.one_history(paths, name, config_file=config_file, isolated=isolated)
    place, table = _version_table(
        version_table,
        schema,
        chosen.settings.version_table,
        chosen.settings.version_table_schema,
    )
    places = verification.places(chosen.history)
    try:
        with opened(url) as connection:
            if connection.dialect.name not in SUPPORTED:
                raise click.ClickException(
                    f"histories cannot be replayed on {connection.dialect.name}"
                )
            if schema is not None and schema not in (known := schemas_of(connection)):
                raise click.ClickException(
                    f"{place_of(url)} has no schema {schema!r}; {near(schema, known)}"
                )
            rows = applied_versions(connection, table, place)
            own = connection.dialect.default_schema_name if place is None else place
            there = reflect(connection, places, default=schema, without=[(own, table)])
        shown = place_of(url)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from None
    except NoVersionTableError as error:
        raise click.ClickException(f"{place_of(url)} {error}") from None
    reason = verification.unverifiable(chosen.history, rows)
    if reason is not None:
        raise click.ClickException(reason)
    found = verification.verify(chosen.history, chosen.settings, rows, there, place=shown)
    streams.write((verify_json if form == "json" else verify_text).render(found))
    if not found.agrees:
        raise EndedError(FINDINGS)


def _version_table(
    given: str | None, schema: str | None, known: str | None, known_schema: str | None
) -> tuple[str | None, str]:
    """The schema and the name of the version table: what is said here, then what env.py says."""
    if given is not None:
        place, dot, name = given.rpartition(".")
        return (place if dot else schema), name
    if known is None:
        raise click.ClickException(
            "env.py computes the name of the version table; pass it with --version-table"
        )
    return (known_schema or schema), known
