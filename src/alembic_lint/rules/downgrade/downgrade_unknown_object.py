"""ALM304 downgrade-unknown-object."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, downgrading, returning
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.rule import Confidence, Finding, Related, Severity, each_round_trip
from alembic_lint.schema import Column, Constraint, Index, Schema, Table
from alembic_lint.schema.lacking import Lacking


@each_round_trip("ALM304", Severity.ERROR)
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade that works on something which is not there after the upgrade.

    Its name is another than the one that the upgrade gave, the upgrade itself has dropped or
    renamed it, or the downgrade has done so already. What an earlier line of the downgrade takes
    with it is a matter of order, and another rule's; so is an upgrade that fails. A table that was
    there before Alembic, and that the history drops, may be made again by what made it then.

    Source: each database refuses the statement: PostgreSQL's SQLSTATE 42P01, 42703 and 42704.
    """
    if not returning.goes_back(trip, settings):
        return
    reported: set[tuple[str, str, object]] = set()
    for step in returning.certain(trip.downgrade_steps):
        found = returning.missing(trip, step)
        if found is None or downgrading.out_of_order(trip, step, found) is not None:
            continue
        identity = (found.kind, found.name, found.table)
        if identity in reported or _is_elsewhere(trip, found, settings):
            continue
        reported.add(identity)
        yield _finding(trip, step, found)


def _is_elsewhere(trip: RoundTrip, found: Lacking, settings: Settings) -> bool:
    """Whether an unordered revision may make it, or other databases may be all that is meant."""
    key = found.table
    if key is None:
        return False
    if settings.dialects is None and returning.is_given_elsewhere(found.name, trip.database):
        return True
    if found.kind == "constraint" and settings.conventions is None:
        names = (item.name for item in trip.after.at(key).constraints)
        if any(
            isinstance(name, str) and returning.may_be_one_name(name, found.name) for name in names
        ):
            return True
    return not returning.is_settled_table(trip, key, settings)


def _finding(trip: RoundTrip, step: Step, found: Lacking) -> Finding:
    told, remedy, related = _fate(trip, step, found)
    what = f'{found.kind} "{found.name}"'
    doubt = None
    dropped = isinstance(found.part, Table) and found.part.renamed_to is None
    if dropped and found.table not in trip.before.starts.tables:
        doubt = "unless what made it before Alembic makes it again"
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), f"{what} {told}", remedy, doubt),
        related=related,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _fate(trip: RoundTrip, step: Step, found: Lacking) -> tuple[str, str, tuple[Related, ...]]:
    """What became of it, what to do, and where it happened."""
    gone = None if found.part is None else found.part.gone
    if found.part is None or gone is None:
        meant = absent.near_miss(found.name, dict.fromkeys(_names(step.before, found)))
        told = "does not exist after the upgrade"
        if meant is not None:
            return told, f'did you mean "{meant}"?', ()
        return told, "remove this, or name what the upgrade made", ()
    new = found.part.renamed_to
    verb = "dropped" if new is None else "renamed"
    related = (absent.place(gone, f"it is {verb} here"),)
    if gone.revision is not trip.revision:
        told = f'was {verb} by revision "{trip.history.key(gone.revision)}"'
    elif any(item.operation is gone.operation for item in trip.downgrade_steps):
        told = f"was {verb} further up in this downgrade"
        if new is None:
            return told, "remove one of the two", related
    else:
        told = f"was {verb} by the upgrade"
        if new is None:
            return told, "make it again first, or remove this", related
    return told, "remove this" if new is None else f'use "{new}"', related


def _names(schema: Schema, found: Lacking) -> tuple[str, ...]:
    """The names of what is there of a kind, where it was looked for."""
    if found.kind == "table":
        return tuple(table.name for table in schema.tables)
    if found.kind == "view":
        return tuple(view.name for view in schema.views)
    if found.table is None:
        return tuple(enum.name for enum in schema.enums)
    table = schema.at(found.table)
    parts: tuple[Column | Index | Constraint, ...] = table.constraints
    if found.kind in {"column", "index"}:
        parts = table.columns if found.kind == "column" else table.indexes
    return tuple(part.name for part in parts if isinstance(part.name, str))
