"""What a live database holds, as a Schema like those that a replay leads to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.database.types import column_type, declared_type
from alembic_lint.model import (
    Computed,
    Identity,
    IndexElement,
    ServerDefault,
    SqlExpression,
    Type,
    Unknown,
    Value,
)
from alembic_lint.schema import (
    Column,
    Constraint,
    EnumType,
    Index,
    Presence,
    Schema,
    Starts,
    Table,
    View,
)
from alembic_lint.schema.objects import Definition

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine.reflection import Inspector

_Item = Mapping[str, object]

_OWN_SEQUENCES = """
SELECT n.nspname, c.relname, a.attname, s.relname
FROM pg_depend d
JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
"""
_OF_EXTENSIONS = """
SELECT n.nspname, c.relname FROM pg_depend d
JOIN pg_class c ON c.oid = d.objid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass
UNION ALL
SELECT n.nspname, t.typname FROM pg_depend d
JOIN pg_type t ON t.oid = d.objid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE d.deptype = 'e' AND d.classid = 'pg_type'::regclass
"""
_EXCLUSIONS = """
SELECT c.relname, x.conname FROM pg_constraint x
JOIN pg_class c ON c.oid = x.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE x.contype = 'x' AND n.nspname = :schema ORDER BY 1, 2
"""
_TYPES = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relname = :table AND a.attnum > 0 AND NOT a.attisdropped
"""
_CREATE_INDEX = re.compile(
    r"\s*create\s+(unique\s+)?index\b.*?\bon\b[^(]*\(", re.IGNORECASE | re.DOTALL
)


def reflect(
    connection: Connection,
    schemas: Sequence[str | None] = (None,),
    *,
    default: str | None = None,
    without: Iterable[tuple[str | None, str]] = (),
) -> Schema:
    """Read the tables, their columns, keys and indexes, the enum types and the views.

    What an extension owns is left out. Nothing is written.

    Args:
        connection: to the database.
        schemas: which schemas; None is that in which names without a schema stand.
        default: which schema that is; None: the connection's own.
        without: tables that are left out, such as Alembic's own.
    """
    with warnings.catch_warnings():
        # SQLAlchemy warns of types, expressions and options that it cannot reflect.
        warnings.simplefilter("ignore")
        return _Reflection(connection, default, frozenset(without)).schema(schemas)


