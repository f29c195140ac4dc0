"""What env.py tells Alembic that the revisions alone do not show, read without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic_lint.config import VERSION_TABLE
from alembic_lint.project.files import read_bytes
from alembic_lint.source import SIZE_LIMIT, read_source

Convention = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What an env.py passes to `context.configure`.

    `naming_convention` is that of its `target_metadata`, as sorted pairs; empty where there is
    none, None where it is not known. `version_table` None: not known. `version_table_schema` None:
    none is given, or it is not known.
    """

    naming_convention: Convention | None = None
    version_table: str | None = VERSION_TABLE
    version_table_schema: str | None = None


def read_env(file: Path) -> EnvFile:
    """Read an env.py; of one that is not there or cannot be read, nothing is known."""
    try:
        source = read_source(str(file), read_bytes(file, SIZE_LIMIT + 1))
        tree = ast.parse(source.text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return EnvFile()
    return _Reading(tree).env()


class _Reading:
    """One env.py: every value that a name is bound to anywhere in it."""

    def __init__(self, tree: ast.Module) -> None:
        self.values: dict[str, list[ast.expr | None]] = {}
        """None stands for a binding whose value does not stand in the file."""
        self.configured: list[dict[str | None, ast.expr]] = []
        self.renames = False
        for node in ast.walk(tree):
            self._note(node)

    def env(self) -> EnvFile:
        if not self.configured:
            return EnvFile()
        table = self._text("version_table", VERSION_TABLE)
        return EnvFile(
            naming_convention=self._naming_convention(),
            version_table=table,
            version_table_schema=self._text("version_table_schema", None),
        )

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._bind(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, value)
            case ast.AugAssign(target=target) | ast.For(target=target):
                self._bind(target, None)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(target, None)
            case ast.arg(arg=name):
                self.values.setdefault(name, []).append(None)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self.values.setdefault(name, []).append(None)
            case ast.ClassDef(name=name):
                self.values.setdefault(name, []).append(None)
            case ast.alias(name=name, asname=other):
                self.values.setdefault((other or name).partition(".")[0], []).append(None)
            case ast.Call(func=ast.Attribute(attr="configure"), keywords=keywords):
                self.configured.append({item.arg: item.value for item in keywords})
            case _:
                pass

    def _bind(self, target: ast.expr, value: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self.values.setdefault(name, []).append(value)
            case ast.Attribute(attr="naming_convention"):
                self.renames = True
            case ast.Tuple(elts=items) | ast.List(elts=items):
                for item in items:
                    self._bind(item, None)
            case ast.Starred(value=inner):
                self._bind(inner, None)
            case _:
                pass

    def _naming_convention(self) -> Convention | None:
        if self.renames or any(None in call for call in self.configured):
            return None
        found = [
            self._of_metadata(call["target_metadata"])
            for call in self.configured
            if "target_metadata" in call
        ]
        if len(found) not in (0, len(self.configured)):
            return None
        return _common(found, ())

    def _of_metadata(self, value: ast.expr, depth: int = 0) -> Convention | None:
        """The naming convention of a metadata; Alembic takes none from a list of them.

        Source: alembic/operations/schemaobj.py, `SchemaObjects.metadata`.
        """
        match value:
            case ast.Constant(value=None) | ast.List() | ast.Tuple():
                return ()
            case ast.Name(id=name) if depth < 5:
                values = list(self._bound(name))
                found = [
                    None if item is None else self._of_metadata(item, depth + 1) for item in values
                ]
                return _common(found, None)
            case ast.Call(func=ast.Name(id="MetaData") | ast.Attribute(attr="MetaData")):
                return self._of_call(value)
            case _:
                return None

    def _of_call(self, call: ast.Call) -> Convention | None:
        given = {item.arg: item.value for item in call.keywords}
        if None in given or len(call.args) > 2:
            return None
        if "naming_convention" not in given:
            return ()
        literal = self._resolved(given["naming_convention"])
        try:
            pairs = None if literal is None else ast.literal_eval(literal)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            return None
        if not isinstance(pairs, dict):
            return None
        texts = {key: text for key, text in pairs.items() if isinstance(key, str)}
        if len(texts) != len(pairs) or not all(isinstance(text, str) for text in texts.values()):
            return None
        return tuple(sorted(texts.items()))

    def _text(self, keyword: str, default: str | None) -> str | None:
        """A text that every call passes, None where it is not known."""
        found = {
            literal.value
            if isinstance(literal := self._resolved(call[keyword]), ast.Constant)
            and isinstance(literal.value, str)
            else None
            for call in self.configured
            if keyword in call
        }
        return default if not found else found.pop() if len(found) == 1 else None

    def _resolved(self, value: ast.expr) -> ast.expr | None:
        """The expression behind a name that is bound once."""
        if not isinstance(value, ast.Name):
            return value
        values = list(self._bound(value.id))
        return values[0] if len(values) == 1 else None

    def _bound(self, name: str) -> Iterator[ast.expr | None]:
        yield from self.values.get(name, [None])


def _common(found: list[Convention | None], default: Convention | None) -> Convention | None:
    """What all have in common."""
    distinct = set(found)
    return default if not distinct else distinct.pop() if len(distinct) == 1 else None
