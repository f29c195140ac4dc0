"""The columns that PostgreSQL statements about rows name, and of which tables."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from alembic_lint.extract.sql.marks import has_mark
from alembic_lint.extract.sql.tree import Node
from alembic_lint.model import ColumnRead

_READ = ("SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt")
_SYSTEM = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Columns that every table has."""

_Table = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names of columns are looked up in: a query's FROM, and that of the queries around it.

    `tables` are by the names that they go by, None for what is no table, such as a subquery.
    `bare` tells that there may be more than is listed.
    """

    tables: tuple[tuple[str, _Table | None], ...] = ()
    bare: bool = False
    around: _Scope | None = None
    with_names: frozenset[str] = frozenset()

    def named(self, alias: str) -> _Table | None:
        """The table that goes by a name, in the nearest query; None: none that is known."""
        for name, table in self.tables:
            if name == alias:
                return table
        return self.around.named(alias) if self.around is not None and not self.bare else None

    def all(self) -> Iterator[tuple[str, _Table | None]]:
        """The tables of this query, then those of the queries around it."""
        yield from self.tables
        if self.around is not None:
            yield from self.around.all()

    @property
    def open(self) -> bool:
        """Whether a name may be that of a column which is no listed table's."""
        inside = self.bare or any(table is None for _, table in self.tables)
        return inside or (self.around is not None and self.around.open)


def columns_of(statement: Node | None) -> tuple[ColumnRead, ...] | None:
    """The columns that a SELECT, INSERT, UPDATE or DELETE reads or writes, each once.

    None where they are not known: another statement, or one of which a part is not known, as that
    may be another table, or a name that hides one.
    """
    if statement is None or statement.kind not in _READ or any(map(_is_unknown, statement.walk())):
        return None
    try:
        return tuple(dict.fromkeys(_of_statement(statement, _Scope())))
    except RecursionError:
        return None


def indexed_columns(statement: Node) -> tuple[ColumnRead, ...] | None:
    """The columns that a CREATE INDEX is on, and those of its expressions and its condition."""
    if statement.kind != "IndexStmt" or any(map(_is_unknown, statement.walk())):
        return None
    own = _of_target(statement, frozenset())
    where = statement.node("whereClause")
    found: list[ColumnRead] = []
    for item in statement.nodes("indexParams"):
        found.extend(_column(item.text("name"), own) if item.text("name") else ())
    for item in (*statement.nodes("indexParams"), *(() if where is None else (where,))):
        found.extend(_of_expression(item, own))
    return tuple(dict.fromkeys(found))


def _is_unknown(node: Node) -> bool:
    return any(has_mark(value) for value in node.fields.values() if isinstance(value, str))


def _of_statement(statement: Node, around: _Scope) -> Iterator[ColumnRead]:
    match statement.kind:
        case "SelectStmt":
            yield from _of_query(statement, around)
        case "InsertStmt":
            yield from _of_insert(statement, around)
        case "UpdateStmt" | "DeleteStmt":
            yield from _of_change(statement, around)
        case _:
            return


def _of_insert(statement: Node, around: _Scope) -> Iterator[ColumnRead]:
    outer = yield from _of_with(statement, around)
    own = _of_target(statement, outer.with_names)
    yield from _written(statement.nodes("cols"), own)
    query = statement.node("selectStmt")
    if query is not None:
        yield from _of_query(query, outer)
    conflict = statement.node("onConflictClause")
    if conflict is not None:
        index = conflict.node("infer")
        for item in () if index is None else index.nodes("indexElems"):
            if item.text("name"):
                yield from _column(item.text("name"), own)
        assigned = conflict.nodes("targetList")
        yield from _written(assigned, own)
        excluded = (("excluded", table) for _, table in own.tables)
        both = _Scope((*own.tables, *excluded), with_names=outer.with_names)
        where = conflict.node("whereClause")
        for item in (*assigned, *(() if where is None else (where,))):
            yield from _of_expression(item, both)
    for item in statement.nodes("returningList"):
        yield from _of_expression(item, own)


def _of_change(statement: Node, around: _Scope) -> Iterator[ColumnRead]:
    """The columns of an UPDATE or a DELETE."""
    outer = yield from _of_with(statement, around)
    scope = _of_target(statement, outer.with_names)
    if statement.kind == "UpdateStmt":
        yield from _written(statement.nodes("targetList"), scope)
    others = (*statement.nodes("fromClause"), *statement.nodes("usingClause"))
    for item in others:
        scope = _with(scope, item)
    for item in others:
        yield from _of_join(item, scope)
    where = statement.node("whereClause")
    listed = (*statement.nodes("targetList"), *statement.nodes("returningList"))
    for item in listed if where is None else (*listed, where):
        yield from _of_expression(item, scope)


def _of_target(statement: Node, with_names: frozenset[str]) -> _Scope:
    """The scope of the table whose rows a statement changes, which no WITH can hide."""
    relation = statement.node("relation")
    if relation is None:
        return _Scope(bare=True, with_names=with_names)
    # Where only a table can stand, the tree does not say that it is one.
    own = _with(_Scope(), Node("RangeVar", relation.fields))
    return _Scope(own.tables, with_names=with_names)


def _written(targets: tuple[Node, ...], own: _Scope) -> Iterator[ColumnRead]:
    """The columns that are assigned to, always those of the statement's own table."""
    for item in targets:
        yield from _column(item.text("name"), own, written=True)


