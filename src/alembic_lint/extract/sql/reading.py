"""From SQL text to statements and operations, by the parser that knows the database's language."""

from __future__ import annotations

from alembic_lint.extract.sql.lexer import (
    BRACKETS,
    CHAIN_LIMIT,
    MYSQL,
    PLAIN,
    POSTGRESQL,
    Kind,
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

_OWN_WORDS = {
    "mysql": frozenset(
        {"AUTO_INCREMENT", "ENGINE", "UNSIGNED", "MEDIUMTEXT", "LONGTEXT", "MODIFY"}
    ),
    "sqlite": frozenset({"AUTOINCREMENT", "PRAGMA", "ROWID", "SQLITE_MASTER"}),
    "mssql": frozenset({"NVARCHAR", "SP_RENAME", "NONCLUSTERED", "GETDATE", "DATETIME2"}),
    "oracle": frozenset({"VARCHAR2", "NUMBER", "CLOB", "SYSTIMESTAMP", "RAW", "PURGE"}),
}
"""Words by which a database's SQL is told from that of the others."""

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
    first = scan(text, _quoting(dialects[0]))
    if first.sound:
        return tuple(first.statements())
    others = (scan(text, quoting) for quoting in dict.fromkeys(map(_quoting, dialects[1:])))
    return tuple(next((sql for sql in others if sql.sound), first).statements())


def _quoting(dialect: str) -> Quoting:
    return _QUOTING.get(dialect, PLAIN)


def _likely(sql: Sql, dialects: tuple[str, ...]) -> tuple[str, ...]:
    """The dialects, those whose own words the statement uses first."""
    words = {token.text.upper() for token in sql.tokens if token.kind is Kind.WORD}
    return tuple(sorted(dialects, key=lambda name: -len(words & _OWN_WORDS.get(name, frozenset()))))


def _read(sql: Sql, dialects: tuple[str, ...], origin: Origin, enums: Enums) -> Read:
    """One statement, read in the first of these languages that can tell all of it."""
    if sql.is_block:
        return unread(sql, lower=False), ()
    dialects = _likely(sql, dialects)
    lower = dialects[0] in _FOLDING
    too_much = len(sql.text) > SLOW_LIMIT or sql.chain > CHAIN_LIMIT
    readable = sql.sound and not too_much and "\0" not in sql.text
    partly: Read | None = None
    for dialect in dialects:
        if dialect == "postgresql" and parser_installed():
            read = read_postgresql(sql, origin, enums)
            if read is not None:
                return read
        elif readable and dialect in _SQLGLOT:
            read = _read_other(sql, dialect, _SQLGLOT[dialect], origin)
            if read is not None and read[0].complete:
                return read
            partly = partly or read
    return partly or (unread(sql, lower=lower), ())


def _read_other(sql: Sql, dialect: str, name: str, origin: Origin) -> Read | None:
    # It imports sqlglot.
    from alembic_lint.extract.sql.other import read_other  # noqa: PLC0415

    # As it was written for this database, with the placeholder that sqlglot knows.
    again = scan(sql.text, _quoting(dialect), "?")
    return read_other(again, name, origin, lower=dialect in _FOLDING)
