"""What stands before an `@`: a branch label, or a revision whose line is meant."""

from __future__ import annotations

import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap

from alembic_lint.history import RevisionError, asked, build_history
from alembic_lint.model import Assigned, Revision, Value
from alembic_lint.source import Span

# The line parts at "root"; "left" is the label of one of its two branches.
FILES: tuple[tuple[str, str | None, str | None], ...] = (
    ("root", None, None),
    ("a100", "root", "left"),
    ("a200", "a100", None),
    ("b100", "root", None),
    ("b200", "b100", None),
)


def assigned(value: Value) -> Assigned:
    return Assigned(value, repr(value), Span.of_line(1), Span.of_line(1))


HISTORY = build_history(
    [
        Revision(
            f"versions/{name}.py",
            revision=assigned(name),
            down_revision=assigned(down),
            branch_labels=assigned(label),
        )
        for name, down, label in FILES
    ]
)


@pytest.mark.parametrize(
    "word",
    ["b100@head", "b200@head", "a100@head", "left@head", "b100@heads", "root@heads", "a1@head"],
)
def test_a_line_is_what_alembic_takes_it_for(word: str) -> None:
    files = [AlembicRevision(name, down, branch_labels=label) for name, down, label in FILES]
    real = RevisionMap(lambda: files)

    found = real.get_revisions(word)
    expected = {item.revision for item in found if isinstance(item, AlembicRevision)}
    assert set(asked(HISTORY, word)) == expected


def test_a_line_may_have_several_heads() -> None:
    with pytest.raises(RevisionError, match="there are several heads"):
        asked(HISTORY, "root@head")


def test_a_revision_of_another_line_is_refused() -> None:
    with pytest.raises(RevisionError, match="revision 'a200' is not in the branch 'b100'"):
        asked(HISTORY, "b100@a200")
