from __future__ import annotations

import json

import pytest

from alembic_lint.counts import Counts
from alembic_lint.diagnostics import Diagnostic, InternalError, Result
from alembic_lint.history import build_history
from alembic_lint.model import Assigned, Revision
from alembic_lint.report import Report, as_json, concise, full, statistics, summary
from alembic_lint.report.style import Style, expand, width
from alembic_lint.rule import Confidence, Related, Severity
from alembic_lint.source import FILE_START, SourceFile, Span
from alembic_lint.wording import printable
from tests.report.reports import finding

PLAIN = Style()

TEXT = """\
from alembic import op


def upgrade():

    op.create_table("orders", id_column)
    op.create_index("ix", "orders")

"""


def report(
    *diagnostics: Diagnostic, counts: Counts | None = None, texts: dict[str, str] | None = None
) -> Report:
    sources = {
        path: SourceFile(path, text)
        for path, text in ({"versions/b.py": TEXT} | (texts or {})).items()
    }
    return Report(Result(diagnostics, (), counts or Counts()), sources=sources)


CREATE = Span(6, 4, 6, 40)


class TestFull:
    def test_the_line_is_marked_between_its_neighbours(self) -> None:
        text = full.render(report(finding(CREATE)), PLAIN)

        assert text == (
            'error[ALM405] duplicate-table: the table "orders" exists already\n'
            " --> versions/b.py:6:5\n"
            "  |\n"
            "4 | def upgrade():\n"
            "5 |\n"
            '6 |     op.create_table("orders", id_column)\n'
            "  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            '7 |     op.create_index("ix", "orders")\n'
            "  |\n"
            "\n"
        )

    def test_related_places_and_help_follow(self) -> None:
        place = Related("versions/a.py", Span(12, 0, 12, 6), "made here first")
        item = finding(CREATE, related=(place,), help="guard it:\n  if not has_table(…):")

        text = full.render(report(item, texts={"versions/a.py": "\n" * 11 + "create"}), PLAIN)

        assert text.endswith(
            "   |\n"
            "  ::: versions/a.py:12:1\n"
            "   |\n"
            "12 | create\n"
            "   | ------ made here first\n"
            "   |\n"
            "   = help: guard it:\n"
            "             if not has_table(…):\n"
            "\n"
        )

    def test_a_place_in_a_file_without_text_keeps_its_label(self) -> None:
        place = Related("gone.py", FILE_START, "was here")

        text = full.render(report(finding(CREATE, related=(place,))), PLAIN)

        assert " ::: gone.py:1:1\n" in text
        assert " = was here\n" in text

    def test_a_finding_of_several_lines_is_marked_on_the_first(self) -> None:
        text = full.render(report(finding(Span(6, 4, 7, 35))), PLAIN)

        assert "  |     " + "^" * 36 + "\n" in text

    def test_an_empty_span_gets_one_mark(self) -> None:
        assert "  | ^\n" in full.render(report(finding(FILE_START)), PLAIN)

    def test_a_span_past_the_end_of_the_file_has_no_excerpt(self) -> None:
        text = full.render(report(finding(Span.of_line(99))), PLAIN)

        assert text.endswith("--> versions/b.py:99:1\n\n")

    @pytest.mark.parametrize(
        ("line", "span", "marks"),
        [
            ("\tdrop()", Span(1, 1, 1, 5), "    ^^^^"),
            ("a\tdrop()", Span(1, 2, 1, 6), "    ^^^^"),
            ('x = "表" or drop()', Span(1, 11, 1, 15), " " * 12 + "^^^^"),
            ('"表格"', Span(1, 1, 1, 3), " ^^^^"),
            ('"e\u0301" or drop()', Span(1, 8, 1, 12), " " * 7 + "^^^^"),
            ('"\x1b[2J" or drop()', Span(1, 10, 1, 14), " " * 13 + "^^^^"),
        ],
    )
    def test_marks_stand_below_what_they_mark(self, line: str, span: Span, marks: str) -> None:
        item = finding(span, path="x.py")

        assert f"  | {marks}\n" in full.render(report(item, texts={"x.py": line}), PLAIN)

    def test_a_doubtful_finding_says_so(self) -> None:
        item = finding(CREATE, confidence=Confidence.POSSIBLE, severity=Severity.WARNING)

        assert full.render(report(item), PLAIN).startswith(
            "warning[ALM405] duplicate-table (possible): "
        )

    def test_long_lines_are_not_wrapped_or_cut(self) -> None:
        line = "x = " + "1 + " * 2_000 + "1"
        item = finding(Span(1, 0, 1, 1), path="x.py")

        assert f"1 | {line}\n" in full.render(report(item, texts={"x.py": line}), PLAIN)

    def test_colour_changes_nothing_but_colour(self) -> None:
        item = finding(CREATE, help="no", related=(Related("versions/b.py", CREATE, "here"),))
        painted = full.render(report(item), Style(colour=True))

        assert "\x1b[1;31merror[ALM405]\x1b[0m" in painted
        stripped = painted
        for codes in ("0", "1", "34", "1;31", "1;33", "1;34", "1;36"):
            stripped = stripped.replace(f"\x1b[{codes}m", "")
        assert stripped == full.render(report(item), PLAIN)


