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
    RenameTable,
    Revision,
    Unknown,
)
from alembic_lint.replay import replay
from alembic_lint.schema import Presence, Schema
from alembic_lint.source import FILE_START

SOMEWHERE = Unknown("a setting names the schema")


def test_unknown_keys_leave_the_columns_of_every_table_known() -> None:
    before = Schema()
    keys = before.blurred_keys()
    parts = before.blurred_parts()

    assert keys.table("t").columns_lost == before.table("t").columns_lost
    assert keys.table("t").keys_lost == keys.clock
    assert keys.table("t").keys_gained == keys.clock
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


def schema_after(*operations: Operation) -> Schema:
    where = Function(FILE_START, FILE_START, Body.CODE, operations)
    key = Assigned("a", "'a'", FILE_START, FILE_START)
    none = Assigned(None, "None", FILE_START, FILE_START)
    revision = Revision(
        path="versions/a.py", revision=key, down_revision=none, depends_on=none, upgrade=where
    )
    return replay(build_history((revision,))).at("a")


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
    assert (refers.keys_lost < 0) is adds
