"""ALM419 missing-primary-key."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.model import CreateTable, DropColumn, Unknown
from alembic_lint.replay import Replay
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import (
    Origin,
    Presence,
    Schema,
    Table,
    is_unique_target,
    key_columns_of,
    references_of,
)


@each_replay("ALM419", Severity.WARNING)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table without a primary key.

    Nothing tells two equal rows apart: replication cannot find the row to change (PostgreSQL
    refuses UPDATE and DELETE on a published table), InnoDB adds a hidden key, and SQLAlchemy cannot
    map a class. What counts is the schema at the heads. Tables of pairs are no exception, as
    nothing keeps a pair from standing there twice; with a unique key on columns that are NOT NULL,
    it is an info. Partitioned tables, and those that inherit or come from a query, are left alone.
    Where a table had a key, it is told where that was dropped.
    """
    del settings
    heads = replay.at_heads()
    for table in heads.tables:
        origin = table.origin
        if (
            origin is None
            or not isinstance(origin.operation, CreateTable)
            or not _lacks_key(table)
            or not _is_plain(origin.operation)
        ):
            continue
        identified = _is_identified(table, heads.database)
        lost = _lost(table)
        place, why = lost or (origin, "it has no primary key")
        twins = _twins(replay, table, origin) if lost is None else []
        yield Finding(
            place.operation.span,
            f'the rows of "{table.name}" cannot be told apart, as {why}; '
            f"{_remedy(heads, table, identified=identified)}",
            path=place.revision.path,
            related=tuple(
                absent.place(maker, f'"{table.name}" is made here as well') for maker in twins
            ),
            mutual=bool(twins),
            severity=Severity.INFO if identified else None,
        )


def _twins(replay: Replay, table: Table, origin: Origin) -> list[Origin]:
    """The creates of a table in parallel branches: which one makes it follows from file names."""
    history, found = replay.history, []
    here = history.key(origin.revision)
    for step in replay.steps:
        match step.operation:
            case CreateTable(table=str(name), schema=None | str() as place):
                there = history.key(step.revision)
            case _:
                continue
        ordered = history.runs_before(here, there) or history.runs_before(there, here)
        if step.before.key(name, place) == table.key and here != there and not ordered:
            found.append(Origin(step.revision, step.operation))
    return found


def _lost(table: Table) -> tuple[Origin, str] | None:
    """What has taken the primary key that a table had, and how; None where it never had one."""
    keys = [item for item in table.constraints_by_name.values() if item.kind == "primary"]
    for item in sorted(keys, key=lambda item: item.since, reverse=True):
        if item.gone is None:
            continue
        match item.gone.operation:
            case DropColumn(column=str(column)):
                return item.gone, f'its primary key goes with column "{column}"'
            case _:
                return item.gone, "its primary key is dropped here"
    return None


def _lacks_key(table: Table) -> bool:
    """Whether a table is there, all of it is known, and none of it is a primary key."""
    return (
        table.presence is Presence.PRESENT
        and not table.external
        and table.all_columns_known
        and table.all_known("primary")
        and bool(table.columns)
        and table.primary_key is None
    )


def _is_plain(operation: CreateTable) -> bool:
    """Whether a table is neither partitioned nor virtual, and no column's key is in doubt."""
    columns = () if isinstance(operation.columns, Unknown) else operation.columns
    vague = any(
        isinstance(each, Unknown) or isinstance(each.primary_key, Unknown) for each in columns
    )
    special = ("partition_by", "inherits", "prefixes", "using", "with")
    return not vague and not any(
        word == name or word.endswith(f"_{name}")
        for word, _ in operation.keywords
        for name in special
    )


def _is_identified(table: Table, database: str) -> bool:
    """Whether a unique key on columns that are NOT NULL stands in for a primary key."""
    return any(
        key.presence is Presence.PRESENT
        and is_unique_target(key, database)
        and (columns := key_columns_of(key)) is not None
        and all(
            (column := table.column(name)) is not None and column.nullable is False
            for name in columns
        )
        for key in table.keys
    )


def _remedy(schema: Schema, table: Table, *, identified: bool) -> str:
    if identified:
        return "make its unique columns the primary key"
    names = [name for item in references_of(schema, table) for name in item.columns]
    if len(names) > 1 and len(set(names)) == len(names):
        listed = ", ".join(f'"{name}"' for name in names)
        return f"if these are pairs, give it PrimaryKeyConstraint({listed})"
    return "give it one"
