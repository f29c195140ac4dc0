"""What statements are called, and which of them leave the tables as they are."""

from __future__ import annotations

from collections.abc import Collection

from alembic_lint.extract.sql.lexer import CHAIN_LIMIT, Kind, Sql, Token
from alembic_lint.extract.sql.marks import has_mark, known, word_set
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DropColumn,
    DropConstraint,
    DropTable,
    MaybeName,
    Name,
    Operation,
    RenameConstraint,
    RenameTable,
    Statement,
    ValidateConstraint,
)

Tables = tuple[tuple[MaybeName, Name], ...]
"""Tables as (schema, name)."""

UNREAD = "UNKNOWN"
"""The kind of a statement that no parser reads."""

BLOCK = "DO"
"""The kind of a block of statements, by PostgreSQL's word for it."""

_MODIFIERS = word_set(
    """
        OR REPLACE TEMP TEMPORARY UNLOGGED GLOBAL LOCAL UNIQUE RECURSIVE CONSTRAINT FULLTEXT
        SPATIAL CLUSTERED NONCLUSTERED COLUMNSTORE BITMAP TRUSTED PROCEDURAL EDITIONABLE
        NONEDITIONABLE ONLINE OFFLINE IGNORE ALGORITHM
        """
)
_TWO_WORDS = word_set(
    """
        MATERIALIZED FOREIGN EVENT DEFAULT ACCESS TEXT VIRTUAL OPERATOR USER LARGE
        """
)
_OBJECT_VERBS = ("CREATE", "ALTER", "DROP", "RENAME")

HARMLESS_KINDS = frozenset(
    f"{verb} {thing}"
    for verb in ("CREATE", "ALTER", "DROP")
    for thing in (
        "VIEW", "MATERIALIZED VIEW", "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "SEQUENCE",
        "TRIGGER", "EVENT", "EVENT TRIGGER", "ROLE", "USER", "GROUP", "POLICY", "RULE", "COLLATION",
        "STATISTICS", "PUBLICATION", "SUBSCRIPTION", "DATABASE", "TABLESPACE", "LOGIN", "SYNONYM",
    )
    if (verb, thing) != ("DROP", "DATABASE")
) | frozenset(
    (
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COMMENT", "GRANT", "REVOKE",
        "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "LOCK", "UNLOCK", "SHOW",
        "DESCRIBE", "EXPLAIN", "ANALYZE", "VACUUM", "OPTIMIZE", "REINDEX", "SET",
        "CREATE EXTENSION",
        "CREATE SCHEMA", "PRINT", "END",
    )
)  # fmt: skip
"""Kinds that change no table, column, key, index, constraint or enum type."""

HARMLESS_FUNCTIONS = word_set(
    """
        get_lock release_lock is_free_lock json_group_array json_group_object oidvectortypes
        pragma_table_info pragma_index_list pragma_index_info pragma_index_xinfo
        pragma_foreign_key_list
        like_escape similar_to_escape overlay overlaps normalize pg_collation_for
        abs age any_value array_agg array_append array_cat array_length array_position
        array_prepend array_remove array_replace array_to_json array_to_string array_upper avg
        bit_and bit_or bool_and bool_or btrim cardinality cast ceil ceiling changes char_length
        character_length chr clock_timestamp coalesce col_description concat concat_ws
        connection_id convert count current_database current_schema current_schemas
        current_setting curdate currval database date date_add date_format date_part date_sub
        date_trunc datediff datetime dbms_random decode dense_rank encode every exists extract
        first_value floor format format_type from_unixtime gen_random_uuid generate_series
        getdate greatest group_concat has_schema_privilege has_table_privilege hex ifnull iif
        instr isnull json_agg json_array json_array_elements json_array_elements_text
        json_array_length json_build_array json_build_object json_each json_each_text
        json_extract json_extract_path json_extract_path_text json_object json_object_agg
        json_object_keys json_remove json_set json_type json_typeof json_unquote json_valid
        jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length
        jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path_text
        jsonb_insert jsonb_object_agg jsonb_object_keys jsonb_pretty jsonb_set jsonb_strip_nulls
        jsonb_typeof julianday lag last_insert_id last_insert_rowid last_value lastval lead
        least left length ln localtime localtimestamp lower lpad ltrim make_interval max md5 min
        mod newid nextval now nullif nvl obj_description object_id octet_length ord
        pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock pg_backend_pid
        pg_cancel_backend pg_column_size pg_get_constraintdef pg_get_expr pg_get_functiondef
        pg_get_indexdef pg_get_serial_sequence pg_get_userbyid pg_get_viewdef pg_is_in_recovery
        pg_relation_size pg_size_pretty pg_sleep pg_table_is_visible pg_table_size
        pg_terminate_backend pg_total_relation_size pg_try_advisory_lock
        pg_try_advisory_xact_lock pg_typeof pg_type_is_visible position power quote_ident
        quote_literal random rank regexp_match regexp_matches regexp_replace
        regexp_split_to_array regexp_split_to_table repeat replace reverse right round
        row_number row_to_json rowcount rpad rtrim schema scope_identity setval sha256 sign
        split_part sqlite_version sqrt statement_timestamp strftime string_agg string_to_array
        strpos substr substring sum sysdate timezone to_char to_date to_json to_jsonb to_number
        to_regclass to_regnamespace to_regproc to_regtype to_timestamp to_tsquery to_tsvector
        total transaction_timestamp translate trim trunc txid_current typeof unhex
        unix_timestamp unnest upper user uuid uuid_generate_v4 version width_bucket
        """
)
"""Functions of the databases themselves that leave every table's definition as it is."""


