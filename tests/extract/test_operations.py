"""Operations, compared with those that real Alembic makes of the same call."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.operations import BatchOperations, MigrateOperation, Operations, ops
from alembic.operations.batch import BatchOperationsImpl
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql

from alembic_lint.extract.binding import Signature
from alembic_lint.extract.signatures import BATCH, OP, UNSEEN, WITHOUT_EFFECT
from alembic_lint.model import (
    UNSET,
    AlterColumn,
    Argument,
    BulkInsert,
    Column,
    ColumnType,
    CreateForeignKey,
    CreateIndex,
    CreateTable,
    DropIndex,
    DropTable,
    ExecuteSql,
    Operation,
    SqlExpression,
    UniqueConstraint,
    Unknown,
)
from alembic_lint.source import Span

ReadArguments = Callable[[str], tuple[Argument, ...]]

Read = Callable[..., Operation | None]


class Recorder(Operations):
    """Real operations that are kept instead of run."""

    seen: tuple[MigrateOperation, ...] = ()

    def invoke(self, operation: MigrateOperation) -> None:  # type: ignore[override]  # not run
        self.seen = (*self.seen, operation)


class BatchRecorder(BatchOperations):
    """The same for what `batch_alter_table` yields."""

    seen: tuple[MigrateOperation, ...] = ()

    def invoke(self, operation: MigrateOperation) -> None:  # type: ignore[override]  # not run
        self.seen = (*self.seen, operation)


def alembic_makes(text: str, *, batch: bool = False) -> MigrateOperation:
    """What Alembic's own method makes of the call."""
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True})
    op: Recorder | BatchRecorder = Recorder(context)
    if batch:
        options: tuple[object, ...] = ("auto", None, (), {}, (), {}, None, None)
        impl = BatchOperationsImpl(op, "t", "s", *options)  # type: ignore[no-untyped-call]  # theirs
        op = BatchRecorder(context, impl=impl)
    eval(f"op.{text}", {"op": op, "sa": sa, "pg": postgresql})
    (made,) = op.seen
    return made


def parameters(signature: inspect.Signature) -> Signature:
    """A real signature in the form of our tables."""
    kinds = inspect.Parameter
    items = [item for item in signature.parameters.values() if item.name != "self"]
    rest = [item.name for item in items if item.kind is kinds.VAR_POSITIONAL]
    extra = [item.name for item in items if item.kind is kinds.VAR_KEYWORD]
    return Signature(
        positional=tuple(item.name for item in items if item.kind is kinds.POSITIONAL_OR_KEYWORD),
        keyword_only=tuple(item.name for item in items if item.kind is kinds.KEYWORD_ONLY),
        required=frozenset(
            item.name
            for item in items
            if item.default is kinds.empty
            and item.kind in {kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY}
        ),
        rest=rest[0] if rest else None,
        extra=extra[0] if extra else None,
    )


def directives(owner: type) -> set[str]:
    """The public methods of `op` or `batch_op`, but for those that set Alembic itself up."""
    setup = {"context", "create_module_class_proxy"}
    return {
        name
        for name, item in inspect.getmembers(owner, callable)
        if not name.startswith("_") and name not in setup
    }


@pytest.mark.parametrize(
    ("owner", "table"), [(Operations, OP), (BatchOperations, BATCH)], ids=["op", "batch_op"]
)
def test_the_signatures_are_those_of_alembic(
    owner: type[Operations | BatchOperations], table: dict[str, Signature]
) -> None:
    assert set(table) | WITHOUT_EFFECT | UNSEEN == directives(owner)
    for name, ours in table.items():
        real = parameters(inspect.signature(getattr(owner, name)))
        assert (ours.positional, ours.rest, ours.extra) == (real.positional, real.rest, real.extra)
        assert set(ours.keyword_only) == set(real.keyword_only)
        assert ours.required == real.required
        assert set(ours.renamed).isdisjoint({*ours.positional, *ours.keyword_only})
        assert set(ours.renamed.values()) <= {*ours.positional, *ours.keyword_only}


