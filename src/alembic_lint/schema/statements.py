"""What SQL text does that its operations do not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.model import ExecuteSql, Statement, Unknown
from alembic_lint.schema.objects import View
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_table
from alembic_lint.schema.values import Origin, Presence

_NAME = r"(?:\"[^\"]+\"|`[^`]+`|\w+)"
_WORD = re.compile(_NAME)
_VIEWS = re.compile(
    rf"(?i)\bVIEW\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    rf"({_NAME}(?:\s*\.\s*{_NAME})*(?:\s*,\s*{_NAME}(?:\s*\.\s*{_NAME})*)*)"
)

_ANYTHING = frozenset({"UNKNOWN", "DO", "CALL"})


def after_sql(schema: Schema, origin: Origin, operation: ExecuteSql) -> Schema:
    """The schema after what SQL text does beside the operations that it amounts to."""
    if isinstance(operation.statements, Unknown):
        return schema.blurred()
    for statement in operation.statements:
        schema = _after(schema, origin, statement)
    return schema


def _after(schema: Schema, origin: Origin, statement: Statement) -> Schema:
    words = statement.kind.split()
    if "VIEW" in words and words[0] in {"CREATE", "DROP"}:
        return _on_view(schema, origin, statement, made=words[0] == "CREATE")
    if statement.complete:
        return schema
    verb, thing = words[0], words[-1]
    if verb in _ANYTHING:
        return _blurred(schema, statement, itself=True)
    if verb in {"CREATE", "DROP", "SELECT"} and thing in {"TABLE", "INTO"}:
        return _blurred(schema, statement, itself=True)
    if verb == "ALTER" and thing == "TABLE":
        renames = isinstance(statement.text, Unknown) or "RENAME" in statement.text.upper()
        return _blurred(schema, statement, itself=renames)
    if verb in {"CREATE", "DROP", "ALTER"} and thing == "INDEX":
        return _blurred(schema, statement, itself=False, keys_only=True)
    if verb == "DROP" and thing in {"SCHEMA", "DATABASE"}:
        return schema.blurred(gained=False)
    return schema


def _blurred(
    schema: Schema, statement: Statement, *, itself: bool, keys_only: bool = False
) -> Schema:
    named: list[tuple[str | None, str]] = []
    for place, name in statement.tables:
        if isinstance(name, Unknown) or isinstance(place, Unknown):
            named.clear()
            break
        named.append((place, name))
    if not named:
        if itself:
            return schema.blurred()
        return schema.blurred_keys() if keys_only else schema.blurred_parts()
    for place, name in named:
        schema = blurred_table(schema, name, place, itself=itself, keys_only=keys_only)
    return schema


def _views(statement: Statement) -> Iterator[tuple[str | None, str]]:
    """Schema and name of the views that a statement makes or drops."""
    if isinstance(statement.text, Unknown):
        return
    found = _VIEWS.search(statement.text)
    for item in () if found is None else found[1].split(","):
        parts = [part[1:-1] if part[0] in '"`' else part for part in _WORD.findall(item)]
        if parts:
            yield (parts[-2] if len(parts) > 1 else None), parts[-1]


def _on_view(schema: Schema, origin: Origin, statement: Statement, *, made: bool) -> Schema:
    for place, name in _views(statement):
        key = schema.key(name, place)
        reads = tuple(
            schema.key(read, where)
            for where, read in statement.reads
            if isinstance(read, str) and not isinstance(where, Unknown)
        )
        view = View(
            name=name,
            schema=key[0],
            presence=Presence.PRESENT if made else Presence.ABSENT,
            since=schema.clock,
            origin=origin if made else None,
            gone=None if made else origin,
            reads=reads if len(reads) == len(statement.reads) else None,
        )
        schema = schema.with_view(view)
    return schema
