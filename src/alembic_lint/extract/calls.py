"""Calls: operations are recorded, functions whose source is at hand are followed."""

from __future__ import annotations

import builtins
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import libcst as cst

from alembic_lint.extract import columns, guards, methods, operations
from alembic_lint.extract.conditions import Truth, conjunction, narrowed, negate
from alembic_lint.extract.evaluate import Evaluator, Exhausted
from alembic_lint.extract.library import Library, absolute_module
from alembic_lint.extract.scope import Module, Scope, imported_name
from alembic_lint.extract.sql import catalogue_condition
from alembic_lint.extract.trees import own_nodes
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
    FunctionValue,
    GeneratorCall,
    Inspector,
    Instance,
    MigrationContext,
    ModuleValue,
    Pairs,
    PartialCall,
    Passed,
    Rows,
    Text,
    carries_database,
    either,
    lower,
    maybe_name,
    name_of,
)
from alembic_lint.model import (
    Argument,
    Batch,
    Call,
    Column,
    ColumnExists,
    ColumnType,
    Condition,
    ConstraintExists,
    Context,
    CreateEnum,
    CreateTable,
    Direction,
    DropEnum,
    DropTable,
    EnumExists,
    EnumType,
    ExistenceHelper,
    Guard,
    IndexExists,
    Not,
    OfflineMode,
    Opaque,
    OpaqueCondition,
    Operation,
    Reference,
    SqlExpression,
    Statement,
    TableExists,
    TableValue,
    Unknown,
    Via,
)
from alembic_lint.source import Span

SHARE = 1_500
"""Steps. A call may take a third of what is left, or this many."""

CALL_DEPTH = 12
"""Calls within calls. Real helpers need three or four."""

_EXECUTES = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "executemany"})
_OBJECTS: dict[str, Abstract] = {
    "alembic.op.get_bind": Connection(),
    "alembic.op.get_context": MigrationContext(),
    "alembic.context.get_context": MigrationContext(),
    "alembic.context.get_bind": Connection(),
    "alembic.context.is_offline_mode": Boolean(OfflineMode()),
    "contextlib.nullcontext": Unknown("it does nothing"),
}
_DATABASE_MODULES = ("sqlalchemy.", "alembic.", "flask.", "oslo_db.")
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


@dataclass(slots=True)
class Frame:
    """One function call that is being followed."""

    function: FunctionValue | None
    guards: int
    returns: list[tuple[Truth, Abstract]] = field(default_factory=list)
    yields: list[Abstract] = field(default_factory=list)
    at_yield: Callable[[Abstract], None] | None = None


