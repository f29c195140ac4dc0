"""PostgreSQL's CREATE TABLE, ALTER TABLE and what renames or moves their parts."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint.extract.sql.lexer import Sql
from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sql.origin import Enums, Origin, where_there
from alembic_lint.extract.sql.postgresql_columns import (
    default,
    identity,
    read_column,
    read_constraint,
)
from alembic_lint.extract.sql.tree import Node, table_of
from alembic_lint.extract.sql.types import type_of
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreatePrimaryKey,
    CreateTable,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    ExcludeConstraint,
    ForeignKeyConstraint,
    MaybeName,
    Name,
    Operation,
    PrimaryKeyConstraint,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    SqlExpression,
    UniqueConstraint,
    Unknown,
    ValidateConstraint,
    Value,
)

Effect = tuple[tuple[Operation, ...], bool]
"""The operations of a statement, and whether they tell all it does."""

_HARMLESS_COMMANDS = frozenset(
    {
        "AT_ChangeOwner", "AT_SetRelOptions", "AT_ResetRelOptions", "AT_ReplaceRelOptions",
        "AT_SetStatistics", "AT_SetOptions", "AT_ResetOptions", "AT_SetStorage",
        "AT_SetCompression", "AT_ClusterOn", "AT_DropCluster", "AT_SetLogged", "AT_SetUnLogged",
        "AT_SetTableSpace", "AT_SetAccessMethod", "AT_EnableTrig", "AT_EnableAlwaysTrig",
        "AT_EnableReplicaTrig", "AT_DisableTrig", "AT_EnableTrigAll", "AT_DisableTrigAll",
        "AT_EnableTrigUser", "AT_DisableTrigUser", "AT_EnableRule", "AT_EnableAlwaysRule",
        "AT_EnableReplicaRule", "AT_DisableRule", "AT_EnableRowSecurity",
        "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity",
        "AT_ReplicaIdentity", "AT_SetIdentity", "AT_GenericOptions",
        "AT_AlterColumnGenericOptions",
    }
)  # fmt: skip


def create_table(node: Node, sql: Sql, origin: Origin, enums: Enums) -> Effect:
    """CREATE TABLE with a list of columns."""
    relation = node.node("relation")
    schema, table = table_of(relation)
    complete = not (node.nodes("inhRelations") or node.node("ofTypename"))
    columns: list[Column | Unknown] = []
    constraints: list[Constraint] = []
    for element in node.nodes("tableElts"):
        match element.kind:
            case "ColumnDef":
                name = relation.text("relname") if relation else ""
                read = read_column(element, sql, name, enums)
                columns.append(read.column)
                constraints.extend(read.constraints)
                complete = complete and read.complete
            case "Constraint":
                constraints.append(read_constraint(element, sql))
            case _:
                complete = False
                columns.append(Unknown("the columns are those of another table"))
    inherited = bool(node.nodes("inhRelations") or node.node("ofTypename"))
    if inherited:
        columns.append(Unknown("the columns are those of another table"))
    if any(isinstance(item, Unknown) for item in constraints):
        complete = False
    operation = CreateTable(
        table=table,
        schema=schema,
        columns=tuple(columns),
        constraints=tuple(constraints),
        if_not_exists=node.flag("if_not_exists"),
        keywords=(*_prefixes(relation), *_partition(node, sql)),
        inherits=tuple(table_of(parent) for parent in node.nodes("inhRelations")),
        partition=node.node("partbound") is not None,
        **origin,
    )
    return (operation,), complete


def _partition(node: Node, sql: Sql) -> tuple[tuple[str, Value], ...]:
    """PARTITION BY, as SQLAlchemy's `postgresql_partition_by` has it."""
    by = sql.find(0, "PARTITION") if node.node("partspec") is not None else None
    start = None if by is None else sql.find(by, "BY")
    group = None if start is None else sql.group(start)
    if start is None or group is None:
        return ()
    return (("postgresql_partition_by", known(sql.cut(start + 1, group[1] + 1))),)


