from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.config import Settings
from alembic_lint.history import build_history
from alembic_lint.model import (
    Body,
    BulkInsert,
    Call,
    CreateTable,
    DropTable,
    ExecuteSql,
    Opaque,
    Operation,
    Revision,
    Statement,
    Unknown,
)
from alembic_lint.rule import Confidence, Finding, Severity
from alembic_lint.rules.downgrade import empty_downgrade, missing_downgrade
from alembic_lint.rules.file import missing_upgrade
from alembic_lint.source import Problem, ProblemKind, Span

CALL = Call("op.x")
SPAN = Span.of_line(7)
CREATE = CreateTable(span=SPAN, call=CALL, table="users")
DROP = DropTable(span=SPAN, call=CALL, table="users")
ROWS = BulkInsert(span=SPAN, call=CALL, table="users", rows=2)
UPDATE = ExecuteSql(
    span=SPAN, call=CALL, sql="UPDATE users …", statements=(Statement("UPDATE", "UPDATE users …"),)
)
SOMETHING = ExecuteSql(span=SPAN, call=CALL, sql=Unknown("a call"), statements=Unknown("a call"))
OPAQUE = Opaque(span=SPAN, call=CALL, why="a call into another package")


def test_missing_functions_are_flagged(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision(upgrade=None, downgrade=None)

    assert [item.span.line for item in findings(missing_upgrade.check, revision)] == [1]
    assert [item.span.line for item in findings(missing_downgrade.check, revision)] == [1]


def test_missing_downgrade_is_shown_at_the_upgrade(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    (finding,) = findings(missing_downgrade.check, make_revision(downgrade=None))

    assert finding.span == Span(6, 4, 6, 11)


@pytest.mark.parametrize(("number", "found"), [(9, 9), (10, 1), (11, 1)])
def test_long_history_without_any_downgrade_is_told_once(
    make_revision: Callable[..., Revision], number: int, found: int
) -> None:
    chain = [
        make_revision(
            f"r{index}", f"r{index - 1}" if index else None, path=f"r{index}.py", downgrade=None
        )
        for index in range(number)
    ]
    rule = missing_downgrade.check.history_check
    assert rule is not None

    findings = list(rule(build_history(chain), Settings()))

    assert len(findings) == found
    assert findings[-1].path == f"r{number - 1}.py"


def test_one_missing_downgrade_in_a_long_history_is_told_there(
    make_revision: Callable[..., Revision],
) -> None:
    chain = [
        make_revision(
            f"r{index}",
            f"r{index - 1}" if index else None,
            path=f"r{index}.py",
            downgrade=None if index == 4 else Body.EMPTY,
        )
        for index in range(12)
    ]
    rule = missing_downgrade.check.history_check
    assert rule is not None

    findings = list(rule(build_history(chain), Settings()))

    assert [item.path for item in findings] == ["r4.py"]


@pytest.mark.parametrize("rule", [missing_upgrade.check, missing_downgrade.check])
def test_file_that_does_not_parse_is_not_said_to_lack_functions(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    rule: object,
) -> None:
    revision = make_revision(
        upgrade=None, downgrade=None, problem=Problem(ProblemKind.SYNTAX, "no")
    )

    assert not findings(rule, revision)


@pytest.mark.parametrize("setting", ["optional", "forbidden"])
def test_settings_without_a_way_back_ask_for_none(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision], setting: str
) -> None:
    settings = Settings(downgrade=setting)

    assert not findings(missing_downgrade.check, make_revision(downgrade=None), settings)
    assert not findings(empty_downgrade.check, make_revision(up=[CREATE]), settings)


@pytest.mark.parametrize(
    ("setting", "number"), [("required", 0), ("optional", 0), ("forbidden", 1)]
)
def test_downgrade_that_acts_is_flagged_only_where_forbidden(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    setting: str,
    number: int,
) -> None:
    revision = make_revision(up=[CREATE], down=[DROP])

    assert len(findings(missing_downgrade.check, revision, Settings(downgrade=setting))) == number


@pytest.mark.parametrize(
    ("operations", "severity"),
    [
        ([CREATE], None),
        ([CREATE, ROWS], None),
        ([ROWS], Severity.INFO),
        ([UPDATE, ROWS], Severity.INFO),
    ],
)
def test_downgrade_that_undoes_nothing_is_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operations: list[Operation],
    severity: Severity | None,
) -> None:
    (finding,) = findings(empty_downgrade.check, make_revision(up=operations))

    assert finding.span == Span(10, 4, 10, 11)
    assert finding.severity == severity


def test_downgrade_of_sql_that_could_not_be_read_is_only_perhaps_empty(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    (unread,) = findings(empty_downgrade.check, make_revision(up=[SOMETHING, ROWS]))
    (mixed,) = findings(empty_downgrade.check, make_revision(up=[SOMETHING, CREATE]))

    assert unread.confidence is Confidence.POSSIBLE
    assert mixed.confidence is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("operations", "way_back"),
    [
        ([], Body.EMPTY),
        ([OPAQUE], Body.EMPTY),
        ([CREATE], Body.RAISES),
        ([CREATE], Body.CODE),
        ([CREATE], None),
    ],
)
def test_other_downgrades_are_not_called_empty(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    operations: list[Operation],
    way_back: Body | None,
) -> None:
    revision = make_revision(up=operations, downgrade=way_back)

    assert not findings(empty_downgrade.check, revision)
