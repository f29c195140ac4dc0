"""What a database holds, as plain data: everything that SQLAlchemy's inspector tells of it.

Names of the default schema are given with the schema None. Nothing here interprets: types keep
their rendered text, conditions and defaults the text that the database gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.engine.reflection import Inspector, ObjectKind, ObjectScope

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

Item = TypeVar("Item", bound=Mapping[str, object])

SYSTEM = frozenset({"information_schema", "pg_catalog", "pg_toast"})
PARAMETERS = (
    "length",
    "precision",
    "scale",
    "timezone",
    "collation",
    "fields",
    "dimensions",
    "name",
    "schema",
    "as_uuid",
    "decimal_return_scale",
)


class Column(TypedDict):
    """A column. `default` is the server's, as the database writes it; None means there is none."""

    name: str
    type: dict[str, Plain]
    nullable: bool
    default: str | None
    identity: Plain
    computed: Plain
    autoincrement: Plain
    comment: str | None


class PrimaryKey(TypedDict):
    """A primary key; without columns there is none."""

    name: str | None
    columns: list[str]
    options: Plain


class ForeignKey(TypedDict):
    """A foreign key. `options` may have ondelete, onupdate, deferrable, initially and match."""

    name: str | None
    columns: list[str]
    referred_schema: str | None
    referred_table: str
    referred_columns: list[str]
    options: dict[str, Plain]


class Unique(TypedDict):
    """A unique constraint."""

    name: str | None
    columns: list[str]
    options: Plain


class Check(TypedDict):
    """A check constraint, with the text that the database gives."""

    name: str | None
    text: str
    options: Plain


class Index(TypedDict):
    """An index.

    `columns` has None where an expression stands, and `expressions` all of them as text, or None
    where there are columns only. `constraint` names the unique constraint that the index is of.
    """

    name: str | None
    columns: list[str | None]
    expressions: list[str] | None
    unique: bool
    method: str | None
    where: str | None
    constraint: str | None
    sorting: Plain
    options: dict[str, Plain]


class Table(TypedDict):
    """A table with all that belongs to it."""

    schema: str | None
    name: str
    comment: str | None
    columns: list[Column]
    primary_key: PrimaryKey
    foreign_keys: list[ForeignKey]
    unique_constraints: list[Unique]
    check_constraints: list[Check]
    indexes: list[Index]


class View(TypedDict):
    """A view."""

    schema: str | None
    name: str
    materialized: bool


class Enum(TypedDict):
    """A PostgreSQL enum type, with its values in order."""

    schema: str | None
    name: str
    values: list[str]


class Database(TypedDict):
    """All of a database that is not the server's own.

    Tables and views that belong to an extension are left out.
    """

    tables: list[Table]
    views: list[View]
    enums: list[Enum]
    sequences: list[list[str | None]]
    extensions: list[str]


def reflect(engine: sa.Engine) -> Database:
    """Everything in a database, sorted by schema and name."""
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        default = inspector.default_schema_name
        postgresql = engine.dialect.name == "postgresql"
        extensions = _extensions(connection) if postgresql else {}
        owned = {name for names in extensions.values() for name in names}
        schemas: list[str | None] = [None]
        if postgresql:
            schemas += [
                item
                for item in inspector.get_schema_names()
                if item not in SYSTEM and item != default and not item.startswith("pg_")
            ]
        tables: list[Table] = []
        views: list[View] = []
        enums: list[Enum] = []
        sequences: list[list[str | None]] = []
        for schema in schemas:
            place = schema or default or ""
            tables += [
                item
                for item in _tables(inspector, schema, engine.dialect)
                if (place, item["name"]) not in owned
            ]
            views += [
                View(schema=schema, name=name, materialized=materialized)
                for name, materialized in _views(inspector, schema, postgresql=postgresql)
                if (place, name) not in owned
            ]
            if postgresql:
                sequences += [[schema, name] for name in inspector.get_sequence_names(schema)]
                enums += _enums(connection, place, schema)
    return Database(
        tables=tables, views=views, enums=enums, sequences=sequences, extensions=sorted(extensions)
    )


def _tables(inspector: Inspector, schema: str | None, dialect: Dialect) -> Iterable[Table]:
    kind, scope = ObjectKind.TABLE, ObjectScope.DEFAULT
    columns = inspector.get_multi_columns(schema, kind=kind, scope=scope)
    primary = inspector.get_multi_pk_constraint(schema, kind=kind, scope=scope)
    foreign = inspector.get_multi_foreign_keys(schema, kind=kind, scope=scope)
    unique = inspector.get_multi_unique_constraints(schema, kind=kind, scope=scope)
    checks = inspector.get_multi_check_constraints(schema, kind=kind, scope=scope)
    indexes = inspector.get_multi_indexes(schema, kind=kind, scope=scope)
    comments: Mapping[tuple[str | None, str], Mapping[str, object]] = {}
    if dialect.supports_comments:
        comments = dict(inspector.get_multi_table_comment(schema, kind=kind, scope=scope))
    for key in sorted(columns, key=lambda item: item[1]):
        primary_key: Mapping[str, object] = dict(primary.get(key) or {})
        yield Table(
            schema=schema,
            name=key[1],
            comment=_text(comments.get(key, {}).get("text")),
            columns=[_column(dict(item), dialect) for item in columns[key]],
            primary_key=PrimaryKey(
                name=_text(primary_key.get("name")),
                columns=_names(primary_key.get("constrained_columns")),
                options=plain(primary_key.get("dialect_options")),
            ),
            foreign_keys=_by_name(_foreign_key(dict(item)) for item in foreign.get(key, ())),
            unique_constraints=_by_name(
                Unique(
                    name=_text(item["name"]),
                    columns=list(item["column_names"]),
                    options=plain(item.get("dialect_options")),
                )
                for item in unique.get(key, ())
            ),
            check_constraints=_by_name(
                Check(
                    name=_text(item["name"]),
                    text=item["sqltext"],
                    options=plain(item.get("dialect_options")),
                )
                for item in checks.get(key, ())
            ),
            indexes=_by_name(_index(dict(item)) for item in indexes.get(key, ())),
        )


