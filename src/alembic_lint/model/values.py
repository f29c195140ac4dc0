"""Values: names, columns and what they carry, and what an argument can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from alembic_lint.source import FILE_START, Span


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


class FinalName(str):
    """A name that no naming convention changes: it went through `op.f`, or SQLAlchemy's `conv`."""

    __slots__ = ()


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


OF_PRIMARY_KEY = Unknown("the statement leaves them to the primary key of the table it refers to")
"""The columns of `REFERENCES t`."""


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
    """An index; `keywords` hold dialect options such as `postgresql_using`.

    `words` stand for its elements in the name that PostgreSQL makes where SQL text gives none; None
    where they are not known.
    """

    name: MaybeName
    columns: tuple[IndexElement, ...] | Unknown
    unique: Flag = False
    keywords: tuple[tuple[str, Value], ...] = ()
    words: tuple[str, ...] | None = None

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
class ColumnRead:
    """A column that SQL about rows reads or writes, of one of `tables`, as (schema, name).

    `name` None: all the columns that the table has at that point. With `closed` False the
    name may also be that of something else, such as a column of a subquery.
    """

    name: str | None
    tables: tuple[tuple[str | None, str], ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class ViewChange:
    """What a statement does with a view: `verb` is "create", "replace", "drop" or "rename".

    `asks` tells that it is IF EXISTS, or IF NOT EXISTS. `columns` are those that the query reads,
    None where the query was not read.
    """

    verb: str
    name: Name
    schema: MaybeName = None
    asks: bool = False
    cascade: bool = False
    new_name: Name = ""
    columns: tuple[ColumnRead, ...] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement.

    `kind` is its verb and object in capitals: "UPDATE", "CREATE VIEW", "ALTER TABLE"; "UNKNOWN"
    where no parser reads it. `tables` are those it changes, as (schema, name), in order.
    `reads` are those it reads. `where` says whether an UPDATE or DELETE is limited.
    `complete` is False where the statement does something that its operations do not tell.
    `views` are those that it makes, drops or renames. `columns` are those that a statement about
    rows reads or writes, None where they were not read. `text` is Unknown for a statement built
    with SQLAlchemy.
    """

    kind: str
    text: Name
    tables: tuple[tuple[MaybeName, Name], ...] = ()
    reads: tuple[tuple[MaybeName, Name], ...] = ()
    where: bool = False
    complete: bool = True
    views: tuple[ViewChange, ...] = ()
    columns: tuple[ColumnRead, ...] | None = None


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