CALLS = (
    ('add_column("t", sa.Column("a", sa.Integer))', False),
    ('add_column("t", sa.Column("a", sa.Integer), schema="s", if_not_exists=True)', False),
    ('add_column(column=sa.Column("a", sa.Integer), table_name="t")', False),
    ('add_column(sa.Column("a", sa.Integer), insert_after="b")', True),
    ('drop_column("t", "a")', False),
    ('drop_column("t", "a", schema="s", if_exists=True)', False),
    ('drop_column("a")', True),
    ('drop_table("t")', False),
    ('drop_table("t", schema="s", if_exists=True)', False),
    ('rename_table("t", "u")', False),
    ('rename_table("t", new_table_name="u", schema="s")', False),
    ('create_index("ix", "t", ["a", "b"])', False),
    ('create_index(None, "t", ["a"], unique=True, schema="s", if_not_exists=True)', False),
    ('create_index("ix", "t", ["a", sa.text("lower(b)")], postgresql_using="gin")', False),
    ('create_index("ix", ["a"], unique=True)', True),
    ('create_index(columns=["a"], index_name="ix", if_not_exists=True)', True),
    ('drop_index("ix")', False),
    ('drop_index("ix", "t")', False),
    ('drop_index("ix", table_name="t", schema="s", if_exists=True)', False),
    ('drop_index("ix", if_exists=True)', True),
    ('create_foreign_key("fk", "t", "u", ["a"], ["b"])', False),
    (
        'create_foreign_key(None, "t", "u", ["a"], ["b"], source_schema="s", deferrable=True)',
        False,
    ),
    (
        'create_foreign_key("fk", "t", "u", ["a"], ["b"], ondelete="CASCADE", use_alter=True)',
        False,
    ),
    ('create_foreign_key("fk", "u", ["a"], ["b"], referent_schema="r")', True),
    ('create_unique_constraint("uq", "t", ["a", "b"], schema="s")', False),
    ('create_unique_constraint("uq", ["a"], deferrable=True, initially="DEFERRED")', True),
    ('create_primary_key("pk", "t", ["a"], schema="s")', False),
    ('create_primary_key("pk", ["a"])', True),
    ('create_check_constraint("ck", "t", "a > 0", schema="s")', False),
    ('create_check_constraint("ck", sa.text("a > 0"))', True),
    ('create_exclude_constraint("ex", "t", ("a", "="), using="gist", schema="s")', False),
    ('create_exclude_constraint("ex", ("a", "="), where=sa.text("a > 0"))', True),
    ('drop_constraint("uq", "t")', False),
    ('drop_constraint("uq", "t", "unique", schema="s", if_exists=True)', False),
    ('drop_constraint(None, "t", type_="foreignkey")', False),
    ('drop_constraint("uq", "unique")', True),
    ('create_table_comment("t", "text", existing_comment="old", schema="s")', False),
    ('create_table_comment("text")', True),
    ('drop_table_comment("t", schema="s")', False),
    ("drop_table_comment()", True),
    ('create_table("t", sa.Column("a", sa.Integer), if_not_exists=True, schema="s")', False),
    ('alter_column("t", "a", nullable=False, existing_type=sa.Integer(), schema="s")', False),
    ('alter_column("a", new_column_name="b", comment=None)', True),
)


@pytest.mark.parametrize(("text", "batch"), CALLS)
def test_an_operation_has_the_names_that_alembic_gives_it(
    text: str, batch: bool, read: Read
) -> None:
    real = alembic_makes(text, batch=batch)
    ours = read(text, batch=batch)

    expected = {
        "DropTableCommentOp": "CreateTableComment",
        "CreatePrimaryKeyOp": "CreatePrimaryKey",
    }.get(type(real).__name__, type(real).__name__.removesuffix("Op"))
    assert type(ours).__name__ == expected
    compared = 0
    for theirs, field in FIELDS:
        if not hasattr(real, theirs) and theirs not in getattr(real, "kw", {}):
            continue
        value = found(ours, field)
        if value is UNSET:
            continue
        wanted = getattr(real, theirs, None)
        if wanted is None:
            wanted = getattr(real, "kw", {}).get(theirs)
        assert plain(value) == plain(wanted), field
        compared += 1
    assert compared >= 2


