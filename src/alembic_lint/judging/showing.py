"""How messages show what a revision writes: types, defaults."""

from __future__ import annotations

from alembic_lint.model import (
    ColumnType,
    Computed,
    Identity,
    ServerDefault,
    SqlExpression,
    Type,
    Unknown,
)


def shown_type(type_: Type, database: str | None = None) -> str:
    """A type as it is written (for this database), without its less telling arguments."""
    if isinstance(type_, ColumnType) and database is not None:
        type_ = dict(type_.variants).get(database, type_)
    match type_:
        case Unknown():
            return "a type that is not known"
        case ColumnType(enum=enum) if enum is not None:
            return f'enum "{enum.name}"' if isinstance(enum.name, str) else "enum"
        case ColumnType():
            plain = [str(item) for item in type_.args if isinstance(item, int | str)]
            given = [f"{word}={v}" for word, v in type_.keywords if isinstance(v, int | str)]
            arguments = ", ".join((*plain, *given))
            return f"{type_.name}({arguments})" if arguments else type_.name


def shown_default(default: ServerDefault) -> str:
    """A server default in a few words."""
    match default:
        case None:
            return "none"
        case str(text):
            return f"'{text}'"
        case SqlExpression(str(text)):
            return text
        case Computed():
            return "a generated column"
        case Identity():
            return "an identity"
        case _:
            return "one that is not known"
