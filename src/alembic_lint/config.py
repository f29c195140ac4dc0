"""The configuration: `[tool.alembic-lint]` in pyproject.toml, or alembic-lint.toml."""

from __future__ import annotations

import fnmatch
import os
import posixpath
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from alembic_lint.wording import lower_first, near

SEVERITIES = ("error", "warning", "info")
GUARDS = ("auto", "require", "forbid", "off")
DOWNGRADES = ("required", "optional", "forbidden")
DIALECTS = (
    "bigquery",
    "clickhouse",
    "cockroachdb",
    "databricks",
    "db2",
    "duckdb",
    "firebird",
    "ibm_db_sa",
    "mariadb",
    "mssql",
    "mysql",
    "oracle",
    "postgresql",
    "redshift",
    "snowflake",
    "spanner",
    "sqlite",
    "sybase",
    "trino",
)
"""SQLAlchemy's own and the better known ones of others, by the names in a database URL."""

VERSION_WIDTH = 32
"""Characters. Source: alembic/ddl/impl.py, `version_table_impl`: `String(32)`."""

VERSION_TABLE = "alembic_version"
"""Source: alembic/runtime/migration.py, `MigrationContext.__init__`."""

FILE_NAMES = ("alembic-lint.toml", "pyproject.toml")
"""In order of precedence within one directory."""

_TABLE = "alembic-lint"


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
    `external_revisions` are ids that exist in another package. `naming_convention` is that of the
    project's metadata, as pairs; None: not known. `version_table` is the name of Alembic's own
    table, None: not known, and `version_table_schema` the schema it is in, None: the default one.
    """

    dialects: tuple[str, ...] | None = None
    guards: str = "auto"
    downgrade: str = "required"
    version_width: int = VERSION_WIDTH
    external_revisions: tuple[str, ...] = ()
    naming_convention: tuple[tuple[str, str], ...] | None = None
    version_table: str | None = VERSION_TABLE
    version_table_schema: str | None = None

    @property
    def conventions(self) -> dict[str, str] | None:
        """The naming convention by its keys; None: not known."""
        return None if self.naming_convention is None else dict(self.naming_convention)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be configured.

    `file` is where it was read, None for the defaults. `select` None means the rules that are on by
    default. Selectors are codes, names, code prefixes or `ALL`, in their written order.
    `severity` pairs a selector with one of SEVERITIES. Patterns of `per_file_ignores` and `exclude`
    are absolute, unless they have no `/` and so match a file's or directory's name anywhere; `*`
    matches `/` as well. `exclude_file` is where `exclude` stands: `file`, or one that it extends.
    `directory` is the absolute directory that shown paths are relative to. `base` is the branch
    that this one is compared with; None: not configured, empty: none. `baseline` is the
    absolute path of the configured baseline, None: the one beside `file` if there is one, empty:
    none. `lint_after` are the ids of revisions that are grandfathered with all they stand on.
    `baseline_file` and `lint_after_file` are where these two stand, None: the command line.
    """

    file: str | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    fail_on: str = "error"
    exclude: tuple[str, ...] = ()
    exclude_file: str | None = None
    settings: Settings = Settings()
    directory: str = ""
    base: str | None = None
    baseline: str | None = None
    baseline_file: str | None = None
    lint_after: tuple[str, ...] = ()
    lint_after_file: str | None = None

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
        place = posixpath.normpath(posixpath.join(self.directory, path))
        while place not in ("", ".", "/"):
            if any(self._matches(place, pattern) for pattern in self.exclude):
                return True
            parent = posixpath.dirname(place)
            if parent == place:
                break
            place = parent
        return False

    def _matches(self, path: str, pattern: str) -> bool:
        absolute = posixpath.normpath(posixpath.join(self.directory, path))
        target = absolute if "/" in pattern else posixpath.basename(absolute)
        return fnmatch.fnmatchcase(target, pattern)


def defaults() -> Config:
    """The configuration without any file, for the working directory."""
    return Config(directory=_working_directory())


def nearest(start: Path) -> Path | None:
    """The configuration file that counts for `start`: the first one upwards from it.

    A pyproject.toml without a `[tool.alembic-lint]` table does not count.
    """
    place = lexical(start)
    if not place.is_dir():
        place = place.parent
    for directory in (place, *place.parents):
        for name in FILE_NAMES:
            file = directory / name
            if is_file(file) and (name != "pyproject.toml" or _table(file) is not None):
                return file
    return None


