"""Columns, types and constraints of sqlglot's trees."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from alembic_lint.extract.sql.lexer import Kind, Sql
from alembic_lint.extract.sql.marks import known
from alembic_lint.model import (
    OF_PRIMARY_KEY,
    CheckConstraint,
    Column,
    ColumnType,
    Computed,
    Constraint,
    EnumType,
    ForeignKeyConstraint,
    Identity,
    Index,
    IndexElement,
    MaybeName,
    Name,
    PrimaryKeyConstraint,
    ServerDefault,
    SqlExpression,
    Type,
    UniqueConstraint,
    Unknown,
    Value,
)

_UNREAD = Unknown("the expression is not read")


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a tree. `lower`: unquoted names are folded to lower case."""

    name: str
    lower: bool

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name for it."""
        return {"postgres": "postgresql", "tsql": "mssql"}.get(self.name, self.name)

    def identifier(self, node: object) -> str:
        """The name that an identifier, or a column or table without a schema, stands for."""
        if isinstance(node, exp.Column | exp.Table | exp.Ordered | exp.ColumnPrefix | exp.Schema):
            node = node.this
        if not isinstance(node, exp.Identifier):
            return node.name if isinstance(node, exp.Expression) else ""
        text = node.name
        return text.lower() if self.lower and not node.args.get("quoted") else text

    def table(self, node: object) -> tuple[MaybeName, Name]:
        """The (schema, name) of a table."""
        while isinstance(node, exp.Schema | exp.Alias):
            node = node.this
        if not isinstance(node, exp.Table):
            return None, Unknown("the table is not read")
        schema = self.identifier(node.args.get("db"))
        return known(schema) if schema else None, known(self.identifier(node.this))

    def text(self, node: object) -> Name:
        """An expression's text, as sqlglot writes it in the same language."""
        if not isinstance(node, exp.Expression):
            return _UNREAD
        try:
            return known(node.sql(dialect=self.name, comments=False))
        except (SqlglotError, RecursionError):
            return _UNREAD

    def expression(self, node: object) -> SqlExpression | Unknown:
        """The same as a value."""
        text = self.text(node)
        return text if isinstance(text, Unknown) else SqlExpression(text)

    def names(self, nodes: Iterable[object]) -> tuple[Name, ...] | Unknown:
        """The columns of a key."""
        found: list[Name] = []
        for node in nodes:
            if isinstance(node, exp.Ordered):
                node = node.this
            if not isinstance(node, exp.Identifier | exp.Column | exp.ColumnPrefix):
                return Unknown("the columns of the key are not read")
            name = known(self.identifier(node))
            if isinstance(name, Unknown):
                # An unknown part of the list may be several columns.
                return name
            found.append(name)
        return tuple(found)


def parts(node: exp.Expression, name: str = "expressions") -> list[object]:
    """A list field of a node."""
    value = node.args.get(name)
    return list(value) if isinstance(value, list) else []


_TYPE_WORDS = (
    "UNSIGNED", "SIGNED", "ZEROFILL", "PRECISION", "VARYING", "WITH", "WITHOUT", "LOCAL", "TIME",
    "ZONE", "LARGE", "OBJECT", "CHARACTER", "CHAR", "VARCHAR", "RAW", "INT", "INTEGER",
)  # fmt: skip


def _written(node: exp.ColumnDef, sql: Sql) -> str | None:
    """The words of a column's type in lower case, which sqlglot keeps under names of its own."""
    end = node.this.meta.get("end") if isinstance(node.this, exp.Identifier) else None
    if not isinstance(end, int):
        return None
    number = bisect_right(sql.tokens, end, key=lambda token: token.start)
    words: list[str] = []
    while number < len(sql.tokens) and sql.tokens[number].kind is Kind.WORD:
        token = sql.tokens[number]
        if words and not token.is_word(*_TYPE_WORDS):
            break
        following = sql.tokens[number + 1] if number + 1 < len(sql.tokens) else token
        if token.is_word("CHARACTER") and following.is_word("SET"):
            break
        words.append(token.text.lower())
        number += 1
        if number < len(sql.tokens) and sql.tokens[number].text == "(":
            group = sql.group(number)
            number = number if group is None else group[1] + 1
    return " ".join(words) or None


