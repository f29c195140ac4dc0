"""Views that a downgrade does not bring back to what they were before the upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint.model import ExecuteSql, Operation
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.schema import Presence, View
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True)
class Changed:
    """A view that is left over, lost, or called otherwise, and where the upgrade changes it."""

    span: Span
    told: str
    remedy: str


def changed_views(trip: RoundTrip) -> Iterator[Changed]:
    """The views that are certain to differ, by their names."""
    before, restored = trip.before, trip.restored
    for key in sorted({*before.views_by_key, *restored.views_by_key}, key=str):
        was, now = before.views_by_key.get(key), restored.views_by_key.get(key)
        if now is None or was is now or not _is_clear(trip, now):
            continue
        if was is not None and _surely(was, trip, Presence.PRESENT):
            step = _step(trip, now)
            if not _surely(now, trip, Presence.ABSENT) or step is None:
                continue
            if now.renamed_to is not None:
                told = f'view "{was.name}" is still called "{now.renamed_to}"'
                yield Changed(step.operation.span, told, "rename it back")
            else:
                yield Changed(step.operation.span, f'view "{was.name}" is lost', "make it again")
            continue
        # Not there before: nothing made it, and to make it again was no question.
        absent = now.made if was is None else _surely(was, trip, Presence.ABSENT)
        if absent and _surely(now, trip, Presence.PRESENT):
            step = _step(trip, now)
            if step is not None and not _is_renamed(trip, now):
                told = f'view "{now.name}" is left over'
                yield Changed(step.operation.span, told, _dropping(now))


def _is_clear(trip: RoundTrip, view: View) -> bool:
    """Whether all that the revision does with a view of this name runs for sure."""
    return all(
        step.runs is True or view.name not in _names(step.operation)
        for step in (*trip.steps, *trip.downgrade_steps)
    )


def _surely(view: View, trip: RoundTrip, presence: Presence) -> bool:
    seen = trip.restored
    return view.presence is presence and view.since >= max(seen.gained, seen.lost)


def _step(trip: RoundTrip, view: View) -> Step | None:
    """The step that made or dropped a view for sure: one of the upgrade, or of the downgrade."""
    origin = view.origin if view.gone is None else view.gone
    for step in (*trip.steps, *trip.downgrade_steps):
        if origin is not None and step.operation is origin.operation and step.runs is True:
            changes = _of_view(trip.steps, view)
            return step if step in trip.steps or changes is None else changes
    return None


def _of_view(steps: tuple[Step, ...], view: View) -> Step | None:
    for step in steps:
        if any(name == view.name for name in _names(step.operation)):
            return step
    return None


def _names(operation: Operation) -> Iterator[object]:
    """The names of the views that an operation is about."""
    if isinstance(operation, ExecuteSql) and isinstance(operation.statements, tuple):
        for statement in operation.statements:
            yield from (change.name for change in statement.views)


def _is_renamed(trip: RoundTrip, view: View) -> bool:
    """Whether a view is one that was there before under another name."""
    return any(
        other.renamed_to == view.name and trip.before.view(other.name, other.schema) is not None
        for other in trip.restored.views_by_key.values()
    )


def _dropping(view: View) -> str:
    name = view.name if view.schema is None else f"{view.schema}.{view.name}"
    kind = "VIEW"
    origin = view.origin
    if origin is not None and isinstance(origin.operation, ExecuteSql):
        statements = origin.operation.statements
        for statement in statements if isinstance(statements, tuple) else ():
            if "MATERIALIZED" in statement.kind:
                kind = "MATERIALIZED VIEW"
    return f'add op.execute("DROP {kind} {name}")'
