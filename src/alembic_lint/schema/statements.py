"""What SQL text does that its operations do not tell."""

from __future__ import annotations

from alembic_lint.model import ExecuteSql, MaybeName, Statement, Unknown
from alembic_lint.schema import views
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.standing import blurred_table, blurred_wherever
from alembic_lint.schema.values import Origin

_MOVES = ("RENAME", "PARTITION")
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
    for change in statement.views:
        schema = views.changed(schema, origin, statement, change)
    if statement.complete:
        return schema
    verb, thing = words[0], words[-1]
    if verb in _ANYTHING:
        return _blurred(schema, statement, itself=True)
    if verb in {"CREATE", "DROP", "SELECT"} and thing in {"TABLE", "INTO"}:
        return _blurred(schema, statement, itself=True)
    if verb == "ALTER" and thing == "TABLE":
        # A table that becomes a partition goes with the other one from then on.
        text = statement.text
        itself = isinstance(text, Unknown) or any(word in text.upper() for word in _MOVES)
        return _blurred(schema, statement, itself=itself)
    if verb in {"CREATE", "DROP", "ALTER"} and thing == "INDEX":
        return _blurred(schema, statement, itself=False, keys_only=True)
    if verb == "DROP" and thing in {"SCHEMA", "DATABASE"}:
        return schema.blurred(gained=False)
    return schema


def _blurred(
    schema: Schema, statement: Statement, *, itself: bool, keys_only: bool = False
) -> Schema:
    named: list[tuple[MaybeName, str]] = []
    for place, name in statement.tables:
        if isinstance(name, Unknown):
            named.clear()
            break
        named.append((place, name))
    if not named:
        if itself:
            return schema.blurred()
        return schema.blurred_keys() if keys_only else schema.blurred_parts()
    for place, name in named:
        if isinstance(place, Unknown):
            schema = blurred_wherever(schema, name, itself=itself, keys_only=keys_only)
        else:
            schema = blurred_table(schema, name, place, itself=itself, keys_only=keys_only)
    return schema
