"""Enum types that SQL text makes, renames and swaps, held against PostgreSQL at every revision."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from alembic_lint.cli import main

Python = Callable[..., subprocess.CompletedProcess[str]]

ENVIRONMENT = Path(__file__).parents[2] / "fixtures" / "option_a" / "env.py"

HISTORY = (
    (
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE TABLE notes (id integer CONSTRAINT pk PRIMARY KEY, mood mood, moods mood[])",
    ),
    ("ALTER TYPE mood RENAME TO old_mood",),
    (
        "CREATE TYPE mood AS ENUM ('good', 'bad', 'fair')",
        "ALTER TABLE notes ALTER COLUMN mood TYPE mood USING mood::text::mood",
        "ALTER TABLE notes DROP COLUMN moods",
        "DROP TYPE old_mood",
    ),
    ("ALTER TABLE notes ADD COLUMN later mood NOT NULL",),
)


def written(directory: Path, history: Iterable[Iterable[str]]) -> Path:
    """An environment with a revision "r0…", "r1…" for each list of statements."""
    (directory / "versions").mkdir()
    shutil.copy(ENVIRONMENT, directory)
    ini = "[alembic]\nscript_location = %(here)s\npath_separator = os\n"
    (directory / "alembic.ini").write_text(ini, "utf-8")
    for number, statements in enumerate(history):
        parent = f'"r{number - 1}"' if number else "None"
        body = "".join(f"    op.execute({statement!r})\n" for statement in statements)
        (directory / "versions" / f"r{number}.py").write_text(
            f'from alembic import op\n\nrevision = "r{number}"\ndown_revision = {parent}\n\n\n'
            f"def upgrade():\n{body}\n\ndef downgrade():\n    raise NotImplementedError\n",
            "utf-8",
        )
    return directory


def test_columns_are_of_the_type_whatever_its_name_becomes(
    python: Python, postgresql_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = written(tmp_path, HISTORY)
    ini, given = place / "alembic.ini", f"url={postgresql_url}"
    for number in range(len(HISTORY)):
        done = python("-m", "alembic", "-c", ini, "-x", given, "upgrade", f"r{number}")
        assert done.returncode == 0, done.stderr

        main(["verify", str(place), "--url", postgresql_url, "--isolated", "--format", "json"])

        told = json.loads(capsys.readouterr().out)
        assert told["differences"] == []
        assert told["compared"]["not_certain"] == 0
        assert told["compared"]["equal"] > 0
