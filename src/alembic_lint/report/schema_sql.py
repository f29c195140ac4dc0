"""A schema as SQL that makes it; what is not certain stands in comments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from alembic_lint import model
from alembic_lint.model import Computed, Identity, Name, ServerDefault, SqlExpression, Unknown
from alembic_lint.report.schema_text import Moment
from alembic_lint.report.schema_types import SERIAL, literal, quoted, sql_type
from alembic_lint.report.schema_words import enum, index, key, name_of
from alembic_lint.schema import (
    Column,
    Constraint,
    EnumType,
    Index,
    Presence,
    Schema,
    Table,
    TableKey,
    family,
)
from alembic_lint.schema.doubts import doubts

DATABASES = ("mariadb", "mysql", "postgresql", "sqlite")
"""Those whose SQL is written."""

_INNER = frozenset({"primary", "unique", "check", "exclude"})
_SIMPLE = re.compile(
    r"'(?:[^']|'')*'|[+-]?\d+(\.\d+)?|null|true|false|current_(timestamp|date|time)|\(.*\)",
    re.IGNORECASE | re.DOTALL,
)
_ORDER = re.compile(
    r"\s+((?:asc|desc)(?:\s+nulls\s+(?:first|last))?|nulls\s+(?:first|last))\s*$", re.IGNORECASE
)
_COLLATION = re.compile(r"COLLATE (.+?)(?= DESC| NULLS|$)")
_NEXT_VALUE = re.compile(r"nextval\(\s*'([^']+)'", re.IGNORECASE)
_NULLS = " NULLS NOT DISTINCT"
_CALL_OR_NAME = re.compile(r"[\w.\"`]+(?:\((?:[^()]|\([^()]*\))*\))?")


def render(moment: Moment) -> str:
    """Statements in an order in which they run on an empty database, each ending with `;`."""
    writer = _Writer(moment.schema)
    lines = [f"-- {moment.at} on {moment.schema.database}", *writer.statements()]
    return "".join(f"{line}\n" for line in lines)


class _Writer:
    """The statements for one schema; what has been written so far is remembered."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.database = schema.database
        self.columns: dict[TableKey, frozenset[str]] = {}
        """The columns written of each table."""
        self.unique: set[tuple[TableKey, frozenset[str]]] = set()

    def statements(self) -> Iterator[str]:
        if self.database == "postgresql":
            places = {table.schema for table in self.schema.tables}
            places |= {item.schema for item in self.schema.enums}
            for place in sorted(item for item in places if item is not None):
                yield f"CREATE SCHEMA IF NOT EXISTS {self.name(place)};"
            for item in self.schema.enums:
                yield from self.enum(item)
            yield from self.sequences()
        yield from self.all_tables()
        for at, view in sorted(self.schema.views_by_key.items(), key=lambda item: str(item[0])):
            if view.presence is not Presence.ABSENT:
                yield _comment(f"view {name_of(at)}")

    def all_tables(self) -> Iterator[str]:
        tables = [table for table in self.schema.tables if self.is_written(table)]
        for table in tables:
            self.columns[table.key] = frozenset(
                column.name for column in table.columns if self.column(column) is not None
            )
        for table in self.schema.tables:
            yield ""
            if table.key in self.columns:
                yield from self.table(table)
            else:
                yield from self.left_out(table)
        for table in tables:
            for item in table.constraints:
                if item.kind == "foreignkey" and self.database != "sqlite":
                    text = self.constraint(item, table)
                    if text is None:
                        yield _comment(f"on {name_of(table.key)}: {key(item)}")
                    else:
                        yield f"ALTER TABLE {self.table_name(table)} ADD {text};"

    def sequences(self) -> Iterator[str]:
        """The sequences that defaults draw from and no column has of its own."""
        columns = [column for table in self.schema.tables for column in table.columns]
        names = {
            name
            for column in columns
            if column.serial is not True and isinstance(column.default, SqlExpression)
            for name in _NEXT_VALUE.findall(str(column.default.text))
        }
        for name in sorted(names):
            yield f"CREATE SEQUENCE IF NOT EXISTS {name};"
            yield _comment(f"with which numbers sequence {name} counts is not told")

    def enum(self, item: EnumType) -> Iterator[str]:
        values = () if isinstance(item.values, Unknown) else item.values
        texts = [value for value in values if isinstance(value, str)]
        unknown = isinstance(item.values, Unknown) or len(texts) != len(values)
        if unknown or item.presence is not Presence.PRESENT:
            yield _comment(f"not certain: enum type {enum(item)}")
            return
        listed = ", ".join(literal(value, self.database) for value in texts)
        prefix = "" if item.schema is None else f"{self.name(item.schema)}."
        yield f"CREATE TYPE {prefix}{self.name(item.name)} AS ENUM ({listed});"

    def is_written(self, table: Table) -> bool:
        if table.presence is not Presence.PRESENT or table.external:
            return False
        return any(self.column(column) is not None for column in table.columns)

    def left_out(self, table: Table) -> Iterator[str]:
        yield _comment(
            f"table {name_of(table.key)}: {next(doubts(self.schema, table), 'no columns')}"
        )

    def table(self, table: Table) -> Iterator[str]:
        written: list[str] = []
        notes: list[str] = []
        for column in table.columns:
            text = self.column(column)
            if text is None:
                notes.append(f"column {column.name} is left out")
            else:
                written.append(text)
            if self.database == "postgresql" and _is_stored_by_version(column.default):
                notes.append(
                    f"column {column.name} is virtual from PostgreSQL 18 on; before, write STORED"
                )
        for item in table.constraints:
            if item.kind not in _INNER and self.database != "sqlite":
                continue
            text = self.constraint(item, table)
            if text is None:
                notes.append(key(item))
            else:
                written.append(text)
            self.note_unique(item, table)
        yield from (_comment(doubt) for doubt in doubts(self.schema, table))
        yield f"CREATE TABLE {self.table_name(table)} ("
        yield ",\n".join(f"  {line}" for line in written)
        comment = table.comment
        own = self.database in {"mysql", "mariadb"} and isinstance(comment, str)
        options = dict(_options(table, self.database))
        partition = options.pop("postgresql_partition_by", None)
        end = f" COMMENT {literal(str(comment), self.database)}" if own else ""
        end += f" PARTITION BY {partition}" if isinstance(partition, str) else ""
        yield f"){end};"
        yield from (_comment(f"{name}={value!r} is left out") for name, value in options.items())
        yield from (_comment(note) for note in notes)
        yield from self.comments(table)
        for each in table.indexes:
            text = self.index(each, table)
            if text is None:
                yield _comment(index(each, self.database))
            else:
                yield text

    def comments(self, table: Table) -> Iterator[str]:
        if self.database != "postgresql":
            return
        if isinstance(table.comment, str):
            text = literal(table.comment, self.database)
            yield f"COMMENT ON TABLE {self.table_name(table)} IS {text};"
        for column in table.columns:
            if isinstance(column.comment, str) and column.name in self.columns[table.key]:
                at = f"{self.table_name(table)}.{self.name(column.name)}"
                yield f"COMMENT ON COLUMN {at} IS {literal(column.comment, self.database)};"

    def note_unique(self, item: Constraint, table: Table) -> None:
        sure = item.presence is Presence.PRESENT
        if item.kind in {"primary", "unique"} and sure and isinstance(item.columns, tuple):
            self.unique.add((table.key, frozenset(item.columns)))

    def column(self, column: Column) -> str | None:
        """The definition of a column; None where it is not certain enough."""
        if column.presence is not Presence.PRESENT:
            return None
        type_ = sql_type(column.type, self.database)
        if type_ is None:
            return None
        if self.database == "postgresql" and self.uses_unknown_enum(column):
            return None
        parts = [self.name(column.name), type_]
        counts = column.serial is True
        if counts and self.database == "postgresql":
            kind = family(column.type, self.database)
            parts[1] = SERIAL.get(str(kind[0]), type_) if kind else type_
        elif isinstance(column.default, Computed):
            generated = self.generated(column.default)
            if generated is None:
                return None
            parts.append(generated)
        elif isinstance(column.default, Identity):
            parts.append(self.identity(column.default))
        else:
            given = self.default(column.default)
            parts += [] if given is None else [f"DEFAULT {given}"]
        if column.nullable is False:
            parts.append("NOT NULL")
        elif isinstance(column.default, Identity) and column.nullable is True:
            return None
        if counts and self.database in {"mysql", "mariadb"}:
            parts.append("AUTO_INCREMENT")
        if self.database in {"mysql", "mariadb"} and isinstance(column.comment, str):
            parts.append(f"COMMENT {literal(column.comment, self.database)}")
        return " ".join(parts)

    def uses_unknown_enum(self, column: Column) -> bool:
        kind = column.type
        while isinstance(kind, model.ColumnType) and kind.enum is None and kind.args:
            inner = kind.args[0]
            kind = inner if isinstance(inner, model.ColumnType) else Unknown("no type")
        found = kind.enum if isinstance(kind, model.ColumnType) else None
        if found is None or found.native is False or not isinstance(found.name, str):
            return False
        place = found.schema if isinstance(found.schema, str) else None
        there = self.schema.enum(found.name, place)
        unknown = there is None or there.presence is not Presence.PRESENT
        return unknown or (there is not None and isinstance(there.values, Unknown))

    def default(self, value: ServerDefault) -> str | None:
        match value:
            case str(text):
                return literal(text, self.database)
            case SqlExpression(str(text)):
                text = text.strip()
                if self.database == "sqlite" and text.lower() == "now()":
                    return "CURRENT_TIMESTAMP"
                simple = self.database == "postgresql" or _SIMPLE.fullmatch(text)
                now = text.lower().startswith(("now()", "current_timestamp"))
                return text if simple or now else f"({text})"
            case _:
                return None

    def generated(self, value: Computed) -> str | None:
        if not isinstance(value.expression, str):
            return None
        kind = " STORED" if value.persisted is True else " VIRTUAL"
        if value.persisted is None and self.database == "postgresql":
            kind = ""  # what it is then depends on the server's version
        return f"GENERATED ALWAYS AS ({value.expression}){kind}"

    def identity(self, value: Identity) -> str:
        options = dict(value.keywords)
        words = {"start": "START WITH", "increment": "INCREMENT BY", "minvalue": "MINVALUE"}
        given = [
            f"{text} {number}"
            for name, text in {**words, "maxvalue": "MAXVALUE", "cache": "CACHE"}.items()
            if isinstance(number := options.get(name), int)
        ]
        given += ["CYCLE"] if options.get("cycle") is True else []
        when = "ALWAYS" if options.get("always") is True else "BY DEFAULT"
        return f"GENERATED {when} AS IDENTITY" + (f" ({' '.join(given)})" if given else "")

    def constraint(self, item: Constraint, table: Table) -> str | None:
        """A constraint of a table; None where it is not certain enough."""
        if item.presence is not Presence.PRESENT:
            return None
        text = self.definition(item, table)
        if text is None:
            return None
        name = item.name if isinstance(item.name, str) else None
        if name is None or (item.kind == "primary" and self.database in {"mysql", "mariadb"}):
            return text
        return f"CONSTRAINT {self.name(name)} {text}"

    def definition(self, item: Constraint, table: Table) -> str | None:
        match item.definition:
            case model.CheckConstraint(condition=str(condition)):
                return f"CHECK ({condition})"
            case model.CheckConstraint():
                return None
            case model.ExcludeConstraint() as definition:
                return self.exclusion(definition)
            case model.ForeignKeyConstraint() as definition:
                return self.foreign_key(definition, table)
            case model.PrimaryKeyConstraint(columns=columns):
                listed = self.listed(columns, table)
                return None if listed is None else f"PRIMARY KEY ({listed})"
            case definition:
                listed = self.listed(definition.columns, table)
                options = dict(definition.keywords)
                nulls = _NULLS if options.get("postgresql_nulls_not_distinct") is True else ""
                text = None if listed is None else f"UNIQUE{nulls} ({listed})"
                if text and definition.deferrable is True and self.database == "postgresql":
                    text += _deferred(definition.initially)
                return text

    def exclusion(self, definition: model.ExcludeConstraint) -> str | None:
        if not isinstance(definition.elements, tuple) or isinstance(definition.where, Unknown):
            return None
        parts = []
        for part, operator in definition.elements:
            text = self.element(part)
            if text is None or not isinstance(operator, str):
                return None
            parts.append(f"{text} WITH {operator}")
        using = definition.using if isinstance(definition.using, str) else "gist"
        where = ""
        if definition.where is not None:
            where = f" WHERE ({definition.where.text})"
        return f"EXCLUDE USING {using} ({', '.join(parts)}){where}"

    def foreign_key(self, definition: model.ForeignKeyConstraint, table: Table) -> str | None:
        referred = self.schema.referent(definition, table)
        columns = self.listed(definition.columns, table)
        if referred is None or columns is None:
            return None
        there = definition.referent_columns
        if not isinstance(there, tuple) or any(isinstance(item, Unknown) for item in there):
            return None
        names = frozenset(str(item) for item in there)
        if self.database != "sqlite" and (
            not names <= self.columns.get(referred, frozenset())
            or (referred, names) not in self.unique
        ):
            return None
        place = "" if referred[0] is None else f"{self.name(referred[0])}."
        listed = ", ".join(self.name(str(item)) for item in there)
        own = self.schema.at(referred).name
        text = f"FOREIGN KEY ({columns}) REFERENCES {place}{self.name(own)} ({listed})"
        for action, verb in ((definition.ondelete, "DELETE"), (definition.onupdate, "UPDATE")):
            if isinstance(action, str):
                text += f" ON {verb} {action.upper()}"
        if definition.deferrable is True and self.database in {"postgresql", "sqlite"}:
            text += _deferred(definition.initially)
        return text

    def index(self, item: Index, table: Table) -> str | None:
        name = item.name if isinstance(item.name, str) else item.likely
        options = dict(item.keywords)
        where = options.get(f"{self.database}_where")
        if name is None or item.presence is not Presence.PRESENT or isinstance(where, Unknown):
            return None
        if isinstance(item.unique, Unknown) or not isinstance(item.columns, tuple):
            return None
        operators = _pairs(options.get(f"{self.database}_ops"))
        orders = _pairs(options.get("ordering"))
        parts = []
        for each in item.columns:
            text = self.element(each)
            if text is None or (isinstance(each, str) and each not in self.columns[table.key]):
                return None
            # A collation stands before an operator class, the order behind it.
            order = orders.get(each, "") if isinstance(each, str) else ""
            collation = _COLLATION.match(order)
            given = (
                f"COLLATE {self.name(collation[1])}" if collation else "",
                operators.get(each, "") if isinstance(each, str) else "",
                order[collation.end() :] if collation else order,
            )
            parts.append(" ".join(word for word in (text, *map(str.strip, given)) if word))
        method = options.get(f"{self.database}_using")
        using = f" USING {method}" if isinstance(method, str) else ""
        sqls = self.database in {"mysql", "mariadb"}
        text = f"CREATE {'UNIQUE ' if item.unique else ''}INDEX {self.name(name)}"
        text += f" ON {self.table_name(table)}{'' if sqls else using} ({', '.join(parts)})"
        include = options.get("postgresql_include")
        if isinstance(include, tuple) and include and self.database == "postgresql":
            text += f" INCLUDE ({', '.join(self.name(str(column)) for column in include)})"
        if options.get("postgresql_nulls_not_distinct") is True and self.database == "postgresql":
            text += _NULLS
        if isinstance(where, SqlExpression | str):
            condition = where.text if isinstance(where, SqlExpression) else where
            if not isinstance(condition, str):
                return None
            text += f" WHERE {condition}"
        if item.unique and sure_columns(item):
            self.unique.add((table.key, frozenset(str(each) for each in item.columns)))
        return f"{text}{using if sqls else ''};"

    def element(self, item: model.IndexElement) -> str | None:
        match item:
            case str(name):
                return self.name(name)
            case SqlExpression(str(text)):
                order = _ORDER.search(text)
                bare = (text[: order.start()] if order else text).strip()
                plain = _CALL_OR_NAME.fullmatch(bare) or (bare[:1], bare[-1:]) == ("(", ")")
                return f"{bare if plain else f'({bare})'}{f' {order[1]}' if order else ''}"
            case _:
                return None

    def listed(self, columns: tuple[Name, ...] | Unknown, table: Table) -> str | None:
        """Columns that have all been written."""
        if not isinstance(columns, tuple):
            return None
        written: Collection[str] = self.columns[table.key]
        if any(not isinstance(name, str) or name not in written for name in columns):
            return None
        return ", ".join(self.name(str(name)) for name in columns)

    def name(self, name: str) -> str:
        return quoted(name, self.database)

    def table_name(self, table: Table) -> str:
        place = "" if table.schema is None else f"{self.name(table.schema)}."
        return f"{place}{self.name(table.name)}"


def sure_columns(item: Index) -> bool:
    """Whether an index is on columns alone, on all rows."""
    whole = not any(name.endswith("_where") for name, _ in item.keywords)
    return whole and isinstance(item.names, tuple)


def _deferred(initially: object) -> str:
    when = f" INITIALLY {initially.upper()}" if isinstance(initially, str) else ""
    return f" DEFERRABLE{when}"


def _options(table: Table, database: str) -> Iterator[tuple[str, model.Value]]:
    """What the operation that made a table says of it to this database alone."""
    made = None if table.origin is None else table.origin.operation
    if isinstance(made, model.CreateTable):
        yield from (pair for pair in made.keywords if pair[0].startswith(f"{database}_"))


def _is_stored_by_version(default: ServerDefault) -> bool:
    return isinstance(default, Computed) and default.persisted is None


def _pairs(value: object) -> Mapping[str, str]:
    if not isinstance(value, tuple):
        return {}
    return {
        str(pair[0]): pair[1]
        for pair in value
        if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], str)
    }


def _comment(text: str) -> str:
    return f"-- {' '.join(text.split())}"
