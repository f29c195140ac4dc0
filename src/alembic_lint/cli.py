"""The command: options in, exit status out."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

import click

from alembic_lint import lint_project, prepare
from alembic_lint.config import (
    DIALECTS,
    SEVERITIES,
    Config,
    ConfigError,
    absolute_pattern,
    defaults,
    lexical,
    load,
    shown,
)
from alembic_lint.wording import near

if TYPE_CHECKING:
    from alembic_lint.project import Project
    from alembic_lint.report import Report

CLEAN, FINDINGS, USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit statuses: nothing at or above --fail-on; something; a wrong call or configuration, or
nothing found to lint; a bug in alembic-lint; stopped by the user."""


class _Status(Exception):  # noqa: N818  (no error: how a command says its exit status)
    def __init__(self, status: int) -> None:
        self.status = status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; never raises.

    Args:
        arguments: None for those of the process.
    """
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads the output has seen enough. Python would complain once more on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except Exception as error:  # noqa: BLE001  (a user is never shown a traceback)
        *_, last = traceback.extract_tb(error.__traceback__)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        where = f"{Path(last.filename).name}:{last.lineno}"
        _complain(f"internal error: {what} ({where}); please report it")
        return BUG


def _run(arguments: Sequence[str] | None) -> int:
    from alembic_lint.project import ProjectError  # noqa: PLC0415

    try:
        command.main(
            None if arguments is None else list(arguments),
            prog_name="alembic-lint",
            standalone_mode=False,
        )
    except _Status as ended:
        return ended.status
    except click.ClickException as error:
        error.show()
        return USAGE
    except click.Abort:
        return INTERRUPTED
    except ConfigError as error:
        _complain(f"error: {error}")
        return USAGE
    except ProjectError as error:
        _complain(f"error: {error}")
        return USAGE
    return CLEAN


class _CheckByDefault(click.Group):
    """A group whose command `check` need not be named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "-h", "--help", "--version"}
        if not args or args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_CheckByDefault,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=False,
)
@click.version_option(metadata.version("alembic-lint"), message="alembic-lint %(version)s")
def command() -> None:
    """Lint Alembic migrations: the files, the graph, and the schema they lead to.

    Nothing of a revision is imported or run. `alembic-lint PATH` is `alembic-lint check PATH`.
    """


