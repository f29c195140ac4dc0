"""What a history makes, and what was there before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from alembic_lint.model import (
    AddColumn,
    AddEnumValue,
    AlterColumn,
    CreateEnum,
    CreateTable,
    DialectIs,
    DropColumn,
    DropConstraint,
    DropEnum,
    DropTable,
    ExecuteSql,
    Function,
    OfflineMode,
    RenameEnum,
    RenameTable,
    Revision,
    Statement,
    Unknown,
    Unset,
    flatten,
)
from alembic_lint.schema.enums import enums_of
from alembic_lint.schema.values import TableKey

KeyOf = Callable[[str, str | None], TableKey]

_WORD = re.compile(r"\w+")


def made_by(
    revisions: Sequence[Revision], key_of: KeyOf
) -> tuple[frozenset[TableKey], frozenset[TableKey]]:
    """The tables and enum types that revisions make: all others were there before Alembic.

    The revisions are in the order in which they run; `key_of` makes the key of a name and a schema.

    A table or type that is dropped or renamed before anything makes it was there before, too; so
    was a table that is worked on and then dropped if it exists. One that a downgrade makes and no
    upgrade speaks of was not.
    """
    made: set[TableKey] = set()
    used: set[TableKey] = set()
    enums: set[TableKey] = set()
    external_enums: set[TableKey] = set()
    external: set[TableKey] = set()
    for revision in revisions:
        if not isinstance(revision.upgrade, Function):
            continue
        for operation in flatten(revision.upgrade.operations):
            match operation:
                case CreateTable(temporary=False, table=str(name), schema=None | str() as schema):
                    made.add(key_of(name, schema))
                case DropTable(table=str(name), schema=None | str() as schema):
                    _note_external(key_of(name, schema), operation, made, external)
                    external.update({key_of(name, schema)} & used - made)
                case RenameTable(
                    table=str(name), new_table=str(new), schema=None | str() as schema
                ):
                    _note_external(key_of(name, schema), operation, made, external)
                    if not isinstance(operation.new_schema, Unknown):
                        place = operation.new_schema
                        made.add(key_of(new, schema if isinstance(place, Unset) else place))
                case (
                    AddColumn(table=str(name), schema=None | str() as schema)
                    | AlterColumn(table=str(name), schema=None | str() as schema)
                    | DropColumn(table=str(name), schema=None | str() as schema)
                    | DropConstraint(table=str(name), schema=None | str() as schema)
                ):
                    used.add(key_of(name, schema))
                case ExecuteSql(statements=tuple(statements)):
                    made.update(_made_unread(statements, key_of))
                case _:
                    pass
            if isinstance(operation, CreateTable | CreateEnum):
                for enum in enums_of(operation):
                    if enum.create_type is False and isinstance(operation, CreateTable):
                        continue
                    if isinstance(enum.name, str) and not isinstance(enum.schema, Unknown):
                        enums.add(key_of(enum.name, enum.schema))
            match operation:
                case (
                    RenameEnum(name=str(name), schema=None | str() as schema)
                    | AddEnumValue(name=str(name), schema=None | str() as schema)
                    | DropEnum(name=str(name), schema=None | str() as schema, if_exists=False)
                ) if key_of(name, schema) not in enums:
                    external_enums.add(key_of(name, schema))
                case _:
                    pass
    made |= _made_by_downgrades(revisions, made | external, key_of)
    return frozenset(made - external), frozenset(enums - external_enums)


def _made_unread(statements: Sequence[Statement], key_of: KeyOf) -> Iterator[TableKey]:
    """The tables that statements make and of which no more is read: virtual and foreign ones."""
    for statement in statements:
        words = statement.kind.split()
        if words[0] == "CREATE" and words[-1] == "TABLE" and not statement.complete:
            for place, name in statement.tables:
                if isinstance(name, str) and not isinstance(place, Unknown):
                    yield key_of(name, place)


def _made_by_downgrades(
    revisions: Sequence[Revision], known: set[TableKey], key_of: KeyOf
) -> set[TableKey]:
    """The tables that a downgrade makes and of which no upgrade says a word."""
    found = {
        key_of(name, schema)
        for revision in revisions
        if isinstance(revision.downgrade, Function)
        for operation in flatten(revision.downgrade.operations)
        if isinstance(operation, CreateTable) and not operation.temporary
        for schema, name in [(operation.schema, operation.table)]
        if isinstance(name, str) and name.isidentifier() and not isinstance(schema, Unknown)
    } - known
    for revision in revisions:
        if not found:
            break
        if isinstance(revision.upgrade, Function):
            written = _WORD.findall(repr(revision.upgrade.operations))
            words = {key_of(word, None)[1] for word in written}
            found = {key for key in found if key[1] not in words}
    return found


def _note_external(
    key: TableKey,
    operation: DropTable | RenameTable,
    made: set[TableKey],
    external: set[TableKey],
) -> None:
    asked = any(
        not isinstance(guard.condition, DialectIs | OfflineMode)
        for guard in operation.context.guards
    )
    if key not in made and operation.if_exists is False and not asked:
        external.add(key)
