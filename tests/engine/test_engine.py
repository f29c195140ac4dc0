from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from alembic_lint.config import Config, Settings
from alembic_lint.engine import lint
from alembic_lint.history import History, build_history
from alembic_lint.model import (
    Assigned,
    Body,
    Call,
    Context,
    CreateTable,
    Direction,
    DropTable,
    ExecuteSql,
    Function,
    Guard,
    Opaque,
    OpaqueCondition,
    Operation,
    Revision,
    Statement,
    Unknown,
)
from alembic_lint.replay import Step
from alembic_lint.rule import (
    Confidence,
    Finding,
    Related,
    Scope,
    Severity,
    each_operation,
    each_revision,
    whole_history,
)
from alembic_lint.source import FILE_START, Span

CALL = Call("op.x")


def at(line: int) -> Span:
    return Span.of_line(line, 10)


def assigned(value: str | None) -> Assigned:
    return Assigned(value, repr(value), at(1), at(1))


def revision(
    name: str,
    parent: str | None = None,
    up: tuple[Operation, ...] = (),
    down: tuple[Operation, ...] = (),
) -> Revision:
    return Revision(
        path=f"versions/{name}.py",
        revision=assigned(name),
        down_revision=assigned(parent),
        upgrade=Function(at(5), at(5), Body.CODE, up),
        downgrade=Function(at(9), at(9), Body.CODE, down),
    )


def create(table: str | Unknown, line: int = 6, context: Context | None = None) -> CreateTable:
    return CreateTable(span=at(line), call=CALL, table=table, context=context or Context())


def drop(table: str, line: int = 10) -> DropTable:
    return DropTable(span=at(line), call=CALL, table=table, direction=Direction.DOWNGRADE)