def read_type(node: object, language: Language, written: str | None = None) -> Type:
    """A column's type under the name it was written with, or one that means the same."""
    if not isinstance(node, exp.DataType):
        return Unknown("the SQL text gives no type")
    text = language.text(node)
    if isinstance(text, Unknown):
        return text
    if node.this == exp.DType.ARRAY and node.expressions:
        item = read_type(node.expressions[0], language)
        return ColumnType("ARRAY", (item,), dialect=language.dialect)
    values = tuple(_modifier(item) for item in parts(node))
    if node.this == exp.DType.ENUM:
        names = tuple(item for item in values if isinstance(item, str))
        return ColumnType(
            "enum", names, dialect=language.dialect, enum=EnumType(name=None, values=names)
        )
    opened, closed = text.find("("), text.rfind(")")
    name = text if opened < 0 or closed < 0 else text[:opened] + text[closed + 1 :]
    name = written or name
    known_type = node.this not in (exp.DType.USERDEFINED, exp.DType.UNKNOWN)
    return ColumnType(
        " ".join(name.lower().split()), values, dialect=language.dialect, known=known_type
    )


def _modifier(node: object) -> Value:
    if isinstance(node, exp.DataTypeParam):
        node = node.this
    if isinstance(node, exp.Literal):
        return known(node.name) if node.is_string else int(node.name) if node.is_int else node.name
    return known(node.name.lower()) if isinstance(node, exp.Var | exp.Identifier) else _UNREAD


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column, and those of its constraints that a Column cannot hold (they have a name)."""

    column: Column
    constraints: tuple[Constraint, ...] = ()


def read_column(node: exp.ColumnDef, language: Language, sql: Sql) -> ReadColumn:
    """The column that a definition gives."""
    name = known(language.identifier(node.this))
    column = Column(name=name, type=read_type(node.args.get("kind"), language, _written(node, sql)))
    kind = language.text(node.args.get("kind"))
    if isinstance(kind, Unknown) and node.args.get("kind") is not None:
        column = replace(column, nullable=kind, server_default=kind)
    constraints: list[Constraint] = []
    for item in parts(node, "constraints"):
        if not isinstance(item, exp.ColumnConstraint):
            continue
        named = language.identifier(item.this) if item.this is not None else ""
        column, extra = _with(
            column, item.args.get("kind"), known(named) if named else None, language
        )
        constraints.extend(extra)
    return ReadColumn(column, tuple(constraints))


def _with(
    column: Column, node: object, name: MaybeName, language: Language
) -> tuple[Column, tuple[Constraint, ...]]:
    """The column with one more of its clauses."""
    match node:
        case exp.NotNullColumnConstraint():
            return replace(column, nullable=bool(node.args.get("allow_null"))), ()
        case exp.DefaultColumnConstraint():
            return replace(column, server_default=default(node.this, language)), ()
        case exp.PrimaryKeyColumnConstraint() if name is None:
            return replace(column, primary_key=True), ()
        case exp.PrimaryKeyColumnConstraint():
            return column, (PrimaryKeyConstraint((column.name,), name),)
        case exp.UniqueColumnConstraint() if name is None:
            return replace(column, unique=True), ()
        case exp.UniqueColumnConstraint():
            return column, (UniqueConstraint((column.name,), name),)
        case exp.AutoIncrementColumnConstraint():
            return replace(column, autoincrement=True), ()
        case exp.CommentColumnConstraint():
            return replace(column, comment=known(node.this.name)), ()
        case exp.CheckColumnConstraint():
            check = CheckConstraint(language.text(node.this), name)
            return replace(column, checks=(*column.checks, check)), ()
        case exp.GeneratedAsIdentityColumnConstraint():
            if (generated := node.args.get("expression")) is not None:
                return replace(column, server_default=Computed(language.text(generated))), ()
            always = bool(node.this)
            identity = Identity((("always", always),))
            return replace(column, server_default=identity, nullable=False), ()
        case exp.ComputedColumnConstraint():
            persisted = bool(node.args.get("persisted")) or None
            computed = Computed(language.text(node.this), persisted)
            return replace(column, server_default=computed), ()
        case exp.Reference():
            key = foreign_key((column.name,), node, name, language)
            return replace(column, foreign_keys=(*column.foreign_keys, key)), ()
        case _:
            return column, ()


def default(node: object, language: Language) -> ServerDefault:
    """What DEFAULT gives; a plain string without its quotes, as SQLAlchemy would be given it."""
    if isinstance(node, exp.Literal) and node.is_string:
        return known(node.name)
    if isinstance(node, exp.Placeholder | exp.Parameter):
        return Unknown("the default is a parameter of the statement")
    return language.expression(node)


def foreign_key(
    columns: tuple[Name, ...] | Unknown, node: object, name: MaybeName, language: Language
) -> ForeignKeyConstraint:
    """A foreign key; `node` is its REFERENCES clause."""
    if not isinstance(node, exp.Reference):
        unknown = Unknown("the table that the foreign key refers to is not read")
        return ForeignKeyConstraint(columns, unknown, unknown, name)
    schema, table = language.table(node.this)
    referred = parts(node.this) if isinstance(node.this, exp.Schema) else []
    options = " ".join(str(item) for item in parts(node, "options")).upper()
    return ForeignKeyConstraint(
        columns=columns,
        referent=table,
        referent_columns=language.names(referred) if referred else OF_PRIMARY_KEY,
        name=name,
        referent_schema=schema,
        ondelete=_action(options, "ON DELETE"),
        onupdate=_action(options, "ON UPDATE"),
        deferrable=_deferrable(options),
        initially="DEFERRED" if "INITIALLY DEFERRED" in options else None,
    )


def _action(options: str, clause: str) -> str | None:
    """The action after ON DELETE or ON UPDATE; NO ACTION, the default, is None."""
    _, found, rest = options.partition(clause)
    if not found:
        return None
    actions = ("CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT")
    return next((action for action in actions if rest.strip().startswith(action)), None)


def _deferrable(options: str) -> bool | None:
    if "NOT DEFERRABLE" in options:
        return False
    return True if "DEFERRABLE" in options else None


def read_constraint(node: object, language: Language) -> Constraint | Index:
    """A table constraint, or the index that MySQL lets a table's list of columns hold."""
    name: MaybeName = None
    if isinstance(node, exp.Constraint):
        text = language.identifier(node.this)
        name = known(text) if text else None
        inner = parts(node)
        node = inner[0] if inner else None
    match node:
        case exp.PrimaryKey():
            return PrimaryKeyConstraint(language.names(parts(node)), name)
        case exp.ForeignKey():
            key = foreign_key(
                language.names(parts(node)), node.args.get("reference"), name, language
            )
            actions = {
                field: str(node.args[field]).upper()
                for field in ("delete", "update")
                if isinstance(node.args.get(field), str)
            }
            return replace(
                key,
                ondelete=key.ondelete or actions.get("delete"),
                onupdate=key.onupdate or actions.get("update"),
            )
        case exp.UniqueColumnConstraint():
            inner_node = node.this
            if isinstance(inner_node, exp.Schema):
                own = language.identifier(inner_node.this) if inner_node.this else ""
                name = known(own) if own else name
                return UniqueConstraint(language.names(parts(inner_node)), name)
            return UniqueConstraint(Unknown("the columns of the key are not read"), name)
        case exp.CheckColumnConstraint() | exp.Check():
            return CheckConstraint(language.text(node.this), name)
        case exp.IndexColumnConstraint():
            text = language.identifier(node.this) if node.this is not None else ""
            columns = tuple(element(item, language) for item in parts(node))
            return Index(known(text) if text else None, columns)
        case _:
            return Unknown("a constraint is not read")


def element(node: object, language: Language) -> IndexElement:
    """An index element: a column (MySQL's prefix lengths left out), or an expression."""
    if isinstance(node, exp.Ordered):
        node = node.this
    if isinstance(node, exp.Column | exp.Identifier | exp.ColumnPrefix):
        return known(language.identifier(node))
    prefix = isinstance(node, exp.Anonymous) and all(
        isinstance(item, exp.Literal) and item.is_int for item in node.expressions
    )
    if prefix and isinstance(node, exp.Anonymous) and language.name == "mysql":
        # `name(10)` is a prefix of a column; a call would stand in parentheses of its own.
        return known(node.name)
    return language.expression(node.this if isinstance(node, exp.Paren) else node)
