"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from alembic_lint.config import Config, defaults, load

_Command = Callable[..., None]
_Given = TypeVar("_Given", bound=str | tuple[str, ...] | None)


def filled(ctx: click.Context, param: click.Parameter, value: _Given) -> _Given:
    """A value as it is, or several.

    Raises:
        click.ClickException: an empty one, as of a variable that is not set: it may have been
            meant to name something, and would count as the working directory, or as nothing.
    """
    del ctx
    if "" in (value if isinstance(value, tuple) else (value,)):
        if isinstance(param, click.Argument):
            raise click.ClickException(
                "a path is empty; leave it out to search from the working directory"
            )
        raise click.ClickException(f"{_name(param)}: {param.metavar} is empty")
    return value


def file(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """The path of a file, which need not be there.

    Raises:
        click.ClickException: it is empty, or a directory.
    """
    filled(ctx, param, value)
    if value is None:
        return None
    path = Path(value)
    if path.is_dir():
        raise click.ClickException(f"{_name(param)}: {value} is a directory; name a file in it")
    return path


paths = click.argument("paths", nargs=-1, metavar="[PATH]...", callback=filled)


def words(ctx: click.Context, param: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Values of an option that may be repeated, or given once with commas.

    Raises:
        click.ClickException: an empty one, as of `filled`.
    """
    del ctx
    found = [(word.strip(), value) for value in values for word in value.split(",")]
    for word, value in found:
        if not word:
            where = f" in {value!r}" if value else ""
            raise click.ClickException(f"{_name(param)}: {param.metavar} is empty{where}")
    return tuple(word for word, _ in found)


def configuration(command: _Command) -> _Command:
    """Add the options by which `chosen` chooses a configuration."""
    for option in (
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
        click.option(
            "--config",
            "config_file",
            callback=file,
            metavar="FILE",
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


def _name(param: click.Parameter) -> str:
    """The long name of an option."""
    return max(param.opts, key=len)
