"""Indexes that `op.create_table(…, if_not_exists=True)` makes though its table is there."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.model import CreateTable
from alembic_lint.replay import Step
from alembic_lint.schema import Index, Origin, Presence
from alembic_lint.schema.definitions import of_table
from alembic_lint.schema.named_keys import index


@dataclass(frozen=True, slots=True)
class Again:
    """An index that is there, and whether it is certain that the new one has its name."""

    name: str
    first: Index
    maker: Origin
    sure: bool


def made_again(step: Step) -> Again | None:
    """The first index of a table, surely there, that a step makes once more; None: there is none.

    Alembic puts IF NOT EXISTS into CREATE TABLE alone; the CREATE INDEX of `index=True` and of
    `sa.Index` follow as they are.

    Source: alembic/ddl/impl.py, `DefaultImpl.create_table`.
    """
    match step.operation:
        case (
            CreateTable(
                table=str(name), schema=None | str() as place, if_not_exists=True, temporary=False
            ) as operation
        ) if not step.sql:
            table = step.before.table(name, place)
        case _:
            return None
    if table.presence is not Presence.PRESENT:
        return None
    for written in of_table(operation, step.database):
        if not isinstance(written, model.Index):
            continue
        new = index(written, Origin(step.revision, operation), step.before, table)
        called = new.name if isinstance(new.name, str) else new.likely
        there = None if called is None else table.index(called)
        if called is None or there is None or there.origin is None:
            continue
        if there.presence is Presence.PRESENT:
            # A convention that is not known gives both the same name, if neither has one.
            sure = isinstance(there.name, str) == isinstance(new.name, str)
            return Again(called, there, there.origin, sure)
    return None
