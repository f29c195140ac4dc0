"""Queries of a database's catalogue whose answer tells whether something exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alembic_lint.extract.sql.lexer import (
    BRACKETS,
    MYSQL,
    POSTGRESQL,
    Kind,
    Quoting,
    Sql,
    Token,
    scan,
)
from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sql.statements import unquote
from alembic_lint.model import (
    ColumnExists,
    Condition,
    ConstraintExists,
    EnumExists,
    IndexExists,
    MaybeName,
    Name,
    Not,
    TableExists,
    Unknown,
    Value,
)


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """What the answer to a query tells.

    `by_row`: a row comes back exactly if the condition holds. `by_value`: the first value of the
    first row, or None without a row, is true exactly if it holds. One of them is always True.
    `by_null`: that value is not None exactly if it holds.
    """

    condition: Condition
    by_row: bool
    by_value: bool
    by_null: bool = False


def catalogue_condition(
    text: str,
    dialects: tuple[str, ...] | None = None,
    parameters: Mapping[str, Value] | None = None,
) -> Condition | None:
    """What it means that a query finds something; None where that is not surely an existence.

    `parameters` are the values of the query's parameters by name; one that is missing is Unknown.
    Only a plain conjunction of equalities is read. Names in the catalogue are compared as written.
    """
    found = catalogue_query(text, dialects, parameters)
    return None if found is None else found.condition


def catalogue_query(
    text: str,
    dialects: tuple[str, ...] | None = None,
    parameters: Mapping[str, Value] | None = None,
) -> CatalogueQuery | None:
    """The same, with how the answer tells it."""
    for quoting in _quotings(dialects):
        sql = scan(text, quoting)
        statements = tuple(sql.statements())
        if not sql.sound or len(statements) != 1:
            continue
        reader = _Reader(statements[0], parameters or {})
        if (found := reader.query(0, len(statements[0].tokens))) is not None:
            return found
    return None


def _quotings(dialects: tuple[str, ...] | None) -> tuple[Quoting, ...]:
    if dialects is None:
        return POSTGRESQL, MYSQL, BRACKETS
    by_name = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MYSQL}
    return tuple(dict.fromkeys(by_name.get(name, BRACKETS) for name in dialects))


_TABLE_VIEWS = {
    "information_schema.tables": "table",
    "information_schema.columns": "column",
    "information_schema.statistics": "index",
    "information_schema.table_constraints": "constraint",
    "information_schema.referential_constraints": "constraint",
    "information_schema.key_column_usage": "constraint",
    "information_schema.check_constraints": "constraint",
    "pg_tables": "table",
    "pg_class": "relation",
    "pg_indexes": "index",
    "pg_type": "enum",
    "pg_constraint": "constraint",
    "pg_attribute": "column",
    "sqlite_master": "sqlite",
    "sqlite_schema": "sqlite",
    "user_tables": "table",
    "user_tab_columns": "column",
    "user_indexes": "index",
    "user_constraints": "constraint",
}
"""The catalogue's tables and views, by what one row of theirs is about."""

_COLUMNS = {
    "table": {"table_name": "table", "tablename": "table"},
    "column": {
        "table_name": "table", "column_name": "column", "attname": "column", "attrelid": "table",
        "relname": "table",
    },
    "index": {
        "indexname": "index", "index_name": "index", "tablename": "table", "table_name": "table",
    },
    "constraint": {
        "constraint_name": "constraint", "conname": "constraint", "table_name": "table",
        "conrelid": "table", "relname": "table", "constraint_type": "kind", "contype": "kind",
    },
    "enum": {"typname": "enum", "typtype": "type"},
    "relation": {"relname": "relation", "relkind": "relkind"},
    "sqlite": {"name": "relation", "type": "relkind", "tbl_name": "table"},
}  # fmt: skip
"""What a column of the catalogue says about the row's object."""

