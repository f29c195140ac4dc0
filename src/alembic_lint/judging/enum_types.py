"""What the rules on PostgreSQL's enum types share: where enums stand, and who makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.judging import absent, returning
from alembic_lint.judging.absent import Acting
from alembic_lint.judging.naming_databases import is_for_others
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    Column,
    ColumnType,
    CreateEnum,
    CreateTable,
    EnumType,
    Operation,
    Unknown,
)
from alembic_lint.replay import Replay


@dataclass(frozen=True, slots=True)
class Given:
    """An enum in an operation, and the type it is part of; None for that of `.create()`."""

    enum: EnumType
    type: ColumnType | None
    column: str | None = None

    @property
    def generic(self) -> bool:
        """Whether it is `sqlalchemy.Enum` and not PostgreSQL's own."""
        return not self.enum.postgresql

    @property
    def plain(self) -> bool:
        """Whether it is a type of the database whose place does not depend on anything else."""
        words = {} if self.type is None else dict(self.type.keywords)
        return self.enum.native is True and not ({"inherit_schema", "metadata"} & words.keys())

    def keyword(self, name: str) -> object:
        """An argument as it is written; None where there is none."""
        return None if self.type is None else dict(self.type.keywords).get(name)


def given(operation: Operation) -> Iterator[Given]:
    """The enums of an operation as they are on PostgreSQL, in order."""
    match operation:
        case CreateTable(columns=tuple(columns)):
            for column in columns:
                yield from _of_column(column)
        case AddColumn(column=column):
            yield from _of_column(column)
        case AlterColumn(type=ColumnType() as type_, column=name):
            yield from _of_type(type_, name if isinstance(name, str) else None)
        case CreateEnum(enum=enum):
            yield Given(enum, None)
        case _:
            return


def _of_column(column: Column | Unknown) -> Iterator[Given]:
    if isinstance(column, Column) and isinstance(column.type, ColumnType):
        yield from _of_type(column.type, column.name if isinstance(column.name, str) else None)


def _of_type(type_: ColumnType, column: str | None) -> Iterator[Given]:
    type_ = dict(type_.variants).get("postgresql", type_)
    if type_.enum is not None:
        # A type of MySQL's own is for MySQL.
        if type_.dialect in {None, "postgresql"}:
            yield Given(type_.enum, type_, column)
        return
    for argument in type_.args:
        if isinstance(argument, ColumnType):
            yield from _of_type(argument, column)


def acting(replay: Replay, settings: Settings, kinds: tuple[type, ...]) -> Iterator[Acting]:
    """The steps of all upgrades, and of the downgrades that are to be run, revision by revision."""
    if settings.dialects is None and is_for_others(replay.history, replay.database):
        return
    for trip in replay.trips:
        yield from absent.acting(trip.steps, kinds)
        if returning.goes_back(trip, settings):
            yield from absent.acting(trip.downgrade_steps, kinds)
