"""The four identifiers and the docstring's header, in all spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from alembic_lint.model import Assigned, Body, Function, Header, Revision, Unknown


class Reading(Protocol):
    @property
    def revision(self) -> Revision: ...


Read = Callable[..., Reading]

BODY = "\n\ndef upgrade():\n    pass\n"

SPELLINGS = {
    "a string": ('down_revision = "a1"', ("a1",)),
    "annotated": ('from typing import Union\ndown_revision: Union[str, None] = "a1"', ("a1",)),
    "None": ("down_revision = None", ()),
    "a tuple": ('down_revision = ("a1", "a2")', ("a1", "a2")),
    "a tuple of one": ('down_revision = ("a1",)', ("a1",)),
    "a list": ('down_revision = ["a1", "a2"]', ("a1", "a2")),
    "assigned twice": ('down_revision = "a0"\ndown_revision = "a1"', ("a1",)),
    "through a constant": ('PARENT = "a1"\ndown_revision = PARENT', ("a1",)),
    "concatenated": ('down_revision = "a" + "1"', ("a1",)),
    "assigned with others": ('revision = down_revision = "a1"', ("a1",)),
    "an empty string": ('down_revision = ""', ()),
    "a constant of another module": ("from app.ids import ID\ndown_revision = ID", ("a1",)),
    "an attribute of another module": ("from app import ids\ndown_revision = ids.ID", ("a1",)),
    "an attribute of a class elsewhere": (
        "import app.ids as ids\ndown_revision = ids.Ids.PARENT",
        ("a1",),
    ),
}


@pytest.mark.parametrize(("text", "expected"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_parent_is_read_in_every_spelling(
    read_text: Read, text: str, expected: tuple[str, ...]
) -> None:
    modules = {
        "app.__init__": "",
        "app.ids": 'ID = "a1"\nclass Ids:\n    PARENT = "a1"\n',
    }

    revision = read_text(f'revision = "b2"\n{text}{BODY}', modules).revision

    assert revision.down_revision is not None
    assert revision.parents == expected


def test_what_is_made_at_run_time_is_unknown(read_text: Read) -> None:
    revision = read_text(f'revision = "b2"\ndepends_on = find()\n{BODY}').revision

    assert isinstance(revision.depends_on, Assigned)
    assert isinstance(revision.depends_on.value, Unknown)
    assert revision.dependencies == ()


def test_an_identifier_that_is_missing_is_none(read_text: Read) -> None:
    revision = read_text(f'revision = "b2"{BODY}').revision

    assert (revision.down_revision, revision.branch_labels, revision.depends_on) == (None,) * 3


def test_labels_and_dependencies(read_text: Read) -> None:
    revision = read_text(
        f'revision = "b2"\nbranch_labels = ("x", "y")\ndepends_on = "a1"{BODY}'
    ).revision

    assert revision.labels == ("x", "y")
    assert revision.dependencies == ("a1",)


HEADERS = {
    "one parent": ("Revision ID: b2\nRevises: a1\n", ("b2", ("a1",))),
    "none": ("Revision ID: b2\nRevises:\n", ("b2", ())),
    "the word None": ("Revision ID: b2\nRevises: None\n", ("b2", ())),
    "several": ("Revision ID: b2\nRevises: a1, a2\n", ("b2", ("a1", "a2"))),
    "no such lines": ("A change.\n", None),
    "one of the two": ("Revises: a1\n", (None, ("a1",))),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_the_header_of_the_docstring(
    read_text: Read, text: str, expected: tuple[str | None, tuple[str, ...]] | None
) -> None:
    header = read_text(f'"""A change.\n\n{text}"""\nrevision = "b2"{BODY}').revision.header

    if expected is None:
        assert header is None
    else:
        assert isinstance(header, Header)
        assert (header.revision, header.revises) == expected


BODIES = {
    "pass": ("pass", Body.EMPTY),
    "a docstring": ('"""Nothing."""', Body.EMPTY),
    "an ellipsis": ("...", Body.EMPTY),
    "a bare return": ("return", Body.EMPTY),
    "a raise": ("raise NotImplementedError", Body.RAISES),
    "a docstring and a raise": ('"""No."""\n    raise NotImplementedError()', Body.RAISES),
    "a raise behind a warning": ("work()\n    raise NotImplementedError()", Body.RAISES),
    "code": ("work()", Body.CODE),
}


@pytest.mark.parametrize(("text", "expected"), BODIES.values(), ids=BODIES.keys())
def test_what_a_downgrade_holds(read_text: Read, text: str, expected: Body) -> None:
    revision = read_text(f'revision = "b2"{BODY}\n\ndef downgrade():\n    {text}\n').revision

    assert isinstance(revision.downgrade, Function)
    assert revision.downgrade.body is expected