FIELDS = (
    ("table_name", "table"),
    ("source_table", "table"),
    ("new_table_name", "new_table"),
    ("schema", "schema"),
    ("source_schema", "schema"),
    ("column_name", "column"),
    ("columns", "index.columns"),
    ("columns", "constraint.columns"),
    ("local_cols", "constraint.columns"),
    ("remote_cols", "constraint.referent_columns"),
    ("referent_table", "constraint.referent"),
    ("referent_schema", "constraint.referent_schema"),
    ("ondelete", "constraint.ondelete"),
    ("deferrable", "constraint.deferrable"),
    ("initially", "constraint.initially"),
    ("use_alter", "constraint.use_alter"),
    ("index_name", "index.name"),
    ("index_name", "name"),
    ("constraint_name", "constraint.name"),
    ("constraint_name", "name"),
    ("constraint_type", "type_"),
    ("condition", "constraint.condition"),
    ("unique", "index.unique"),
    ("if_exists", "if_exists"),
    ("if_not_exists", "if_not_exists"),
    ("comment", "comment"),
    ("modify_name", "new_name"),
    ("modify_nullable", "nullable"),
)


def found(value: object, path: str) -> object:
    """A field of ours, UNSET where this kind of operation has none."""
    for name in path.split("."):
        value = UNSET if value is UNSET else getattr(value, name, UNSET)
    return value.name if isinstance(value, Column) else value


def plain(value: object) -> object:
    """Lists as tuples, expressions as text, and what is left out as one value."""
    match value:
        case None | False:
            return None
        case list() | tuple():
            return tuple(plain(item) for item in value)
        case SqlExpression(text=text):
            return text
        case sa.TextClause():
            return str(value)
        case _:
            return value


def test_every_directive_is_compared_with_alembic() -> None:
    compared = {(text.partition("(")[0], batch) for text, batch in CALLS}

    apart = {("execute", False), ("execute", True), ("bulk_insert", False)}
    assert compared | apart == {(name, False) for name in OP} | {(name, True) for name in BATCH}


def test_columns_constraints_and_indexes_of_a_table_are_told_apart(read: Read) -> None:
    made = read(
        'create_table("t", sa.Column("a", sa.Integer, index=True), *[sa.Column("b", sa.Text)], '
        'sa.UniqueConstraint("a"), sa.Index("ix", "b"), None, comment="c", mysql_engine="InnoDB")'
    )

    assert isinstance(made, CreateTable)
    assert isinstance(made.columns, tuple)
    assert [column.name for column in made.columns if isinstance(column, Column)] == ["a", "b"]
    assert made.constraints == (UniqueConstraint(("a",)),)
    assert [index.name for index in made.indexes] == ["ix"]
    assert made.comment == "c"
    assert made.keywords == (("mysql_engine", "InnoDB"),)


def test_what_alembic_skips_in_a_table_is_no_column(read: Read) -> None:
    text = 'create_table("t", sa.MetaData(), None, "text", sa.ForeignKey("u.id"))'
    made = read(text)
    real = alembic_makes(text)

    assert isinstance(real, ops.CreateTableOp)
    assert len(real.to_table().columns) == 0
    assert isinstance(made, CreateTable)
    assert (made.columns, made.constraints) == ((), ())


