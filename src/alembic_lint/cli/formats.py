"""The formats of `check`, and what each prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from alembic_lint.cli import streams
from alembic_lint.wording import near

if TYPE_CHECKING:
    from pathlib import Path

    from alembic_lint.report import Report
    from alembic_lint.report.places import Places
    from alembic_lint.report.style import Style

FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson")
WITH_NUMBERS = ("full", "concise", "json")
"""Those that --statistics has a place in."""

VARIABLE = "ALEMBIC_LINT_OUTPUT_FORMAT"


def chosen(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The option, then the environment variable, then the first format."""
    del ctx, param
    if value is not None:
        return value
    configured = os.environ.get(VARIABLE) or FORMATS[0]
    if configured not in FORMATS:
        raise click.ClickException(
            f"the environment variable {VARIABLE} is {configured!r}, which is no output format; "
            f"{near(configured, FORMATS)}"
        )
    return configured


@dataclass(frozen=True, slots=True)
class Printing:
    """How a report is to be printed; `file` None is standard output, `color` as the option."""

    form: str
    statistics: bool = False
    quiet: bool = False
    color: str | None = None
    file: Path | None = None

    def __post_init__(self) -> None:
        if self.statistics and self.form not in WITH_NUMBERS:
            raise click.ClickException(
                f"--statistics has no place in the format {self.form!r}; use it with "
                f"{', '.join(WITH_NUMBERS[:-1])} or {WITH_NUMBERS[-1]}"
            )

    def print(self, report: Report) -> None:
        """Write the report where it goes; with a file, the terminal gets the last line alone.

        Raises:
            click.ClickException: the file cannot be written.
            streams.StreamError, streams.UnreadError: as `streams.write`.
        """
        from alembic_lint.cli import output  # noqa: PLC0415
        from alembic_lint.report import summary  # noqa: PLC0415  (this imports the parsers)
        from alembic_lint.report.style import Style  # noqa: PLC0415

        style = Style(streams.uses_colour(self.color, sys.stdout, os.environ))
        if self.form == "github":
            _summarize(report)
        if self.file is None:
            streams.write(self._text(report, style))
            return
        output.write(self.file, self._text(report, Style()))
        if not self.quiet:
            streams.write(summary.render(report, style))

    def _text(self, report: Report, style: Style) -> str:
        from alembic_lint.cards import load  # noqa: PLC0415
        from alembic_lint.report import (  # noqa: PLC0415
            as_json,
            concise,
            full,
            github,
            gitlab,
            junit,
            rdjson,
            sarif,
            summary,
        )
        from alembic_lint.report import statistics as numbers  # noqa: PLC0415
        from alembic_lint.rules import RULES  # noqa: PLC0415

        def human(text: str) -> str:
            return text if self.quiet else text + summary.render(report, style)

        def commands() -> str:
            found = github.render(report, _places(report))
            if not os.environ.get("GITHUB_ACTIONS"):
                return found
            return github.fenced(human(full.render(report, style))) + found

        show = numbers.render if self.statistics else None
        renderers: dict[str, Callable[[], str]] = {
            "full": lambda: human((show or full.render)(report, style)),
            "concise": lambda: human((show or concise.render)(report, style)),
            "json": lambda: as_json.render(report, statistics=self.statistics),
            "sarif": lambda: sarif.render(report, _places(report), RULES, load()),
            "github": commands,
            "gitlab": lambda: gitlab.render(report, _places(report)),
            "junit": lambda: junit.render(report),
            "rdjson": lambda: rdjson.render(report),
        }
        return renderers[self.form]()


def _places(report: Report) -> Places:
    """Where paths lead to; the pipeline's own checkout comes before a repository in it."""
    from pathlib import Path  # noqa: PLC0415

    from alembic_lint.config import lexical  # noqa: PLC0415
    from alembic_lint.project.top import top_directory  # noqa: PLC0415
    from alembic_lint.report.places import Places  # noqa: PLC0415

    checkout = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    told = {*report.files_asked, *(item.path for item in report.diagnostics)}
    files = [lexical(Path(path)) for path in sorted(told)]
    return Places(Path.cwd(), top_directory(files, checkout))


def _summarize(report: Report) -> None:
    """Add the findings to the page of a run on GitHub; that it fails is told and no error."""
    from alembic_lint.cli import output  # noqa: PLC0415
    from alembic_lint.report import github_summary  # noqa: PLC0415

    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    try:
        room = github_summary.LIMIT - output.size(name) - 1  # a line feed between
        text = github_summary.render(report, _places(report), room)
        if text:
            output.append(name, text)
        else:
            streams.note(["the summary of this step is full, so the findings are not added to it"])
    except OSError as error:
        streams.note([f"the summary {name} cannot be written: {streams.reason(error)}"])
