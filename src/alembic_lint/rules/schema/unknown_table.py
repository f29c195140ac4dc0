"""ALM401 unknown-table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.absent import Acting, Fate, Making
from alembic_lint.model import (
    CreateTable,
    ExecuteSql,
    Operation,
    RenameTable,
    TableExists,
    Unknown,
    Unset,
    table_of,
)
from alembic_lint.replay import Replay, Step, asks_for_table
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence, Schema, TableKey
from alembic_lint.schema.needs import NeededTable, needed_tables


@each_replay("ALM401", Severity.ERROR)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An upgrade that works on a table which is not there at that point of the history.

    The table was dropped or renamed by an ancestor or further up, or is only made later. A table
    that nothing makes was there before Alembic, unless its name is all but that of one that is
    there, and nothing else in the history uses it: then it is misspelled. That is certain only
    where the history makes every other table that it works on.

    A table that a parallel branch makes is another rule's subject. SQL text counts where it is
    about rows; SQLite takes foreign keys to missing tables.
    """
    if not absent.meant(replay, settings):
        return
    names = _Names(replay)
    reported: set[tuple[str, TableKey]] = set()
    found: list[Finding] = []
    for act in absent.acting(replay.steps, (TableExists,)):
        step = act.step
        for needed in _needed(act, names):
            key = step.before.key(needed.name, needed.schema)
            if (step.revision.path, key) in reported:
                continue
            missed = _missed(names, step, needed)
            if missed is None:
                continue
            if missed.elsewhere and settings.dialects is None:
                # What it stands on is made on other databases alone: it is not for this one.
                return
            reported.add((step.revision.path, key))
            found.append(_finding(step, needed, missed))
    yield from found


@dataclass(frozen=True, slots=True)
class _Missed:
    """What is to say of a missing table; `elsewhere`: it is only made on other databases."""

    fate: Fate
    doubt: str | None
    elsewhere: bool = False


def _needed(act: Acting, names: _Names) -> Iterator[NeededTable]:
    """The tables that a step needs, less those that are a session's own, or a view."""
    step = act.step
    before = step.before
    operation = step.operation
    if isinstance(operation, CreateTable) and not _is_new(step.before, operation):
        return
    made = _made_by(before, operation)
    for needed in needed_tables(operation, step.database):
        own = needed.referred and before.key(needed.name, needed.schema) == made
        if own:
            continue
        if needed.name in names.temporary.get(step.revision.path, ()):
            continue
        if before.view(needed.name, needed.schema) is None:
            yield needed


def _is_new(schema: Schema, operation: CreateTable) -> bool:
    match operation:
        case CreateTable(table=str(name), schema=None | str() as place):
            return schema.presence(name, place) is Presence.ABSENT or operation.temporary
        case _:
            return True


def _made_by(schema: Schema, operation: object) -> TableKey | None:
    match operation:
        case CreateTable(table=str(name), schema=None | str() as place):
            return schema.key(name, place)
        case _:
            return None


def _missed(names: _Names, step: Step, needed: NeededTable) -> _Missed | None:
    history = step.history
    table = step.before.table(needed.name, needed.schema)
    if table.external:
        return _misspelled(names, step, needed)
    if table.presence is not Presence.ABSENT:
        return None
    doubt = absent.doubts(step)
    fate = absent.fate(history, step, table, f'"{needed.name}"')
    if fate is not None:
        return _Missed(fate, doubt)
    made = names.made.get(step.before.key(needed.name, needed.schema), ())
    others = absent.elsewhere(history, step, made)
    if others.parallel:
        return None
    if others.later is not None:
        guarded = any(_is_guarded(item) for item in made)
        if guarded and names.external:
            return None
        if doubt is None and (guarded or names.external):
            doubt = "unless it was there before Alembic"
        return _Missed(absent.coming(history, step, others.later, f'"{needed.name}"'), doubt)
    if others.limited:
        fate = Fate("it is made on other databases only", "limit this to them as well")
        return _Missed(fate, doubt, elsewhere=True)
    return _Missed(Fate("nothing makes it on the way here", "make it first"), doubt)


def _is_guarded(making: Making) -> bool:
    operation = making.operation
    return isinstance(operation, CreateTable) and asks_for_table(operation) is not False


