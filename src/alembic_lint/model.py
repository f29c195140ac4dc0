"""The facts about one revision file: what later stages read instead of syntax trees.

Everything here is a frozen, plain value: no syntax node, no file handle, no database.
`Unknown` stands wherever the source does not tell; None always means "not given".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from alembic_lint.source import FILE_START, Problem, Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the source does not tell; `why` completes "unknown because …"."""

    why: str


class Unset(Enum):
    """The value of an argument that was not passed, where None would mean something."""

    UNSET = "unset"


UNSET = Unset.UNSET

Name = str | Unknown
"""The name of a database object."""

MaybeName = str | None | Unknown
"""A name that may be left to the database, or a schema (None: the default one)."""

Flag = bool | Unknown

Scalar = str | int | float | bool | bytes | None


@dataclass(frozen=True, slots=True)
class SqlExpression:
    """SQL text that the database evaluates: `sa.text("now()")`, `sa.func.now()`."""

    text: Name


@dataclass(frozen=True, slots=True)
class Reference:
    """A Python object known only by its dotted name, such as `sqlalchemy.Integer`.

    With `called`, it is what calling that name returned, such as `app.types.GUID()`.
    """

    name: str
    called: bool = False


# Columns and what they carry


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enumeration: a named type on PostgreSQL, a VARCHAR or ENUM elsewhere.

    `name` is None for an enum without `name=`. `values` are in their declared order.
    `create_type` is False only for a `postgresql.ENUM(create_type=False)`.
    """

    name: MaybeName
    values: tuple[Name, ...] | Unknown
    schema: MaybeName = None
    native: Flag = True
    create_type: Flag = True
    create_constraint: Flag = False
    postgresql: bool = False


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type as written.

    `name` is the last part of SQLAlchemy's name for it (`String`, `JSONB`), or the dotted name
    of a type that SQLAlchemy does not define, or the words of SQL text (`double precision`).
    `dialect` is the dialect whose module or SQL it comes from, None for SQLAlchemy's generic types.
    """

    name: str
    args: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    dialect: str | None = None
    variants: tuple[tuple[str, ColumnType], ...] = ()
    enum: EnumType | None = None
    known: bool = True
    """False for a type of the project's or another library's own, whose SQL is not known."""


Type = ColumnType | Unknown


@dataclass(frozen=True, slots=True)
class Computed:
    """A generated column. `persisted` is None where it is left to the database."""

    expression: Name
    persisted: Flag | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity column; `keywords` are those given, such as `("always", True)`."""

    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence_:  # noqa: N801  (Sequence is taken by the standard library)
    """`sa.Sequence(name)` as a column's default."""

    name: Name


ServerDefault = str | SqlExpression | Computed | Identity | Unknown | None
"""A plain str is a literal that SQLAlchemy quotes; None is no default."""


@dataclass(frozen=True, slots=True)
class PrimaryKeyConstraint:
    """A primary key; `name` None leaves the name to the database or a naming convention."""

    columns: tuple[Name, ...] | Unknown
    name: MaybeName = None
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKeyConstraint:
    """A foreign key from `columns` to `referent_columns` of `referent`, pairwise."""

    columns: tuple[Name, ...] | Unknown
    referent: Name
    referent_columns: tuple[Name, ...] | Unknown
    name: MaybeName = None
    referent_schema: MaybeName = None
    ondelete: MaybeName = None
    onupdate: MaybeName = None
    deferrable: Flag | None = None
    initially: MaybeName = None
    match: MaybeName = None
    use_alter: Flag = False
    not_valid: Flag = False
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """A unique constraint."""

    columns: tuple[Name, ...] | Unknown
    name: MaybeName = None
    deferrable: Flag | None = None
    initially: MaybeName = None
    using_index: MaybeName = None
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """A check constraint; `condition` is its SQL text."""

    condition: Name
    name: MaybeName = None
    not_valid: Flag = False
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class ExcludeConstraint:
    """A PostgreSQL exclusion constraint: pairs of an element and its operator."""

    elements: tuple[tuple[IndexElement, Name], ...] | Unknown
    name: MaybeName = None
    using: MaybeName = None
    where: SqlExpression | Unknown | None = None
    keywords: tuple[tuple[str, Value], ...] = ()


