"""Methods of values: texts, collections, an inspector's answers, statements built with SQLAlchemy.

Everything here is pure; methods that change the database are in `interpreter`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from alembic_lint.extract.choices import choices, either, truth_value
from alembic_lint.extract.conditions import DIALECTS
from alembic_lint.extract.guards import all_exist, exists
from alembic_lint.extract.lowering import is_known, maybe_name, name_of
from alembic_lint.extract.sql.marks import UNKNOWN_MARK, has_mark
from alembic_lint.extract.values import (
    Abstract,
    Boolean,
    ClassValue,
    Connection,
    Dialect,
    DialectName,
    Either,
    Existing,
    FirstValue,
    Inspector,
    Items,
    MigrationContext,
    Pairs,
    Passed,
    Record,
    RecordField,
    Rows,
    Selection,
    Text,
)
from alembic_lint.model import (
    Column,
    DialectIs,
    IndexExists,
    OfflineMode,
    OpaqueCondition,
    Reference,
    Statement,
    TableExists,
    TableValue,
    Unknown,
)

_LISTS = {
    "get_table_names": "table",
    "get_sorted_table_and_fkc_names": "table",
    "get_view_names": "table",
    "get_columns": "column",
    "get_indexes": "index",
    "get_foreign_keys": "foreignkey",
    "get_unique_constraints": "unique",
    "get_check_constraints": "check",
    "get_pk_constraint": "primary",
    "get_enums": "enum",
}

_TEXT_METHODS: dict[str, Callable[..., object]] = {
    name: getattr(str, name)
    for name in (
        "capitalize", "casefold", "count", "endswith", "isdigit", "isidentifier", "join", "lower",
        "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rpartition", "rsplit",
        "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper",
        "zfill",
    )
}  # fmt: skip

_DICT_METHODS = ("get", "items", "keys", "values")

REFLECTED = "sqlalchemy.ReflectedMetaData"
"""Stands for a `MetaData` after `reflect()`: it knows the tables that exist."""

_TABLE_INFO = re.compile(
    r"""\s*PRAGMA\s+(?:(\w+)\.)?table_x?info\s*[(=]\s*["'`\[]?(\w+)["'`\]]?\s*\)?\s*;?\s*""",
    re.IGNORECASE,
)

_WAYS = 4
"""Texts that a text may become, by the conditions of what is put into it."""

TEXT_LIMIT = 200_000
"""Characters. A text that grows past this while it is put together is not followed."""


def plain(passed: tuple[Passed, ...]) -> tuple[list[Abstract], dict[str, Abstract]]:
    """Positional values and keyword values; known stars are expanded, others dropped."""
    positional: list[Abstract] = []
    keywords: dict[str, Abstract] = {}
    for item in passed:
        match item.keyword, item.value:
            case None, value:
                positional.append(value)
            case "*", tuple() as values:
                positional.extend(values)
            case "**", Pairs(items):
                keywords.update({key: value for key, value in items if isinstance(key, str)})
            case "*" | "**", _:
                pass
            case str(name), value:
                keywords[name] = value
    return positional, keywords


def attribute(owner: Abstract, name: str) -> Abstract | None:
    """A data attribute of a value, or Python's None where it has none of that name here."""
    match owner, name:
        case (Connection() | MigrationContext() | Inspector(), "dialect"):
            return Dialect()
        case (Connection(), "engine" | "bind" | "connection") | (
            MigrationContext() | Inspector(),
            "bind" | "connection" | "engine",
        ):
            return Connection()
        case (Dialect() | Connection(), "name"):
            return DialectName()
        case (MigrationContext(), "as_sql"):
            return Boolean(OfflineMode())
        case (TableValue(table, schema), "c" | "columns"):
            return Existing("column", table, schema)
        case (TableValue(table), "name" | "__tablename__"):
            return table
        case (TableValue(), "__table__"):
            return owner
        case (Column(name=str(own)), "name"):
            return own
        case (str() | int(), "value"):
            return owner  # a member of a Python enum stands for its value
        case (Reference(found, True), "tables") if found == REFLECTED:
            return Existing("table")
        case (Record(existing), field) if field not in _DICT_METHODS:
            return RecordField(existing, field)
        case _:
            return None


def table_info(sql: str) -> Existing | None:
    """The columns that a `PRAGMA` lists on SQLite; None for other SQL."""
    found = _TABLE_INFO.fullmatch(sql)
    return None if found is None else Existing("column", found[2], found[1])


def call(owner: Abstract, name: str, passed: tuple[Passed, ...], text: Text) -> Abstract | None:
    """What a method returns, or Python's None where the method is not one known here."""
    positional, keywords = plain(passed)
    match owner:
        case str():
            return _of_text(owner, name, positional, keywords)
        case DialectName():
            return _of_dialect_name(name, positional)
        case tuple():
            return _of_tuple(owner, name, positional, text)
        case Pairs():
            return _of_pairs(owner, name, positional)
        case Existing() | Selection():
            return _of_existing(owner, name, positional, text)
        case Record(existing) if name == "get" and positional:
            return RecordField(existing, str(positional[0]))
        case RecordField() if name in ("lower", "upper", "strip"):
            return owner
        case Rows():
            return FirstValue(owner) if name.startswith("scalar") and name != "scalars" else owner
        case Inspector():
            return _of_inspector(name, positional, keywords)
        case Dialect() if name == "type_descriptor" and positional:
            return positional[0]
        case Dialect() if name == "has_table":
            return _has_table(positional[1:], keywords)
        case Connection() if name == "has_table":
            return _has_table(positional, keywords)
        case Connection() if name in (
            "connect",
            "begin",
            "connection",
            "get_bind",
            "engine_connect",
            "execution_options",
            "bind",
            "__enter__",
        ):
            return Connection()
        case TableValue() if name in ("insert", "update", "delete", "select"):
            return Statement(
                name.upper(),
                Unknown("a statement built with SQLAlchemy"),
                tables=() if name == "select" else ((owner.schema, owner.name),),
                reads=((owner.schema, owner.name),) if name == "select" else (),
            )
        case TableValue() if name in ("alias", "tometadata", "to_metadata"):
            return owner
        case Statement(kind, sql, tables, reads, where, complete):
            limited = where or name in ("where", "filter", "filter_by")
            return Statement(kind, sql, tables, reads, limited, complete)
        case Unknown() | Reference() | ClassValue():
            return _of_unseen(name, passed)
        case _:
            return None


_ONLY_OF_STATEMENTS = {
    "where": "UPDATE",
    "from_select": "INSERT",
    "on_conflict_do_nothing": "INSERT",
    "on_conflict_do_update": "INSERT",
    "on_duplicate_key_update": "INSERT",
}
"""Methods that only statements about rows have, and one kind of these."""


def _of_unseen(name: str, passed: tuple[Passed, ...]) -> Abstract | None:
    """What a method makes of something that is not seen, where its name alone tells.

    Whatever has such a method is about rows: it changes no table. `insert()`, `update()` and
    `delete()` without an argument are those of a table, not of a dict or a list.
    """
    kind = _ONLY_OF_STATEMENTS.get(name)
    if kind is None and name in ("insert", "update", "delete") and not passed:
        kind = name.upper()
    if kind is None and name == "values" and passed:
        kind = "INSERT"
    if kind is None:
        return None
    unseen = Unknown("the table of a statement built with SQLAlchemy")
    sql = Unknown("a statement built with SQLAlchemy")
    return Statement(kind, sql, tables=((unseen, unseen),), where=name == "where")


def _of_text(
    owner: str, name: str, positional: list[Abstract], keywords: dict[str, Abstract]
) -> Abstract | None:
    if name == "format":
        return formatted(owner, positional, keywords)
    method = _TEXT_METHODS.get(name)
    if method is None or keywords:
        return None
    if name == "join":
        parts = positional[0] if positional else ()
        if not isinstance(parts, tuple):
            return UNKNOWN_MARK
        texts = [part if isinstance(part, str) else UNKNOWN_MARK for part in parts]
        if sum(len(text) + len(owner) for text in texts) > TEXT_LIMIT:
            return Unknown("the text is too long")
        return owner.join(texts)
    for place, value in enumerate(positional):
        if isinstance(value, Either) and choices(value) <= _WAYS:
            rest = positional[place + 1 :]
            first = _of_text(owner, name, [*positional[:place], value.then, *rest], keywords)
            second = _of_text(owner, name, [*positional[:place], value.other, *rest], keywords)
            return either(value.condition, first, second)
    if name == "replace" and len(positional) == 2 and is_known(positional[0]):
        new = positional[1]
        positional = [positional[0], new if isinstance(new, str) else UNKNOWN_MARK]
    elif not all(is_known(value) for value in positional):
        return Unknown("it is made from an unknown text")
    if _grows(owner, name, positional):
        return Unknown("the text is too long")
    try:
        result = method(owner, *positional)
    except (TypeError, ValueError):
        return Unknown(f"str.{name} does not accept these arguments")
    if isinstance(result, list):
        return Items(result)
    if isinstance(result, bool) and has_mark(owner):
        return Unknown("a part of the text is not known")
    if isinstance(result, str | bool | int | tuple):
        return result
    return None


def _grows(owner: str, name: str, positional: list[Abstract]) -> bool:
    """Whether a method makes a text that is too long to be made."""
    match name, positional:
        case ("zfill", [int(width)]):
            return width > TEXT_LIMIT
        case ("replace", [str(old), str(new), *_]):
            return owner.count(old) * len(new) + len(owner) > TEXT_LIMIT
        case _:
            return False


def formatted(text: str, positional: list[Abstract], keywords: dict[str, Abstract]) -> Abstract:
    """`str.format`, with a mark for each unknown part."""
    shown = [_shown(value) for value in positional]
    named = {key: _shown(value) for key, value in keywords.items()}
    if _overflows(text, "{", (*shown, *named.values())):
        return Unknown("the text is too long")
    if _wide_field(text):
        return Unknown("a width in the text is too large")
    try:
        return bounded(text.format(*shown, **named))
    except (IndexError, KeyError, ValueError, AttributeError, TypeError):
        return Unknown("str.format does not accept these arguments")


def percent(text: str, right: Abstract) -> Abstract:
    """`text % right`, with a mark for each unknown part."""
    if _wide_field(text) or "*" in text:
        return Unknown("a width in the text is too large")
    shown: dict[object, object] | tuple[object, ...]
    match right:
        case Pairs(items):
            shown = {key: _shown(value) for key, value in items if is_known(key)}
        case tuple():
            shown = tuple(_shown(value) for value in right)
        case _:
            shown = (_shown(right),)
    if _overflows(text, "%", shown.values() if isinstance(shown, dict) else shown):
        return Unknown("the text is too long")
    try:
        return bounded(text % shown)
    except (TypeError, ValueError, KeyError):
        return Unknown("the text and its values do not fit")


def _wide_field(text: str) -> bool:
    """Whether a format asks for a width of four digits or more, which could fill the memory."""
    digits = 0
    for character in text:
        digits = digits + 1 if character.isdigit() else 0
        if digits > 3 and ("%" in text or "{" in text):
            return True
    return False


def _overflows(text: str, sign: str, values: Iterable[object]) -> bool:
    """Whether a text could grow past all measure when values are put into it."""
    longest = max((len(value) for value in values if isinstance(value, str | tuple)), default=0)
    return len(text) + text.count(sign) * longest > TEXT_LIMIT


def _shown(value: Abstract) -> object:
    return value if is_known(value) or isinstance(value, str) else UNKNOWN_MARK


def bounded(text: str) -> Abstract:
    """The text, or Unknown where it has grown past all measure."""
    return text if len(text) <= TEXT_LIMIT else Unknown("the text is too long")


def _of_dialect_name(name: str, positional: list[Abstract]) -> Abstract | None:
    if name in ("lower", "strip"):
        return DialectName()
    if name == "startswith" and positional:
        starts = positional[0] if isinstance(positional[0], tuple) else (positional[0],)
        if all(isinstance(start, str) for start in starts):
            return Boolean(
                DialectIs(
                    tuple(
                        known
                        for known in DIALECTS
                        if any(known.startswith(str(start)) for start in starts)
                    )
                )
            )
    return None


def _of_tuple(
    owner: tuple[Abstract, ...], name: str, positional: list[Abstract], text: Text
) -> Abstract | None:
    match name, positional:
        case ("copy", []):
            return Items(owner)
        case ("issubset", [other]):
            return truth_value(all_exist(owner, other, text))
        case ("issuperset", [other]):
            return truth_value(all_exist(other, owner, text))
        case ("union", [tuple() as other]):
            return Items((*owner, *(item for item in other if item not in owner)))
        case ("difference", [tuple() as other]) if is_known(owner) and is_known(other):
            return Items(item for item in owner if item not in other)
        case ("intersection", [tuple() as other]) if is_known(owner) and is_known(other):
            return Items(item for item in owner if item in other)
        case ("index" | "count", _):
            return Unknown("a position in a list")
        case _:
            return None


def _of_pairs(owner: Pairs, name: str, positional: list[Abstract]) -> Abstract | None:
    match name, positional:
        case ("items", []):
            return tuple((key, value) for key, value in owner.items)
        case ("keys", []):
            return tuple(key for key, _ in owner.items)
        case ("values", []):
            return tuple(value for _, value in owner.items)
        case ("copy", []):
            return Pairs(owner.items)
        case ("get", [key, *rest]):
            return looked_up(owner, key, rest[0] if rest else None)
        case _:
            return None


def _looked_up_by_part(owner: Pairs, key: str, default: Abstract) -> Abstract:
    """A look-up by a text of which a part is not known: one of those that fit it."""
    pattern = re.compile(".*".join(re.escape(part) for part in key.split(UNKNOWN_MARK)))
    result = default
    for name, value in reversed(owner.items):
        if isinstance(name, str) and pattern.fullmatch(name):
            result = either(OpaqueCondition(f'the name is "{name}"'), value, result)
    return result


def looked_up(owner: Pairs, key: Abstract, default: Abstract) -> Abstract:
    """`owner.get(key, default)`, also by the dialect's name."""
    if isinstance(key, DialectName):
        result = default
        for name, value in reversed(owner.items):
            if not isinstance(name, str):
                return Unknown("a look-up by the dialect's name")
            result = either(DialectIs((name,)), value, result)
        return result
    if isinstance(key, str) and has_mark(key):
        return _looked_up_by_part(owner, key, default)
    if not is_known(key):
        return Unknown("a look-up by an unknown key")
    return next(
        (value for known, value in reversed(owner.items) if known == key and is_known(known)),
        default,
    )


def _of_existing(
    owner: Existing | Selection, name: str, positional: list[Abstract], text: Text
) -> Abstract | None:
    existing = owner if isinstance(owner, Existing) else owner.existing
    match name, positional:
        case ("keys" | "values" | "items" | "copy" | "union" | "all" | "fetchall" | "mappings", _):
            return owner
        case ("issuperset", [other]):
            return truth_value(all_exist(other, owner, text))
        case ("get" | "pop", [key, *rest]):
            found = exists(existing, key)
            if found is None:
                return Unknown("it is read from the database")
            return either(found, Record(existing), rest[0] if rest else None)
        case _:
            return None


def _of_inspector(
    name: str, positional: list[Abstract], keywords: dict[str, Abstract]
) -> Abstract | None:
    if name == "has_table":
        return _has_table(positional, keywords)
    if name == "has_index":
        table = keywords.get("table_name", positional[0] if positional else None)
        index = keywords.get("index_name", positional[1] if len(positional) > 1 else None)
        found = IndexExists(name_of(index), name_of(table), maybe_name(keywords.get("schema")))
        return Boolean(found)
    kind = _LISTS.get(name)
    if kind is None:
        return Boolean(OpaqueCondition(f"inspector.{name}(…)")) if name.startswith("has_") else None
    if kind in ("table", "enum"):
        schema = keywords.get("schema", positional[0] if positional else None)
        return Existing(kind, "", maybe_name(schema))
    table = keywords.get("table_name", positional[0] if positional else None)
    schema = keywords.get("schema", positional[1] if len(positional) > 1 else None)
    if kind == "primary":
        return Record(Existing(kind, name_of(table), maybe_name(schema)))
    return Existing(kind, name_of(table), maybe_name(schema))


def _has_table(positional: list[Abstract], keywords: dict[str, Abstract]) -> Abstract:
    table = keywords.get("table_name", positional[0] if positional else None)
    schema = keywords.get("schema", positional[1] if len(positional) > 1 else None)
    return Boolean(TableExists(name_of(table), maybe_name(schema)))
