"""ALM308 enum-type-leak."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import inverse, returning
from alembic_lint.model import CreateEnum, CreateTable, DropTable, Function, flatten
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.rule import Finding, Severity, each_round_trip
from alembic_lint.schema import EnumType, Presence, enums_of


@each_round_trip("ALM308", Severity.WARNING, dialects=("postgresql",))
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade that leaves behind an enum type which the upgrade made.

    `op.create_table` makes the types of its `sa.Enum` columns; `op.drop_table` knows no columns,
    and drops none. The next upgrade fails: `type "…" already exists`. A type that something still
    uses, or that an unordered revision makes or uses as well, has to stay.

    Source: sqlalchemy/dialects/postgresql/named_types.py, `NamedType._on_table_create`.
    """
    if not returning.comes_back(trip, settings):
        return
    reported: set[tuple[str | None, str]] = set()
    for step in trip.steps:
        if step.runs is not True:
            continue
        left = [item for item in _made(step) if _is_left(trip, item)]
        left = [item for item in left if (item.schema, item.name) not in reported]
        reported.update((item.schema, item.name) for item in left)
        if left:
            yield _finding(trip, step, left)


def _made(step: Step) -> Iterator[EnumType]:
    """The enum types that a step makes."""
    if not isinstance(step.operation, CreateTable | CreateEnum):
        return
    for enum in enums_of(step.operation):
        if isinstance(enum.name, str) and (enum.schema is None or isinstance(enum.schema, str)):
            was = step.before.has_enum(enum.name, enum.schema)
            now = step.after.enum(enum.name, enum.schema)
            made = now is not None and now.presence is Presence.PRESENT
            if made and now is not None and was is Presence.ABSENT:
                yield now


def _is_left(trip: RoundTrip, enum: EnumType) -> bool:
    """Whether a type was not there before, is there after all, and nothing uses it."""
    if trip.before.has_enum(enum.name, enum.schema) is not Presence.ABSENT:
        return False
    if trip.restored.has_enum(enum.name, enum.schema) is not Presence.PRESENT:
        return False
    for table in trip.restored.tables:
        if any(returning.has_type(column, enum.name, enum.schema) for column in table.columns):
            return False
    return not _is_made_in_parallel(trip, enum)


def _is_made_in_parallel(trip: RoundTrip, enum: EnumType) -> bool:
    """Whether a revision that the graph does not order before or after makes a type as well."""
    history, here = trip.history, trip.history.key(trip.revision)
    for other in history.revisions:
        if other is trip.revision or not isinstance(other.upgrade, Function):
            continue
        for operation in flatten(other.upgrade.operations):
            if isinstance(operation, CreateTable | CreateEnum) and any(
                item.name == enum.name for item in enums_of(operation)
            ):
                there = history.key(other)
                if not (history.runs_before(here, there) or history.runs_before(there, here)):
                    return True
    return False


def _finding(trip: RoundTrip, step: Step, left: list[EnumType]) -> Finding:
    names = " and ".join(f'"{item.name}"' for item in left)
    word, verb = ("enum type", "stays") if len(left) == 1 else ("enum types", "stay")
    lines = [f"{inverse.dropping(item, None)}" for item in left]
    operation = step.operation
    again = (
        "and the next upgrade fails on it"
        if isinstance(operation, CreateTable)
        or (isinstance(operation, CreateEnum) and operation.if_not_exists is False)
        else "though nothing uses it"
    )
    drops = any(isinstance(item.operation, DropTable) for item in trip.downgrade_steps)
    where = "after the tables are dropped" if drops else "at the end of downgrade()"
    return Finding(
        operation.span,
        f"{word} {names} {verb} behind after downgrade(), {again}; add {'; '.join(lines)} {where}",
        help="\n".join(lines),
    )
