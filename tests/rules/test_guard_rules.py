from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from alembic_lint.config import Settings
from alembic_lint.model import (
    AddColumn,
    And,
    Batch,
    Call,
    Column,
    ColumnExists,
    Condition,
    Context,
    CreateIndex,
    CreateTable,
    DialectIs,
    DropColumn,
    DropTable,
    ExecuteSql,
    ExistenceHelper,
    Guard,
    Index,
    Not,
    Opaque,
    Operation,
    Or,
    RenameTable,
    Revision,
    Statement,
    TableExists,
    Try,
    Unknown,
)
from alembic_lint.rule import Finding
from alembic_lint.rules.guards import (
    guard_checks_other_object,
    guard_swallows_errors,
    swallowed_operation_error,
)
from alembic_lint.source import Span

CALL = Call("op.x")
GUARD = Span.of_line(7, 20)
UNKNOWN = Unknown("a call")


def under(*conditions: Condition, block: int = 1) -> Context:
    """The context of an operation below conditions, outermost first, the innermost in `block`."""
    first = block - len(conditions) + 1
    return Context(
        guards=tuple(Guard(item, first + number, GUARD) for number, item in enumerate(conditions))
    )


def create(table: str | Unknown, context: Context) -> CreateTable:
    return CreateTable(span=Span.of_line(8), call=CALL, table=table, context=context)


def drop(table: str, context: Context) -> DropTable:
    return DropTable(span=Span.of_line(8), call=CALL, table=table, context=context)


def add(table: str, column: str, context: Context) -> AddColumn:
    return AddColumn(
        span=Span.of_line(8), call=CALL, table=table, column=Column(name=column), context=context
    )


def remove(table: str, column: str, context: Context) -> DropColumn:
    return DropColumn(span=Span.of_line(8), call=CALL, table=table, column=column, context=context)


NO_USERS, USERS = Not(TableExists("users")), TableExists("users")
NO_EMAIL, EMAIL = Not(ColumnExists("users", "email")), ColumnExists("users", "email")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (create("orders", under(NO_USERS)), 'whether table "users" exists, but its block creates'),
        (drop("orders", under(USERS)), 'whether table "users" exists, but its block drops'),
        (add("users", "phone", under(NO_EMAIL)), 'adds column "users.phone"'),
        (add("orders", "email", under(NO_EMAIL)), 'adds column "orders.email"'),
        (remove("users", "phone", under(EMAIL)), 'drops column "users.phone"'),
        (create("orders", under(DialectIs(("sqlite",)), NO_USERS, block=2)), 'table "users"'),
    ],
)
def test_guard_about_another_object_is_flagged_where_it_stands(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operation: Operation,
    words: str,
) -> None:
    (finding,) = findings(guard_checks_other_object.check, make_revision(up=[operation]))

    assert words in finding.message
    assert finding.span == GUARD
    assert [item.span.line for item in finding.related] == [8]


@pytest.mark.parametrize(
    "operations",
    [
        [create("users", under(NO_USERS))],
        [create("orders", Context())],
        [create("orders", under(USERS))],
        [drop("orders", under(NO_USERS))],
        [create(UNKNOWN, under(NO_USERS))],
        [create("orders", under(Not(TableExists(UNKNOWN))))],
        [create("orders", under(And((NO_USERS, NO_EMAIL))))],
        [create("orders", under(Or((NO_USERS, Not(TableExists("orders"))))))],
        [create("orders", under(Not(TableExists("orders")), NO_USERS, block=2))],
        [create("users", under(NO_USERS)), create("orders", under(NO_USERS))],
        [
            create("orders", under(NO_USERS)),
            Opaque(span=GUARD, call=CALL, why="?", context=under(NO_USERS)),
        ],
        [
            create("clients", under(NO_USERS)),
            RenameTable(
                span=GUARD, call=CALL, table="users", new_table="clients", context=under(USERS)
            ),
        ],
        [
            drop("orders", under(USERS)),
            ExecuteSql(
                span=GUARD, call=CALL, sql="INSERT INTO users SELECT …", context=under(USERS)
            ),
        ],
        [
            create("orders", under(NO_USERS)),
            CreateIndex(
                span=GUARD,
                call=CALL,
                table="users",
                index=Index("ix", ("name",)),
                context=under(NO_USERS),
            ),
        ],
        [add("users", "phone", under(NO_EMAIL)), add("users", "email", under(NO_EMAIL))],
    ],
)
def test_guard_that_may_well_be_meant_is_not_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operations: list[Operation],
) -> None:
    assert not findings(guard_checks_other_object.check, make_revision(up=operations))