class _Reflection:
    """One database on its way to a Schema."""

    def __init__(
        self,
        connection: Connection,
        default: str | None,
        without: frozenset[tuple[str | None, str]],
    ) -> None:
        import sqlalchemy  # noqa: PLC0415  (needed by two commands alone)

        self.connection = connection
        self.text = sqlalchemy.text
        self.inspector: Inspector = sqlalchemy.inspect(connection)
        self.dialect = connection.dialect.name
        self.own = self.inspector.default_schema_name
        self.default = default if default is not None else self.own
        self.without = without
        self.extensions: frozenset[tuple[str, str]] = frozenset()
        self.sequences: dict[tuple[str, str, str], str] = {}
        if self.dialect == "postgresql":
            rows = connection.execute(self.text(_OF_EXTENSIONS))
            self.extensions = frozenset((str(place), str(name)) for place, name in rows)
            owned = connection.execute(self.text(_OWN_SEQUENCES))
            self.sequences = {(str(a), str(b), str(c)): str(name) for a, b, c, name in owned}

    def schema(self, schemas: Sequence[str | None]) -> Schema:
        starts = Starts(database=self.dialect, complete=True, default_schema=self.default)
        schema = Schema(starts=starts)
        without = {schema.key(name, place) for place, name in self.without}
        for place in dict.fromkeys(schema.key("", item)[0] for item in schemas):
            for table in self.tables(schema, place):
                if schema.key(table.name, table.schema) not in without:
                    schema = schema.with_table(table)
            for view in self.views(place):
                schema = schema.with_view(view)
            if self.dialect == "postgresql":
                for enum in self.enums(place):
                    schema = schema.with_enum(enum)
        return schema

    def asked(self, place: str | None) -> str | None:
        """The schema as the inspector is asked for it; None is the connection's own."""
        real = self.default if place is None else place
        return None if real == self.own else real

    def real(self, place: str | None) -> str:
        return (self.default if place is None else place) or ""

    def place(self, referred: object) -> str | None:
        """A schema that the inspector names, as a revision would."""
        found = self.own if referred is None else str(referred)
        return None if found == self.default else found

    def tables(self, schema: Schema, place: str | None) -> Iterator[Table]:
        from sqlalchemy.engine.reflection import ObjectKind, ObjectScope  # noqa: PLC0415

        kind, scope, asked = ObjectKind.TABLE, ObjectScope.DEFAULT, self.asked(place)
        ask = self.inspector
        columns = ask.get_multi_columns(asked, kind=kind, scope=scope)
        primary = ask.get_multi_pk_constraint(asked, kind=kind, scope=scope)
        foreign = ask.get_multi_foreign_keys(asked, kind=kind, scope=scope)
        unique = ask.get_multi_unique_constraints(asked, kind=kind, scope=scope)
        checks: Mapping[tuple[str | None, str], object] = {}
        if self.dialect != "mssql":
            checks = ask.get_multi_check_constraints(asked, kind=kind, scope=scope)
        indexes = ask.get_multi_indexes(asked, kind=kind, scope=scope)
        comments: Mapping[tuple[str | None, str], object] = {}
        if self.connection.dialect.supports_comments:
            comments = ask.get_multi_table_comment(asked, kind=kind, scope=scope)
        exclusions = self.exclusions(place)
        for key in sorted(columns, key=lambda item: item[1]):
            name = key[1]
            if (self.real(place), name) in self.extensions:
                continue
            blank = schema.table(name, place)
            definitions = (
                *self.primary(_mapping(primary.get(key))),
                *(self.foreign_key(item) for item in _mappings(foreign.get(key))),
                *map(_unique, _mappings(unique.get(key))),
                *map(_check, _mappings(checks.get(key))),
                *exclusions.get(name, ()),
            )
            yield _table(
                blank,
                comment=_text(_mapping(comments.get(key)).get("text")),
                columns=self.columns(place, name, _mappings(columns[key])),
                constraints=definitions,
                indexes=(
                    *map(_index, self.plain(_mappings(indexes.get(key)))),
                    *self.on_expressions(place, name),
                ),
            )

    def columns(self, place: str | None, table: str, items: list[_Item]) -> list[Column]:
        declared: Mapping[str, Type] = {}
        if self.dialect == "sqlite":
            declared = self.declared(place, table)
        elif any(type(item["type"]).__name__ == "NullType" for item in items):
            declared = self.unrecognised(place, table)
        return [
            self.column(place, table, position, item, declared.get(str(item["name"])))
            for position, item in enumerate(items)
        ]

    def declared(self, place: str | None, table: str) -> dict[str, Type]:
        """The types as SQLite was told of them; SQLAlchemy makes the nearest of its own of some."""
        quoted = self.connection.dialect.identifier_preparer.quote_identifier
        where = self.asked(place)
        prefix = "" if where is None else f"{quoted(where)}."
        rows = self.connection.exec_driver_sql(f"PRAGMA {prefix}table_xinfo({quoted(table)})")
        return {str(row[1]): declared_type(str(row[2]), self.dialect) for row in rows}

    def unrecognised(self, place: str | None, table: str) -> dict[str, Type]:
        """The types of columns that SQLAlchemy has none for, such as an extension's."""
        if self.dialect != "postgresql":
            return {}
        given = {"schema": self.real(place), "table": table}
        rows = self.connection.execute(self.text(_TYPES), given)
        return {str(name): declared_type(str(words), self.dialect) for name, words in rows}

    def column(
        self, place: str | None, table: str, position: int, item: _Item, declared: Type | None
    ) -> Column:
        from sqlalchemy.types import TypeEngine  # noqa: PLC0415

        name, kind = str(item["name"]), item["type"]
        type_: Type = Unknown("the database does not tell")
        if isinstance(kind, TypeEngine) and (declared is None or self.dialect != "sqlite"):
            type_ = column_type(kind, self.dialect)
        if isinstance(type_, Unknown) and declared is not None:
            type_ = declared
        default = _default(item)
        own = self.sequences.get((self.real(place), table, name))
        serial = own is not None and _next_value_of(default, own)
        if serial:
            # That is what SERIAL amounts to, which SQLAlchemy writes for an autoincrement column.
            default = None
        return Column(
            name=name,
            type=type_,
            nullable=bool(item["nullable"]),
            default=default,
            comment=_text(item.get("comment")),
            autoincrement=True if serial or item.get("autoincrement") is True else "auto",
            serial=serial or (self.dialect != "postgresql" and item.get("autoincrement") is True),
            position=position,
        )

    def primary(self, item: _Item) -> Iterator[tuple[str | None, Definition]]:
        columns = _strings(item.get("constrained_columns"))
        if columns:
            yield _text(item.get("name")), model.PrimaryKeyConstraint(columns)

    def foreign_key(self, item: _Item) -> tuple[str | None, Definition]:
        options = _mapping(item.get("options"))
        deferrable = options.get("deferrable")
        definition = model.ForeignKeyConstraint(
            _strings(item["constrained_columns"]),
            str(item["referred_table"]),
            _strings(item["referred_columns"]),
            referent_schema=self.place(item.get("referred_schema")),
            ondelete=_text(options.get("ondelete")),
            onupdate=_text(options.get("onupdate")),
            deferrable=None if deferrable is None else bool(deferrable),
            initially=_text(options.get("initially")),
            match=_text(options.get("match")),
        )
        return _text(item["name"]), definition

    def plain(self, items: list[_Item]) -> list[_Item]:
        """The indexes that are not the database's own for a constraint."""
        merged = self.dialect in {"mysql", "mariadb"}
        return [item for item in items if merged or item.get("duplicates_constraint") is None]

    def on_expressions(self, place: str | None, table: str) -> Iterator[Index]:
        """The indexes of SQLite that SQLAlchemy leaves out, since they are on expressions."""
        if self.dialect != "sqlite":
            return
        quoted = self.connection.dialect.identifier_preparer.quote_identifier
        where = self.asked(place)
        prefix = "" if where is None else f"{quoted(where)}."
        rows = self.connection.exec_driver_sql(
            f"SELECT name, sql FROM {prefix}sqlite_master"  # noqa: S608  (quoted)
            " WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY name",
            (table,),
        )
        for name, sql in rows.all():
            columns = self.connection.exec_driver_sql(
                f"PRAGMA {prefix}index_info({quoted(str(name))})"
            )
            if any(row[2] is None for row in columns):
                yield sqlite_index(str(name), str(sql))

    def exclusions(self, place: str | None) -> dict[str, list[tuple[str | None, Definition]]]:
        found: dict[str, list[tuple[str | None, Definition]]] = {}
        if self.dialect == "postgresql":
            elements = Unknown("the database gives them as text")
            rows = self.connection.execute(self.text(_EXCLUSIONS), {"schema": self.real(place)})
            for table, name in rows:
                listed = found.setdefault(str(table), [])
                listed.append((str(name), model.ExcludeConstraint(elements)))
        return found

    def views(self, place: str | None) -> Iterator[View]:
        asked = self.asked(place)
        names = list(self.inspector.get_view_names(asked))
        if self.dialect == "postgresql":
            names += self.inspector.get_materialized_view_names(asked)
        for name in sorted(names):
            if (self.real(place), name) not in self.extensions:
                yield View(name=name, schema=place)

    def enums(self, place: str | None) -> Iterator[EnumType]:
        from sqlalchemy.dialects.postgresql.base import PGInspector  # noqa: PLC0415

        if isinstance(self.inspector, PGInspector):
            for item in self.inspector.get_enums(self.real(place)):
                name = str(item["name"])
                if (self.real(place), name) not in self.extensions:
                    yield EnumType(name=name, values=_strings(item["labels"]), schema=place)


