"""Calls: operations are recorded, functions whose source is at hand are followed."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import libcst as cst

from alembic_lint.extract import columns, guards, methods
from alembic_lint.extract.choices import choices, either
from alembic_lint.extract.conditions import negate
from alembic_lint.extract.handlers import caught
from alembic_lint.extract.library import is_foreign
from alembic_lint.extract.lowering import lower, name_of
from alembic_lint.extract.mutation import MUTATORS, mutated
from alembic_lint.extract.operators import CONFIGURED
from alembic_lint.extract.reach import carries_database
from alembic_lint.extract.recording import Recorder
from alembic_lint.extract.row_names import EXECUTES, is_harmless, may_use_op, works_on_rows
from alembic_lint.extract.values import (
    Abstract,
    BatchOperations,
    Block,
    Boolean,
    BoundMethod,
    CallbackStack,
    ClassValue,
    Connection,
    ContextManager,
    Decorated,
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
    Selection,
    Text,
)
from alembic_lint.model import (
    Argument,
    Column,
    ColumnType,
    Condition,
    EnumType,
    Loop,
    OfflineMode,
    Reference,
    SqlExpression,
    Statement,
    TableValue,
    Unknown,
)

_TEXT_FUNCTIONS = {"textwrap.dedent": textwrap.dedent, "inspect.cleandoc": inspect.cleandoc}

_OBJECTS: dict[str, Abstract] = {
    "alembic.op.get_bind": Connection(),
    "alembic.op.get_context": MigrationContext(),
    "alembic.context.get_context": MigrationContext(),
    "alembic.context.get_bind": Connection(),
    "alembic.context.is_offline_mode": Boolean(OfflineMode()),
    "contextlib.nullcontext": Unknown("it does nothing"),
}
_TEXTS = 4
"""Texts that a piece of SQL may be, by conditions."""


class Caller(Recorder):
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
            case Decorated(inner, by):
                return self._call_decorated(inner, by, passed, node, text)
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

    def _call_decorated(
        self,
        function: Abstract,
        by: str,
        passed: tuple[Passed, ...],
        node: cst.Call,
        text: Text,
    ) -> Abstract:
        """A function under a decorator that is not seen: what it does is done any number of times.

        Where something is made of its result, the decorator is taken to give that and do no more.
        """
        if not self.is_alone(node):
            return self.call(function, passed, node, text)
        why = f"the source of the decorator {by} is not at hand"
        self.opaque(why, passed, node)
        before = self.context
        if before.loop is None:
            self.context = replace(before, loop=Loop(f"the calls of {by}", why, self.span_of(node)))
        try:
            self.call(function, passed, node, text)
        finally:
            self.context = before
        return Unknown(why)

    def _call_some(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        return None if function is None else self.call(function, passed, node, text)

    def _call_reference(
        self, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        if name.startswith("alembic.op."):
            return self.operation(name.removeprefix("alembic.op."), None, passed, node)
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
        if name == CONFIGURED and len(passed) > 1:
            return Unknown("an option with a value of its own where it is not set")
        first = passed[0].value if passed else None
        if _takes_sql(name) and isinstance(first, Either) and choices(first) <= _TEXTS:
            ways = [
                self._call_reference(name, (replace(passed[0], value=way), *passed[1:]), node, text)
                for way in (first.then, first.other)
            ]
            return either(first.condition, *ways)
        made = columns.construct(name, _values(passed, keep_marks=_takes_sql(name)))
        if made is not None:
            return replace(made, span=self.span_of(node)) if isinstance(made, Column) else made
        value = self.resolve(name)
        if value is not None and not isinstance(value, Reference):
            return self.call(value, passed, node, text)
        if name == "contextlib.ExitStack":
            return CallbackStack(self.next_block())
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
                    return Inspector(self.next_block())
                return value if isinstance(value, TableValue) else Unknown("an inspected object")
            case ("from_engine", _) if "Inspector" in name or "reflection" in name:
                return Inspector(self.next_block())
            case ("Inspector", _):
                return Inspector(self.next_block())
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

    def _call_method(
        self, owner: Abstract, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        _, keywords = methods.plain(passed)
        match owner, name:
            case (Reference("builtins.super", True), "load_dialect_impl"):
                return self.parent_implementation()
            case (BatchOperations(batch), _):
                return self.operation(name, batch, passed, node)
            case (MigrationContext(), "autocommit_block"):
                return ContextManager(Block.AUTOCOMMIT)
            case (MigrationContext(), "begin_transaction"):
                return Unknown("a transaction")
            case (Connection(), "begin_nested"):
                return ContextManager(Block.SAVEPOINT)
            case (Connection() | MigrationContext(), _) if name in EXECUTES:
                return self.execute_text(passed, node)
            case (Connection(), "run_callable" | "run_sync") if passed:
                return self.call(
                    passed[0].value, (Passed(None, Connection()), *passed[1:]), node, text
                )
            case (Connection(session=True), _):
                return Connection(session=True) if name == "__enter__" else Unknown("an ORM call")
            case (CallbackStack(number), "callback") if passed:
                context = self.context

                def called_back() -> None:
                    self.context = context
                    self.call(passed[0].value, passed[1:], node, text)

                self.callbacks.setdefault(number, []).append(called_back)
                return passed[0].value
            case (CallbackStack(number), "close"):
                self.call_back(number)
                return None
            case (CallbackStack(), "enter_context") if passed and isinstance(
                passed[0].value, BatchOperations
            ):
                return passed[0].value
            case (TableValue(), "create" | "drop"):
                return self.table_ddl(owner, name, keywords, passed, node)
            case (TableValue(), "append_column" | "append_constraint"):
                more = Unknown("it is given columns or constraints one by one")
                if more not in owner.items:
                    self.change(owner, replace(owner, items=(*owner.items, more)))
                return None
            case (ColumnType(enum=EnumType() as enum), "create" | "drop"):
                return self.enum_ddl(enum, name, keywords, passed, node)
            case (_, "create_all" | "drop_all") if _all_tables(keywords.get("tables")):
                for table in _all_tables(keywords["tables"]):
                    checked = {"checkfirst": keywords.get("checkfirst", True)}
                    self.table_ddl(table, name.removesuffix("_all"), checked, passed[:1], node)
                return None
            case (_, "create_all" | "drop_all"):
                self.opaque(f"metadata.{name} works on tables that are not seen", passed, node)
                return None
            case (Reference("sqlalchemy.MetaData"), "reflect"):
                self.change(owner, Reference(methods.REFLECTED, called=True))
                return None
            case (Inspector(), "clear_cache"):
                self.forgotten(owner)
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
        if isinstance(owner, Inspector) and found is not None:
            found = self.inspected(owner, name, found)
        if found is not None:
            return found
        if isinstance(owner, Reference) and is_harmless(owner.name):
            return Reference(f"{owner.name}.{name}", called=True)
        value = lower(owner)
        if not isinstance(value, Unknown | tuple):
            made = columns.method(value, name, _values(passed))
            if made is not None:
                return made
            if isinstance(value, SqlExpression):
                return value
        if isinstance(owner, Reference):
            return self.unseen(f"{owner.name}.{name}", passed, node, of_result=owner.called)
        return self.unseen(name, passed, node)

    def call_back(self, number: int) -> None:
        """Run what a stack has been given to call at its end, the last first."""
        before = self.context
        for callback in reversed(self.callbacks.pop(number, [])):
            callback()
            self.context = before

    def unseen(
        self, name: str, passed: tuple[Passed, ...], node: cst.Call, *, of_result: bool = False
    ) -> Abstract:
        """A call of something whose source is not at hand; see `may_use_op` for `of_result`.

        `op` is there for every module. So what is called for its effect alone may do anything to
        the database, unless it is of a library, or its name tells otherwise.
        """
        values = [item.value for item in passed]
        last = name.rpartition(".")[2]
        condition = guards.helper_condition(last, passed, None)
        if condition is not None:
            return Boolean(condition)
        if is_harmless(name):
            return Reference(name, called=True)
        if name.startswith("builtins."):
            return Unknown(f"{last}() is not followed")
        if carries_database(values):
            self.opaque(
                f"{name} is handed the database and its source is not at hand", passed, node
            )
        elif self.is_alone(node) and _is_of_module(name) and not name.startswith("sqlalchemy."):
            first = values[0] if values else None
            why = f"the source of {name} is not at hand"
            foreign = is_foreign(name)
            named = isinstance(first, str) and first.isidentifier() and not works_on_rows(last)
            if named and not (foreign and of_result):
                self.opaque(why, passed, node, (str(first),))
            elif not foreign and may_use_op(last, of_result=of_result):
                self.opaque(why, passed, node)
        return Reference(name, called=True) if "." in name else Unknown(f"{last}() is not followed")


def _is_of_module(name: str) -> bool:
    """Whether the name of a function is a dotted one, and not some expression that gives it."""
    return "." in name and all(part.isidentifier() for part in name.split("."))


def _values(passed: tuple[Passed, ...], *, keep_marks: bool = False) -> tuple[Argument, ...]:
    """Arguments without their text, for building values."""
    return tuple(
        Argument(item.keyword, "", lower(item.value, keep_marks=keep_marks)) for item in passed
    )


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
