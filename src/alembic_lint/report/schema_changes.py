"""How two schemas differ, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from alembic_lint.model import MaybeName, Unknown
from alembic_lint.report.schema_text import Moment, table_lines
from alembic_lint.report.schema_types import shown_type
from alembic_lint.report.schema_words import KINDS, default, enum, index, key, name_of
from alembic_lint.schema import (
    Column,
    Comparison,
    Constraint,
    EnumType,
    Index,
    Table,
    Verdict,
    compare,
)
from alembic_lint.wording import printable

_MARKS = {Verdict.MISSING: "-", Verdict.EXTRA: "+", Verdict.UNLIKE: "~", Verdict.UNCERTAIN: "?"}
_CHANGES = {
    Verdict.MISSING: "removed",
    Verdict.EXTRA: "added",
    Verdict.UNLIKE: "changed",
    Verdict.UNCERTAIN: "not certain",
}

Part = Table | Column | Constraint | Index | EnumType | None


def changes(first: Moment, second: Moment) -> list[Comparison]:
    """What is not the same in two schemas, or may not be; what is as uncertain as before is not."""
    return [
        item
        for item in compare(first.schema, second.schema)
        if item.verdict is not Verdict.EQUAL and item.first != item.second
    ]


def render(first: Moment, second: Moment) -> str:
    """The changes by table: added, removed, changed, not certain."""
    found = changes(first, second)
    numbers = [
        f"{sum(item.verdict is verdict for item in found):,} {word}"
        for verdict, word in _CHANGES.items()
        if any(item.verdict is verdict for item in found)
    ]
    database = second.schema.database
    lines = [f"{first.at}..{second.at} on {database}: {', '.join(numbers) or 'nothing changed'}"]
    for group in _by_table(found):
        lines += ["", *_group(group, second, database)]
    return "".join(printable(line).rstrip() + "\n" for line in lines)


def render_json(first: Moment, second: Moment) -> str:
    """One object; `before` and `after` are as in the text, null where there is nothing."""
    database = second.schema.database
    document = {
        "schema_version": 1,
        "database": database,
        "from": first.at,
        "to": second.at,
        "changes": [
            {**described(item, database), "change": _CHANGES[item.verdict]}
            for item in changes(first, second)
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def described(item: Comparison, database: str) -> dict[str, str | None]:
    """A comparison as plain data."""
    schema, table = (None, None) if item.table is None else item.table
    return {
        "kind": item.kind,
        "schema": schema,
        "table": None if item.kind == "enum" else table,
        "name": item.name,
        "attribute": item.attribute,
        "before": before(item, database),
        "after": after(item, database),
    }


def before(item: Comparison, database: str) -> str | None:
    """What the first schema has, in words; None where it has nothing."""
    there = item.verdict is not Verdict.EXTRA
    return value(item.first, item.attribute, database) if there else None


def after(item: Comparison, database: str) -> str | None:
    """What the second schema has, in words; None where it has nothing."""
    there = item.verdict is not Verdict.MISSING
    return value(item.second, item.attribute, database) if there else None


def value(item: Part, attribute: str | None, database: str) -> str | None:
    """An object in words, or one of its attributes; None where there is no object."""
    match item:
        case None:
            return None
        case Table():
            return _text(item.comment) if attribute == "comment" else name_of(item.key)
        case Column():
            return _of_column(item, attribute, database)
        case Constraint():
            return key(item)
        case Index():
            return index(item, database)
        case EnumType():
            return enum(item)


def _of_column(column: Column, attribute: str | None, database: str) -> str:
    null = "null?" if isinstance(column.nullable, Unknown) else "null" if column.nullable else ""
    match attribute:
        case "type":
            return shown_type(column.type, database)
        case "nullable":
            return null or "not null"
        case "default":
            counts = "serial" if column.serial is True else "no default"
            return default(column.default) or counts
        case "comment":
            return _text(column.comment)
        case _:
            parts = (shown_type(column.type, database), null or "not null", default(column.default))
            return " ".join(part for part in parts if part)


def _text(comment: MaybeName) -> str:
    return "no comment" if comment is None else "?" if isinstance(comment, Unknown) else comment


def _by_table(found: Sequence[Comparison]) -> Iterator[list[Comparison]]:
    group: list[Comparison] = []
    for item in found:
        if group and (item.table != group[-1].table or "enum" in (item.kind, group[-1].kind)):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _group(group: Sequence[Comparison], second: Moment, database: str) -> Iterator[str]:
    head = group[0]
    mark = _MARKS[head.verdict]
    name = "?" if head.table is None else name_of(head.table)
    if head.kind == "enum":
        yield f"{mark} enum type {_told(head, database) or name}"
        return
    whole = head.kind == "table" and head.attribute is None
    if whole and head.verdict is Verdict.EXTRA and isinstance(head.second, Table):
        yield from (f"+ {line}" for line in table_lines(second.schema, head.second))
        return
    yield f"{mark} table {name}" if whole else f"  table {name}"
    for item in group[1:] if whole else group:
        yield f"{_MARKS[item.verdict]}   {_line(item, database)}"


def _line(item: Comparison, database: str) -> str:
    told = _told(item, database)
    label = f"{KINDS[item.kind]} {item.name}"
    if item.kind == "column" or item.attribute == "comment":
        return f"{label}{f' {item.attribute}' if item.attribute else ''}: {told}"
    return told or label


def _told(item: Comparison, database: str) -> str:
    one, other = before(item, database), after(item, database)
    return f"{one} -> {other}" if one and other else one or other or ""
