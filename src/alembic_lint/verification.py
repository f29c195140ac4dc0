"""A history held against a database: what differs, and which files the database needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from alembic_lint.config import Settings
from alembic_lint.history import History, build_history
from alembic_lint.model import (
    CreateForeignKey,
    CreateTable,
    Direction,
    ForeignKeyConstraint,
    Function,
    Name,
    Operation,
    RenameTable,
    Revision,
    flatten,
    table_of,
)
from alembic_lint.replay import Replay, RoundTrip, replay
from alembic_lint.replay import run as run_one
from alembic_lint.schema import (
    Comparison,
    Presence,
    Schema,
    TableKey,
    Verdict,
    compare,
    compare_tables,
)

_MOST_ORDERS = 8
"""Orders of parallel branches that are tried."""


@dataclass(frozen=True, slots=True)
class Version:
    """A row of the version table.

    `path` is the file that defines the id, None where none does; `retired` the path of a file that
    does, but that Alembic does not see.
    """

    id: str
    path: str | None
    retired: str | None = None


@dataclass(frozen=True, slots=True)
class Maker:
    """A file that makes a table which another file makes as well.

    `applied` tells whether this database has its revision. `alike` tells whether the table is there
    as this file alone would have made it and its heirs left it; None: that is not known.
    """

    path: str
    id: str
    applied: bool
    retired: bool = False
    alike: bool | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """A table that several files make, in the history's order; `there`: the database has it."""

    table: TableKey
    makers: tuple[Maker, ...]
    there: bool


@dataclass(frozen=True, slots=True)
class Legacy:
    """A file whose tables others make again, and what becomes of it as far as this database goes.

    `others` are the files that make them, too. `needed` tells that this database has applied it, so
    that the file must stay where Alembic sees it. `children` name it in `down_revision` or
    `depends_on`: they must be pointed elsewhere before it may be retired. `row` is the row of the
    version table that needs it, where one does.
    """

    maker: Maker
    tables: tuple[TableKey, ...]
    others: tuple[str, ...]
    row: str | None
    children: tuple[str, ...]

    @property
    def needed(self) -> bool:
        """Whether this database needs it."""
        return self.row is not None


@dataclass(frozen=True, slots=True)
class Verification:
    """What holding a history against a database came to.

    `comparisons` are all things that were compared, the first schema being the history's. Where the
    order of parallel branches matters, it is the order that fits the database best.
    `behind` are the heads that the database has not reached, `pending` all revisions that it has
    not, in their order. `certain` is False where a version
    that no file defines leaves open what the database should hold; nothing is then compared.
    """

    history: History = field(repr=False)
    database: str
    place: str
    versions: tuple[Version, ...]
    comparisons: tuple[Comparison, ...]
    shared: tuple[Shared, ...]
    legacies: tuple[Legacy, ...]
    behind: tuple[str, ...]
    pending: tuple[str, ...]
    certain: bool = True

    @property
    def differences(self) -> tuple[Comparison, ...]:
        """What certainly differs."""
        return tuple(item for item in self.comparisons if item.differs)

    @property
    def undefined(self) -> tuple[Version, ...]:
        """The rows whose id no file defines that Alembic sees."""
        return tuple(item for item in self.versions if item.path is None)

    @property
    def equal(self) -> int:
        """How many things are equal."""
        return sum(item.verdict is Verdict.EQUAL for item in self.comparisons)

    @property
    def uncertain(self) -> int:
        """How many things could not be compared for certain."""
        return sum(item.verdict is Verdict.UNCERTAIN for item in self.comparisons)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not self.undefined


def unverifiable(history: History, rows: Sequence[str]) -> str | None:
    """Why a history cannot be replayed to these rows; None where it can."""
    broken = [row for row in rows if row in history.by_key and row not in history.position]
    if broken and len(rows) > 1:
        return (
            f"revision {broken[0]!r} stands on a broken part of the history; see alembic-lint check"
        )
    return None


def places(history: History) -> tuple[str | None, ...]:
    """The schemas that a history speaks of, the default one (None) first."""
    found: set[str] = set()
    for operation in _operations(history):
        schema = getattr(operation, "schema", None)
        if isinstance(schema, str):
            found.add(schema)
    return (None, *sorted(found))


