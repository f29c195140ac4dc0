"""ALM307 downgrade-incomplete-restore."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent, inverse, returning
from alembic_lint.judging.differences import Difference, Object, Outcome, differences
from alembic_lint.model import Function
from alembic_lint.replay import RoundTrip
from alembic_lint.rule import Finding, Related, Severity, each_round_trip
from alembic_lint.schema import Column, Constraint, Index, Origin, Table, TableKey
from alembic_lint.source import FILE_START, Span


@each_round_trip("ALM307", Severity.WARNING, enabled=False)
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade that restores a column, a key or an index, but not quite as it was.

    Its type, nullability, server default, `ondelete` or uniqueness is another than before the
    upgrade. What the downgrade does not touch at all is another rule's subject.
    """
    if not returning.comes_back(trip, settings):
        return
    for key, found in differences(trip):
        if not returning.is_clear(trip, key, settings):
            continue
        told: dict[tuple[str, str], list[Difference]] = {}
        for item in found:
            part = item.second
            if item.outcome is Outcome.UNLIKE and part is not None:
                told.setdefault((type(part).__name__, inverse.shown(part)), []).append(item)
        for group in told.values():
            yield _finding(trip, key, group)


def _finding(trip: RoundTrip, key: TableKey, group: list[Difference]) -> Finding:
    part = group[0].second
    subject = "" if part is None else inverse.shown(part)
    said = [
        f"{item.attribute} {_value(item.second, item.attribute)} instead of "
        f"{_value(item.first, item.attribute)}"
        for item in group
    ]
    origin = next((item.first.origin for item in group if item.first is not None), None)
    lines = [inverse.making(item.first, trip.before.at(key)) for item in group[:1] if item.first]
    has = " and ".join(said)
    return Finding(
        _place(trip, key, group[0]),
        f'after downgrade(), {subject} of "{key[1]}" has {has}; restore it as it was',
        help="\n".join(lines) or None,
        related=_related(origin),
    )


def _related(origin: Origin | None) -> tuple[Related, ...]:
    return () if origin is None else (absent.place(origin, "it was made here"),)


def _place(trip: RoundTrip, key: TableKey, item: Difference) -> Span:
    """The line of the downgrade that restores it: the last that changes its table."""
    for step in reversed(trip.downgrade_steps):
        before, after = _look(step.before.at(key), item), _look(step.after.at(key), item)
        if before != after:
            return step.operation.span
    match trip.revision.downgrade:
        case Function(name_span=span):
            return span
        case _:
            return FILE_START


def _look(table: Table, item: Difference) -> object:
    """What a table has of an object, to see whether a line has changed it."""
    match item.second:
        case Column(name=name):
            return table.column(name)
        case Constraint(definition=definition):
            return [part for part in table.constraints if part.definition == definition]
        case Index(name=name):
            return [part for part in table.indexes if part.name == name]
        case _:
            return table.presence


def _value(item: Object | None, attribute: str | None) -> str:
    """An attribute as it is written."""
    match item, attribute:
        case Column(nullable=nullable), "nullable":
            return str(nullable)
        case Column(type=type_), "type":
            return inverse.type_text(type_)
        case Column(default=default), "default":
            return inverse.default_text(default)
        case Column(comment=comment), "comment":
            return repr(comment)
        case Constraint(definition=model.ForeignKeyConstraint() as key), "ondelete":
            return str(key.ondelete)
        case Constraint(definition=model.ForeignKeyConstraint() as key), "onupdate":
            return str(key.onupdate)
        case Index(unique=unique), "unique":
            return str(unique)
        case (Constraint() | Index()) as part, "columns":
            names = part.names if isinstance(part, Index) else part.columns
            return str(list(names)) if isinstance(names, tuple) else "…"
        case _:
            return "another one"
