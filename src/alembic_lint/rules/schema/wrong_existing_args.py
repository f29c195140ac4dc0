"""ALM409 wrong-existing-args."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types, naming_databases
from alembic_lint.judging.showing import shown_default, shown_type
from alembic_lint.model import (
    UNSET,
    AlterColumn,
    ColumnExists,
    ColumnType,
    TableExists,
    Type,
    Unknown,
    Unset,
)
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Column, Presence, same_type
from alembic_lint.schema.defaults import same_default
from alembic_lint.source import Span


@each_replay("ALM409", Severity.WARNING, dialects=("mariadb", "mssql", "mysql"))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An `existing_…` argument that is not so, and that the database is told to make true.

    MySQL writes a column anew whenever its type, nullability, name, comment or AUTO_INCREMENT is
    changed, with what `existing_type`, `existing_nullable` and `existing_server_default` say of the
    rest. SQL Server takes the type from `existing_type` where nullability changes, and nullability
    from `existing_nullable` where the type does. PostgreSQL and batch mode do not use them so.

    Source: alembic/ddl/mysql.py, `MySQLImpl.alter_column`; alembic/ddl/mssql.py,
    `MSSQLImpl.alter_column`.
    """
    if not absent.meant(replay, settings) or not naming_databases.is_named(
        replay.history, settings, replay.database
    ):
        return
    told: set[tuple[str, Span | tuple[str, str]]] = set()
    for act in enum_types.acting(replay, settings, (ColumnExists, TableExists)):
        step = act.step
        match step.operation:
            case (
                AlterColumn(
                    table=str(name), column=str(item), schema=None | str() as place
                ) as operation
            ) if not step.sql:
                table = step.before.table(name, place)
                column = table.column(item)
            case _:
                continue
        if column is None or column.presence is not Presence.PRESENT:
            continue
        if table.presence is not Presence.PRESENT:
            continue
        wrong = _wrong(operation, column, step.database)
        if wrong is None:
            continue
        # One helper that is called for many tables is one mistake.
        fault = (step.revision.path, wrong[:2] if operation.context.via else operation.span)
        if fault not in told:
            told.add(fault)
            yield _finding(step, column, *wrong)


def _wrong(operation: AlterColumn, column: Column, database: str) -> tuple[str, str, str] | None:
    """The first wrong argument: its name, what it says, what it makes of the column."""
    if database == "mssql":
        type_used = operation.nullable is not UNSET and operation.type is UNSET
        null_used = operation.type is not UNSET and operation.nullable is UNSET
        default_used = False
    else:
        changed = (operation.type, operation.nullable, operation.new_name, operation.comment)
        anew = any(item is not UNSET for item in (*changed, operation.autoincrement))
        type_used = anew and operation.type is UNSET
        null_used = anew and operation.nullable is UNSET
        default_used = anew and operation.server_default is UNSET
    given = operation.existing_type
    if (
        type_used
        and isinstance(given, ColumnType)
        # A changed enum is how MySQL is told of more values.
        and not _both_enums(column.type, given)
        and same_type(column.type, given, database) is False
    ):
        said = shown_type(given, database)
        told = f"turns its {shown_type(column.type, database)} into {said}"
        return "existing_type", said, told
    null = operation.existing_nullable
    if null_used and isinstance(null, bool) and column.nullable is (not null):
        told = "lets it take NULL" if null else "forbids it NULL"
        return "existing_nullable", str(null), told
    default = operation.existing_server_default
    if not default_used or isinstance(default, Unset | Unknown):
        return None
    if same_default(column.default, default) is False:
        told = f"gives it the default {shown_default(default)}"
        if default is None:
            told = f"drops its default {shown_default(column.default)}"
        return "existing_server_default", shown_default(default), told
    return None


def _finding(step: Step, column: Column, argument: str, said: str, told: str) -> Finding:
    doubt = absent.doubts(step)
    hedge = "" if doubt is None else f" ({doubt})"
    origin = column.origin
    via = step.operation.context.via
    by = f" by way of {via[-1].function}()" if via else ""
    return Finding(
        step.operation.span,
        f"{absent.doing(step.operation)} also {told}, because {argument} says {said}{by}, "
        f"which it is not{hedge}; correct {argument}",
        path=step.revision.path,
        related=(
            () if origin is None else (absent.place(origin, f'"{column.name}" is made here'),)
        ),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _both_enums(one: Type, other: ColumnType) -> bool:
    return isinstance(one, ColumnType) and one.enum is not None and other.enum is not None
