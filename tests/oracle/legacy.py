"""Calls that SQLAlchemy 1.4 took and 2.x refuses, for revisions that were written for it.

They stand in revisions that move data or look something up. What reaches the database is what
SQLAlchemy 1.4 would have sent; none of this makes or changes a table.
"""

from __future__ import annotations


def accept_old_calls() -> None:
    """Make the installed SQLAlchemy take them."""
