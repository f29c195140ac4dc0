"""A schema as JSON, complete."""

from __future__ import annotations

import json
from collections.abc import Sequence

from alembic_lint import model
from alembic_lint.model import Flag, MaybeName, Unknown
from alembic_lint.report.schema_text import Moment
from alembic_lint.report.schema_types import sql_type
from alembic_lint.report.schema_words import default, element, index, key
from alembic_lint.schema import Column, Constraint, Index, Origin, Presence, Schema, Table
from alembic_lint.schema.doubts import certain, doubts

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""

_Json = str | int | float | bool | None | Sequence["_Json"] | dict[str, "_Json"]


def render(moment: Moment, revisions: Sequence[str]) -> str:
    """One object; `at` is what was asked for, `revisions` the ids that it stands for.

    `presence` is "present" or "maybe". Where null can mean both, a field ending in `_known` tells
    that there is none (true) from that it is not known (false); elsewhere null is not known.
    `type` is in the database's SQL, `written` the type as the revision has it. `definition` is as
    in the text. `doubts` are sentences that say why a table is not certain. `complete` tells that
    there is no table but those listed. `made_by` are the operations that made a table, or may have.
    """
    schema = moment.schema
    tables = schema.tables
    document: dict[str, _Json] = {
        "schema_version": SCHEMA_VERSION,
        "database": schema.database,
        "at": moment.at,
        "revisions": [*revisions],
        "complete": schema.gained < 0,
        "certain_tables": sum(certain(schema, table) for table in tables),
        "tables": [_table(schema, table) for table in tables],
        "enums": [
            {
                "schema": item.schema,
                "name": item.name,
                "presence": item.presence.value,
                "values": None
                if isinstance(item.values, Unknown)
                else [value if isinstance(value, str) else None for value in item.values],
            }
            for item in schema.enums
        ],
        "views": [
            {"schema": place, "name": name, "presence": view.presence.value}
            for (place, name), view in sorted(
                schema.views_by_key.items(), key=lambda item: (item[0][0] or "", item[0][1])
            )
            if view.presence is not Presence.ABSENT
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _table(schema: Schema, table: Table) -> _Json:
    return {
        "schema": table.schema,
        "name": table.name,
        "presence": table.presence.value,
        "external": table.external,
        "certain": certain(schema, table),
        "doubts": [*doubts(schema, table)],
        "all_columns_known": table.all_columns_known,
        "all_keys_known": table.all_keys_known,
        **_known("comment", table.comment),
        "columns": [_column(column, schema.database) for column in table.columns],
        "constraints": [_constraint(item) for item in table.constraints],
        "indexes": [_index(item, schema.database) for item in table.indexes],
        "made_by": [_origin(item) for item in table.makers],
    }


def _column(column: Column, database: str) -> _Json:
    type_ = column.type
    return {
        "name": column.name,
        "presence": column.presence.value,
        "type": sql_type(type_, database),
        "written": None if isinstance(type_, Unknown) else type_.name,
        "nullable": _flag(column.nullable),
        "default": default(column.default).removeprefix("default ") or None,
        "default_known": not isinstance(column.default, Unknown),
        **_known("comment", column.comment),
    }


def _constraint(item: Constraint) -> _Json:
    found: dict[str, _Json] = {
        "kind": item.kind,
        **_known("name", item.name),
        "likely_name": item.likely,
        "presence": item.presence.value,
        "columns": [*item.columns] if isinstance(item.columns, tuple) else None,
        "definition": key(item),
    }
    match item.definition:
        case model.ForeignKeyConstraint() as definition:
            columns = definition.referent_columns
            found["referent"] = {
                "schema": _text(definition.referent_schema),
                "table": _text(definition.referent),
                "columns": [_text(name) for name in columns]
                if isinstance(columns, tuple)
                else None,
            }
            found["ondelete"] = _text(definition.ondelete)
            found["onupdate"] = _text(definition.onupdate)
        case model.CheckConstraint(condition=condition):
            found["condition"] = _text(condition)
        case _:
            pass
    return found


def _index(item: Index, database: str) -> _Json:
    columns = item.columns
    return {
        **_known("name", item.name),
        "likely_name": item.likely,
        "presence": item.presence.value,
        "columns": None
        if isinstance(columns, Unknown)
        else [None if isinstance(part, Unknown) else element(part) for part in columns],
        "unique": _flag(item.unique),
        "definition": index(item, database),
    }


def _origin(origin: Origin) -> _Json:
    return {
        "revision": origin.revision.id,
        "filename": origin.revision.path,
        "row": origin.operation.span.line,
    }


def _known(name: str, text: MaybeName) -> dict[str, _Json]:
    return {name: _text(text), f"{name}_known": not isinstance(text, Unknown)}


def _text(text: MaybeName) -> str | None:
    return text if isinstance(text, str) else None


def _flag(flag: Flag) -> bool | None:
    return None if isinstance(flag, Unknown) else flag