def test_block_is_reported_once_in_each_function(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    wrong = create("orders", under(NO_USERS))
    revision = make_revision(
        up=[wrong, replace(wrong, table="items")], down=[drop("orders", under(USERS))]
    )

    assert len(findings(guard_checks_other_object.check, revision)) == 2


def test_helper_that_swallows_is_flagged_at_its_handler(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    handler = Span.of_line(14)
    helpers = (
        ExistenceHelper("_has_index", "index", Span.of_line(3)),
        ExistenceHelper("_table_exists", "table", Span.of_line(10), handler, "False"),
    )

    (finding,) = findings(
        guard_swallows_errors.check, replace(make_revision(), existence_helpers=helpers)
    )

    assert finding.span == handler
    assert finding.message.startswith("_table_exists() answers False on any error")


def attempt(*catches: str, swallows: bool = True, savepoint: bool = False, line: int = 9) -> Try:
    return Try(Span.of_line(line - 2), catches, swallows, Span.of_line(line), savepoint)


def tried(*tries: Try, line: int = 8, autocommit: bool = False) -> CreateTable:
    context = Context(tries=tries, autocommit=autocommit)
    return CreateTable(
        span=Span.of_line(line), call=Call("op.create_table"), table="users", context=context
    )


@pytest.mark.parametrize(
    "tries",
    [
        (attempt("Exception"),),
        (attempt(),),
        (attempt("sa.exc.ProgrammingError"),),
        (attempt("KeyError", "OperationalError"),),
        (attempt("Exception"), attempt("ImportError", line=7)),
        (attempt("Exception", savepoint=True), attempt("Exception", line=7)),
    ],
)
def test_swallowed_database_error_is_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    tries: tuple[Try, ...],
) -> None:
    (finding,) = findings(swallowed_operation_error.check, make_revision(up=[tried(*tries)]))

    assert finding.message.startswith("an error of op.create_table() is swallowed: PostgreSQL has")


@pytest.mark.parametrize(
    "tries",
    [
        (),
        (attempt("Exception", swallows=False),),
        (attempt("ImportError"),),
        (attempt("KeyError", "NoSuchTableError"),),
        (attempt("Exception", savepoint=True),),
        (attempt("Exception"), attempt("Exception", swallows=False, savepoint=True)),
    ],
)
def test_error_that_surfaces_or_is_contained_is_not_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    tries: tuple[Try, ...],
) -> None:
    assert not findings(swallowed_operation_error.check, make_revision(up=[tried(*tries)]))


def test_each_try_is_reported_once_at_its_first_operation(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    one, two = attempt("Exception"), attempt("Exception", line=20)

    found = findings(
        swallowed_operation_error.check,
        make_revision(up=[tried(one), tried(one, line=9), tried(two, line=19)]),
    )

    assert [item.span.line for item in found] == [8, 19]


@pytest.mark.parametrize(
    ("dialects", "autocommit", "effect"),
    [
        (None, False, "PostgreSQL has aborted the transaction"),
        (("mysql", "postgresql"), False, "PostgreSQL has aborted the transaction"),
        (("mysql",), False, "the revision is recorded whether or not"),
        (("postgresql",), True, "the revision is recorded whether or not"),
    ],
)
def test_message_tells_what_follows_on_the_databases_in_use(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    dialects: tuple[str, ...] | None,
    autocommit: bool,
    effect: str,
) -> None:
    operation = tried(attempt("Exception"), autocommit=autocommit)

    (finding,) = findings(
        swallowed_operation_error.check, make_revision(up=[operation]), Settings(dialects=dialects)
    )

    assert effect in finding.message


@pytest.mark.parametrize(("around", "number"), [(1, 1), (0, 0)])
def test_handler_inside_a_batch_block_sees_no_database_error(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    around: int,
    number: int,
) -> None:
    batch = Batch("users", None, (), 1, Span.of_line(7), tries=around)
    outside_or_inside = Try(Span.of_line(6), ("Exception",), True, Span.of_line(12))
    operation = replace(tried(), context=Context(batch=batch, tries=(outside_or_inside,)))

    assert len(findings(swallowed_operation_error.check, make_revision(up=[operation]))) == number


def sql(kind: str, *tries: Try) -> ExecuteSql:
    return ExecuteSql(
        span=Span.of_line(8),
        call=Call("op.execute"),
        sql=kind,
        statements=(Statement(kind, kind),),
        context=Context(tries=tries),
    )


@pytest.mark.parametrize(
    ("operations", "effects"),
    [
        ([sql("SHOW", attempt("Exception"))], ["PostgreSQL has aborted"]),
        ([sql("COMMIT"), sql("SHOW", attempt("Exception"))], []),
        ([sql("COMMIT"), sql("DROP TABLE", attempt("Exception"))], ["is recorded whether or not"]),
    ],
)
def test_question_outside_a_transaction_may_fail(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operations: list[Operation],
    effects: list[str],
) -> None:
    found = findings(swallowed_operation_error.check, make_revision(up=operations))

    assert len(found) == len(effects)
    assert all(effect in item.message for effect, item in zip(effects, found, strict=True))


def test_opaque_call_in_a_try_is_not_flagged(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    context = Context(tries=(attempt("Exception"),))
    operation = Opaque(span=Span.of_line(8), call=CALL, why="?", context=context)

    assert not findings(swallowed_operation_error.check, make_revision(up=[operation]))
