"""What an operation works on: the tables, columns, indexes and constraints it cannot do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alembic_lint import model
from alembic_lint.extract.sql.expressions import columns_in_condition
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    BulkInsert,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropTable,
    ExecuteSql,
    MaybeName,
    Operation,
    RenameConstraint,
    RenameTable,
    Unknown,
    ValidateConstraint,
    table_of,
)
from alembic_lint.schema.mentions import in_index
from alembic_lint.schema.objects import names

_UNCHECKED_REFERENTS = frozenset({"sqlite"})
"""Databases that take a foreign key to a table that is not there."""

_ABOUT_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE", "SELECT", "MERGE"})
"""Kinds of statements that fail at once where a table that they name is missing."""

_LATE_VIEWS = frozenset({"sqlite", "oracle", "mssql"})
"""Databases of which it is not taken that they look at a view's tables when it is made."""

_READ_ALIKE = frozenset({"postgresql", "sqlite", "mysql", "mariadb"})
"""Databases that look at the columns of a statement about rows whatever rows there are.

Source: PostgreSQL and SQLite, run; MySQL's reference manual, ER_BAD_FIELD_ERROR.
"""

_ROWIDS = frozenset({"rowid", "oid", "_rowid_", "_rowid"})
"""Names that SQLite, and MySQL for the last, give the key of any table."""


