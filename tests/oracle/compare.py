"""Compare the replayed schema with what a database holds.

Only what the replay is certain of is compared; the rest is counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from rpds import HashTrieMap

from alembic_lint import model
from alembic_lint.model import ColumnType, Unknown
from alembic_lint.schema import (
    Column,
    Constraint,
    EnumType,
    Index,
    Schema,
    Starts,
    Table,
    Verdict,
)
from alembic_lint.schema import Comparison as Compared
from alembic_lint.schema import compare as compare_schemas
from alembic_lint.schema.objects import Definition
from tests.oracle import reflect
from tests.oracle.reflect import Database, Plain

IGNORED = frozenset({"check", "exclude"})
"""Kinds whose text a database rewrites, so that nothing can be held against it."""
IGNORED_ATTRIBUTES = frozenset({"default", "comment", "deferrable", "onupdate"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much was compared, and what differs, one line for each difference.

    `external` are the tables that the history never makes, and what is in them. `uncertain` are
    those that count as not certain, one line for each.
    """

    equal: int = 0
    not_certain: int = 0
    external: int = 0
    differences: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = field(default=(), repr=False)

    @property
    def compared(self) -> int:
        """All that the replay or the database has."""
        return self.equal + self.not_certain + self.external + len(self.differences)

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.equal + other.equal,
            self.not_certain + other.not_certain,
            self.external + other.external,
            (*self.differences, *other.differences),
            (*self.uncertain, *other.uncertain),
        )


def compare(
    schema: Schema, database: Database, moment: str, unlike: Collection[str] = ()
) -> Comparison:
    """Compare at one moment, which is named in the differences.

    What is `unlike`, by kind and attribute, is known to be so, and not compared.

    A table or an enum type that the history never makes is none that the replay is certain of.
    """
    held = held_schema(database, schema)
    views = {schema.key(item["name"], item["schema"]) for item in database["views"]}
    result = Comparison()
    for item in compare_schemas(schema, held):
        if (
            _not_told(item, schema)
            or item.kind in IGNORED
            or item.attribute in IGNORED_ATTRIBUTES
            or item.table in views
        ):
            continue
        if f"{item.kind} {item.attribute}" in unlike:
            continue
        line = f"{moment}: {shown(item)}"
        table = schema.at(item.table) if item.table is not None else None
        foreign = table is not None and table.external and item.kind != "enum"
        if foreign or (
            item.kind == "enum" and item.first is None and item.verdict is Verdict.UNCERTAIN
        ):
            result += Comparison(external=1)
        elif item.verdict is Verdict.UNCERTAIN:
            result += Comparison(not_certain=1, uncertain=(line,))
        elif item.verdict is Verdict.EQUAL:
            result += Comparison(equal=1)
        else:
            result += Comparison(differences=(line,))
    return result


def _not_told(item: Compared, schema: Schema) -> bool:
    """Whether SQLAlchemy leaves it out when it reflects on SQLite.

    It skips indexes on expressions, and of two foreign keys that are the same it tells one.
    """
    if schema.database != "sqlite":
        return False
    match item.first:
        case Index(columns=tuple(columns)):
            return any(not isinstance(element, str) for element in columns)
        case Constraint(definition=model.ForeignKeyConstraint()) as key if item.table is not None:
            about = [_about(other) for other in schema.at(item.table).constraints]
            return item.second is None and about.count(_about(key)) > 1
        case _:
            return False


def _about(key: Constraint) -> object:
    definition = key.definition
    if not isinstance(definition, model.ForeignKeyConstraint):
        return None
    return definition.columns, definition.referent, definition.referent_columns


def shown(item: Compared) -> str:
    """A comparison in one line."""
    where = "" if item.table is None else ".".join(part for part in item.table if part)
    what = f"{item.kind} {item.name} of {where}" if item.kind != "table" else f"table {where}"
    if item.attribute is None:
        return f"{what}: {item.verdict}"
    first, second = (_attribute(each, item.attribute) for each in (item.first, item.second))
    return f"{what}: {item.attribute} {first} is {second}"


def _attribute(item: object, name: str) -> object:
    found = getattr(item, name, None)
    return getattr(getattr(item, "definition", None), name, None) if found is None else found


