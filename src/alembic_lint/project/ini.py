"""Alembic's own configuration: alembic.ini and `[tool.alembic]` of pyproject.toml."""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alembic_lint.config import DIALECTS, shown
from alembic_lint.project.environment import ProjectError
from alembic_lint.wording import lower_first

_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_PLACEHOLDER = "driver://user:pass@localhost/dbname"
_INLINE_COMMENT = re.compile(r"\s[#;].*$")
_LOCATIONS = re.compile(r", *| +")
_PATHS = re.compile(r", *| +|:")


@dataclass(frozen=True, slots=True)
class Section:
    """One history as an ini section describes it, pyproject.toml merged in key by key.

    Locations and paths are as written, `%(here)s` expanded. `urls` are those of its databases.
    """

    file: Path
    name: str
    script_location: str | None
    version_locations: tuple[str, ...] | None
    recursive: bool
    prepend_sys_path: tuple[str, ...]
    urls: tuple[str, ...]


def read_sections(ini: Path | None, pyproject: Path | None) -> tuple[Section, ...]:
    """The histories that an ini and the pyproject.toml beside it describe, in the ini's order.

    `[alembic]` comes first; every other section with a `script_location` of its own is what
    `alembic -n NAME` would choose. A pyproject.toml that says nothing about Alembic adds nothing.

    Source: alembic/config.py, `get_alembic_option`: the ini wins over pyproject.toml.

    Raises:
        ProjectError: a file that cannot be read, or a value Alembic would refuse.
    """
    toml = {} if pyproject is None else alembic_table(pyproject) or {}
    if ini is None:
        return (_from_toml(pyproject, toml),) if pyproject is not None and toml else ()
    parser = _parse(ini)
    own = _parse(ini, default_section="\0")  # without what [DEFAULT] hands down
    others = [
        name for name in parser.sections() if name != "alembic" and "script_location" in own[name]
    ]
    chosen = (["alembic"] if parser.has_section("alembic") else []) + others
    described = [
        name
        for name in chosen
        if name != "alembic" or not others or parser.has_option("alembic", "script_location")
    ]
    return tuple(_from_ini(ini, parser, name, pyproject, toml) for name in described)


def alembic_table(pyproject: Path) -> Mapping[str, object] | None:
    """The `[tool.alembic]` table, None where there is none.

    Raises:
        ProjectError: it cannot be read as TOML.
    """
    try:
        content = tomllib.loads(pyproject.read_text("utf-8"))
    except OSError as error:
        raise ProjectError(f"{shown(pyproject)} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{shown(pyproject)} is not TOML: {lower_first(str(error))}"
        raise ProjectError(message) from error
    tool = content.get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    if table is None or isinstance(table, dict):
        return table
    raise ProjectError(f"{shown(pyproject)}: tool.alembic is not a table")


def dialects_of(urls: tuple[str, ...]) -> tuple[str, ...] | None:
    """The dialects of database URLs, sorted; None where one of them does not tell."""
    names = set()
    for url in urls:
        scheme, colon, _ = url.partition(":")
        name = scheme.partition("+")[0].strip().strip("\"'")
        name = "postgresql" if name == "postgres" else name
        if url == _PLACEHOLDER or not colon or name not in DIALECTS:
            return None
        names.add(name)
    return tuple(sorted(names)) or None


def _parse(ini: Path, default_section: str = "DEFAULT") -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        {"here": ini.parent.as_posix()}, default_section=default_section
    )
    try:
        text = ini.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProjectError(f"{shown(ini)} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{shown(ini)} is not UTF-8; save it as UTF-8") from error
    try:
        parser.read_string(text, shown(ini))
    except configparser.Error as error:
        message = " ".join(str(error).split())
        raise ProjectError(f"{shown(ini)} is not an ini file: {lower_first(message)}") from error
    return parser


def _from_ini(
    ini: Path,
    parser: configparser.ConfigParser,
    name: str,
    pyproject: Path | None,
    toml: Mapping[str, object],
) -> Section:
    def option(key: str) -> str | None:
        try:
            return parser.get(name, key, fallback=None)
        except configparser.InterpolationError as error:
            message = f"a value in it cannot be expanded: {error.message.splitlines()[0]}"
            raise ProjectError(f"{shown(ini)}: [{name}] {key}: {message}") from error

    merged = None if pyproject is None else _from_toml(pyproject, toml)
    locations = option("version_locations")
    paths = option("prepend_sys_path")
    recursive = option("recursive_version_locations")
    separator = option("path_separator")
    location_separator = separator or option("version_path_separator")
    script = option("script_location")
    return Section(
        ini,
        name,
        script if script is not None or merged is None else merged.script_location,
        _split(ini, name, locations, location_separator, _LOCATIONS)
        or (None if merged is None else merged.version_locations),
        # Source: alembic/config.py, `get_alembic_boolean_option`: in an ini nothing but "true".
        recursive == "true" if recursive is not None else merged is not None and merged.recursive,
        _split(ini, name, paths, separator, _PATHS)
        or (() if merged is None else merged.prepend_sys_path),
        _urls(parser, name),
    )


def _split(
    ini: Path, name: str, value: str | None, separator: str | None, legacy: re.Pattern[str]
) -> tuple[str, ...]:
    if not value:
        return ()
    if separator is None:
        parts = legacy.split(value)
    else:
        # Alembic refuses "os  # comment", which its own template once had; what is meant is plain.
        word = _INLINE_COMMENT.sub("", separator).strip()
        if word not in _SEPARATORS:
            message = f"path_separator {word!r} is none of {', '.join(_SEPARATORS)}"
            raise ProjectError(f"{shown(ini)}: [{name}] {message}")
        parts = value.split(_SEPARATORS[word])
    return tuple(part.strip() for part in parts if part.strip())


def _urls(parser: configparser.ConfigParser, name: str) -> tuple[str, ...]:
    """The database URLs of a section, or of those that its `databases` names, where readable."""
    names = [name]
    databases = _readable(parser, name, "databases")
    names.extend(item for item in re.split(r",\s*", databases) if parser.has_section(item))
    urls = [_readable(parser, item, "sqlalchemy.url").strip() for item in names]
    return tuple(url for url in urls if url)


def _readable(parser: configparser.ConfigParser, name: str, key: str) -> str:
    try:
        return parser.get(name, key, fallback="")
    except configparser.InterpolationError:  # env.py sets the missing variable at run time
        return ""


def _from_toml(pyproject: Path, table: Mapping[str, object]) -> Section:
    here = {"here": pyproject.parent.as_posix()}

    def refuse(key: str, expected: str) -> ProjectError:
        return ProjectError(f"{shown(pyproject)}: tool.alembic.{key} is not {expected}")

    def expand(key: str, text: object) -> str:
        if not isinstance(text, str):
            raise refuse(key, "a string")
        try:
            return text % here
        except (KeyError, TypeError, ValueError) as error:
            message = f"write a literal % as %%, in {text!r}"
            raise ProjectError(f"{shown(pyproject)}: tool.alembic.{key}: {message}") from error

    def strings(key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list):
            raise refuse(key, "a list of strings")
        return tuple(expand(key, item) for item in items)

    recursive = table.get("recursive_version_locations", False)
    if not isinstance(recursive, bool):
        raise refuse("recursive_version_locations", "true or false")
    script = table.get("script_location")
    return Section(
        pyproject,
        "alembic",
        None if script is None else expand("script_location", script),
        strings("version_locations") or None,
        recursive,
        strings("prepend_sys_path"),
        (),
    )