class Caller(Evaluator):
    """Records what calls do to the database."""

    def __init__(self, module: Module, library: Library, steps: int) -> None:
        self.revision = module
        self.module = module
        self.scope = module.scope
        self.library = library
        self.steps = steps
        self.depth = 0
        self.statement = module.tree
        self.context = Context()
        self.direction = Direction.MODULE
        self.recorded: list[Operation] = []
        self.helpers: dict[str, ExistenceHelper] = {}
        self.frames: list[Frame] = []
        self.anchor: Span | None = None
        self.blocks = 0
        self.generators: dict[cst.CSTNode, bool] = {}
        self.changes: dict[cst.CSTNode, list[str]] = {}

    @abstractmethod
    def run(self, body: cst.BaseSuite | cst.Module) -> None:
        """Execute a body in the current frame."""

    @abstractmethod
    def define(self, statement: cst.BaseStatement | cst.BaseSmallStatement, name: str) -> None:
        """Bind the names of one module-level statement."""

    @abstractmethod
    def is_generator(self, node: cst.FunctionDef) -> bool:
        """Whether a function has a `yield`."""

    # Names

    def look_up(self, name: str) -> Abstract:
        """The value of a name where the evaluation stands."""
        if self.scope.holds(name):
            return self.scope.find(name)
        found = self.module_name(self.module, name)
        return Reference(f"builtins.{name}") if found is None else found

    def module_name(self, module: Module, name: str) -> Abstract | None:
        """A module-level name, read when it is first asked for; Python's None where unbound."""
        if name == "__name__":
            return module.name or "revision"
        if name not in module.scope.names and name in module.definitions:
            if name in module.pending:
                return Unknown(f"{name} is defined by itself")
            module.pending.add(name)
            try:
                self.within(module, lambda: self.define(module.definitions[name], name))
            finally:
                module.pending.discard(name)
        if name in module.scope.names:
            value = module.scope.names[name]
            return value
        for star in module.stars:
            other = self.library.load(star)
            if other is not None and other is not module:
                found = self.module_name(other, name)
                if found is not None:
                    return found
            elif other is None and star.startswith(_DATABASE_MODULES) and not _is_builtin(name):
                return Reference(f"{star}.{name}")
        return None

    def within(self, module: Module, action: Callable[[], None]) -> None:
        """Do something at the level of a module, recording nothing."""
        before = (self.module, self.scope, self.statement, self.recorded, self.context)
        self.module, self.scope, self.recorded = module, module.scope, []
        self.frames.append(Frame(None, 0))
        try:
            action()
        finally:
            self.frames.pop()
            self.module, self.scope, self.statement, self.recorded, self.context = before

    def resolve(self, name: str) -> Abstract | None:
        """The value of a dotted name of the project's own modules, or Python's None."""
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            module = self.library.load(".".join(parts[:cut]))
            if module is None:
                continue
            value: Abstract = ModuleValue(module)
            for part in parts[cut:]:
                found: Abstract | None = None
                if isinstance(value, ModuleValue | ClassValue):
                    found = self.member(value, part)
                if found is None:
                    return None
                value = found
            if isinstance(value, Reference) and value.name != name and not value.called:
                return self.resolve(value.name) or value
            return value
        return None

    def member(self, owner: ClassValue | Instance | ModuleValue, name: str) -> Abstract | None:
        """An attribute of a class or module whose source is at hand, or Python's None."""
        if isinstance(owner, Instance):
            if name in owner.attributes:
                return owner.attributes[name]
            found = self.member(owner.of, name)
            return replace(found, bound=owner) if isinstance(found, FunctionValue) else found
        if isinstance(owner, ModuleValue):
            found = self.module_name(owner.module, name)
            if found is None and owner.module.name is not None:
                inner = self.library.load(f"{owner.module.name}.{name}")
                return None if inner is None else ModuleValue(inner)
            return found
        if name == "__table__":
            return self.table_of(owner)
        return self.class_member(owner, name, 0)

    def class_member(self, owner: ClassValue, name: str, level: int) -> Abstract | None:
        """An attribute from a class body, or from its bases."""
        for statement in owner.node.body.body:
            match statement:
                case cst.FunctionDef(name=cst.Name(value=found)) if found == name:
                    return FunctionValue(name, statement, owner.module, owner.scope)
                case cst.SimpleStatementLine(body=smalls):
                    for small in smalls:
                        node = _assigned(small, name)
                        if node is not None:
                            return self.elsewhere(owner.module, owner.scope, node)
                case _:
                    pass
        if level < 5:
            for base in owner.node.bases:
                value = self.elsewhere(owner.module, owner.scope, base.value)
                if isinstance(value, Reference):
                    value = self.resolve(value.name) or value
                if isinstance(value, ClassValue):
                    inherited = self.class_member(value, name, level + 1)
                    if inherited is not None:
                        return inherited
        return None

    def elsewhere(self, module: Module, scope: Scope, node: cst.BaseExpression) -> Abstract:
        """Evaluate an expression in another scope, recording nothing."""
        before = (self.module, self.scope, self.recorded)
        self.module, self.scope, self.recorded = module, scope, []
        try:
            return self.evaluate(node)
        finally:
            self.module, self.scope, self.recorded = before

    def table_of(self, owner: ClassValue) -> Abstract:
        """The table of a mapped class."""
        name = self.class_member(owner, "__tablename__", 0)
        if name is None:
            return Unknown("the class has no __tablename__")
        items: list[Abstract] = []
        for statement in owner.node.body.body:
            if not isinstance(statement, cst.SimpleStatementLine):
                continue
            for small in statement.body:
                if isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Name):
                    value = self.elsewhere(owner.module, owner.scope, small.value)
                    if isinstance(value, Column):
                        if isinstance(value.name, Unknown):
                            value = replace(value, name=small.targets[0].target.value)
                        items.append(value)
        arguments = self.class_member(owner, "__table_args__", 0)
        schema = None
        if isinstance(arguments, tuple):
            items.extend(arguments)
        return TableValue(name_of(name), schema, tuple(lower(item) for item in items))

    def import_names(self, node: cst.Import | cst.ImportFrom) -> None:
        """Bind the names of an import statement."""
        if isinstance(node, cst.Import):
            for alias in node.names:
                whole = alias.evaluated_name
                name = imported_name(alias)
                self.scope.names[name] = Reference(whole if alias.evaluated_alias else name)
        elif not isinstance(node.names, cst.ImportStar):
            base = absolute_module(self.module, node)
            for alias in node.names:
                value = Reference(
                    f"{base}.{alias.evaluated_name}" if base else alias.evaluated_name
                )
                self.scope.names[imported_name(alias)] = value

    # Conditions around operations

    def guarded(self, condition: Condition, span: Span, then: Callable[[], Abstract]) -> Abstract:
        """Evaluate something that happens only where a condition holds."""
        before = self.context
        if not self.enter(condition, span, self.next_block()):
            self.context = before
            return Unknown("it is never reached")
        try:
            return then()
        finally:
            self.context = before

    def next_block(self) -> int:
        """A number for one more evaluation of a condition."""
        self.blocks += 1
        return self.blocks

    def enter(self, condition: Condition, span: Span, block: int) -> bool:
        """Add a guard to the context; False where no dialect is left for which it could hold."""
        here = self.anchor if self.module is not self.revision and self.anchor else span
        dialects = narrowed(self.context.dialects, condition)
        self.context = replace(
            self.context,
            guards=(*self.context.guards, Guard(condition, block, here)),
            dialects=dialects,
        )
        return dialects != ()

    def path(self) -> Truth:
        """The condition under which the current function has got here."""
        base = self.frames[-1].guards if self.frames else 0
        return conjunction(guard.condition for guard in self.context.guards[base:])

    def yielded(self, value: Abstract) -> None:
        """A generator gives a value."""
        if not self.frames:
            return
        frame = self.frames[-1]
        frame.yields.append(value)
        if frame.at_yield is not None:
            action, frame.at_yield = frame.at_yield, None
            action(value)

    # Calls

    def span_of(self, node: cst.CSTNode) -> Span:
        """Where a call is reported: in the revision's own file."""
        if self.module is not self.revision and self.anchor is not None:
            return self.anchor
        return self.module.positions.of_expression(node, self.statement)

    def call(
        self, function: Abstract, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        """What a call returns; its operations are recorded."""
        match function:
            case Either(condition, then, other):
                return self._call_either(condition, then, other, passed, node, text)
            case FunctionValue():
                return self.follow(function, passed, node, text)
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
                return self._unseen(self.module.text(node.func), passed, node)

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

    def _make(self, owner: ClassValue, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """An object: what `__init__` sets, or the fields of a dataclass."""
        made = Instance(owner)
        start = self.class_member(owner, "__init__", 0)
        if isinstance(start, FunctionValue):
            self.invoke(replace(start, bound=made), passed, node)
            return made
        positional, keywords = methods.plain(passed)
        fields = [
            small.target.value
            for statement in owner.node.body.body
            if isinstance(statement, cst.SimpleStatementLine)
            for small in statement.body
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name)
        ]
        made.attributes.update(zip(fields, positional, strict=False))
        made.attributes.update(keywords)
        return made

    def _call_reference(
        self, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        if name.startswith("alembic.op."):
            return self._operation(name.removeprefix("alembic.op."), None, passed, node)
        if name in _OBJECTS:
            return _OBJECTS[name]
        positional, keywords = methods.plain(passed)
        if name.startswith("sqlalchemy.") or name.startswith(("flask_sqlalchemy.", "oslo_db.")):
            found = self._sqlalchemy(name, positional, keywords, passed)
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
                tuple(self.module.text(item.node) for item in passed if item.node is not None),
            )
        if name.rpartition(".")[2] in ("Session", "scoped_session", "AsyncSession"):
            return Connection(session=True)
        return self._unseen(name, passed, node)

    def _sqlalchemy(
        self,
        name: str,
        positional: list[Abstract],
        keywords: dict[str, Abstract],
        passed: tuple[Passed, ...],
    ) -> Abstract | None:
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
            case ("update" | "insert" | "delete", [TableValue(table, schema), *_]):
                sql = Unknown("a statement built with SQLAlchemy")
                return Statement(last.upper(), sql, tables=((schema, table),))
            case ("update" | "insert" | "delete", [ClassValue() as owner, *_]):
                table_value = self.table_of(owner)
                named = table_value.name if isinstance(table_value, TableValue) else Unknown("")
                sql = Unknown("a statement built with SQLAlchemy")
                return Statement(last.upper(), sql, tables=((None, named),))
            case ("select", _):
                return Statement("SELECT", Unknown("a statement built with SQLAlchemy"))
            case ("MetaData", _):
                return Reference("sqlalchemy.MetaData", called=True)
            case ("DDL", [str(sql), *_]):
                return SqlExpression(sql)
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
            case "run_async":
                return self._unseen("op.run_async", passed, node)
            case _:
                pass
        if method == "execute" and positional and isinstance(positional[0], TableValue):
            return Rows()
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
        self.recorded.append(made)
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
            Batch(name_of(table), maybe_name(schema), rest, self.next_block(), span)
        )

    def _call_method(
        self, owner: Abstract, name: str, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        positional, keywords = methods.plain(passed)
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
            case (ColumnType(enum=EnumType() as enum), "create" | "drop"):
                return self._enum_ddl(enum, name, keywords, passed, node)
            case (_, "create_all" | "drop_all"):
                self.opaque(f"metadata.{name} works on tables that are not seen", passed, node)
                return None
            case (_, "reflect" | "prepare"):
                return Unknown("it is reflected")
            case (Either(condition, then, other), _):
                return self._call_either(
                    condition, BoundMethod(then, name), BoundMethod(other, name), passed, node, text
                )
            case _:
                pass
        found = methods.call(owner, name, passed, text)
        if found is not None:
            return found
        value = lower(owner)
        if not isinstance(value, Unknown | tuple):
            made = columns.method(value, name, _values(passed))
            if made is not None:
                return made
            if isinstance(value, SqlExpression):
                return value
        return self._unseen(name, passed, node)

    def _execute(self, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """`bind.execute(…)`: the statement, and what its result tells."""
        self._operation("execute", None, passed[:1], node)
        text = passed[0].value if passed else None
        if isinstance(text, SqlExpression):
            text = text.text
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
        return Rows(catalogue_condition(text, self.context.dialects, values))

    def _table_ddl(
        self,
        owner: TableValue,
        name: str,
        keywords: dict[str, Abstract],
        passed: tuple[Passed, ...],
        node: cst.Call,
    ) -> Abstract:
        call = Call(self.module.text(node.func), self.arguments(passed, node))
        span, checkfirst = self.span_of(node), lower(keywords.get("checkfirst", False))
        check = checkfirst if isinstance(checkfirst, bool | Unknown) else Unknown("checkfirst")
        if name == "drop":
            self.recorded.append(
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
            self.recorded.append(
                replace(built, call=call, schema=owner.schema, if_not_exists=check)
            )
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

        Source: sqlalchemy/dialects/postgresql/named_types.py, `NamedType.create`.
        """
        call = Call(self.module.text(node.func), self.arguments(passed, node))
        checkfirst = lower(keywords.get("checkfirst", True))
        check = checkfirst if isinstance(checkfirst, bool | Unknown) else Unknown("checkfirst")
        before = self.context
        self.context = replace(
            before, dialects=("postgresql",) if before.dialects is None else before.dialects
        )
        common_span = self.span_of(node)
        if name == "create":
            self.recorded.append(
                CreateEnum(
                    span=common_span, call=call, direction=self.direction, context=self.context,
                    enum=enum, if_not_exists=check,
                )
            )  # fmt: skip
        else:
            self.recorded.append(
                DropEnum(
                    span=common_span, call=call, direction=self.direction, context=self.context,
                    name=enum.name, schema=enum.schema, if_exists=check,
                )
            )  # fmt: skip
        self.context = before
        return None

    # Functions

    def follow(
        self, function: FunctionValue, passed: tuple[Passed, ...], node: cst.Call, text: Text
    ) -> Abstract:
        """Call a function whose source is at hand."""
        if function.context_manager:
            return GeneratorCall(function, passed)
        running = any(
            frame.function is not None and frame.function.node is function.node
            for frame in self.frames
        )
        if running or len(self.frames) > CALL_DEPTH:
            return self._unseen(function.name, passed, node)
        before = len(self.recorded)
        whole, share = self.steps, max(self.steps // 3, SHARE)
        self.steps = min(share, whole)
        try:
            result = self.invoke(function, passed, node)
        except Exhausted:
            if len(self.recorded) > before or carries_database(item.value for item in passed):
                self.opaque(f"following {function.name} takes too many steps", passed, node)
            return Unknown(f"following {function.name} takes too many steps")
        finally:
            self.steps += whole - min(share, whole)
        if isinstance(function.node, cst.FunctionDef):
            parameters = tuple(parameter.name.value for parameter in function.node.params.params)
            if isinstance(result, Unknown | Rows | Either) or _opaque(result):
                condition = guards.helper_condition(function.name, passed, parameters)
                if condition is not None and len(self.recorded) == before:
                    result = Boolean(condition)
            self._note_helper(function, result)
        return result

    def invoke(
        self,
        function: FunctionValue,
        passed: tuple[Passed, ...],
        node: cst.Call | None,
        at_yield: Callable[[Abstract], None] | None = None,
    ) -> Abstract:
        """Run a function's body with its arguments bound."""
        self.tick()
        scope = Scope({}, function.scope)
        caller_module, caller_scope, caller_statement = self.module, self.scope, self.statement
        context, anchor = self.context, self.anchor
        if node is not None:
            span = self.span_of(node)
            if self.module is self.revision:
                self.anchor = span
            via = Via(function.name, caller_module.path, self._own_span(node))
            self.context = replace(context, via=(*context.via, via))
        frame = Frame(function, len(context.guards), at_yield=at_yield)
        self._bind_parameters(function, passed, scope)
        self.module, self.scope = function.module, scope
        self.frames.append(frame)
        try:
            if isinstance(function.node, cst.Lambda):
                self.statement = caller_statement
                return self.evaluate(function.node.body)
            self.run(function.node.body)
        finally:
            self.frames.pop()
            self.module, self.scope, self.statement = caller_module, caller_scope, caller_statement
            self.context, self.anchor = context, anchor
        if at_yield is None and self.is_generator(function.node):
            return tuple(frame.yields)
        result: Abstract = None
        for condition, value in reversed(frame.returns):
            result = either(condition, value, result)
        return result

    def _own_span(self, node: cst.Call) -> Span:
        return self.module.positions.of_expression(node, self.statement)

    def _bind_parameters(
        self, function: FunctionValue, passed: tuple[Passed, ...], scope: Scope
    ) -> None:
        parameters = function.node.params
        positional, keywords = methods.plain(passed)
        if function.bound is not None:
            positional.insert(0, function.bound)
        unknown_star = any(
            item.keyword in ("*", "**") and not isinstance(item.value, tuple) for item in passed
        )
        ordered = [*parameters.posonly_params, *parameters.params]
        before = (self.module, self.scope)
        for index, parameter in enumerate((*ordered, *parameters.kwonly_params)):
            name = parameter.name.value
            if index < len(ordered) and index < len(positional):
                scope.names[name] = positional[index]
            elif name in keywords:
                scope.names[name] = keywords.pop(name)
            elif parameter.default is not None and not unknown_star:
                self.module, self.scope = function.module, function.scope
                scope.names[name] = self.evaluate(parameter.default)
                self.module, self.scope = before
            else:
                scope.names[name] = Unknown(f"{name} is a parameter of {function.name}")
        if isinstance(parameters.star_arg, cst.Param):
            scope.names[parameters.star_arg.name.value] = tuple(positional[len(ordered) :])
        if parameters.star_kwarg is not None:
            from_call = tuple(keywords.items())
            scope.names[parameters.star_kwarg.name.value] = _pairs(from_call)

    def _note_helper(self, function: FunctionValue, result: Abstract) -> None:
        """Remember a local function that tells whether something exists."""
        node = function.node
        if function.module is not self.revision or not isinstance(node, cst.FunctionDef):
            return
        predicate = _predicate(result)
        if predicate is None or function.name in self.helpers:
            return
        positions = self.revision.positions
        swallows, answer = None, ""
        for inner in _tries(node.body):
            for handler in inner.handlers:
                kind = "" if handler.type is None else self.revision.text(handler.type)
                if kind.rpartition(".")[2] in ("", "Exception", "BaseException"):
                    if _raises(handler):
                        continue
                    swallows = positions.of_header(handler)
                    given = _answer(handler)
                    answer = "" if given is None else self.revision.text(given)
        self.helpers[function.name] = ExistenceHelper(
            function.name, predicate, positions.of_name(node), swallows, answer
        )

    # What is not seen

    def _unseen(self, name: str, passed: tuple[Passed, ...], node: cst.Call) -> Abstract:
        """A call of something whose source is not at hand."""
        values = [item.value for item in passed]
        last = name.rpartition(".")[2]
        condition = guards.helper_condition(last, passed, None)
        if condition is not None:
            return Boolean(condition)
        if name.startswith("builtins.") or _harmless(name):
            return Unknown(f"{last}() is not followed")
        if carries_database(values):
            self.opaque(
                f"{name} is handed the database and its source is not at hand", passed, node
            )
        elif any(verb in last.lower() for verb in _VERBS) and not name.startswith("sqlalchemy."):
            first = values[0] if values else None
            if isinstance(first, str) and first.isidentifier() and "." in name:
                self.opaque(f"the source of {name} is not at hand", passed, node, (first,))
        return Reference(name, called=True) if "." in name else Unknown(f"{last}() is not followed")

    def arguments(
        self, passed: tuple[Passed, ...], node: cst.Call, *, keep_marks: bool = False
    ) -> tuple[Argument, ...]:
        """The arguments of a call as written and with their values."""
        positions = self.module.positions
        texts = positions.argument_texts(node, self.statement)
        return tuple(
            Argument(
                item.keyword,
                texts.get(item.node) or ("" if item.node is None else self.module.text(item.node)),
                lower(item.value, keep_marks=keep_marks),
            )
            for item in passed
        )

    def opaque(
        self,
        why: str,
        passed: tuple[Passed, ...],
        node: cst.Call,
        tables: tuple[str, ...] | None = None,
    ) -> None:
        """Record a call that could change the database in ways that are not seen."""
        self.recorded.append(
            Opaque(
                span=self.span_of(node),
                call=Call(self.module.text(node.func), self.arguments(passed, node)),
                direction=self.direction,
                context=self.context,
                why=why,
                tables=tables,
            )
        )


def _values(passed: tuple[Passed, ...], *, keep_marks: bool = False) -> tuple[Argument, ...]:
    """Arguments without their text, for building values."""
    return tuple(
        Argument(item.keyword, "", lower(item.value, keep_marks=keep_marks)) for item in passed
    )


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


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _assigned(node: cst.BaseSmallStatement, name: str) -> cst.BaseExpression | None:
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=found))], value=value):
            return value if found == name else None
        case cst.AnnAssign(target=cst.Name(value=found), value=value):
            return value if found == name else None
        case _:
            return None


