"""ALM417 redundant-index."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.config import Settings
from alembic_lint.judging import absent
from alembic_lint.model import CreateIndex, Value
from alembic_lint.replay import Replay
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import Constraint, Index, Presence, Table, key_columns_of

_HARMLESS = frozenset({"concurrently", "tablespace", "with", "include"})
"""Options under which an index still finds what a plain one on its columns finds."""


@each_replay("ALM417", Severity.WARNING)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An index that finds nothing which another index or key of its table does not find as well.

    It has the same columns, or, being neither unique nor needed as a key, the first columns of the
    other: that is an info, as the shorter index is the smaller one. Only plain B-tree indexes on
    columns are compared: none with a condition, an expression, or a method, operator class, order
    or collation of its own. A unique index is redundant only beside another key that is unique on
    the same columns. What counts is the schema at the heads, so an index that a later revision
    drops is no finding.
    """
    del settings
    heads = replay.at_heads()
    for table in heads.tables:
        if table.presence is Presence.PRESENT:
            yield from _of_table(table, replay.database)


def _of_table(table: Table, database: str) -> Iterator[Finding]:
    keys = [key for key in table.keys if _is_plain(key, table, database)]
    told: list[Constraint | Index] = []
    for key in keys:
        better = next(
            (
                other
                for other in keys
                if other is not key and other not in told and _covers(other, key, table)
            ),
            None,
        )
        if better is not None:
            told.append(key)
            finding = _finding(table, key, better)
            if finding is not None:
                yield finding


def _is_plain(key: Constraint | Index, table: Table, database: str) -> bool:
    """Whether a key is a B-tree index on columns alone, and certainly there."""
    columns = key_columns_of(key)
    if key.presence is not Presence.PRESENT or not columns:
        return False
    if isinstance(key, Constraint):
        if key.kind == "unique":
            definition = key.definition
            return isinstance(definition, model.UniqueConstraint) and not definition.deferrable
        return key.kind == "primary"
    return (
        isinstance(key.unique, bool)
        and not _is_of_foreign_key(key, table)
        and all(_is_harmless(word, value, database) for word, value in key.keywords)
    )


def _is_of_foreign_key(index: Index, table: Table) -> bool:
    """Whether MySQL made an index for a foreign key: it drops that itself when it is redundant."""
    if not isinstance(index.name, str):
        return index.likely is None
    named = table.constraint(index.name)
    return named is not None and named.kind == "foreignkey"


def _is_harmless(word: str, value: Value, database: str) -> bool:
    option = word.partition("_")[2]
    if option == "using":
        return isinstance(value, str) and value.lower() == "btree"
    if option in _HARMLESS or value in (None, False, ()):
        return True
    # An option of another database does nothing here; but what has a condition there is meant so.
    return option not in {"where", "ops"} and not word.startswith((f"{database}_", "ordering"))


def _covers(other: Constraint | Index, key: Constraint | Index, table: Table) -> bool:
    """Whether a key is redundant beside another; of two alike, the one that was made later."""
    mine, theirs = _columns(key, table), _columns(other, table)
    if isinstance(key, Constraint) and key.kind == "primary":
        return False
    if _has_include(key):
        return False
    if _is_unique(key):
        alike = mine == theirs and _is_unique(other) and not _differ(key, other)
        return alike and _precedes(other, key)
    if len(mine) < len(theirs):
        return theirs[: len(mine)] == mine
    return mine == theirs and (_is_unique(other) or _precedes(other, key))


def _precedes(other: Constraint | Index, key: Constraint | Index) -> bool:
    """Whether a key is kept: a constraint before an index, the older before the newer."""
    ranks = [
        (not (isinstance(item, Constraint) and item.kind == "primary"), isinstance(item, Index))
        for item in (other, key)
    ]
    return ranks[0] < ranks[1] or (ranks[0] == ranks[1] and other.position < key.position)


def _differ(key: Constraint | Index, other: Constraint | Index) -> bool:
    """Whether two unique keys are of different kinds: one lets several NULLs be, say."""
    return any("nulls_not_distinct" in word for word, _ in (*_options(key), *_options(other)))


def _options(key: Constraint | Index) -> tuple[tuple[str, Value], ...]:
    if isinstance(key, Index):
        return key.keywords
    return key.definition.keywords


def _has_include(key: Constraint | Index) -> bool:
    return any(word.endswith("_include") and value for word, value in _options(key))


def _columns(key: Constraint | Index, table: Table) -> tuple[str, ...]:
    return tuple(table.fold(name) for name in key_columns_of(key) or ())


def _is_unique(key: Constraint | Index) -> bool:
    return key.unique is True if isinstance(key, Index) else True


def _finding(table: Table, key: Constraint | Index, better: Constraint | Index) -> Finding | None:
    origin, other = key.origin, better.origin
    if origin is None:
        return None
    what = _told(key)
    wide = _told(better)
    same = len(key_columns_of(key) or ()) == len(key_columns_of(better) or ())
    has = "is on the same columns" if same else "begins with its columns"
    unless = "" if same else ", unless it has to be the smaller one"
    return Finding(
        origin.operation.span,
        f'{what} on "{table.name}" costs every write and finds nothing that {wide} does not, which '
        f"{has}; drop it{unless}",
        severity=None if same else Severity.INFO,
        path=origin.revision.path,
        help=_remedy(table, key, made_here=isinstance(origin.operation, CreateIndex)),
        related=() if other is None else (absent.place(other, f"{wide} is made here"),),
    )


def _told(key: Constraint | Index) -> str:
    """A key as messages show it; a constraint by its columns, as its name differs by database."""
    columns = ", ".join(key_columns_of(key) or ())
    if isinstance(key, Index):
        name = key.name if isinstance(key.name, str) else key.likely
        label = f"({columns})" if name is None else f'"{name}" ({columns})'
        return f"{'unique index' if key.unique else 'index'} {label}"
    kind = "primary key" if key.kind == "primary" else "unique constraint"
    return f"the {kind} ({columns})"


def _remedy(table: Table, key: Constraint | Index, *, made_here: bool) -> str:
    name = key.name if isinstance(key.name, str) else key.likely
    shown = "…" if name is None else f'"{name}"'
    if isinstance(key, Index):
        drop = f'op.drop_index({shown}, table_name="{table.name}")'
        return drop if made_here else f"{drop}  # and without index=True from then on"
    return f'op.drop_constraint({shown}, "{table.name}", type_="unique")'
