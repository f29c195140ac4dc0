from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from alembic_lint.config import Settings
from alembic_lint.diagnostics import Diagnostic
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
    Handler,
    Index,
    Not,
    Opaque,
    OpaqueCondition,
    Operation,
    Or,
    Outcome,
    RenameTable,
    Revision,
    Statement,
    TableExists,
    Try,
    Unknown,
)
from alembic_lint.rule import Confidence, Finding
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


def attempt(
    *catches: str,
    swallows: bool = True,
    savepoint: bool = False,
    line: int = 9,
) -> Try:
    outcome = Outcome.SWALLOWS if swallows else Outcome.RAISES
    caught = Handler("versions/a1.py", Span.of_line(line), catches or ("BaseException",), outcome)
    return Try(Span.of_line(line - 2), (caught,), savepoint)


def handler(
    *catches: str,
    outcome: Outcome = Outcome.SWALLOWS,
    tested: tuple[str, ...] = (),
    rolls_back: bool = False,
    operates: bool = False,
) -> Handler:
    span = Span.of_line(9)
    return Handler(
        "app/ddl.py", span, catches or ("Exception",), outcome, tested, rolls_back, operates
    )


def handled(*handlers: Handler) -> Try:
    return Try(Span.of_line(7), handlers)


IGNORES_IMPORTS = handler("ImportError")


CALL_SPAN = Span.of_line(8)


def sql_text(*texts: str) -> ExecuteSql:
    statements = tuple(Statement("UNKNOWN", text) for text in texts)
    return ExecuteSql(span=CALL_SPAN, call=CALL, sql=";".join(texts), statements=statements)


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
        (attempt("KeyError", "IntegrityError"),),
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

    assert finding.message.startswith(
        "an error of op.create_table() is swallowed: PostgreSQL has then"
    )


