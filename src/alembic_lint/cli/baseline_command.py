"""`alembic-lint baseline`: write down what there is, so that only what is new is told."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alembic_lint import lint_project, prepare
from alembic_lint.cli import options, output, streams
from alembic_lint.cli.nothing import nothing_found, nothing_left
from alembic_lint.cli.progress import Progress
from alembic_lint.cli.status import BUG, EndedError
from alembic_lint.config import Config, lexical, shown
from alembic_lint.wording import plural

if TYPE_CHECKING:
    from alembic_lint.baseline import Baseline, Entry
    from alembic_lint.report import Report


@click.command("baseline")
@options.paths
@click.option(
    "-o",
    output.OPTION,
    callback=options.file,
    metavar="FILE",
    help="Write this file instead of the configured one, - for standard output.  [default: "
    "alembic-lint-baseline.toml beside the configuration]",
)
@options.configuration
def baseline(
    paths: tuple[str, ...],
    *,
    output_file: Path | None,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Write all findings there are to a file, and leave them out from then on.

    `check` takes the file where it is configured (`baseline = "FILE"`) or lies beside the
    configuration. Findings are told by revision, rule and object, not by line. What was mended is
    dropped when the file is written again; what it says of files that are not linted now is kept.
    """
    from alembic_lint.baseline import Places, joined, kept  # noqa: PLC0415
    from alembic_lint.baseline_file import place_of, read, render  # noqa: PLC0415
    from alembic_lint.rules import RULES  # noqa: PLC0415  (rules import the parsers)

    places = [Path(path) for path in paths]
    project, config = prepare(places, options.chosen(config_file, isolated=isolated))
    to_stdout = output_file == Path("-")
    if output_file is not None and not to_stdout:
        output.refuse_input(output_file, project, config, None)
        config = replace(config, baseline=str(lexical(output_file)))
    file = place_of(config)
    if file.is_dir():
        raise click.ClickException(f"{shown(file)} is a directory; name a file in it")
    old = read(file, RULES) if file.is_file() else None
    if not project.reported:
        raise nothing_found(project, places, config)
    if (ended := nothing_left(project, config, exclude_named=False)) is not None:
        raise ended
    with Progress(sys.stderr) as progress:
        report = lint_project(project, replace(config, baseline=""), progress=progress)
    streams.note(report.notices)
    for bug in report.internal_errors:
        streams.complain_of_bug(bug.code, bug.path, bug.message)
    if report.internal_errors:
        streams.complain(f"error: {shown(file)} is not written, as findings may be missing")
        raise EndedError(BUG)
    where = Places(report.histories, config, file)
    found = {entry for item in report.diagnostics if (entry := where.entry(item)) is not None}
    if old is not None:
        found |= kept(old, where, asked=lambda path: _asked(report, config, path))
    entries = joined(found)
    if to_stdout:
        streams.write(render(entries))
        return
    try:
        output.replace_file(file, render(entries).encode())
    except OSError as error:
        reason = streams.reason(error)
        raise click.ClickException(f"{shown(file)} cannot be written: {reason}") from None
    streams.write(f"{shown(file)}: {_told(entries, old)}\n")


def _asked(report: Report, config: Config, path: str) -> bool:
    """Whether a run reports on a file, or would if it were not excluded."""
    return report.asked is None or path in report.asked or config.excludes(path)


def _told(entries: Iterable[Entry], old: Baseline | None) -> str:
    new = set(entries)
    before = frozenset() if old is None else old.entries
    changes = [
        f"{number:,} {word}"
        for number, word in ((len(new - before), "new"), (len(before - new), "dropped"))
        if number and old is not None
    ]
    named = len({place for entry in new for place in entry.places})
    said = f"{plural(len(new), 'entry', 'entries')} for {plural(named, 'revision')}"
    return f"{said} ({', '.join(changes)})" if changes else said
