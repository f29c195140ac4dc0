"""What `upgrade` may be bound to beside a `def`, and what is known of it then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pytest

from alembic_lint.extract import Extractor
from alembic_lint.model import Body, Function, Unknown
from alembic_lint.source import read_source
from tests.extract.reading.conftest import InMemory, Reading


class Read(Protocol):
    """The fixture that reads a revision, with modules of its project."""

    def __call__(self, text: str, modules: Mapping[str, str] = ...) -> Reading: ...


READ = {
    "a lambda": ('upgrade = lambda: op.drop_table("t")', ["DropTable t"]),
    "a lambda of several": (
        'upgrade = lambda: (op.drop_table("a"), op.drop_table("b"))',
        ["DropTable a", "DropTable b"],
    ),
    "a partial": (
        'import functools\nupgrade = functools.partial(op.drop_table, "t")',
        ["DropTable t"],
    ),
    "one of two by a condition": (
        (
            'import os\nif os.environ:\n    def upgrade():\n        op.drop_table("a")\n'
            'else:\n    def upgrade():\n        op.drop_table("b")'
        ),
        ["DropTable a", "DropTable b"],
    ),
    "a function of the project": ("from app.ddl import upgrade", ["DropTable t"]),
    "a lambda of the project": ("from app.ddl import short\nupgrade = short", ["DropTable s"]),
    "everything of a module of the project": (
        "from app.ddl import *  # and so: import upgrade",
        ["DropTable t"],
    ),
    "under a decorator of a library": (
        'import typing\n@typing.no_type_check\ndef upgrade():\n    op.drop_table("t")',
        ["DropTable t"],
    ),
}
MODULES = {
    "app.ddl": """
        from alembic import op
        def upgrade():
            op.drop_table("t")
        short = lambda: op.drop_table("s")
        """
}


@pytest.mark.parametrize(("text", "lines"), READ.values(), ids=READ.keys())
def test_what_can_be_read_is_read(read_text: Read, text: str, lines: list[str]) -> None:
    assert [line.split(" | ")[0] for line in read_text(text, MODULES).lines] == lines


UNREAD = {
    "from a module that is not at hand": "from elsewhere import upgrade",
    "perhaps from everything of one": "from elsewhere import *  # import upgrade",
    "what an unseen function makes": "from elsewhere import make\nupgrade = make()",
    "one of two of which one is not seen": (
        "import os\nfrom elsewhere import make\nif os.environ:\n    upgrade = make()\n"
        "else:\n    def upgrade():\n        pass"
    ),
}


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD.keys())
def test_what_cannot_be_read_is_unknown(read_text: Read, text: str) -> None:
    assert isinstance(read_text(text).revision.upgrade, Unknown)


def test_a_name_that_nothing_binds_is_missing(read_text: Read) -> None:
    revision = read_text("from sqlalchemy import *  # import upgrade").revision

    assert revision.upgrade is None


@pytest.mark.parametrize("text", [b"def upgrade(:\n", b"<<<<<<< ours\n", b"x = '\xff'\n"])
def test_the_functions_of_a_file_that_cannot_be_read_are_unknown(text: bytes) -> None:
    source = read_source("versions/a.py", b'revision = "a"\n' + text)

    revision = Extractor(InMemory({})).extract(source)

    assert revision.problem is not None
    assert len(revision.unread) == 2


def test_an_unseen_decorator_may_do_anything(read_text: Read) -> None:
    reading = read_text(
        'from elsewhere import each\n@each\ndef upgrade():\n    op.drop_table("t")\n'
        "@each\ndef downgrade():\n    pass\n"
    )

    first, second, third = reading.lines
    assert first == "Opaque upgrade"
    assert second.startswith("DropTable t | loop over the calls of each")
    assert third.startswith("Opaque downgrade")
    downgrade = reading.revision.downgrade
    assert isinstance(downgrade, Function)
    assert downgrade.body is Body.CODE