def verify(
    history: History,
    settings: Settings,
    rows: Sequence[str],
    reflected: Schema,
    *,
    place: str = "",
) -> Verification:
    """Replay a history to the rows of a version table, and compare it with what is there.

    Args:
        history: the history; a file that was set aside counts where a row needs it.
        settings: what is known of the project.
        rows: those of the version table.
        reflected: what the database holds.
        place: the database, as it is told to people.

    Of the schema in which names without one stand, every object counts; of others, those that the
    history knows.
    """
    versions = tuple(_version(history, row) for row in rows)
    complete = _with_retired(history, rows)
    run = replay(
        complete, reflected.database, settings.conventions, reflected.starts.default_schema
    )
    known = [row for row in rows if row in complete.by_key]
    certain = len(known) == len(rows)
    applied = frozenset(key for row in known for key in (row, *complete.ancestors(row)))
    shared = tuple(_shared(run, history, applied, reflected))
    files = (*history.order, *history.unordered)
    comparisons: tuple[Comparison, ...] = ()
    if certain:
        comparisons = min(
            (
                tuple(_compared(complete, replayed, reflected))
                for replayed in _possible(run, known, applied, shared)
            ),
            key=lambda found: sum(item.differs for item in found),
        )
    return Verification(
        history=history,
        database=reflected.database,
        place=place,
        versions=versions,
        comparisons=comparisons,
        shared=shared,
        legacies=tuple(_legacies(complete, shared, rows)),
        behind=tuple(key for key in history.tips() if key not in applied),
        pending=tuple(key for key in dict.fromkeys(map(history.key, files)) if key not in applied),
        certain=certain,
    )


def _possible(
    run: Replay, rows: Sequence[str], applied: frozenset[str], shared: Sequence[Shared]
) -> Iterator[Schema]:
    """The schemas that the database may have been brought to, the likeliest first.

    Which of two parallel branches was applied first is recorded nowhere. It matters where both make
    a table and ask whether it is there; of each such file, this is what follows if it came first.
    """
    yield run.at_all(rows)
    history = run.history
    order = sorted(
        (key for key in applied if key in history.position), key=history.position.__getitem__
    )
    first: list[str] = []
    for item in shared:
        makers = [maker.id for maker in item.makers if maker.applied]
        apart = any(
            not history.runs_before(one, other) and not history.runs_before(other, one)
            for one in makers
            for other in makers
            if one != other and one in history.position and other in history.position
        )
        first += makers if apart else []
    for key in list(dict.fromkeys(first))[:_MOST_ORDERS]:
        below = {key, *history.ancestors(key)}
        schema = Schema(starts=run.starts)
        for each in sorted(order, key=lambda each: each not in below):
            _, schema = run_one(history, history.by_key[each], Direction.UPGRADE, schema)
        yield schema


def _version(history: History, row: str) -> Version:
    file = history.by_key.get(row)
    retired = next((item.path for item in history.retired if item.id == row), None)
    return Version(row, None if file is None else file.path, None if file is not None else retired)


def _with_retired(history: History, rows: Sequence[str]) -> History:
    """The history with those retired files that rows need, directly or below one another."""
    aside = {item.id: item for item in history.retired if item.id is not None}
    added: dict[str, Revision] = {}
    todo = [row for row in rows if row not in history.by_key]
    while todo:
        key = todo.pop()
        file = aside.get(key)
        if file is None or key in added or key in history.by_key:
            continue
        added[key] = file
        todo.extend((*file.parents, *file.dependencies))
    if not added:
        return history
    return build_history(
        (*history.revisions, *added.values()),
        name=history.name,
        locations=history.locations,
        external=history.external,
    )


def _compared(history: History, replayed: Schema, reflected: Schema) -> Iterator[Comparison]:
    """Each comparison; what no revision speaks of is extra, unless something unseen may make it."""
    known = _known(history, replayed)
    strangers = {key for key in reflected.tables_by_key if key not in known}
    counted = {key for key in strangers if key[0] is None}
    keys = ({*replayed.tables_by_key, *reflected.tables_by_key} - strangers) | counted
    for item in compare(replayed, reflected, keys):
        if item.table in strangers and item.kind != "enum":
            if item.kind == "table" and item.attribute is None:
                yield _extra(item, replayed)
        elif item.kind == "enum" and item.first is None and item.table is not None:
            if item.table[0] is None:
                yield _extra(item, replayed)
        else:
            yield item


def _extra(item: Comparison, replayed: Schema) -> Comparison:
    verdict = Verdict.EXTRA if replayed.gained < 0 else Verdict.UNCERTAIN
    return replace(item, verdict=verdict, first=None)


def _known(history: History, replayed: Schema) -> frozenset[TableKey]:
    """The tables that a history speaks of anywhere."""
    found = {*replayed.tables_by_key, *replayed.referrers, *replayed.starts.tables}
    for operation in _operations(history):
        name = table_of(operation)
        if isinstance(name, str):
            found.add(_key(replayed, name, getattr(operation, "schema", None)))
        if isinstance(operation, RenameTable) and isinstance(operation.new_table, str):
            found.add(_key(replayed, operation.new_table, operation.schema))
        match operation:
            case CreateForeignKey(
                constraint=ForeignKeyConstraint(referent=str(name), referent_schema=place)
            ):
                found.add(_key(replayed, name, place))
            case _:
                pass
    return frozenset(found)


