"""Reading a revision: the only package that sees syntax nodes."""

from __future__ import annotations

import libcst as cst

from alembic_lint.extract.comments import suppressions
from alembic_lint.extract.evaluate import ExhaustedError
from alembic_lint.extract.identifiers import assigned, assignments, guessed, header
from alembic_lint.extract.library import Library, parse
from alembic_lint.extract.lowering import is_known, lower
from alembic_lint.extract.reader import Frame
from alembic_lint.extract.statements import Executor
from alembic_lint.extract.values import Abstract, FunctionValue, Passed
from alembic_lint.model import (
    Assigned,
    Body,
    Call,
    Context,
    Direction,
    Function,
    Opaque,
    Operation,
    Reference,
    Revision,
    Unknown,
    Value,
)
from alembic_lint.source import FILE_START, OWN_LIMITS, Modules, Problem, SourceFile

STEP_LIMIT = 60_000
"""Statements and expressions. The largest real revision seen takes a twentieth."""


class Extractor:
    """Reads the revision files of one project; what they share is parsed once."""

    def __init__(self, modules: Modules) -> None:
        self._library = Library(modules)

    def extract(self, source: SourceFile) -> Revision:
        """Read the facts of one revision file; see `extract`."""
        return _extract(source, self._library)


def extract(source: SourceFile, modules: Modules) -> Revision:
    """Read the facts of one revision file; nothing of it is run.

    A file that cannot be parsed keeps its problem and the identifiers its lines give away.
    `modules` gives the source of other modules of the project, whose helpers are followed.
    """
    return _extract(source, Library(modules))


def _extract(source: SourceFile, library: Library) -> Revision:
    parsed = parse(source)
    if isinstance(parsed, Problem):
        return _unread(source, parsed)
    library.touched.clear()
    module = library.module(source, library.modules.name_of(source.path), *parsed)
    library.forget()
    return _read(source, Executor(module, library, STEP_LIMIT))


def _unread(source: SourceFile, problem: Problem) -> Revision:
    """A file of which little is known; what it does, if it runs, could be anything."""
    found = guessed(source.text)
    runs = problem.kind in OWN_LIMITS
    upgrade, downgrade = (
        Function(
            FILE_START,
            FILE_START,
            Body.CODE,
            (
                Opaque(
                    span=FILE_START,
                    call=Call(direction.value),
                    direction=direction,
                    why="the file is not read",
                ),
            ),
        )
        if runs
        else None
        for direction in (Direction.UPGRADE, Direction.DOWNGRADE)
    )
    return Revision(
        source.path,
        problem=problem,
        revision=found.get("revision"),
        down_revision=found.get("down_revision"),
        branch_labels=found.get("branch_labels"),
        depends_on=found.get("depends_on"),
        upgrade=upgrade,
        downgrade=downgrade,
        suppressions=suppressions(source.text, parsed=False),
    )


def _read(source: SourceFile, executor: Executor) -> Revision:
    module = executor.revision
    _run_module(executor)
    on_import = tuple(executor.recorded)
    identifiers: dict[str, Assigned] = {}
    for name, statement in assignments(module).items():
        value = _identifier(executor, module.scope.names.get(name))
        identifiers[name] = assigned(module, statement, value)
    functions = {
        direction: _function(executor, direction)
        for direction in (Direction.UPGRADE, Direction.DOWNGRADE)
    }
    return Revision(
        source.path,
        revision=identifiers.get("revision"),
        down_revision=identifiers.get("down_revision"),
        branch_labels=identifiers.get("branch_labels"),
        depends_on=identifiers.get("depends_on"),
        header=header(module),
        upgrade=functions[Direction.UPGRADE],
        downgrade=functions[Direction.DOWNGRADE],
        module_operations=on_import,
        existence_helpers=tuple(executor.helpers.values()),
        followed=executor.library.followed(),
        suppressions=suppressions(source.text),
    )


def _run_module(executor: Executor) -> None:
    executor.direction = Direction.MODULE
    executor.frames = [Frame(None, 0, executor.revision.scope, executor.trail.mark())]
    try:
        executor.run(executor.revision.tree)
    except (ExhaustedError, RecursionError) as error:
        executor.recorded.append(_exhausted(Direction.MODULE, error))
    executor.frames = []


def _identifier(executor: Executor, value: Abstract) -> Value:
    """The value of an identifier; a constant of another module of the project is looked up."""
    if isinstance(value, Reference):
        value = executor.resolve(value.name)
        if value is None:
            return Unknown("it comes from a module that is not at hand")
    if isinstance(value, tuple):
        return tuple(_identifier(executor, item) for item in value)
    lowered = lower(value)
    return lowered if is_known(lowered) else _why(lowered)


def _why(value: Value) -> Unknown:
    return value if isinstance(value, Unknown) else Unknown("it is not a constant")


def _function(executor: Executor, direction: Direction) -> Function | Unknown | None:
    """`upgrade` or `downgrade` with its operations."""
    module = executor.revision
    name = direction.value
    value = executor.module_name(module, name)
    if isinstance(value, Reference):
        value = executor.resolve(value.name) or value
    match value:
        case None:
            return None
        case FunctionValue(node=cst.FunctionDef()):
            pass
        case _:
            return Unknown(f"{name} is bound to something that is not a function seen here")
    own = module.definitions.get(name)
    node = value.node
    operations = _operations(executor, value, direction)
    if isinstance(own, cst.FunctionDef):
        positions = module.positions
        span, name_span = positions.of_header(own), positions.of_name(own)
    else:
        span = name_span = FILE_START if own is None else module.positions.of_statement(own)
    body = _body(own if isinstance(own, cst.FunctionDef) else node)
    return Function(span, name_span, body, operations)


def _operations(
    executor: Executor, function: FunctionValue, direction: Direction
) -> tuple[Operation, ...]:
    executor.recorded = []
    executor.context = Context()
    executor.direction = direction
    executor.steps = STEP_LIMIT
    executor.depth = 0
    passed: tuple[Passed, ...] = ()
    if isinstance(function.node, cst.FunctionDef):
        # Some projects hand `op` to the function, as Alembic's env.py may.
        names = [parameter.name.value for parameter in function.node.params.params]
        if "op" in names:
            passed = (Passed("op", Reference("alembic.op")),)
    try:
        executor.invoke(function, passed, None)
    except (ExhaustedError, RecursionError) as error:
        executor.recorded.append(_exhausted(direction, error))
    executor.frames = []
    return tuple(executor.recorded)


def _exhausted(direction: Direction, error: Exception) -> Opaque:
    why = "following the code takes too many steps"
    if isinstance(error, RecursionError):
        why = "the code is nested too deeply to be followed"
    return Opaque(span=FILE_START, call=Call(direction.value), direction=direction, why=why)


def _body(node: cst.FunctionDef | cst.Lambda) -> Body:
    """What kind of body a function has."""
    if isinstance(node, cst.Lambda):
        return Body.CODE
    kinds: set[str] = set()
    for statement in node.body.body:
        smalls = statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
        for small in smalls:
            match small:
                case cst.Pass() | cst.Return(value=None | cst.Name(value="None")):
                    pass
                case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString() | cst.Ellipsis()):
                    pass
                case cst.Raise():
                    kinds.add("raise")
                case _:
                    kinds.add("code")
    if "raise" in kinds:
        return Body.RAISES
    return Body.CODE if kinds else Body.EMPTY