_SCHEMA_COLUMNS = (
    "table_schema", "schemaname", "nspname", "constraint_schema", "index_schema", "owner"
)  # fmt: skip
_TABLE_KINDS = frozenset({"r", "p", "v", "m", "f", "table", "BASE TABLE", "VIEW", "t"})
"""What `relkind`, `type` and `table_type` say of tables and views."""
_JOINS = frozenset(
    frozenset(pair)
    for pair in (
        ("relnamespace", "oid"), ("typnamespace", "oid"), ("connamespace", "oid"),
        ("conrelid", "oid"), ("attrelid", "oid"),
    )
)  # fmt: skip
_JOINED = ("pg_namespace", "pg_class")
_DEFAULT_SCHEMA_CALLS = ("current_schema", "database", "schema")
_KINDS = {
    "FOREIGN KEY": "foreignkey", "UNIQUE": "unique", "PRIMARY KEY": "primary", "CHECK": "check",
    "f": "foreignkey", "u": "unique", "p": "primary", "c": "check",
}  # fmt: skip

_ANY_SCHEMA = "public"
"""PostgreSQL's default schema, which a query names where a revision does not."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tokens of one query; each method takes the numbers of the first and the end."""

    sql: Sql
    parameters: Mapping[str, Value]

    def token(self, number: int, end: int) -> Token | None:
        return self.sql.tokens[number] if number < end else None

    def texts(self, start: int, end: int) -> tuple[str, ...]:
        """The tokens' texts, words in lower case."""
        return tuple(
            item.text.lower() if item.kind is Kind.WORD else item.text
            for item in self.sql.tokens[start:end]
        )

    def query(self, start: int, end: int) -> CatalogueQuery | None:
        """A whole query."""
        words = self.texts(start, min(end, start + 3))
        match words[:2]:
            case ("pragma", "table_info" | "table_xinfo"):
                return self._rows(self._pragma(start + 2, end))
            case ("show", "tables"):
                return self._rows(self._show_tables(start + 2, end))
            case ("show", "columns" | "fields" | "index" | "indexes" | "keys"):
                return self._rows(self._show(start + 1, end))
            case ("select", _):
                return self._select(start + 1, end)
            case _:
                return None

    def _rows(self, condition: Condition | None) -> CatalogueQuery | None:
        return None if condition is None else CatalogueQuery(condition, True, True, True)

    # MySQL and SQLite

    def _pragma(self, start: int, end: int) -> Condition | None:
        """`PRAGMA table_info(t)` has no row for a table that does not exist."""
        if end - start != 3 or self.texts(start, end)[0] != "(":
            return None
        name = self.value(self.sql.tokens[start + 1], names=True)
        return None if name is None else TableExists(name)

    def _show_tables(self, start: int, end: int) -> Condition | None:
        if end - start != 2 or self.texts(start, end)[0] != "like":
            return None
        name = self.value(self.sql.tokens[start + 1])
        return None if name is None or _has_wildcard(name) else TableExists(name)

    def _show(self, start: int, end: int) -> Condition | None:
        """SHOW COLUMNS FROM t LIKE 'c', SHOW INDEX FROM t WHERE Key_name = 'i'."""
        texts = self.texts(start, end)
        if len(texts) not in (5, 7) or texts[1] not in ("from", "in"):
            return None
        table = self.value(self.sql.tokens[start + 2], names=True)
        name = self.value(self.sql.tokens[end - 1])
        if table is None or name is None:
            return None
        column = texts[0] in ("columns", "fields")
        match texts[3:-1]:
            case ("like",) if column and not _has_wildcard(name):
                return ColumnExists(table, name)
            case ("where", "field" | "`field`" | "`Field`", "=") if column:
                return ColumnExists(table, name)
            case ("where", "key_name" | "`key_name`" | "`Key_name`", "=") if not column:
                return IndexExists(name, table)
            case _:
                return None

    # SELECT

    def _select(self, start: int, end: int) -> CatalogueQuery | None:
        """What follows SELECT."""
        texts = self.texts(start, end)
        if texts[:2] == ("to_regclass", "("):
            return self._regclass(start, end)
        negated = texts[:1] == ("not",)
        if texts[int(negated) : int(negated) + 2] == ("exists", "("):
            return self._exists(start + int(negated), end, negated=negated)
        place = self.sql.find(start, "FROM", end=end)
        if place is None:
            return None
        counted = texts[:2] == ("count", "(")
        items = self.texts(start, place)
        condition = self._from(place + 1, end)
        if condition is None:
            return None
        if counted:
            group = self.sql.group(start)
            rest = self.texts(group[1] + 1, place) if group else ()
            if rest and rest != (">", "0") and not (rest[0] == "as" and len(rest) == 2):
                return None
            return CatalogueQuery(condition, by_row=False, by_value=True)
        if any(item in ("(", "case", "over") for item in items):
            return None
        return CatalogueQuery(
            condition, by_row=True, by_value=_surely_true(items), by_null=_surely_true(items)
        )

    def _regclass(self, start: int, end: int) -> CatalogueQuery | None:
        """`SELECT to_regclass('schema.table')`, with a cast, IS NULL or an alias after it."""
        texts = self.texts(start, end)
        if len(texts) < 4 or texts[3] != ")":
            return None
        value = self.value(self.sql.tokens[start + 2])
        if value is None:
            return None
        found: Condition
        if isinstance(value, Unknown):
            found = TableExists(value)
        else:
            dotted = scan(value).tokens
            parts = [unquote(item, lower=True) for item in dotted if item.text != "."]
            if not 1 <= len(parts) <= 2 or len(dotted) != 2 * len(parts) - 1:
                return None
            found = TableExists(known(parts[-1]), _schema(parts[0] if len(parts) > 1 else None))
        rest = texts[4:]
        if rest[:1] == ("::",):
            rest = rest[2:]
        match rest:
            case () | ("as", _):
                return CatalogueQuery(found, by_row=False, by_value=True, by_null=True)
            case ("is", "not", "null") | ("is", "not", "null", "as", _):
                return CatalogueQuery(found, by_row=False, by_value=True)
            case ("is", "null") | ("is", "null", "as", _):
                return CatalogueQuery(Not(found), by_row=False, by_value=True)
            case _:
                return None

    def _exists(self, start: int, end: int, *, negated: bool) -> CatalogueQuery | None:
        """`SELECT EXISTS (SELECT …)`."""
        group = self.sql.group(start)
        if group is None or self.texts(group[1] + 1, end)[:1] not in ((), ("as",)):
            return None
        inner = self.query(*group)
        if inner is None or not inner.by_row:
            return None
        condition = Not(inner.condition) if negated else inner.condition
        return CatalogueQuery(condition, by_row=False, by_value=True)

    def _from(self, start: int, end: int) -> Condition | None:
        """What follows FROM: one table of the catalogue, its joins, and a conjunction."""
        place = self.sql.find(start, "WHERE", end=end)
        if place is None:
            return None
        limit = self.sql.find(place, "LIMIT", "ORDER", end=end)
        end = end if limit is None else limit
        pragma = self.texts(start, place)
        if pragma[:2] == ("pragma_table_info", "(") and pragma[3:4] == (")",):
            table = self.value(self.sql.tokens[start + 2])
            facts = self._facts(place + 1, end, {"name": "column"})
            if table is None or facts is None or set(facts) != {"column"}:
                return None
            return ColumnExists(table, facts["column"])
        relations = self._relations(start, place)
        if relations is None:
            return None
        meaning = _TABLE_VIEWS.get(relations[0])
        if meaning is None or any(other not in _JOINED for other in relations[1:]):
            return None
        facts = self._facts(place + 1, end, _COLUMNS[meaning])
        return None if facts is None else _condition(meaning, facts)

    def _relations(self, start: int, end: int) -> tuple[str, ...] | None:
        """The tables after FROM, the one that is asked first; None where a join is not plain."""
        found: list[str] = []
        position = start
        while position < end:
            name, position = self._relation(position, end)
            if name is None:
                return None
            found.append(name)
            texts = self.texts(position, end)
            if texts[:1] == ("as",):
                position += 2
            elif texts and texts[0].isidentifier() and texts[0] not in ("join", "inner", "on"):
                position += 1
            texts = self.texts(position, end)
            if texts[:1] == ("on",):
                following = self.sql.find(position + 1, "JOIN", "INNER", "LEFT", end=end) or end
                if self._facts(position + 1, following, {}) != {}:
                    return None
                position = following
                texts = self.texts(position, end)
            if texts[:1] == ("inner",):
                position += 1
                texts = texts[1:]
            if texts[:1] in (("join",), (",",)):
                position += 1
            elif position < end:
                return None
        asked = [name for name in found if name != "pg_namespace"]
        if len(asked) > 1 and "pg_class" in asked:
            asked = [name for name in asked if name != "pg_class"] + ["pg_class"]
        return (*asked, *(name for name in found if name == "pg_namespace")) if asked else None

    def _relation(self, start: int, end: int) -> tuple[str | None, int]:
        parts: list[str] = []
        while start < end and self.sql.tokens[start].kind in (Kind.WORD, Kind.QUOTED):
            parts.append(unquote(self.sql.tokens[start], lower=True).lower())
            start += 1
            if start < end and self.sql.tokens[start].text == ".":
                start += 1
            else:
                break
        if parts[:1] == ["pg_catalog"]:
            parts = parts[1:]
        return (".".join(parts) if parts else None), start

    def _facts(self, start: int, end: int, columns: Mapping[str, str]) -> dict[str, Name] | None:
        """What a conjunction of equalities says, by the columns' meaning; None for any other."""
        facts: dict[str, Name] = {}
        for begin, stop in self._conjuncts(start, end):
            fact = self._fact(begin, stop, columns)
            if fact is None or (fact[0] in facts and fact[0]):
                return None
            if fact[0]:
                facts[fact[0]] = fact[1]
        return facts

    def _conjuncts(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        found: list[tuple[int, int]] = []
        begin = start
        while (place := self.sql.find(begin, "AND", end=end)) is not None:
            found.append((begin, place))
            begin = place + 1
        found.append((begin, end))
        return tuple(found)

    def _fact(self, start: int, end: int, columns: Mapping[str, str]) -> tuple[str, Name] | None:
        """One equality as (meaning, value); the meaning is empty where it says nothing more."""
        group = self.sql.group(start)
        if group == (start + 1, end - 1):
            return self._fact(*group, columns)
        if self.texts(start, start + 1) == ("not",):
            # Rows of dropped columns stay in pg_attribute.
            column, position = self._column(start + 1, end)
            return ("", known("")) if (column, position) == ("attisdropped", end) else None
        column, position = self._column(start, end)
        rest = self.texts(position, end)
        if column is None:
            return None
        if column == "attisdropped":
            return ("", known("")) if rest == ("=", "false") else None
        if rest[:1] != ("=",):
            return self._one_of(column, position, end)
        other, stop = self._column(position + 1, end)
        if other is not None and stop == end:
            return ("", known("")) if frozenset((column, other)) in _JOINS else None
        if column in _SCHEMA_COLUMNS:
            called = rest[1] if len(rest) > 1 else ""
            if called in _DEFAULT_SCHEMA_CALLS and rest[2:] in ((), ("(", ")")):
                return "", known("")
            whole = self.sql.group(position + 1)
            if rest[1:4] == ("any", "(", "current_schemas") and whole == (position + 3, end - 1):
                return "", known("")
            value = self.value(self.sql.tokens[position + 1]) if len(rest) == 2 else None
            return None if value is None else ("schema", value)
        value = self.value(self.sql.tokens[position + 1]) if len(rest) > 1 else None
        if value is None or (len(rest) > 2 and rest[2:] != ("::", "regclass")):
            return None
        if column == "table_catalog" or (column == "table_type" and value == "BASE TABLE"):
            return "", known("")
        meaning = columns.get(column)
        return None if meaning is None else (meaning, value)

    def _one_of(self, column: str, position: int, end: int) -> tuple[str, Name] | None:
        """`relkind IN ('r', 'p')`, which narrows nothing that matters here."""
        texts = self.texts(position, end)
        if column not in ("relkind", "table_type", "type") or texts[:2] != ("in", "("):
            return None
        kinds = {self.value(token) for token in self.sql.tokens[position + 2 : end - 1 : 2]}
        return ("", known("")) if texts[-1] == ")" and kinds <= _TABLE_KINDS else None

    def _column(self, start: int, end: int) -> tuple[str | None, int]:
        """A column's name without its table, in lower case, and the number after it."""
        name: str | None = None
        while start < end and self.sql.tokens[start].kind in (Kind.WORD, Kind.QUOTED):
            name = unquote(self.sql.tokens[start], lower=True).lower()
            start += 1
            if start < end and self.sql.tokens[start].text == ".":
                start += 1
            else:
                break
        if name is not None and start < end and self.sql.tokens[start].text == "(":
            return None, start
        return name, start

    def value(self, token: Token, *, names: bool = False) -> Name | None:
        """A literal's text or a parameter's value; None where the token is neither."""
        if token.kind is Kind.STRING and token.text.startswith("'"):
            return known(token.text[1:-1].replace("''", "'"))
        if token.kind is Kind.BIND:
            given = self.parameters.get(token.text.strip(":%()s" if token.text[0] == "%" else ":"))
            return given if isinstance(given, str) else Unknown("a parameter's value is not known")
        if names and token.kind in (Kind.WORD, Kind.QUOTED):
            return known(unquote(token, lower=False))
        return None


def _has_wildcard(name: Name) -> bool:
    """Whether LIKE would read it as a pattern; a lone `_` matches itself too."""
    return isinstance(name, str) and "%" in name


def _surely_true(items: tuple[str, ...]) -> bool:
    """Whether the first of a query's items is never null, false or zero in a row that is found."""
    first = items[2] if items[1:2] == (".",) else items[0] if items else ""
    return first in (
        "1", "*", "oid", "true", "tablename", "table_name", "column_name", "constraint_name",
        "indexname", "index_name", "conname", "relname", "typname", "attname", "name", "distinct",
    ) or (first.startswith("'") and len(first) > 2)  # fmt: skip


def _schema(name: Name | None) -> MaybeName:
    return None if name == _ANY_SCHEMA else name


def _condition(meaning: str, facts: Mapping[str, Name]) -> Condition | None:
    """What a row with these facts means; None where they do not name the object."""
    schema = _schema(facts.get("schema"))
    given = set(facts) - {"schema"}
    relkind = facts.get("relkind")
    match meaning:
        case "table" if given == {"table"}:
            return TableExists(facts["table"], schema)
        case "column" if given == {"table", "column"}:
            return ColumnExists(facts["table"], facts["column"], schema)
        case "column" if given == {"table"}:
            return TableExists(facts["table"], schema)
        case "index" if given in ({"index"}, {"index", "table"}):
            return IndexExists(facts["index"], facts.get("table"), schema)
        case "constraint" if "constraint" in given and given <= {"constraint", "table", "kind"}:
            kind = facts.get("kind")
            known_kind = _KINDS.get(kind) if isinstance(kind, str) else None
            if kind is not None and known_kind is None:
                return None
            return ConstraintExists(facts["constraint"], facts.get("table"), known_kind, schema)
        case "enum" if given <= {"enum", "type"} and "enum" in given:
            return EnumExists(facts["enum"], schema) if facts.get("type", "e") == "e" else None
        case "relation" | "sqlite" if "relation" in given:
            if given <= {"relation", "relkind"} and relkind in (None, "r", "table"):
                return TableExists(facts["relation"], schema)
            if given <= {"relation", "relkind", "table"} and relkind in ("i", "index"):
                return IndexExists(facts["relation"], facts.get("table"), schema)
    return None
