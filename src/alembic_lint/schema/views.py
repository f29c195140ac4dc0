"""What becomes of views, by statements about them and by what happens to the tables they read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rpds import HashTrieMap

from alembic_lint.model import (
    AlterColumn,
    ColumnRead,
    DropColumn,
    DropTable,
    Operation,
    RenameTable,
    Statement,
    Unknown,
    Unset,
    ViewChange,
)
from alembic_lint.schema.objects import View
from alembic_lint.schema.schema import Schema
from alembic_lint.schema.values import Origin, Presence, TableKey, together

_FOLLOWING = frozenset({"postgresql"})
"""Databases whose views hold on to tables and columns, whatever those are called later."""


def changed(schema: Schema, origin: Origin, statement: Statement, change: ViewChange) -> Schema:
    """The schema after a statement has made, dropped or renamed a view."""
    if isinstance(change.name, Unknown) or isinstance(change.schema, Unknown):
        return schema
    key = schema.key(change.name, change.schema)
    known = schema.views_by_key.get(key)
    match change.verb:
        case "drop":
            schema = schema.with_view(_gone(schema, origin, change.name, key))
            return _cascaded(schema, origin, key) if change.cascade else schema
        case "rename" if isinstance(change.new_name, str):
            if known is None or known.presence is Presence.ABSENT:
                known = View(name=change.name, schema=key[0])
            new = replace(known, name=change.new_name, since=schema.clock, origin=origin)
            gone = replace(_gone(schema, origin, change.name, key), renamed_to=change.new_name)
            return schema.with_view(gone).with_view(new)
        case "create" | "replace":
            stays = known is not None and known.presence is Presence.PRESENT
            if change.asks and stays:
                return schema
            made = change.verb == "create" and not change.asks
            return schema.with_view(_made(schema, origin, statement, change, key, made=made))
        case _:
            return schema


def _made(
    schema: Schema,
    origin: Origin,
    statement: Statement,
    change: ViewChange,
    key: TableKey,
    *,
    made: bool,
) -> View:
    reads = tuple(
        schema.key(name, place)
        for place, name in statement.reads
        if isinstance(name, str) and not isinstance(place, Unknown)
    )
    columns = change.columns
    if columns is not None:
        columns = tuple(
            replace(item, tables=tuple(schema.key(name, place) for place, name in item.tables))
            for item in columns
        )
    return View(
        name=str(change.name),
        schema=key[0],
        since=schema.clock,
        origin=origin,
        reads=reads if len(reads) == len(statement.reads) else None,
        columns=columns,
        made=made,
    )


def _gone(schema: Schema, origin: Origin, name: str, key: TableKey) -> View:
    return View(name=name, schema=key[0], presence=Presence.ABSENT, since=schema.clock, gone=origin)


def _cascaded(schema: Schema, origin: Origin, key: TableKey) -> Schema:
    """The schema without the views that read a table, or a view, and those that read them."""
    for other, view in sorted(schema.views_by_key.items(), key=lambda item: str(item[0])):
        if view.presence is not Presence.ABSENT and key in (view.reads or ()):
            schema = schema.with_view(_gone(schema, origin, view.name, other))
            schema = _cascaded(schema, origin, other)
    return schema


def after_tables(before: Schema, schema: Schema, origin: Origin) -> Schema:
    """The schema when an operation on a table has run, with what that does to views."""
    if before.database not in _FOLLOWING or not before.views_by_key:
        return schema
    operation: Operation = origin.operation
    match operation:
        case DropTable(table=str(name), schema=None | str() as place, cascade=True):
            return _cascaded(schema, origin, schema.key(name, place))
        case DropColumn(
            table=str(name), column=str(column), schema=None | str() as place, cascade=True
        ):
            key = schema.key(name, place)
            for other, view in list(schema.views_by_key.items()):
                reads = reads_column(before, view, key, column)
                if view.presence is not Presence.ABSENT and reads is not False:
                    gone = _gone(schema, origin, view.name, other)
                    perhaps = replace(view, presence=Presence.MAYBE, since=schema.clock)
                    schema = schema.with_view(gone if reads else perhaps)
            return schema
        case RenameTable(table=str(name), new_table=str(new), schema=None | str() as place):
            target = place if isinstance(operation.new_schema, Unset) else operation.new_schema
            if isinstance(target, Unknown):
                return schema
            old, now = schema.key(name, place), schema.key(new, target)
            return _each(schema, lambda view: _with_table(view, old, now))
        case AlterColumn(
            table=str(name), column=str(column), new_name=str(new), schema=None | str() as place
        ):
            key = schema.key(name, place)
            return _each(schema, lambda view: _with_column(view, key, column, new))
        case _:
            return schema


def reads_column(schema: Schema, view: View, key: TableKey, column: str) -> bool | None:
    """Whether a view reads a column of a table; None where its name may be another one's."""
    verdict: bool | None = False
    if view.columns is None:
        return None if key in (view.reads or ()) else False
    table = schema.at(key)
    part = table.column(column)
    older = part is not None and part.since <= view.since
    for item in view.columns:
        if key not in item.tables or not (older if item.name is None else item.name == column):
            continue
        others = [schema.at(other) for other in item.tables if other != key]
        lack = all(
            other.has_column(column) is Presence.ABSENT and other.presence is Presence.PRESENT
            for other in others
        )
        if item.closed and lack:
            return True
        verdict = None
    return verdict


def _each(schema: Schema, change: Callable[[View], View]) -> Schema:
    for view in list(schema.views_by_key.values()):
        other = change(view)
        if other is not view:
            schema = schema.with_view(other)
    return schema


def _with_table(view: View, old: TableKey, new: TableKey) -> View:
    if view.reads is None or old not in view.reads:
        return view
    columns = view.columns
    if columns is not None:
        columns = tuple(
            replace(item, tables=tuple(new if key == old else key for key in item.tables))
            for item in columns
        )
    reads = tuple(new if key == old else key for key in view.reads)
    return replace(view, reads=reads, columns=columns)


def _with_column(view: View, key: TableKey, old: str, new: str) -> View:
    if view.columns is None or not any(key in item.tables for item in view.columns):
        return view

    def renamed(item: ColumnRead) -> ColumnRead:
        return replace(item, name=new) if key in item.tables and item.name == old else item

    return replace(view, columns=tuple(map(renamed, view.columns)))


def joined(one: Schema, other: Schema, clock: int) -> HashTrieMap[TableKey, View]:
    """The views of either of two schemas; what only one has, or lacks, is Maybe."""
    views = one.views_by_key
    if views is other.views_by_key:
        return views
    for key in {*one.views_by_key, *other.views_by_key}:
        view, twin = one.views_by_key.get(key), other.views_by_key.get(key)
        if view is twin:
            continue
        shown = [item for item in (view, twin) if item is not None]
        kept = next((item for item in shown if item.presence is not Presence.ABSENT), shown[0])
        same = len(shown) > 1
        presence = together(item.presence for item in shown) if same else Presence.MAYBE
        views = views.insert(
            key,
            replace(
                kept,
                presence=presence,
                since=clock,
                reads=kept.reads if same and shown[0].reads == shown[1].reads else None,
                columns=kept.columns if same and shown[0].columns == shown[1].columns else None,
            ),
        )
    return views