def for_paths(paths: Sequence[Path]) -> Config:
    """The configuration nearest to what the paths have in common, or to the working directory.

    Raises:
        ConfigError: as `load`.
    """
    absolute = [lexical(path) for path in paths] or [Path.cwd()]
    try:
        start = Path(os.path.commonpath(absolute))
    except ValueError:  # on different drives
        start = absolute[0]
    file = nearest(start)
    return defaults() if file is None else load(file)


def load(file: Path) -> Config:
    """Read a configuration file and those it extends.

    An entry replaces the extended file's; the tables `severity` and `per-file-ignores` are merged
    entry by entry, and `extend-select` adds up.

    Raises:
        ConfigError: a file that cannot be read, an unknown key, a value of the wrong type.
    """
    config = defaults()
    for path, entries in reversed(_chain(file)):
        config = _apply(config, path, entries)
    return replace(config, file=shown(file))


def sources(config: Config) -> tuple[Path, ...]:
    """The files that a configuration was read from: its own, then those that it extends.

    Raises:
        ConfigError: one of them cannot be read any more.
    """
    if config.file is None:
        return ()
    return tuple(path for path, _ in _chain(Path(config.directory, config.file)))


def shown(path: Path) -> str:
    """A path as the reader sees it: relative to the working directory where it lies below it."""
    absolute = lexical(path)
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def lexical(path: Path) -> Path:
    """The absolute path without `..`; symbolic links stay as they were written."""
    return Path(os.path.normpath(path.absolute()))


def is_file(path: Path) -> bool:
    """Whether there is a file, as far as one may look: not in a directory that is closed to us.

    `Path.is_file` raises PermissionError there, up to Python 3.13.
    """
    with suppress(PermissionError):
        return path.is_file()
    return False


def absolute_pattern(pattern: str, directory: Path) -> str:
    """A pattern as `Config` holds it, from how it is written in a file of that directory."""
    if "/" not in pattern:
        return pattern
    return posixpath.normpath(posixpath.join(directory.absolute().as_posix(), pattern))


def _working_directory() -> str:
    return Path.cwd().as_posix()


def _chain(file: Path) -> list[tuple[Path, Mapping[str, object]]]:
    """A file and those it extends, nearest first."""
    chain: list[tuple[Path, Mapping[str, object]]] = []
    place: Path | None = file
    while place is not None:
        if any(lexical(place) == lexical(seen) for seen, _ in chain):
            raise ConfigError(shown(chain[-1][0]), "extend", f"{shown(place)} extends itself")
        entries = _table(place)
        if entries is None:
            raise ConfigError(shown(place), None, "there is no [tool.alembic-lint] table in it")
        chain.append((place, entries))
        parent = entries.get("extend")
        if parent is not None and not isinstance(parent, str):
            raise _wrong(place, "extend", parent, "a path")
        place = None if parent is None else place.parent / parent
    return chain


