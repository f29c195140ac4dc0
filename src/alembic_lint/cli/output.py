"""Where the report goes: standard output, or a file that is whole or not there."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

import click

from alembic_lint.cli import streams
from alembic_lint.config import shown

OPTION = "--output-file"


def chosen(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """The file that was asked for, None for standard output.

    Raises:
        click.ClickException: it cannot be written; told before anything is linted.
    """
    del ctx, param
    if value is None or value == "-":
        return None
    if not value:
        raise click.ClickException(f"{OPTION}: the name of the file is empty")
    file = Path(value)
    if file.is_dir():
        raise click.ClickException(f"{OPTION}: {value} is a directory; name a file in it")
    if not file.parent.is_dir():
        raise click.ClickException(
            f"{OPTION}: {value} cannot be written: there is no directory {file.parent}"
        )
    return file


def write(file: Path, text: str) -> None:
    """Write a file as UTF-8, in one step: it has all of the text, or what it had before.

    A link keeps pointing to its file, and a file keeps its permissions. What is no regular file, as
    a pipe is, is written to.

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
