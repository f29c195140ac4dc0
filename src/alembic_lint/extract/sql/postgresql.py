"""One PostgreSQL statement, read by PostgreSQL's own parser, as a Statement and its operations."""

from __future__ import annotations

import importlib.util
from functools import cache

from alembic_lint.extract.sql.lexer import CHAIN_LIMIT, Sql, scan
from alembic_lint.extract.sql.marks import UNKNOWN_MARK, has_mark, known, word_set
from alembic_lint.extract.sql.origin import Enums, Origin, Read
from alembic_lint.extract.sql.postgresql_blocks import read_block
from alembic_lint.extract.sql.postgresql_columns import read_index
from alembic_lint.extract.sql.postgresql_queries import columns_of
from alembic_lint.extract.sql.postgresql_tables import (
    Effect,
    alter_table,
    create_table,
    create_table_as,
    move,
    rename,
)
from alembic_lint.extract.sql.postgresql_views import view_changes
from alembic_lint.extract.sql.statements import Tables, calls_only, kind_of, table_changed
from alembic_lint.extract.sql.tree import Node, qualified, table_of
from alembic_lint.model import (
    AddEnumValue,
    AlterColumn,
    CreateEnum,
    CreateIndex,
    CreateTableComment,
    DropEnum,
    DropIndex,
    DropTable,
    EnumType,
    MaybeName,
    Name,
    Operation,
    RenameEnum,
    RenameEnumValue,
    Statement,
    Unknown,
)

_HARMLESS = word_set(
    """
        AlterCollationStmt AlterDatabaseSetStmt AlterDatabaseStmt AlterDefaultPrivilegesStmt
        AlterDomainStmt AlterEventTrigStmt AlterExtensionContentsStmt AlterFdwStmt
        AlterForeignServerStmt AlterFunctionStmt AlterObjectDependsStmt AlterOpFamilyStmt
        AlterOperatorStmt AlterOwnerStmt AlterPolicyStmt AlterPublicationStmt AlterRoleSetStmt
        AlterRoleStmt AlterSeqStmt AlterStatsStmt AlterSubscriptionStmt AlterSystemStmt
        AlterTableMoveAllStmt AlterTableSpaceOptionsStmt AlterTSConfigurationStmt
        AlterTSDictionaryStmt AlterTypeStmt AlterUserMappingStmt CheckPointStmt ClosePortalStmt
        ClusterStmt CommentStmt CompositeTypeStmt ConstraintsSetStmt CopyStmt CreateAmStmt
        CreateCastStmt CreateConversionStmt CreateDomainStmt CreateEventTrigStmt
        CreateExtensionStmt CreateFdwStmt CreateForeignServerStmt CreateFunctionStmt
        CreateOpClassStmt CreateOpFamilyStmt CreatePLangStmt CreatePolicyStmt
        CreatePublicationStmt CreateRangeStmt CreateRoleStmt CreateSeqStmt CreateStatsStmt
        CreateSubscriptionStmt CreateTableSpaceStmt CreateTransformStmt CreateTrigStmt
        CreateUserMappingStmt CreatedbStmt DeallocateStmt DeclareCursorStmt DefineStmt
        DeleteStmt DropRoleStmt DropSubscriptionStmt DropTableSpaceStmt DropUserMappingStmt
        FetchStmt GrantRoleStmt GrantStmt InsertStmt ListenStmt LockStmt MergeStmt NotifyStmt
        PrepareStmt RefreshMatViewStmt ReindexStmt RuleStmt SecLabelStmt TransactionStmt
        TruncateStmt UnlistenStmt UpdateStmt VacuumStmt VariableShowStmt ViewStmt
        """
)
"""Statements that change no table, column, key, index, constraint or enum type."""

_CHANGERS = {
    "InsertStmt": "INSERT",
    "UpdateStmt": "UPDATE",
    "DeleteStmt": "DELETE",
    "MergeStmt": "MERGE",
}
_KINDS = {**_CHANGERS, "SelectStmt": "SELECT", "TruncateStmt": "TRUNCATE", "DoStmt": "DO"}

