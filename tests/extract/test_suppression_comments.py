"""Which comments suppress what on which lines."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alembic_lint.extract.comments import suppressions
from alembic_lint.extract.logical_lines import logical_lines
from alembic_lint.model import Suppression, SuppressionKind
from alembic_lint.source import read_source


def covered(text: str) -> list[tuple[str, tuple[int, int] | None]]:
    """Each selector with its lines."""
    return [(each.text, each.lines) for item in suppressions(text) for each in item.selectors]


def problems(text: str) -> list[str]:
    return [item.problem for item in suppressions(text) if item.problem]


def only(text: str) -> Suppression:
    (found,) = suppressions(text)
    return found


class TestStatement:
    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            ("f()  # alembic-lint: ignore[a]\n", (1, 1)),
            ("f()  # alembic-lint: ignore[a]", (1, 1)),
            ("f(\n    1,  # alembic-lint: ignore[a]\n    2,\n)\n", (1, 4)),
            ("f(\n    1,\n)  # alembic-lint: ignore[a]\n", (1, 3)),
            ("f(  # alembic-lint: ignore[a]\n    1,\n)\n", (1, 3)),
            ("f(\n    # alembic-lint: ignore[a]\n    1,\n)\n", (1, 4)),
            ("f()\n# alembic-lint: ignore[a]\ng(\n    1,\n)\nh()\n", (2, 5)),
            ("# alembic-lint: ignore[a]\n\n\nf()\n", (1, 4)),
            ("# alembic-lint: ignore[a]\n# and a remark\nf()\n", (1, 3)),
            ("f(1, \\\n  2)  # alembic-lint: ignore[a]\n", (1, 2)),
            ('f("""\n  text\n""")  # alembic-lint: ignore[a]\n', (1, 3)),
            ('f(f"""\n  {x}\n""")  # alembic-lint: ignore[a]\n', (1, 3)),
            ("f(); g()  # alembic-lint: ignore[a]\n", (1, 1)),
            ("if x:\n\tf()  # alembic-lint: ignore[a]\n\tg()\n", (2, 2)),
            ("if x:\n\t# alembic-lint: ignore[a]\n\tf()\n\tg()\n", (2, 3)),
            ("\x0c\nf()  # alembic-lint: ignore[a]\n", (2, 2)),
            ("if x:\n\x0c    # alembic-lint: ignore[a]\n    f()\n", (2, 3)),
            ("if x:\n    # alembic-lint: ignore[a]\n\x0c    f()\n", (2, 3)),
            ("if x:\n        # alembic-lint: ignore[a]\n\tf()\n", (2, 3)),
        ],
    )
    def test_a_comment_in_at_the_end_or_above_covers_it(
        self, text: str, lines: tuple[int, int]
    ) -> None:
        assert covered(text) == [("a", lines)]

    def test_several_comments_above_all_count(self) -> None:
        text = "# alembic-lint: ignore[a] one\n# alembic-lint: ignore[b] two\nf()\n"

        assert covered(text) == [("a", (1, 3)), ("b", (2, 3))]

    @pytest.mark.parametrize(
        "header", ["if x:", "with op.batch_alter_table('t') as b:", "for x in y:", "def f(a):"]
    )
    def test_a_compound_statement_is_covered_in_its_header_only(self, header: str) -> None:
        assert covered(f"{header}  # alembic-lint: ignore[a]\n    f()\n") == [("a", (1, 1))]
        assert covered(f"# alembic-lint: ignore[a]\n{header}\n    f()\n") == [("a", (1, 2))]

    def test_decorators_belong_to_the_header(self) -> None:
        above = "# alembic-lint: ignore[a]\n@one\n@two(\n    1)\ndef f(\n    x):\n    g()\n"
        between = "@one\n# alembic-lint: ignore[a]\n@two\ndef f():\n    g()\n"

        assert covered(above) == [("a", (1, 6))]
        assert covered(between) == [("a", (1, 4))]

    def test_a_comment_at_the_end_of_a_block_does_not_reach_out_of_it(self) -> None:
        text = "def f():\n    g()\n    # alembic-lint: ignore[a]\n\n\ndef h():\n    g()\n"

        assert covered(text) == [("a", None)]

    def test_a_comment_at_the_end_of_the_file_covers_nothing(self) -> None:
        assert covered("f()\n# alembic-lint: ignore[a]\n") == [("a", None)]


class TestRange:
    def test_to_the_end_of_the_block(self) -> None:
        text = (
            "def f():\n    # alembic-lint: disable[a, b] r\n    g()\n\n    h()\n\n\n"
            "def k():\n    g()\n"
        )

        assert covered(text) == [("a", (2, 7)), ("b", (2, 7))]

    @pytest.mark.parametrize("indent", ["    \x0c    ", "\x0c    ", "\t\x0c    "])
    def test_a_form_feed_begins_the_indent_anew(self, indent: str) -> None:
        text = f"def f():\n{indent}# alembic-lint: disable[a]\n    g()\nh()\n"

        assert covered(text) == [("a", (2, 3))]

    def test_to_the_end_of_the_file_outside_of_blocks(self) -> None:
        assert covered("# alembic-lint: disable[a]\nf()\nif x:\n    g()\n") == [("a", (1, 5))]

    def test_an_enable_has_no_lines(self) -> None:
        text = "f()\n# alembic-lint: disable[a]\ng()\n# alembic-lint: enable[b, c]\nh()\n"

        assert covered(text) == [("a", (2, 6)), ("b", None), ("c", None)]


class TestFile:
    def test_the_whole_of_it_from_anywhere(self) -> None:
        text = "f()\nif x:\n    # alembic-lint: file-ignore[a, b] why\n    g()\n"

        assert covered(text) == [("a", (1, 5)), ("b", (1, 5))]

    def test_of_a_file_that_does_not_parse_nothing_else_counts(self) -> None:
        text = (
            "# alembic-lint: file-ignore[syntax-error] kept as it is\n"
            "# alembic-lint: ignore[a] r\n# alembic-lint: ignore a\ndef f(:\n    g(\n"
        )

        (found,) = suppressions(text, parsed=False)

        assert (found.kind, found.selectors[0].text) == (SuppressionKind.FILE, "syntax-error")

    def test_what_stands_in_an_unfinished_string_is_not_read(self) -> None:
        text = 'x = """\n# alembic-lint: file-ignore[a] text\n'

        assert suppressions(text, parsed=False) == ()