def _pairs(items: tuple[tuple[str, Abstract], ...]) -> Abstract:
    return Pairs(items)


def _opaque(value: Abstract) -> bool:
    return isinstance(value, Boolean) and isinstance(value.condition, OpaqueCondition)


def _predicate(value: Abstract) -> str | None:
    """Which kind of thing a helper's answer is about."""
    condition = value.condition if isinstance(value, Boolean | Either) else None
    match condition:
        case TableExists() | Not(TableExists()):
            return "table"
        case ColumnExists() | Not(ColumnExists()):
            return "column"
        case IndexExists() | Not(IndexExists()):
            return "index"
        case ConstraintExists() | Not(ConstraintExists()):
            return "constraint"
        case EnumExists() | Not(EnumExists()):
            return "enum"
        case _:
            return None


def _tries(body: cst.BaseSuite) -> list[cst.Try]:
    """The `try` statements of a body."""
    return [node for node in own_nodes(body) if isinstance(node, cst.Try)]


def _raises(handler: cst.ExceptHandler) -> bool:
    return any(isinstance(node, cst.Raise) for node in own_nodes(handler.body))


def _answer(handler: cst.ExceptHandler) -> cst.BaseExpression | None:
    """What a handler returns, None for nothing."""
    return next(
        (node.value for node in own_nodes(handler.body) if isinstance(node, cst.Return)), None
    )