class TestConcise:
    def test_one_line_each_with_columns_from_one(self) -> None:
        warning = finding(FILE_START, severity=Severity.WARNING, message="a\nb\x1b")

        text = concise.render(report(finding(CREATE), warning), PLAIN)

        assert text == (
            'versions/b.py:6:5: ALM405 [error] the table "orders" exists already\n'
            "versions/b.py:1:1: ALM405 [warning] a\\x0ab\\x1b\n"
        )


class TestJson:
    def test_the_fields_of_a_finding(self) -> None:
        place = Related("versions/a.py", Span(2, 0, 2, 6), "made here first")
        item = finding(
            CREATE,
            related=(place,),
            revision="b",
            down_revision=("a",),
            operation="CreateTable",
            table="orders",
        )

        document = json.loads(as_json.render(report(item)))

        assert document["schema_version"] == 1
        assert document["diagnostics"] == [
            {
                "filename": "versions/b.py",
                "location": {"row": 6, "column": 5},
                "end_location": {"row": 6, "column": 41},
                "code": "ALM405",
                "name": "duplicate-table",
                "severity": "error",
                "confidence": "certain",
                "message": 'the table "orders" exists already',
                "help": None,
                "url": None,
                "fix": None,
                "revision": "b",
                "down_revision": ["a"],
                "operation": "CreateTable",
                "table": "orders",
                "object": None,
                "related": [
                    {
                        "filename": "versions/a.py",
                        "message": "made here first",
                        "location": {"row": 2, "column": 1},
                        "end_location": {"row": 2, "column": 7},
                    }
                ],
                "concerns": [],
            }
        ]

    def test_histories_and_bugs_are_told(self) -> None:
        history = build_history([_revision("a")], name="main", locations=["versions"])
        bug = InternalError("ALM405", "versions/b.py", "b", "KeyError")
        whole = Report(Result((), (bug,), Counts()), histories=(history,), notices=("odd",))

        document = json.loads(as_json.render(whole))

        assert document["histories"] == [
            {
                "name": "main",
                "locations": ["versions"],
                "revisions": 1,
                "heads": ["a"],
                "bases": ["a"],
            }
        ]
        assert document["internal_errors"] == [
            {
                "code": "ALM405",
                "filename": "versions/b.py",
                "revision": "b",
                "message": "KeyError",
            }
        ]
        assert document["notices"] == ["odd"]
        assert document["elsewhere"] == 0


def _revision(identifier: str, parent: str | None = None) -> Revision:
    def assigned(value: str | None) -> Assigned:
        return Assigned(value, repr(value), FILE_START, FILE_START)

    return Revision(
        f"versions/{identifier}.py",
        revision=assigned(identifier),
        down_revision=assigned(parent),
    )


