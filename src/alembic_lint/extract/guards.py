"""Conditions: what a test in a revision asks of the database.

Recognised by what the source does: a name looked for among those that an inspector lists, a column
found in a loop over records, a row found by a query of the catalogue, the dialect's name compared.
What is not recognised stays an `OpaqueCondition` with its text.
"""

from __future__ import annotations

import re

from alembic_lint.extract.choices import choices
from alembic_lint.extract.conditions import (
    DIALECTS,
    EarlierCondition,
    Truth,
    choice,
    conjunction,
    disjunction,
    negate,
)
from alembic_lint.extract.lowering import is_known, maybe_name, name_of
from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    BoundMethod,
    Connection,
    Dialect,
    DialectName,
    Either,
    Existing,
    FirstValue,
    Instance,
    Pairs,
    Passed,
    Record,
    RecordField,
    Rows,
    Selection,
    Sometimes,
    Text,
)
from alembic_lint.model import (
    ColumnExists,
    Condition,
    ConstraintExists,
    DialectIs,
    EnumExists,
    IndexExists,
    OpaqueCondition,
    Reference,
    TableExists,
    TableValue,
    Unknown,
)

_PAIR_LIMIT = 16
"""Pairs of values that are compared where conditions decide both."""

_COLUMN_FIELDS = ("column_names", "constrained_columns")


def exists(existing: Existing, value: Abstract) -> Condition | None:
    """The condition that an object of this name is among those that exist."""
    found = _exists(existing, value)
    if found is None or name_of(value) not in existing.changed:
        return found
    return EarlierCondition(f"an earlier answer on {name_of(value)}", found)


def _exists(existing: Existing, value: Abstract) -> Condition | None:
    name = name_of(value)
    table, schema = existing.table, existing.schema
    match existing.kind:
        case "table":
            if isinstance(name, str) and schema is None and "." in name:
                schema, _, name = name.rpartition(".")
            return TableExists(name, schema)
        case "column":
            return ColumnExists(table, name, schema)
        case "index":
            return IndexExists(name, table, schema)
        case "enum":
            return EnumExists(name, schema)
        case "foreignkey" | "unique" | "check" | "primary":
            return ConstraintExists(name, table, existing.kind, schema)
        case _:
            return None


def _exists_by_columns(existing: Existing, value: Abstract) -> Condition | None:
    if not (isinstance(value, tuple) and value and is_known(value)):
        return None
    columns = tuple(name_of(item) for item in value)
    match existing.kind:
        case "index":
            return IndexExists(None, existing.table, existing.schema, columns)
        case "foreignkey" | "unique" | "primary":
            table, schema = existing.table, existing.schema
            return ConstraintExists(None, table, existing.kind, schema, columns)
        case _:
            return None


def truth(value: Abstract, text: Text) -> Truth:
    """Whether a value is true; `text` is its source, for what cannot be told."""
    match value:
        case Boolean(condition):
            return condition
        case Either(condition, then, other):
            return choice(condition, truth(then, text), truth(other, text))
        case Rows(found) | FirstValue(Rows(value=found)):
            return OpaqueCondition(text()) if found is None else found
        case BoundMethod(Rows(value=found), name):
            # A column of a row by its name: the only one, where a single value is selected.
            return OpaqueCondition(text()) if found is None or name == "rowcount" else found
        case BoundMethod(Connection() | Instance() | Record() | RecordField() | Unknown()):
            return OpaqueCondition(text())
        case Selection(_, _, condition) if condition is not None:
            return condition
        case Record() | TableValue():
            return True
        case RecordField(Existing("table" | "column" | "enum"), "name"):
            return True
        case Existing() | Selection() | RecordField() | DialectName() | Unknown() | Reference():
            return OpaqueCondition(text())
        case Sometimes(condition, inner):
            return conjunction((condition, truth(inner, text)))
        case str():
            return True if has_mark(value) else bool(value)
        case tuple():
            if all(isinstance(item, Sometimes) for item in value):
                return disjunction(item.condition for item in value if isinstance(item, Sometimes))
            return True
        case Pairs(items):
            return bool(items)
        case None | bool() | int() | float() | bytes():
            return bool(value)
        case _:
            return True


def is_none(value: Abstract, text: Text) -> Truth:
    """Whether a value is None."""
    match value:
        case None:
            return True
        case Either(condition, then, other):
            return choice(condition, is_none(then, text), is_none(other, text))
        case Rows(found) | FirstValue(Rows(given=found)):
            return OpaqueCondition(text()) if found is None else negate(found)
        case Unknown() | RecordField() | Boolean() | Reference():
            return OpaqueCondition(text())
        case _:
            return False


def equal(left: Abstract, right: Abstract, text: Text) -> Truth:
    """Whether two values are equal."""
    match left, right:
        case (Either(), Either()) if choices(left) * choices(right) > _PAIR_LIMIT:
            return OpaqueCondition(text())
        case (Either(condition, then, other), _):
            return choice(condition, equal(then, right, text), equal(other, right, text))
        case (_, Either(condition, then, other)):
            return choice(condition, equal(left, then, text), equal(left, other, text))
        case (DialectName(), str(name)) | (str(name), DialectName()) if not has_mark(name):
            return DialectIs((name,))
        case (RecordField(existing, "name"), other) | (other, RecordField(existing, "name")):
            return exists(existing, other) or OpaqueCondition(text())
        case (RecordField(existing, field), other) | (other, RecordField(existing, field)):
            found = _exists_by_columns(existing, other) if field in _COLUMN_FIELDS else None
            return found or OpaqueCondition(text())
        case (Boolean(condition), bool(wanted)) | (bool(wanted), Boolean(condition)):
            return condition if wanted else negate(condition)
        case (FirstValue(Rows(value=found)), 0 | 1 as wanted) if found is not None:
            return found if wanted else negate(found)
        case _ if is_known(left) and is_known(right):
            return left == right
        case _:
            return OpaqueCondition(text())