def read_toml(file: Path) -> Mapping[str, object]:
    """The entries of a TOML file.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        message = f"cannot be read: {lower_first(str(error.strerror))}"
        raise ConfigError(shown(file), None, message) from error
    except UnicodeDecodeError as error:
        raise ConfigError(shown(file), None, "is not UTF-8, which TOML requires") from error
    except tomllib.TOMLDecodeError as error:
        message = f"is not TOML: {lower_first(str(error))}"
        raise ConfigError(shown(file), None, message) from error


def _table(file: Path) -> Mapping[str, object] | None:
    """The entries of a configuration file, None for a pyproject.toml that has none."""
    content = read_toml(file)
    tool = content.get("tool")
    tables = tool if isinstance(tool, dict) else {}
    headers = [
        *(key for key in content if _is_ours(key)),
        *(f"tool.{key}" for key in tables if _is_ours(key)),
    ]
    if file.name != "pyproject.toml":
        for header in headers:
            message = (
                f"the entries stand without a header here, as [{header}] is for pyproject.toml; "
                "delete that line"
            )
            raise ConfigError(shown(file), None, message)
        return content
    for header in headers:
        if header != f"tool.{_TABLE}":
            message = f"[{header}] is not read; the table is called [tool.{_TABLE}]"
            raise ConfigError(shown(file), None, message)
    entries = tables.get(_TABLE)
    if entries is None or isinstance(entries, dict):
        return entries
    raise _wrong(file, "tool.alembic-lint", entries, "a table")


def _is_ours(key: str) -> bool:
    """Whether a table is called as ours, but for the letter case and what joins its words."""
    return re.sub(r"[\W_]", "", key).casefold() == _TABLE.replace("-", "")


_KEYS = (
    "base",
    "baseline",
    "dialects",
    "downgrade",
    "exclude",
    "extend",
    "extend-select",
    "external-revisions",
    "fail-on",
    "guards",
    "ignore",
    "lint-after",
    "naming-convention",
    "per-file-ignores",
    "select",
    "severity",
)


def _apply(config: Config, file: Path, entries: Mapping[str, object]) -> Config:
    settings = config.settings
    for key, value in entries.items():
        match key:
            case "select":
                config = replace(config, select=_strings(file, key, value))
            case "ignore":
                config = replace(config, ignore=_strings(file, key, value))
            case "extend-select":
                added = (*config.extend_select, *_strings(file, key, value))
                config = replace(config, extend_select=added)
            case "exclude":
                patterns = _strings(file, key, value)
                absolute = tuple(absolute_pattern(item, file.parent) for item in patterns)
                config = replace(config, exclude=absolute, exclude_file=shown(file))
            case "per-file-ignores":
                merged = dict(config.per_file_ignores) | {
                    absolute_pattern(pattern, file.parent): _strings(
                        file, f"{key}.{pattern}", selectors
                    )
                    for pattern, selectors in _mapping(file, key, value).items()
                }
                config = replace(config, per_file_ignores=tuple(merged.items()))
            case "severity":
                levels = dict(config.severity) | {
                    selector: _choice(file, f"{key}.{selector}", level, SEVERITIES)
                    for selector, level in _mapping(file, key, value).items()
                }
                config = replace(config, severity=tuple(levels.items()))
            case "fail-on":
                config = replace(config, fail_on=_choice(file, key, value, SEVERITIES))
            case "dialects":
                names = {_choice(file, key, item, DIALECTS) for item in _strings(file, key, value)}
                settings = replace(settings, dialects=tuple(sorted(names)) or None)
            case "guards":
                settings = replace(settings, guards=_choice(file, key, value, GUARDS))
            case "downgrade":
                settings = replace(settings, downgrade=_choice(file, key, value, DOWNGRADES))
            case "naming-convention":
                pairs = {
                    of: _string(file, f"{key}.{of}", pattern)
                    for of, pattern in _mapping(file, key, value).items()
                }
                settings = replace(settings, naming_convention=tuple(sorted(pairs.items())))
            case "external-revisions":
                settings = replace(settings, external_revisions=_strings(file, key, value))
            case "base":
                config = replace(config, base=_string(file, key, value))
            case "baseline":
                named = _string(file, key, value)
                place = str(lexical(file.parent / named)) if named else ""
                config = replace(config, baseline=place, baseline_file=shown(file))
            case "lint-after":
                ids = (value,) if isinstance(value, str) else _strings(file, key, value)
                config = replace(config, lint_after=ids, lint_after_file=shown(file))
            case "extend":
                pass
            case _:
                raise ConfigError(shown(file), key, f"unknown key; {near(key, _KEYS)}")
    return replace(config, settings=settings)


def _wrong(file: Path, key: str, value: object, expected: str) -> ConfigError:
    return ConfigError(shown(file), key, f"{value!r} is not {expected}")


def _strings(file: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(file, key, value, "a list of strings")
    for item in value:
        if not isinstance(item, str):
            raise _wrong(file, key, item, "a string")
    return tuple(value)


def _string(file: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(file, key, value, "a string")
    return value


def _mapping(file: Path, key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _wrong(file, key, value, "a table")
    return value


def _choice(file: Path, key: str, value: object, valid: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in valid:
        return value
    if isinstance(value, str):
        raise ConfigError(shown(file), key, f"unknown value {value!r}; {near(value, valid)}")
    raise _wrong(file, key, value, f"one of {', '.join(valid)}")