class TestSummary:
    def test_findings_are_counted_by_severity(self) -> None:
        history = build_history([_revision("a"), _revision("b", "a")])
        items = (
            finding(CREATE),
            finding(FILE_START),
            finding(CREATE, severity=Severity.WARNING),
            finding(CREATE, severity=Severity.INFO),
        )
        whole = Report(Result(items, (), Counts()), histories=(history,))

        text = summary.render(whole, PLAIN)

        assert text == "Found 2 errors, 1 warning, 1 info in 1 file (checked 2 revisions)\n"

    def test_nothing_found_names_the_heads(self) -> None:
        one = build_history([_revision("a"), _revision("b", "a")])
        two = build_history([_revision("c"), _revision("d")])
        single = Report(Result((), (), Counts()), histories=(one,))
        several = Report(Result((), (), Counts()), histories=(one, two))

        assert summary.render(single, PLAIN) == "All checks passed: 2 revisions, head: b\n"
        assert summary.render(several, PLAIN) == (
            "All checks passed: 4 revisions in 2 histories, heads: b, c, d\n"
        )

    def test_a_part_of_a_history_is_told_from_the_whole(self) -> None:
        history = build_history([_revision("a"), _revision("b", "a")])
        asked = frozenset({"versions/a.py", "elsewhere.py"})
        none = Report(Result((), (), Counts()), histories=(history,), asked=asked)
        one = Report(Result((finding(CREATE),), (), Counts()), histories=(history,), asked=asked)

        assert summary.render(none, PLAIN) == "All checks passed: 1 of 2 revisions, head: b\n"
        assert summary.render(one, PLAIN) == "Found 1 error in 1 file (checked 1 of 2 revisions)\n"


class TestStatistics:
    COUNTS = Counts(
        revisions=3,
        operations=(("CreateTable", 1200), ("Opaque", 2), ("ExecuteSql", 1)),
        resolved_tables=1999,
        unresolved_tables=(("it is computed", 1),),
        unread_sql=(("it is read from a file", 1),),
        opaque=(("a helper of another package", 2),),
        undecided=4,
        exact=1190,
        tables=40,
        certain_tables=39,
    )

    def test_findings_then_what_was_seen(self) -> None:
        items = (finding(CREATE), finding(FILE_START), finding(CREATE, code="ALM101", name="m"))

        text = statistics.render(report(*items, counts=self.COUNTS), PLAIN)

        assert text == (
            "2  ALM405 [error] duplicate-table\n"
            "1  ALM101 [error] m\n"
            "\n"
            "1,203 operations in 3 revisions\n"
            "table known in 1,999 of 2,000 operations on tables (99.9 %)\n"
            "table not known: 1\n"
            "  1  it is computed\n"
            "SQL not known: 1\n"
            "  1  it is read from a file\n"
            "opaque operations: 2\n"
            "  2  a helper of another package\n"
            "guard not decided: 4\n"
            "replayed exactly: 1,190 of 1,203 operations (98.9 %)\n"
            "certain at the heads: 39 of 40 tables (97.5 %)\n"
        )

    def test_many_reasons_end_with_how_many_more_there_are(self) -> None:
        counts = Counts(opaque=tuple((f"reason {number:02}", 2) for number in range(23)))

        text = statistics.render(report(counts=counts), PLAIN)

        assert "  2  reason 19\n" in text
        assert "reason 20" not in text
        assert text.endswith("  6  for 3 other reasons\n")

    def test_a_program_gets_all_of_them(self) -> None:
        document = statistics.document(report(finding(CREATE), counts=self.COUNTS))

        assert document["rules"] == [
            {"code": "ALM405", "name": "duplicate-table", "severity": "error", "count": 1}
        ]
        assert document["operations"] == {"CreateTable": 1200, "Opaque": 2, "ExecuteSql": 1}
        assert document["tables"] == {"resolved": 1999, "unresolved": {"it is computed": 1}}
        assert document["replay"] == {
            "operations": 1203,
            "exact": 1190,
            "tables_at_heads": 40,
            "certain_tables_at_heads": 39,
        }


def test_what_could_steer_a_terminal_is_escaped() -> None:
    assert printable("a\x1b]8;;x\x07\u202e\udc80\x9b") == "a\\x1b]8;;x\\x07\\u202e\\udc80\\x9b"
    assert printable("\u200ea\u200f\u061c") == "\\u200ea\\u200f\\u061c"
    assert expand("\ta\tb") == "    a   b"
    assert width("a表e\u0301") == 4
