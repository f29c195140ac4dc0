"""Recordings for the tests, and a table of them at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.histories import History, recorded
from tests.oracle.record import Recording

Recorder = Callable[[History, str], Recording]
Report = Callable[[str], None]
LINES = "oracle"


@pytest.fixture
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Recorder:
    """Run a history on a database, or tell what happened when it last was.

    The server is started only where there is something to run on it.
    """

    def recording(history: History, database: str) -> Recording:
        def url() -> str:
            if database == "sqlite":
                return f"sqlite:///{tmp_path}/app.db"
            found: str = request.getfixturevalue("postgresql_url")
            return found

        return recorded(history, database, url)

    return recording


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Report:
    """Add a line to the table at the end of the run."""
    return lambda line: record_property(LINES, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was compared."""
    lines = sorted(
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == LINES
    )
    if lines:
        terminalreporter.section("replayed schemas and databases")
        terminalreporter.write_line(HEADER)
        for line in lines:
            terminalreporter.write_line(line)


HEADER = (
    "history | database | revisions upgraded of all | revisions downgraded | stops | "
    "tables equal | not certain | external | different"
)
