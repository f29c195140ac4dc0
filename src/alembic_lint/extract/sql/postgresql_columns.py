"""Columns and constraints of PostgreSQL's CREATE TABLE and ALTER TABLE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from alembic_lint.extract.sql.lexer import Sql
from alembic_lint.extract.sql.marks import has_mark, known
from alembic_lint.extract.sql.postgresql_names import index_words
from alembic_lint.extract.sql.tree import Node, table_of
from alembic_lint.extract.sql.types import SERIAL, type_of
from alembic_lint.model import (
    OF_PRIMARY_KEY,
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    EnumType,
    ExcludeConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    IndexElement,
    MaybeName,
    Name,
    PrimaryKeyConstraint,
    ServerDefault,
    SqlExpression,
    UniqueConstraint,
    Unknown,
    Value,
)

_NAME_LENGTH = 63
_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column, and those of its constraints that a Column cannot hold (they have a name)."""

    column: Column
    constraints: tuple[Constraint, ...] = ()
    complete: bool = True


def optional(text: str) -> MaybeName:
    """A name that may be left out, in which case the text is empty."""
    return known(text) if text else None


def expression(text: str) -> SqlExpression | Unknown:
    """SQL text that the database evaluates."""
    name = known(text)
    return name if isinstance(name, Unknown) else SqlExpression(name)


def read_column(
    node: Node, sql: Sql, table: str, enums: Mapping[tuple[object, object], EnumType]
) -> ReadColumn:
    """The column that a ColumnDef defines; PostgreSQL names a serial's sequence after `table`."""
    type_node = node.node("typeName")
    name = node.text("colname")
    written = type_node.strings("names") if type_node else ()
    column = Column(name=known(name), type=type_of(type_node, enums))
    constraints: list[Constraint] = []
    if written and len(written) == 1 and written[0] in SERIAL:
        column = replace(
            column,
            nullable=False,
            autoincrement=True,
            server_default=_nextval(table, name),
        )
    complete = True
    if any(has_mark(part) for part in written):
        # The unknown part may hold `NOT NULL DEFAULT …` as well as the type.
        why = Unknown("a part of the SQL text is not known")
        column = replace(column, nullable=why, server_default=why)
        complete = False
    found = node.nodes("constraints")
    for number, item in enumerate(found):
        following = found[number + 1].number("location") if number + 1 < len(found) else None
        column, extra = _with(column, item, sql, following)
        constraints.extend(extra)
    return ReadColumn(column, tuple(constraints), complete)


def _with(
    column: Column, node: Node, sql: Sql, following: int | None
) -> tuple[Column, tuple[Constraint, ...]]:
    """The column with one more of its clauses."""
    name = optional(node.text("conname"))
    columns = (column.name,)
    match node.text("contype"):
        case "CONSTR_NOTNULL":
            return replace(column, nullable=False), ()
        case "CONSTR_NULL":
            return replace(column, nullable=True), ()
        case "CONSTR_DEFAULT":
            text = _after(sql, node.number("location"), "DEFAULT", following)
            return replace(column, server_default=default(node.node("raw_expr"), text)), ()
        case "CONSTR_IDENTITY":
            return replace(column, server_default=identity(node), nullable=False), ()
        case "CONSTR_GENERATED":
            computed = Computed(_in_parentheses(sql, node.number("location"), "AS"), persisted=True)
            return replace(column, server_default=computed), ()
        case "CONSTR_PRIMARY" if name is None:
            return replace(column, primary_key=True), ()
        case "CONSTR_PRIMARY":
            return column, (PrimaryKeyConstraint(columns, name),)
        case "CONSTR_UNIQUE" if name is None:
            return replace(column, unique=True), ()
        case "CONSTR_UNIQUE":
            return column, (UniqueConstraint(columns, name, keywords=_key_keywords(node)),)
        case "CONSTR_CHECK":
            check = CheckConstraint(_in_parentheses(sql, node.number("location"), "CHECK"), name)
            return replace(column, checks=(*column.checks, check)), ()
        case "CONSTR_FOREIGN":
            key = foreign_key(node, columns)
            return replace(column, foreign_keys=(*column.foreign_keys, key)), ()
        case "CONSTR_ATTR_DEFERRABLE":
            return _last_key(column, deferrable=True), ()
        case "CONSTR_ATTR_NOT_DEFERRABLE":
            return _last_key(column, deferrable=False), ()
        case "CONSTR_ATTR_DEFERRED":
            return _last_key(column, initially="DEFERRED"), ()
        case "CONSTR_ATTR_IMMEDIATE":
            return _last_key(column, initially="IMMEDIATE"), ()
        case _:
            return column, ()