IndexElement = str | SqlExpression | Unknown
"""A column's name, or an expression."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `keywords` hold dialect options such as `postgresql_using`."""

    name: MaybeName
    columns: tuple[IndexElement, ...] | Unknown
    unique: Flag = False
    keywords: tuple[tuple[str, Value], ...] = ()

    def keyword(self, name: str) -> Value | Unset:
        """The value of a dialect option, or UNSET."""
        return dict(self.keywords).get(name, UNSET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as a revision writes it.

    `type` None means not given: SQLAlchemy then takes it from the foreign key. `nullable` None
    means not given: the column is nullable unless it belongs to the primary key. `default` says
    whether a Python-side `default=` was passed, which has no effect on the database.
    """

    name: Name
    type: Type | None = None
    nullable: Flag | None = None
    primary_key: Flag = False
    server_default: ServerDefault = None
    default: bool = False
    autoincrement: Flag | str = "auto"
    unique: Flag = False
    index: Flag = False
    foreign_keys: tuple[ForeignKeyConstraint | Unknown, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    sequence: Sequence_ | None = None
    comment: MaybeName = None
    keywords: tuple[tuple[str, Value], ...] = ()
    span: Span = FILE_START


@dataclass(frozen=True, slots=True)
class TableValue:
    """A `sa.Table`, a lightweight `sa.table`, or a mapped class; `items` as they were passed."""

    name: Name
    schema: MaybeName = None
    items: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement.

    `kind` is its verb and object in capitals: "UPDATE", "CREATE VIEW", "ALTER TABLE"; "UNKNOWN"
    where no parser reads it. `tables` are those it changes, as (schema, name), in order.
    `reads` are those it reads. `where` says whether an UPDATE or DELETE is limited.
    `complete` is False where the statement does something that its operations do not tell.
    `text` is Unknown for a statement built with SQLAlchemy.
    """

    kind: str
    text: Name
    tables: tuple[tuple[MaybeName, Name], ...] = ()
    reads: tuple[tuple[MaybeName, Name], ...] = ()
    where: bool = False
    complete: bool = True


Constraint = (
    PrimaryKeyConstraint
    | ForeignKeyConstraint
    | UniqueConstraint
    | CheckConstraint
    | ExcludeConstraint
    | Unknown
)

Value = (
    Scalar
    | SqlExpression
    | Reference
    | ColumnType
    | Column
    | Computed
    | Identity
    | Sequence_
    | PrimaryKeyConstraint
    | ForeignKeyConstraint
    | UniqueConstraint
    | CheckConstraint
    | ExcludeConstraint
    | Index
    | TableValue
    | Statement
    | Unknown
    | tuple["Value", ...]
)
"""What an argument can be. Lists, sets and dicts arrive as tuples; a dict as pairs."""


# Conditions and contexts


@dataclass(frozen=True, slots=True)
class TableExists:
    """The table (or view) is there. `schema` None is the default schema."""

    table: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class ColumnExists:
    """The table has the column."""

    table: Name
    column: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class IndexExists:
    """The index is there, by name or by columns; `table` None means on any table."""

    name: MaybeName
    table: MaybeName
    schema: MaybeName = None
    columns: tuple[Name, ...] | None = None


@dataclass(frozen=True, slots=True)
class ConstraintExists:
    """The table has the constraint, by name or by columns; `kind` None means of any kind."""

    name: MaybeName
    table: MaybeName
    kind: str | None = None
    """"foreignkey", "unique", "primary" or "check", as in Alembic's `type_`."""
    schema: MaybeName = None
    columns: tuple[Name, ...] | None = None


@dataclass(frozen=True, slots=True)
class EnumExists:
    """The PostgreSQL enum type is there."""

    name: Name
    schema: MaybeName = None


@dataclass(frozen=True, slots=True)
class DialectIs:
    """The database is one of these, by SQLAlchemy's dialect names, sorted."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfflineMode:
    """The revision is rendered to SQL (`--sql`), with no database behind it."""


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    term: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OpaqueCondition:
    """A condition that cannot be decided from the source; `text` is as written."""

    text: str


Condition = (
    TableExists
    | ColumnExists
    | IndexExists
    | ConstraintExists
    | EnumExists
    | DialectIs
    | OfflineMode
    | Not
    | And
    | Or
    | OpaqueCondition
)


def conditions_in(condition: Condition) -> Iterator[Condition]:
    """The condition and those it is made of, outermost first."""
    yield condition
    match condition:
        case Not(term):
            yield from conditions_in(term)
        case And(terms) | Or(terms):
            for term in terms:
                yield from conditions_in(term)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must hold for an operation to run.

    `block` numbers the evaluations of conditions within one function: operations with the same
    number stand under one evaluation, which happens when its block is entered. `span` is the
    condition's, in the revision's own file (the call that leads to it where it lies elsewhere).
    """

    condition: Condition
    block: int
    span: Span


@dataclass(frozen=True, slots=True)
class Batch:
    """The `batch_alter_table` an operation belongs to; `block` numbers the `with` blocks."""

    table: Name
    schema: MaybeName
    keywords: tuple[tuple[str, Value], ...]
    block: int
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that was not unrolled; `over` is its iterable as written."""

    over: str
    why: str
    span: Span


@dataclass(frozen=True, slots=True)
class Try:
    """A `try` around an operation.

    `catches` are the exceptions named by its handlers, `swallows` says whether one of these ends
    without raising, and `handler` is where that one stands.
    """

    span: Span
    catches: tuple[str, ...]
    swallows: bool
    handler: Span
    savepoint: bool = False
    """The operation stands in a `begin_nested()` inside the `try`: PostgreSQL can go on."""


@dataclass(frozen=True, slots=True)
class Via:
    """One call on the way to an operation: the helper's name and where it is called."""

    function: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of an operation.

    `guards` are outermost first. `dialects` are those it can run on, sorted; None means all.
    `via` is the chain of helper calls, outermost first. `tries` are outermost first.
    """

    guards: tuple[Guard, ...] = ()
    dialects: tuple[str, ...] | None = None
    autocommit: bool = False
    batch: Batch | None = None
    loop: Loop | None = None
    tries: tuple[Try, ...] = ()
    via: tuple[Via, ...] = ()


class Direction(StrEnum):
    """Which function an operation belongs to; MODULE is code that runs on import."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as written. `keyword` is None for a positional one, `*` or `**` for a star."""

    keyword: str | None
    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """The call behind an operation, as written: `op.create_table`, and its arguments in order."""

    name: str
    arguments: tuple[Argument, ...] = ()

    def argument(self, keyword: str) -> Argument | None:
        """The argument passed by this keyword, or None."""
        return next((item for item in self.arguments if item.keyword == keyword), None)


# Operations


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
    """

    table: Name
    schema: MaybeName = None
    columns: tuple[Column | Unknown, ...] | Unknown = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    if_not_exists: Flag = False
    comment: MaybeName = None
    keywords: tuple[tuple[str, Value], ...] = ()


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
    """`op.bulk_insert`; `rows` is their number."""

    table: Name
    rows: int | Unknown
    schema: MaybeName = None


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


# Revision files


@dataclass(frozen=True, slots=True)
class Assigned:
    """A module-level assignment. `span` is the value's, `statement` the whole statement's.

    `spans` are those of the elements of a tuple or list, in order, otherwise empty.
    """

    value: Value
    text: str
    span: Span
    statement: Span
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The docstring's "Revision ID:" and "Revises:" lines; None where a line is missing.

    `revises` is empty for a base.
    """

    revision: str | None
    revision_span: Span
    revises: tuple[str, ...] | None
    revises_span: Span


class Body(StrEnum):
    """What a function's body holds."""

    EMPTY = "empty"
    """`pass`, a docstring, `...`, or a bare return: nothing."""
    RAISES = "raises"
    """Nothing but a `raise`."""
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Function:
    """`upgrade` or `downgrade`. `span` is its `def` line; `name_span` its name."""

    span: Span
    name_span: Span
    body: Body
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExistenceHelper:
    """A local function that tells whether something exists.

    `predicate` is "table", "column", "index", "constraint" or "enum". `swallows` is the handler
    that turns any exception into an answer, or None; `answer` is the text of what it then returns.
    """

    name: str
    predicate: str
    span: Span
    swallows: Span | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One file of a version directory.

    An identifier is None when the module does not assign it. `upgrade` is Unknown where the name is
    bound to something that is not a function seen here, None where it is not bound at all.
    `followed` are the files of other modules that were read on the way, sorted.
    With a `problem`, nothing else is known but the identifiers that a line of text gives away.
    """

    path: str
    problem: Problem | None = None
    revision: Assigned | None = None
    down_revision: Assigned | None = None
    branch_labels: Assigned | None = None
    depends_on: Assigned | None = None
    header: Header | None = None
    upgrade: Function | Unknown | None = None
    downgrade: Function | Unknown | None = None
    module_operations: tuple[Operation, ...] = ()
    existence_helpers: tuple[ExistenceHelper, ...] = ()
    followed: tuple[str, ...] = ()

    @property
    def id(self) -> str | None:
        """The revision id, or None where it is missing or not a known string."""
        value = None if self.revision is None else self.revision.value
        return value if isinstance(value, str) else None

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids that `down_revision` names, in order; empty for a base or where unknown."""
        return _ids(self.down_revision)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The ids or labels that `depends_on` names, in order."""
        return _ids(self.depends_on)

    @property
    def labels(self) -> tuple[str, ...]:
        """The branch labels, in order."""
        return _ids(self.branch_labels)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those of `upgrade`, then those of `downgrade`, then those that run on import."""
        functions = (self.upgrade, self.downgrade)
        found = (item.operations for item in functions if isinstance(item, Function))
        return (*(operation for group in found for operation in group), *self.module_operations)


def _ids(assigned: Assigned | None) -> tuple[str, ...]:
    """The strings of a value that may be one string or several; Alembic ignores a falsy one."""
    match assigned:
        case None:
            return ()
        case Assigned(value=str(value)):
            return (value,) if value else ()
        case Assigned(value=tuple(values)):
            return tuple(value for value in values if isinstance(value, str))
        case _:
            return ()
