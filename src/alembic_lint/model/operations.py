"""Operations, under Alembic's own names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from alembic_lint.model.context import (
    Call,
    Context,
    Direction,
)
from alembic_lint.model.values import (
    UNSET,
    CheckConstraint,
    Column,
    Constraint,
    EnumType,
    ExcludeConstraint,
    Flag,
    ForeignKeyConstraint,
    Index,
    MaybeName,
    Name,
    PrimaryKeyConstraint,
    ServerDefault,
    SqlExpression,
    Statement,
    Type,
    UniqueConstraint,
    Unknown,
    Unset,
    Value,
)
from alembic_lint.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Operation:
    """What every operation carries.

    `span` is in the revision's own file: the call itself, or, where that lies in another file, the
    last call in this file on the way to it.
    """

    span: Span
    call: Call
    direction: Direction = Direction.UPGRADE
    context: Context = field(default_factory=Context)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(_Operation):
    """`op.create_table`; `columns` and `constraints` in their order, table-level indexes apart.

    An item that is not known stands as an Unknown among both, for any number of them.
    `inherits` are the schemas and names of the tables that it takes its columns from, and
    `partition` tells that it is a partition of the one that stands there.
    """

    table: Name
    schema: MaybeName = None
    columns: tuple[Column | Unknown, ...] | Unknown = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    if_not_exists: Flag = False
    comment: MaybeName = None
    keywords: tuple[tuple[str, Value], ...] = ()
    inherits: tuple[tuple[MaybeName, Name], ...] = ()
    partition: bool = False

    @property
    def temporary(self) -> bool:
        """Whether it is a session's own table, which hides a permanent one of its name."""
        prefixes = dict(self.keywords).get("prefixes")
        words = prefixes if isinstance(prefixes, tuple) else ()
        return any(isinstance(word, str) and word.upper().startswith("TEMP") for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable(_Operation):
    """`op.drop_table`."""

    table: Name
    schema: MaybeName = None
    if_exists: Flag = False
    cascade: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable(_Operation):
    """`op.rename_table`; `new_schema` is UNSET where the table stays in its schema."""

    table: Name
    new_table: Name
    schema: MaybeName = None
    new_schema: MaybeName | Unset = UNSET
    if_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn(_Operation):
    """`op.add_column`."""

    table: Name
    column: Column | Unknown
    schema: MaybeName = None
    if_not_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropColumn(_Operation):
    """`op.drop_column`."""

    table: Name
    column: Name
    schema: MaybeName = None
    if_exists: Flag = False
    cascade: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterColumn(_Operation):
    """`op.alter_column`. What it leaves alone is UNSET; `server_default` None drops the default."""

    table: Name
    column: Name
    schema: MaybeName = None
    nullable: Flag | Unset = UNSET
    server_default: ServerDefault | Unset = UNSET
    new_name: Name | Unset = UNSET
    type: Type | Unset = UNSET
    comment: MaybeName | Unset = UNSET
    autoincrement: Flag | str | Unset = UNSET
    existing_type: Type | Unset = UNSET
    existing_nullable: Flag | Unset = UNSET
    existing_server_default: ServerDefault | Unset = UNSET
    existing_comment: MaybeName | Unset = UNSET
    existing_autoincrement: Flag | str | Unset = UNSET
    using: SqlExpression | Unset = UNSET
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIndex(_Operation):
    """`op.create_index`."""

    table: Name
    index: Index
    schema: MaybeName = None
    if_not_exists: Flag = False
    concurrently: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(_Operation):
    """`op.drop_index`; `table` None where it is not given."""

    name: MaybeName
    table: MaybeName = None
    schema: MaybeName = None
    if_exists: Flag = False
    concurrently: Flag = False
    cascade: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameIndex(_Operation):
    """`ALTER INDEX … RENAME TO …`; Alembic has no function for it."""

    name: Name
    new_name: Name
    schema: MaybeName = None
    if_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateForeignKey(_Operation):
    """`op.create_foreign_key`; `table` is the source."""

    table: Name
    constraint: ForeignKeyConstraint
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUniqueConstraint(_Operation):
    """`op.create_unique_constraint`."""

    table: Name
    constraint: UniqueConstraint
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCheckConstraint(_Operation):
    """`op.create_check_constraint`."""

    table: Name
    constraint: CheckConstraint
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePrimaryKey(_Operation):
    """`op.create_primary_key`."""

    table: Name
    constraint: PrimaryKeyConstraint
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateExcludeConstraint(_Operation):
    """`op.create_exclude_constraint`."""

    table: Name
    constraint: ExcludeConstraint
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropConstraint(_Operation):
    """`op.drop_constraint`; `type_` is "foreignkey", "unique", "primary", "check" or None."""

    name: MaybeName
    table: Name
    type_: MaybeName = None
    schema: MaybeName = None
    if_exists: Flag = False
    cascade: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameConstraint(_Operation):
    """`ALTER TABLE … RENAME CONSTRAINT … TO …`; Alembic has no function for it."""

    table: Name
    name: Name
    new_name: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateConstraint(_Operation):
    """`ALTER TABLE … VALIDATE CONSTRAINT …`; Alembic has no function for it."""

    table: Name
    name: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTableComment(_Operation):
    """`op.create_table_comment`; None stands for `op.drop_table_comment`."""

    table: Name
    comment: MaybeName
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkInsert(_Operation):
    """`op.bulk_insert`; `rows` is their number.

    `columns` are those that the statement names, as far as they are known: those of the first row.

    Source: alembic/ddl/impl.py, `DefaultImpl.bulk_insert`, executes one INSERT with all rows, which
    SQLAlchemy compiles for the keys of the first.
    """

    table: Name
    rows: int | Unknown
    schema: MaybeName = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEnum(_Operation):
    """`ENUM(…).create(bind)` or `CREATE TYPE … AS ENUM`."""

    enum: EnumType
    if_not_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropEnum(_Operation):
    """`ENUM(…).drop(bind)` or `DROP TYPE`; only an enum's name tells that it is one."""

    name: MaybeName
    schema: MaybeName = None
    if_exists: Flag = False
    cascade: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEnumValue(_Operation):
    """`ALTER TYPE … ADD VALUE`; `before` and `after` name a neighbour, or None."""

    name: Name
    value: Name
    schema: MaybeName = None
    before: MaybeName = None
    after: MaybeName = None
    if_not_exists: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameEnum(_Operation):
    """`ALTER TYPE … RENAME TO`."""

    name: Name
    new_name: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameEnumValue(_Operation):
    """`ALTER TYPE … RENAME VALUE`."""

    name: Name
    value: Name
    new_value: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteSql(_Operation):
    """SQL text, or a statement built with SQLAlchemy, that is run.

    `operations` are what the text amounts to, in order; `statements` are all of its statements.
    """

    sql: Name
    statements: tuple[Statement, ...] | Unknown = ()
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque(_Operation):
    """A call that could change the database in a way the source does not tell.

    `tables` are the only ones it can touch; None means it could touch anything.
    """

    why: str
    tables: tuple[Name, ...] | None = None


Operation = (
    CreateTable
    | DropTable
    | RenameTable
    | AddColumn
    | DropColumn
    | AlterColumn
    | CreateIndex
    | DropIndex
    | RenameIndex
    | CreateForeignKey
    | CreateUniqueConstraint
    | CreateCheckConstraint
    | CreatePrimaryKey
    | CreateExcludeConstraint
    | DropConstraint
    | RenameConstraint
    | ValidateConstraint
    | CreateTableComment
    | BulkInsert
    | CreateEnum
    | DropEnum
    | AddEnumValue
    | RenameEnum
    | RenameEnumValue
    | ExecuteSql
    | Opaque
)


def flatten(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations in order, each `ExecuteSql` followed by those its text amounts to."""
    for operation in operations:
        yield operation
        if isinstance(operation, ExecuteSql):
            yield from operation.operations


def table_of(operation: Operation) -> Name | None:
    """The table an operation works on, by its name before the operation.

    None where it works on none (SQL text, enums, opaque calls), or where the name of an index is
    all that is given.
    """
    match operation:
        case (
            RenameIndex()
            | CreateEnum()
            | DropEnum()
            | AddEnumValue()
            | RenameEnum()
            | RenameEnumValue()
            | ExecuteSql()
            | Opaque()
        ):
            return None
        case _:
            return operation.table
