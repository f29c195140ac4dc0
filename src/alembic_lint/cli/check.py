"""`alembic-lint check`: lint histories."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alembic_lint import lint_project, prepare
from alembic_lint.cli import adding, formats, options, output, streams
from alembic_lint.cli.config_command import list_files
from alembic_lint.cli.nothing import nothing_found, nothing_left
from alembic_lint.cli.progress import Progress
from alembic_lint.cli.status import BUG, FINDINGS, EndedError
from alembic_lint.config import DIALECTS, SEVERITIES, Config, absolute_pattern, lexical
from alembic_lint.wording import near

if TYPE_CHECKING:
    from alembic_lint.since import Wanted

_NONE_YET = "where there is none yet, pass --allow-empty"


@click.command()
@options.paths
@click.option(
    "--select",
    multiple=True,
    callback=options.words,
    metavar="RULE",
    help="Rules to run instead of the configured ones: codes, names, beginnings of codes, or ALL.",
)
@click.option(
    "--extend-select",
    multiple=True,
    callback=options.words,
    metavar="RULE",
    help="Rules to run as well.",
)
@click.option(
    "--ignore", multiple=True, callback=options.words, metavar="RULE", help="Rules not to run."
)
@click.option(
    "--per-file-ignores",
    multiple=True,
    callback=options.words,
    metavar="PATTERN:RULE",
    help="Rules not to run on some files.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The lowest severity that makes the exit status 1.  [default: error]",
)
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option(
    "--statistics", is_flag=True, help="Show numbers instead of findings; in json, besides them."
)
@click.option(
    "--output-format",
    type=click.Choice(formats.FORMATS),
    callback=formats.chosen,
    help=f"How findings are shown.  [default: {formats.FORMATS[0]}; env var: {formats.VARIABLE}]",
)
@click.option(
    "-o",
    output.OPTION,
    metavar="FILE",
    callback=output.chosen,
    help="Write the findings to this file, and only their number to the terminal.",
)
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    callback=options.words,
    metavar="NAME",
    help="A database these migrations run on, such as postgresql; may be repeated.",
)
@click.option(
    "--stdin-filename",
    callback=options.file,
    metavar="FILE",
    help="With - as the path: lint standard input in place of this file.",
)
@click.option(
    "--base",
    metavar="REF",
    help="Report what is new since the branch left this one, such as origin/main.  [default: in "
    "the build of a pull or merge request, its target]",
)
@click.option(
    "--against",
    multiple=True,
    callback=options.filled,
    metavar="REF",
    help="With a base: another branch that may be merged as well; may be repeated.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    help='Leave out the findings that this baseline holds, "" for none.  [default: '
    "alembic-lint-baseline.toml beside the configuration]",
)
@click.option("--no-baseline", is_flag=True, help="Show what the baseline holds, too.")
@click.option(
    "--lint-after",
    multiple=True,
    callback=options.words,
    metavar="REVISION",
    help="Leave out findings that concern only this revision and those it stands on.",
)
@click.option(
    adding.OPTION,
    callback=adding.chosen,
    metavar="REASON",
    help="Instead of showing findings, write a comment with this reason that allows each.",
)
@click.option("--allow-empty", is_flag=True, help="Finding no revision at all is no error.")
@click.option(
    "--force-exclude", is_flag=True, help="Leave out excluded files even if they are named."
)
@click.option("--show-files", is_flag=True, help="List the files to be reported on, and stop.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: no summary, no notices.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    help="When to use colour.  [default: auto, after NO_COLOR and FORCE_COLOR]",
)
@options.configuration
def check(
    paths: tuple[str, ...],
    *,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    per_file_ignores: tuple[str, ...],
    fail_on: str | None,
    exit_zero: bool,
    statistics: bool,
    output_format: str,
    output_file: Path | None,
    dialects: tuple[str, ...],
    stdin_filename: Path | None,
    base: str | None,
    against: tuple[str, ...],
    baseline: str | None,
    no_baseline: bool,
    lint_after: tuple[str, ...],
    add_ignore: str | None,
    allow_empty: bool,
    force_exclude: bool,
    show_files: bool,
    quiet: bool,
    color: str | None,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Lint histories (the default command).

    A PATH is a version directory, a revision file, a script directory, an alembic.ini or a
    pyproject.toml, or a directory with any of these in or below it. Without one, the history that
    the working directory belongs to is linted.

    The graph is always that of a whole history. A file as PATH limits what is reported: the
    findings that stand in it, and those of other files that it takes part in, such as the other of
    two heads; these say which of the named files they concern.

    With --base, revisions are compared with what they are at the commit where the branch left its
    base: reported is what this branch adds, and what merging it would break.

    Exit status: 0 nothing at or above --fail-on; 1 findings; 2 a wrong call or configuration, or
    nothing found to lint; 3 a bug in alembic-lint.
    """
    from alembic_lint.baseline_file import place_of  # noqa: PLC0415  (this imports the parsers)

    printing = formats.Printing(output_format, statistics, quiet, color, output_file)
    _verify_selectors({"--select": select, "--extend-select": extend_select, "--ignore": ignore})
    if add_ignore is not None and stdin_filename is not None:
        raise click.ClickException(f"{adding.OPTION} writes to files, not to standard input")
    places, buffers = _places(paths, stdin_filename)
    project, config = prepare(
        places, options.chosen(config_file, isolated=isolated), unsaved=stdin_filename
    )
    if select:
        # What the command line asks for by the same word, a configured `ignore` does not undo.
        kept = tuple(item for item in config.ignore if item not in select)
        config = replace(config, select=select, extend_select=(), ignore=kept)
    config = replace(
        config,
        extend_select=(*config.extend_select, *extend_select),
        ignore=(*config.ignore, *ignore),
        per_file_ignores=(*config.per_file_ignores, *map(_pattern, per_file_ignores)),
        fail_on=fail_on or config.fail_on,
        settings=replace(
            config.settings, dialects=_known_dialects(dialects) or config.settings.dialects
        ),
    )
    config = _known(config, baseline, lint_after, no_baseline=no_baseline)
    if output_file is not None:
        known = None if config.baseline == "" else place_of(config)
        output.refuse_input(output_file, project, config, known)
    wanted = _base(base, against, config)
    if show_files:
        list_files(project, places, config, exclude_named=force_exclude)
        return
    if not allow_empty:
        # Where a branch is compared with its base, it may have deleted all that there was.
        if not project.reported and (wanted is None or not project.environments):
            streams.note(() if quiet else project.notices)
            raise nothing_found(project, places, config, remedy=_NONE_YET)
        ended = nothing_left(project, config, exclude_named=force_exclude, quiet=quiet)
        if ended is not None:
            raise ended
    with Progress(sys.stderr) as progress:
        report = lint_project(
            project,
            config,
            buffers=buffers,
            exclude_named=force_exclude,
            progress=progress,
            base=wanted,
            against=against,
        )
    streams.note(() if quiet else report.notices)
    if not report.revisions and not report.diagnostics and not allow_empty:
        raise nothing_found(project, places, config, remedy=_NONE_YET)
    if add_ignore is None:
        printing.print(report)
    else:
        report = adding.add_ignores(report, add_ignore)
    for bug in report.internal_errors:
        where = f"{bug.path} (revision {bug.revision})" if bug.revision else bug.path
        streams.complain_of_bug(bug.code, where, bug.message)
    if report.internal_errors:
        raise EndedError(BUG)
    if report.failed and not exit_zero:
        raise EndedError(FINDINGS)


