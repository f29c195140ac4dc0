"""A file that does not parse gives its identifiers as one that does."""

from __future__ import annotations

import pytest

from alembic_lint.extract import extract
from alembic_lint.model import Unknown
from alembic_lint.source import SourceFile


class NoModules:
    """A project without other modules."""

    def load(self, name: str) -> None:
        del name

    def name_of(self, path: str) -> None:
        del path


BROKEN = "\ndef upgrade(:\n"


@pytest.mark.parametrize(
    "lines",
    [
        'revision = "7bd1"\ndown_revision = "3ac5"\n',
        "revision='7bd1'\ndown_revision=None\n",
        'revision: str = "7bd1"  # this one\ndown_revision: str | None = None\n',
        'revision = "é表"   \ndown_revision = ""\n',
        '"""Docs.\n\nRevises: x\n"""\n\nrevision = "a"\nrevision = "a"\ndown_revision = "b"\n',
    ],
)
def test_values_texts_and_places_are_those_of_a_file_that_parses(lines: str) -> None:
    parsed = extract(SourceFile("a.py", lines), NoModules())
    guessed = extract(SourceFile("a.py", lines + BROKEN), NoModules())

    assert parsed.problem is None
    assert guessed.problem is not None
    assert guessed.revision == parsed.revision is not None
    assert guessed.down_revision == parsed.down_revision is not None


def test_nothing_is_guessed_where_an_escape_or_another_line_says_otherwise() -> None:
    text = 'revision = "a"\nrevision = "b"\ndown_revision = "a\\x62"\n' + BROKEN

    guessed = extract(SourceFile("a.py", text), NoModules())

    assert guessed.revision is not None
    assert isinstance(guessed.revision.value, Unknown)
    assert guessed.down_revision is None