def held_schema(database: Database, replayed: Schema) -> Schema:
    """What a database holds, as a schema in which what is not listed is absent."""
    tables = [_table(item, replayed) for item in database["tables"]]
    keys = {replayed.key(table.name, table.schema) for table in tables}
    enums = {
        replayed.key(item["name"], item["schema"]): EnumType(
            name=item["name"], schema=item["schema"], values=tuple(item["values"])
        )
        for item in database["enums"]
    }
    return Schema(
        starts=Starts(
            database=replayed.database,
            tables=frozenset({*keys, *replayed.tables_by_key}),
            enums=frozenset({*enums, *replayed.enums_by_key}),
        ),
        tables_by_key=HashTrieMap(
            {replayed.key(table.name, table.schema): table for table in tables}
        ),
        enums_by_key=HashTrieMap(enums),
    )


def _table(item: reflect.Table, replayed: Schema) -> Table:
    folds = replayed.table(item["name"], item["schema"]).folds
    blank = Table(name=item["name"], schema=item["schema"], folds=folds)
    constraints = list(_constraints(item))
    indexes = [index for index in item["indexes"] if index["constraint"] is None]
    return Table(
        name=item["name"],
        schema=item["schema"],
        folds=folds,
        columns_by_name=HashTrieMap(
            {
                blank.fold(column["name"]): Column(
                    name=column["name"],
                    type=column_type(column["type"]),
                    nullable=column["nullable"],
                    position=position,
                )
                for position, column in enumerate(item["columns"])
            }
        ),
        constraints_by_name=HashTrieMap(
            {str(number): constraint for number, constraint in enumerate(constraints)}
        ),
        indexes_by_name=HashTrieMap(
            {str(number): _index(index, replayed.database) for number, index in enumerate(indexes)}
        ),
    )


def _index(item: reflect.Index, database: str) -> Index:
    columns = tuple(model.SqlExpression("…") if name is None else name for name in item["columns"])
    name = item["name"]
    return Index(
        name=Unknown("it has none") if name is None else name,
        columns=columns,
        unique=item["unique"],
        keywords=() if item["where"] is None else ((f"{database}_where", item["where"]),),
    )


def _constraints(item: reflect.Table) -> Iterator[Constraint]:
    key = item["primary_key"]
    if key["columns"]:
        yield _constraint(key["name"], model.PrimaryKeyConstraint(tuple(key["columns"])))
    for foreign in item["foreign_keys"]:
        options = foreign["options"]
        definition = model.ForeignKeyConstraint(
            tuple(foreign["columns"]),
            foreign["referred_table"],
            tuple(foreign["referred_columns"]),
            referent_schema=foreign["referred_schema"],
            ondelete=_option(options, "ondelete"),
            onupdate=_option(options, "onupdate"),
        )
        yield _constraint(foreign["name"], definition)
    for unique in item["unique_constraints"]:
        yield _constraint(unique["name"], model.UniqueConstraint(tuple(unique["columns"])))


def _option(options: dict[str, Plain], name: str) -> str | None:
    found = options.get(name)
    return found if isinstance(found, str) else None


def _constraint(name: str | None, definition: Definition) -> Constraint:
    return Constraint(name=name, definition=definition)


def column_type(described: dict[str, Plain]) -> ColumnType | Unknown:
    """A type that was reflected, in the words of the model."""
    values = described.get("values")
    if isinstance(values, list):
        name = described.get("name")
        names = tuple(str(value) for value in values)
        enum = model.EnumType(name if isinstance(name, str) else None, names)
        return ColumnType("ENUM", enum=enum)
    inner = described.get("item")
    if isinstance(inner, dict):
        item = column_type(inner)
        return item if isinstance(item, Unknown) else ColumnType("ARRAY", (item,))
    name = str(described["class"])
    if name == "NullType":
        return Unknown("SQLAlchemy does not know it")
    if name == "NUMERIC" and described.get("precision") is None:
        return Unknown("SQLAlchemy takes what it does not know for a number, on SQLite")
    keywords = tuple(
        (keyword, value)
        for keyword in ("length", "precision", "scale", "timezone")
        if isinstance(value := described.get(keyword), int | bool)
    )
    return ColumnType(name, keywords=keywords)
