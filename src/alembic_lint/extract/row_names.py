"""Names by which work on rows is told from work on tables, where nothing is evaluated."""

from __future__ import annotations

HARMLESS = frozenset(
    {
        "logging", "os", "sys", "re", "json", "time", "datetime", "uuid", "warnings", "textwrap",
        "itertools", "collections", "functools", "pathlib", "typing", "math", "random", "string",
        "hashlib", "enum", "copy", "operator", "click", "inspect", "dateutil", "decouple", "dotenv",
        "environ", "loguru", "oslo_log", "pytz", "requests", "rich", "simplejson", "six",
        "structlog", "tqdm", "typer", "yaml",
    }
)  # fmt: skip
"""Libraries that never touch the database by themselves."""

EXECUTES = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "executemany"})
"""Methods that are given a statement."""

HANDLES = frozenset({"bind", "connection", "engine", "op", "session"})
"""Attributes that lead to the database, whatever they are taken from."""

_HANDLE_WORDS = ("connect", "engine", "inspect", "session", "transaction")
_MAKE_HANDLES = frozenset({"begin", "begin_nested", "get_context", "cursor", "execution_options"})

DATA = frozenset(
    {"as_sql", "description", "dialect", "dialect_name", "inserted_primary_key", "lastrowid"}
    | {"name", "rowcount"}
)
"""Attributes that do not lead to the database even where they are taken from it."""

ROWS = frozenset(
    {
        "add", "add_all", "all", "bulk_insert_mappings", "bulk_save_objects",
        "bulk_update_mappings", "close", "commit", "count", "delete", "exists", "expire",
        "expire_all", "expunge", "expunge_all", "fetchall", "fetchmany", "fetchone", "first",
        "flush", "get", "get_check_constraints", "get_columns", "get_enums", "get_foreign_keys",
        "get_indexes", "get_pk_constraint", "get_schema_names", "get_table_names",
        "get_unique_constraints", "get_view_names", "has_table", "in_transaction",
        "is_offline_mode", "mappings", "merge", "one", "one_or_none", "query", "refresh",
        "rollback", "scalar_one", "scalar_one_or_none", "yield_per",
    }
)  # fmt: skip
"""Methods of a connection, a session or a result that change no table, and give rows."""

TAKES_DATABASE = frozenset(
    {"MetaData", "Session", "Table", "inspect", "reflect", "scoped_session", "sessionmaker"}
)
"""What may be handed the database and does not change it."""

ALEMBIC = frozenset(
    {"bulk_insert", "f", "get_bind", "get_context", "inline_literal", "is_offline_mode"}
)
"""What of Alembic changes no table."""

CHANGES = frozenset(
    {
        "add_column", "alter", "alter_column", "batch_alter_table", "callproc", "copy_expert",
        "create", "create_all", "create_index", "create_table", "downgrade", "drop", "drop_all",
        "drop_column", "drop_constraint", "drop_index", "drop_table", "executescript", "invoke",
        "listen", "listens_for", "rename_table", "run_async", "run_callable", "run_migrations",
        "run_sync", "upgrade",
    }
)  # fmt: skip
"""Methods that change tables, or run what may, whatever they belong to."""

QUIET_DECORATORS = frozenset(
    {"cache", "cached_property", "classmethod", "contextmanager", "lru_cache", "property"}
    | {"staticmethod", "wraps"}
)
"""Decorators that do nothing of their own with what the function is passed."""


def is_handle(name: str) -> bool:
    """Whether what is called, or made, by this name may be the database."""
    lower = name.lower()
    if name in _MAKE_HANDLES or lower.endswith("bind"):
        return True
    return any(word in lower for word in _HANDLE_WORDS)


def is_harmless(dotted: str) -> bool:
    """Whether a dotted name is of a library that never touches the database by itself."""
    return dotted.partition(".")[0] in HARMLESS


def works_on_rows(name: str) -> bool:
    """Whether the name of a function does not speak of tables."""
    lower = name.lower()
    return not any(verb in lower for verb in VERBS)


LOGS = frozenset(
    {"critical", "debug", "error", "exception", "info", "log", "print", "warn", "warning"}
)
"""Methods of loggers, by the names that `logging.Logger` gives them."""


def may_use_op(name: str, *, of_result: bool) -> bool:
    """Whether an unseen function of this name may change tables through the global `op`.

    `of_result` tells that it is a method of what another unseen call has given: most of those are
    of rows, texts, clients and loggers, and count only where the name speaks of tables.
    """
    if name in LOGS or name in ROWS:
        return False
    return not (of_result and works_on_rows(name))


VERBS = (
    "create",
    "drop",
    "add",
    "alter",
    "rename",
    "remove",
    "migrat",
    "table",
    "column",
    "index",
    "constraint",
    "upgrade",
    "downgrade",
)
"""Words in the names of functions that change tables."""