class TestForm:
    @pytest.mark.parametrize(
        ("comment", "names", "reason"),
        [
            ("# alembic-lint: ignore[a] small, see #12: ok", ["a"], "small, see #12: ok"),
            ("#alembic-lint:ignore[a,b]", ["a", "b"], ""),
            ("# Alembic-Lint : Ignore [ a , b, ] - why", ["a", "b"], "why"),
            ("# alembic-lint: ignore[a]: why.", ["a"], "why"),
            ("# alembic-lint: ignore[a] why  # type: ignore", ["a"], "why"),
            ("# type: ignore  # alembic-lint: ignore[a] why", ["a"], "why"),
            ("# the old one  # alembic-lint: ignore[a] why", ["a"], "why"),
            ("# noqa: ALM601", ["ALM601"], ""),
            ("# noqa:ALM601,ALM602 both small", ["ALM601", "ALM602"], "both small"),
            ("# NOQA: E501, ALM601, W291", ["ALM601"], ""),
            ("# noqa: E501 ALM601", ["ALM601"], ""),
            ("# noqa: E501  # noqa: ALM601", ["ALM601"], ""),
            ("# pylint: disable=x # noqa: alm6", ["alm6"], ""),
        ],
    )
    def test_names_and_reason_are_read(self, comment: str, names: list[str], reason: str) -> None:
        found = only(f"f()  {comment}\n")

        assert [item.text for item in found.selectors] == names
        assert (found.reason, found.problem) == (reason, "")
        line = f"f()  {comment}"
        assert [line[item.span.column : item.span.end_column] for item in found.selectors] == names
        assert line[found.span.column] == "#"

    @pytest.mark.parametrize(
        "text",
        [
            "f()  # noqa\n",
            "f()  # noqa: E501\n",
            "f()  # noqa: E501 because of ALM601\n",
            "f()  # alembic-lint finds this harmless\n",
            "f()  # see alembic-lint: ignore\n",
            's = "# alembic-lint: ignore[a]"\n',
            's = """\n# alembic-lint: ignore[a]\n"""\nf()\n',
            "# f()  # alembic-lint: ignore[a] a line that was commented out\ng()\n",
            "# f()  # noqa: ALM601\ng()\n",
            "# write `# alembic-lint: ignore[a]` here\ng()\n",
        ],
    )
    def test_anything_else_is_no_business_of_ours(self, text: str) -> None:
        assert suppressions(text) == ()

    @pytest.mark.parametrize(
        ("comment", "words"),
        [
            ("# alembic-lint: ignore", "write # alembic-lint: ignore[RULE] REASON"),
            ("# alembic-lint: ignore[]", "it names no rule"),
            ("# alembic-lint: ignore[ , ]", "it names no rule"),
            ("# alembic-lint: ignore drop-column", "write # alembic-lint: ignore[drop-column]"),
            ("# alembic-lint: ignore(drop-column)", "write # alembic-lint: ignore[drop-column]"),
            ("# alembic-lint: ignore=drop-column", "write # alembic-lint: ignore[drop-column]"),
            ("# alembic-lint: ignore: ALM419 why", "write # alembic-lint: ignore[ALM419]"),
            ("# alembic-lint: ignore = 'ALM419'", "write # alembic-lint: ignore[ALM419]"),
            ("# alembic-lint: ignore: ", "write # alembic-lint: ignore[RULE]"),
            ("# alembic-lint: ignore[drop-column", "a closing bracket is missing"),
            ("# alembic-lint: ignroe[drop-column]", "did you mean 'ignore'"),
            ("# alembic-lint: noqa", "there is no 'noqa'"),
            ("# alembic-lint:", "write # alembic-lint: ignore[RULE] REASON"),
            ("# alembic-lint ignore[drop-column]", "a colon is missing"),
            ("# alembic-lint: file-ignore[drop-column]", "needs a line of its own"),
            ("# alembic-lint: disable[drop-column]", "needs a line of its own"),
            ("# alembic-lint: enable[drop-column]", "needs a line of its own"),
        ],
    )
    def test_what_is_not_quite_it_is_told(self, comment: str, words: str) -> None:
        (problem,) = problems(f"f()  {comment}\n")

        assert words in problem
        assert covered(f"f()  {comment}\n") == []

    def test_a_range_cannot_begin_within_a_statement(self) -> None:
        (problem,) = problems("f(\n    # alembic-lint: disable[a]\n    1,\n)\n")

        assert "stands within a statement" in problem