@each_revision("ALM901", Severity.WARNING)
def every_file(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    yield Finding(FILE_START, f"{revision.id} is there")


@each_operation("ALM902", Severity.ERROR)
def every_step(step: Step, _settings: Settings) -> Iterator[Finding]:
    yield Finding(step.operation.span, f"{step.operation.direction} does something")


@whole_history("ALM903", Severity.INFO)
def every_history(history: History, _settings: Settings) -> Iterator[Finding]:
    last = history.revisions[-1]
    yield Finding(at(1), f"{len(history.revisions)} files", path=last.path)


FILE, STEP, HISTORY = (
    replace(every_file, name="every-file"),
    replace(every_step, name="every-step"),
    replace(every_history, name="every-history"),
)
A1 = revision("a1", None, (create("users"),), (drop("users"),))
B1 = revision("b1", "a1")


def test_each_scope_is_called_as_often_as_it_says() -> None:
    result = lint([build_history([A1, B1])], Config(), (FILE, STEP, HISTORY))

    assert [(item.path, item.span.line, item.code) for item in result.diagnostics] == [
        ("versions/a1.py", 1, "ALM901"),
        ("versions/a1.py", 6, "ALM902"),
        ("versions/a1.py", 10, "ALM902"),
        ("versions/b1.py", 1, "ALM901"),
        ("versions/b1.py", 1, "ALM903"),
    ]


def test_diagnostic_tells_revision_operation_and_table() -> None:
    result = lint([build_history([A1, B1])], Config(), (STEP,))

    first, second = result.diagnostics
    assert (first.operation, first.table, first.revision) == ("CreateTable", "users", "a1")
    assert (second.operation, second.down_revision) == ("DropTable", ())


def test_finding_of_a_whole_history_belongs_to_the_file_it_names() -> None:
    (diagnostic,) = lint([build_history([A1, B1])], Config(), (HISTORY,)).diagnostics

    assert (diagnostic.revision, diagnostic.down_revision) == ("b1", ("a1",))
    assert diagnostic.operation is None


def test_finding_of_a_file_rule_on_an_operation_names_it() -> None:
    @each_revision("ALM904", Severity.INFO)
    def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
        yield from (Finding(item.span, "here") for item in revision.operations)

    result = lint([build_history([A1])], Config(), (check,))

    assert [item.operation for item in result.diagnostics] == ["CreateTable", "DropTable"]


def test_only_the_named_files_are_reported_on_the_whole_graph() -> None:
    result = lint([build_history([A1, B1])], Config(), (FILE, HISTORY), only={"versions/b1.py"})

    assert [item.message for item in result.diagnostics] == ["b1 is there", "2 files"]


@pytest.mark.parametrize(
    ("context", "lines", "severity", "expected"),
    [
        (False, (1,), Severity.ERROR, ["b1:1"]),
        (True, (1,), Severity.ERROR, []),
        (False, (1, 2), Severity.ERROR, ["a1:2"]),  # the two tell of each other: once will do
        (False, (1, 2), Severity.INFO, ["a1:2", "b1:1"]),  # unless the other one weighs less
    ],
)
def test_a_finding_elsewhere_is_reported_where_a_named_file_takes_part_in_it(
    context: bool, lines: tuple[int, ...], severity: Severity, expected: list[str]
) -> None:
    paths = {1: "versions/b1.py", 2: "versions/a1.py"}

    def check(history: History, settings: Settings) -> Iterator[Finding]:
        del history, settings
        for line in lines:
            yield Finding(
                at(line),
                "clash",
                path=paths[line],
                related=(Related(paths[3 - line], at(3 - line), "the other", context),),
                severity=severity if line == 2 else None,
            )

    check.__module__ = "alembic_lint.rules.history.clash"
    rule = whole_history("ALM199", Severity.ERROR)(check)

    result = lint([build_history([A1, B1])], Config(), (rule,), only={"versions/a1.py"})

    found = [f"{item.path[9:11]}:{item.span.line}" for item in result.diagnostics]
    assert found == expected
    assert result.elsewhere == len(lines) - len(expected)


def test_findings_of_excluded_files_are_not_counted_as_left_out() -> None:
    config = Config(exclude=("b1.py",), directory="/repo")

    result = lint([build_history([A1, B1])], config, (FILE,), only={"versions/a1.py"})

    assert [item.path for item in result.diagnostics] == ["versions/a1.py"]
    assert result.elsewhere == 0


def test_file_of_two_histories_is_reported_and_counted_once() -> None:
    histories = [build_history([A1, B1], name="one"), build_history([A1], name="two")]

    result = lint(histories, Config(), (FILE, STEP))

    assert len(result.diagnostics) == 4
    assert result.counts.revisions == 2
    assert result.counts.operations == (("CreateTable", 1), ("DropTable", 1))


def test_order_does_not_depend_on_the_order_of_files_or_rules() -> None:
    forth = lint([build_history([A1, B1])], Config(), (FILE, STEP))
    back = lint([build_history([B1, A1])], Config(), (STEP, FILE))

    assert forth.diagnostics == back.diagnostics


@pytest.mark.parametrize(
    ("rule", "own", "confidence", "configured", "expected"),
    [
        (Severity.ERROR, None, Confidence.CERTAIN, None, Severity.ERROR),
        (Severity.ERROR, None, Confidence.POSSIBLE, None, Severity.WARNING),
        (Severity.ERROR, Severity.WARNING, Confidence.CERTAIN, None, Severity.WARNING),
        (Severity.ERROR, Severity.WARNING, Confidence.POSSIBLE, None, Severity.INFO),
        (Severity.INFO, None, Confidence.POSSIBLE, None, Severity.INFO),
        (Severity.WARNING, None, Confidence.CERTAIN, "error", Severity.ERROR),
        (Severity.WARNING, Severity.INFO, Confidence.CERTAIN, "error", Severity.ERROR),
        (Severity.WARNING, None, Confidence.POSSIBLE, "error", Severity.WARNING),
    ],
)
def test_severity_is_the_configured_or_the_findings_or_the_rules(
    rule: Severity,
    own: Severity | None,
    confidence: Confidence,
    configured: str | None,
    expected: Severity,
) -> None:
    @each_revision("ALM904", rule)
    def check(_revision: Revision, _settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, "here", severity=own, confidence=confidence)

    config = Config(severity=(("ALM904", configured),) if configured else ())

    (diagnostic,) = lint([build_history([A1])], config, (check,)).diagnostics

    assert (diagnostic.severity, diagnostic.confidence) == (expected, confidence)


def test_file_ignores_hold_for_every_scope() -> None:
    config = Config(per_file_ignores=(("b1.py", ("ALM9",)),))

    result = lint([build_history([A1, B1])], config, (FILE, STEP, HISTORY))

    assert {item.path for item in result.diagnostics} == {"versions/a1.py"}


def test_rule_that_crashes_is_named_with_its_revision_and_the_rest_runs() -> None:
    @each_revision("ALM904", Severity.ERROR)
    def crashing(revision: Revision, _settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, "before the crash")
        if revision.id == "a1":
            raise RuntimeError("a bug")
        yield Finding(FILE_START, "after it")

    result = lint([build_history([A1, B1])], Config(), (crashing, FILE))

    (error,) = result.internal_errors
    assert (error.code, error.path, error.revision) == ("ALM904", "versions/a1.py", "a1")
    assert error.message.startswith("RuntimeError at test_engine.py:")
    assert error.message.endswith(": a bug")
    assert [(item.path, item.message) for item in result.diagnostics] == [
        ("versions/a1.py", "a1 is there"),
        ("versions/a1.py", "before the crash"),
        ("versions/b1.py", "b1 is there"),
        ("versions/b1.py", "after it"),
        ("versions/b1.py", "before the crash"),
    ]


def test_crash_over_a_whole_history_names_the_history() -> None:
    @whole_history("ALM904", Severity.ERROR)
    def crashing(history: History, _settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, f"no path for {history.name}")

    result = lint([build_history([A1], name="billing")], Config(), (crashing, FILE))

    (error,) = result.internal_errors
    assert (error.path, error.revision) == ("billing", None)
    assert "names no file" in error.message
    assert len(result.diagnostics) == 1


@pytest.mark.parametrize(
    ("of_rule", "of_project", "of_operation", "found"),
    [
        (None, None, None, True),
        (("mysql",), None, None, True),
        (("mysql",), ("mysql", "sqlite"), None, True),
        (("mysql",), ("mariadb",), None, True),
        (("mysql",), ("postgresql",), None, False),
        (("mysql",), None, ("postgresql",), False),
        (("mysql",), None, ("mysql",), True),
        (None, ("postgresql",), ("postgresql",), True),
    ],
)
def test_rule_about_a_database_runs_where_that_database_is_used(
    of_rule: tuple[str, ...] | None,
    of_project: tuple[str, ...] | None,
    of_operation: tuple[str, ...] | None,
    found: bool,
) -> None:
    @each_operation("ALM904", Severity.ERROR, dialects=of_rule)
    def check(step: Step, _settings: Settings) -> Iterator[Finding]:
        yield Finding(step.operation.span, "here")

    operation = create("users", context=Context(dialects=of_operation))
    history = build_history([revision("a1", None, (operation,))])

    result = lint([history], Config(), (check,), settings=[Settings(dialects=of_project)])

    assert bool(result.diagnostics) is found


def test_each_history_has_its_own_settings() -> None:
    @each_revision("ALM904", Severity.ERROR)
    def check(_revision: Revision, settings: Settings) -> Iterator[Finding]:
        yield Finding(FILE_START, f"{settings.version_width}")

    histories = [build_history([A1]), build_history([revision("c1")])]

    result = lint(histories, Config(), (check,), settings=[Settings(), Settings(version_width=64)])

    assert [item.message for item in result.diagnostics] == ["32", "64"]


def test_counts_tell_what_was_seen_and_what_was_not() -> None:
    guard = Guard(OpaqueCondition("flag"), 1, at(5))
    sql = ExecuteSql(
        span=at(7),
        call=CALL,
        sql="DROP TABLE old",
        statements=(Statement("DROP TABLE", "DROP TABLE old"),),
        operations=(DropTable(span=at(7), call=CALL, table="old"),),
    )
    up = (
        create("users"),
        create(Unknown("a call"), 7),
        create("orders", 8, Context(guards=(guard,))),
        sql,
        ExecuteSql(
            span=at(9),
            call=CALL,
            sql=Unknown("read from a file"),
            statements=Unknown("read from a file"),
        ),
        Opaque(span=at(10), call=CALL, why="a call into another package"),
    )

    counts = lint([build_history([revision("a1", None, up)])], Config(), ()).counts

    assert counts.operations == (("CreateTable", 3), ("ExecuteSql", 2), ("Opaque", 1))
    assert counts.resolved_tables == 3
    assert counts.unresolved_tables == (("a call", 1),)
    assert counts.unread_sql == (("read from a file", 1),)
    assert counts.opaque == (("a call into another package", 1),)
    assert counts.undecided == 1


def test_scope_of_the_rules_is_what_the_decorators_say() -> None:
    assert [rule.scope for rule in (FILE, STEP, HISTORY)] == [
        Scope.REVISION,
        Scope.OPERATION,
        Scope.HISTORY,
    ]