_DROPPED_OPERATIONS = ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_INDEX", "OBJECT_TYPE")
_DROPPED_ALONE = (
    "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_TRIGGER", "OBJECT_EVENT_TRIGGER", "OBJECT_RULE",
    "OBJECT_POLICY", "OBJECT_PUBLICATION", "OBJECT_STATISTIC_EXT", "OBJECT_TRANSFORM",
)  # fmt: skip
"""What nothing but views depends on, so that CASCADE reaches no column."""

_RENAMED_ELSEWHERE = (
    "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FUNCTION", "OBJECT_PROCEDURE",
    "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_ROLE", "OBJECT_RULE", "OBJECT_AGGREGATE",
    "OBJECT_DATABASE", "OBJECT_DOMCONSTRAINT", "OBJECT_EVENT_TRIGGER", "OBJECT_PUBLICATION",
    "OBJECT_STATISTIC_EXT", "OBJECT_TABLESPACE", "OBJECT_ROUTINE", "OBJECT_COLLATION",
)  # fmt: skip


@cache
def parser_installed() -> bool:
    """Whether PostgreSQL's parser is there; it is not on Windows."""
    return importlib.util.find_spec("pgparse") is not None


def parse_statement(sql: Sql) -> Node | None:
    """The tree of one statement, or None where PostgreSQL's parser refuses it or is not there."""
    if not parser_installed():
        return None
    # Slow to import, and most revisions hold no SQL.
    import pgparse  # noqa: PLC0415

    if not sql.sound or sql.chain > CHAIN_LIMIT or "\0" in sql.plain:
        return None
    try:
        found: object = pgparse.parse(sql.plain)
    except (pgparse.PGQueryError, RecursionError, ValueError):
        return None
    match found:
        case [{"stmt": {**statement}}] if len(statement) == 1:
            [(kind, fields)] = statement.items()
            if isinstance(kind, str) and isinstance(fields, dict):
                return Node(kind, fields)
    return None


def read_postgresql(sql: Sql, origin: Origin, enums: Enums) -> Read | None:
    """One statement; None where PostgreSQL's parser refuses it or is not there.

    `enums` are those declared before in the same text; a CREATE TYPE adds its own.
    """
    node = parse_statement(sql)
    if node is None and has_mark(sql.text) and (listed := _enum_of_unknown_values(sql)) is not None:
        node = parse_statement(listed)
    if node is None:
        return None
    block: Tables = ()
    if node.kind == "DoStmt":
        found = read_block(_body(node), lambda part: read_postgresql(part, origin, enums), origin)
        operations, complete, block = found.operations, found.complete, found.tables
    else:
        operations, complete = _effect(node, sql, origin, enums)
    tables, reads = _tables(node, operations)
    statement = Statement(
        kind=_KINDS.get(node.kind) or kind_of(sql),
        text=known(sql.text),
        tables=tables or block,
        reads=reads,
        where=_limited(node),
        complete=complete,
        views=view_changes(node),
        columns=columns_of(node),
    )
    return statement, operations


def _enum_of_unknown_values(sql: Sql) -> Sql | None:
    """`CREATE TYPE … AS ENUM (…)` with a string in place of the values, which are not all known."""
    place = sql.find(0, "ENUM") if sql.words(2) == ("CREATE", "TYPE") else None
    if place is None:
        return None
    return scan(f"{sql.plain[: sql.tokens[place].end]} ('{UNKNOWN_MARK}')")


