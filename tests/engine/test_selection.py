from __future__ import annotations

from collections.abc import Iterator

import pytest

from alembic_lint.config import Config, ConfigError, Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Rule, Scope, Severity
from alembic_lint.rules import RULES
from alembic_lint.selection import select


def nothing(_revision: Revision, _settings: Settings) -> Iterator[Finding]:
    yield from ()


def rule(code: str, name: str, *, enabled: bool = True) -> Rule:
    return Rule(
        code, name, "file", "", Severity.WARNING, Scope.REVISION, enabled, revision_check=nothing
    )


SOME = (
    rule("ALM101", "multiple-heads"),
    rule("ALM102", "multiple-bases"),
    rule("ALM201", "revision-id-too-long"),
    rule("ALM207", "filename-convention", enabled=False),
)


def codes(config: Config) -> list[str]:
    return [chosen.code for chosen in select(config, SOME).rules]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Config(), ["ALM101", "ALM102", "ALM201"]),
        (Config(select=()), []),
        (Config(select=("ALM1",)), ["ALM101", "ALM102"]),
        (Config(select=("ALM102",)), ["ALM102"]),
        (Config(select=("multiple-bases",)), ["ALM102"]),
        (Config(select=("ALL",)), ["ALM101", "ALM102", "ALM201", "ALM207"]),
        (Config(select=("ALM207",)), ["ALM207"]),
        (Config(extend_select=("filename-convention",)), ["ALM101", "ALM102", "ALM201", "ALM207"]),
        (Config(select=("ALM1",), extend_select=("ALM201",)), ["ALM101", "ALM102", "ALM201"]),
        (Config(ignore=("ALM1",)), ["ALM201"]),
        (Config(ignore=("ALL",)), []),
        (Config(ignore=("multiple-heads",)), ["ALM102", "ALM201"]),
        (Config(select=("ALM101",), ignore=("ALM1",)), ["ALM101"]),
        (Config(select=("ALM1",), ignore=("ALM101",)), ["ALM102"]),
        (Config(select=("ALM1",), ignore=("ALM1",)), []),
        (Config(select=("ALM101",), ignore=("multiple-heads",)), []),
        (Config(extend_select=("ALM102",), ignore=("ALM1",)), ["ALM102", "ALM201"]),
        (Config(select=("ALL",), ignore=("ALL",), extend_select=("ALM2",)), ["ALM201", "ALM207"]),
    ],
)
def test_longest_selector_decides(config: Config, expected: list[str]) -> None:
    assert codes(config) == expected


@pytest.mark.parametrize(
    ("config", "key", "near"),
    [
        (Config(select=("ALM999",), file="a.toml"), "select", None),
        (Config(ignore=("AL",), file="a.toml"), "ignore", None),
        (Config(ignore=("multiple-head",), file="a.toml"), "ignore", "multiple-heads"),
        (Config(extend_select=("ALM02",), file="a.toml"), "extend-select", "ALM102"),
        (
            Config(severity=(("revision-id-long", "info"),), file="a.toml"),
            "severity",
            "revision-id",
        ),
        (Config(per_file_ignores=(("x", ("all",)),), file="a.toml"), "per-file-ignores", None),
    ],
)
def test_selector_of_no_rule_is_an_error_with_the_near_match(
    config: Config, key: str, near: str | None
) -> None:
    with pytest.raises(ConfigError, match="no rule is called") as caught:
        select(config, SOME)

    assert (caught.value.file, caught.value.key) == ("a.toml", key)
    if near is not None:
        assert f"did you mean '{near}" in caught.value.message


def test_configured_severity_of_the_longest_selector_counts() -> None:
    config = Config(severity=(("ALM101", "info"), ("ALM1", "error"), ("ALL", "warning")))

    selection = select(config, SOME)

    assert [selection.severity(item) for item in SOME[:3]] == [
        Severity.INFO,
        Severity.ERROR,
        Severity.WARNING,
    ]
    assert select(Config(), SOME).severity(SOME[0]) is None


def test_rule_is_ignored_only_in_the_files_named() -> None:
    config = Config(
        per_file_ignores=(("/repo/old/*", ("ALM1",)), ("a.py", ("revision-id-too-long",))),
        directory="/repo",
    )

    selection = select(config, SOME)

    assert not selection.runs_on(SOME[0], "old/x.py")
    assert selection.runs_on(SOME[0], "new/x.py")
    assert selection.runs_on(SOME[2], "old/x.py")
    assert not selection.runs_on(SOME[2], "new/a.py")


def test_every_rule_can_be_selected_by_its_code_and_by_its_name() -> None:
    for item in RULES:
        for selector in (item.code, item.name):
            assert select(Config(select=(selector,)), RULES).rules == (item,)
