"""`check --add-ignore`: give every finding that is shown a comment that allows it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alembic_lint.cli import output, streams
from alembic_lint.wording import plural, printable

if TYPE_CHECKING:
    from alembic_lint.diagnostics import Diagnostic
    from alembic_lint.report import Report

OPTION = "--add-ignore"

_ABOUT_COMMENTS = frozenset({"ALM003", "ALM004", "ALM006"})


def chosen(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The reason that every comment gives.

    Raises:
        click.ClickException: there is none, or it does not fit into a comment.
    """
    del ctx, param
    if value is None:
        return None
    reason = value.strip()
    if not reason:
        raise click.ClickException(f"{OPTION}: the reason is empty; say why these may stay")
    if printable(reason) != reason or not _is_one_comment(reason):
        raise click.ClickException(
            f"{OPTION}: {value!r} does not fit into a comment; use one line, without what a tool "
            "reads as a comment of its own"
        )
    return reason


def _is_one_comment(reason: str) -> bool:
    """Whether all of a reason is read back as one, and nothing else."""
    from alembic_lint.extract.comments import suppressions  # noqa: PLC0415  (the parsers)

    def read(text: str) -> list[str]:
        found = suppressions(f"pass  # alembic-lint: ignore[ALM] {text}\n")
        return [item.reason.replace("#", "x") for item in found]

    return read(reason) == read(reason.replace("#", "x"))


def add_ignores(report: Report, reason: str) -> Report:
    """Write the comments, tell of it, and return what is left to report.

    Raises:
        StreamError, UnreadError: standard output cannot be written.
    """
    from alembic_lint.ignoring import IgnoringError, with_ignores  # noqa: PLC0415  (the parsers)

    comments = files = 0
    left: list[Diagnostic] = []
    for path, group in groupby(report.diagnostics, key=lambda item: item.path):
        items = list(group)
        told = [item for item in items if item.code in _ABOUT_COMMENTS]
        given = [item for item in items if item.code not in _ABOUT_COMMENTS]
        left.extend(told)
        if told:
            _refuse(path, "what is said of its comments; mend or remove these")
        if not given:
            continue
        if report.asked is not None and path not in report.asked:
            left.extend(given)
            why = "was not named" if report.base is None else "is not of this branch"
            _refuse(path, f"what stands in it, as it {why}")
            continue
        try:
            file = Path(path)
            done = with_ignores(
                file.read_bytes(), [(item.span, item.name) for item in given], reason
            )
            output.replace_file(file, done.data)
        except (IgnoringError, OSError) as error:
            left.extend(given)
            why = streams.reason(error) if isinstance(error, OSError) else str(error)
            _refuse(path, f"its findings: {why}")
            continue
        comments += done.comments
        files += 1
    number = len(report.diagnostics) - len(left)
    rest = f"; {plural(len(left), 'finding')} left" if left else ""
    streams.write(
        f"Ignored {plural(number, 'finding')} by {plural(comments, 'comment')} in "
        f"{plural(files, 'file')}{rest}\n"
    )
    return replace(report, result=replace(report.result, diagnostics=tuple(left)))


def _refuse(path: str, what: str) -> None:
    streams.complain(f"note: {path}: no comment is added for {what}")