def create_table_as(node: Node, origin: Origin) -> Effect:
    """CREATE TABLE … AS, SELECT … INTO: a table whose columns are those of a query."""
    into = node.node("into") or node.node("intoClause")
    relation = into.node("rel") if into else None
    schema, table = table_of(relation)
    operation = CreateTable(
        table=table,
        schema=schema,
        columns=Unknown("the columns are those of a query"),
        if_not_exists=node.flag("if_not_exists"),
        keywords=_prefixes(relation),
        **origin,
    )
    return (operation,), False


def _prefixes(relation: Node | None) -> tuple[tuple[str, Value], ...]:
    """TEMPORARY and UNLOGGED, as SQLAlchemy's `prefixes=` would give them."""
    persistence = "" if relation is None else relation.text("relpersistence")
    prefix = {"t": "TEMPORARY", "u": "UNLOGGED"}.get(persistence)
    return () if prefix is None else (("prefixes", (prefix,)),)


@dataclass(frozen=True, slots=True)
class _Target:
    """The table that an ALTER TABLE names."""

    table: Name
    schema: MaybeName
    text: str


def alter_table(node: Node, sql: Sql, origin: Origin, enums: Enums) -> Effect:
    """ALTER TABLE with its subcommands; with IF EXISTS, they run where the table is there."""
    relation = node.node("relation")
    schema, table = table_of(relation)
    target = _Target(table, schema, relation.text("relname") if relation else "")
    start = sql.at(relation.number("location")) if relation else 0
    begin = start + 1
    while begin + 1 < len(sql.tokens) and sql.tokens[begin].text == ".":
        begin += 2
    items = sql.items(begin)
    commands = node.nodes("cmds")
    operations: list[Operation] = []
    complete = len(items) == len(commands)
    if node.flag("missing_ok"):
        origin = where_there(origin, table, schema, sql.text)
    for number, command in enumerate(commands):
        part = items[number] if number < len(items) else (0, 0)
        made, whole = _command(command, sql, part, target, origin, enums)
        operations.extend(made)
        complete = complete and whole
    return tuple(operations), complete


def _command(
    node: Node, sql: Sql, part: tuple[int, int], target: _Target, origin: Origin, enums: Enums
) -> Effect:
    """One subcommand of ALTER TABLE; `part` are the numbers of its tokens."""
    table, schema = target.table, target.schema
    name = known(node.text("name"))
    cascade = node.text("behavior") == "DROP_CASCADE"
    definition = node.node("def")

    def alter(*parts: AlterColumn) -> Effect:
        return parts, True

    match node.text("subtype"):
        case "AT_AddColumn" if definition is not None:
            read = read_column(definition, sql, target.text, enums)
            added = AddColumn(
                table=table,
                schema=schema,
                column=read.column,
                if_not_exists=node.flag("missing_ok"),
                **origin,
            )
            more = (_add(item, target, origin) for item in read.constraints)
            return (added, *(item for item in more if item is not None)), read.complete
        case "AT_DropColumn":
            dropped = DropColumn(
                table=table,
                schema=schema,
                column=name,
                if_exists=node.flag("missing_ok"),
                cascade=cascade,
                **origin,
            )
            return (dropped,), True
        case "AT_AlterColumnType" if definition is not None:
            place = sql.find(part[0], "USING", end=part[1])
            using = UNSET if place is None else SqlExpression(known(sql.cut(place + 1, part[1])))
            made = AlterColumn(
                table=table,
                schema=schema,
                column=name,
                type=type_of(definition.node("typeName"), enums),
                using=using,
                **origin,
            )
            return (made,), True
        case "AT_SetNotNull":
            return alter(
                AlterColumn(table=table, schema=schema, column=name, nullable=False, **origin)
            )
        case "AT_DropNotNull":
            return alter(
                AlterColumn(table=table, schema=schema, column=name, nullable=True, **origin)
            )
        case "AT_ColumnDefault":
            value = None
            if definition is not None:
                place = sql.find(part[0], "DEFAULT", end=part[1])
                text = "" if place is None else sql.cut(place + 1, part[1])
                value = default(definition, text)
            return alter(
                AlterColumn(table=table, schema=schema, column=name, server_default=value, **origin)
            )
        case "AT_AddIdentity" if definition is not None:
            return alter(
                AlterColumn(
                    table=table,
                    schema=schema,
                    column=name,
                    server_default=identity(definition),
                    **origin,
                )
            )
        case "AT_DropIdentity" | "AT_DropExpression":
            return alter(
                AlterColumn(table=table, schema=schema, column=name, server_default=None, **origin)
            )
        case "AT_SetExpression":
            group = sql.group(part[0])
            computed = Computed(
                Unknown("the expression is not read") if group is None else known(sql.cut(*group)),
                persisted=True,
            )
            return alter(
                AlterColumn(
                    table=table, schema=schema, column=name, server_default=computed, **origin
                )
            )
        case "AT_AddConstraint" if definition is not None:
            constraint = _add(read_constraint(definition, sql), target, origin)
            return ((), False) if constraint is None else ((constraint,), True)
        case "AT_DropConstraint":
            removed = DropConstraint(
                table=table,
                schema=schema,
                name=name,
                if_exists=node.flag("missing_ok"),
                cascade=cascade,
                **origin,
            )
            return (removed,), True
        case "AT_ValidateConstraint":
            return (ValidateConstraint(table=table, schema=schema, name=name, **origin),), True
        case kind:
            return (), kind in _HARMLESS_COMMANDS


