"""The configuration: `[tool.alembic-lint]` in pyproject.toml, or alembic-lint.toml."""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass

SEVERITIES = ("error", "warning", "info")
GUARDS = ("auto", "require", "forbid", "off")
DOWNGRADES = ("required", "optional", "forbidden")
DIALECTS = ("mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite")
VERSION_WIDTH = 32
"""Characters. Source: alembic/ddl/impl.py, `version_table_impl`: `String(32)`."""

FILE_NAMES = ("alembic-lint.toml", "pyproject.toml")
"""In order of precedence within one directory."""


class ConfigError(Exception):
    """A configuration that cannot be used.

    `file` is where it stands (None: the command line), `key` which entry, None for the whole file.
    """

    def __init__(self, file: str | None, key: str | None, message: str) -> None:
        super().__init__(": ".join(part for part in (file, key, message) if part))
        self.file = file
        self.key = key
        self.message = message


@dataclass(frozen=True, slots=True)
class Settings:
    """What rules may ask of the configuration.

    `dialects` are SQLAlchemy's names, sorted; None: not known, so every database is meant.
    `version_width` is the width of `alembic_version.version_num`, in characters.
    `external_revisions` are ids that exist in another package.
    """

    dialects: tuple[str, ...] | None = None
    guards: str = "auto"
    downgrade: str = "required"
    version_width: int = VERSION_WIDTH
    external_revisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured.

    `file` is where it was read, None for the defaults. `select` None means the rules that are on by
    default. Selectors are codes, names, code prefixes or `ALL`, in their written order.
    `severity` pairs a selector with one of SEVERITIES. Patterns of `per_file_ignores` and `exclude`
    are absolute, unless they have no `/` and so match a file's or directory's name anywhere.
    `directory` is the absolute directory that shown paths are relative to.
    """

    file: str | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    fail_on: str = "error"
    exclude: tuple[str, ...] = ()
    settings: Settings = Settings()
    directory: str = ""

    def ignored_in(self, path: str) -> tuple[str, ...]:
        """The selectors that `per-file-ignores` turns off for a file shown as `path`."""
        return tuple(
            selector
            for pattern, selectors in self.per_file_ignores
            if self._matches(path, pattern)
            for selector in selectors
        )

    def excludes(self, path: str) -> bool:
        """Whether `exclude` names the file or directory shown as `path`, or one it lies in."""
        parts = posixpath.join(self.directory, path)
        while parts not in ("", "/"):
            if any(self._matches(parts, pattern) for pattern in self.exclude):
                return True
            parts = posixpath.dirname(parts)
        return False

    def _matches(self, path: str, pattern: str) -> bool:
        absolute = posixpath.normpath(posixpath.join(self.directory, path))
        target = absolute if "/" in pattern else posixpath.basename(absolute)
        return fnmatch.fnmatchcase(target, pattern)
