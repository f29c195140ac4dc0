"""Modules: parsed once, read name by name, never imported."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass, field

import libcst as cst

from alembic_lint.extract.elision import rewritten, without_long_literals
from alembic_lint.extract.nesting import (
    DEPTH_LIMIT,
    may_be_nested_too_deeply,
    nested_too_deeply,
)
from alembic_lint.extract.positions import Positions
from alembic_lint.extract.scope import Module, Scope, definitions_in, stars_in
from alembic_lint.source import (
    Modules,
    Problem,
    ProblemKind,
    SourceFile,
    Span,
    conflict_line,
)

_FOREIGN = frozenset(
    {
        "alembic",
        "sqlalchemy",
        "sqlmodel",
        "sqlalchemy_utils",
        "geoalchemy2",
        "pgvector",
        "flask",
        "flask_sqlalchemy",
        "numpy",
        "pandas",
        "oslo_db",
        "builtins",
        *sys.stdlib_module_names,
    }
)
"""Never the project's own modules, even where a directory of that name lies in an import root."""


_LIBCST_ERRORS = (cst.ParserSyntaxError, RecursionError, UnicodeError, ValueError)


def is_foreign(dotted: str) -> bool:
    """Whether a dotted name is of the standard library, or of a library that is never followed."""
    return dotted.partition(".")[0] in _FOREIGN


def parse(source: SourceFile) -> tuple[cst.Module, ast.Module | None] | Problem:
    """The tree of a file, and the standard library's tree of the same text.

    The second is None where the running Python refuses a syntax that LibCST knows. The first is
    that of the text as Python writes it where LibCST refuses the text as it is: the statements are
    the same, and their places are those of the second.
    """
    if source.problem is not None:
        return source.problem
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text, reference = without_long_literals(source.text, ast.parse(source.text))
    except SyntaxError as error:
        return _refused(error, source)
    except (RecursionError, MemoryError):
        return Problem(ProblemKind.DEPTH, "the code is nested too deeply to be analysed")
    except ValueError as error:
        return Problem(ProblemKind.SYNTAX, f"{error}")
    if nested_too_deeply(reference):
        message = f"the code is nested more than {DEPTH_LIMIT} levels deep and is not analysed"
        return Problem(ProblemKind.DEPTH, message)
    try:
        return cst.parse_module(text), reference
    except _LIBCST_ERRORS:
        tree = _written_anew(reference)
        return _unsupported(reference, source) if tree is None else (tree, reference)


def _refused(error: SyntaxError, source: SourceFile) -> tuple[cst.Module, None] | Problem:
    """What becomes of a text that the running Python refuses: LibCST may know a newer one."""
    if "nested parentheses" in (error.msg or "") or may_be_nested_too_deeply(source.text):
        return _syntax_problem(error, source)
    try:
        return cst.parse_module(source.text), None
    except _LIBCST_ERRORS:
        return _syntax_problem(error, source)


def _written_anew(reference: ast.Module) -> cst.Module | None:
    """LibCST's tree of a text that it refuses, None where it refuses that in any form."""
    try:
        return cst.parse_module(rewritten(reference))
    except _LIBCST_ERRORS:
        return None


def _unsupported(reference: ast.Module, source: SourceFile) -> Problem:
    """The problem of a file that only LibCST refuses, at the first statement that it refuses.

    The places in LibCST's own errors are off by a line or more.
    """
    parts = (ast.Module([statement], []) for statement in reference.body)
    line = next((part.body[0].lineno for part in parts if _written_anew(part) is None), 1)
    return Problem(
        ProblemKind.UNSUPPORTED,
        "alembic-lint cannot read this file, though it is valid Python: its parser (LibCST) does "
        "not know the syntax of this statement",
        Span.of_line(line, len(source.line(line))),
    )


def _place(error: SyntaxError, source: SourceFile) -> Span:
    line = error.lineno or 1
    length = len(source.line(line))
    column = min(max((error.offset or 1) - 1, 0), length)
    end = column + 1
    if error.end_lineno == line and error.end_offset is not None:
        end = max(end, error.end_offset - 1)
    return Span(line, column, line, min(end, max(length, column + 1)))


def _syntax_problem(error: SyntaxError, source: SourceFile) -> Problem:
    line = conflict_line(source.text)
    if line is not None:
        span = Span.of_line(line, len(source.line(line)))
        return Problem(ProblemKind.CONFLICT, "merge-conflict markers", span)
    return Problem(ProblemKind.SYNTAX, error.msg or "invalid syntax", _place(error, source))


@dataclass(slots=True)
class Library:
    """The project's modules, parsed once for all revision files.

    `touched` are those that were asked for since it was last emptied.
    """

    modules: Modules
    loaded: dict[str, Module | None] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def load(self, name: str) -> Module | None:
        """The module of this name, or None where it is not the project's or does not parse."""
        if not name or is_foreign(name):
            return None
        self.touched.add(name)
        if name not in self.loaded:
            source = self.modules.load(name)
            self.loaded[name] = None if source is None else self.read(source, name)
        return self.loaded[name]

    def read(self, source: SourceFile, name: str | None) -> Module | None:
        """Parse a module; its names are read when they are asked for."""
        parsed = parse(source)
        if isinstance(parsed, Problem):
            return None
        return self.module(source, name, *parsed)

    def module(
        self,
        source: SourceFile,
        name: str | None,
        tree: cst.Module,
        reference: ast.Module | None,
    ) -> Module:
        """A module of an already parsed file."""
        package = source.path.endswith("__init__.py")
        positions = Positions(source.text, tree, reference)
        module = Module(source.path, name, tree, positions, package)
        module.definitions = definitions_in(tree)
        module.stars = [absolute_module(module, star) for star in stars_in(tree)]
        return module

    def forget(self) -> None:
        """Forget what the modules' names are bound to: a revision may have changed it."""
        for module in self.loaded.values():
            if module is not None:
                module.scope = Scope()
                module.pending.clear()

    def followed(self) -> tuple[str, ...]:
        """The paths of the modules that were asked for, sorted."""
        found = (self.loaded.get(name) for name in self.touched)
        return tuple(sorted({module.path for module in found if module is not None}))


def absolute_module(module: Module, node: cst.ImportFrom) -> str:
    """The absolute name of the module that a `from` import names; relative ones are resolved.

    A relative import in a file of no package keeps its dots, and is found nowhere.
    """
    base = "" if node.module is None else _dotted(node.module)
    level = len(node.relative)
    if level == 0:
        return base
    if module.name is None:
        return "." * level + base
    parts = module.name.split(".")
    keep = len(parts) - level + (1 if module.package else 0)
    return ".".join((*parts[: max(keep, 0)], *([base] if base else [])))


def _dotted(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=value):
            return value
        case cst.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr.value}"
        case _:
            return ""