def _words(ctx: click.Context, param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Values of an option that may be repeated, or given once with commas."""
    del ctx, param
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


_paths = click.argument("paths", nargs=-1, metavar="[PATH]...")
_config_options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option(
        "--config",
        "config_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Read this configuration file instead of the nearest one.",
    ),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
)


def _with_config(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_config_options):
        function = option(function)
    return function


@command.command()
@_paths
@click.option("--select", multiple=True, callback=_words, help="Rules to run instead.")
@click.option("--extend-select", multiple=True, callback=_words, help="Rules to run as well.")
@click.option("--ignore", multiple=True, callback=_words, help="Rules not to run.")
@click.option(
    "--per-file-ignores",
    multiple=True,
    callback=_words,
    metavar="PATTERN:RULE",
    help="Rules not to run on some files.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="The lowest severity that makes the exit status 1.  [default: error]",
)
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Show numbers instead of findings.")
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    envvar="ALEMBIC_LINT_OUTPUT_FORMAT",
    show_default=True,
)
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    callback=_words,
    metavar="NAME",
    help="A database these migrations run on, such as postgresql; may be repeated.",
)
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With - as the path: lint standard input in place of this file.",
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
@_with_config
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
    dialects: tuple[str, ...],
    stdin_filename: Path | None,
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
    the working directory belongs to is linted. A file limits what is reported; the graph is always
    that of its whole history.

    Exit status: 0 nothing at or above --fail-on; 1 findings; 2 a wrong call or configuration, or
    nothing found to lint; 3 a bug in alembic-lint.
    """
    _verify_selectors({"--select": select, "--extend-select": extend_select, "--ignore": ignore})
    places, buffers = _places(paths, stdin_filename)
    project, config = prepare(
        places, _chosen(config_file, isolated=isolated), unsaved=stdin_filename
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
    if show_files:
        _show_files(project, places, config, force_exclude=force_exclude)
        return
    with _Progress(sys.stderr) as progress:
        report = lint_project(
            project, config, buffers=buffers, exclude_named=force_exclude, progress=progress
        )
    if not quiet:
        for notice in report.notices:
            _complain(f"note: {notice}")
    if not report.revisions and not allow_empty:
        _complain(f"error: {_nothing(project, places)}")
        raise _Status(USAGE)
    _write(_rendered(report, output_format, statistics=statistics, quiet=quiet, color=color))
    for bug in report.internal_errors:
        where = f"{bug.path} (revision {bug.revision})" if bug.revision else bug.path
        _complain_of_bug(bug.code, where, bug.message)
    if report.internal_errors:
        raise _Status(BUG)
    if report.failed and not exit_zero:
        raise _Status(FINDINGS)


@command.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every rule.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def rule(name: str | None, *, everything: bool, output_format: str) -> None:
    """Explain a rule, by its name or code; without one, list the rules."""
    from alembic_lint import cards  # noqa: PLC0415
    from alembic_lint.report import explanation  # noqa: PLC0415
    from alembic_lint.rules import RULES  # noqa: PLC0415

    if name is not None and not everything:
        word = name.casefold()
        chosen = [item for item in RULES if word in {item.code.casefold(), item.name}]
        if not chosen:
            known = [item.code if word.startswith("alm") else item.name for item in RULES]
            raise click.UsageError(f"no rule is called {name!r}; {near(name, known)}")
    else:
        chosen = list(RULES)
    if output_format == "json":
        _write(explanation.render_json(chosen, cards.load()))
    elif name is None and not everything:
        _write(explanation.render_index(chosen))
    else:
        _write(explanation.render(chosen, cards.load()))


@command.command("config")
@_paths
@click.option("--show-files", is_flag=True, help="List the files to be reported on.")
@click.option("--show-settings", is_flag=True, help="Show what is configured (the default).")
@_with_config
def config_(
    paths: tuple[str, ...],
    *,
    show_files: bool,
    show_settings: bool,
    config_file: Path | None,
    isolated: bool,
) -> None:
    """Show the configuration that counts for the paths, and the histories found there."""
    from alembic_lint.report import settings  # noqa: PLC0415

    places = [Path(path) for path in paths]
    project, config = prepare(places, _chosen(config_file, isolated=isolated))
    for notice in project.notices:
        _complain(f"note: {notice}")
    if show_settings or not show_files:
        _write(settings.render(project, config))
    if show_files:
        _show_files(project, places, config, force_exclude=False)


@command.command()
@_paths
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "dot", "mermaid", "json"]),
    default="text",
    show_default=True,
)
@_with_config
def graph(paths: tuple[str, ...], *, form: str, config_file: Path | None, isolated: bool) -> None:
    """Show the revision graph: heads, branch points, merges, labels."""
    from alembic_lint.report import graph_dot, graph_json, graph_mermaid, graph_text  # noqa: PLC0415
    from alembic_lint.repository import load as load_repository  # noqa: PLC0415

    places = [Path(path) for path in paths]
    project, config = prepare(places, _chosen(config_file, isolated=isolated))
    with _Progress(sys.stderr) as progress:
        repository = load_repository(project, config.settings, progress=progress)
    for notice in (*project.notices, *repository.notices):
        _complain(f"note: {notice}")
    histories = [item.history for item in repository.histories]
    if not histories:
        _complain(f"error: {_nothing(project, places)}")
        raise _Status(USAGE)
    match form:
        case "dot":
            text = graph_dot.render(histories)
        case "mermaid":
            text = graph_mermaid.render(histories)
        case "json":
            text = graph_json.render(histories)
        case _:
            text = graph_text.render(histories)
    _write(text)
    for bug in repository.failures:
        _complain_of_bug("extract", bug.path, bug.message)
    if repository.failures:
        raise _Status(BUG)


def _chosen(file: Path | None, *, isolated: bool) -> Config | None:
    """The configuration that options ask for, None for the nearest one."""
    if isolated:
        return defaults()
    return None if file is None else load(file)


def _places(paths: tuple[str, ...], unsaved: Path | None) -> tuple[list[Path], dict[Path, bytes]]:
    """The paths to lint, and the contents that stand for a file's on the disk."""
    if "-" not in paths:
        if unsaved is not None:
            raise click.UsageError("--stdin-filename needs - as the path")
        return [Path(path) for path in paths], {}
    if unsaved is None:
        raise click.UsageError("- needs --stdin-filename, which tells the history it belongs to")
    if len(paths) > 1:
        raise click.UsageError("- cannot be combined with other paths")
    return [unsaved], {lexical(unsaved): sys.stdin.buffer.read()}


