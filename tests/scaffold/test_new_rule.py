from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "new_rule.py"


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("new_rule", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def new_rule(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, "--root", root, *arguments],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a rule is made of."""
    skip = shutil.ignore_patterns("__pycache__")
    for folder in ("src", "rules", "tests/cards", "tests/rules", "tests/since"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skip)
    return tmp_path


def test_registry_lists_every_rule_in_the_order_of_the_codes() -> None:
    script = load_script()

    written = (ROOT / "src/alembic_lint/rules/__init__.py").read_text("utf-8")

    assert written == script.registry(script.read_rules(ROOT))


def test_index_lists_every_rule() -> None:
    script = load_script()

    written = (ROOT / "rules/README.md").read_text("utf-8")

    assert written == script.index(script.read_rules(ROOT))


def test_scaffolded_rule_fails_its_card_until_it_is_written(checkout: Path) -> None:
    made = new_rule(checkout, "ALM618", "missing-lock-timeout", "locks")

    assert made.stderr == ""
    assert made.stdout.splitlines() == [
        "src/alembic_lint/rules/locks/__init__.py",
        "src/alembic_lint/rules/locks/missing_lock_timeout.py",
        "rules/ALM618-missing-lock-timeout.md",
        "tests/rules/test_missing_lock_timeout.py",
    ]
    own = ("tests/cards", "tests/rules/test_missing_lock_timeout.py")
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:xdist"]
    run = subprocess.run(
        [*command, "-p", "no:randomly", "-k", "(ALM618 or lock_timeout) and not postgresql", *own],
        check=False,
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout / "src")},
        capture_output=True,
        text=True,
    )
    failed = {line.split(" - ")[0] for line in run.stdout.splitlines() if line.startswith("FAILED")}
    assert failed == {
        "FAILED tests/cards/test_cards.py::test_findings_equal_the_marks[ALM618 Bad]",
        "FAILED tests/rules/test_missing_lock_timeout.py::test_flags_missing_lock_timeout",
    }, run.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("ALM201", "some-rule", "file"), "ALM201 is revision-id-too-long already"),
        (("ALM999", "empty-revision", "file"), "ALM209 is empty-revision already"),
        (("ALM9", "some-rule", "data"), "'ALM9' is not ALM and three digits"),
        (("ALM999", "Some_Rule", "data"), "'Some_Rule' is not lower-case words joined by dashes"),
        (("ALM999", "some-rule", "../data"), "'../data' is not one lower-case word"),
    ],
)
def test_code_or_name_that_cannot_be_is_refused(
    checkout: Path, arguments: tuple[str, ...], reason: str
) -> None:
    refused = new_rule(checkout, *arguments)

    assert refused.returncode == 2
    assert refused.stderr.strip() == reason


def test_refresh_restores_registry_and_index(checkout: Path) -> None:
    paths = [checkout / "src/alembic_lint/rules/__init__.py", checkout / "rules/README.md"]
    before = [path.read_text("utf-8") for path in paths]
    for path in paths:
        path.write_text("", "utf-8")

    refreshed = new_rule(checkout, "--refresh")

    assert refreshed.returncode == 0
    assert [path.read_text("utf-8") for path in paths] == before


def test_module_that_is_no_rule_is_named(checkout: Path) -> None:
    (checkout / "src/alembic_lint/rules/file/odd.py").write_text("def check() -> None: ...\n")

    refused = new_rule(checkout, "--refresh")

    assert refused.returncode == 2
    assert "odd.py: no check() with a rule's decorator" in refused.stderr
