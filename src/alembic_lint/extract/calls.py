"""Calls: operations are recorded, functions whose source is at hand are followed."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import libcst as cst

from alembic_lint.extract import columns, guards, methods, operations
from alembic_lint.extract.choices import alternatives, either
from alembic_lint.extract.conditions import negate
from alembic_lint.extract.functions import Follower
from alembic_lint.extract.handlers import caught
from alembic_lint.extract.lowering import lower, maybe_name, name_of
from alembic_lint.extract.mutation import MUTATORS, mutated
from alembic_lint.extract.reach import carries_database
from alembic_lint.extract.sql import catalogue_query
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    Block,
    Boolean,
    BoundMethod,
    ClassValue,
    Connection,
    ContextManager,
    Either,
    Existing,
    FunctionValue,
    Inspector,
    Items,
    MigrationContext,
    ModuleValue,
    Pairs,
    PartialCall,
    Passed,
    Rows,
    Selection,
    Text,
)
from alembic_lint.model import (
    Argument,
    Batch,
    Call,
    Column,
    ColumnType,
    Condition,
    CreateEnum,
    CreateTable,
    Direction,
    DropEnum,
    DropTable,
    EnumType,
    OfflineMode,
    Reference,
    SqlExpression,
    Statement,
    TableValue,
    Unknown,
)

_EXECUTES = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "executemany"})
_TEXT_FUNCTIONS = {"textwrap.dedent": textwrap.dedent, "inspect.cleandoc": inspect.cleandoc}

_OBJECTS: dict[str, Abstract] = {
    "alembic.op.get_bind": Connection(),
    "alembic.op.get_context": MigrationContext(),
    "alembic.context.get_context": MigrationContext(),
    "alembic.context.get_bind": Connection(),
    "alembic.context.is_offline_mode": Boolean(OfflineMode()),
    "contextlib.nullcontext": Unknown("it does nothing"),
}
_WITHOUT_EFFECT = ("f", "inline_literal", "get_bind", "get_context", "batch_alter_table")
_VERBS = (
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


class Caller(Follower):
    """Records what calls do to the database."""

    def call(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        """What a call returns; its operations are recorded."""
        match function:
            case Either(condition, then, other):
                return self._call_either(condition, then, other, passed, node, text)
            case FunctionValue():
                return self.follow(function, passed, node)
            case PartialCall(inner, first):
                return self.call(inner, (*first, *passed), node, text)
            case ClassValue():
                return self._make(function, passed, node)
            case BoundMethod(owner, name):
                return self._call_method(owner, name, passed, node, text)
            case Reference(name, False):
                return self._call_reference(name, passed, node, text)
            case ModuleValue() | None:
                return Unknown("it cannot be called")
            case _:
                return self.unseen(self.module.text(node.func), passed, node)

    def _call_either(
        self,
        condition: Condition,
        then: Abstract,
        other: Abstract,
        passed: tuple[Passed, ...],
        node: cst.Call,
        text: Text,
    ) -> Abstract:
        span = self.span_of(node)
        opposite = negate(condition)
        first = self.guarded(condition, span, lambda: self._call_some(then, passed, node, text))
        if isinstance(opposite, bool):
            return first
        second = self.guarded(opposite, span, lambda: self._call_some(other, passed, node, text))
        return either(condition, first, second)

    def _call_some(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        return None if function is None else self.call(function, passed, node, text)

    def _call_reference(
        self, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        if name.startswith("alembic.op."):
            return self._operation(name.removeprefix("alembic.op."), None, passed, node)
        if name in _OBJECTS:
            return _OBJECTS[name]
        positional, _ = methods.plain(passed)
        if name == "importlib.import_module" and positional and isinstance(positional[0], str):
            return Reference(positional[0])
        if name in _TEXT_FUNCTIONS and positional and isinstance(positional[0], str):
            return _TEXT_FUNCTIONS[name](positional[0])
        if name.startswith(("sqlalchemy.", "flask_sqlalchemy.", "oslo_db.")):
            found = self._sqlalchemy(name, positional)
            if found is not None:
                return found
        made = columns.construct(name, _values(passed, keep_marks=_takes_sql(name)))
        if made is not None:
            return replace(made, span=self.span_of(node)) if isinstance(made, Column) else made
        value = self.resolve(name)
        if value is not None and not isinstance(value, Reference):
            return self.call(value, passed, node, text)
        if name == "contextlib.suppress":
            return ContextManager(
                Block.SUPPRESS,
                tuple(
                    name
                    for item in passed
                    if item.node is not None
                    for name in caught(item.value, self.module.text(item.node))
                ),
            )
        if name.rpartition(".")[2] in ("Session", "scoped_session", "AsyncSession"):
            return Connection(session=True)
        return self.unseen(name, passed, node)

    def _sqlalchemy(self, name: str, positional: list[Abstract]) -> Abstract | None:
        last = name.rpartition(".")[2]
        match last, positional:
            case ("inspect", [value, *_]):
                if isinstance(value, Connection | MigrationContext | Unknown):
                    return Inspector()
                return value if isinstance(value, TableValue) else Unknown("an inspected object")
            case ("from_engine", _) if "Inspector" in name or "reflection" in name:
                return Inspector()
            case ("Inspector", _):
                return Inspector()
            case ("sessionmaker" | "scoped_session", _):
                return PartialCall(Reference("sqlalchemy.orm.Session"), ())
            case ("Session" | "AsyncSession", _):
                return Connection(session=True)
            case ("create_engine" | "engine_from_config", _):
                return Unknown("it is another engine")
            case ("update" | "insert" | "delete", [target, *_]):
                table = self.table_of(target) if isinstance(target, ClassValue) else target
                schema = table.schema if isinstance(table, TableValue) else None
                sql = Unknown("a statement built with SQLAlchemy")
                return Statement(last.upper(), sql, tables=((schema, name_of(table)),))
            case ("select", _):
                return Statement("SELECT", Unknown("a statement built with SQLAlchemy"))
            case ("MetaData", _):
                return Reference("sqlalchemy.MetaData", called=True)
            case ("DDL", [str(sql), *_]):
                return SqlExpression(sql)
            case ("CreateSequence" | "DropSequence" | "CreateSchema", _):
                kind = "CREATE" if last.startswith("Create") else "DROP"
                thing = last.removeprefix("Create").removeprefix("Drop").upper()
                return Statement(
                    f"{kind} {thing}", Unknown("a statement built with SQLAlchemy"), complete=False
                )
            case ("union" | "union_all" | "intersect" | "except_", _):
                return Statement("SELECT", Unknown("a statement built with SQLAlchemy"))
            case _:
                return None

    def _operation(
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
                return positional[0] if positional else keywords.get("name", Unknown("no name"))
            case "inline_literal":
                return SqlExpression(repr(positional[0])) if positional else Unknown("no literal")
            case "get_bind":
                return Connection()
            case "get_context":
                return MigrationContext()
            case "batch_alter_table":
                return self._batch(passed, node)
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
                lambda: self._operation(method, batch, first, node),
                lambda: self._operation(method, batch, second, node),
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

    def _batch(self, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
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

    def _call_method(
        self, owner: Abstract, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        _, keywords = methods.plain(passed)
        match owner, name:
            case (BatchOperations(batch), _):
                return self._operation(name, batch, passed, node)
            case (MigrationContext(), "autocommit_block"):
                return ContextManager(Block.AUTOCOMMIT)
            case (MigrationContext(), "begin_transaction"):
                return Unknown("a transaction")
            case (Connection(), "begin_nested"):
                return ContextManager(Block.SAVEPOINT)
            case (Connection() | MigrationContext(), _) if name in _EXECUTES:
                return self._execute(passed, node)
            case (Connection(), "run_callable" | "run_sync") if passed:
                return self.call(
                    passed[0].value, (Passed(None, Connection()), *passed[1:]), node, text
                )
            case (Connection(session=True), _):
                return Connection(session=True) if name == "__enter__" else Unknown("an ORM call")
            case (TableValue(), "create" | "drop"):
                return self._table_ddl(owner, name, keywords, passed, node)
            case (TableValue(), "append_column" | "append_constraint"):
                more = Unknown("it is given columns or constraints one by one")
                if more not in owner.items:
                    self.change(owner, replace(owner, items=(*owner.items, more)))
                return None
            case (ColumnType(enum=EnumType() as enum), "create" | "drop"):
                return self._enum_ddl(enum, name, keywords, passed, node)
            case (_, "create_all" | "drop_all") if _all_tables(keywords.get("tables")):
                for table in _all_tables(keywords["tables"]):
                    checked = {"checkfirst": keywords.get("checkfirst", True)}
                    self._table_ddl(table, name.removesuffix("_all"), checked, passed[:1], node)
                return None
            case (_, "create_all" | "drop_all"):
                self.opaque(f"metadata.{name} works on tables that are not seen", passed, node)
                return None
            case (Reference("sqlalchemy.MetaData"), "reflect"):
                self.change(owner, Reference(methods.REFLECTED, called=True))
                return None
            case (_, "reflect" | "prepare"):
                return Unknown("it is reflected")
            case (Either(condition, then, other), _):
                return self._call_either(
                    condition, BoundMethod(then, name), BoundMethod(other, name), passed, node, text
                )
            case _:
                pass
        if name in MUTATORS and isinstance(owner, Items | Pairs | Existing | Selection):
            positional, keywords = methods.plain(passed)
            changed, result = mutated(owner, name, positional, keywords)
            self.change(owner, changed)
            return result
        found = methods.call(owner, name, passed, text)
        if found is not None:
            return found
        if isinstance(owner, Reference) and _harmless(owner.name):
            return Reference(f"{owner.name}.{name}", called=True)
        value = lower(owner)
        if not isinstance(value, Unknown | tuple):
            made = columns.method(value, name, _values(passed))
            if made is not None:
                return made
            if isinstance(value, SqlExpression):
                return value
        return self.unseen(name, passed, node)

    def _execute(self, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """`bind.execute(…)`: the statement, and what its result tells."""
        self._operation("execute", None, passed[:1], node)
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

    def _table_ddl(
        self,
        owner: TableValue,
        name: str,
        keywords: dict[str, Abstract],
        passed: tuple[Passed, ...],
        node: cst.Call,
    ) -> Abstract:
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

    def _enum_ddl(
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

    def unseen(self, name: str, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """A call of something whose source is not at hand."""
        values = [item.value for item in passed]
        last = name.rpartition(".")[2]
        condition = guards.helper_condition(last, passed, None)
        if condition is not None:
            return Boolean(condition)
        if _harmless(name):
            return Reference(name, called=True)
        if name.startswith("builtins."):
            return Unknown(f"{last}() is not followed")
        if carries_database(values):
            self.opaque(
                f"{name} is handed the database and its source is not at hand", passed, node
            )
        elif any(verb in last.lower() for verb in _VERBS) and not name.startswith("sqlalchemy."):
            first = values[0] if values else None
            alone = isinstance(self.statement, cst.Expr) and self.statement.value is node
            if alone and isinstance(first, str) and first.isidentifier() and "." in name:
                self.opaque(f"the source of {name} is not at hand", passed, node, (first,))
        return Reference(name, called=True) if "." in name else Unknown(f"{last}() is not followed")


def _values(passed: tuple[Passed, ...], *, keep_marks: bool = False) -> tuple[Argument, ...]:
    """Arguments without their text, for building values."""
    return tuple(
        Argument(item.keyword, "", lower(item.value, keep_marks=keep_marks)) for item in passed
    )


def _checkfirst(
    passed: tuple[Passed, ...], keywords: dict[str, Abstract], *, otherwise: bool
) -> Abstract:
    """The second argument of `create(bind, checkfirst)` and `drop`."""
    positional, _ = methods.plain(passed)
    return keywords.get("checkfirst", positional[1] if len(positional) > 1 else otherwise)


def _all_tables(value: Abstract) -> tuple[TableValue, ...]:
    """The tables of a list of nothing else; none for anything else."""
    items = value if isinstance(value, tuple) else ()
    tables = tuple(item for item in items if isinstance(item, TableValue))
    return tables if len(tables) == len(items) else ()


def _takes_sql(name: str) -> bool:
    return name.startswith("sqlalchemy.") and name.rpartition(".")[2] in (
        "text",
        "DDL",
        "literal_column",
    )


def _harmless(name: str) -> bool:
    """Libraries that never touch the database by themselves."""
    return name.partition(".")[0] in (
        "logging", "os", "sys", "re", "json", "time", "datetime", "uuid", "warnings", "textwrap",
        "itertools", "collections", "functools", "pathlib", "typing", "math", "random", "string",
        "hashlib", "enum", "copy", "operator", "click", "inspect",
    )  # fmt: skip
