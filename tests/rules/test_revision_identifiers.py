from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import UNSET, Revision, Unknown, Value
from alembic_lint.rule import Finding
from alembic_lint.rules.file import dynamic_revision_identifiers, missing_revision_identifiers
from alembic_lint.source import Problem, ProblemKind


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"revision": UNSET, "down_revision": UNSET}, "neither revision nor down_revision"),
        ({"revision": UNSET}, "assigns no revision,"),
        ({"down_revision": UNSET}, "assigns no down_revision,"),
        ({"revision": UNSET, "path": "versions/users.py"}, "assigns no revision,"),
        (
            {"revision": UNSET, "down_revision": UNSET, "path": "versions/4f1c.py"},
            "assigns no down_revision,",
        ),
    ],
)
def test_missing_identifier_is_named(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    arguments: dict[str, Value],
    words: str,
) -> None:
    given = {"path": "versions/helper.py", **arguments}

    (finding,) = findings(missing_revision_identifiers.check, make_revision(**given))

    assert words in finding.message


def test_hexadecimal_file_name_stands_for_the_id(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision(UNSET, path="versions/4f1c09be72d3.py")

    assert not findings(missing_revision_identifiers.check, revision)


def test_file_that_does_not_parse_is_not_said_to_lack_identifiers(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision(UNSET, UNSET, problem=Problem(ProblemKind.SYNTAX, "no"))

    assert not findings(missing_revision_identifiers.check, revision)


@pytest.mark.parametrize("name", ["revision", "down_revision", "depends_on"])
@pytest.mark.parametrize("value", [Unknown("a call"), ("4f1c", Unknown("a call"))])
def test_computed_identifier_is_flagged(
    findings: Callable[..., list[Finding]],
    make_revision: Callable[..., Revision],
    name: str,
    value: Value,
) -> None:
    (finding,) = findings(dynamic_revision_identifiers.check, make_revision(**{name: value}))

    assert finding.message.startswith(f"{name} is computed")


def test_computed_branch_label_and_known_identifiers_are_fine(
    findings: Callable[..., list[Finding]], make_revision: Callable[..., Revision]
) -> None:
    revision = make_revision(
        "4f1c", ("a1", "b2"), depends_on="c3", branch_labels=Unknown("an imported constant")
    )

    assert not findings(dynamic_revision_identifiers.check, revision)
