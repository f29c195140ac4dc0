"""One statement in a language other than PostgreSQL's, read by sqlglot."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from alembic_lint.extract.sql.lexer import Sql
from alembic_lint.extract.sql.marks import has_mark, known
from alembic_lint.extract.sql.origin import Origin, Read
from alembic_lint.extract.sql.other_alter import Effect, alter_table, rename_tables, sp_rename
from alembic_lint.extract.sql.other_columns import (
    Language,
    element,
    parts,
    read_column,
    read_constraint,
)
from alembic_lint.extract.sql.postgresql_words import read_words
from alembic_lint.extract.sql.statements import (
    HARMLESS_FUNCTIONS,
    HARMLESS_KINDS,
    Tables,
    kind_of,
    named_table,
    table_changed,
)
from alembic_lint.model import (
    Column,
    Constraint,
    CreateIndex,
    CreateTable,
    DropIndex,
    DropTable,
    Index,
    MaybeName,
    Name,
    Operation,
    Statement,
    Unknown,
    Value,
    ViewChange,
)

_VERBS: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Insert, "INSERT"),
    (exp.Update, "UPDATE"),
    (exp.Delete, "DELETE"),
    (exp.Merge, "MERGE"),
    (exp.TruncateTable, "TRUNCATE"),
    (exp.Select, "SELECT"),
)


def read_other(sql: Sql, name: str, origin: Origin, *, lower: bool) -> Read | None:
    """One statement in the language sqlglot calls `name`; None where sqlglot refuses it.

    `lower` says that unquoted names are folded to lower case. Of a statement that sqlglot keeps
    as mere text, only its kind and the table that its first words name are told.
    """
    language = Language(name, lower)
    if name == "postgres" and (made := read_words(sql, origin)) is not None:
        return Statement(kind_of(sql), known(sql.text)), made
    tree = _parse(sql, name)
    if tree is None:
        return None
    try:
        operations, complete = _effect(tree, sql, language, origin)
        tables, reads = _tables(tree, operations, language)
    except (SqlglotError, RecursionError):
        return None
    if not tables and isinstance(tree, exp.Command):
        tables = named_table(sql, lower=lower)
    statement = Statement(
        kind=_kind(tree, sql),
        text=known(sql.text),
        tables=tables,
        reads=reads,
        where=_limited(tree),
        complete=complete,
        views=tuple(_views(tree, language)),
    )
    return statement, operations


@contextmanager
def _silent() -> Iterator[None]:
    """Without the warning that sqlglot logs for each statement it keeps as text."""
    logger = logging.getLogger("sqlglot")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _parse(sql: Sql, name: str) -> exp.Expression | None:
    text = sql.plain
    if [token.text.upper() for token in sql.tokens[-2:]] == ["WITHOUT", "ROWID"]:
        # SQLite's way of storing a table, for which sqlglot would keep all of it as text.
        text = text[: sql.tokens[-2].start]
    try:
        with _silent():
            found = [tree for tree in sqlglot.parse(text, read=name) if tree is not None]
    except (SqlglotError, RecursionError, ValueError):
        return None
    return found[0] if len(found) == 1 and isinstance(found[0], exp.Expression) else None


def _kind(tree: exp.Expression, sql: Sql) -> str:
    for node_type, verb in _VERBS:
        if isinstance(tree, node_type):
            return verb
    kind = kind_of(sql)
    return "INSERT" if kind == "REPLACE" else kind


def _effect(tree: exp.Expression, sql: Sql, language: Language, origin: Origin) -> Effect:
    kind = _kind(tree, sql)
    match tree:
        case exp.Create() if kind in ("CREATE TABLE", "CREATE VIRTUAL TABLE"):
            return _create_table(tree, sql, language, origin)
        case exp.Create() if kind == "CREATE INDEX":
            return _create_index(tree, language, origin)
        case exp.Drop() if kind in ("DROP TABLE", "DROP INDEX"):
            return _drop(tree, kind, language, origin)
        case exp.Alter() if kind == "ALTER TABLE":
            return alter_table(tree, sql, language, origin)
        case exp.Command() if kind == "RENAME TABLE":
            return rename_tables(sql, origin, lower=language.lower)
        case exp.Command() if kind == "CREATE TABLE":
            return _create_unread(sql, language, origin)
        case exp.Execute() | exp.Command() if kind == "EXECUTE":
            return sp_rename(sql, origin)
        case exp.Select() if tree.args.get("into") is not None:
            return (), False
        case exp.Query():
            return (), all(name.lower() in HARMLESS_FUNCTIONS for name in _functions(tree))
        case exp.Pragma():
            return (), True
        case exp.Set() if kind == "SET":
            return (), "search_path" not in sql.text.lower()
        case exp.Command() if kind == "SET":
            return (), "search_path" not in sql.text.lower()
        case exp.Command() if kind == "ALTER SESSION":
            return (), "current_schema" not in sql.text.lower()
        case _:
            return (), kind in HARMLESS_KINDS


def _create_table(tree: exp.Create, sql: Sql, language: Language, origin: Origin) -> Effect:
    schema, table = language.table(tree.this)
    columns: list[Column | Unknown] = []
    constraints: list[Constraint] = []
    indexes: list[Index] = []
    complete = isinstance(tree.this, exp.Schema) and tree.args.get("expression") is None
    for item in parts(tree.this) if isinstance(tree.this, exp.Schema) else ():
        if isinstance(item, exp.ColumnDef):
            read = read_column(item, language, sql)
            columns.append(read.column)
            constraints.extend(read.constraints)
            continue
        if isinstance(item, exp.Identifier | exp.Column):
            # An unknown part, or one of SQLite's columns without a type.
            name = known(language.identifier(item))
            columns.append(name if isinstance(name, Unknown) else Column(name=name))
            complete = complete and not isinstance(name, Unknown)
            continue
        found = read_constraint(item, language)
        if isinstance(found, Index):
            indexes.append(found)
        else:
            constraints.append(found)
            complete = complete and not isinstance(found, Unknown)
    properties = tree.args.get("properties")
    taken = properties is not None and any(
        isinstance(item, exp.LikeProperty | exp.VirtualProperty) for item in parts(properties)
    )
    temporary = properties is not None and any(
        isinstance(item, exp.TemporaryProperty) for item in parts(properties)
    )
    unknown = Unknown("the columns are not those of a list")
    operation = CreateTable(
        table=table,
        schema=schema,
        columns=tuple(columns) if columns and not taken else unknown,
        constraints=tuple(constraints),
        indexes=tuple(indexes),
        if_not_exists=bool(tree.args.get("exists")),
        keywords=(("prefixes", ("TEMPORARY",)),) if temporary else (),
        **origin,
    )
    return (operation,), complete and not taken


def _create_unread(sql: Sql, language: Language, origin: Origin) -> Effect:
    """A CREATE TABLE that sqlglot keeps as text: the table is made, its columns are not told."""
    named = named_table(sql, lower=language.lower)
    if not named:
        return (), False
    words = sql.words(8)
    operation = CreateTable(
        table=named[0][1],
        schema=named[0][0],
        columns=Unknown("the parser does not read this CREATE TABLE"),
        if_not_exists="NOT" in words,
        **origin,
    )
    return (operation,), False


def _create_index(tree: exp.Create, language: Language, origin: Origin) -> Effect:
    index = tree.this
    if not isinstance(index, exp.Index):
        return (), False
    schema, table = language.table(index.args.get("table"))
    name = language.identifier(index.this) if index.this is not None else ""
    options = index.args.get("params")
    keywords: list[tuple[str, Value]] = []
    dialect = language.dialect
    found = parts(options, "columns") if isinstance(options, exp.Expression) else []
    if isinstance(options, exp.Expression):
        where = options.args.get("where")
        if isinstance(where, exp.Where):
            keywords.append((f"{dialect}_where", language.expression(where.this)))
        using = options.args.get("using")
        if isinstance(using, exp.Expression):
            keywords.append((f"{dialect}_using", known(using.name.lower())))
        if include := parts(options, "include"):
            keywords.append((f"{dialect}_include", language.names(include)))
    elements = tuple(element(item, language) for item in found)
    descending = tuple(
        (name, "DESC")
        for item, name in zip(found, elements, strict=True)
        if isinstance(item, exp.Ordered) and item.args.get("desc") and isinstance(name, str)
    )
    if descending:
        keywords.append(("ordering", descending))
    operation = CreateIndex(
        table=table,
        schema=schema,
        index=Index(
            name=known(name) if name else None,
            columns=(
                Unknown("the elements of the index are not all known")
                if not elements or any(isinstance(item, Unknown) for item in elements)
                else elements
            ),
            unique=bool(tree.args.get("unique")),
            keywords=tuple(keywords),
        ),
        if_not_exists=bool(tree.args.get("exists")),
        concurrently=bool(tree.args.get("concurrently")),
        **origin,
    )
    return (operation,), True


def _drop(tree: exp.Drop, kind: str, language: Language, origin: Origin) -> Effect:
    if_exists, cascade = bool(tree.args.get("exists")), bool(tree.args.get("cascade"))
    named = parts(tree, "tables") or ([tree.this] if tree.this is not None else [])
    on = tree.args.get("cluster")
    owner = language.table(on.this) if isinstance(on, exp.OnProperty) else (None, None)
    made: list[Operation] = []
    for node in named:
        schema, name = language.table(node)
        if kind == "DROP TABLE":
            made.append(
                DropTable(table=name, schema=schema, if_exists=if_exists, cascade=cascade, **origin)
            )
            continue
        table: MaybeName = owner[1]
        if language.name == "tsql" and table is None:
            # `DROP INDEX table.index`
            table, schema = schema, None
        made.append(
            DropIndex(
                name=name,
                table=table,
                schema=schema if owner[0] is None else owner[0],
                if_exists=if_exists,
                concurrently=bool(tree.args.get("concurrently")),
                cascade=cascade,
                **origin,
            )
        )
    return tuple(made), bool(made)


def _functions(tree: exp.Expression) -> tuple[str, ...]:
    """The functions that a query calls and sqlglot does not know."""
    return tuple(node.name for node in tree.find_all(exp.Anonymous))


def _view(tree: exp.Expression) -> exp.Expression | None:
    """The name in a CREATE VIEW, which may have a list of columns behind it."""
    if not isinstance(tree, exp.Create) or tree.args.get("kind") != "VIEW":
        return None
    named = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    return named if isinstance(named, exp.Table) else None


def _views(tree: exp.Expression, language: Language) -> Iterator[ViewChange]:
    """The views that a statement makes or drops; which columns they read is not told."""
    if (made := _view(tree)) is not None:
        schema, name = language.table(made)
        verb = "replace" if tree.args.get("replace") else "create"
        yield ViewChange(verb, name, schema, asks=bool(tree.args.get("exists")))
    if isinstance(tree, exp.Drop) and tree.args.get("kind") == "VIEW":
        for node in parts(tree, "tables") or ([tree.this] if tree.this is not None else []):
            schema, name = language.table(node)
            yield ViewChange("drop", name, schema, asks=bool(tree.args.get("exists")))


def _limited(tree: exp.Expression) -> bool:
    """Whether an UPDATE or DELETE has a WHERE, or an unknown part that may hold one."""
    if tree.args.get("where") is not None:
        return True
    target = tree.this if isinstance(tree, exp.Update | exp.Delete) else None
    return isinstance(target, exp.Table) and has_mark(target.alias)


def _tables(
    tree: exp.Expression, operations: tuple[Operation, ...], language: Language
) -> tuple[Tables, Tables]:
    """The tables that a statement changes, and those it reads, each once and in order."""
    changed: dict[tuple[MaybeName, Name], None] = {}
    targets: set[int] = set()
    if isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge):
        target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        if isinstance(target, exp.Table):
            changed[language.table(target)] = None
            targets.add(id(target))
    if isinstance(tree, exp.Delete):
        # MySQL's `DELETE t FROM t JOIN u` names its targets twice.
        for node in parts(tree, "tables"):
            targets.add(id(node))
    if isinstance(tree, exp.TruncateTable):
        for node in parts(tree):
            changed[language.table(node)] = None
            targets.add(id(node))
    for operation in operations:
        if (table := table_changed(operation)) is not None:
            changed[table] = None
    if isinstance(tree, exp.Alter) and isinstance(tree.this, exp.Table):
        changed[language.table(tree.this)] = None
    if (made := _view(tree)) is not None:
        targets.add(id(made))
    elif not isinstance(tree, exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Merge):
        return tuple(changed), ()
    with_names = {node.alias for node in tree.find_all(exp.CTE)}
    reads = dict.fromkeys(
        language.table(node)
        for node in tree.find_all(exp.Table)
        if id(node) not in targets and isinstance(node.this, exp.Identifier)
    )
    return tuple(changed), tuple(
        key for key in reads if not (key[0] is None and key[1] in with_names)
    )