def _effect(node: Node, sql: Sql, origin: Origin, enums: Enums) -> Effect:
    match node.kind:
        case "CreateStmt":
            return create_table(node, sql, origin, enums)
        case "CreateForeignTableStmt":
            # It is a table with other laws: it has no keys, and another server has its rows.
            return (), False
        case "CreateTableAsStmt" if node.text("objtype") == "OBJECT_TABLE":
            return create_table_as(node, origin)
        case "CreateTableAsStmt":
            return (), True
        case "SelectStmt" if node.node("intoClause") is not None:
            return create_table_as(node, origin)
        case "SelectStmt" | "ExplainStmt":
            return (), calls_only(_functions(node))
        case "AlterTableStmt" if node.text("objtype") in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            return alter_table(node, sql, origin, enums)
        case "AlterTableStmt":
            changed = node.text("objtype") == "OBJECT_INDEX" and any(
                command.text("subtype") == "AT_AttachPartition" for command in node.nodes("cmds")
            )
            return (), not changed
        case "RenameStmt":
            return _rename(node, sql, origin)
        case "AlterObjectSchemaStmt" if node.text("objectType") == "OBJECT_TABLE":
            return move(node, sql, origin)
        case "AlterObjectSchemaStmt":
            return (), node.text("objectType") in _RENAMED_ELSEWHERE
        case "IndexStmt":
            return _create_index(node, sql, origin), True
        case "DropStmt":
            return _drop(node, origin)
        case "CreateEnumStmt":
            return _create_enum(node, origin, enums), True
        case "AlterEnumStmt":
            return _alter_enum(node, origin), True
        case "CommentStmt":
            return _comment(node, origin), True
        case "VariableSetStmt":
            everything = node.text("kind") == "VAR_RESET_ALL"
            return (), not everything and node.text("name") != "search_path"
        case "CreateSchemaStmt":
            return (), not node.nodes("schemaElts")
        case kind:
            return (), kind in _HARMLESS


def _rename(node: Node, sql: Sql, origin: Origin) -> Effect:
    renamed = rename(node, sql, origin)
    if renamed is not None:
        return renamed
    if node.text("renameType") == "OBJECT_TYPE":
        schema, name = qualified(_names(node.node("object")))
        new_name = known(node.text("newname"))
        return (RenameEnum(name=name, schema=schema, new_name=new_name, **origin),), True
    of_view = node.text("renameType") == "OBJECT_COLUMN"
    return (), of_view or node.text("renameType") in _RENAMED_ELSEWHERE


def _create_index(node: Node, sql: Sql, origin: Origin) -> tuple[Operation, ...]:
    schema, table = table_of(node.node("relation"))
    operation = CreateIndex(
        table=table,
        schema=schema,
        index=read_index(node, sql),
        if_not_exists=node.flag("if_not_exists"),
        concurrently=node.flag("concurrent"),
        **origin,
    )
    return (operation,)


def _drop(node: Node, origin: Origin) -> Effect:
    kind = node.text("removeType")
    cascade = node.text("behavior") == "DROP_CASCADE"
    if_exists = node.flag("missing_ok")
    if kind not in _DROPPED_OPERATIONS:
        return (), kind in _DROPPED_ALONE or (not cascade and kind != "OBJECT_SCHEMA")
    made: list[Operation] = []
    for item in node.nodes("objects"):
        schema, name = qualified(_names(item))
        match kind:
            case "OBJECT_INDEX":
                made.append(
                    DropIndex(
                        name=name,
                        schema=schema,
                        if_exists=if_exists,
                        concurrently=node.flag("concurrent"),
                        cascade=cascade,
                        **origin,
                    )
                )
            case "OBJECT_TYPE":
                made.append(
                    DropEnum(
                        name=name, schema=schema, if_exists=if_exists, cascade=cascade, **origin
                    )
                )
            case _:
                made.append(
                    DropTable(
                        table=name, schema=schema, if_exists=if_exists, cascade=cascade, **origin
                    )
                )
    return tuple(made), True


def _create_enum(node: Node, origin: Origin, enums: Enums) -> tuple[Operation, ...]:
    names = node.strings("typeName")
    schema, name = qualified(names)
    values: tuple[Name, ...] | Unknown = node.names("vals")
    if any(has_mark(item) for item in node.strings("vals")):
        # The unknown part may be several values joined by quotes and commas.
        values = Unknown("a part of the SQL text is not known")
    enum = EnumType(name=name, values=values, schema=schema, postgresql=True)
    enums[schema, name] = enum
    return (CreateEnum(enum=enum, **origin),)


def _alter_enum(node: Node, origin: Origin) -> tuple[Operation, ...]:
    schema, name = qualified(node.strings("typeName"))
    new = known(node.text("newVal"))
    if old := node.text("oldVal"):
        return (
            RenameEnumValue(name=name, schema=schema, value=known(old), new_value=new, **origin),
        )
    neighbour = node.text("newValNeighbor")
    beside: MaybeName = known(neighbour) if neighbour else None
    after = node.flag("newValIsAfter")
    return (
        AddEnumValue(
            name=name,
            schema=schema,
            value=new,
            before=None if after else beside,
            after=beside if after else None,
            if_not_exists=node.flag("skipIfNewValExists"),
            **origin,
        ),
    )


