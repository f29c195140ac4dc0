"""Read the text of a revision and tell its operations in one readable line each.

A line is the operation's kind and object, then what it stands under, each part after a bar:

    CreateTable users | if not table users | on postgresql | batch users | via _make

Parts are: `if` a condition (outermost first; `earlier` where its answer is out of date), `on` the
dialects that are left, `autocommit`, `batch` a table, `loop over` an iterable, `try` what a handler
catches with `swallowed` or `raised` and `savepoint`, `via` the helpers on the way, `downgrade` or
`on import`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from alembic_lint.extract import Extractor
from alembic_lint.model import (
    AddColumn,
    And,
    ColumnExists,
    Condition,
    ConstraintExists,
    Context,
    CreateEnum,
    CreateIndex,
    DialectIs,
    Direction,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropIndex,
    EnumExists,
    ExecuteSql,
    IndexExists,
    Not,
    OfflineMode,
    Opaque,
    OpaqueCondition,
    Operation,
    Or,
    RenameTable,
    Revision,
    TableExists,
    Unknown,
    flatten,
    table_of,
)
from alembic_lint.source import SourceFile, read_source

HEADER = """
from alembic import context, op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "b2"
down_revision = "a1"
"""


@dataclass(frozen=True)
class InMemory:
    """Modules of a project by their dotted names; a name that ends in `.__init__` is a package."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def load(self, name: str) -> SourceFile | None:
        for key in (name, f"{name}.__init__"):
            if key in self.texts:
                path = f"{key.replace('.', '/')}.py"
                return read_source(path, textwrap.dedent(self.texts[key]).encode())
        return None

    def name_of(self, path: str) -> str | None:
        name = path.removesuffix(".py").replace("/", ".")
        return None if name.startswith("versions.") else name.removesuffix(".__init__")


def shown(value: object) -> str:
    """A name in an expectation: `?` where it is not known."""
    match value:
        case Unknown():
            return "?"
        case tuple():
            return ",".join(shown(item) for item in value)
        case _:
            return str(value)


def qualified(name: object, schema: object) -> str:
    return shown(name) if schema is None else f"{shown(schema)}.{shown(name)}"


def condition(value: Condition) -> str:
    """A condition in words."""
    match value:
        case TableExists(table, schema):
            return f"table {qualified(table, schema)}"
        case ColumnExists(table, column, schema):
            return f"column {qualified(table, schema)}.{shown(column)}"
        case IndexExists(name, table, schema, columns):
            found = shown(name) if columns is None else f"({shown(columns)})"
            return f"index {found} on {qualified(table, schema)}"
        case ConstraintExists(name, table, kind, schema, columns):
            found = shown(name) if columns is None else f"({shown(columns)})"
            return f"{kind or 'constraint'} {found} on {qualified(table, schema)}"
        case EnumExists(name, schema):
            return f"enum {qualified(name, schema)}"
        case DialectIs(names):
            return f"dialect {'/'.join(names)}"
        case OfflineMode():
            return "offline"
        case Not(term):
            return f"not {condition(term)}"
        case And(terms):
            return "(" + " and ".join(condition(term) for term in terms) + ")"
        case Or(terms):
            return "(" + " or ".join(condition(term) for term in terms) + ")"
        case OpaqueCondition(text):
            return f"`{text}`"


def target(operation: Operation) -> str:
    """What an operation works on."""
    match operation:
        case AddColumn(table=table, schema=schema, column=column):
            name = column if isinstance(column, Unknown) else column.name
            return f"{qualified(table, schema)}.{shown(name)}"
        case DropColumn(table=table, schema=schema, column=column):
            return f"{qualified(table, schema)}.{shown(column)}"
        case RenameTable(table=table, new_table=new_table):
            return f"{shown(table)} to {shown(new_table)}"
        case CreateIndex(table=table, index=index, schema=schema):
            return f"{shown(index.name)} on {qualified(table, schema)}"
        case DropIndex(name=name, table=table, schema=schema):
            return shown(name) if table is None else f"{shown(name)} on {qualified(table, schema)}"
        case DropConstraint(name=name, table=table):
            return f"{shown(name)} on {shown(table)}"
        case CreateEnum(enum=enum):
            return shown(enum.name)
        case DropEnum(name=name):
            return shown(name)
        case ExecuteSql(sql=sql):
            return shown(sql)
        case Opaque(call=call, tables=tables):
            return call.name if tables is None else f"{call.name} on {shown(tables)}"
        case _:
            table = table_of(operation)
            schema = getattr(operation, "schema", None)
            return qualified(table, schema)


def circumstances(context: Context) -> list[str]:
    parts = [
        f"if {condition(guard.condition)}{'' if guard.current else ' earlier'}"
        for guard in context.guards
    ]
    if context.dialects is not None:
        parts.append("on " + "/".join(context.dialects))
    if context.autocommit:
        parts.append("autocommit")
    if context.batch is not None:
        parts.append(f"batch {qualified(context.batch.table, context.batch.schema)}")
    if context.loop is not None:
        parts.append(f"loop over {context.loop.over}")
    for entry in context.tries:
        outcome = "swallowed" if entry.swallows else "raised"
        saved = " savepoint" if entry.savepoint else ""
        parts.append(f"try {','.join(entry.catches)} {outcome}{saved}")
    if context.via:
        parts.append("via " + " > ".join(call.function for call in context.via))
    return parts


def line(operation: Operation) -> str:
    """One operation in one line."""
    parts = [f"{type(operation).__name__} {target(operation)}", *circumstances(operation.context)]
    if operation.direction is Direction.DOWNGRADE:
        parts.append("downgrade")
    elif operation.direction is Direction.MODULE:
        parts.append("on import")
    return " | ".join(parts)


@dataclass(frozen=True)
class Reading:
    """A revision with its operations, text by text."""

    revision: Revision
    text: str
    extractor: Extractor

    def again(self, text: str) -> Reading:
        """Read another revision of the same project."""
        return read_revision(text, extractor=self.extractor)

    @property
    def lines(self) -> list[str]:
        """All operations; what SQL text amounts to stands in place of the text."""
        found: list[str] = []
        for operation in self.revision.operations:
            inner = operation.operations if isinstance(operation, ExecuteSql) else ()
            found.extend(line(item) for item in (inner or (operation,)))
        return found

    @property
    def operations(self) -> list[Operation]:
        """All operations, those of SQL text after it."""
        return list(flatten(self.revision.operations))


Read = Callable[..., Reading]


def read_revision(
    text: str, modules: Mapping[str, str] | None = None, *, extractor: Extractor | None = None
) -> Reading:
    """Read a text: whole if it defines `upgrade`, otherwise as the body of one.

    Module-level lines may stand before a line `---`.
    """
    text = textwrap.dedent(text).strip("\n") + "\n"
    if "def upgrade" not in text and "import upgrade" not in text and "upgrade =" not in text:
        above, _, body = text.rpartition("---\n")
        text = f"{above}\n\ndef upgrade():\n{textwrap.indent(body, '    ')}"
    if "revision =" not in text:
        text = HEADER + text
    source = read_source("versions/b2_change.py", text.encode())
    extractor = extractor or Extractor(InMemory(modules or {}))
    return Reading(extractor.extract(source), text, extractor)


@pytest.fixture(scope="session")
def read_text() -> Read:
    """Read the text of a revision, or of an `upgrade` alone."""
    return read_revision
