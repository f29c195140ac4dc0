"""Where the report goes: standard output, or a file that is whole or not there."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from alembic_lint.cli import streams
from alembic_lint.config import Config, shown, sources
from alembic_lint.project import Project

OPTION = "--output-file"

_STANDARD_OUTPUT = 1
_LINKS = 40
"""As many links as Linux follows in one path."""


def chosen(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """The file that was asked for, None for standard output, by whatever name.

    Raises:
        click.ClickException: it cannot be written; told before anything is linted.
    """
    del ctx, param
    if value is None or value == "-":
        return None
    if not value:
        raise click.ClickException(f"{OPTION}: the name of the file is empty")
    file = Path(value)
    descriptor = _descriptor(file)
    if descriptor is not None:
        # What the terminal is told besides has no place in a report that goes there itself.
        return None if descriptor == _STANDARD_OUTPUT else file
    if file.is_dir():
        raise click.ClickException(f"{OPTION}: {value} is a directory; name a file in it")
    if not file.parent.is_dir():
        raise click.ClickException(
            f"{OPTION}: {value} cannot be written: there is no directory {file.parent}"
        )
    return file


def refuse_input(file: Path, project: Project, config: Config, baseline: Path | None) -> None:
    """Refuse to write where something stands that is read.

    Args:
        file: where the report is to go.
        project: what is linted.
        config: what counts for it.
        baseline: the one that is gone by, None where there is none.

    Raises:
        click.ClickException: it is one of these.
    """
    target = os.path.realpath(file)
    for path, what in _inputs(project, config, baseline):
        if os.path.realpath(path) == target:
            raise click.ClickException(
                f"{OPTION}: {shown(file)} is {what}, which the report would replace; name another "
                "file"
            )


def _inputs(project: Project, config: Config, baseline: Path | None) -> Iterator[tuple[Path, str]]:
    for name in project.reported:
        yield Path(name), "a revision file"
    for item in project.environments:
        for path in (*item.files, *item.retired):
            yield path, "a revision file"
        yield item.script / "env.py", "the env.py of a history"
        if item.ini is not None:
            yield item.ini, "Alembic's configuration"
            yield item.ini.with_name("pyproject.toml"), "Alembic's configuration"
    for path in sources(config):
        yield path, "the configuration"
    if baseline is not None:
        yield baseline, "the baseline"


def write(file: Path, text: str) -> None:
    """Write a file as UTF-8, in one step: it has all of the text, or what it had before.

    A link keeps pointing to its file, and a file keeps its permissions. What is no regular file, as
    a pipe is, or is open already, as standard error, is written to.

    Raises:
        click.ClickException: it cannot be written.
    """
    try:
        replace_file(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        reason = streams.reason(error)
        raise click.ClickException(f"{OPTION}: {shown(file)} cannot be written: {reason}") from None


def replace_file(file: Path, data: bytes) -> None:
    """Write a file in one step, as `write` does.

    Raises:
        OSError: it cannot be written.
    """
    descriptor = _descriptor(file)
    if descriptor is not None:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
        return
    target = Path(os.path.realpath(file))
    mode = _mode(target)
    if mode is None or stat.S_ISREG(mode):
        _replace(target, data, mode)
    else:
        target.write_bytes(data)


def size(file: str) -> int:
    """How many bytes a file has; 0 where there is none.

    Raises:
        OSError: it cannot be told.
    """
    with suppress(FileNotFoundError):
        return Path(file).stat().st_size
    return 0


def append(file: str, text: str) -> None:
    """Add text to a file that others write to as well, which may not end with a line.

    Raises:
        OSError: it cannot be written.
    """
    with Path(file).open("ab") as stream:
        stream.write(f"\n{text}".encode("utf-8", "backslashreplace"))


def _descriptor(file: Path) -> int | None:
    """Which of the files that this process has open a path stands for; None for any other path.

    So do /dev/stdout and what a shell writes for `>(command)`. Where they lead to may have no path,
    as a pipe has none, and a file that is opened anew would be written from its beginning.
    """
    homes = {os.path.realpath(place) for place in ("/dev/fd", "/proc/self/fd")}
    for _ in range(_LINKS):
        if file.name.isdecimal() and os.path.realpath(file.parent) in homes:
            return int(file.name)
        if not file.is_symlink():
            break
        file = file.parent / file.readlink()
    return None


def _mode(file: Path) -> int | None:
    """What kind of file it is and its permissions; None where there is none."""
    try:
        return file.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(file: Path, data: bytes, mode: int | None) -> None:
    beside = file.with_name(f".alembic-lint-{secrets.token_hex(8)}")
    try:
        with beside.open("xb") as stream:
            stream.write(data)
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
