"""Local functions that tell whether something exists, and what they do with an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import ExecuteSql, Revision, Unknown

Read = Callable[..., object]

HELPER = """
def there(name):
    try:
        return sa.inspect(op.get_bind()).has_table(name)
    except {kind}:
        {answer}
---
if not there("users"):
    op.create_table("users", sa.Column("id", sa.Integer()))
"""


def revision(read_text: Read, text: str) -> Revision:
    found = getattr(read_text(text), "revision")  # noqa: B009
    assert isinstance(found, Revision)
    return found


def test_helper_that_answers_on_any_error_is_told(read_text: Read) -> None:
    text = HELPER.format(kind="Exception", answer="return False")

    (helper,) = revision(read_text, text).existence_helpers

    assert (helper.name, helper.predicate, helper.answer) == ("there", "table", "False")
    assert helper.swallows is not None


def test_helper_that_raises_again_swallows_nothing(read_text: Read) -> None:
    (helper,) = revision(
        read_text, HELPER.format(kind="Exception", answer="raise")
    ).existence_helpers

    assert helper.swallows is None


def test_helper_that_catches_one_error_swallows_nothing(read_text: Read) -> None:
    text = HELPER.format(kind="KeyError", answer="return False")

    (helper,) = revision(read_text, text).existence_helpers

    assert helper.swallows is None


def test_function_that_works_on_the_database_is_no_helper(read_text: Read) -> None:
    text = """
def drop_safe(name):
    try:
        if not any(i["name"] == name for i in sa.inspect(op.get_bind()).get_indexes("t")):
            return False
        op.drop_index(name, table_name="t")
        return True
    except Exception:
        return False
---
drop_safe("i")
"""

    assert revision(read_text, text).existence_helpers == ()


def test_statement_on_a_model_that_is_not_at_hand_has_its_kind(read_text: Read) -> None:
    text = "from app import Model\n---\nop.execute(sa.update(Model).where(x).values(a=1))"

    (operation,) = revision(read_text, text).operations

    assert isinstance(operation, ExecuteSql)
    assert isinstance(operation.sql, Unknown)
    assert not isinstance(operation.statements, Unknown)
    assert [(item.kind, item.where) for item in operation.statements] == [("UPDATE", True)]


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("unseen.insert().values(a=1)", ["INSERT"]),
        ("unseen.update().where(x).values(a=1)", ["UPDATE"]),
        ("build(x).delete()", ["DELETE"]),
        ("build(x).where(x == 1)", ["UPDATE"]),
        ("build(x).from_select(['a'], y)", ["INSERT"]),
        ('sa.text("UPDATE t SET a = :a").params(a=1)', ["UPDATE"]),
        ('textwrap.dedent("""\n  UPDATE t SET a = 1\n""")', ["UPDATE"]),
        ('sa.schema.CreateSequence(sa.Sequence("s"))', ["CREATE SEQUENCE"]),
        ("sa.union(x, y)", ["SELECT"]),
    ],
)
def test_statement_about_rows_is_known_as_such_by_its_methods(
    read_text: Read, statement: str, kinds: list[str]
) -> None:
    text = f"import textwrap\nfrom app import unseen, build, x, y\n---\nop.execute({statement})"

    (operation,) = revision(read_text, text).operations

    assert isinstance(operation, ExecuteSql)
    assert not isinstance(operation.statements, Unknown)
    assert [item.kind for item in operation.statements] == kinds


def test_dict_that_is_updated_is_no_statement(read_text: Read) -> None:
    text = "from app import unseen\n---\nop.execute(unseen.update({1: 2}))"

    (operation,) = revision(read_text, text).operations

    assert isinstance(operation, ExecuteSql)
    assert isinstance(operation.statements, Unknown)
