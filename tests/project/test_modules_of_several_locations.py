"""Version directories of several packages that turn out to be one history."""

from __future__ import annotations

from pathlib import Path

import pytest

from alembic_lint.config import defaults
from alembic_lint.model import CreateTable
from alembic_lint.project import discover
from alembic_lint.repository import Repository, load


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def package(name: str, text: str, *, revision: str, down: str | None, branch: str = "") -> None:
    """A package with one module of names and one revision that uses them."""
    place = Path(name, "src", name)
    (place / "alembic").mkdir(parents=True)
    (place / "__init__.py").write_text("")
    (place / "names.py").write_text(text)
    (place / "alembic" / f"{revision}.py").write_text(
        f'revision = "{revision}"\ndown_revision = {down!r}\n{branch}\n'
        "from alembic import op\nfrom shared.names import make\n"
        f"from {name}.names import TABLE\n\n\ndef upgrade():\n    make(TABLE)\n"
    )


MAKE = "from alembic import op\nTABLE = 's'\ndef make(name):\n    op.create_table(name)\n"


def tables(repository: Repository) -> list[list[object]]:
    return [
        [
            operation.table
            for revision in loaded.history.revisions
            for operation in revision.operations
            if isinstance(operation, CreateTable)
        ]
        for loaded in repository.histories
    ]


def test_modules_of_one_location_are_found_from_the_others() -> None:
    package("shared", MAKE, revision="a1", down=None)
    package("orders", "TABLE = 'orders'\n", revision="b1", down="a1")
    counts: list[tuple[int, int]] = []

    repository = load(
        discover([Path.cwd()], defaults()),
        defaults().settings,
        progress=lambda done, total: counts.append((done, total)),
    )

    assert tables(repository) == [["orders", "s"]]
    assert counts == [(1, 2), (2, 2)]
    assert "shared/src/shared/names.py" in repository.sources


def test_modules_of_another_history_are_not_looked_at() -> None:
    package("shared", MAKE, revision="a1", down=None)
    package("orders", "TABLE = 'orders'\n", revision="b1", down=None)

    repository = load(discover([Path.cwd()], defaults()), defaults().settings)

    assert sorted(tables(repository)) == [[], ["s"]]


def test_each_location_looks_into_its_own_roots_first() -> None:
    package("shared", MAKE, revision="a1", down=None)
    package("orders", "TABLE = 'orders'\n", revision="b1", down="a1")
    for name in ("shared", "orders"):
        place = Path(name, "src", "local.py")
        place.write_text(f"TABLE = 'local_{name}'\n")
        revision = next(Path(name, "src", name, "alembic").glob("*.py"))
        revision.write_text(revision.read_text().replace(f"{name}.names", "local"))
    Path("shared/src/shared/alembic/a1.py").write_text(
        Path("shared/src/shared/alembic/a1.py")
        .read_text()
        .replace("from local import make", "from shared.names import make")
    )

    repository = load(discover([Path.cwd()], defaults()), defaults().settings)

    assert tables(repository) == [["local_orders", "local_shared"]]