def _verify_selectors(options: dict[str, tuple[str, ...]]) -> None:
    from alembic_lint.rules import RULES  # noqa: PLC0415
    from alembic_lint.selection import verify  # noqa: PLC0415

    for option, selectors in options.items():
        verify(selectors, RULES, file=None, key=option)


def _pattern(text: str) -> tuple[str, tuple[str, ...]]:
    pattern, colon, selector = text.rpartition(":")
    if not colon or not pattern:
        raise click.UsageError(f"--per-file-ignores: {text!r} is not PATTERN:RULE")
    _verify_selectors({"--per-file-ignores": (selector,)})
    return absolute_pattern(pattern, Path.cwd()), (selector,)


def _known_dialects(names: tuple[str, ...]) -> tuple[str, ...] | None:
    for name in names:
        if name not in DIALECTS:
            raise click.UsageError(f"--dialect: unknown dialect {name!r}; {near(name, DIALECTS)}")
    return tuple(sorted(set(names))) or None


def _show_files(
    project: Project, paths: Sequence[Path], config: Config, *, force_exclude: bool
) -> None:
    if not project.reported:
        _complain(f"error: {_nothing(project, paths)}")
        raise _Status(USAGE)
    kept = [
        path
        for path in sorted(project.reported)
        if (path in project.named and not force_exclude) or not config.excludes(path)
    ]
    _write("".join(f"{path}\n" for path in kept))


def _nothing(project: Project, paths: Sequence[Path]) -> str:
    """Why there is nothing to lint."""
    from alembic_lint.project.files import is_revision_name  # noqa: PLC0415

    where = ", ".join(shown(path) for path in paths) or "the working directory"
    strange = [path for path in paths if not path.is_dir() and not is_revision_name(path.name)]
    if project.environments and strange and len(strange) == len(paths):
        return f"Alembic loads no file of this name: {where}"
    locations = [shown(place) for item in project.environments for place in item.locations]
    if locations:
        return f"there is no revision file in {', '.join(dict.fromkeys(locations))}"
    return (
        f"no Alembic history found from {where}: neither a version directory, an env.py, an "
        "alembic.ini, nor [tool.alembic] in a pyproject.toml"
    )


def _rendered(
    report: Report, form: str, *, statistics: bool, quiet: bool, color: str | None
) -> str:
    from alembic_lint.report import as_json, concise, full, summary  # noqa: PLC0415
    from alembic_lint.report import statistics as numbers  # noqa: PLC0415
    from alembic_lint.report.style import Style  # noqa: PLC0415

    style = Style(_uses_colour(color, sys.stdout, os.environ))
    if form == "json":
        return numbers.render_json(report) if statistics else as_json.render(report)
    if statistics:
        text = numbers.render(report, style)
    else:
        text = (concise if form == "concise" else full).render(report, style)
    return text if quiet else text + summary.render(report, style)


def _uses_colour(choice: str | None, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """`--color`, then NO_COLOR, then FORCE_COLOR, then whether the stream is a terminal."""
    if choice in {"always", "never"}:
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or stream.isatty()


def _write(text: str) -> None:
    # Always UTF-8, so that the same input gives the same bytes under every locale.
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def _complain(text: str) -> None:
    line = "".join(character if character.isprintable() else "\ufffd" for character in text)
    click.echo(f"{line}\n".encode("utf-8", "backslashreplace"), err=True, nl=False)


def _complain_of_bug(part: str, where: str, message: str) -> None:
    _complain(f"internal error: {part} failed on {where}: {message}; please report it")


class _Progress:
    """A bar on a terminal, for work that takes longer than half a second."""

    DELAY, INTERVAL, WIDTH = 0.5, 0.1, 30  # seconds, seconds, columns

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.wanted = stream.isatty()
        self.next = time.monotonic() + self.DELAY
        self.drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self.wanted or now < self.next:
            return
        self.next = now + self.INTERVAL
        self.drawn = True
        filled = self.WIDTH * done // max(total, 1)
        bar = "#" * filled + "-" * (self.WIDTH - filled)
        self.stream.write(f"\rreading revisions [{bar}] {done:,}/{total:,}\x1b[K")
        self.stream.flush()
