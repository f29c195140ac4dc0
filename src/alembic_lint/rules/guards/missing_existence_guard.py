"""ALM501 missing-existence-guard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.judging import clashing, inverse
from alembic_lint.model import CreateTable, DropTable, Function, RenameTable, Revision, flatten
from alembic_lint.replay import Replay, Step, asks_for_table
from alembic_lint.rule import Finding, Related, Severity, each_replay

_FEW = 3
"""Guarded creates from which on guarding most of them is a custom of the history."""

_Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class _Create:
    """A create_table of an upgrade; `asks` as `asks_for_table` tells."""

    revision: Revision
    operation: CreateTable
    key: _Key
    asks: bool | None


@dataclass(frozen=True, slots=True)
class _Other:
    """Another revision's create of the same table; `before`: the graph has it run first."""

    create: _Create
    before: bool


@each_replay("ALM501", Severity.WARNING)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A create_table that does not ask whether its table is there, where that is asked for.

    The setting `guards` says where. "require": everywhere. "forbid": the other way round, a guard
    is what is flagged. "auto": where another revision makes the same table before, or in a
    parallel branch, and none drops it; or where this history guards more than half of its creates
    (three at least), unless the same revision drops or renames the table as well. Only upgrades
    count. A create under a condition that could not be read may ask, and is not flagged; nor is
    one that duplicate-table (ALM405) tells, for the same remedy.
    """
    if settings.guards == "off":
        return
    history, silent = replay.history, _settled(replay)
    creates, gone = _creates(history)
    if settings.guards == "forbid":
        yield from (_forbidden(create) for create in creates if create.asks)
        return
    elsewhere: dict[_Key, list[_Create]] = {}
    for create in creates:
        elsewhere.setdefault(create.key, []).append(create)
    dropped = {key for key, _ in gone}
    guarded = sum(create.asks is True for create in creates)
    custom = guarded >= _FEW and guarded * 2 > len(creates)
    for create in creates:
        if create.asks is not False or id(create.operation) in silent:
            continue
        others = () if create.key in dropped else tuple(_others(history, create, elsewhere))
        own = custom and (create.key, create.revision.path) not in gone
        if others or own or settings.guards == "require":
            yield _missing(create, others, guarded if own else None, len(creates))


def _settled(replay: Replay) -> frozenset[int]:
    """The creates, by identity, that fail for a table there is, or do not run on this database."""
    failing = {
        id(step.operation)
        for step in replay.upgrade_run()
        if isinstance(step.operation, CreateTable) and _comes_upon_it(step)
    }
    ways = {id(step.operation): step.runs for step in replay.steps}
    return frozenset(failing | {operation for operation, runs in ways.items() if runs is False})


def _comes_upon_it(step: Step) -> bool:
    match step.operation:
        case CreateTable(table=str(name), schema=None | str() as schema):
            return step.runs is not False and bool(clashing.table_makers(step, name, schema))
        case _:
            return False


def _missing(
    create: _Create, others: tuple[_Other, ...], guarded: int | None, total: int
) -> Finding:
    _, name = create.key
    if others:
        other = others[0]
        path = other.create.revision.path
        why = (
            f"{path} makes it before, and this create fails where that one has run"
            if other.before
            else f"{path} makes it in a parallel branch, and this create fails if it runs second"
        )
    elif guarded is not None:
        why = (
            f"{guarded} of the {total} creates of this history do, and this one fails where the "
            "table is there already"
        )
    else:
        why = "this project requires a guard on every create"
    return Finding(
        create.operation.span,
        f'creating table "{name}" does not ask whether it is there: {why}; guard it with has_table',
        path=create.revision.path,
        help=inverse.guarded_create(name),
        related=tuple(
            Related(
                item.create.revision.path,
                item.create.operation.span,
                f'"{name}" is made here {"first" if item.before else "too"}',
            )
            for item in others
        ),
        # Which of parallel creates comes first, and is told here, follows from the names of files.
        mutual=any(not item.before for item in others),
    )


def _forbidden(create: _Create) -> Finding:
    _, name = create.key
    return Finding(
        create.operation.span,
        f'the guard around creating table "{name}" keeps whatever table of that name is there '
        "already, and this project forbids that; create it without asking",
        path=create.revision.path,
    )


def _creates(history: History) -> tuple[Sequence[_Create], frozenset[tuple[_Key, str]]]:
    """All creates of tables whose names are known, and what upgrades remove: table and file."""
    creates: list[_Create] = []
    gone: set[tuple[_Key, str]] = set()
    for revision in (*history.order, *history.unordered):
        if not isinstance(revision.upgrade, Function):
            continue
        for operation in flatten(revision.upgrade.operations):
            match operation:
                case CreateTable(temporary=False, table=str(name), schema=None | str() as schema):
                    asks = asks_for_table(operation)
                    creates.append(_Create(revision, operation, (schema, name), asks))
                case (
                    DropTable(table=str(name), schema=None | str() as schema)
                    | RenameTable(table=str(name), schema=None | str() as schema)
                ):
                    gone.add(((schema, name), revision.path))
                case _:
                    pass
    return creates, frozenset(gone)


def _others(
    history: History, create: _Create, elsewhere: Mapping[_Key, Sequence[_Create]]
) -> Iterator[_Other]:
    """Other revisions' creates of the same table that may run first, on a database both run on.

    One under a condition that could not be read does not count: it may never run beside this one.
    Nor does one that alone is new since the base: that clash is told of there.
    """
    new = history.new or frozenset()
    mine = create.operation.context.dialects
    here = history.key(create.revision)
    for other in elsewhere[create.key]:
        theirs = other.operation.context.dialects
        together = mine is None or theirs is None or not set(mine).isdisjoint(theirs)
        if other.asks is None or other.revision is create.revision or not together:
            continue
        if other.revision.path in new and create.revision.path not in new:
            continue
        there = history.key(other.revision)
        if history.runs_before(here, there) or history.run_apart(here, there):
            continue
        yield _Other(other, before=history.runs_before(there, here))
