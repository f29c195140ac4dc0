"""From SQL text to statements and operations, by the parser that knows the database's language."""

from __future__ import annotations

from alembic_lint.extract.sql.lexer import (
    BRACKETS,
    CHAIN_LIMIT,
    MYSQL,
    PLAIN,
    POSTGRESQL,
    Quoting,
    Sql,
    scan,
)
from alembic_lint.extract.sql.origin import Enums, Origin, Read
from alembic_lint.extract.sql.postgresql import parser_installed, read_postgresql
from alembic_lint.extract.sql.statements import UNREAD, unread
from alembic_lint.model import Call, Context, Direction, Operation, Statement, Unknown
from alembic_lint.source import Span

SIZE_LIMIT = 1_000_000
"""Characters of one text; what is longer is not read."""

SLOW_LIMIT = 100_000
"""Characters of one statement that are given to sqlglot, which reads some 300,000 in a second."""

STATEMENT_LIMIT = 2_000
"""Statements of one text; the others count as one that is not read."""

_SQLGLOT = {
    "postgresql": "postgres",
    "cockroachdb": "postgres",
    "redshift": "redshift",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "tsql",
    "oracle": "oracle",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "duckdb": "duckdb",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "trino": "trino",
}
"""sqlglot's names for SQLAlchemy's dialects."""

_OTHERS = ("mysql", "sqlite", "mssql", "oracle")
"""Those that are tried where the dialect is not known, after PostgreSQL."""

_FOLDING = ("postgresql", "cockroachdb", "redshift", "oracle", "snowflake")
"""Databases that fold unquoted names; SQLAlchemy writes Oracle's in lower case too."""

_QUOTING = {
    "postgresql": POSTGRESQL,
    "cockroachdb": POSTGRESQL,
    "redshift": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlite": BRACKETS,
    "mssql": BRACKETS,
}


def read_sql(
    text: str,
    *,
    dialects: tuple[str, ...] | None,
    span: Span,
    call: Call,
    direction: Direction,
    context: Context,
) -> tuple[tuple[Statement, ...], tuple[Operation, ...]]:
    """The statements of a text and the operations they amount to, both in order.

    `dialects` are SQLAlchemy's names of the databases the text can run on; None means that it is
    not known, in which case it is read as PostgreSQL's first. The other arguments are given to
    each operation. Parts that are not known are marked with `UNKNOWN_MARK`. Names without quotes
    are folded to lower case where the database does. A statement that no parser reads is of kind
    "UNKNOWN" and not complete.
    """
    origin = Origin(span=span, call=call, direction=direction, context=context)
    if len(text) > SIZE_LIMIT:
        why = Unknown(f"the SQL text is longer than {SIZE_LIMIT:,} characters")
        return (Statement(UNREAD, why, complete=False),), ()
    candidates = (("postgresql", *_OTHERS) if dialects is None else dialects) or ("postgresql",)
    if "postgresql" in candidates:
        candidates = ("postgresql", *(name for name in candidates if name != "postgresql"))
    enums: Enums = {}
    found: list[Read] = []
    for sql in _split(text, candidates):
        if len(found) == STATEMENT_LIMIT:
            why = Unknown(f"the SQL text has more than {STATEMENT_LIMIT:,} statements")
            found.append((Statement(UNREAD, why, complete=False), ()))
            break
        found.append(_read(sql, candidates, origin, enums))
    return (
        tuple(statement for statement, _ in found),
        tuple(operation for _, operations in found for operation in operations),
    )


def _split(text: str, dialects: tuple[str, ...]) -> tuple[Sql, ...]:
    """The statements, cut as the first database cuts them in whose language all strings end."""
    texts = [scan(text, _quoting(name)) for name in dialects]
    best = next((sql for sql in texts if sql.sound), texts[0])
    return tuple(best.statements())


def _quoting(dialect: str) -> Quoting:
    return _QUOTING.get(dialect, PLAIN)


def _read(sql: Sql, dialects: tuple[str, ...], origin: Origin, enums: Enums) -> Read:
    """One statement, read in the first of these languages that can tell all of it."""
    if dialects[0] == "postgresql":
        read = read_postgresql(sql, origin, enums)
        if read is not None:
            return read
    lower = dialects[0] in _FOLDING
    if not sql.sound or len(sql.text) > SLOW_LIMIT or sql.chain > CHAIN_LIMIT or "\0" in sql.text:
        return unread(sql, lower=lower), ()
    # PostgreSQL's own parser knows best what PostgreSQL refuses.
    refused = "postgresql" if parser_installed() and len(dialects) > 1 else None
    partly: Read | None = None
    for dialect in dialects:
        name = _SQLGLOT.get(dialect)
        if name is None or dialect == refused:
            continue
        read = _read_other(sql, dialect, name, origin)
        if read is not None and read[0].complete:
            return read
        partly = partly or read
    return partly or (unread(sql, lower=lower), ())


def _read_other(sql: Sql, dialect: str, name: str, origin: Origin) -> Read | None:
    from alembic_lint.extract.sql.other import read_other  # noqa: PLC0415  (imports sqlglot)

    # As it was written for this database, with the placeholder that sqlglot knows.
    again = scan(sql.text, _quoting(dialect), "?")
    return read_other(again, name, origin, lower=dialect in _FOLDING)