def _finding(step: Step, needed: NeededTable, missed: _Missed) -> Finding:
    if needed.referred:
        told = f'its foreign key is to table "{needed.name}", which does not exist'
    else:
        told = f'table "{needed.name}" does not exist'
    because, doubt = f"{told}: {missed.fate.told}", missed.doubt
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), because, missed.fate.remedy, doubt),
        path=step.revision.path,
        related=missed.fate.related,
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _misspelled(names: _Names, step: Step, needed: NeededTable) -> _Missed | None:
    """A table that nothing makes, and whose name is near to that of one that is there."""
    key = step.before.key(needed.name, needed.schema)
    if names.users.get(key) != {step.revision.path}:
        return None
    likely = (step.before.at(other) for other in names.of_like_length(key))
    there = {
        table.name: table
        for table in likely
        if table.presence is Presence.PRESENT and not table.external
    }
    meant = absent.near_miss(needed.name, there)
    if meant is None:
        return _in_another_schema(names, step, needed)
    doubt = absent.doubts(step)
    if doubt is None and (names.external - {key} or step.before.gained >= 0):
        doubt = "unless it was there before Alembic"
    origin = there[meant].origin
    related = () if origin is None else (absent.place(origin, f'"{meant}" is made here'),)
    return _Missed(Fate("nothing makes it", f'did you mean "{meant}"?', related), doubt)


def _in_another_schema(names: _Names, step: Step, needed: NeededTable) -> _Missed | None:
    """A table of a schema that nothing else speaks of, while one of its name is in another."""
    key = step.before.key(needed.name, needed.schema)
    if any(other[0] == key[0] and other != key for other in (*names.users, *names.made)):
        return None
    for table in step.before.tables:
        made = table.presence is Presence.PRESENT and not table.external
        if made and table.name == needed.name and table.schema != key[0]:
            where = "the default schema" if table.schema is None else f'schema "{table.schema}"'
            origin = table.origin
            shown = f'"{table.name}" is made here'
            related = () if origin is None else (absent.place(origin, shown),)
            told = f"nothing makes one in {_schema_words(key[0])}"
            doubt = absent.doubts(step) or "unless it was there before Alembic"
            return _Missed(Fate(told, f"did you mean the one in {where}?", related), doubt)
    return None


def _schema_words(place: str | None) -> str:
    return "the default schema" if place is None else f'schema "{place}"'


class _Names:
    """The tables of a history: which operations make each, and which revisions name it."""

    def __init__(self, replay: Replay) -> None:
        self.made: dict[TableKey, tuple[Making, ...]] = {}
        self.lengths: dict[tuple[str | None, int], list[TableKey]] = {}
        self.users: dict[TableKey, set[str]] = {}
        self.temporary: dict[str, frozenset[str]] = {}
        blank = Schema(starts=replay.starts)
        self.external: set[TableKey] = set()
        for making in absent.makings(replay.history):
            self._note(making, blank)

    def _note(self, making: Making, blank: Schema) -> None:
        operation, path = making.operation, making.revision.path
        match operation:
            case CreateTable(table=str(name), schema=None | str() as place):
                if operation.temporary:
                    known = self.temporary.get(path, frozenset())
                    self.temporary[path] = known | {name}
                else:
                    key = blank.key(name, place)
                    self.made[key] = (*self.made.get(key, ()), making)
            case RenameTable(new_table=str(name), schema=None | str() as place) if not isinstance(
                operation.new_schema, Unknown
            ):
                target = operation.new_schema
                key = blank.key(name, place if isinstance(target, Unset) else target)
                self.made[key] = (*self.made.get(key, ()), making)
            case _:
                pass
        for key in _named(operation, blank):
            self.users.setdefault(key, set()).add(path)
            if not isinstance(operation, ExecuteSql) and key not in blank.starts.tables:
                self.external.add(key)

    def of_like_length(self, key: TableKey) -> Iterator[TableKey]:
        """The tables that the history makes whose names a slip or two could turn into this one."""
        if not self.lengths:
            for place, name in self.made:
                self.lengths.setdefault((place, len(name)), []).append((place, name))
        place, name = key
        for length in range(len(name) - absent.SLIPS, len(name) + absent.SLIPS + 1):
            yield from self.lengths.get((place, length), ())


def _named(operation: Operation, blank: Schema) -> Iterator[TableKey]:
    """The tables that an operation names, whether it needs them or not."""
    own = table_of(operation)
    place = operation.schema if hasattr(operation, "schema") else None
    if isinstance(own, str) and (place is None or isinstance(place, str)):
        yield blank.key(own, place)
    for item in needed_tables(operation, "postgresql"):
        yield blank.key(item.name, item.schema)