def kind_of(sql: Sql) -> str:
    """A statement's verb in capitals, for CREATE, ALTER and DROP with what it is about."""
    words = sql.words(8)
    if not words:
        return UNREAD
    verb, *rest = words
    if has_mark(verb):
        return UNREAD
    if sql.is_block:
        return BLOCK
    if verb not in _OBJECT_VERBS:
        return {"TRUNC": "TRUNCATE", "EXEC": "EXECUTE"}.get(verb, verb)
    while rest and rest[0] in _MODIFIERS and not (len(rest) > 1 and rest[0] == "USER"):
        rest = rest[1:]
    if not rest or has_mark(rest[0]):
        return verb
    if rest[0] in _TWO_WORDS and len(rest) > 1 and rest[0] != "USER":
        return f"{verb} {rest[0]} {rest[1]}"
    return f"{verb} {rest[0]}"


_TOLD_BY_VERB = word_set(
    """
        INSERT UPDATE DELETE MERGE REPLACE TRUNCATE COPY GRANT REVOKE ANALYZE VACUUM REINDEX
        REFRESH LOCK SAVEPOINT RELEASE ROLLBACK COMMIT
        """
)
_TOLD_BY_WORDS = word_set(
    """
        CREATE_FUNCTION CREATE_PROCEDURE CREATE_TRIGGER CREATE_EXTENSION CREATE_POLICY
        DROP_FUNCTION DROP_PROCEDURE DROP_TRIGGER DROP_POLICY
        """
)
_ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE")
_BEFORE_PARENTHESIS = word_set(
    """
        ALL AND ANY ARRAY AS BETWEEN BY CASE CHAR CHARACTER CHECK DECIMAL DISTINCT ELSE EXCEPT
        EXISTS FILTER FROM HAVING IN INTERSECT JOIN KEY LATERAL LIKE LIMIT MATERIALIZED NOT NUMERIC
        OFFSET ON OR OVER PARTITION RECORD RETURN RETURNING ROW SELECT SET SOME THEN UNION USING
        VALUES VARCHAR VARYING WHEN WHERE WHILE WITH WITHIN IF LOOP INTO TIMESTAMP TIME INTERVAL
        """
)
"""Words that a parenthesis may follow which is not the list of a function's arguments."""


def unread(sql: Sql, *, lower: bool) -> Statement:
    """A statement that no parser reads, with the table that its first words name.

    Where its first words tell that it leaves every table's definition alone, or makes an index,
    that is its kind, even where a part of it is not known. `where` is True then, as it cannot be
    ruled out. `lower` says whether the database folds names without quotes to lower case.
    """
    tables = named_table(sql, lower=lower)
    kind = kind_of(sql) if sql.sound else UNREAD
    if kind == BLOCK:
        return Statement(kind, known(sql.text), complete=False)
    if kind in _TOLD_BY_VERB:
        kind = "INSERT" if kind == "REPLACE" else kind
        return Statement(kind, known(sql.text), tables=tables, where=True)
    if kind.replace(" ", "_") in _TOLD_BY_WORDS:
        cascades = kind.startswith("DROP") and any(token.is_word("CASCADE") for token in sql.tokens)
        return Statement(kind, known(sql.text), complete=not cascades)
    if kind in ("SELECT", "WITH") and (verb := _about_rows(sql)) is not None:
        return Statement(verb, known(sql.text), where=True)
    if kind == "CREATE INDEX":
        on = sql.find(0, "ON")
        name = None if on is None else _name_at(sql.tokens, on + 1, lower=lower)
        return Statement(kind, known(sql.text), tables=(name,) if name else (), complete=False)
    return Statement(UNREAD, known(sql.text), tables=tables, complete=False)


