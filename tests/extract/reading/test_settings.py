"""What a setting may add that is left out by default, and texts of which a condition is a part."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alembic_lint.model import AddColumn, CreateIndex, ExecuteSql, Not, Unknown
from tests.extract.reading.conftest import Reading

Read = Callable[..., Reading]

OPTION = 'context.config.get_main_option("place")'


@pytest.mark.parametrize(
    ("schema", "known"),
    [
        (f"{OPTION} or None", True),
        (f"{OPTION} if {OPTION} else None", True),
        (OPTION, False),
        ('context.config.get_main_option("place", "app") or None', False),
        ('os.environ.get("PLACE", "app") or None', False),
        ("unseen() or None", False),
        (f"{OPTION} or 'app'", False),
    ],
)
def test_a_schema_that_an_option_may_name_is_the_default_one(
    schema: str, known: bool, read_text: Read
) -> None:
    reading = read_text(
        f"""
        import os
        from elsewhere import unseen
        def upgrade():
            op.add_column("t", sa.Column("a", sa.Integer()), schema={schema})
        """
    )

    (made,) = (item for item in reading.operations if isinstance(item, AddColumn))
    assert made.table == "t"
    assert (made.schema is None) is known
    assert isinstance(made.schema, Unknown) is not known


@pytest.mark.parametrize(
    ("table", "known"),
    [
        ('f\'"{place}".users\' if place else "users"', True),
        ('"users" if not place else f"{place}.users"', True),
        ('f\'"{place}".people\' if place else "users"', False),
        ('f"{place}users" if place else "users"', False),
        ('f"app_{place}.users" if place else "users"', False),
    ],
)
def test_a_table_that_a_setting_may_qualify_is_the_one_without(
    table: str, known: bool, read_text: Read
) -> None:
    reading = read_text(
        f"""
        def upgrade():
            place = {OPTION}
            table = {table}
            op.execute(f"CREATE INDEX ix ON {{table}} (name)")
        """
    )

    (made,) = (item for item in reading.operations if isinstance(item, CreateIndex))
    assert (made.table == "users") is known


def test_a_text_that_a_condition_is_put_into_is_one_of_two(read_text: Read) -> None:
    reading = read_text(
        """
        from elsewhere import found
        def upgrade():
            text = "UPDATE t SET a = 1 __MORE__"
            for sql in [text.replace("__MORE__", "WHERE b" if found() else "")]:
                op.get_bind().execute(sa.text(sql))
        """
    )

    first, second = (item for item in reading.operations if isinstance(item, ExecuteSql))
    assert (first.sql, second.sql) == ("UPDATE t SET a = 1 WHERE b", "UPDATE t SET a = 1 ")
    assert Not(first.context.guards[0].condition) == second.context.guards[0].condition


def test_an_unknown_part_that_is_put_into_a_text_leaves_the_rest_known(read_text: Read) -> None:
    reading = read_text(
        """
        from elsewhere import name
        def upgrade():
            op.execute("ALTER TABLE t ADD COLUMN __NAME__ int".replace("__NAME__", name()))
        """
    )

    (made,) = (item for item in reading.operations if isinstance(item, AddColumn))
    assert made.table == "t"


@pytest.mark.parametrize(
    ("body", "required"),
    [
        ("if unseen():\n    raise ValueError", True),
        ("assert unseen()", True),
        ("if unseen():\n    return", False),
        ("if unseen():\n    raise ValueError\nelif other():\n    return", False),
        ("try:\n    op.drop_table('x')\nexcept Exception:\n    if unseen(): raise", True),
        ("for item in unseen():\n    if item: raise ValueError", True),
    ],
)
def test_what_an_error_leaves_out_is_required(body: str, required: bool, read_text: Read) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    reading = read_text(
        "from alembic import op\nfrom elsewhere import unseen, other\nrevision = 'b2'\n"
        f"def upgrade():\n{lines}\n    op.create_table('t')\n"
    )

    guards = reading.operations[-1].context.guards
    assert [guard.required for guard in guards][-1:] == [required]


def test_an_error_that_is_caught_leaves_open_what_follows(read_text: Read) -> None:
    reading = read_text(
        """
        from elsewhere import unseen
        def inner():
            if unseen():
                raise ValueError
            op.create_table("t")
        def upgrade():
            try:
                inner()
            except ValueError:
                pass
        """
    )

    assert [guard.required for guard in reading.operations[-1].context.guards] == [False]
