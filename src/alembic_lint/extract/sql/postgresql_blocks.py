"""DO blocks that only make an object conditional, read as the statement with IF [NOT] EXISTS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from alembic_lint.extract.sql.catalogue import catalogue_condition
from alembic_lint.extract.sql.lexer import Sql, scan
from alembic_lint.extract.sql.origin import Read
from alembic_lint.model import (
    AddColumn,
    ColumnExists,
    Condition,
    ConstraintExists,
    CreateEnum,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    DropTable,
    EnumExists,
    IndexExists,
    Not,
    Operation,
    TableExists,
)

_UNSEEN: tuple[tuple[Operation, ...], bool] = ((), False)
_ALREADY_THERE = {
    "DUPLICATE_OBJECT": CreateEnum,
    "DUPLICATE_TABLE": CreateTable,
    "DUPLICATE_COLUMN": AddColumn,
}
"""The exception that PostgreSQL raises for an object that is already there."""


def read_block(body: str, read: Callable[[Sql], Read | None]) -> tuple[tuple[Operation, ...], bool]:
    """The operations of a DO block, and whether they are all it does.

    Two forms are read: `BEGIN CREATE TYPE …; EXCEPTION WHEN duplicate_object THEN NULL; END`, and
    a sequence of `IF [NOT] EXISTS (…) THEN …; END IF`. Any other may do anything.
    """
    whole = scan(body)
    start, end = 0, len(whole.tokens)
    while end and whole.tokens[end - 1].text == ";":
        end -= 1
    if not whole.sound or end < 2:
        return _UNSEEN
    if not whole.tokens[0].is_word("BEGIN") or not whole.tokens[end - 1].is_word("END"):
        return _UNSEEN
    start, end = start + 1, end - 1
    handler = whole.find(start, "EXCEPTION", end=end)
    if handler is not None:
        return _with_handler(whole, start, handler, end, read)
    return _conditionals(whole, start, end, read)


def _with_handler(
    whole: Sql, start: int, handler: int, end: int, read: Callable[[Sql], Read | None]
) -> tuple[tuple[Operation, ...], bool]:
    """One statement whose object may be there already."""
    clause = whole.tokens[handler + 1 : end]
    words = [token.text.upper() for token in clause]
    silent = words[3:] in (["NULL", ";"], ["NULL"]) or words[3:5] == ["RAISE", "NOTICE"]
    if len(words) < 4 or words[0] != "WHEN" or words[2] != "THEN" or not silent:
        return _UNSEEN
    if words.count(";") > 1 or words.count("WHEN") > 1:
        return _UNSEEN
    made = _one(whole, start, handler, read)
    expected = _ALREADY_THERE.get(words[1])
    match made:
        case CreateEnum() | CreateTable() | AddColumn() if isinstance(made, expected or ()):
            return (replace(made, if_not_exists=True),), True
        case _:
            return _UNSEEN


def _conditionals(
    whole: Sql, start: int, end: int, read: Callable[[Sql], Read | None]
) -> tuple[tuple[Operation, ...], bool]:
    """A sequence of `IF [NOT] EXISTS (SELECT …) THEN statement; END IF;`."""
    operations: list[Operation] = []
    position = start
    while position < end:
        opened = whole.group(position)
        then = whole.find(position, "THEN", end=end)
        stop = whole.find(position, "END", end=end)
        if opened is None or then is None or stop is None or opened[1] + 1 != then:
            return _UNSEEN
        words = [token.text.upper() for token in whole.tokens[position : opened[0]]]
        if words not in (["IF", "NOT", "EXISTS", "("], ["IF", "EXISTS", "("]):
            return _UNSEEN
        condition = catalogue_condition(whole.cut(*opened), ("postgresql",))
        made = _one(whole, then + 1, stop, read)
        tail = [token.text.upper() for token in whole.tokens[stop : stop + 3]]
        if condition is None or made is None or tail[:2] != ["END", "IF"]:
            return _UNSEEN
        guarded = _guarded(made, Not(condition) if "NOT" in words else condition)
        if guarded is None:
            return _UNSEEN
        operations.append(guarded)
        position = stop + (3 if tail[2:] == [";"] else 2)
    return tuple(operations), bool(operations)


def _one(whole: Sql, start: int, end: int, read: Callable[[Sql], Read | None]) -> Operation | None:
    """The one operation of these tokens, if they are one statement that does nothing else."""
    text = whole.cut(start, end)
    parts = tuple(scan(text).statements())
    found = read(parts[0]) if len(parts) == 1 else None
    if found is None or not found[0].complete or len(found[1]) != 1:
        return None
    return found[1][0]


def _guarded(operation: Operation, condition: Condition) -> Operation | None:
    """The operation with IF [NOT] EXISTS, if the condition asks for just its object."""
    match operation, condition:
        case CreateEnum(enum=enum), Not(EnumExists(name=str(name))) if name == enum.name:
            return replace(operation, if_not_exists=True)
        case DropEnum(name=str(name)), EnumExists(name=asked) if name == asked:
            return replace(operation, if_exists=True)
        case CreateTable(table=str(name)), Not(TableExists(table=asked)) if name == asked:
            return replace(operation, if_not_exists=True)
        case DropTable(table=str(name)), TableExists(table=asked) if name == asked:
            return replace(operation, if_exists=True)
        case (
            AddColumn(table=str(table), column=column),
            Not(ColumnExists(table=asked, column=str(name))),
        ) if table == asked and getattr(column, "name", None) == name:
            return replace(operation, if_not_exists=True)
        case (
            DropColumn(table=str(table), column=str(name)),
            ColumnExists(table=asked, column=asked_column),
        ) if (table, name) == (asked, asked_column):
            return replace(operation, if_exists=True)
        case CreateIndex(index=index), Not(IndexExists(name=str(name))) if name == index.name:
            return replace(operation, if_not_exists=True)
        case DropIndex(name=str(name)), IndexExists(name=asked) if name == asked:
            return replace(operation, if_exists=True)
        case (
            DropConstraint(table=str(table), name=str(name)),
            ConstraintExists(name=asked, table=asked_table),
        ) if name == asked and asked_table in (None, table):
            return replace(operation, if_exists=True)
        case _:
            return None