def _about_rows(sql: Sql) -> str | None:
    """What a SELECT or WITH does with rows, if it makes no table and calls nothing unknown."""
    at = sql.find(0, *_ROWS) if sql.chain <= CHAIN_LIMIT else None
    if at is None or not calls_only(calls_of(sql.tokens)):
        return None
    verb = sql.tokens[at].text.upper()
    return None if verb == "SELECT" and sql.find(at, "INTO") is not None else verb


def calls_of(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    """The functions that tokens seem to call, by the parenthesis behind a name."""
    found: list[str] = []
    for number, token in enumerate(tokens[1:], 1):
        before = tokens[number - 1]
        if token.text != "(" or before.is_word(*_BEFORE_PARENTHESIS):
            continue
        if before.kind in (Kind.WORD, Kind.QUOTED):
            found.append(before.text.strip('"'))
    return tuple(found)


def string_value(token: Token) -> str | None:
    """The text of a string as PostgreSQL reads it; None for another token or an escape in it."""
    text = token.text
    if token.kind is not Kind.STRING:
        return None
    if text.startswith("$"):
        tag = text[: text.index("$", 1) + 1]
        return text.removeprefix(tag).removesuffix(tag)
    if not text.startswith("'"):
        return None
    return text[1:-1].replace("''", "'")


_BEFORE_TABLE = (
    ("ALTER", "TABLE"), ("CREATE", "TABLE"), ("DROP", "TABLE"), ("TRUNCATE", "TABLE"),
    ("CREATE", "VIRTUAL", "TABLE"),
    ("INSERT", "INTO"), ("REPLACE", "INTO"), ("DELETE", "FROM"), ("UPDATE",),
)  # fmt: skip
_SKIPPED = ("IF", "NOT", "EXISTS", "ONLY", "IGNORE", "OR", "REPLACE", "ABORT", "FAIL", "ROLLBACK")


def named_table(sql: Sql, *, lower: bool) -> Tables:
    """The table that the first words of a statement name, if they do."""
    words = sql.words()
    for prefix in _BEFORE_TABLE:
        if words[: len(prefix)] == prefix:
            name = _name_at(sql.tokens, len(prefix), lower=lower)
            return () if name is None else (name,)
    return ()


def _name_at(
    tokens: tuple[Token, ...], start: int, *, lower: bool
) -> tuple[MaybeName, Name] | None:
    """The (schema, name) of the dotted name at a token, after words such as IF EXISTS."""
    while start < len(tokens) and tokens[start].is_word(*_SKIPPED):
        start += 1
    parts: list[str] = []
    while start < len(tokens) and tokens[start].kind in (Kind.WORD, Kind.QUOTED):
        parts.append(unquote(tokens[start], lower=lower))
        if start + 1 >= len(tokens) or tokens[start + 1].text != ".":
            break
        start += 2
    if not parts:
        return None
    return known(parts[-2]) if len(parts) > 1 else None, known(parts[-1])


def unquote(token: Token, *, lower: bool) -> str:
    """The name that a token stands for."""
    if token.kind is Kind.WORD:
        return token.text.lower() if lower else token.text
    closing = token.text[-1]
    return token.text[1:-1].replace(closing * 2, closing)


def calls_only(names: Collection[str]) -> bool:
    """Whether all these functions are known to leave tables as they are."""
    return all(name.lower() in HARMLESS_FUNCTIONS for name in names)


def table_changed(operation: Operation) -> tuple[MaybeName, Name] | None:
    """The (schema, name) of the table that an operation is about, if it names one."""
    match operation:
        case (
            CreateTable()
            | DropTable()
            | RenameTable()
            | AddColumn()
            | DropColumn()
            | AlterColumn()
            | CreateIndex()
            | CreateForeignKey()
            | CreateUniqueConstraint()
            | CreateCheckConstraint()
            | CreatePrimaryKey()
            | CreateExcludeConstraint()
            | DropConstraint()
            | RenameConstraint()
            | ValidateConstraint()
            | CreateTableComment()
        ):
            return operation.schema, operation.table
        case _:
            return None
