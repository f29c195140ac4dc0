"""What an operation on the keys of an unknown table leaves certain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alembic_lint import model
from alembic_lint.history import build_history
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    Assigned,
    Body,
    Call,
    Column,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    ForeignKeyConstraint,
    Function,
    Operation,
    PrimaryKeyConstraint,
    RenameIndex,
    RenameTable,
    Revision,
    Unknown,
)
from alembic_lint.replay import replay
from alembic_lint.schema import Presence, Schema
from alembic_lint.schema.ticks import CONSTRAINTS, INDEX, NEVER, ticked
from alembic_lint.source import FILE_START

SOMEWHERE = Unknown("a setting names the schema")


def test_unknown_keys_leave_the_columns_of_every_table_known() -> None:
    before = Schema()
    keys = before.blurred_keys()
    parts = before.blurred_parts()

    assert keys.table("t").columns_lost == before.table("t").columns_lost
    assert keys.table("t").keys_lost == ticked(keys.clock)
    assert keys.table("t").keys_gained == ticked(keys.clock)
    assert parts.table("t").columns_lost == parts.clock


def table(name: str, *more: model.Constraint, schema: str | None = None) -> CreateTable:
    return CreateTable(
        span=FILE_START,
        call=Call("op.create_table"),
        table=name,
        schema=schema,
        columns=(Column(name="id", type=model.ColumnType("Integer"), nullable=False),),
        constraints=more,
    )


def made_somewhere(kind: str) -> Operation:
    """An operation of each kind on the table "t" in a schema that is not known."""
    span, call = FILE_START, Call("op")
    column = Column(name="new", type=model.ColumnType("Integer"))
    made: dict[str, Operation] = {
        "add": AddColumn(span=span, call=call, table="t", schema=SOMEWHERE, column=column),
        "drop": DropColumn(span=span, call=call, table="t", schema=SOMEWHERE, column="id"),
        "alter": AlterColumn(span=span, call=call, table="t", schema=SOMEWHERE, column="id"),
        "index": CreateIndex(
            span=span, call=call, table="t", schema=SOMEWHERE, index=model.Index("i", ("id",))
        ),
        "no index": DropIndex(span=span, call=call, name="i", table="t", schema=SOMEWHERE),
        "no constraint": DropConstraint(
            span=span, call=call, name="c", table="t", schema=SOMEWHERE
        ),
        "primary key": CreatePrimaryKey(
            span=span,
            call=call,
            table="t",
            schema=SOMEWHERE,
            constraint=PrimaryKeyConstraint(("id",)),
        ),
        "foreign key": CreateForeignKey(
            span=span,
            call=call,
            table="t",
            schema=SOMEWHERE,
            constraint=ForeignKeyConstraint(("id",), "other", ("id",)),
        ),
        "create table": replace(table("t"), schema=SOMEWHERE),
        "drop table": DropTable(span=span, call=call, table="t", schema=SOMEWHERE),
        "rename table": RenameTable(
            span=span, call=call, table="t", new_table="u", schema=SOMEWHERE
        ),
    }
    return made[kind]


def schema_after(*operations: Operation, database: str = "postgresql") -> Schema:
    where = Function(FILE_START, FILE_START, Body.CODE, operations)
    key = Assigned("a", "'a'", FILE_START, FILE_START)
    none = Assigned(None, "None", FILE_START, FILE_START)
    revision = Revision(
        path="versions/a.py", revision=key, down_revision=none, depends_on=none, upgrade=where
    )
    return replay(build_history((revision,)), database).at("a")


@pytest.mark.parametrize(
    ("kind", "columns", "keys", "itself"),
    [
        ("add", True, True, False),
        ("drop", True, True, False),
        ("alter", True, True, False),
        ("index", False, True, False),
        ("no index", False, True, False),
        ("no constraint", False, True, False),
        ("primary key", True, True, False),
        ("foreign key", False, True, False),
        ("create table", True, True, True),
        ("drop table", True, True, True),
        ("rename table", True, True, True),
    ],
)
def test_an_unknown_schema_leaves_tables_of_other_names_known(
    kind: str, columns: bool, keys: bool, itself: bool
) -> None:
    referring = table("refers", ForeignKeyConstraint(("id",), "t", ("id",), name="fk"))
    schema = schema_after(
        table("t"), table("t", schema="app"), table("other"), referring, made_somewhere(kind)
    )

    for place in (None, "app"):
        found = schema.table("t", place)
        assert (found.presence is Presence.MAYBE) is itself
        assert found.all_columns_known is not columns
        assert found.all_keys_known is not keys
    other = schema.table("other")
    assert other.presence is Presence.PRESENT
    assert other.all_columns_known
    assert other.all_keys_known
    refers = schema.table("refers")
    assert refers.all_columns_known
    adds = kind in ("add", "index", "foreign key")
    assert refers.all_keys_known is adds
    assert (refers.keys_lost == NEVER) is adds


@pytest.mark.parametrize(
    ("kind", "database", "gained", "lost"),
    [
        ("no foreign key", "postgresql", set(), {"foreignkey"}),
        ("no constraint", "postgresql", set(), set(CONSTRAINTS)),
        ("no unique constraint", "postgresql", set(), {"unique"}),
        ("no unique constraint", "mysql", set(), {"unique", INDEX}),
        ("no index", "postgresql", set(), {INDEX}),
        ("no index", "mysql", set(), {"unique", INDEX}),
        ("index", "sqlite", {INDEX}, set()),
        ("foreign key", "postgresql", {"foreignkey"}, set()),
        ("foreign key", "mysql", {"foreignkey", "unique", INDEX}, set()),
        # PostgreSQL renames the constraint with its index.
        ("rename", "postgresql", *({INDEX, "primary", "unique", "exclude"},) * 2),
    ],
)
def test_keys_of_other_kinds_stay_known(
    kind: str, database: str, gained: set[str], lost: set[str]
) -> None:
    span, call = FILE_START, Call("op")
    some = Unknown("it is read from the database")

    def dropping(type_: str | None) -> Operation:
        return DropConstraint(span=span, call=call, name="x", table=some, type_=type_)

    operations: dict[str, Operation] = {
        "no foreign key": dropping("foreignkey"),
        "no constraint": dropping(None),
        "no unique constraint": dropping("unique"),
        "no index": DropIndex(span=span, call=call, name=some),
        "index": CreateIndex(span=span, call=call, table=some, index=model.Index("i", ("id",))),
        "foreign key": CreateForeignKey(
            span=span,
            call=call,
            table=some,
            constraint=ForeignKeyConstraint(("id",), "other", ("id",)),
        ),
        "rename": RenameIndex(span=span, call=call, name=some, new_name=some),
    }

    found = schema_after(table("t"), operations[kind], database=database).table("t")

    assert set(found.keys_gained.kinds) == gained
    assert set(found.keys_lost.kinds) == lost
