"""A table of what was compared, at the end of a run, and the least share that is to be certain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields

import pytest

PROPERTY = "oracle"
"""Under which a test's report carries a row, as the values of its fields."""

FLOOR = 89.0
"""Percent of the equal among the equal and the not certain, of all databases together."""

MANY = 100
"""Rows from which on a run is not a selection, and is held to the floor."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """What came of one history on one database."""

    history: str
    database: str
    revisions: int
    upgraded: int
    downgraded: int
    stops: int
    equal: int
    not_certain: int
    external: int
    different: int


@dataclass(frozen=True, slots=True)
class Total:
    """Of all runs on one database, or on all of them."""

    runs: int
    equal: int
    not_certain: int
    external: int
    different: int

    @property
    def share(self) -> float:
        """Percent of what is certain among all that the history itself makes."""
        return 100 * self.equal / max(1, self.equal + self.not_certain)

    def __str__(self) -> str:
        return (
            f"{self.runs} runs, {self.equal} equal, {self.not_certain} not certain,"
            f" {self.external} external, {self.different} different, {self.share:.2f} % certain"
        )


def total(rows: list[Row]) -> Total:
    """The sum of rows."""
    return Total(
        len(rows),
        sum(row.equal for row in rows),
        sum(row.not_certain for row in rows),
        sum(row.external for row in rows),
        sum(row.different for row in rows),
    )


def lines(rows: list[Row]) -> Iterator[str]:
    """The table: a row for each run, a total for each database, and one of all."""
    yield " | ".join(field.name.replace("_", " ") for field in fields(Row))
    on: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows):
        on[row.database].append(row)
        yield " | ".join(str(value) for value in astuple(row))
    for database, own in sorted(on.items()):
        yield f"{database}: {total(own)}"
    yield f"all: {total(rows)}"


def reported(terminal: pytest.TerminalReporter) -> list[Row]:
    """The rows that the reports of a run carry, from whichever process."""
    return [
        Row(*value)
        for reports in terminal.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY and isinstance(value, list | tuple)
    ]


def too_little(rows: list[Row]) -> str | None:
    """What to say where the share of a whole run is below the floor."""
    share = total(rows).share
    if len(rows) < MANY or share >= FLOOR:
        return None
    return f"{share:.2f} % certain is less than {FLOOR} %"


# Registered by tests/conftest.py: the process that starts the workers of xdist collects nothing,
# and so loads no other conftest.py.


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a whole run of which too little is certain."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and too_little(reported(terminal)) is not None:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    rows = reported(terminalreporter)
    if rows:
        terminalreporter.section("replayed schemas and databases")
        for line in lines(rows):
            terminalreporter.write_line(line)
        if (told := too_little(rows)) is not None:
            terminalreporter.write_line(told, red=True)
