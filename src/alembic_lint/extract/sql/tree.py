"""PostgreSQL's parse tree, as pgparse returns it, behind typed look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alembic_lint.extract.sql.marks import known
from alembic_lint.model import MaybeName, Name, Unknown


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its kind such as "CreateStmt" (empty where its place tells), and its fields.

    A field that holds its default value (0, False, an empty list) is absent.
    """

    kind: str
    fields: Mapping[str, object]

    def text(self, name: str) -> str:
        """A string field, empty where it is absent."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str, default: int = 0) -> int:
        """An integer field."""
        value = self.fields.get(name, default)
        return value if isinstance(value, int) else default

    def flag(self, name: str) -> bool:
        """A boolean field, False where it is absent."""
        return self.fields.get(name) is True

    def node(self, name: str) -> Node | None:
        """The node in a field, or None."""
        return _node(self.fields.get(name))

    def nodes(self, name: str) -> tuple[Node, ...]:
        """The nodes of a list field, in order."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            return ()
        return tuple(found for item in value if (found := _node(item)) is not None)

    def strings(self, name: str) -> tuple[str, ...]:
        """The strings of a list field that holds names, in order."""
        return tuple(item.text("sval") for item in self.nodes(name) if item.kind == "String")

    def names(self, name: str) -> tuple[Name, ...]:
        """The same, each Unknown where a part of it is not known."""
        return tuple(known(item) for item in self.strings(name))

    def columns(self, name: str) -> tuple[Name, ...] | Unknown:
        """The same for a list of columns; an unknown part of it may be several columns."""
        names = self.names(name)
        return next((item for item in names if isinstance(item, Unknown)), names)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the text as far as the fields keep it."""
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            below: list[Node] = []
            for value in node.fields.values():
                for item in value if isinstance(value, list) else (value,):
                    found = _node(item)
                    if found is not None:
                        below.append(found)
            pending.extend(reversed(below))


def _node(value: object) -> Node | None:
    if not isinstance(value, dict):
        return None
    if len(value) == 1:
        [(key, inner)] = value.items()
        if isinstance(key, str) and key[:1].isupper() and isinstance(inner, dict):
            return Node(key, inner)
    return Node("", value)


def table_of(node: Node | None) -> tuple[MaybeName, Name]:
    """The (schema, name) of a RangeVar; schema None is the default one."""
    if node is None:
        return None, known("")
    schema = node.text("schemaname")
    return known(schema) if schema else None, known(node.text("relname"))


def qualified(names: tuple[str, ...]) -> tuple[MaybeName, Name]:
    """The (schema, name) of a dotted name's parts."""
    schema = names[-2] if len(names) > 1 else ""
    return known(schema) if schema else None, known(names[-1] if names else "")
