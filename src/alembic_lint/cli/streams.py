"""Standard input, output and error, any of which may be closed, full, or read by nobody."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TextIO

import click

from alembic_lint.wording import lower_first, printable


class StreamError(Exception):
    """Standard input or output cannot be used; the message says why."""


class UnreadError(Exception):
    """Whoever read the output has seen enough."""


def write(text: str) -> None:
    """Write to standard output, always as UTF-8, so that no locale changes the bytes.

    Raises:
        StreamError: it is closed, or the device is full.
        UnreadError: nobody reads it any more.
    """
    if not text:
        return
    if sys.stdout is None:
        raise StreamError("standard output is closed")
    try:
        click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
    except BrokenPipeError as error:
        raise UnreadError from error
    except OSError as error:
        raise StreamError(f"standard output cannot be written: {reason(error)}") from error


def write_paths(paths: Iterable[str]) -> None:
    """Write paths line by line: as they are for programs, escaped on a terminal.

    Raises:
        StreamError, UnreadError: as `write`.
    """
    escaped = sys.stdout is not None and sys.stdout.isatty()
    write("".join(f"{printable(path) if escaped else path}\n" for path in paths))


def complain(text: str) -> None:
    """Write one line to standard error; where that cannot be done there is nobody to tell."""
    with suppress(OSError):
        click.echo(f"{printable(text)}\n".encode("utf-8", "backslashreplace"), err=True, nl=False)


def note(texts: Iterable[str]) -> None:
    """Tell what a person should know about the run itself."""
    for text in texts:
        complain(f"note: {text}")


def complain_of_bug(part: str, where: str, message: str) -> None:
    """Tell of a bug in alembic-lint, after which the run went on."""
    complain(f"internal error: {part} failed on {where}: {message}; please report it")


def read() -> bytes:
    """All of standard input.

    Raises:
        StreamError: it is closed, or cannot be read.
    """
    if sys.stdin is None:
        raise StreamError("standard input is closed, but - asks for it")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise StreamError(f"standard input cannot be read: {reason(error)}") from error


def reason(error: OSError) -> str:
    """What the system says, as it reads within a sentence."""
    return lower_first(error.strerror or str(error))


def settle() -> None:
    """Drop what can not be written any more, of which Python would complain on exit."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def uses_colour(choice: str | None, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """`--color`, then NO_COLOR, then FORCE_COLOR, then whether the stream is a terminal."""
    if choice in {"always", "never"}:
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or (stream is not None and stream.isatty())
