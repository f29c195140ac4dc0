"""The pictures of a revision graph."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

import pytest

from alembic_lint.history import History, build_history
from alembic_lint.model import Assigned, Revision, Value
from alembic_lint.report import graph_dot, graph_json, graph_mermaid, graph_text
from alembic_lint.source import FILE_START


class Form(Protocol):
    """A module that renders graphs."""

    def render(self, histories: Sequence[History]) -> str: ...


def assigned(value: Value) -> Assigned:
    return Assigned(value, repr(value), FILE_START, FILE_START)


def history_of(*files: tuple[str, Value], name: str = "shop", **others: Value) -> History:
    return build_history(
        [
            Revision(
                path=f"versions/{key}.py",
                revision=assigned(key),
                down_revision=assigned(down),
                depends_on=assigned(others.get(f"{key}_depends_on")),
                branch_labels=assigned(others.get(f"{key}_labels")),
            )
            for key, down in files
        ],
        name=name,
    )


def test_text_draws_branches_and_tells_linear_runs_in_one_line() -> None:
    history = history_of(
        ("base", None),
        ("a1", "base"),
        ("a2", "a1"),
        ("a3", "a2"),
        ("b1", "base"),
        ("joined", ("a3", "b1")),
        ("last", "joined"),
    )
    assert graph_text.render([history]) == (
        "shop: 7 revisions, 1 head, 1 base, 1 branch point, 1 merge\n"
        "\n"
        "● last  last.py  (head)\n"
        "● joined  joined.py  (merge)\n"
        "├─┐\n"
        "┊ │ … 3 revisions, a3 down to a1\n"
        "│ ● b1  b1.py\n"
        "├─┘\n"
        "● base  base.py  (base; branch point)\n"
    )


def test_text_gives_a_second_head_a_lane_of_its_own_and_unrelated_lines_a_gap() -> None:
    history = history_of(("base", None), ("a", "base"), ("b", "base"), ("c", "gone"))
    assert graph_text.render([history]) == (
        "shop: 4 revisions, 3 heads, 1 base, 1 branch point, 1 defect\n"
        "\n"
        '● c  c.py  (head; parent "gone" not found)\n'
        "\n"
        "● a  a.py  (head)\n"
        "│ ● b  b.py  (head)\n"
        "├─┘\n"
        "● base  base.py  (base; branch point)\n"
    )


def test_text_names_labels_dependencies_and_cycles() -> None:
    history = history_of(
        ("a", None),
        ("b", None),
        ("x", "y"),
        ("y", "x"),
        a_labels=("expand",),
        b_depends_on="expand",
    )
    text = graph_text.render([history])
    assert "● a  a.py  (effective head; base; label expand)\n" in text
    assert "● b  b.py  (head; base; depends on expand)\n" in text
    assert text.count("in a cycle") == 2


def test_text_of_many_lanes_stays_narrow_where_the_branches_join_at_once() -> None:
    files = [("base", None), *((f"r{number}", "base") for number in range(500))]
    lines = graph_text.render([history_of(*files)]).splitlines()
    assert max(map(len, lines)) < 60


def test_several_histories_are_drawn_one_below_the_other() -> None:
    one, two = history_of(("a", None), name="one"), history_of(("a", None), name="two")
    assert graph_text.render([one, two]) == (
        "one: 1 revision, 1 head, 1 base\n\n● a  a.py  (head; base)\n"
        "\n"
        "two: 1 revision, 1 head, 1 base\n\n● a  a.py  (head; base)\n"
    )
    assert graph_dot.render([one, two]).count("subgraph") == 2
    assert graph_mermaid.render([one, two]).count("subgraph") == 2


def test_dot_is_complete_and_quotes_what_it_must() -> None:
    history = history_of(('a"\\', None), ("b", 'a"\\'), ("c", None), c_depends_on="b")
    text = graph_dot.render([history])
    assert 'label="a\\"\\\\\\na\\"\\\\.py\\nbase"' in text
    assert text.count(" -> ") == 2
    assert text.count("[style=dashed]") == 1
    assert text.startswith("digraph alembic {\n")
    assert text.endswith("}\n")


def test_mermaid_is_complete_and_quotes_what_it_must() -> None:
    history = history_of(('a"<', None), ("b", 'a"<'), ("c", None), c_depends_on="b")
    text = graph_mermaid.render([history])
    assert '"a#34;#60;<br>a#34;#60;.py<br>base"' in text
    assert text.count(" --> ") == 1
    assert text.count(" -.-> ") == 1


def test_json_tells_everything_in_load_order() -> None:
    history = history_of(("b", "a"), ("a", None), ("c", "gone"), a_labels=("main",))
    (found,) = json.loads(graph_json.render([history]))["histories"]
    assert found["heads"] == ["b", "c"]
    assert found["bases"] == ["a"]
    assert found["order"] == ["a", "b"]
    assert [item["id"] for item in found["revisions"]] == ["b", "a", "c"]
    assert found["revisions"][0]["labels"] == ["main"]
    assert found["revisions"][1]["children"] == ["b"]
    assert found["defects"] == [
        {"kind": "unknown down_revision", "path": "versions/c.py", "name": "gone"}
    ]


def test_a_file_without_a_known_id_is_shown_by_its_name() -> None:
    history = build_history(
        [Revision(path="versions/x.py", revision=None, down_revision=assigned(None))]
    )
    assert "● x.py" in graph_text.render([history])
    (found,) = json.loads(graph_json.render([history]))["histories"]
    assert found["revisions"][0]["id"] is None


STEERING = "a\x1b[2J\x07\u202e\u200f\x85\udc80\n"


@pytest.mark.parametrize("form", [graph_text, graph_dot, graph_mermaid, graph_json])
def test_nothing_in_a_history_can_steer_a_terminal(form: Form) -> None:
    history = history_of(
        (STEERING, f"parent {STEERING}"),
        name=f"name {STEERING}",
        **{f"{STEERING}_labels": f"label {STEERING}"},
    )

    text = form.render([history])

    assert not set(STEERING[1:-1]) - set("[2J") & set(text)
    assert "\\u202e" in text.replace("#92;", "\\")
    if form is graph_json:
        (found,) = json.loads(text)["histories"]
        assert found["heads"] == [STEERING]


def test_text_keeps_one_line_for_a_revision_whose_id_has_line_feeds() -> None:
    assert "● a\\x0ab  a\\x0ab.py  (head; base)\n" in graph_text.render(
        [history_of(("a\nb", None))]
    )


def test_mermaid_takes_no_backslash_for_the_start_of_an_escape() -> None:
    assert "a#92;nb<br>" in graph_mermaid.render([history_of(("a\\nb", None))])