def _column(item: dict[str, object], dialect: Dialect) -> Column:
    kind = item["type"]
    assert isinstance(kind, sa.types.TypeEngine)
    return Column(
        name=str(item["name"]),
        type=described(kind, dialect),
        nullable=bool(item["nullable"]),
        default=_text(item.get("default")),
        identity=plain(item.get("identity")),
        computed=plain(item.get("computed")),
        autoincrement=plain(item.get("autoincrement")),
        comment=_text(item.get("comment")),
    )


def described(kind: sa.types.TypeEngine[object], dialect: Dialect) -> dict[str, Plain]:
    """A type: its class, SQLAlchemy's name for its family, its text, and its parameters."""
    family = getattr(kind, "__visit_name__", "")
    found: dict[str, Plain] = {"class": type(kind).__name__, "family": str(family)}
    try:
        found["text"] = kind.compile(dialect)
    except sa.exc.CompileError:
        found["text"] = None
    for name in PARAMETERS:
        value = getattr(kind, name, None)
        if value is not None:
            found[name] = plain(value)
    enums = getattr(kind, "enums", None)
    if enums is not None:
        found["values"] = plain(list(enums))
    item = getattr(kind, "item_type", None)
    if isinstance(item, sa.types.TypeEngine):
        found["item"] = described(item, dialect)
    return found


def _foreign_key(item: dict[str, object]) -> ForeignKey:
    columns, referred = item["constrained_columns"], item["referred_columns"]
    assert isinstance(columns, list)
    assert isinstance(referred, list)
    options = item.get("options") or {}
    assert isinstance(options, dict)
    return ForeignKey(
        name=_text(item["name"]),
        columns=columns,
        referred_schema=_text(item["referred_schema"]),
        referred_table=str(item["referred_table"]),
        referred_columns=referred,
        options={name: plain(value) for name, value in sorted(options.items())},
    )


def _index(item: dict[str, object]) -> Index:
    options = item.get("dialect_options") or {}
    assert isinstance(options, dict)
    columns, expressions = item["column_names"], item.get("expressions")
    assert isinstance(columns, list)
    known = {"postgresql_using", "postgresql_where", "sqlite_where"}
    where = options.get("postgresql_where", options.get("sqlite_where"))
    return Index(
        name=_text(item["name"]),
        columns=columns,
        expressions=[str(part) for part in expressions] if isinstance(expressions, list) else None,
        unique=bool(item["unique"]),
        method=_text(options.get("postgresql_using")),
        where=None if where is None else str(where),
        constraint=_text(item.get("duplicates_constraint")),
        sorting=plain(item.get("column_sorting")),
        options={
            name: plain(value)
            for name, value in sorted(options.items())
            if name not in known and value not in (None, [], (), {})
        },
    )


def _views(
    inspector: Inspector, schema: str | None, *, postgresql: bool
) -> Iterable[tuple[str, bool]]:
    yield from ((name, False) for name in sorted(inspector.get_view_names(schema)))
    if postgresql:
        names = inspector.get_materialized_view_names(schema)
        yield from ((name, True) for name in sorted(names))


def _enums(connection: sa.Connection, place: str, schema: str | None) -> list[Enum]:
    query = sa.text(
        "SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)"
        " FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid"
        " JOIN pg_namespace n ON n.oid = t.typnamespace"
        " WHERE n.nspname = :schema GROUP BY 1 ORDER BY 1"
    )
    rows = connection.execute(query, {"schema": place})
    return [Enum(schema=schema, name=name, values=list(values)) for name, values in rows]


def _extensions(connection: sa.Connection) -> dict[str, list[tuple[str, str]]]:
    """The extensions but the standard one, with the tables and views that belong to each."""
    query = sa.text(
        "SELECT x.extname, n.nspname, c.relname FROM pg_extension x"
        " LEFT JOIN pg_depend d ON d.refobjid = x.oid AND d.deptype = 'e'"
        " AND d.classid = 'pg_class'::regclass"
        " LEFT JOIN pg_class c ON c.oid = d.objid"
        " LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE x.extname <> 'plpgsql' ORDER BY 1, 2, 3"
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for extension, schema, name in connection.execute(query):
        names = found.setdefault(extension, [])
        if name is not None:
            names.append((schema, name))
    return found


def _by_name(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item["name"] is None, str(item["name"]), str(item)))


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def plain(value: object) -> Plain:
    """A value that JSON can hold."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return str(value)