def _table(
    table: Table,
    *,
    comment: str | None,
    columns: Iterable[Column],
    constraints: Iterable[tuple[str | None, Definition]],
    indexes: Iterable[Index],
) -> Table:
    by_name = {table.fold(item.name): item for item in columns}
    keyed: dict[str, Constraint] = {}
    for position, (name, definition) in enumerate(constraints):
        key = f"\0{position}" if name is None else table.fold(name)
        keyed[key] = Constraint(name=name, definition=definition, position=position)
    of_indexes = {table.fold(str(item.name)): item for item in indexes}
    return replace(
        table,
        presence=Presence.PRESENT,
        comment=comment,
        columns_by_name=HashTrieMap(by_name),
        constraints_by_name=HashTrieMap(keyed),
        indexes_by_name=HashTrieMap(of_indexes),
        next_position=max(len(by_name), len(keyed), len(of_indexes)),
    )


def _default(item: _Item) -> ServerDefault:
    computed, identity = _mapping(item.get("computed")), _mapping(item.get("identity"))
    if computed:
        persisted = computed.get("persisted")
        return Computed(
            str(computed["sqltext"]), persisted if isinstance(persisted, bool) else None
        )
    if identity:
        kept = ("always", "start", "increment", "minvalue", "maxvalue", "cycle", "cache")
        return Identity(tuple((name, _value(identity[name])) for name in kept if name in identity))
    text = _text(item.get("default"))
    return None if text is None else SqlExpression(text)


