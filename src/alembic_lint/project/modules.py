"""The source of a project's other modules: read through its import roots, never imported."""

from __future__ import annotations

import os
import re
from pathlib import Path

from alembic_lint.config import is_file, shown
from alembic_lint.project.files import read_bytes
from alembic_lint.source import SIZE_LIMIT, SourceFile, read_source

_FOREIGN = frozenset({"alembic", "sqlalchemy"})
"""A project's own directory named so is its script directory, not these packages."""

_PART = re.compile(r"[\w-]+")
"""A file that `importlib.import_module` is to load may have a name that no import could."""


class ProjectModules:
    """Modules below the import roots of one project, each read at most once."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        self.roots = roots
        self._by_name: dict[str, SourceFile | None] = {}
        self._names: dict[str, str] = {}

    def load(self, name: str) -> SourceFile | None:
        """The source of the module with this dotted name, or None where it is not the project's."""
        if name not in self._by_name:
            source = self._find(name)
            self._by_name[name] = source
            if source is not None:
                self._names.setdefault(source.path, name)
        return self._by_name[name]

    def name_of(self, path: str) -> str | None:
        """The dotted name of the module at a `SourceFile.path`, or None outside any package."""
        known = self._names.get(path)
        if known is not None:
            return known
        file = Path(os.path.normpath(Path(path).absolute()))
        top = top_package_parent(file.parent)
        roots = (top, *self.roots) if top != file.parent else self.roots
        for root in roots:
            if file.is_relative_to(root):
                parts = file.relative_to(root).with_suffix("").parts
                parts = parts[:-1] if parts[-1] == "__init__" else parts
                if len(parts) > 1 and all(part.isidentifier() for part in parts[:-1]):
                    return ".".join(parts)
        return None

    def missed(self) -> tuple[str, ...]:
        """The names that were asked for and not found, sorted."""
        return tuple(sorted(name for name, source in self._by_name.items() if source is None))

    def loaded(self) -> tuple[SourceFile, ...]:
        """The modules that were read, by path."""
        found = {source.path: source for source in self._by_name.values() if source is not None}
        return tuple(found[path] for path in sorted(found))

    def _find(self, name: str) -> SourceFile | None:
        parts = name.split(".")
        # Such parts hold no separator and no "..", so the path cannot leave its root.
        if parts[0] in _FOREIGN or not all(_PART.fullmatch(part) for part in parts):
            return None
        for root in self._roots_for(parts[0]):
            place = root.joinpath(*parts)
            for path in (place / "__init__.py", place.with_name(f"{parts[-1]}.py")):
                if is_file(path):
                    return _read(path)
        return None

    def _roots_for(self, top: str) -> tuple[Path, ...]:
        """The roots, and the parent of a directory above one that has the package's name.

        The latter finds a package whose upper levels have no `__init__.py`.
        """
        above = (
            place.parent
            for root in self.roots
            for place in (root, *root.parents)
            if place.name == top
        )
        return tuple(dict.fromkeys((*self.roots, *above)))


def top_package_parent(directory: Path) -> Path:
    """The directory itself, or the parent of the outermost package that it belongs to."""
    place = directory
    while is_file(place / "__init__.py") and place.parent != place:
        place = place.parent
    return place


def _read(path: Path) -> SourceFile | None:
    try:
        return read_source(shown(path), read_bytes(path, SIZE_LIMIT + 1))
    except OSError:
        return None
