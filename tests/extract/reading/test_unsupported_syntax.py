"""Text that Python takes and LibCST does not: read all the same, or told to be unread."""

from __future__ import annotations

import ast
from collections.abc import Callable

import libcst as cst
import pytest

from alembic_lint.extract import extract
from alembic_lint.model import Assigned, CreateTable, Revision, Unknown
from alembic_lint.source import ProblemKind, SourceFile, Span

HEAD = """\
import sqlalchemy as sa
from alembic import op

revision = "4f1c09be72d3"
down_revision = ("0a", "0b")


"""
UPGRADE = f"{HEAD}def upgrade():\n"
TABLE = 'op.create_table("log", sa.Column("länge", sa.Text()))'
ANNOTATED = "(upgraded): bool = False\n"
ROWS = ", ".join(f'{{"id": {number}, "name": "somebody"}}' for number in range(4_000))


def refused_by_libcst(text: str) -> bool:
    ast.parse(text)
    try:
        cst.parse_module(text)
    except cst.ParserSyntaxError:
        return True
    return False


@pytest.fixture
def revision_of(read_nothing: Callable[[SourceFile], Revision]) -> Callable[[str], Revision]:
    """Read a text that LibCST alone refuses."""

    def read(text: str) -> Revision:
        assert refused_by_libcst(text)
        return read_nothing(SourceFile("a.py", text))

    return read


@pytest.fixture
def read_nothing() -> Callable[[SourceFile], Revision]:
    """Read a file of a project that has no other modules."""

    class NoModules:
        def load(self, name: str) -> None:
            del name

        def name_of(self, path: str) -> None:
            del path

    return lambda source: extract(source, NoModules())


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (f"    \\\n    {TABLE}\n", 10, 4),
        (f"    \\\n  {TABLE}\n    pass\n", 10, 2),
        (f"    if sa:\n        pass\n\\\n    else:\n        {TABLE}\n", 13, 8),
    ],
)
def test_what_can_be_written_otherwise_is_read_in_its_place(
    revision_of: Callable[[str], Revision], body: str, line: int, column: int
) -> None:
    revision = revision_of(UPGRADE + body)

    assert revision.problem is None
    (made,) = revision.operations
    assert isinstance(made, CreateTable)
    assert made.table == "log"
    assert made.span == Span(line, column, line, column + len(TABLE))
    assert revision.down_revision is not None
    assert revision.down_revision.value == ("0a", "0b")


def test_a_long_literal_stays_unread(revision_of: Callable[[str], Revision]) -> None:
    revision = revision_of(f"{UPGRADE}    \\\n    rows = [{ROWS}]\n    op.drop_table(rows)\n")

    (drop,) = revision.operations
    assert drop.span.line == 11
    assert getattr(drop, "table") == Unknown("the value is too large to be followed")  # noqa: B009


def test_what_cannot_keeps_its_identifiers_and_could_do_anything(
    revision_of: Callable[[str], Revision],
) -> None:
    revision = revision_of(f"{UPGRADE}    {TABLE}\n\n\n{ANNOTATED}branch_labels = LABELS\n")

    assert revision.problem is not None
    assert revision.problem.kind is ProblemKind.UNSUPPORTED
    assert revision.problem.span == Span(12, 0, 12, len(ANNOTATED) - 1)
    assert revision.down_revision == Assigned(
        ("0a", "0b"), '("0a", "0b")', Span(5, 16, 5, 28), Span(5, 0, 5, 28),
        (Span(5, 17, 5, 21), Span(5, 23, 5, 27)),
    )  # fmt: skip
    assert revision.branch_labels is not None
    assert isinstance(revision.branch_labels.value, Unknown)
    for function in (revision.upgrade, revision.downgrade):
        assert isinstance(function, Unknown)


def test_its_identifiers_are_those_of_a_file_that_is_read(
    revision_of: Callable[[str], Revision], read_nothing: Callable[[SourceFile], Revision]
) -> None:
    lines = (
        'revision: str = "é表"\ndown_revision = (\n    "ä", "0b",\n)\n'
        'branch_labels = ["one"]\ndepends_on = None\n'
    )

    read = read_nothing(SourceFile("a.py", lines))
    unread = revision_of(lines + ANNOTATED)

    assert read.problem is None
    assert unread.problem is not None
    for name in ("revision", "down_revision", "branch_labels", "depends_on"):
        assert getattr(unread, name) == getattr(read, name)


def test_where_both_refuse_the_message_and_the_place_are_python_s(
    read_nothing: Callable[[SourceFile], Revision],
) -> None:
    text = "def upgrade():\n    \\\n    op.drop_table(\n"
    with pytest.raises(SyntaxError) as refused:
        ast.parse(text)

    problem = read_nothing(SourceFile("a.py", text)).problem

    assert problem is not None
    assert problem.kind is ProblemKind.SYNTAX
    assert problem.message == refused.value.msg
    assert problem.span.line == refused.value.lineno