@pytest.mark.parametrize(
    "tries",
    [
        (),
        (attempt("Exception", swallows=False),),
        (attempt("ImportError"),),
        (attempt("KeyError", "NoSuchTableError"),),
        (attempt("psycopg2.ProgrammingError", "psycopg2.errors.DuplicateTable"),),
        (handled(IGNORES_IMPORTS, handler(outcome=Outcome.RAISES)),),
        (handled(handler(outcome=Outcome.REPORTS)),),
        (handled(handler(rolls_back=True)),),
        (handled(handler(operates=True)),),
        (attempt("Exception", line=7), handled(handler(rolls_back=True))),
        (handled(handler(outcome=Outcome.SELECTS, tested=("nonexistent constraint", "e"))),),
        (handled(handler(outcome=Outcome.SELECTS)),),
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


def test_finding_shows_the_handler_where_it_stands(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision(up=[tried(handled(IGNORES_IMPORTS, handler()))])

    (finding,) = findings(swallowed_operation_error.check, revision)

    assert [(item.path, item.span.line) for item in finding.related] == [("app/ddl.py", 9)]


@pytest.mark.parametrize(
    "sign", ["Already exists", "does not exist", "42P07", "DuplicateTable", "UniqueViolation"]
)
@pytest.mark.parametrize("dialects", [None, ("postgresql",), ("postgresql", "sqlite")])
def test_handler_that_looks_for_an_error_of_postgresql_is_possibly_wrong(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    sign: str,
    dialects: tuple[str, ...] | None,
) -> None:
    selects = handler(outcome=Outcome.SELECTS, tested=("str", sign))
    revision = make_revision(up=[tried(handled(selects))])

    (finding,) = findings(swallowed_operation_error.check, revision, Settings(dialects=dialects))

    assert finding.message.startswith("the handler of op.create_table() lets some errors pass")
    assert finding.confidence is Confidence.POSSIBLE
    assert not findings(swallowed_operation_error.check, revision, Settings(dialects=("sqlite",)))


@pytest.mark.parametrize("outcome", [Outcome.SWALLOWS, Outcome.SELECTS])
def test_handler_that_puts_things_right_cannot_do_so_on_postgresql_alone(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    outcome: Outcome,
) -> None:
    revision = make_revision(up=[tried(handled(handler(outcome=outcome, operates=True)))])

    def found(*dialects: str) -> list[str]:
        settings = Settings(dialects=dialects)
        return [
            item.message for item in findings(swallowed_operation_error.check, revision, settings)
        ]

    assert ["refuses the handler's own statements" in text for text in found("postgresql")] == [
        True
    ]
    assert found("sqlite") == found("mysql", "postgresql") == []


@pytest.mark.parametrize(
    ("error", "dialects", "effect"),
    [
        ("OperationalError", None, "on a database that goes on after an error, such as MySQL,"),
        ("OperationalError", ("postgresql",), None),
        ("OperationalError", ("postgresql", "sqlite"), "on SQLite the revision is recorded"),
        ("ProgrammingError", ("sqlite",), None),
        ("ProgrammingError", ("mysql",), "on MySQL the revision is recorded"),
        ("Exception", ("mariadb", "mysql", "sqlite"), "on a database that goes on after an error"),
    ],
)
def test_handler_counts_where_the_database_raises_what_it_catches(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    error: str,
    dialects: tuple[str, ...] | None,
    effect: str | None,
) -> None:
    revision = make_revision(up=[tried(attempt(f"sqlalchemy.exc.{error}"))])

    found = findings(swallowed_operation_error.check, revision, Settings(dialects=dialects))

    assert len(found) == (effect is not None)
    assert all(str(effect) in item.message for item in found)


def test_operation_of_a_database_that_is_not_in_use_is_not_flagged(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    context = Context(tries=(attempt("Exception"),), dialects=("oracle",))
    revision = make_revision(up=[replace(tried(), context=context)])

    assert not findings(
        swallowed_operation_error.check, revision, Settings(dialects=("postgresql",))
    )
    (finding,) = findings(swallowed_operation_error.check, revision)
    assert "on Oracle the revision is recorded" in finding.message


@pytest.mark.parametrize(
    ("operation", "number"),
    [
        (DropTable(span=CALL_SPAN, call=CALL, table="t", if_exists=True), 0),
        (CreateTable(span=CALL_SPAN, call=CALL, table="t", if_not_exists=True), 0),
        (CreateTable(span=CALL_SPAN, call=CALL, table="t", if_not_exists=UNKNOWN), 1),
        (sql_text("CREATE EXTENSION IF NOT EXISTS vector"), 0),
        (sql_text("ALTER TABLE t DROP CONSTRAINT IF EXISTS c", "DROP TABLE t"), 1),
        (sql_text("CREATE EXTENSION vector"), 1),
    ],
)
def test_operation_that_asks_itself_is_not_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operation: Operation,
    number: int,
) -> None:
    operation = replace(operation, context=Context(tries=(attempt("Exception"),)))

    assert len(findings(swallowed_operation_error.check, make_revision(up=[operation]))) == number


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
        (None, False, "PostgreSQL has then aborted the transaction"),
        (("mysql", "postgresql"), False, "PostgreSQL has then aborted the transaction"),
        (("mysql",), False, "on MySQL the revision is recorded whether or not"),
        (("mysql", "sqlite"), False, "on MySQL and SQLite the revision is recorded"),
        (("postgresql",), True, "outside a transaction the revision is recorded whether or not"),
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
    outside_or_inside = attempt("Exception")
    operation = replace(tried(), context=Context(batch=batch, tries=(outside_or_inside,)))

    assert len(findings(swallowed_operation_error.check, make_revision(up=[operation]))) == number


def sql(kind: str, *tries: Try, guard: Condition | None = None) -> ExecuteSql:
    return ExecuteSql(
        span=Span.of_line(8),
        call=Call("op.execute"),
        sql=kind,
        statements=(Statement(kind, kind),),
        context=replace(under(*() if guard is None else (guard,)), tries=tries),
    )


@pytest.mark.parametrize(
    ("operations", "effects"),
    [
        ([sql("SHOW", attempt("Exception"))], ["PostgreSQL has then aborted"]),
        ([sql("COMMIT"), sql("SHOW", attempt("Exception"))], []),
        (
            [sql("ROLLBACK", guard=OpaqueCondition("raised")), sql("DROP TABLE", attempt())],
            ["PostgreSQL has then aborted"],
        ),
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


MAKE = 'op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))'
MAKE_IF_MISSING = f'if not sa.inspect(op.get_bind()).has_table("users"):\n    {MAKE}'
BESIDE = ((), (0,), (0,))


@pytest.mark.parametrize(
    ("upgrades", "parents", "told"),
    [
        ((MAKE, MAKE), ((), (0,)), [("ALM405", "r1.py")]),
        (("pass", MAKE, MAKE), BESIDE, [("ALM405", "r1.py"), ("ALM501", "r2.py")]),
        (("pass", MAKE, MAKE_IF_MISSING), BESIDE, [("ALM405", "r1.py")]),
        (("pass", MAKE_IF_MISSING, MAKE), BESIDE, [("ALM501", "r2.py")]),
    ],
)
def test_create_that_fails_for_certain_is_told_once(
    lint: Callable[..., list[Diagnostic]],
    upgrades: tuple[str, ...],
    parents: tuple[tuple[int, ...], ...],
    told: list[tuple[str, str]],
) -> None:
    found = lint(*upgrades, parents=parents)

    assert [
        (item.code, Path(item.path).name) for item in found if item.code in {"ALM405", "ALM501"}
    ] == told
