"""What env.py says of naming conventions and of the version table, read without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from alembic_lint import prepare
from alembic_lint.config import Config, ConfigError, load
from alembic_lint.project.env_file import EnvFile, read_env
from alembic_lint.repository import load as load_repository

CONFIGURE = "context.configure(connection=connection, target_metadata=target_metadata)\n"
PAIRS = '{"pk": "pk_%(table_name)s", "ix": "ix_%(column_0_label)s"}'
READ = (("ix", "ix_%(column_0_label)s"), ("pk", "pk_%(table_name)s"))


def env(directory: Path, text: str) -> EnvFile:
    file = directory / "env.py"
    file.write_text(f"from alembic import context\nimport sqlalchemy as sa\n{text}", "utf-8")
    return read_env(file)


@pytest.mark.parametrize(
    "text",
    [
        f"target_metadata = None\n{CONFIGURE}",
        f"target_metadata = sa.MetaData()\n{CONFIGURE}",
        f"target_metadata = [app.one, app.two]\n{CONFIGURE}",
        "context.configure(connection=connection)\n",
    ],
)
def test_no_convention(tmp_path: Path, text: str) -> None:
    assert env(tmp_path, text).naming_convention == ()


@pytest.mark.parametrize(
    "text",
    [
        f"target_metadata = sa.MetaData(naming_convention={PAIRS})\n{CONFIGURE}",
        f"names = {PAIRS}\ntarget_metadata = sa.MetaData(naming_convention=names)\n{CONFIGURE}",
        f"m = sa.MetaData(naming_convention={PAIRS})\ntarget_metadata = m\n{CONFIGURE}",
        f"context.configure(target_metadata=sa.MetaData(naming_convention={PAIRS}))\n",
    ],
)
def test_a_convention_that_stands_there(tmp_path: Path, text: str) -> None:
    assert env(tmp_path, text).naming_convention == READ


@pytest.mark.parametrize(
    "text",
    [
        f"from app import Base\ntarget_metadata = Base.metadata\n{CONFIGURE}",
        f"from app import target_metadata\n{CONFIGURE}",
        f"target_metadata = None\nif x:\n    target_metadata = app.metadata\n{CONFIGURE}",
        f"target_metadata = None\ndef run(target_metadata):\n    {CONFIGURE}",
        f"m = sa.MetaData()\nm.naming_convention = {PAIRS}\ntarget_metadata = m\n{CONFIGURE}",
        f"target_metadata = sa.MetaData(**kwargs)\n{CONFIGURE}",
        f'target_metadata = sa.MetaData(naming_convention={{"ck": name}})\n{CONFIGURE}',
        "context.configure(connection=connection, **options)\n",
        f"{CONFIGURE}context.configure(url=url)\n",
        "import app\napp.run()\n",
        "def broken(:\n",
    ],
)
def test_a_convention_that_is_not_known(tmp_path: Path, text: str) -> None:
    assert env(tmp_path, text).naming_convention is None


def test_an_env_that_is_not_there(tmp_path: Path) -> None:
    assert read_env(tmp_path / "env.py") == EnvFile()


def test_the_version_table(tmp_path: Path) -> None:
    text = (
        "TABLE = 'versions_of_x'\n"
        "context.configure(version_table=TABLE, version_table_schema='ops')\n"
    )
    found = env(tmp_path, text)
    assert (found.version_table, found.version_table_schema) == ("versions_of_x", "ops")
    plain = env(tmp_path, "context.configure(connection=c)\n")
    assert (plain.version_table, plain.version_table_schema) == ("alembic_version", None)
    computed = env(tmp_path, "context.configure(version_table=f'versions_of_{name}')\n")
    assert computed.version_table is None


def test_it_reaches_the_settings_and_the_configuration_wins(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "a1.py").write_text('revision = "a1"\ndown_revision = None\n', "utf-8")
    env(tmp_path, "context.configure(connection=connection, version_table='v')\n")

    project, config = prepare([tmp_path / "versions"])
    settings = load_repository(project, config.settings).histories[0].settings
    assert (settings.conventions, settings.version_table) == ({}, "v")

    file = tmp_path / "alembic-lint.toml"
    file.write_text('[naming-convention]\npk = "pk_%(table_name)s"\n', "utf-8")
    project, config = prepare([tmp_path / "versions"])
    settings = load_repository(project, config.settings).histories[0].settings
    assert settings.conventions == {"pk": "pk_%(table_name)s"}


def test_a_convention_in_the_configuration_is_texts(tmp_path: Path) -> None:
    file = tmp_path / "alembic-lint.toml"
    file.write_text("[naming-convention]\npk = 3\n", "utf-8")
    with pytest.raises(ConfigError, match=r"naming-convention\.pk: 3 is not a string"):
        load(file)
    file.write_text("[naming-convention]\n", "utf-8")
    config: Config = load(file)
    assert config.settings.conventions == {}
