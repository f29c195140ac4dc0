"""Comments that are added change nothing but what is reported."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alembic_lint import Diagnostic, lint
from alembic_lint.extract.comments import suppressions
from alembic_lint.ignoring import IgnoringError, with_ignores
from alembic_lint.source import FILE_START, Span, read_source

FIXTURES = Path(__file__).parents[2] / "fixtures"


def at(line: int) -> Span:
    return Span.of_line(line, 1)


def added(text: str, *places: tuple[Span | int, str], reason: str = "why") -> str:
    spans = [(at(place) if isinstance(place, int) else place, name) for place, name in places]
    return with_ignores(text.encode(), spans, reason).data.decode()


class TestPlace:
    def test_at_the_end_of_the_line(self) -> None:
        assert added("f()\ng()\n", (2, "b"), (2, "a")) == (
            "f()\ng()  # alembic-lint: ignore[a, b] why\n"
        )

    def test_on_the_first_line_that_is_meant_of_a_statement(self) -> None:
        text = "f(\n    1,\n    2,\n)\n"

        assert added(text, (3, "b"), (2, "a")) == (
            "f(\n    1,  # alembic-lint: ignore[a, b] why\n    2,\n)\n"
        )

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('f("""\na\n""", 1)\n', 3),
            ('f(f"""\n{a}\n""", 1)\n', 3),
            ("f(1) + \\\n    2\n", 2),
            ('"""Text\n\nof several lines."""\n', 3),
            ("f('a\\\nb')\n", 2),
        ],
    )
    def test_at_the_end_of_the_statement_where_the_line_can_have_none(
        self, text: str, line: int
    ) -> None:
        lines = text.split("\n")
        lines[line - 1] += "  # alembic-lint: ignore[a] why"

        assert added(text, (1, "a")) == "\n".join(lines)

    def test_after_another_comment(self) -> None:
        text = "f()  # noqa: E501\n"

        assert added(text, (1, "a")) == "f()  # noqa: E501  # alembic-lint: ignore[a] why\n"

    @pytest.mark.parametrize(
        ("text", "result"),
        [
            ("f()  # alembic-lint: ignore[b] x\n", "f()  # alembic-lint: ignore[a, b] x; why\n"),
            ("f()  # alembic-lint: ignore[b]\n", "f()  # alembic-lint: ignore[a, b] why\n"),
            ("f()  # alembic-lint: ignore[b] why\n", "f()  # alembic-lint: ignore[a, b] why\n"),
            (
                "# alembic-lint: ignore[ c,b ] x\nf()\n",
                "# alembic-lint: ignore[ a, b, c ] x; why\nf()\n",
            ),
        ],
    )
    def test_into_the_comment_that_is_there(self, text: str, result: str) -> None:
        assert added(text, (text.count("\n"), "a")) == result

    def test_a_file_as_such_gets_one_at_its_top(self) -> None:
        text = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# licence\nf()\n"

        once = added(text, (FILE_START, "b"))
        twice = added(once, (FILE_START, "a"))

        assert once.split("\n")[2] == "# alembic-lint: file-ignore[b] why"
        assert twice == once.replace("[b]", "[a, b]")

    def test_so_does_a_line_outside_of_statements(self) -> None:
        assert added("f()\n\n", (2, "a")) == "# alembic-lint: file-ignore[a] why\nf()\n\n"
        assert added("", (1, "a")) == "# alembic-lint: file-ignore[a] why\n"
        assert added("# coding: utf-8", (FILE_START, "a")) == (
            "# coding: utf-8\n# alembic-lint: file-ignore[a] why\n"
        )

    def test_the_header_of_a_definition(self) -> None:
        assert added("@d\ndef f(\n    a):\n    g()\n", (2, "a")) == (
            "@d\ndef f(  # alembic-lint: ignore[a] why\n    a):\n    g()\n"
        )


class TestBytes:
    @pytest.mark.parametrize("ending", [b"\r\n", b"\r", b"\n"])
    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_line_ends_and_byte_order_mark_stay(self, ending: bytes, mark: bytes) -> None:
        data = mark + b"f()\n\tg()\n\x0c\nh()".replace(b"\n\tg()", b"; g()").replace(b"\n", ending)

        result = with_ignores(data, [(at(3), "a"), (FILE_START, "b")], "why").data

        comment = b"# alembic-lint: file-ignore[b] why" + ending
        assert result == (mark + comment + data[len(mark) :] + b"  # alembic-lint: ignore[a] why")

    def test_the_encoding_stays(self) -> None:
        data = "# coding: latin-1\nf('é')\n".encode("latin-1")

        result = with_ignores(data, [(at(2), "a")], "déjà vu").data

        assert result == data[:-1] + "  # alembic-lint: ignore[a] déjà vu\n".encode("latin-1")
        with pytest.raises(IgnoringError, match="'→', which is not in iso-8859-1"):
            with_ignores(data, [(at(2), "a")], "a → b")

    @pytest.mark.parametrize("data", [b"def f(:\n", b"\xff\n", b"# coding: klingon\n", b"f(\0)\n"])
    def test_what_cannot_be_read_is_refused(self, data: bytes) -> None:
        with pytest.raises(IgnoringError):
            with_ignores(data, [(at(1), "a")], "why")


_STATEMENTS = (
    "f()",
    "f(\n    1,  # a remark\n\n    2,\n)",
    'f("""\n# text\n""")',
    "x = 1 + \\\n    2",
    "f(); g()  # alembic-lint: ignore[n1] there",
    "# alembic-lint: ignore[n2]\nf()",
    "f('\\\n')  # noqa",
    "def f():\n    g(\n        1)\n    return 1",
    "@d\n\n# between\nclass C:  # alembic-lint: ignore n1\n    x = [\n        1]",
    "if x:\n\tf()\nelse:\n\tg()",
    "# f()  # alembic-lint: ignore[n1]",
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(_STATEMENTS), max_size=6),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["n1", "n2", "n3"])), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_the_meaning_stays_and_each_place_is_covered(
    statements: Sequence[str], places: Sequence[tuple[int, str]], ending: str, ends: bool
) -> None:
    text = ("\n".join(statements) + "\n" * ends).replace("\n", ending)
    last = text.count("\n") + 1
    spans = [(FILE_START if line == 0 else at(min(line, last)), name) for line, name in places]

    once = with_ignores(text.encode(), spans, "why").data
    result = once.decode()

    assert ast.dump(ast.parse(result)) == ast.dump(ast.parse(text))
    found = suppressions(read_source("a.py", once).text)
    assert {name for _, name in places} <= {s.text for item in found for s in item.selectors}
    assert ending not in text or ending == "\n" or "\n" not in result.replace("\r\n", "")


HISTORIES = sorted(item for item in FIXTURES.iterdir() if item.is_dir())


@pytest.mark.parametrize("history", HISTORIES, ids=lambda path: path.name)
def test_the_findings_of_a_fixture_go_away(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(history, tmp_path / "fixture")
    monkeypatch.chdir(tmp_path)
    before = lint([tmp_path / "fixture"]).diagnostics
    refused = set()
    for path, group in groupby(before, key=lambda item: item.path):
        file = Path(path)
        try:
            done = with_ignores(
                file.read_bytes(), [(item.span, item.name) for item in group], "as it was"
            )
        except IgnoringError:
            refused.add(path)
        else:
            file.write_bytes(done.data)

    after = lint([tmp_path / "fixture"])

    assert {item.path for item in after.diagnostics} <= refused
    assert after.result.suppressed == sum(item.path not in refused for item in before)
    assert all(_is_broken(item) for item in before if item.path in refused)


def _is_broken(item: Diagnostic) -> bool:
    return Path(item.path).suffix != ".py" or item.code in {"ALM001", "ALM002"}
