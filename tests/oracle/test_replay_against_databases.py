"""What the replay is certain of is so in databases that real Alembic migrated.

Recordings are kept in .corpus/oracle. Where a history cannot be run to its end, histories.toml
says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from alembic_lint.history import History as Replayed
from alembic_lint.model import Direction
from alembic_lint.replay import Replay, replay, run
from alembic_lint.schema import Schema
from tests.oracle.compare import Comparison, compare
from tests.oracle.histories import DATABASES, OTHERS, History, fixtures, published
from tests.oracle.record import Recording
from tests.oracle.table import Row

PUBLISHED = tuple(published())
RUN = tuple(item for item in PUBLISHED if not item.not_run)
FIXTURES = tuple(fixtures())

pytestmark = [pytest.mark.oracle, pytest.mark.database]
Record = Callable[[History, str], Recording]


@pytest.mark.parametrize("database", [*DATABASES, *OTHERS])
@pytest.mark.parametrize("history", RUN, ids=lambda item: item.name)
def test_published_histories(
    history: History, database: str, record: Record, tell: Callable[[Row], None]
) -> None:
    recording = record(history, database)

    assert where_it_ended(recording) in told_ends(history, database)
    if recording["order"]:
        result = compared(history, recording)
        tell(row(history, database, recording, result))
        assert not result.differences, "\n".join(result.differences)


@pytest.mark.parametrize("database", [*DATABASES, *OTHERS])
@pytest.mark.parametrize("history", FIXTURES, ids=lambda item: item.name)
def test_fixtures(
    history: History, database: str, record: Record, tell: Callable[[Row], None]
) -> None:
    recording = record(history, database)

    if recording["order"]:
        result = compared(history, recording)
        tell(row(history, database, recording, result))
        assert not result.differences, "\n".join(result.differences)


def test_most_published_histories_run() -> None:
    """At least to where histories.toml says, which the test of each holds to be true."""
    whole = [item for item in RUN if not item.ends.keys() >= set(DATABASES)]
    assert len(whole) >= WHOLE


def where_it_ended(recording: Recording) -> str | None:
    """The revision that failed; "" where the history cannot be loaded, None where none failed."""
    failure = recording["upgrade_failure"]
    return None if failure is None else failure["revision"] or ""


def told_ends(history: History, database: str) -> set[str | None]:
    """Where it may end; on a server of the machine also where that lacks an extension."""
    ends = {name: end.get("revision", "") for name, end in history.ends.items()}
    if database not in OTHERS:
        return {ends.get(database)}
    return {ends.get("postgresql"), ends.get("extensions", ends.get("postgresql"))}


def compared(history: History, recording: Recording) -> Comparison:
    """Every stop, on the way up and on the way down."""
    read = history.replayed(recording["order"])
    if len(history.version_locations) == 1:
        assert [revision.id for revision in read.order] == recording["order"]
    replayed = replay(read, recording["dialect"], history.naming_convention)
    schemas = going_up(replayed, recording["upgraded"])
    total = Comparison()
    for stop in recording["up"]:
        if stop["applied"]:
            last = recording["order"][stop["applied"] - 1]
            total += compare(schemas[last], stop["database"], f"upgraded to {last}", history.unlike)
    if recording["downgraded"]:
        done = recording["downgraded"]
        below = going_down(read, done, schemas[recording["upgraded"][-1]])
        for stop in recording["down"]:
            last = done[len(recording["upgraded"]) - stop["applied"] - 1]
            total += compare(
                below[last], stop["database"], f"downgraded past {last}", history.unlike
            )
    return total


def going_up(replayed: Replay, ids: Sequence[str]) -> dict[str, Schema]:
    """The schema after each of these revisions of one `upgrade heads`, in their order."""
    schema = Schema(starts=replayed.starts)
    found: dict[str, Schema] = {}
    for key in ids:
        revision = replayed.history.by_key[key]
        _, schema = run(replayed.history, revision, Direction.UPGRADE, schema)
        found[key] = schema
    return found


def going_down(history: Replayed, ids: Sequence[str], schema: Schema) -> dict[str, Schema]:
    """The schema after each of these revisions has been downgraded, one after another."""
    found: dict[str, Schema] = {}
    for key in ids:
        _, schema = run(history, history.by_key[key], Direction.DOWNGRADE, schema)
        found[key] = schema
    return found


def row(history: History, database: str, recording: Recording, result: Comparison) -> Row:
    """A row of the table at the end of the run."""
    return Row(
        history=history.name,
        database=database,
        revisions=len(recording["order"]),
        upgraded=len(recording["upgraded"]),
        downgraded=len(recording["downgraded"]),
        stops=len(recording["up"]) + len(recording["down"]),
        equal=result.equal,
        not_certain=result.not_certain,
        external=result.external,
        different=len(result.differences),
    )


WHOLE = 25
"""Histories that run to their end on one database at least."""
