"""Calls that do something to the database: each is recorded as the operation that it is."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from alembic_lint.extract import methods, operations
from alembic_lint.extract.choices import alternatives
from alembic_lint.extract.functions import Follower
from alembic_lint.extract.lowering import lower, maybe_name, name_of
from alembic_lint.extract.sql import catalogue_query
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    Connection,
    MigrationContext,
    Passed,
    Rows,
)
from alembic_lint.model import (
    Argument,
    Batch,
    Call,
    CreateEnum,
    CreateTable,
    Direction,
    DropEnum,
    DropTable,
    EnumType,
    FinalName,
    SqlExpression,
    TableValue,
    Unknown,
)

_WITHOUT_EFFECT = ("f", "inline_literal", "get_bind", "get_context", "batch_alter_table")


class Recorder(Follower):
    """Records operations, SQL, and tables and enum types that are made by themselves."""

    def operation(
        self,
        method: str,
        batch: Batch | None,
        passed: tuple[Passed, ...],
        node: cst.Call,
    ) -> Abstract:
        """A call on `op` or on a batch's object."""
        positional, keywords = methods.plain(passed)
        if self.direction is Direction.MODULE and method in _WITHOUT_EFFECT:
            self.opaque(f"op.{method} is called on import", passed, node, ())
        match method:
            case "f":
                name = positional[0] if positional else keywords.get("name", Unknown("no name"))
                return FinalName(name) if isinstance(name, str) else name
            case "inline_literal":
                return SqlExpression(repr(positional[0])) if positional else Unknown("no literal")
            case "get_bind":
                return Connection()
            case "get_context":
                return MigrationContext()
            case "batch_alter_table":
                return self.batch(passed, node)
            case "run_async" if passed:
                given = (Passed(None, Connection()), *passed[1:])
                return self.call(passed[0].value, given, node, self.written(node))
            case _:
                pass
        if method == "execute" and positional and isinstance(positional[0], TableValue):
            return Rows()
        found = alternatives(passed)
        if found is not None:
            condition, first, second = found
            return self.either_way(
                condition,
                self.module.positions.of_header(self.statement),
                lambda: self.operation(method, batch, first, node),
                lambda: self.operation(method, batch, second, node),
            )
        call = Call(
            self.module.text(node.func),
            self.arguments(passed, node, keep_marks=method == "execute"),
        )
        context = self.context if batch is None else replace(self.context, batch=batch)
        made = operations.operation(
            method, call, span=self.span_of(node), direction=self.direction, context=context
        )
        if made is None:
            return Unknown(f"op.{method} is not followed")
        self.record(made)
        if isinstance(made, CreateTable):
            items = made.columns if isinstance(made.columns, tuple) else ()
            return TableValue(made.table, made.schema, tuple(items))
        return Rows() if method == "execute" else None

    def batch(self, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """What `op.batch_alter_table` gives."""
        positional, keywords = methods.plain(passed)
        table = keywords.get("table_name", positional[0] if positional else Unknown("no table"))
        schema = keywords.get("schema", positional[1] if len(positional) > 1 else None)
        rest = tuple(
            (key, lower(value))
            for key, value in keywords.items()
            if key not in ("table_name", "schema")
        )
        span = self.span_of(node)
        return BatchOperations(
            Batch(
                name_of(table),
                maybe_name(schema),
                rest,
                self.next_block(),
                span,
                len(self.context.tries),
            )
        )

    def execute_text(self, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """`bind.execute(…)`: the statement, and what its result tells."""
        self.operation("execute", None, passed[:1], node)
        text = passed[0].value if passed else None
        if isinstance(text, SqlExpression):
            text = text.text
        if isinstance(text, str) and (listed := methods.table_info(text)) is not None:
            return listed
        if not isinstance(text, str):
            return Rows()
        values: dict[str, str] = {}
        for item in passed[1:]:
            given = lower(item.value)
            pairs = given if isinstance(given, tuple) else ()
            for pair in pairs:
                if isinstance(pair, tuple) and len(pair) == 2:
                    key, value = pair
                    if isinstance(key, str) and isinstance(value, str):
                        values[key] = value
        query = catalogue_query(text, self.context.dialects, values)
        if query is None:
            return Rows()
        return Rows(
            query.condition if query.by_row else None,
            query.condition if query.by_value else None,
            query.condition if query.by_null else None,
        )

    def table_ddl(
        self,
        owner: TableValue,
        name: str,
        keywords: dict[str, Abstract],
        passed: tuple[Passed, ...],
        node: cst.Call,
    ) -> Abstract:
        """`Table(…).create(bind)` and `drop`: `checkfirst` is False unless it is turned on."""
        call = Call(self.module.text(node.func), self.arguments(passed, node))
        span, checkfirst = self.span_of(node), lower(_checkfirst(passed, keywords, otherwise=False))
        check = checkfirst if isinstance(checkfirst, bool | Unknown) else Unknown("checkfirst")
        if name == "drop":
            self.record(
                DropTable(
                    span=span, call=call, direction=self.direction, context=self.context,
                    table=owner.name, schema=owner.schema, if_exists=check,
                )
            )  # fmt: skip
            return None
        built = operations.operation(
            "create_table",
            Call(call.name, (Argument(None, "", owner.name), *(
                Argument(None, "", item) for item in owner.items
            ))),
            span=span, direction=self.direction, context=self.context,
        )  # fmt: skip
        if isinstance(built, CreateTable):
            self.record(replace(built, call=call, schema=owner.schema, if_not_exists=check))
        return None

    def enum_ddl(
        self,
        enum: EnumType,
        name: str,
        keywords: dict[str, Abstract],
        passed: tuple[Passed, ...],
        node: cst.Call,
    ) -> Abstract:
        """`ENUM(…).create(bind)`: `checkfirst` is True unless it is turned off.

        For the generic `sa.Enum` it is False unless it is turned on, and where that is no type of
        the database, nothing happens.

        Source: sqlalchemy/dialects/postgresql/named_types.py, `NamedType.create`;
        sqlalchemy/sql/sqltypes.py, `SchemaType.create`.
        """
        if enum.native is False and not enum.postgresql:
            return None
        call = Call(self.module.text(node.func), self.arguments(passed, node))
        checkfirst = lower(_checkfirst(passed, keywords, otherwise=enum.postgresql))
        check = checkfirst if isinstance(checkfirst, bool | Unknown) else Unknown("checkfirst")
        before = self.context
        self.context = replace(
            before, dialects=("postgresql",) if before.dialects is None else before.dialects
        )
        common_span = self.span_of(node)
        if name == "create":
            self.record(
                CreateEnum(
                    span=common_span, call=call, direction=self.direction, context=self.context,
                    enum=enum, if_not_exists=check,
                )
            )  # fmt: skip
        else:
            self.record(
                DropEnum(
                    span=common_span, call=call, direction=self.direction, context=self.context,
                    name=enum.name, schema=enum.schema, if_exists=check,
                )
            )  # fmt: skip
        self.context = before
        return None


def _checkfirst(
    passed: tuple[Passed, ...], keywords: dict[str, Abstract], *, otherwise: bool
) -> Abstract:
    """The second argument of `create(bind, checkfirst)` and `drop`."""
    positional, _ = methods.plain(passed)
    return keywords.get("checkfirst", positional[1] if len(positional) > 1 else otherwise)