def _key(schema: Schema, name: str, place: object) -> TableKey:
    return schema.key(name, place if isinstance(place, str) else None)


def _operations(history: History) -> Iterator[Operation]:
    for revision in history.revisions:
        yield from flatten(revision.operations)


def _shared(
    run: Replay, history: History, applied: frozenset[str], reflected: Schema
) -> Iterator[Shared]:
    """The tables that several files make, those that were set aside among them."""
    makers: dict[TableKey, list[tuple[Revision, bool]]] = {}
    ids = {revision.path for revision in history.revisions}
    files = [*run.history.order, *run.history.unordered]
    seen = {file.path for file in files}
    aside = [file for file in history.retired if file.path not in seen]
    for file in (*files, *aside):
        for key in dict.fromkeys(_made(run, file)):
            makers.setdefault(key, []).append((file, file.path not in ids))
    trips = {trip.revision.path: trip for trip in run.trips}
    for key, every in sorted(makers.items(), key=lambda item: (item[0][0] or "", item[0][1])):
        listed = [
            (file, retired)
            for file, retired in every
            if not _again(run.history, trips.get(file.path), every, key)
        ]
        if len(listed) < 2:
            continue
        there = reflected.at(key)
        found = []
        for file, retired in listed:
            trip = trips.get(file.path)
            alike: bool | None = None
            alone = trip is not None and trip.before.at(key).presence is Presence.ABSENT
            if there.presence is Presence.PRESENT and trip is not None and alone:
                alike = _alike(trip.after, reflected, key)
            name = file.path if file.id is None else file.id
            found.append(Maker(file.path, name, name in applied, retired, alike))
        yield Shared(key, tuple(found), there.presence is Presence.PRESENT)


def _again(
    history: History,
    trip: RoundTrip | None,
    makers: Sequence[tuple[Revision, bool]],
    key: TableKey,
) -> bool:
    """Whether a file makes a table anew that an ancestor's was dropped of, or only for itself."""
    if trip is None:
        return False
    if trip.after.at(key).presence is Presence.ABSENT:
        return True
    if trip.before.at(key).presence is not Presence.ABSENT:
        return False
    ancestors = history.ancestors(history.key(trip.revision))
    return any(file.id in ancestors for file, _ in makers)


def _alike(made: Schema, reflected: Schema, key: TableKey) -> bool | None:
    """Whether a table has the columns that a file gives it; None where that is not certain."""
    columns = [
        item
        for item in compare_tables(made.at(key), reflected.at(key), reflected.database)
        if item.kind in {"table", "column"} and item.attribute in {None, "type", "nullable"}
    ]
    if any(item.differs for item in columns):
        return False
    return None if any(item.verdict is Verdict.UNCERTAIN for item in columns) else True


def _made(run: Replay, file: Revision) -> Iterator[TableKey]:
    if isinstance(file.upgrade, Function):
        blank = Schema(starts=run.starts)
        for operation in flatten(file.upgrade.operations):
            match operation:
                case CreateTable(temporary=False, table=str(name), schema=None | str() as place):
                    dialects = operation.context.dialects
                    if dialects is None or run.database in dialects:
                        yield blank.key(name, place)
                case _:
                    pass


def _legacies(history: History, shared: Sequence[Shared], rows: Sequence[str]) -> Iterator[Legacy]:
    """Of the files that make the same tables, the one that others took the place of.

    It is the one that was set aside, or else the one that makes the most of these tables.
    """
    tables: dict[str, list[TableKey]] = {}
    makers: dict[str, Maker] = {}
    for item in shared:
        for maker in item.makers:
            tables.setdefault(maker.path, []).append(item.table)
            makers[maker.path] = maker
    chosen: dict[str, set[str]] = {}
    for item in shared:
        ranked = sorted(
            item.makers, key=lambda maker: (not maker.retired, -len(tables[maker.path]))
        )
        first = ranked[0]
        chosen.setdefault(first.path, set()).update(maker.path for maker in ranked[1:])
    for path, others in sorted(chosen.items()):
        maker = makers[path]
        yield Legacy(
            maker,
            tuple(tables[path]),
            tuple(sorted(others)),
            next((row for row in rows if _needs(history, row, maker.id)), None),
            tuple(_naming(history, maker.id)),
        )


def _needs(history: History, row: str, key: str) -> bool:
    return row == key or (
        row in history.by_key and key in history.by_key and key in history.ancestors(row)
    )


def _naming(history: History, key: Name) -> Iterator[str]:
    for file in history.revisions:
        if key in (*file.parents, *file.dependencies):
            yield file.path