def contained(item: Abstract, container: Abstract, text: Text) -> Truth:
    """Whether an item is in a container."""
    match container:
        case Either(condition, then, other):
            return choice(condition, contained(item, then, text), contained(item, other, text))
        case Existing():
            return exists(container, item) or OpaqueCondition(text())
        case Selection(existing, RecordField(_, "name"), condition):
            found = exists(existing, item)
            if found is None:
                return OpaqueCondition(text())
            return found if condition is None else conjunction((found, condition))
        case Selection(existing, RecordField(_, field)) if field in _COLUMN_FIELDS:
            return _exists_by_columns(existing, item) or OpaqueCondition(text())
        case Pairs(items):
            return disjunction(equal(item, key, text) for key, _ in items)
        case tuple():
            if isinstance(item, DialectName) and is_known(container):
                return DialectIs(tuple(sorted(str(name) for name in container)))
            return disjunction(_matches(item, element, text) for element in container)
        case str() if isinstance(item, str) and not has_mark(item) and not has_mark(container):
            return item in container
        case DialectName() if isinstance(item, str):
            return DialectIs(tuple(name for name in DIALECTS if item in name))
        case _:
            return OpaqueCondition(text())


def _matches(item: Abstract, element: Abstract, text: Text) -> Truth:
    if isinstance(element, Sometimes):
        return conjunction((element.condition, equal(item, element.value, text)))
    return equal(item, element, text)


def all_exist(names: Abstract, container: Abstract, text: Text) -> Truth:
    """Whether all names of a collection are in a container."""
    if isinstance(names, tuple):
        return conjunction(contained(name, container, text) for name in names)
    return OpaqueCondition(text())


def dialect_of_class(value: Abstract, classes: Abstract) -> DialectIs | None:
    """`isinstance(bind.dialect, PGDialect)` and its like."""
    if not isinstance(value, Dialect):
        return None
    wanted = classes if isinstance(classes, tuple) else (classes,)
    names: set[str] = set()
    for item in wanted:
        if not isinstance(item, Reference):
            return None
        parts = item.name.split(".")
        known = [name for name in DIALECTS if name in parts]
        last = parts[-1].lower()
        known += [name for start, name in _CLASS_PREFIXES if last.startswith(start)]
        if not known:
            return None
        names.add(known[0])
    return DialectIs(tuple(sorted(names)))


_CLASS_PREFIXES = (
    ("pgdialect", "postgresql"),
    ("mysqldialect", "mysql"),
    ("sqlitedialect", "sqlite"),
    ("mssqldialect", "mssql"),
    ("oracledialect", "oracle"),
    ("postgresql", "postgresql"),
)

_BY_NAME = (
    (
        "table",
        re.compile(
            r"^_?(has_table|table_exists|is_table|check_table_exists|does_table_exist"
            r"|schema_has_table|_?table_exist)$"
        ),
    ),
    (
        "column",
        re.compile(
            r"^_?(has_column|column_exists|table_has_column|check_column_exists"
            r"|does_column_exist|schema_has_column)$"
        ),
    ),
    ("index", re.compile(r"^_?(has_index|index_exists|table_has_index|check_index_exists)$")),
    (
        "constraint",
        re.compile(
            r"^_?(has_constraint|constraint_exists|foreign_key_exists"
            r"|has_foreign_key|fk_exists|unique_constraint_exists)$"
        ),
    ),
)


def helper_condition(
    name: str, passed: tuple[Passed, ...], parameters: tuple[str, ...] | None
) -> Condition | None:
    """What an existence helper asks, by its name and its arguments.

    Used where the helper's body cannot be read. `parameters` are the helper's own parameter names
    where these are known; otherwise a table comes before its column, and a name that could stand in
    either order leaves the condition unrecognised.
    """
    kind = next((kind for kind, pattern in _BY_NAME if pattern.match(name)), None)
    if kind is None:
        return None
    named = _named(passed, parameters)
    texts = [item.value for item in passed if item.keyword is None and isinstance(item.value, str)]
    schema = maybe_name(named.get("schema"))
    table = _first(named, ("table_name", "table", "tablename", "tbl"))
    match kind:
        case "table":
            found = table if table is not None else _first(named, ("name",))
            if found is None and len(texts) == 1:
                found = texts[0]
            return None if found is None else TableExists(name_of(found), schema)
        case "column":
            column = _first(named, ("column_name", "column", "col", "col_name"))
            if (table is None or column is None) and len(texts) == 2:
                table, column = texts
            if table is None or column is None:
                return None
            return ColumnExists(name_of(table), name_of(column), schema)
        case "index":
            index = _first(named, ("index_name", "index", "name", "idx_name"))
            if index is None:
                return None
            return IndexExists(name_of(index), maybe_name(table), schema)
        case _:
            constraint = _first(named, ("constraint_name", "constraint", "name", "fk_name"))
            if constraint is None:
                return None
            return ConstraintExists(name_of(constraint), maybe_name(table), None, schema)


def _named(passed: tuple[Passed, ...], parameters: tuple[str, ...] | None) -> dict[str, Abstract]:
    named = {
        item.keyword: item.value
        for item in passed
        if item.keyword is not None and not item.keyword.startswith("*")
    }
    positional = [item.value for item in passed if item.keyword is None]
    if parameters is not None:
        named.update(dict(zip(parameters, positional, strict=False)))
    return named


def _first(named: dict[str, Abstract], names: tuple[str, ...]) -> Abstract | None:
    return next((named[name] for name in names if name in named), None)
