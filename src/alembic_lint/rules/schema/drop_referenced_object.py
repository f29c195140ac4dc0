"""ALM414 drop-referenced-object."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, returning
from alembic_lint.judging.absent import Acting
from alembic_lint.model import (
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    ExecuteSql,
    Function,
    Revision,
    Unknown,
    flatten,
)
from alembic_lint.replay import Replay, RoundTrip, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import (
    Constraint,
    Index,
    Presence,
    Reference,
    Schema,
    Table,
    TableKey,
    is_unique_target,
    key_columns_of,
    references_to,
)
from alembic_lint.wording import plural

_MERGED = frozenset({"mysql", "mariadb"})

_Reference = tuple[TableKey, object]
"""A table, and the definition of its foreign key."""


@each_replay("ALM414", Severity.ERROR, dialects=("mariadb", "mysql", "postgresql"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table, column or key that is dropped while a foreign key refers to it, or a type in use.

    PostgreSQL refuses it without CASCADE ("other objects depend on it"); MySQL refuses a table
    (error 3730), a column (1829) and the only index under a foreign key (1553). SQLite drops all of
    it. A foreign key within a dropped table is no hindrance.
    """
    del settings
    for trip in replay.trips:
        for act in absent.acting(trip.steps, ()):
            yield from _judged(act, ())
            yield from _type_in_use(act.step)
        # What a later line of the same downgrade takes away is a matter of its order.
        ended = tuple(_ended(trip))
        for act in absent.acting(trip.downgrade_steps, ()):
            yield from _judged(act, ended)


def _judged(act: Acting, ended: tuple[_Reference, ...]) -> Iterator[Finding]:
    step = act.step
    if step.database in _MERGED and _unchecked(step.revision):
        return
    together = set() if act.text is None else _dropped(act.text)
    references = tuple(
        item
        for item in _left(step)
        if item.table.key not in together
        and (item.table.key, item.constraint.definition) not in ended
    )
    if references:
        yield _finding(step, references)


def _type_in_use(step: Step) -> Iterator[Finding]:
    """An enum type that an upgrade drops while a column is of it."""
    schema = step.before
    match step.operation:
        case DropEnum(cascade=False, name=str(name), schema=None | str() as place) if (
            schema.database == "postgresql"
            and step.runs is True
            and schema.has_enum(name, place) is Presence.PRESENT
        ):
            pass
        case _:
            return
    for table in schema.tables:
        for column in table.columns:
            if (
                table.presence is Presence.PRESENT
                and column.presence is Presence.PRESENT
                and returning.has_type(column, name, place)
            ):
                because = f'column "{column.name}" of "{table.name}" is of that type'
                remedy = "drop the column, or change its type, first"
                yield Finding(
                    step.operation.span,
                    absent.phrase(f'dropping enum type "{name}"', because, remedy, None),
                    path=step.revision.path,
                    related=()
                    if column.origin is None
                    else (absent.place(column.origin, "the column is made here"),),
                )
                return


def _ended(trip: RoundTrip) -> Iterator[_Reference]:
    """The foreign keys that are gone when the downgrade of a revision has run."""
    changed = trip.restored.changed_since(trip.after)
    for table in (trip.after.at(key) for key in sorted(changed, key=str)):
        if table.presence is Presence.ABSENT:
            continue
        left = trip.restored.at(table.key)
        for constraint in table.constraints:
            if constraint.kind == "foreignkey" and (
                left.presence is Presence.ABSENT
                or not any(item.definition == constraint.definition for item in left.constraints)
            ):
                yield table.key, constraint.definition


def _dropped(text: ExecuteSql) -> set[TableKey]:
    """The tables that SQL text drops: PostgreSQL drops a list of them as one."""
    return {
        (place, name)
        for item in text.operations
        if isinstance(item, DropTable)
        and isinstance(name := item.table, str)
        and not isinstance(place := item.schema, Unknown)
    }


