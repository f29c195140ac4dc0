"""Replay: a history run without a database, one Step for each operation."""

from alembic_lint.replay.asking import asks_for_table
from alembic_lint.replay.databases import COMMON, SUPPORTED, databases
from alembic_lint.replay.replaying import Replay, replay
from alembic_lint.replay.running import run
from alembic_lint.replay.steps import RoundTrip, Step

__all__ = [
    "COMMON",
    "SUPPORTED",
    "Replay",
    "RoundTrip",
    "Step",
    "asks_for_table",
    "databases",
    "replay",
    "run",
]
