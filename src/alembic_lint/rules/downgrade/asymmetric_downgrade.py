"""ALM303 asymmetric-downgrade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import inverse, returning
from alembic_lint.judging.differences import Difference, Object, Outcome, differences
from alembic_lint.judging.views import changed_views
from alembic_lint.model import DropEnum, Function, RenameTable
from alembic_lint.replay import RoundTrip, Step
from alembic_lint.rule import Confidence, Finding, Related, Severity, each_round_trip
from alembic_lint.schema import (
    Column,
    Constraint,
    Index,
    Presence,
    Table,
    TableKey,
)
from alembic_lint.source import Span

_SHOWN = 4
"""Objects that a message names; the others are counted."""

_HEDGE = " (possibly: a condition around other work on the table could not be decided)"


@each_round_trip("ALM303", Severity.WARNING)
def check(trip: RoundTrip, settings: Settings) -> Iterator[Finding]:
    """A downgrade after which the schema is not what it was before the upgrade.

    Something that the upgrade made is left over, something that was there is lost, or an attribute
    stays as the upgrade changed it. What is made anew, but not quite as it was, is another rule's
    subject, and so are enum types that are left over, and tables that several revisions make.
    Names that the database gives do not count.
    """
    if not returning.comes_back(trip, settings):
        return
    for key, found in differences(trip):
        if returning.is_shared(trip, key):
            continue
        clear = returning.is_clear(trip, key, settings)
        if not clear:
            found = tuple(item for item in found if _is_clear_column(trip, key, item, settings))
        kept = [item for item in found if item.outcome is not Outcome.UNLIKE]
        kept = [item for item in kept if item.attribute != "comment"]
        if kept:
            yield _finding(trip, key, kept, sure=clear)
    yield from _lost_enums(trip)
    for view in changed_views(trip):
        yield Finding(view.span, f"after downgrade(), {view.told}; {view.remedy}")


def _is_clear_column(trip: RoundTrip, key: TableKey, item: Difference, settings: Settings) -> bool:
    """Whether it is a column whose own fate no condition that could not be decided touches."""
    if item.outcome not in {Outcome.LEFT, Outcome.LOST}:
        return False
    column = item.first or item.second
    if not isinstance(column, Column):
        return False
    return returning.is_clear(trip, key, settings, column.name)


def _finding(trip: RoundTrip, key: TableKey, found: Sequence[Difference], *, sure: bool) -> Finding:
    table = trip.before.at(key)
    if table.presence is Presence.ABSENT:
        table = trip.restored.at(key)
    lines = [line for item in _ordered(found) if (line := _line(item, table))]
    told = [item for item in found if not item.goes_along]
    span, related = _place(trip, key, told)
    sentence = "; ".join(_sentences(told, table))
    one_line = (
        lines[0] if len(lines) == 1 and "\n" not in lines[0] and "…" not in lines[0] else None
    )
    remedy = "undo that as well" if one_line is None else f"add {one_line}"
    return Finding(
        span,
        f"after downgrade(), {sentence}{'' if sure else _HEDGE}; {remedy}",
        help="\n".join(lines),
        related=related,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
    )


def _sentences(found: Sequence[Difference], table: Table) -> Iterator[str]:
    """What is wrong, a clause for each outcome."""
    where = (
        "" if any(isinstance(item.first or item.second, Table) for item in found) else table.name
    )
    left = [item.second for item in found if item.outcome is Outcome.LEFT and item.second]
    if left:
        subject = f'"{where}" still has ' if where else ""
        yield f"{subject}{_listed(left)}{'' if where else ' is left over'}"
    lost = [item.first for item in found if item.outcome is Outcome.LOST and item.first]
    if lost:
        subject = f'"{where}" lacks ' if where else ""
        yield f"{subject}{_listed(lost)}{', as it was before the upgrade' if where else ' is lost'}"
    for item in found:
        match item:
            case Difference(outcome=Outcome.RENAMED, first=Table() as was, second=Table() as now):
                yield f'table "{was.name}" is still called "{now.name}"'
            case Difference(outcome=Outcome.RENAMED, first=Column() as was, second=Column() as now):
                yield f'column "{was.name}" of "{where}" is still called "{now.name}"'
            case Difference(outcome=Outcome.RENAMED, first=was, second=now) if was and now:
                yield f'{inverse.shown(was)} of "{where}" has become {inverse.shown(now)}'
            case Difference(outcome=Outcome.KEPT, second=now, attribute=str(attribute)) if now:
                yield f'{inverse.shown(now)} of "{where}" still {_state(now, attribute)}'
            case _:
                pass


def _listed(items: Sequence[Object]) -> str:
    names = [inverse.shown(item) for item in items]
    if len(names) > _SHOWN:
        names = [*names[: _SHOWN - 1], f"{len(names) - _SHOWN + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _state(item: Object, attribute: str) -> str:
    """An attribute that stays as the upgrade made it."""
    match item, attribute:
        case Column(nullable=bool(nullable)), "nullable":
            return "takes NULL" if nullable else "is NOT NULL"
        case Column(type=type_), "type":
            text = inverse.type_text(type_)
            return "has its new type" if "…" in text else f"is {text}"
        case Column(default=None), "default":
            return "has no server default"
        case Column(), "default":
            return "has its new server default"
        case Constraint(definition=model.ForeignKeyConstraint() as key), "ondelete" | "onupdate":
            action = key.ondelete if attribute == "ondelete" else key.onupdate
            return f"has {attribute} {action if isinstance(action, str) else 'NO ACTION'}"
        case Index(unique=bool(unique)), "unique":
            return "is unique" if unique else "is not unique"
        case _:
            return f"has its new {attribute.replace('_', ' ')}"


def _ordered(found: Sequence[Difference]) -> list[Difference]:
    """The differences in the order in which they must be undone: columns are dropped last."""

    def rank(item: Difference) -> int:
        column = isinstance(item.first or item.second, Column)
        return (2 if column else 1) if item.outcome is Outcome.LEFT else (3 if column else 4)

    return sorted(found, key=rank)


def _line(item: Difference, table: Table) -> str:
    """The line that undoes a difference."""
    match item:
        case Difference(outcome=Outcome.LEFT, second=left) if left is not None:
            # A key without a name goes with its column; a line for it would have none to give.
            nameless = isinstance(left, Constraint) and inverse.given_name(left) is None
            return "" if item.goes_along and nameless else inverse.dropping(left, table)
        case Difference(outcome=Outcome.LOST, first=lost) if lost is not None:
            return inverse.making(lost, table)
        case Difference(outcome=Outcome.RENAMED, first=Table() as was, second=Table() as now):
            return f'op.rename_table("{now.name}", "{was.name}")'
        case Difference(outcome=Outcome.RENAMED, first=Column() as was, second=Column() as now):
            new = f'new_column_name="{was.name}"'
            return f'op.alter_column("{table.name}", "{now.name}", {new})'
        case Difference(outcome=Outcome.RENAMED, first=was, second=now) if was and now:
            return "\n".join((inverse.dropping(now, table), inverse.making(was, table)))
        case Difference(outcome=Outcome.KEPT, first=Column() as was, attribute=str(attribute)):
            return f'op.alter_column("{table.name}", "{was.name}", {_change(was, attribute)})'
        case Difference(outcome=Outcome.KEPT, first=was, second=now) if was and now:
            return "\n".join((inverse.dropping(now, table), inverse.making(was, table)))
        case _:
            return ""


def _change(column: Column, attribute: str) -> str:
    match attribute:
        case "nullable":
            return f"nullable={column.nullable}"
        case "type":
            return f"type_={inverse.type_text(column.type)}"
        case _:
            return f"server_default={inverse.default_text(column.default)}"


def _place(
    trip: RoundTrip, key: TableKey, found: Sequence[Difference]
) -> tuple[Span, tuple[Related, ...]]:
    """The line that is not undone, or that goes too far; the others are related."""
    spans = [span for item in found if (span := _changed_at(trip, key, item)) is not None]
    downgrade = trip.revision.downgrade
    if not spans and isinstance(downgrade, Function):
        return downgrade.name_span, ()
    first, *others = sorted(dict.fromkeys(spans), key=lambda span: (span.line, span.column))
    path = trip.revision.path
    return first, tuple(Related(path, span, "and here", context=True) for span in others)


def _changed_at(trip: RoundTrip, key: TableKey, item: Difference) -> Span | None:
    """The operation that made the difference: the last of the upgrade, or else of the downgrade."""
    whole = isinstance(item.first or item.second, Table)
    for steps in (trip.steps, trip.downgrade_steps):
        keys = {key} if whole else _names_of(steps, key)
        for step in reversed(steps):
            if not whole and isinstance(step.operation, RenameTable):
                continue
            if any(_changes(step, each, item) for each in keys):
                return step.operation.span
    return None


def _names_of(steps: Sequence[Step], key: TableKey) -> set[TableKey]:
    """What a table is called on the way."""
    found = {key}
    for step in (*steps, *reversed(steps)):
        match step.operation:
            case RenameTable(table=str(old), new_table=str(new), schema=None | str() as place):
                pair = {step.before.key(old, place), step.before.key(new, place)}
                found |= pair if pair & found else set()
            case _:
                pass
    return found


def _changes(step: Step, key: TableKey, item: Difference) -> bool:
    before, after = step.before.at(key), step.after.at(key)
    if before is after:
        return False
    part = item.second if item.first is None else item.first
    match part:
        case Column(name=name) if item.attribute is None:
            return before.has_column(name) is not after.has_column(name)
        case Column(name=name):
            one, other = before.column(name), after.column(name)
            if one is None or other is None:
                return False
            return _attribute(one, item.attribute) != _attribute(other, item.attribute)
        case Constraint() | Index():
            return _has(before, part) != _has(after, part)
        case _:
            return before.presence is not after.presence


def _attribute(column: Column, name: str | None) -> object:
    match name:
        case "type":
            return column.type
        case "nullable":
            return column.nullable
        case "default":
            return column.default
        case _:
            return column.comment, column.autoincrement


def _has(table: Table, part: Constraint | Index) -> bool:
    """Whether a table has a key under this name; its columns may be called otherwise by then."""
    return any(
        item.kind == part.kind and item.position == part.position and item.name == part.name
        for item in table.keys
    )


def _lost_enums(trip: RoundTrip) -> Iterator[Finding]:
    """Enum types that the upgrade drops and the downgrade does not make again."""
    for step in trip.steps:
        match step.operation:
            case DropEnum(name=str(name), schema=None | str() as place):
                was = trip.before.enum(name, place)
            case _:
                continue
        there = trip.restored.has_enum(name, place)
        if was is None or was.presence is not Presence.PRESENT or there is not Presence.ABSENT:
            continue
        gone = trip.restored.enum(name, place)
        if gone is None or gone.gone is None or gone.gone.operation is not step.operation:
            continue
        line = inverse.making(was, None)
        yield Finding(
            step.operation.span,
            f"after downgrade(), {inverse.shown(was)} is lost; add {line}",
            help=line,
        )