def _add(constraint: Constraint, target: _Target, origin: Origin) -> Operation | None:
    """The operation that adds a constraint to a table."""
    table, schema = target.table, target.schema
    match constraint:
        case PrimaryKeyConstraint():
            return CreatePrimaryKey(table=table, schema=schema, constraint=constraint, **origin)
        case UniqueConstraint():
            return CreateUniqueConstraint(
                table=table, schema=schema, constraint=constraint, **origin
            )
        case CheckConstraint():
            return CreateCheckConstraint(
                table=table, schema=schema, constraint=constraint, **origin
            )
        case ForeignKeyConstraint():
            return CreateForeignKey(table=table, schema=schema, constraint=constraint, **origin)
        case ExcludeConstraint():
            return CreateExcludeConstraint(
                table=table, schema=schema, constraint=constraint, **origin
            )
        case Unknown():
            return None


def rename(node: Node, sql: Sql, origin: Origin) -> Effect | None:
    """ALTER … RENAME of a table or of its parts; None where it is something else's."""
    schema, table = table_of(node.node("relation"))
    old, new = known(node.text("subname")), known(node.text("newname"))
    missing = node.flag("missing_ok")
    if missing and node.text("renameType") != "OBJECT_INDEX":
        origin = where_there(origin, table, schema, sql.text)
    match node.text("renameType"), node.text("relationType"):
        case "OBJECT_TABLE" | "OBJECT_FOREIGN_TABLE", _:
            renamed = RenameTable(
                table=table, schema=schema, new_table=new, if_exists=missing, **origin
            )
            return (renamed,), True
        case "OBJECT_INDEX", _:
            index = RenameIndex(
                name=table, schema=schema, new_name=new, if_exists=missing, **origin
            )
            return (index,), True
        case "OBJECT_COLUMN", "OBJECT_TABLE" | "OBJECT_FOREIGN_TABLE":
            column = AlterColumn(table=table, schema=schema, column=old, new_name=new, **origin)
            return (column,), True
        case "OBJECT_TABCONSTRAINT", _:
            constraint = RenameConstraint(
                table=table, schema=schema, name=old, new_name=new, **origin
            )
            return (constraint,), True
        case _:
            return None


def move(node: Node, sql: Sql, origin: Origin) -> Effect:
    """ALTER TABLE … SET SCHEMA."""
    schema, table = table_of(node.node("relation"))
    if node.flag("missing_ok"):
        origin = where_there(origin, table, schema, sql.text)
    operation = RenameTable(
        table=table,
        schema=schema,
        new_table=table,
        new_schema=known(node.text("newschema")),
        if_exists=node.flag("missing_ok"),
        **origin,
    )
    return (operation,), True
