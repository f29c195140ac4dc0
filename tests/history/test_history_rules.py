"""What the rules on the graph say where the cards do not show it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alembic_lint.config import Settings
from alembic_lint.history import History, build_history
from alembic_lint.model import (
    UNSET,
    Assigned,
    Body,
    Call,
    CreateTable,
    Function,
    Revision,
    Unknown,
    Unset,
    Value,
)
from alembic_lint.rule import Confidence, Finding, Rule, Severity
from alembic_lint.rules.history import (
    duplicate_branch_label,
    duplicate_revision_id,
    multiple_bases,
    multiple_heads,
    redundant_merge_parent,
    retired_revision_file,
    revision_cycle,
    unknown_depends_on,
    unknown_down_revision,
)
from alembic_lint.source import FILE_START, Problem, ProblemKind, Span

DYNAMIC = Unknown("a call")


def assigned(value: Value | Unset, line: int = 1) -> Assigned | None:
    if isinstance(value, Unset):
        return None
    span = Span.of_line(line, 10)
    return Assigned(value, repr(value), span, span)


def revision(
    key: Value | Unset,
    down: Value | Unset = None,
    *,
    path: str | None = None,
    labels: Value = None,
    depends_on: Value = None,
    tables: Sequence[str] = (),
    problem: Problem | None = None,
) -> Revision:
    creates = tuple(
        CreateTable(span=Span.of_line(9), call=Call("op.create_table"), table=table)
        for table in tables
    )
    return Revision(
        path=path or f"versions/{key if isinstance(key, str) else 'x'}.py",
        problem=problem,
        revision=assigned(key),
        down_revision=assigned(down, 2),
        branch_labels=assigned(labels, 3),
        depends_on=assigned(depends_on, 4),
        upgrade=Function(FILE_START, FILE_START, Body.CODE, creates),
    )


def findings(rule: Rule, history: History) -> list[Finding]:
    assert rule.history_check is not None
    return list(rule.history_check(history, Settings()))


def test_a_second_head_is_told_with_the_fork_and_the_other_file() -> None:
    history = build_history(
        [
            revision("base"),
            revision("a1", "base"),
            revision("a2", "a1"),
            revision("b1", "base"),
            revision("b2", "b1"),
        ]
    )
    (finding,) = findings(multiple_heads.check, history)
    assert finding.path == "versions/b2.py"
    assert 'part at "base"' in finding.message
    assert {place.path for place in finding.related} == {"versions/a2.py", "versions/base.py"}
    assert finding.help is not None
    assert "alembic merge" in finding.help
    assert 'in versions/b1.py: down_revision = "a2"' in finding.help


def test_of_three_heads_two_are_flagged_each_with_its_own_fork() -> None:
    files = [revision("base"), revision("mid", "base"), revision("x", "base")]
    files += [revision("y", "mid"), revision("z", "mid")]
    found = findings(multiple_heads.check, build_history(files))
    assert [(item.path, 'part at "mid"' in item.message) for item in found] == [
        ("versions/y.py", True),
        ("versions/z.py", True),
    ]


def test_two_heads_of_one_label_are_one_too_many() -> None:
    files = [revision("base", labels="main"), revision("a", "base"), revision("b", "base")]
    assert len(findings(multiple_heads.check, build_history(files))) == 1


def test_a_labelled_branch_beside_an_unlabelled_trunk_is_by_design() -> None:
    files = [revision("base"), revision("a", "base"), revision("b", "base", labels=("plugin",))]
    assert findings(multiple_heads.check, build_history(files)) == []


def test_a_label_that_is_not_known_is_still_a_label() -> None:
    files = [revision("base"), revision("a", "base"), revision("b", "base", labels=DYNAMIC)]
    assert findings(multiple_heads.check, build_history(files)) == []


def test_lines_in_version_locations_of_their_own_are_by_design() -> None:
    files = [revision("a", path="one/a.py"), revision("b", path="two/b.py")]
    apart = build_history(files, locations=("one", "two"))
    assert findings(multiple_heads.check, apart) == []
    assert findings(multiple_bases.check, apart) == []
    together = build_history(
        [revision("a", path="v/one/a.py"), revision("b", path="v/two/b.py")], locations=("v",)
    )
    assert len(findings(multiple_heads.check, together)) == 1
    assert len(findings(multiple_bases.check, together)) == 1


def test_a_head_that_only_a_missing_parent_makes_is_that_defect() -> None:
    history = build_history([revision("a"), revision("b", "gone")])
    assert findings(multiple_heads.check, history) == []
    assert len(findings(unknown_down_revision.check, history)) == 1


def test_a_second_head_is_only_possible_while_a_files_parent_is_not_known() -> None:
    files = [revision("base"), revision("a", "base"), revision("b", "base")]
    (finding,) = findings(multiple_heads.check, build_history([*files, revision("c", DYNAMIC)]))
    assert finding.confidence is Confidence.POSSIBLE
    assert "versions/c.py" in finding.message


def test_a_file_with_a_dynamic_id_still_stands_on_its_parent() -> None:
    history = build_history([revision("a"), revision(DYNAMIC, "a", path="versions/b.py")])
    assert history.heads == ("versions/b.py",)
    assert findings(multiple_heads.check, history) == []


def test_a_missing_parent_is_only_possible_while_a_files_id_is_not_known() -> None:
    files = [revision("a"), revision(DYNAMIC, "a", path="versions/b.py"), revision("c", "b")]
    (finding,) = findings(unknown_down_revision.check, build_history(files))
    assert finding.confidence is Confidence.POSSIBLE
    assert "versions/b.py" in finding.message


def test_a_file_that_does_not_parse_is_still_the_parent_its_text_says() -> None:
    problem = Problem(ProblemKind.SYNTAX, "invalid syntax")
    history = build_history(
        [revision("a"), revision("b", "a", problem=problem), revision("c", "b")]
    )
    assert history.defects == ()
    assert history.heads == ("c",)


def test_a_file_that_gives_no_id_away_does_not_make_heads_or_bases() -> None:
    problem = Problem(ProblemKind.SYNTAX, "invalid syntax")
    silent = revision(UNSET, UNSET, path="versions/b.py", problem=problem)
    history = build_history([revision("a"), silent])
    assert (history.heads, history.bases) == (("a",), ("a",))


def test_an_id_of_another_package_is_no_defect() -> None:
    files = [revision("a", "theirs"), revision("b", "a", depends_on="others")]
    history = build_history(files, external=("theirs", "others"))
    assert history.defects == ()
    assert [file.id for file in history.order] == ["a", "b"]


def test_the_id_of_a_file_named_by_its_hexadecimal_digits() -> None:
    history = build_history([revision(UNSET, path="versions/1a2b.py"), revision("c", "1a2b")])
    assert history.heads == ("c",)
    assert history.defects == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("4f1c09be", "only the beginning of its id"),
        ("4f1c09be72d3_users", "its id with more behind it"),
        ("20260101_users", "its file name, not its id"),
        ("20260101_users.py", "its file name, not its id"),
        ("4f1c09be72d8", '"4f1c09be72d3" is probably meant'),
        ("4F1C09BE72D3", "external-revisions"),
        ("", "empty string"),
        ("zzz", "external-revisions"),
    ],
)
def test_the_message_says_what_was_probably_meant(written: str, expected: str) -> None:
    users = revision("4f1c09be72d3", path="versions/20260101_users.py")
    history = build_history([users, revision("c81f3e5a2d94", written)])
    (finding,) = findings(unknown_down_revision.check, history)
    assert expected in finding.message
    assert finding.span == Span.of_line(2, 10)


def test_the_span_is_that_of_the_name_among_several() -> None:
    spans = (Span(2, 5, 2, 8), Span(2, 10, 2, 16))
    value = Assigned(("a", "gone"), "", Span(2, 4, 2, 17), Span(2, 0, 2, 17), spans)
    merge = Revision(path="versions/m.py", revision=assigned("m"), down_revision=value)
    (finding,) = findings(unknown_down_revision.check, build_history([revision("a"), merge]))
    assert finding.span == spans[1]


def test_two_files_of_one_id_are_named_as_the_cause_of_a_cycle() -> None:
    copy = revision("a", "b", path="versions/copy.py")
    history = build_history([revision("a"), revision("b", "a"), copy])
    (finding,) = findings(duplicate_revision_id.check, history)
    assert '"cycle"' in finding.message
    assert findings(revision_cycle.check, history) == []


def test_a_cycle_that_both_files_of_an_id_would_close_is_a_cycle() -> None:
    files = [revision("a", "b"), revision("a", "b", path="versions/copy.py"), revision("b", "a")]
    history = build_history([revision("base"), *files])
    assert len(findings(duplicate_revision_id.check, history)) == 1
    assert len(findings(revision_cycle.check, history)) == 1


def test_a_cycle_leaves_innocent_descendants_out() -> None:
    files = [revision("base"), revision("a", "b"), revision("b", "a"), revision("c", "b")]
    (finding,) = findings(revision_cycle.check, build_history(files))
    assert '"c"' not in finding.message
    assert [place.path for place in finding.related] == ["versions/b.py"]


def test_a_dependency_on_its_own_label_is_a_cycle() -> None:
    history = build_history([revision("a", labels="mine", depends_on="mine")])
    (finding,) = findings(revision_cycle.check, history)
    assert "depends on itself" in finding.message


def test_a_name_that_an_unknown_label_may_have_is_only_possibly_missing() -> None:
    files = [revision("a", labels=DYNAMIC), revision("b", depends_on="expand")]
    (finding,) = findings(unknown_depends_on.check, build_history(files))
    assert finding.confidence is Confidence.POSSIBLE


def test_a_label_twice_in_one_file_is_one_too_many() -> None:
    history = build_history([revision("a", labels=("x", "x"))])
    (finding,) = findings(duplicate_branch_label.check, history)
    assert "stands there twice" in finding.message


def test_a_merge_parent_reached_by_a_dependency_only_is_not_redundant() -> None:
    files = [revision("base"), revision("a", "base"), revision("b", "base", depends_on="a")]
    history = build_history([*files, revision("m", ("a", "b"))])
    assert findings(redundant_merge_parent.check, history) == []


def test_a_redundant_parent_far_below_is_found() -> None:
    chain = [revision("r0"), *(revision(f"r{n}", f"r{n - 1}") for n in range(1, 300))]
    history = build_history([*chain, revision("m", ("r299", "r3"))])
    (finding,) = findings(redundant_merge_parent.check, history)
    assert finding.help == 'down_revision = "r299"'


def test_a_retired_file_whose_table_is_made_again_without_a_guard_is_a_warning() -> None:
    old = revision("old", path="versions/old.py.old", tables=["users"])
    again = build_history([revision("a", tables=["users"])], retired=[old])
    (finding,) = findings(retired_revision_file.check, again)
    assert finding.severity is Severity.WARNING
    other = build_history([revision("a", tables=["orders"])], retired=[old])
    (finding,) = findings(retired_revision_file.check, other)
    assert finding.severity is None


def test_a_retired_file_whose_id_another_file_has_taken_is_not_missed() -> None:
    old = revision("a", path="versions/a.py.bak")
    history = build_history([revision("a"), revision("b", "a")], retired=[old])
    (finding,) = findings(retired_revision_file.check, history)
    assert finding.severity is None


def test_thousands_of_heads_and_missing_parents_take_seconds() -> None:
    files = [revision("base"), *(revision(f"r{number}", "base") for number in range(3_000))]
    files += [revision(f"x{number}", f"gone{number}") for number in range(300)]
    history = build_history(files)
    assert len(findings(multiple_heads.check, history)) == 2_999
    assert len(findings(unknown_down_revision.check, history)) == 300
