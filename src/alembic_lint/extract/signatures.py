"""The signatures of Alembic 1.20.1's directives, as data: Alembic itself is never imported.

`OP` are those of `op`, `BATCH` those of what `batch_alter_table` yields. The keywords that older
releases used are still understood, since such revisions lie in every old repository.
"""

from __future__ import annotations

from alembic_lint.extract.binding import Signature

_ALTERED = (
    "nullable=, comment=, server_default=, new_column_name=, type_=, existing_type=, "
    "existing_server_default=, existing_nullable=, existing_comment="
)
_INLINE = "if_not_exists=, inline_references=, inline_primary_key="
_REFERENTIAL = "onupdate=, ondelete=, deferrable=, initially=, match="

OP: dict[str, Signature] = {
    "add_column": Signature.of(f"table_name, column, *, schema=, {_INLINE}"),
    "alter_column": Signature.of(
        f"table_name, column_name, *, {_ALTERED}, schema=, **kw", name="new_column_name"
    ),
    "bulk_insert": Signature.of("table, rows, *, multiinsert="),
    "create_check_constraint": Signature.of(
        "constraint_name, table_name, condition, *, schema=, **kw",
        name="constraint_name",
        source="table_name",
    ),
    "create_exclude_constraint": Signature.of("constraint_name, table_name, *elements, **kw"),
    "create_foreign_key": Signature.of(
        "constraint_name, source_table, referent_table, local_cols, remote_cols, *, "
        f"{_REFERENTIAL}, source_schema=, referent_schema=, **dialect_kw",
        name="constraint_name",
        source="source_table",
        referent="referent_table",
    ),
    "create_index": Signature.of(
        "index_name, table_name, columns, *, schema=, unique=, if_not_exists=, **kw",
        name="index_name",
        tablename="table_name",
    ),
    "create_primary_key": Signature.of(
        "constraint_name, table_name, columns, *, schema=",
        name="constraint_name",
        cols="columns",
    ),
    "create_table": Signature.of("table_name, *columns, if_not_exists=, **kw", name="table_name"),
    "create_table_comment": Signature.of("table_name, comment, *, existing_comment=, schema="),
    "create_unique_constraint": Signature.of(
        "constraint_name, table_name, columns, *, schema=, **kw",
        name="constraint_name",
        source="table_name",
        local_cols="columns",
    ),
    "drop_column": Signature.of("table_name, column_name, *, schema=, **kw"),
    "drop_constraint": Signature.of(
        "constraint_name, table_name, type_=, *, schema=, if_exists=",
        name="constraint_name",
        type="type_",
    ),
    "drop_index": Signature.of(
        "index_name, table_name=, *, schema=, if_exists=, **kw",
        name="index_name",
        tablename="table_name",
    ),
    "drop_table": Signature.of("table_name, *, schema=, if_exists=, **kw", name="table_name"),
    "drop_table_comment": Signature.of("table_name, *, existing_comment=, schema="),
    "execute": Signature.of("sqltext, *, execution_options="),
    "rename_table": Signature.of("old_table_name, new_table_name, *, schema="),
}

BATCH: dict[str, Signature] = {
    "add_column": Signature.of(f"column, *, insert_before=, insert_after=, {_INLINE}"),
    "alter_column": Signature.of(
        f"column_name, *, {_ALTERED}, insert_before=, insert_after=, **kw",
        name="new_column_name",
    ),
    "create_check_constraint": Signature.of(
        "constraint_name, condition, **kw", name="constraint_name"
    ),
    "create_exclude_constraint": Signature.of("constraint_name, *elements, **kw"),
    "create_foreign_key": Signature.of(
        "constraint_name, referent_table, local_cols, remote_cols, *, referent_schema=, "
        f"{_REFERENTIAL}, **dialect_kw",
        name="constraint_name",
        referent="referent_table",
    ),
    "create_index": Signature.of("index_name, columns, **kw", name="index_name"),
    "create_primary_key": Signature.of("constraint_name, columns", name="constraint_name"),
    "create_table_comment": Signature.of("comment, *, existing_comment="),
    "create_unique_constraint": Signature.of(
        "constraint_name, columns, **kw", name="constraint_name"
    ),
    "drop_column": Signature.of("column_name, **kw"),
    "drop_constraint": Signature.of(
        "constraint_name, type_=", name="constraint_name", type="type_"
    ),
    "drop_index": Signature.of("index_name, **kw", name="index_name"),
    "drop_table_comment": Signature.of("*, existing_comment="),
    "execute": Signature.of("sqltext, *, execution_options="),
}

WITHOUT_EFFECT = frozenset(
    {
        "batch_alter_table",
        "f",
        "get_bind",
        "get_context",
        "implementation_for",
        "inline_literal",
        "register_operation",
    }
)
"""What `op` and `batch_op` offer besides that changes nothing in the database by itself."""

UNSEEN = frozenset({"invoke", "run_async"})
"""What runs operations or code that its arguments do not tell."""
