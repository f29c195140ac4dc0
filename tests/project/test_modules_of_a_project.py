from __future__ import annotations

import os
from pathlib import Path

import pytest

from alembic_lint.project import ProjectModules


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_modules_and_packages_are_read_from_the_roots(tmp_path: Path) -> None:
    write(tmp_path, "src/app/__init__.py", "x = 1\n")
    write(tmp_path, "src/app/tables.py", "y = 2\n")
    modules = ProjectModules((tmp_path, tmp_path / "src"))

    package, module = modules.load("app"), modules.load("app.tables")

    assert package is not None
    assert (package.path, package.text) == ("src/app/__init__.py", "x = 1\n")
    assert module is not None
    assert module.path == "src/app/tables.py"
    assert modules.load("app.nothing") is None
    assert modules.name_of("src/app/tables.py") == "app.tables"
    assert [source.path for source in modules.loaded()] == [
        "src/app/__init__.py",
        "src/app/tables.py",
    ]


def test_nothing_is_run(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "open('ran', 'w').close()\nraise SystemExit\n")

    source = ProjectModules((tmp_path,)).load("app")

    assert source is not None
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["..secret", "a/../../secret", "", ".", "secret.", "../secret"])
def test_a_name_cannot_leave_the_roots(tmp_path: Path, name: str) -> None:
    write(tmp_path, "secret.py", "password = 1\n")

    assert ProjectModules((tmp_path / "root",)).load(name) is None


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "directory.py").mkdir()
    modules = ProjectModules((tmp_path,))

    assert modules.load("pipe") is None
    assert modules.load("directory") is None


@pytest.mark.parametrize("name", ["alembic", "alembic.op", "sqlalchemy.types"])
def test_a_script_directory_is_not_mistaken_for_the_library(tmp_path: Path, name: str) -> None:
    write(tmp_path, "alembic/__init__.py")
    write(tmp_path, "alembic/op.py")
    write(tmp_path, "sqlalchemy/types.py")

    assert ProjectModules((tmp_path,)).load(name) is None


def test_a_package_without_init_files_is_found_by_its_directory(tmp_path: Path) -> None:
    write(tmp_path, "app/migrations/shared/tools.py")
    modules = ProjectModules((tmp_path / "app" / "migrations",))

    assert modules.load("app.migrations.shared.tools") is not None


def test_the_name_of_a_file_follows_its_packages(tmp_path: Path) -> None:
    write(tmp_path, "lib/app/__init__.py")
    write(tmp_path, "lib/app/versions/__init__.py")
    write(tmp_path, "lib/app/versions/a.py")
    write(tmp_path, "loose.py")
    modules = ProjectModules((tmp_path,))

    assert modules.name_of("lib/app/versions/a.py") == "app.versions.a"
    assert modules.name_of("lib/app/versions/__init__.py") == "app.versions"
    assert modules.name_of("loose.py") is None