def test_columns_that_are_not_known_stand_among_the_others(read: Read) -> None:
    made = read('create_table("t", sa.Column("a", sa.Integer), *columns(), app.timestamps())')

    assert isinstance(made, CreateTable)
    assert isinstance(made.columns, tuple)
    assert [type(column) for column in made.columns] == [Column, Unknown, Unknown]
    assert all(isinstance(item, Unknown) for item in made.constraints)
    assert len(made.constraints) == 2


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ('alter_column("t", "a")', "nullable", UNSET),
        ('alter_column("t", "a", nullable=None)', "nullable", UNSET),
        ('alter_column("t", "a", nullable=False)', "nullable", False),
        ('alter_column("t", "a")', "server_default", UNSET),
        ('alter_column("t", "a", server_default=False)', "server_default", UNSET),
        ('alter_column("t", "a", server_default=None)', "server_default", None),
        ('alter_column("t", "a", server_default="x")', "server_default", "x"),
        ('alter_column("t", "a", comment=False)', "comment", UNSET),
        ('alter_column("t", "a", comment=None)', "comment", None),
        ('alter_column("t", "a", type_=sa.Text)', "type", ColumnType("Text")),
        ('alter_column("t", "a", existing_type=sa.Text())', "existing_type", ColumnType("Text")),
        ('alter_column("t", "a", existing_server_default=None)', "existing_server_default", None),
        ('alter_column("t", "a", new_column_name="b")', "new_name", "b"),
        ('alter_column("t", "a", name="b")', "new_name", "b"),
        ('alter_column("t", "a", autoincrement=True)', "autoincrement", True),
        ('alter_column("t", "a", postgresql_using="a::int")', "using", SqlExpression("a::int")),
        ('alter_column("t", "a", mysql_x=1)', "keywords", (("mysql_x", 1),)),
    ],
)
def test_altering_a_column_tells_what_is_changed_from_what_is_left_alone(
    text: str, field: str, value: object, read: Read
) -> None:
    made = read(text)

    assert isinstance(made, AlterColumn)
    assert getattr(made, field) == value


@pytest.mark.parametrize(
    ("text", "batch", "field", "value"),
    [
        ('create_foreign_key(name="fk", source="t", referent="u")', False, "table", "t"),
        ('create_unique_constraint(name="uq", source="t", local_cols=["a"])', False, "table", "t"),
        ('create_primary_key(name="pk", table_name="t", cols=["a"])', False, "table", "t"),
        ('create_index(name="ix", tablename="t", columns=["a"])', False, "table", "t"),
        ('drop_index(name="ix", tablename="t")', False, "table", "t"),
        ('drop_constraint(name="uq", table_name="t", type="unique")', False, "type_", "unique"),
        ('drop_constraint(name="uq", type="unique")', True, "type_", "unique"),
        ('create_table(name="t")', False, "table", "t"),
        ('drop_table(name="t")', False, "table", "t"),
    ],
)
def test_keywords_of_older_releases_are_understood(
    text: str, batch: bool, field: str, value: object, read: Read
) -> None:
    assert getattr(read(text, batch=batch), field) == value


def test_concurrently_is_told_apart_from_the_options_of_an_index(read: Read) -> None:
    made = read('create_index("ix", "t", ["a"], postgresql_concurrently=True, mysql_length=9)')
    dropped = read('drop_index("ix", postgresql_concurrently=True)')

    assert isinstance(made, CreateIndex)
    assert made.concurrently is True
    assert made.index.keywords == (("mysql_length", 9),)
    assert isinstance(dropped, DropIndex)
    assert dropped.concurrently is True


def test_a_foreign_key_that_is_not_validated_says_so(read: Read) -> None:
    made = read('create_foreign_key("fk", "t", "u", ["a"], ["b"], postgresql_not_valid=True)')

    assert isinstance(made, CreateForeignKey)
    assert made.constraint.not_valid is True
    assert made.constraint.keywords == ()


def test_bulk_insert_counts_its_rows(read: Read) -> None:
    made = read('bulk_insert(sa.table("t", schema="s"), [{"a": 1}, {"a": 2}])')
    unseen = read("bulk_insert(app.models.user, rows())")

    assert isinstance(made, BulkInsert)
    assert (made.table, made.schema, made.rows) == ("t", "s", 2)
    assert isinstance(unseen, BulkInsert)
    assert isinstance(unseen.table, Unknown)
    assert isinstance(unseen.rows, Unknown)


def test_sql_text_becomes_the_operations_it_amounts_to(read: Read) -> None:
    for text in ('execute("DROP TABLE t")', 'execute(sa.text("DROP TABLE t"))'):
        made = read(text)

        assert isinstance(made, ExecuteSql)
        assert made.sql == "DROP TABLE t"
        (dropped,) = made.operations
        assert isinstance(dropped, DropTable)
        assert (dropped.table, dropped.span) == ("t", Span(3, 4, 3, 20))


def test_sql_that_is_not_known_is_unknown(read: Read) -> None:
    made = read("execute(statement())")

    assert isinstance(made, ExecuteSql)
    assert isinstance(made.sql, Unknown)
    assert isinstance(made.statements, Unknown)