def _last_key(
    column: Column, *, deferrable: bool | None = None, initially: str | None = None
) -> Column:
    """The column with DEFERRABLE or INITIALLY added to its last foreign key, if it has one."""
    *others, key = column.foreign_keys or (Unknown("no foreign key"),)
    if not isinstance(key, ForeignKeyConstraint):
        return column
    key = replace(
        key,
        deferrable=key.deferrable if deferrable is None else deferrable,
        initially=key.initially if initially is None else initially,
    )
    return replace(column, foreign_keys=(*others, key))


def _nextval(table: str, column: str) -> ServerDefault:
    """The default of a serial column. Source: PostgreSQL, `generateSerialExtraStmts`."""
    sequence = f"{table}_{column}_seq"
    if has_mark(sequence) or len(sequence.encode()) > _NAME_LENGTH:
        return Unknown("the name of the column's sequence is not known")
    return SqlExpression(f"nextval('{sequence}'::regclass)")


def default(node: Node | None, text: str) -> ServerDefault:
    """What DEFAULT gives; a plain string without its quotes, as SQLAlchemy would be given it."""
    if has_mark(text):
        return Unknown("a part of the SQL text is not known")
    if node is not None and node.kind == "A_Const" and (string := node.node("sval")) is not None:
        return string.text("sval")
    if node is not None and node.kind == "ParamRef":
        return Unknown("the default is a parameter of the statement")
    return SqlExpression(text)


def identity(node: Node) -> Identity:
    """An identity column's clause, with its sequence options under SQLAlchemy's names."""
    keywords: list[tuple[str, Value]] = [("always", node.text("generated_when") == "a")]
    for option in node.nodes("options"):
        argument = option.node("arg")
        if argument is None:
            continue
        name = option.text("defname")
        if argument.kind == "Integer":
            keywords.append((name, argument.number("ival")))
        elif argument.kind == "Boolean":
            keywords.append((name, argument.flag("boolval")))
        else:
            keywords.append((name, Unknown("the option is not a plain number")))
    return Identity(tuple(keywords))


def foreign_key(node: Node, columns: tuple[Name, ...] | Unknown) -> ForeignKeyConstraint:
    """A foreign key from these columns. NO ACTION, the default, is None."""
    schema, referent = table_of(node.node("pktable"))
    deferred = node.flag("initdeferred")
    return ForeignKeyConstraint(
        columns=columns,
        referent=referent,
        referent_columns=node.columns("pk_attrs") or OF_PRIMARY_KEY,
        name=optional(node.text("conname")),
        referent_schema=schema,
        ondelete=_ACTIONS.get(node.text("fk_del_action")),
        onupdate=_ACTIONS.get(node.text("fk_upd_action")),
        deferrable=True if node.flag("deferrable") else None,
        initially="DEFERRED" if deferred else None,
        match="FULL" if node.text("fk_matchtype") == "f" else None,
        not_valid=node.flag("skip_validation"),
    )


def read_constraint(node: Node, sql: Sql) -> Constraint:
    """A table constraint, from a Constraint node."""
    name = optional(node.text("conname"))
    location = node.number("location")
    deferrable = True if node.flag("deferrable") else None
    initially = "DEFERRED" if node.flag("initdeferred") else None
    index = optional(node.text("indexname"))
    of_index = Unknown("the columns are those of an index")
    match node.text("contype"):
        case "CONSTR_PRIMARY":
            keywords: tuple[tuple[str, Value], ...] = _key_keywords(node)
            if index is not None:
                keywords = (*keywords, ("using_index", index))
            return PrimaryKeyConstraint(
                node.columns("keys") if index is None else of_index, name, keywords
            )
        case "CONSTR_UNIQUE":
            return UniqueConstraint(
                node.columns("keys") if index is None else of_index,
                name,
                deferrable=deferrable,
                initially=initially,
                using_index=index,
                keywords=_key_keywords(node),
            )
        case "CONSTR_CHECK":
            inherit: tuple[tuple[str, Value], ...] = ()
            if node.flag("is_no_inherit"):
                inherit = (("postgresql_no_inherit", True),)
            condition = _in_parentheses(sql, location, "CHECK")
            return CheckConstraint(condition, name, node.flag("skip_validation"), inherit)
        case "CONSTR_FOREIGN":
            return foreign_key(node, node.columns("fk_attrs"))
        case "CONSTR_EXCLUSION":
            return _exclusion(node, sql, name)
        case kind:
            return Unknown(f"a constraint of the kind {kind} is not read")


def _key_keywords(node: Node) -> tuple[tuple[str, Value], ...]:
    keywords: list[tuple[str, Value]] = []
    if node.flag("nulls_not_distinct"):
        keywords.append(("postgresql_nulls_not_distinct", True))
    if include := node.columns("including"):
        keywords.append(("postgresql_include", include))
    return tuple(keywords)