def _next_value_of(default: ServerDefault, sequence: str) -> bool:
    """Whether a default numbers rows by a sequence."""
    text = default.text if isinstance(default, SqlExpression) else None
    return isinstance(text, str) and text.startswith("nextval(") and sequence in text


def _unique(item: _Item) -> tuple[str | None, Definition]:
    return _text(item["name"]), model.UniqueConstraint(_strings(item["column_names"]))


def _check(item: _Item) -> tuple[str | None, Definition]:
    return _text(item["name"]), model.CheckConstraint(str(item["sqltext"]))


def _index(item: _Item) -> Index:
    columns, expressions = item["column_names"], item.get("expressions")
    written = columns if isinstance(columns, list) else []
    given = expressions if isinstance(expressions, list) else written
    elements: list[IndexElement] = []
    for column, text in zip(written, given, strict=False):
        if isinstance(column, str):
            elements.append(column)
        else:
            unseen = Unknown("the database does not tell the expression")
            elements.append(SqlExpression(str(text)) if isinstance(text, str) else unseen)
    options = _mapping(item.get("dialect_options"))
    keywords = tuple(
        (name, SqlExpression(str(value)) if name.endswith("_where") else _value(value))
        for name, value in sorted(options.items())
        if value not in (None, [], (), {}, False)
    )
    return Index(
        name=str(item["name"]),
        columns=tuple(elements),
        unique=bool(item["unique"]),
        keywords=keywords,
    )


def sqlite_index(name: str, sql: str) -> Index:
    """An index from the statement that made it, as SQLite keeps it."""
    found = re.match(
        r"\s*create\s+(unique\s+)?index\b.*?\bon\b[^(]*\(", sql, re.IGNORECASE | re.DOTALL
    )
    if found is None:
        return Index(name=name, columns=Unknown("the statement that made it reads oddly"))
    parts, depth, at = [""], 0, found.end()
    for at, character in enumerate(sql[found.end() :], found.end()):  # noqa: B007
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    condition = re.fullmatch(r"\)\s*where\s+(.*)", sql[at:], re.IGNORECASE | re.DOTALL)
    elements: list[IndexElement] = []
    for part in parts:
        text = part.strip()
        plain = re.fullmatch(r"\w+", text) or re.fullmatch(r"\"[^\"]+\"", text)
        elements.append(text.strip('"') if plain else SqlExpression(text))
    return Index(
        name=name,
        columns=tuple(elements),
        unique=found[1] is not None,
        keywords=() if condition is None else (("sqlite_where", SqlExpression(condition[1])),),
    )


def _mapping(item: object) -> _Item:
    return {str(key): value for key, value in item.items()} if isinstance(item, Mapping) else {}


def _mappings(items: object) -> list[_Item]:
    return [_mapping(item) for item in items] if isinstance(items, list) else []


def _strings(items: object) -> tuple[str, ...]:
    return tuple(str(item) for item in items) if isinstance(items, list | tuple) else ()


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _value(value: object) -> Value:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return tuple(_value(item) for item in value)
        case Mapping():
            return tuple((str(key), _value(item)) for key, item in value.items())
        case _:
            return str(value)