class TestBytes:
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_lines_are_counted_whatever_ends_them(self, ending: str) -> None:
        text = "f()\n\ng(\n    1,  # alembic-lint: ignore[a] why\n)\n".replace("\n", ending)

        source = read_source("a.py", text.encode())

        assert covered(source.text) == [("a", (3, 5))]
        assert only(source.text).reason == "why"

    def test_another_encoding(self) -> None:
        data = "# coding: latin-1\nf('é')  # alembic-lint: ignore[a] déjà vu\n".encode("latin-1")

        source = read_source("a.py", data)

        assert only(source.text).reason == "déjà vu"

    def test_a_byte_order_mark(self) -> None:
        source = read_source("a.py", b"\xef\xbb\xbff()  # alembic-lint: ignore[a]\n")

        assert covered(source.text) == [("a", (1, 1))]


_STATEMENTS = (
    "f()",
    "f(\n    1,\n)",
    'f("""\n  text\n""")',
    "x = 1 + \\\n    2",
    "f(); g()",
    'f(\n    "a" "b",\n    [c for c in d],\n)',
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=6), st.booleans())
def test_logical_lines_are_the_statements_of_the_parser(
    statements: Sequence[str], nested: bool
) -> None:
    text = "\n".join(statements) + "\n"
    if nested:
        text = "if x:\n" + "\n".join(f"    {item}" for item in statements) + "\n"
    tree = ast.parse(text)
    body = tree.body[0].body if isinstance(tree.body[0], ast.If) else tree.body

    found = logical_lines(text)

    lines = [(item.first, item.last) for item in found.lines[1 if nested else 0 :]]
    assert found.complete
    assert lines == sorted({(item.lineno, item.end_lineno) for item in body})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("#" * 500_000, 0),
        ("#a " * 100_000 + "alembic-lint", 0),
        ("# alembic-lint: " + "a" * 500_000, 1),
        ("# alembic-lint: ignore[a]\n" * 10_000 + "f()\n", 10_000),
        ("if x:\n" + " # alembic-lint: disable[a]\n f()\n" * 10_000, 10_000),
    ],
    ids=["marks", "tools", "word", "above", "ranges"],
)
def test_the_work_grows_with_the_length_of_a_text_and_not_with_its_square(
    text: str, number: int
) -> None:
    assert len(suppressions(text)) == number
