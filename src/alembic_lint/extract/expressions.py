"""SQL expressions built with SQLAlchemy, as the text they compile to by default."""

from __future__ import annotations

import re

from alembic_lint.extract.binding import Signature, bind
from alembic_lint.extract.coercion import as_name, as_sql, misfit
from alembic_lint.extract.sqlalchemy_names import function_name, resolve, words
from alembic_lint.model import (
    Argument,
    Column,
    Name,
    SqlExpression,
    Unknown,
    Unset,
    Value,
)

_WITHOUT_PARENTHESES = {
    "current_date": "CURRENT_DATE",
    "current_time": "CURRENT_TIME",
    "current_timestamp": "CURRENT_TIMESTAMP",
    "current_user": "CURRENT_USER",
    "localtime": "LOCALTIME",
    "localtimestamp": "LOCALTIMESTAMP",
    "session_user": "SESSION_USER",
    "sysdate": "sysdate",
    "user": "USER",
}
"""Functions that SQL calls without parentheses, as SQLAlchemy spells them."""

RESERVED_WORDS = words("""
    all analyse analyze and any array as asc asymmetric authorization between binary both case cast
    check collate column constraint create cross current_date current_role current_time
    current_timestamp current_user default deferrable desc distinct do else end except false for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull
    join leading left like limit localtime localtimestamp natural new not notnull null off offset
    old on only or order outer overlaps placing primary references right select session_user set
    similar some symmetric table then to trailing true union unique user using verbose when where
    """)
"""Column names that SQLAlchemy quotes by default although they are plain."""

_CONSTANTS = {
    "true": "true",
    "True_": "true",
    "false": "false",
    "False_": "false",
    "null": "NULL",
    "Null": "NULL",
}

_ORDERINGS = {
    "asc": " ASC",
    "desc": " DESC",
    "nulls_first": " NULLS FIRST",
    "nullsfirst": " NULLS FIRST",
    "nulls_last": " NULLS LAST",
    "nullslast": " NULLS LAST",
}

_BUILDERS = words("""
    all_ and_ any_ array between bindparam bitwise_not case cast collate distinct exists extract
    funcfilter hstore not_ or_ over tuple_ type_coerce try_cast within_group
    """)
"""Functions that make an expression whose text is not worked out."""

_TEXT_METHODS = frozenset(
    {"bindparams", "columns", "execution_options", "label", "params", "self_group"}
)
"""Methods that leave the text of an expression as it is, where DDL is concerned."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


def construct_expression(name: str, arguments: tuple[Argument, ...]) -> SqlExpression | None:
    r"""The expression that calling `name` makes, or None where it makes none.

    The text of `text()` is as written, its `:name` parameters and `\:` included.
    """
    function = function_name(name)
    if function is not None:
        return _function(function, arguments)
    known = resolve(name)
    if known is None:
        return None
    bound = bind(Signature.of("first, *rest, **keywords"), arguments)
    match known.last:
        case "text" | "literal_column" | "TextClause":
            key = bound.get("text")
            return SqlExpression(as_sql(key if isinstance(key, str) else bound.get("first")))
        case "DDL":
            text = as_sql(bound.get("first"))
            return SqlExpression(text.replace("%%", "%") if isinstance(text, str) else text)
        case "literal":
            return SqlExpression(rendered(bound.get("first")))
        case constant if constant in _CONSTANTS:
            return SqlExpression(_CONSTANTS[constant])
        case ordering if ordering in _ORDERINGS:
            return SqlExpression(_ordered(bound.get("first"), ordering))
        case builder if builder in _BUILDERS:
            return SqlExpression(Unknown(f"the SQL of {builder}() is not worked out"))
        case _:
            return None


def expression_method(value: Value, method: str) -> SqlExpression | None:
    """What a method of an expression or of a column makes, or None where it makes no expression.

    Only what orders or names an element, or leaves its text alone, keeps the text.
    """
    if method in _ORDERINGS:
        return SqlExpression(_ordered(value, method))
    if method in _TEXT_METHODS:
        return SqlExpression(rendered(value))
    return SqlExpression(Unknown(f"the SQL of .{method}() is not worked out"))


def rendered(value: Value | Unset) -> Name:
    """A value inside an expression, as SQLAlchemy renders it with literal values in DDL."""
    match value:
        case SqlExpression(text=text):
            return text
        case Column(name=str(name)):
            return quoted(name)
        case Column(name=name):
            return name
        case Unset.UNSET:
            return Unknown("no value is passed")
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return misfit(value, "a literal")


def quoted(name: str) -> str:
    """A column's name as SQLAlchemy writes it: quoted where it is reserved or not plain."""
    if _PLAIN.match(name) and name not in RESERVED_WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def _ordered(value: Value | Unset, ordering: str) -> Name:
    """An element of an index with its order; a string is the name of a column."""
    text = quoted(value) if isinstance(value, str) else rendered(value)
    return text + _ORDERINGS[ordering] if isinstance(text, str) else text


def _function(name: str, arguments: tuple[Argument, ...]) -> SqlExpression:
    """`sa.func.name(…)`. A string among the arguments is a literal."""
    bound = bind(Signature.of("*args, **keywords"), arguments)
    if not bound.rest_known or any(keyword == "**" for keyword, _ in bound.keywords):
        return SqlExpression(Unknown(f"the arguments of {name}() are not known"))
    texts = [rendered(value) for value in bound.rest]
    for text in texts:
        if isinstance(text, Unknown):
            return SqlExpression(text)
    plain = name.lower()
    if plain == "cast":
        return SqlExpression(Unknown("the SQL of cast() is not worked out"))
    spelled = _WITHOUT_PARENTHESES.get(plain, name)
    if not texts and plain in _WITHOUT_PARENTHESES:
        return SqlExpression(spelled)
    if not texts and plain == "count":
        return SqlExpression("count(*)")
    return SqlExpression(f"{spelled}({', '.join(str(as_name(text)) for text in texts)})")