def _base(option: str | None, against: tuple[str, ...], config: Config) -> Wanted | None:
    """The base that counts.

    Raises:
        ClickException: there is none, and others are to be compared besides it.
    """
    from alembic_lint.since import wanted  # noqa: PLC0415  (imports the parsers)

    base = wanted(option, config, os.environ)
    if against and base is None:
        raise click.ClickException("--against needs a base that they all come from; give --base")
    return base


def _known(
    config: Config, baseline: str | None, lint_after: tuple[str, ...], *, no_baseline: bool
) -> Config:
    """The configuration with what the command line says of findings that are known of."""
    if baseline is not None and no_baseline:
        raise click.ClickException("--no-baseline reads none, so --baseline has no place")
    if baseline is not None or no_baseline:
        place = str(lexical(Path(baseline))) if baseline else ""
        config = replace(config, baseline=place, baseline_file=None)
    if lint_after:
        config = replace(config, lint_after=lint_after, lint_after_file=None)
    return config


def _places(paths: tuple[str, ...], unsaved: Path | None) -> tuple[list[Path], dict[Path, bytes]]:
    """The paths to lint, and the contents that stand for a file's on the disk."""
    if "-" not in paths:
        if unsaved is not None:
            raise click.ClickException("--stdin-filename needs - as the path")
        return [Path(path) for path in paths], {}
    if unsaved is None:
        raise click.ClickException("- needs --stdin-filename, which tells whose history it is")
    if len(paths) > 1:
        raise click.ClickException("- cannot be combined with other paths")
    return [unsaved], {lexical(unsaved): streams.read()}


def _verify_selectors(given: dict[str, tuple[str, ...]]) -> None:
    from alembic_lint.rules import RULES  # noqa: PLC0415  (rules import the parsers)
    from alembic_lint.selection import verify  # noqa: PLC0415

    for option, selectors in given.items():
        verify(selectors, RULES, file=None, key=option)


def _pattern(text: str) -> tuple[str, tuple[str, ...]]:
    pattern, colon, selector = text.rpartition(":")
    if not colon or not pattern:
        raise click.ClickException(f"--per-file-ignores: {text!r} is not PATTERN:RULE")
    _verify_selectors({"--per-file-ignores": (selector,)})
    return absolute_pattern(pattern, Path.cwd()), (selector,)


def _known_dialects(names: tuple[str, ...]) -> tuple[str, ...] | None:
    for name in names:
        if name not in DIALECTS:
            raise click.ClickException(
                f"--dialect: unknown dialect {name!r}; {near(name, DIALECTS)}"
            )
    return tuple(sorted(set(names))) or None
