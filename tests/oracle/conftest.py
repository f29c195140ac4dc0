"""Recordings for the tests, and rows of the table at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import pytest

from tests.oracle.histories import OTHERS, History, recorded
from tests.oracle.record import Recording
from tests.oracle.table import PROPERTY, Row

Recorder = Callable[[History, str], Recording]
Report = Callable[[Row], None]


@pytest.fixture
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Recorder:
    """Run a history on a database, or tell what happened when it last was.

    The server is started only where there is something to run on it.
    """

    def recording(history: History, database: str) -> Recording:
        def url() -> str:
            if database == "sqlite":
                return f"sqlite:///{tmp_path}/app.db"
            if database in OTHERS:
                url_of: Callable[[str], str] = request.getfixturevalue("other_postgresql_url")
                return url_of(database)
            found: str = request.getfixturevalue("postgresql_url")
            return found

        return recorded(history, database, url)

    return recording


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Report:
    """Add a row to the table at the end of the run."""
    return lambda row: record_property(PROPERTY, astuple(row))
