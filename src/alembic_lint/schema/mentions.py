"""The columns that constraints and indexes of a table name, in their SQL as well."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint import model
from alembic_lint.extract.sql.expressions import columns_in_condition, columns_in_element
from alembic_lint.model import IndexElement, SqlExpression, Unknown, Value
from alembic_lint.schema.objects import Constraint, Index, Table


def mentioned(item: Constraint | Index, table: Table, database: str) -> tuple[str, ...]:
    """The columns that a constraint or index of a table names, as far as they are known.

    Its text stays as it was written where a column is renamed, so that it is not read after that;
    nor does it name a column that was made later.
    """
    own = item.columns if isinstance(item.columns, tuple) else ()
    found = [each for each in own if isinstance(each, str)]
    read: tuple[str, ...] = ()
    if not _has_renamed_columns(table, item):
        match item:
            case Index(columns=columns, keywords=keywords):
                read = tuple(in_index(columns, keywords, table.name, database))
            case Constraint(definition=model.CheckConstraint(condition=str(text))):
                read = columns_in_condition(text, table.name) or ()
            case _:
                pass
    for name in read:
        column = table.column(name)
        if column is None or column.position < item.position:
            found.append(name)
    return tuple(dict.fromkeys(found))


def in_index(
    columns: tuple[IndexElement, ...] | Unknown,
    keywords: tuple[tuple[str, Value], ...],
    table: str,
    database: str,
) -> Iterator[str]:
    """The columns in the expressions of an index and in its condition on a database."""
    for element in columns if isinstance(columns, tuple) else ():
        if isinstance(element, SqlExpression) and isinstance(element.text, str):
            yield from columns_in_element(element.text, table) or ()
    match dict(keywords).get(f"{database}_where"):
        case str(text) | SqlExpression(text=str(text)):
            yield from columns_in_condition(text, table) or ()
        case _:
            pass


def has_expressions(index: Index) -> bool:
    """Whether an index is on an expression, or may be."""
    return index.names != index.columns


def _has_renamed_columns(table: Table, item: Constraint | Index) -> bool:
    return any(
        column.renamed_to is not None and column.since > item.since
        for column in table.columns_by_name.values()
    )