@dataclass(frozen=True, slots=True)
class NeededTable:
    """A table that must be there. `referred`: a foreign key is to it; `reads`: SQL reads it."""

    name: str
    schema: str | None = None
    referred: bool = False
    reads: bool = False


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column that must be there, in its table or, as SQL does not say, in one of the `others`."""

    table: NeededTable
    name: str
    others: tuple[NeededTable, ...] = ()


def needed_tables(operation: Operation, database: str) -> Iterator[NeededTable]:
    """The tables without which a database refuses an operation, each as often as it is named."""
    match operation:
        case CreateTable() | ExecuteSql():
            pass
        case DropTable(if_exists=False) | RenameTable(if_exists=False):
            yield from _table(operation.table, operation.schema)
        case BulkInsert(rows=int(rows)) if rows:
            yield from _table(operation.table, operation.schema)
        case AlterColumn() if changes_nothing(operation):
            pass
        case (
            AddColumn()
            | DropColumn()
            | AlterColumn()
            | CreateIndex()
            | CreateForeignKey()
            | CreateUniqueConstraint()
            | CreatePrimaryKey()
            | CreateExcludeConstraint()
            | model.CreateCheckConstraint()
            | DropConstraint()
            | RenameConstraint()
            | ValidateConstraint()
            | CreateTableComment()
        ):
            yield from _table(operation.table, operation.schema)
        case _:
            pass
    if isinstance(operation, ExecuteSql):
        yield from _in_statements(operation, database)
    for key in _foreign_keys(operation, database):
        yield from _referred(key)


def needed_columns(operation: Operation, database: str) -> Iterator[NeededColumn]:
    """The columns without which a database refuses an operation; those it makes are not among."""
    match operation:
        case DropColumn(if_exists=False):
            yield from _columns(operation.table, operation.schema, (operation.column,))
        case AlterColumn() if not changes_nothing(operation):
            yield from _columns(operation.table, operation.schema, (operation.column,))
        case CreateIndex():
            listed = operation.index.columns
            known = () if isinstance(listed, Unknown) else listed
            columns = tuple(item for item in known if isinstance(item, str))
            yield from _columns(operation.table, operation.schema, columns)
        case BulkInsert(rows=int(rows)) if rows:
            yield from _columns(operation.table, operation.schema, operation.columns)
        case CreateUniqueConstraint() | CreatePrimaryKey() | CreateForeignKey():
            own = names(operation.constraint.columns)
            if not isinstance(own, Unknown):
                yield from _columns(operation.table, operation.schema, own)
        case CreateExcludeConstraint(constraint=model.ExcludeConstraint(elements=tuple(elements))):
            columns = tuple(item for item, _ in elements if isinstance(item, str))
            yield from _columns(operation.table, operation.schema, columns)
        case ExecuteSql():
            yield from _in_sql(operation, database)
        case _:
            pass
    yield from _in_expressions(operation, database)
    for key in _foreign_keys(operation, database):
        for table in _referred(key):
            referred = () if isinstance(key.referent_columns, Unknown) else key.referent_columns
            for name in referred:
                if isinstance(name, str) and not _makes(operation, table, name):
                    yield NeededColumn(table, name)


def needed_views(operation: ExecuteSql) -> Iterator[model.ViewChange]:
    """The views that SQL text drops or renames without asking, less those that it has made."""
    made: set[model.Name] = set()
    statements = () if isinstance(operation.statements, Unknown) else operation.statements
    for change in (view for statement in statements for view in statement.views):
        if change.verb in {"drop", "rename"} and not change.asks and change.name not in made:
            yield change
        made |= {change.name, change.new_name}


def changes_nothing(operation: AlterColumn) -> bool:
    """Whether an `op.alter_column` is told no change, and so sends no statement."""
    changes = (
        operation.nullable,
        operation.server_default,
        operation.new_name,
        operation.type,
        operation.comment,
        operation.autoincrement,
    )
    return all(item is UNSET for item in changes)


def _table(
    name: model.Name, schema: MaybeName, *, referred: bool = False, reads: bool = False
) -> Iterator[NeededTable]:
    if isinstance(name, str) and not isinstance(schema, Unknown):
        yield NeededTable(name, schema, referred, reads)


def _columns(
    table: model.Name, schema: MaybeName, columns: tuple[model.Name, ...]
) -> Iterator[NeededColumn]:
    for owner in _table(table, schema):
        for name in columns:
            if isinstance(name, str):
                yield NeededColumn(owner, name)


def _in_expressions(operation: Operation, database: str) -> Iterator[NeededColumn]:
    """The columns in the condition of a new check, and in the expressions of a new index.

    PostgreSQL and SQLite look them up at once. SQLite gets checks in batch mode alone, which makes
    all that stands in it at its end.
    """
    read: Iterable[str] = ()
    match operation:
        case CreateIndex(table=str(table), index=index) if database in {"postgresql", "sqlite"}:
            read = in_index(index.columns, index.keywords, table, database)
        case model.CreateCheckConstraint(
            table=str(table), constraint=model.CheckConstraint(condition=str(text))
        ) if database == "postgresql":
            read = columns_in_condition(text, table) or ()
        case _:
            return
    # SQLite gives the key of any table further names.
    columns = tuple(name for name in read if name not in _ROWIDS)
    yield from _columns(table, operation.schema, columns)


def _in_statements(operation: ExecuteSql, database: str) -> Iterator[NeededTable]:
    """The tables whose rows SQL text is about, or its views, less those that the text makes."""
    made = {item.table for item in operation.operations if isinstance(item, CreateTable)}
    made |= {item.new_table for item in operation.operations if isinstance(item, RenameTable)}
    statements = () if isinstance(operation.statements, Unknown) else operation.statements
    made |= {view.name for statement in statements for view in statement.views}
    made |= {view.new_name for statement in statements for view in statement.views}
    for statement in statements:
        makes_view = any(view.verb in {"create", "replace"} for view in statement.views)
        looked_at = makes_view and database not in _LATE_VIEWS
        if not (statement.kind in _ABOUT_ROWS or looked_at) or not statement.complete:
            continue
        for reads, listed in ((False, statement.tables), (True, statement.reads)):
            for schema, name in listed:
                if name not in made:
                    yield from _table(name, schema, reads=reads)


def _in_sql(operation: ExecuteSql, database: str) -> Iterator[NeededColumn]:
    """The columns that SQL text reads and writes, but of tables and views that it changes too."""
    statements = () if isinstance(operation.statements, Unknown) else operation.statements
    changed = {table_of(item) for item in operation.operations}
    changed |= {item.new_table for item in operation.operations if isinstance(item, RenameTable)}
    views = [view for statement in statements for view in statement.views]
    changed |= {name for view in views for name in (view.name, view.new_name)}
    for statement in statements:
        found = [] if database in _LATE_VIEWS else [view.columns or () for view in statement.views]
        if statement.kind in _ABOUT_ROWS and statement.complete and database in _READ_ALIKE:
            found.append(statement.columns or ())
        for column in (column for columns in found for column in columns):
            names = {name for _, name in column.tables}
            if column.name is None or not column.closed or names & changed:
                continue
            if database != "postgresql" and _is_read_otherwise(column.name, statement.text):
                continue
            first, *rest = (NeededTable(name, place) for place, name in column.tables)
            yield NeededColumn(first, column.name, tuple(rest))


def _is_read_otherwise(column: str, text: model.Name) -> bool:
    """Whether what PostgreSQL takes for a column may be something else to SQLite or MySQL."""
    return column in _ROWIDS or not isinstance(text, str) or f'"{column}"' in text


def _foreign_keys(operation: Operation, database: str) -> Iterator[model.ForeignKeyConstraint]:
    """The foreign keys that an operation makes at once, where the database looks at their table."""
    if database in _UNCHECKED_REFERENTS:
        return
    found: tuple[object, ...] = ()
    match operation:
        case CreateForeignKey():
            found = (operation.constraint,)
        case AddColumn(column=model.Column(foreign_keys=keys)):
            found = keys
        case CreateTable():
            columns = () if isinstance(operation.columns, Unknown) else operation.columns
            found = (
                *operation.constraints,
                *(
                    key
                    for column in columns
                    if isinstance(column, model.Column)
                    for key in column.foreign_keys
                ),
            )
        case _:
            pass
    for item in found:
        if isinstance(item, model.ForeignKeyConstraint) and item.use_alter is False:
            yield item


def _referred(key: model.ForeignKeyConstraint) -> Iterator[NeededTable]:
    yield from _table(key.referent, key.referent_schema, referred=True)


def _makes(operation: Operation, table: NeededTable, column: str) -> bool:
    """Whether an operation itself makes a column, or the table that it is in."""
    match operation:
        case CreateTable():
            return (operation.table, operation.schema) == (table.name, table.schema)
        case AddColumn(column=model.Column(name=str(name))):
            own = (operation.table, operation.schema) == (table.name, table.schema)
            return own and name == column
        case _:
            return False
