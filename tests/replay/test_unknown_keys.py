"""What an operation on the keys of an unknown table leaves certain."""

from __future__ import annotations

from alembic_lint.schema import Schema


def test_unknown_keys_leave_the_columns_of_every_table_known() -> None:
    before = Schema()
    keys = before.blurred_keys()
    parts = before.blurred_parts()

    assert keys.table("t").columns_lost == before.table("t").columns_lost
    assert keys.table("t").keys_lost == keys.clock
    assert keys.table("t").keys_gained == keys.clock
    assert parts.table("t").columns_lost == parts.clock