def _exclusion(node: Node, sql: Sql, name: MaybeName) -> Constraint:
    start = sql.find(sql.at(node.number("location")), "EXCLUDE")
    group = None if start is None else sql.group(start)
    if group is None:
        return Unknown("the elements of the exclusion constraint are not read")
    elements: list[tuple[IndexElement, Name]] = []
    for pair, (begin, _) in zip(node.nodes("exclusions"), sql.items(group[0]), strict=False):
        element, operator = pair.nodes("items")[:2]
        symbols = tuple(item.text("sval") for item in operator.nodes("items"))
        elements.append((_element(element, sql, begin), known(symbols[-1] if symbols else "")))
    where = None
    if node.node("where_clause") is not None:
        text = _in_parentheses(sql, node.number("location"), "WHERE")
        where = text if isinstance(text, Unknown) else SqlExpression(text)
    using = optional(node.text("access_method"))
    return ExcludeConstraint(tuple(elements), name, using, where)


def read_index(node: Node, sql: Sql) -> Index:
    """The index of an IndexStmt, with its options under SQLAlchemy's keywords.

    For the order and collation of columns SQLAlchemy has none: `ordering` pairs a column with what
    it has besides, in words.
    """
    start = sql.find(0, "ON")
    group = sql.group(start or 0)
    begins = [begin for begin, _ in sql.items(group[0])] if group else []
    elements = node.nodes("indexParams")
    columns = tuple(
        _element(element, sql, begin) for element, begin in zip(elements, begins, strict=False)
    )
    keywords: list[tuple[str, Value]] = []
    if (method := node.text("accessMethod")) != "btree":
        keywords.append(("postgresql_using", known(method)))
    if node.node("whereClause") is not None and (place := sql.find(start or 0, "WHERE")):
        keywords.append(("postgresql_where", expression(sql.cut(place + 1, len(sql.tokens)))))
    if include := node.nodes("indexIncludingParams"):
        keywords.append(("postgresql_include", tuple(known(item.text("name")) for item in include)))
    operators = tuple(
        (column, known(element.strings("opclass")[-1]))
        for element, column in zip(elements, columns, strict=False)
        if isinstance(column, str) and element.strings("opclass")
    )
    if operators:
        keywords.append(("postgresql_ops", operators))
    orders = tuple(
        (column, order)
        for element, column in zip(elements, columns, strict=False)
        if isinstance(column, str) and (order := _order(element))
    )
    if orders:
        keywords.append(("ordering", orders))
    if node.flag("nulls_not_distinct"):
        keywords.append(("postgresql_nulls_not_distinct", True))
    options: list[tuple[str, Value]] = []
    for option in node.nodes("options"):
        argument = option.node("arg")
        number = argument is not None and argument.kind == "Integer"
        value: Value = argument.number("ival") if number and argument else Unknown("not a number")
        options.append((option.text("defname"), value))
    if options:
        keywords.append(("postgresql_with", tuple(options)))
    all_read = len(columns) == len(elements) and not any(
        # An unknown part of the list may be several columns.
        isinstance(column, Unknown)
        for column in columns
    )
    return Index(
        name=optional(node.text("idxname")),
        columns=columns if all_read else Unknown("the elements of the index are not all known"),
        unique=node.flag("unique"),
        keywords=tuple(keywords),
        words=None if node.text("idxname") else index_words(elements, include),
    )


def _order(element: Node) -> str:
    """The collation and the order of an index element, other than the column's own and ASC."""
    words = [f"COLLATE {name}" for name in element.strings("collation")[-1:]]
    descending = element.text("ordering") == "SORTBY_DESC"
    usual = "SORTBY_NULLS_FIRST" if descending else "SORTBY_NULLS_LAST"
    nulls = element.text("nulls_ordering")
    words += ["DESC"] if descending else []
    if nulls not in {"", "SORTBY_NULLS_DEFAULT", usual}:
        words.append(nulls.removeprefix("SORTBY_").replace("_", " "))
    return " ".join(words)


def _element(node: Node, sql: Sql, begin: int) -> IndexElement:
    """An index element: a column, or an expression without the parentheses PostgreSQL asks for."""
    if name := node.text("name"):
        return known(name)
    group = sql.group(begin)
    if group is None:
        return Unknown("the expression of the index is not read")
    if group[0] == begin + 1:
        return expression(sql.cut(*group))
    return expression(sql.cut(begin, group[1] + 1))


def _after(sql: Sql, location: int, keyword: str, following: int | None) -> str:
    """The text after a keyword, up to a comma, its parenthesis' end or another clause."""
    place = sql.find(sql.at(location), keyword)
    if place is None:
        return ""
    items = sql.items(place + 1)
    stop = items[0][1] if items else place + 1
    if following is not None:
        stop = min(stop, sql.at(following))
    return sql.cut(place + 1, stop)


def _in_parentheses(sql: Sql, location: int, keyword: str) -> Name:
    """The text in the first parentheses after a keyword."""
    place = sql.find(sql.at(location), keyword)
    group = None if place is None else sql.group(place)
    return Unknown("the expression is not read") if group is None else known(sql.cut(*group))
