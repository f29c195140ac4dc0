"""ALTER TABLE and renames in sqlglot's trees."""

from __future__ import annotations

from sqlglot import exp

from alembic_lint.extract.sql.lexer import Kind, Sql
from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sql.origin import Origin, where_there
from alembic_lint.extract.sql.other_columns import (
    Language,
    default,
    parts,
    read_column,
    read_constraint,
    read_type,
)
from alembic_lint.extract.sql.statements import unquote
from alembic_lint.model import (
    UNSET,
    AddColumn,
    AlterColumn,
    CheckConstraint,
    Constraint,
    CreateCheckConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropIndex,
    ForeignKeyConstraint,
    Index,
    MaybeName,
    Name,
    Operation,
    PrimaryKeyConstraint,
    RenameTable,
    UniqueConstraint,
    Unknown,
)

Effect = tuple[tuple[Operation, ...], bool]
"""The operations of a statement, and whether they tell all it does."""

_UNSEEN: Effect = ((), False)


def alter_table(tree: exp.Alter, sql: Sql, language: Language, origin: Origin) -> Effect:
    """ALTER TABLE with its actions."""
    schema, table = language.table(tree.this)
    operations: list[Operation] = []
    actions = parts(tree, "actions")
    complete = bool(actions)
    if tree.args.get("exists"):
        origin = where_there(origin, table, schema, sql.text)
    for action in actions:
        made, whole = _action(action, table, schema, sql, language, origin)
        operations.extend(made)
        complete = complete and whole
    if not actions and parts(tree, "options"):
        # Only table options such as ENGINE or COMMENT.
        return (), True
    return tuple(operations), complete


def _action(
    node: object, table: Name, schema: MaybeName, sql: Sql, language: Language, origin: Origin
) -> Effect:
    match node:
        case exp.ColumnDef():
            read = read_column(node, language, sql)
            added = AddColumn(
                table=table,
                schema=schema,
                column=read.column,
                if_not_exists=bool(node.args.get("exists")),
                **origin,
            )
            more = (_add(item, table, schema, origin) for item in read.constraints)
            return (added, *(item for item in more if item is not None)), True
        case exp.Schema():
            effects = [_action(item, table, schema, sql, language, origin) for item in parts(node)]
            made = tuple(operation for operations, _ in effects for operation in operations)
            return made, all(whole for _, whole in effects)
        case exp.Drop():
            return _drop(node, table, schema, language, origin)
        case exp.DropPrimaryKey():
            dropped = DropConstraint(
                table=table, schema=schema, name=None, type_="primary", **origin
            )
            return (dropped,), True
        case exp.AlterRename():
            new_schema, new_table = language.table(node.this)
            renamed = RenameTable(
                table=table,
                schema=schema,
                new_table=new_table,
                new_schema=UNSET if new_schema is None else new_schema,
                **origin,
            )
            return (renamed,), True
        case exp.RenameColumn():
            altered = AlterColumn(
                table=table,
                schema=schema,
                column=known(language.identifier(node.this)),
                new_name=known(language.identifier(node.args.get("to"))),
                **origin,
            )
            return (altered,), not node.args.get("exists")
        case exp.AlterColumn():
            return _alter(node, table, schema, language, origin)
        case exp.ModifyColumn():
            return _modify(node, table, schema, sql, language, origin)
        case exp.AddConstraint():
            added_all = [
                _add(read_constraint(item, language), table, schema, origin) for item in parts(node)
            ]
            return tuple(item for item in added_all if item is not None), None not in added_all
        case _:
            return _UNSEEN


def _drop(
    node: exp.Drop, table: Name, schema: MaybeName, language: Language, origin: Origin
) -> Effect:
    kind = str(node.args.get("kind") or "").upper()
    if_exists, cascade = bool(node.args.get("exists")), bool(node.args.get("cascade"))
    targets = parts(node, "tables") or ([node.this] if node.this is not None else [])
    made: list[Operation] = []
    for target in targets:
        name = known(language.identifier(target))
        match kind:
            case "COLUMN":
                made.append(
                    DropColumn(
                        table=table,
                        schema=schema,
                        column=name,
                        if_exists=if_exists,
                        cascade=cascade,
                        **origin,
                    )
                )
            case "CONSTRAINT" | "FOREIGN KEY" | "CHECK":
                type_ = {"FOREIGN KEY": "foreignkey", "CHECK": "check"}.get(kind)
                made.append(
                    DropConstraint(
                        table=table,
                        schema=schema,
                        name=name,
                        type_=type_,
                        if_exists=if_exists,
                        cascade=cascade,
                        **origin,
                    )
                )
            case "INDEX" | "KEY":
                made.append(
                    DropIndex(name=name, table=table, schema=schema, if_exists=if_exists, **origin)
                )
            case _:
                return _UNSEEN
    return tuple(made), bool(made)