def _of_with(statement: Node, around: _Scope) -> Generator[ColumnRead, None, _Scope]:
    """The columns of the queries in a WITH; gives the scope in which their names are known."""
    names = around.with_names
    clause = statement.node("withClause")
    for item in () if clause is None else clause.nodes("ctes"):
        # A recursive one may name itself.
        names = names | {item.text("ctename")}
        inner = item.node("ctequery")
        if inner is not None:
            yield from _of_statement(inner, _Scope(bare=True, around=around, with_names=names))
    return _Scope(around.tables, around.bare, around.around, names)


def _of_query(query: Node, around: _Scope) -> Iterator[ColumnRead]:
    """The columns that a SELECT reads, and the queries in it."""
    outer = yield from _of_with(query, around)
    names = outer.with_names
    for side in ("larg", "rarg"):
        part = query.node(side)
        if part is not None:
            yield from _of_query(part, outer)
    if query.node("larg") is not None:
        return
    scope = _Scope(around=outer if around.tables or around.bare else None, with_names=names)
    for item in query.nodes("fromClause"):
        scope = _with(scope, item)
    for item in query.nodes("fromClause"):
        yield from _of_join(item, scope)
    aliases = {item.text("name") for item in query.nodes("targetList")} - {""}
    for field in ("groupClause", "sortClause", "distinctClause"):
        for item in query.nodes(field):
            inner = item.node("node") if item.kind == "SortBy" else item
            if inner is not None and _name(inner) not in aliases:
                yield from _of_expression(inner, scope)
    for field in ("targetList", "windowClause", "valuesLists"):
        for item in query.nodes(field):
            yield from _of_expression(item, scope)
    for field in ("whereClause", "havingClause", "limitCount", "limitOffset"):
        part = query.node(field)
        if part is not None:
            yield from _of_expression(part, scope)


def _with(scope: _Scope, item: Node) -> _Scope:
    """The scope with what one item of FROM adds to it."""
    alias = item.node("alias")
    given = None if alias is None else alias.text("aliasname")
    match item.kind:
        case "RangeVar":
            name, place = item.text("relname"), item.text("schemaname") or None
            own = place is None and name in scope.with_names
            renames = alias is not None and alias.nodes("colnames")
            table = None if own or renames else (place, name)
            return _Scope(
                (*scope.tables, (given or name, table)), scope.bare, scope.around, scope.with_names
            )
        case "JoinExpr":
            for side in ("larg", "rarg"):
                part = item.node(side)
                scope = scope if part is None else _with(scope, part)
            return scope if alias is None else _Scope((), True, scope.around, scope.with_names)
        case _:
            return _Scope(
                (*scope.tables, (given or "", None)), scope.bare, scope.around, scope.with_names
            )


def _of_join(item: Node, scope: _Scope) -> Iterator[ColumnRead]:
    """The columns that an item of FROM reads: conditions, subqueries, arguments of functions."""
    match item.kind:
        case "RangeVar":
            return
        case "RangeSubselect":
            query = item.node("subquery")
            if query is not None:
                around = scope if item.flag("lateral") else _outside(scope)
                yield from _of_query(query, around)
        case "JoinExpr":
            for side in ("larg", "rarg"):
                part = item.node(side)
                if part is None:
                    continue
                yield from _of_join(part, scope)
                if part.kind == "RangeVar":
                    own = _with(_Scope(with_names=scope.with_names), part)
                    for name in item.strings("usingClause"):
                        yield from _column(name, own)
            quals = item.node("quals")
            if quals is not None:
                yield from _of_expression(quals, scope)
        case _:
            yield from _of_expression(item, scope)


def _outside(scope: _Scope) -> _Scope:
    """What a subquery in FROM sees of the query that it is in."""
    return scope.around or _Scope(with_names=scope.with_names)


def _of_expression(node: Node, scope: _Scope) -> Iterator[ColumnRead]:
    if node.kind == "SelectStmt":
        yield from _of_query(node, scope)
        return
    if node.kind == "ColumnRef":
        yield from _reference(node, scope)
        return
    for value in node.fields:
        below = node.nodes(value)
        single = node.node(value)
        for item in below if single is None else (single,):
            yield from _of_expression(item, scope)


def _reference(node: Node, scope: _Scope) -> Iterator[ColumnRead]:
    fields = node.nodes("fields")
    star = bool(fields) and fields[-1].kind == "A_Star"
    names = tuple(item.text("sval") for item in fields if item.kind == "String")
    if star and not names:
        for _, table in scope.tables:
            if table is not None:
                yield ColumnRead(None, (table,))
        return
    owner = names if star else names[:-1]
    if not owner:
        yield from _column(names[-1], scope)
        return
    qualified_by = (owner[-2], owner[-1]) if len(owner) > 1 else None
    table = scope.named(owner[-1])
    if table is None or (qualified_by is not None and table != qualified_by):
        return
    if star or names[-1] not in _SYSTEM:
        yield ColumnRead(None if star else names[-1], (table,))


def _column(name: str, scope: _Scope, *, written: bool = False) -> Iterator[ColumnRead]:
    """A name without a table: a column of any table that is in reach, or a whole row of one.

    What is written is a column for certain.
    """
    listed = tuple(scope.all())
    tables = tuple(dict.fromkeys(table for _, table in listed if table is not None))
    row = not written and name in {alias for alias, _ in listed}
    if tables and name not in _SYSTEM and not row:
        yield ColumnRead(name, tables, closed=not scope.open)


def _name(node: Node) -> str | None:
    """The name of a column that stands alone, without a table's."""
    fields = node.nodes("fields") if node.kind == "ColumnRef" else ()
    return fields[0].text("sval") if len(fields) == 1 else None
