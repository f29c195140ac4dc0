"""Answers of the database that an operation has overtaken.

`tables = inspector.get_table_names()` tells what was there then. Once an operation creates or drops
one of these, the list tells nothing of what is there now, and a condition on it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from alembic_lint.extract.choices import either, truth_value
from alembic_lint.extract.conditions import (
    EarlierCondition,
    Truth,
    conjunction,
    disjunction,
    negate,
)
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    Either,
    Existing,
    Items,
    Selection,
    Sometimes,
)
from alembic_lint.model import (
    AddColumn,
    And,
    ColumnExists,
    Condition,
    ConstraintExists,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    EnumExists,
    ExecuteSql,
    IndexExists,
    Not,
    Operation,
    Or,
    RenameTable,
    TableExists,
)


@dataclass(frozen=True, slots=True)
class Touched:
    """An object that an operation makes or removes; `table` None stands for the name of a table."""

    kind: str
    name: str
    table: str | None = None


def touched_by(operation: Operation) -> Iterator[Touched]:
    """What an operation makes or removes, as far as its name is known."""
    match operation:
        case CreateTable(table=str(table)) | DropTable(table=str(table)):
            yield Touched("table", table)
        case RenameTable(table=table, new_table=new_table):
            for name in (table, new_table):
                if isinstance(name, str):
                    yield Touched("table", name)
        case AddColumn(table=str(table), column=column):
            added = getattr(column, "name", None)
            if isinstance(added, str):
                yield Touched("column", added, table)
        case DropColumn(table=str(table), column=str(name)):
            yield Touched("column", name, table)
        case CreateIndex(index=index) if isinstance(index.name, str):
            yield Touched("index", index.name)
        case DropIndex(name=str(name)) | DropConstraint(name=str(name)):
            yield Touched("index", name)
        case ExecuteSql(operations=operations):
            for inner in operations:
                yield from touched_by(inner)
        case _:
            constraint = getattr(operation, "constraint", None)
            made = getattr(constraint, "name", None)
            if isinstance(made, str):
                yield Touched("index", made)


def outdated(value: Abstract, touched: Touched) -> Abstract:
    """The value after the operation; the same object where it tells nothing of what is touched."""
    match value:
        case Boolean(condition):
            after = _condition(condition, touched)
            return value if after is condition else truth_value(after)
        case Existing():
            return _existing(value, touched)
        case Selection(existing, element, condition):
            inner = _existing(existing, touched)
            test = True if condition is None else _condition(condition, touched)
            if inner is existing and (condition is None or test is condition):
                return value
            return Selection(inner, element, None if isinstance(test, bool) else test)
        case Either(condition, then, other):
            decided = _condition(condition, touched)
            first, second = outdated(then, touched), outdated(other, touched)
            if decided is condition and first is then and second is other:
                return value
            return either(decided, first, second)
        case Sometimes(condition, inner_value):
            decided = _condition(condition, touched)
            if decided is condition or isinstance(decided, bool):
                return value
            return Sometimes(decided, inner_value)
        case tuple() if any(isinstance(item, Sometimes) for item in value):
            items = [outdated(item, touched) for item in value]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return Items(items) if isinstance(value, Items) else tuple(items)
        case _:
            return value


def _existing(existing: Existing, touched: Touched) -> Existing:
    kinds = {"column": "column", "table": "table", "enum": "enum"}
    if kinds.get(existing.kind, "index") != touched.kind or touched.name in existing.changed:
        return existing
    if touched.table is not None and existing.table != touched.table:
        return existing
    return replace(existing, changed=(*existing.changed, touched.name))


def _condition(condition: Condition, touched: Touched) -> Truth:
    match condition:
        case Not(term):
            after = _condition(term, touched)
            return condition if after is term else negate(after)
        case And(terms) | Or(terms):
            parts = [_condition(term, touched) for term in terms]
            if all(new is old for new, old in zip(parts, terms, strict=True)):
                return condition
            return conjunction(parts) if isinstance(condition, And) else disjunction(parts)
        case _:
            if not _asks(condition, touched):
                return condition
            return EarlierCondition(f"an earlier answer on {touched.name}", condition)


def _asks(condition: Condition, touched: Touched) -> bool:
    """Whether a condition is on the object that is touched."""
    match condition:
        case TableExists(table):
            return touched.kind == "table" and table == touched.name
        case ColumnExists(table, column):
            if touched.kind == "table":
                return table == touched.name
            return touched.kind == "column" and (table, column) == (touched.table, touched.name)
        case IndexExists(name, table) | ConstraintExists(name, table):
            if touched.kind == "table":
                return table == touched.name
            return touched.kind == "index" and name == touched.name
        case EnumExists(name):
            return touched.kind == "enum" and name == touched.name
        case _:
            return False
