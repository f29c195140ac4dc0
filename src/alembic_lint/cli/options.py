"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import click

from alembic_lint.config import Config, defaults, load

_Command = Callable[..., None]

paths = click.argument("paths", nargs=-1, metavar="[PATH]...")


def words(ctx: click.Context, param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Values of an option that may be repeated, or given once with commas.

    Raises:
        click.ClickException: an empty one, as of a variable that is not set: it may have been
            meant to name something.
    """
    del ctx
    found = [(word.strip(), value) for value in values for word in value.split(",")]
    for word, value in found:
        if not word:
            where = f" in {value!r}" if value else ""
            raise click.ClickException(f"{param.opts[0]}: {param.metavar} is empty{where}")
    return tuple(word for word, _ in found)


def configuration(command: _Command) -> _Command:
    """Add the options by which `chosen` chooses a configuration."""
    for option in (
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
        click.option(
            "--config",
            "config_file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Read this configuration file instead of the nearest one.",
        ),
    ):
        command = option(command)
    return command


def chosen(config_file: Path | None, *, isolated: bool) -> Config | None:
    """The configuration that options ask for, None for the nearest one."""
    if config_file is None:
        return replace(defaults(), baseline="") if isolated else None
    if isolated:
        raise click.ClickException("--isolated reads no configuration, so --config has no place")
    return load(config_file)
