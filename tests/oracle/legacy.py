"""Calls that SQLAlchemy 1.4 took and 2.x refuses, for revisions that were written for it.

They stand in revisions that move data or look something up. What reaches the database is what
SQLAlchemy 1.4 would have sent; none of this makes or changes a table.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import sqlalchemy as sa
import sqlalchemy.ext.declarative
import sqlalchemy.orm
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine.row import Row
from sqlalchemy.orm.decl_api import _declared_attr_common
from sqlalchemy.sql import expression

Method = Callable[..., object]


def accept_old_calls() -> None:
    """Make the installed SQLAlchemy take them."""
    for owner in (sa.Connection, sqlalchemy.orm.Session):
        for name in ("execute", "scalar"):
            setattr(owner, name, _taking_text(getattr(owner, name)))
    for module in (sa, sa.sql, expression, sqlalchemy.orm.query):
        setattr(module, "select", _taking_list(expression.select))  # noqa: B010
    for cls, options in (
        (sa.MetaData, _bound_metadata),
        (sa.Table, _loaded_table),
    ):
        setattr(cls, "__init__", options(cls.__init__))  # noqa: B010
    for module in (sqlalchemy.orm, sqlalchemy.ext.declarative):
        setattr(module, "declarative_base", _unmapped(module.declarative_base))  # noqa: B010
    # Models whose methods are annotated with what they return, which 2.x takes for a mapping.
    setattr(_declared_attr_common, "_collect_return_annotation", _nothing)  # noqa: B010
    for name in ("joinedload", "lazyload", "load_only", "subqueryload"):
        setattr(sqlalchemy.orm, name, _of_names(getattr(sqlalchemy.orm, name)))
    setattr(sqlalchemy.orm.Query, "options", _without_none(sqlalchemy.orm.Query.options))  # noqa: B010
    for kind in vars(psycopg_dialect).values():
        if isinstance(kind, type) and getattr(kind, "render_bind_cast", False) is True:
            setattr(kind, "render_bind_cast", False)  # noqa: B010
    setattr(Row, "__getitem__", _by_name(Row.__getitem__))  # noqa: B010


def _nothing(_self: object) -> None:
    return None


def _taking_text(method: Method) -> Method:
    """Let `execute("SELECT 1")` and `execute(session.query(Model))` pass."""

    @functools.wraps(method)
    def taking(self: object, statement: object, *arguments: object, **options: object) -> object:
        if isinstance(statement, str):
            statement = sa.text(statement)
        elif isinstance(statement, sqlalchemy.orm.Query):
            statement = statement.statement
        return method(self, statement, *arguments, **options)

    return taking


def _taking_list(select: Method) -> Method:
    """Let `select([column], condition)` pass."""

    @functools.wraps(select)
    def taking(*columns: object, **options: object) -> object:
        if not columns or not isinstance(columns[0], list | tuple):
            return select(*columns, **options)
        chosen = select(*columns[0])
        assert isinstance(chosen, sa.Select)
        for condition in (*columns[1:], *options.values()):
            assert isinstance(condition, sa.ColumnElement)
            chosen = chosen.where(condition)
        return chosen

    return taking


def _bound_metadata(method: Method) -> Method:
    """Let `MetaData(bind=connection)` pass."""

    @functools.wraps(method)
    def taking(self: object, *arguments: object, **options: object) -> None:
        bind = options.pop("bind", None)
        if arguments and isinstance(arguments[0], sa.Connection | sa.Engine):
            bind, arguments = arguments[0], arguments[1:]
        method(self, *arguments, **options)
        setattr(self, "bind", bind)  # noqa: B010

    return taking


def _loaded_table(method: Method) -> Method:
    """Let `Table("t", MetaData(bind=connection), autoload=True)` pass."""

    @functools.wraps(method)
    def taking(
        self: object, name: object, metadata: object, *arguments: object, **options: object
    ) -> None:
        if options.pop("autoload", False) and "autoload_with" not in options:
            options["autoload_with"] = getattr(metadata, "bind", None)
        method(self, name, metadata, *arguments, **options)

    return taking


def _unmapped(method: Method) -> Method:
    """Let models have annotations that are no `Mapped[...]`."""

    @functools.wraps(method)
    def taking(*arguments: object, **options: object) -> object:
        base = method(*arguments, **options)
        setattr(base, "__allow_unmapped__", True)  # noqa: B010
        return base

    return taking


def _of_names(method: Method) -> Method:
    """Let `load_only("column")` pass, which only saves time: it is None, and does nothing."""

    @functools.wraps(method)
    def taking(*attributes: object, **options: object) -> object:
        if any(isinstance(item, str) for item in attributes):
            return None
        return method(*attributes, **options)

    return taking


def _without_none(method: Method) -> Method:
    @functools.wraps(method)
    def taking(self: object, *options: object) -> object:
        return method(self, *(item for item in options if item is not None))

    return taking


def _by_name(method: Method) -> Method:
    """Let `row["column"]` pass."""

    @functools.wraps(method)
    def taking(self: Row[tuple[object, ...]], key: object) -> object:
        return self._mapping[key] if isinstance(key, str) else method(self, key)

    return taking
