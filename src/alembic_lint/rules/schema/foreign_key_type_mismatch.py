"""ALM412 foreign-key-type-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.judging.showing import shown_type
from alembic_lint.model import UNSET, AlterColumn, ColumnType, Type
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import (
    Presence,
    Reference,
    family,
    references_made,
    references_of,
    references_to,
)

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_NUMBERS = _INTEGERS | {"numeric", "real", "double"}
_TEXTS = frozenset({"string", "char", "text"})
_DAYS = frozenset({"date", "datetime", "datetime with time zone"})

_POSTGRESQL = (
    dict.fromkeys(_INTEGERS, _INTEGERS)
    | {"numeric": _INTEGERS | {"numeric"}, "real": _NUMBERS, "double": _NUMBERS}
    | dict.fromkeys(_TEXTS, _TEXTS)
    | dict.fromkeys(_DAYS, _DAYS)
    | {
        "time": frozenset({"time"}),
        "time with time zone": frozenset({"time", "time with time zone"}),
        "interval": frozenset({"time", "interval"}),
    }
    | {name: frozenset({name}) for name in ("boolean", "binary", "jsonb", "uuid", "enum")}
)
"""Of each family of a referred column, those that PostgreSQL lets refer to it.

It wants an operator that compares the two in the index of the referred column. Measured on
PostgreSQL 18, each pair of types.

Source: PostgreSQL's `ATAddForeignKeyConstraint`.
"""

_MYSQL = {
    **{name: name for name in ("smallint", "integer", "bigint", "numeric", "double", "real")},
    **{name: name for name in ("date", "datetime", "time")},
    "string": "characters",
    "char": "characters",
}
"""What MySQL wants to be alike; families it is silent about are left out.

Source: MySQL's reference manual, "FOREIGN KEY Constraints": similar data types, of the same size
for fixed precision types such as INTEGER and DECIMAL.
"""


@each_replay("ALM412", Severity.WARNING, dialects=("mariadb", "mysql", "postgresql"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A foreign key between columns of types that the database does not let refer to each other.

    PostgreSQL refuses types that it cannot compare (a text and a number, a uuid and a text), and
    lets integers of different sizes be: such a key is only slower. MySQL wants the same size as
    well. A change of a column's type is refused on PostgreSQL while a foreign key that no longer
    fits is on the column, or to it. SQLite compares anything. It is an error where the settings say
    that the project is for such a database.
    """
    for act in absent.acting((*replay.steps, *replay.downgrade_steps), ()):
        step = act.step
        seen: set[tuple[str, ...]] = set()
        for reference in _concerned(step):
            types = _types(reference)
            if types is None or _allowed(*types, step.database) is not False:
                continue
            pair = (*reference.columns, reference.referent.name, *reference.referent_columns)
            if pair not in seen:
                seen.add(pair)
                yield _finding(step, settings, reference, *types)


def _concerned(step: Step) -> Iterator[Reference]:
    """The foreign keys that an operation makes, or on whose columns it changes a type."""
    schema = step.after
    match step.operation:
        case AlterColumn(
            table=str(name), schema=None | str() as place, column=str(column), type=type_
        ) if type_ is not UNSET and step.database == "postgresql":
            table = schema.table(name, place)
            yield from (item for item in references_of(schema, table) if column in item.columns)
            for item in references_to(schema, table):
                if column in item.referent_columns and not item.to_itself:
                    yield item
        case operation:
            yield from references_made(schema, operation)


def _types(reference: Reference) -> tuple[ColumnType, ColumnType] | None:
    """The types of the first pair of columns whose types are both known and written otherwise."""
    for name, target in zip(reference.columns, reference.referent_columns, strict=True):
        one, other = reference.table.column(name), reference.referent.column(target)
        if one is None or other is None or reference.referent.presence is not Presence.PRESENT:
            continue
        if Presence.PRESENT is one.presence is other.presence:
            match one.type, other.type:
                case ColumnType() as first, ColumnType() as second if first != second:
                    return first, second
                case _:
                    pass
    return None


def _allowed(one: Type, other: Type, database: str) -> bool | None:
    """Whether a column of one type may refer to one of another; None where that is not known."""
    first, second = family(one, database), family(other, database)
    if first is None or second is None:
        return None
    child, parent = str(first[0]), str(second[0])
    if database != "postgresql":
        mine, theirs = _MYSQL.get(child), _MYSQL.get(parent)
        return None if mine is None or theirs is None else mine == theirs
    if child not in _POSTGRESQL or parent not in _POSTGRESQL:
        return None
    if child == parent == "enum":
        return first == second
    return child in _POSTGRESQL[parent]


def _finding(
    step: Step, settings: Settings, reference: Reference, one: ColumnType, other: ColumnType
) -> Finding:
    pairs = zip(reference.columns, reference.referent_columns, strict=True)
    name, target = next(
        (name, target)
        for name, target in pairs
        if (item := reference.table.column(name)) is not None and item.type == one
    )
    mine, theirs = (shown_type(item, step.database) for item in (one, other))
    column = reference.referent.column(target)
    origin = None if column is None else column.origin
    doubt = step.runs is None
    # Where nobody says that the project is for this database, it need not be.
    sure = settings.dialects is not None and not _sizes_only(one, other, step.database)
    verb = "may be refused" if doubt else "is refused"
    hedge = " (the condition it stands under could not be decided)" if doubt else ""
    return Finding(
        step.operation.span,
        f'the foreign key from "{reference.table.name}.{name}" ({mine}) to '
        f'"{reference.referent.name}.{target}" ({theirs}) {verb}, as these types do not '
        f"go together{hedge}; give both columns one type",
        path=step.revision.path,
        related=()
        if origin is None
        else (
            absent.place(origin, f'"{reference.referent.name}.{target}" has its type from here'),
        ),
        severity=Severity.ERROR if sure else None,
        confidence=Confidence.POSSIBLE if doubt else Confidence.CERTAIN,
    )


def _sizes_only(one: ColumnType, other: ColumnType, database: str) -> bool:
    """Whether two types are integers, of different sizes."""
    families = {str((family(item, database) or ("?",))[0]) for item in (one, other)}
    return families <= _INTEGERS
