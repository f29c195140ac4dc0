"""The parts of a schema in words: defaults, keys, indexes, and why something is not certain."""

from __future__ import annotations

from alembic_lint import model
from alembic_lint.model import (
    Computed,
    Identity,
    Name,
    ServerDefault,
    SqlExpression,
    Unknown,
)
from alembic_lint.schema import (
    Constraint,
    EnumType,
    Index,
    Origin,
    TableKey,
)

KINDS = {
    "primary": "primary key",
    "foreignkey": "foreign key",
    "unique": "unique",
    "check": "check",
    "exclude": "exclude",
    "index": "index",
    "enum": "enum type",
    "table": "table",
    "column": "column",
}


def name_of(key: TableKey) -> str:
    """A table's name, with its schema where that is not the default one."""
    return key[1] if key[0] is None else f"{key[0]}.{key[1]}"


def word(name: Name | None) -> str:
    """A name, or a question mark."""
    return "?" if not isinstance(name, str) else name


def words(names: tuple[model.IndexElement, ...] | Unknown) -> str:
    """Names and expressions between parentheses."""
    if isinstance(names, Unknown):
        return "(?)"
    return f"({', '.join(element(item) for item in names)})"


def element(item: model.IndexElement) -> str:
    """A column, or an expression."""
    match item:
        case str(name):
            return name
        case SqlExpression(str(text)):
            return text
        case _:
            return "?"


def default(value: ServerDefault) -> str:
    """A default as people read it; empty where there is none."""
    match value:
        case None:
            return ""
        case str(text):
            return f"default {text!r}"
        case SqlExpression(str(text)):
            return f"default {text}"
        case Computed(str(text)):
            return f"generated as ({text})"
        case Identity():
            return "identity"
        case _:
            return "default ?"


def key(item: Constraint) -> str:
    """A constraint: kind, name, what it is about."""
    label = f"{KINDS[item.kind]} {_named(item.name, item.likely)}".rstrip()
    match item.definition:
        case model.ForeignKeyConstraint() as definition:
            target = word(definition.referent)
            if isinstance(definition.referent_schema, str):
                target = f"{definition.referent_schema}.{target}"
            parts = [
                label,
                words(definition.columns),
                "->",
                target,
                words(definition.referent_columns),
            ]
            for action, verb in ((definition.ondelete, "delete"), (definition.onupdate, "update")):
                if action is not None:
                    parts.append(f"on {verb} {word(action).lower()}")
            if definition.deferrable is True:
                parts.append("deferrable")
            return " ".join(parts)
        case model.CheckConstraint(condition=condition):
            return f"{label}: {' '.join(word(condition).split())}"
        case model.ExcludeConstraint(elements=tuple(elements)):
            return f"{label} {words(tuple(part for part, _ in elements))}"
        case model.ExcludeConstraint():
            return f"{label} (?)"
        case definition:
            return f"{label} {words(definition.columns)}"


def index(item: Index, database: str) -> str:
    """An index: name, columns, method, condition."""
    kind = {True: "unique index", False: "index"}.get(item.unique is True, "index")
    options = dict(item.keywords)
    columns = words(_ordered(item.columns, options.get("ordering")))
    parts = [f"{kind} {_named(item.name, item.likely)}".rstrip(), columns]
    for name, value in item.keywords:
        if name == f"{database}_using" and isinstance(value, str) and value.lower() != "btree":
            parts.append(f"using {value}")
        if name == f"{database}_where":
            text = value.text if isinstance(value, SqlExpression) else value
            parts.append(f"where {text if isinstance(text, str) else '?'}")
        if name == f"{database}_nulls_not_distinct" and value is True:
            parts.append("nulls not distinct")
        if name == f"{database}_include" and isinstance(value, tuple):
            listed = ", ".join(item for item in value if isinstance(item, str))
            parts.append(f"include ({listed})")
    return " ".join(parts)


def _ordered(
    columns: tuple[model.IndexElement, ...] | Unknown, order: model.Value
) -> tuple[model.IndexElement, ...] | Unknown:
    """The columns of an index with the order that SQL text gives them."""
    if isinstance(columns, Unknown) or not isinstance(order, tuple):
        return columns
    given: dict[str, str] = {}
    for pair in order:
        match pair:
            case (str(name), str(words_)):
                given[name] = words_
            case _:
                pass
    return tuple(
        f"{item} {given[item]}" if isinstance(item, str) and item in given else item
        for item in columns
    )


def enum(item: EnumType) -> str:
    """An enum type with its values."""
    if isinstance(item.values, Unknown):
        return f"{name_of((item.schema, item.name))} (?)"
    return f"{name_of((item.schema, item.name))} ({', '.join(map(word, item.values))})"


def _named(name: Name | None, likely: str | None) -> str:
    return (
        f"{likely}?" if isinstance(name, Unknown) and likely else "" if name is None else word(name)
    )


def place(origin: Origin | None) -> str:
    """The file and line of an operation; empty where it is not known."""
    if origin is None:
        return ""
    return f"{origin.revision.path}:{origin.operation.span.line}"