def _alter(
    node: exp.AlterColumn, table: Name, schema: MaybeName, language: Language, origin: Origin
) -> Effect:
    """ALTER COLUMN: a new type, nullability, or default."""
    column = known(language.identifier(node.this))
    allow_null = node.args.get("allow_null")
    kind, value = node.args.get("dtype"), node.args.get("default")
    using = node.args.get("using")
    drops = bool(node.args.get("drop"))
    if not any((kind, value, drops)) and allow_null is None:
        return _UNSEEN
    cast = language.expression(using) if isinstance(using, exp.Expression) else UNSET
    altered = AlterColumn(
        table=table,
        schema=schema,
        column=column,
        type=read_type(kind, language) if kind is not None else UNSET,
        nullable=UNSET if allow_null is None else bool(allow_null),
        server_default=(
            default(value, language)
            if value is not None
            else None
            if drops and allow_null is None
            else UNSET
        ),
        using=UNSET if isinstance(cast, Unknown) else cast,
        **origin,
    )
    return (altered,), True


def _modify(
    node: exp.ModifyColumn,
    table: Name,
    schema: MaybeName,
    sql: Sql,
    language: Language,
    origin: Origin,
) -> Effect:
    """MySQL's MODIFY and CHANGE, which give all of a column anew."""
    if not isinstance(node.this, exp.ColumnDef):
        return _UNSEEN
    read = read_column(node.this, language, sql)
    column = read.column
    old = node.args.get("rename_from")
    name = column.name if old is None else known(language.identifier(old))
    altered = AlterColumn(
        table=table,
        schema=schema,
        column=name,
        new_name=UNSET if old is None or name == column.name else column.name,
        type=UNSET if column.type is None else column.type,
        nullable=True if column.nullable is None else column.nullable,
        server_default=column.server_default,
        autoincrement=column.autoincrement is True,
        comment=column.comment,
        **origin,
    )
    return (altered,), not (read.constraints or column.unique or column.primary_key)


def _add(
    constraint: Constraint | Index, table: Name, schema: MaybeName, origin: Origin
) -> Operation | None:
    """The operation that adds a constraint or an index to a table."""
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
        case Index():
            return CreateIndex(table=table, schema=schema, index=constraint, **origin)
        case _:
            return None


def rename_tables(sql: Sql, origin: Origin, *, lower: bool) -> Effect:
    """MySQL's RENAME TABLE a TO b, c TO d."""
    operations: list[Operation] = []
    for start, end in sql.items(2):
        to = sql.find(start, "TO", end=end)
        old = None if to is None else _dotted(sql, start, to, lower=lower)
        new = None if to is None else _dotted(sql, to + 1, end, lower=lower)
        if old is None or new is None:
            return _UNSEEN
        operations.append(
            RenameTable(
                table=known(old[1]),
                schema=None if old[0] is None else known(old[0]),
                new_table=known(new[1]),
                new_schema=UNSET if new[0] is None else known(new[0]),
                **origin,
            )
        )
    return tuple(operations), bool(operations)


def _dotted(sql: Sql, start: int, end: int, *, lower: bool) -> tuple[str | None, str] | None:
    tokens = sql.tokens[start:end]
    names = [unquote(token, lower=lower) for token in tokens if token.text != "."]
    if len(tokens) != 2 * len(names) - 1 or not 1 <= len(names) <= 2:
        return None
    return (names[0] if len(names) == 2 else None), names[-1]


def sp_rename(sql: Sql, origin: Origin) -> Effect:
    """SQL Server's `EXEC sp_rename 'table.column', 'name', 'COLUMN'`."""
    words = sql.words(2)
    given = [token.text for token in sql.tokens[2:] if token.kind is Kind.STRING]
    if words[1:] != ("SP_RENAME",) or len(sql.tokens) != 2 * len(given) + 1 or len(given) < 2:
        return _UNSEEN
    old, new, *kind = (text.lstrip("Nn").strip("'") for text in given)
    path = [part.strip("[]") for part in old.split(".")]
    match [item.upper() for item in kind], path:
        case ["COLUMN"], [*schema, table, column] if len(schema) < 2:
            altered = AlterColumn(
                table=known(table),
                schema=known(schema[0]) if schema else None,
                column=known(column),
                new_name=known(new),
                **origin,
            )
            return (altered,), True
        case [] | ["OBJECT"], [*schema, table] if len(schema) < 2:
            renamed = RenameTable(
                table=known(table),
                schema=known(schema[0]) if schema else None,
                new_table=known(new),
                **origin,
            )
            return (renamed,), True
        case _:
            return _UNSEEN