def _comment(node: Node, origin: Origin) -> tuple[Operation, ...]:
    names = _names(node.node("object"))
    comment: MaybeName = known(node.text("comment")) if node.text("comment") else None
    match node.text("objtype"):
        case "OBJECT_TABLE":
            schema, table = qualified(names)
            return (CreateTableComment(table=table, schema=schema, comment=comment, **origin),)
        case "OBJECT_COLUMN" if len(names) > 1:
            schema, table = qualified(names[:-1])
            return (
                AlterColumn(
                    table=table, schema=schema, column=known(names[-1]), comment=comment, **origin
                ),
            )
        case _:
            return ()


def _names(node: Node | None) -> tuple[str, ...]:
    """The parts of an object's dotted name, however the statement's tree holds it."""
    match node:
        case None:
            return ()
        case Node(kind="String"):
            return (node.text("sval"),)
        case Node(kind="TypeName"):
            return node.strings("names")
        case _:
            return node.strings("items")


def _body(node: Node) -> str:
    """The text of a DO block in PL/pgSQL, empty for other languages."""
    text = ""
    for item in node.nodes("args"):
        argument = item.node("arg")
        value = argument.text("sval") if argument else ""
        if item.text("defname") == "as":
            text = value
        elif value.lower() != "plpgsql":
            return ""
    return text


def _functions(node: Node) -> tuple[str, ...]:
    """The functions that a statement calls; those of another schema with its name."""
    found: list[str] = []
    for item in node.walk():
        if item.kind == "FuncCall":
            names = item.strings("funcname")
            if names == ("set_config",) and not _sets_search_path(item):
                continue
            found.append(".".join(names[1:] if names[:1] == ("pg_catalog",) else names))
    return tuple(found)


def _sets_search_path(call: Node) -> bool:
    """Whether a call of set_config may change where names are looked up."""
    first = next(iter(call.nodes("args")), None)
    setting = first.node("sval") if first is not None and first.kind == "A_Const" else None
    return setting is None or setting.text("sval").lower() == "search_path"


def _limited(node: Node) -> bool:
    """Whether an UPDATE or DELETE has a WHERE, or an unknown part that may hold one."""
    if node.node("whereClause") is not None:
        return True
    relation = node.node("relation")
    alias = relation.node("alias") if relation else None
    return alias is not None and has_mark(alias.text("aliasname"))


def _tables(node: Node, operations: tuple[Operation, ...]) -> tuple[Tables, Tables]:
    """The tables that a statement changes, and those it reads, each once and in order."""
    changed: dict[tuple[MaybeName, Name], None] = {}
    read: dict[tuple[MaybeName, Name], None] = {}
    targets: set[int] = set()
    with_names: set[Name] = set()
    for item in node.walk():
        relation = item.node("relation")
        if item.kind in _CHANGERS and relation is not None:
            changed[table_of(relation)] = None
            targets.add(id(relation.fields))
        elif item.kind == "TruncateStmt":
            for each in item.nodes("relations"):
                changed[table_of(each)] = None
                targets.add(id(each.fields))
        elif item.kind == "PartitionCmd" and (part := item.node("name")) is not None:
            changed[table_of(part)] = None
            targets.add(id(part.fields))
        elif item.kind == "CommonTableExpr":
            with_names.add(item.text("ctename"))
        elif item.kind == "RangeVar" and id(item.fields) not in targets:
            read[table_of(item)] = None
        elif item.kind == "CreateTrigStmt" and relation is not None:
            changed[table_of(relation)] = None
    for operation in operations:
        if (table := table_changed(operation)) is not None:
            changed[table] = None
    base = node.node("base") if node.kind == "CreateForeignTableStmt" else None
    if base is not None:
        changed[table_of(base.node("relation"))] = None
        read.pop(table_of(base.node("relation")), None)
    if node.kind == "AlterTableStmt" and node.text("objtype") == "OBJECT_TABLE":
        changed[table_of(node.node("relation"))] = None
    reads = tuple(key for key in read if not (key[0] is None and key[1] in with_names))
    return tuple(changed), reads
