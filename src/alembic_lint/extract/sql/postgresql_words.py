"""PostgreSQL's statements about types and index names, read word by word.

sqlglot keeps these as text, so this is how they are read where PostgreSQL's own parser is not
there. Anything but the plain forms is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from alembic_lint.extract.sql.lexer import Kind, Sql
from alembic_lint.extract.sql.marks import known
from alembic_lint.extract.sql.origin import Origin
from alembic_lint.extract.sql.statements import unquote
from alembic_lint.model import (
    AddEnumValue,
    CreateEnum,
    DropEnum,
    EnumType,
    MaybeName,
    Name,
    Operation,
    RenameEnum,
    RenameEnumValue,
    RenameIndex,
    Unknown,
)


@dataclass(slots=True)
class _Reader:
    """A place in a statement's tokens, which moves on by what is taken."""

    sql: Sql
    position: int = 0

    def take(self, *words: str) -> bool:
        """Move past these words, if they follow."""
        tokens = self.sql.tokens[self.position : self.position + len(words)]
        if len(tokens) < len(words):
            return False
        if not all(
            token.is_word(word) or token.text == word
            for token, word in zip(tokens, words, strict=True)
        ):
            return False
        self.position += len(words)
        return True

    def name(self) -> tuple[MaybeName, Name] | None:
        """Move past a dotted name, as (schema, name)."""
        parts: list[str] = []
        while not self.ended:
            token = self.sql.tokens[self.position]
            if token.kind not in (Kind.WORD, Kind.QUOTED):
                return None
            parts.append(unquote(token, lower=True))
            self.position += 1
            if not self.take("."):
                break
        if not 1 <= len(parts) <= 2:
            return None
        return known(parts[0]) if len(parts) == 2 else None, known(parts[-1])

    def string(self) -> Name | None:
        """Move past a plain string."""
        if self.ended:
            return None
        token = self.sql.tokens[self.position]
        if token.kind is not Kind.STRING or not token.text.startswith("'"):
            return None
        self.position += 1
        return known(token.text[1:-1].replace("''", "'"))

    @property
    def ended(self) -> bool:
        return self.position >= len(self.sql.tokens)


def read_words(sql: Sql, origin: Origin) -> tuple[Operation, ...] | None:
    """The operations of a statement about an enum type or an index's name; None for any other."""
    reader = _Reader(sql)
    if reader.take("CREATE", "TYPE"):
        found = _create(reader, origin)
    elif reader.take("DROP", "TYPE"):
        return _drop(reader, origin)
    elif reader.take("ALTER", "TYPE"):
        found = _alter(reader, origin)
    elif reader.take("ALTER", "INDEX"):
        found = _rename_index(reader, origin)
    else:
        return None
    return (found,) if found is not None and reader.ended else None


def _create(reader: _Reader, origin: Origin) -> Operation | None:
    named = reader.name()
    if named is None or not reader.take("AS", "ENUM", "("):
        return None
    values: list[Name] = []
    while (value := reader.string()) is not None:
        values.append(value)
        if not reader.take(","):
            break
    if not reader.take(")"):
        return None
    unknown = next((item for item in values if isinstance(item, Unknown)), None)
    enum = EnumType(named[1], unknown or tuple(values), schema=named[0], postgresql=True)
    return CreateEnum(enum=enum, **origin)


def _drop(reader: _Reader, origin: Origin) -> tuple[Operation, ...] | None:
    if_exists = reader.take("IF", "EXISTS")
    names: list[tuple[MaybeName, Name]] = []
    while (named := reader.name()) is not None:
        names.append(named)
        if not reader.take(","):
            break
    cascade = reader.take("CASCADE")
    if not (reader.ended or reader.take("RESTRICT")) or not reader.ended or not names:
        return None
    return tuple(
        DropEnum(name=name, schema=schema, if_exists=if_exists, cascade=cascade, **origin)
        for schema, name in names
    )


def _alter(reader: _Reader, origin: Origin) -> Operation | None:
    named = reader.name()
    if named is None:
        return None
    schema, name = named
    if reader.take("RENAME", "TO"):
        new = reader.name()
        if new is None or new[0] is not None:
            return None
        return RenameEnum(name=name, schema=schema, new_name=new[1], **origin)
    if reader.take("RENAME", "VALUE"):
        value = reader.string()
        new_value = reader.string() if reader.take("TO") else None
        if value is None or new_value is None:
            return None
        return RenameEnumValue(name=name, schema=schema, value=value, new_value=new_value, **origin)
    if not reader.take("ADD", "VALUE"):
        return None
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    value = reader.string()
    before = reader.string() if reader.take("BEFORE") else None
    after = reader.string() if reader.take("AFTER") else None
    if value is None:
        return None
    return AddEnumValue(
        name=name,
        schema=schema,
        value=value,
        before=before,
        after=after,
        if_not_exists=if_not_exists,
        **origin,
    )


def _rename_index(reader: _Reader, origin: Origin) -> Operation | None:
    if_exists = reader.take("IF", "EXISTS")
    named = reader.name()
    new = reader.name() if named is not None and reader.take("RENAME", "TO") else None
    if named is None or new is None or new[0] is not None:
        return None
    return RenameIndex(
        name=named[1], schema=named[0], new_name=new[1], if_exists=if_exists, **origin
    )