def _left(step: Step) -> Iterator[Reference]:
    """The foreign keys that stand in the way of an operation."""
    schema = step.before
    match step.operation:
        case DropTable(table=str(name), schema=None | str() as place, cascade=False):
            table = schema.table(name, place)
            if table.presence is Presence.PRESENT:
                yield from (item for item in references_to(schema, table) if not item.to_itself)
        case DropColumn(
            table=str(name), schema=None | str() as place, column=str(column), cascade=False
        ):
            table = schema.table(name, place)
            for item in references_to(schema, table):
                # MySQL and PostgreSQL differ in what they do with a table's key to itself.
                other = not item.to_itself or step.database == "postgresql"
                own = item.to_itself and column in item.columns
                if column in item.referent_columns and other and not own:
                    yield item
        case DropConstraint(
            table=str(name), schema=None | str() as place, name=str(key), cascade=False
        ):
            yield from _on_key(schema, schema.table(name, place), key)
        case DropIndex(name=str(key), schema=None | str() as place, cascade=False):
            home = schema.home(key, place)
            if home is not None and step.database == "postgresql":
                yield from _on_key(schema, home, key)
        case _:
            return


def _on_key(schema: Schema, table: Table, name: str) -> Iterator[Reference]:
    """The foreign keys that need a key of this name, as no other would do."""
    if table.presence is not Presence.PRESENT:
        return
    constraint, index = table.constraint(name), table.index(name)
    key = constraint if constraint is not None else index
    if key is None or key.presence is not Presence.PRESENT or key.name != name:
        return
    if not is_unique_target(key, schema.database):
        return
    for reference in references_to(schema, table):
        if _serves(key, reference, table) and not any(
            _may_serve(other, reference, table, schema.database)
            for other in table.keys
            if other is not key and other.name != name
        ):
            yield reference


def _serves(key: Constraint | Index, reference: Reference, table: Table) -> bool:
    columns = key_columns_of(key)
    return columns is not None and _folded(table, columns) == _folded(
        table, reference.referent_columns
    )


def _may_serve(key: Constraint | Index, reference: Reference, table: Table, database: str) -> bool:
    """Whether another key may be what a foreign key stands on."""
    columns = key_columns_of(key)
    if columns is None:
        return isinstance(key, Index) or key.kind in {"primary", "unique"}
    if database in _MERGED:
        wanted = reference.referent_columns
        is_index = isinstance(key, Index) or key.kind in {"primary", "unique"}
        return is_index and set(columns[: len(wanted)]) == set(wanted)
    return _serves(key, reference, table) and is_unique_target(key, database)


def _folded(table: Table, columns: tuple[str, ...]) -> list[str]:
    return sorted(table.fold(name) for name in columns)


def _unchecked(revision: Revision) -> bool:
    """Whether a revision turns MySQL's checks of foreign keys off."""
    functions = (revision.upgrade, revision.downgrade)
    return any(
        isinstance(operation, ExecuteSql)
        and isinstance(operation.sql, str)
        and "FOREIGN_KEY_CHECKS" in operation.sql.upper()
        for function in functions
        if isinstance(function, Function)
        for operation in flatten(function.operations)
    )


def _finding(step: Step, references: tuple[Reference, ...]) -> Finding:
    tables = tuple(dict.fromkeys(f'"{item.table.name}"' for item in references))
    several = len(references) > 1
    count = plural(len(references), "foreign key") if several else "a foreign key"
    who = f"{count} of {' and '.join(tables[:3])}{' and others' if len(tables) > 3 else ''}"
    doubt = "the condition it stands under could not be decided" if step.runs is None else None
    because = f"{who} still {'refer' if several else 'refers'} to it"
    remedy = f"drop {'them' if several else 'it'} first"
    origins = [item.constraint.origin for item in references[:5]]
    return Finding(
        step.operation.span,
        absent.phrase(absent.doing(step.operation), because, remedy, doubt),
        path=step.revision.path,
        help="\n".join(_drop(item) for item in references),
        related=tuple(
            absent.place(origin, "the foreign key is made here")
            for origin in origins
            if origin is not None
        ),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _drop(reference: Reference) -> str:
    name = reference.constraint.name
    shown = name if isinstance(name, str) else reference.constraint.likely
    written = "…" if shown is None else f'"{shown}"'
    return f'op.drop_constraint({written}, "{reference.table.name}", type_="foreignkey")'
