"""The exit statuses."""

from __future__ import annotations

CLEAN, FINDINGS, USAGE, BUG = 0, 1, 2, 3
"""Nothing at or above --fail-on; something; a wrong call or configuration, or nothing found to
lint; a bug in alembic-lint."""


class EndedError(Exception):
    """How a command that has said all it has to say ends with another status than CLEAN."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
