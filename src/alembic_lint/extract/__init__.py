"""Reading a revision: the only package that sees syntax nodes."""

from __future__ import annotations

from alembic_lint.extract.comments import suppressions
from alembic_lint.extract.entry import STEP_LIMIT, entry, exhausted
from alembic_lint.extract.evaluate import ExhaustedError
from alembic_lint.extract.identifiers import assigned, assignments, guessed, header
from alembic_lint.extract.library import Library, parse
from alembic_lint.extract.lowering import is_known, lower
from alembic_lint.extract.reader import Frame
from alembic_lint.extract.statements import Executor
from alembic_lint.extract.values import Abstract
from alembic_lint.model import Assigned, Direction, Reference, Revision, Unknown, Value
from alembic_lint.source import Modules, Problem, SourceFile

_UNREAD = Unknown("the file cannot be read")


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
        found = guessed(source.text)
        return Revision(
            source.path,
            problem=parsed,
            revision=found.get("revision"),
            down_revision=found.get("down_revision"),
            branch_labels=found.get("branch_labels"),
            depends_on=found.get("depends_on"),
            upgrade=_UNREAD,
            downgrade=_UNREAD,
            suppressions=suppressions(source.text, parsed=False),
        )
    library.touched.clear()
    module = library.module(source, library.modules.name_of(source.path), *parsed)
    library.forget()
    return _read(source, Executor(module, library, STEP_LIMIT))


def _read(source: SourceFile, executor: Executor) -> Revision:
    module = executor.revision
    _run_module(executor)
    on_import = tuple(executor.recorded)
    identifiers: dict[str, Assigned] = {}
    for name, statement in assignments(module).items():
        value = _identifier(executor, module.scope.names.get(name))
        identifiers[name] = assigned(module, statement, value)
    upgrade = entry(executor, Direction.UPGRADE)
    downgrade = entry(executor, Direction.DOWNGRADE)
    return Revision(
        source.path,
        revision=identifiers.get("revision"),
        down_revision=identifiers.get("down_revision"),
        branch_labels=identifiers.get("branch_labels"),
        depends_on=identifiers.get("depends_on"),
        header=header(module),
        upgrade=upgrade,
        downgrade=downgrade,
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
        executor.recorded.append(exhausted(Direction.MODULE, error))
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
