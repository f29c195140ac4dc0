"""From Alembic's configuration, or a bare directory, to environments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from alembic_lint.config import is_file, lexical, shown
from alembic_lint.project.env_file import read_env
from alembic_lint.project.environment import Binding, Environment, ProjectError
from alembic_lint.project.files import (
    below,
    holds_revisions,
    list_directory,
    read_bytes,
    real_path,
    unseen,
    upwards,
)
from alembic_lint.project.ini import Section, dialects_of
from alembic_lint.project.modules import top_package_parent
from alembic_lint.project.version_table import version_width

_HEAD = 262_144  # bytes of a script that are searched for a word


def from_sections(sections: tuple[Section, ...], notices: list[str]) -> tuple[Environment, ...]:
    """The environments of one ini or pyproject.toml; sections with the same files are one.

    Raises:
        ProjectError: a script location that cannot be found.
    """
    found: list[Environment] = []
    for section in sections:
        several = len(sections) > 1
        for environment in _from_section(section, notices):
            named = replace(environment, name=section.name) if several else environment
            twin = next((item for item in found if item.files == named.files), None)
            if twin is None:
                found.append(named)
            else:
                found[found.index(twin)] = replace(
                    twin, dialects=_both(twin.dialects, named.dialects)
                )
    return tuple(found)


def from_script(script: Path, notices: list[str]) -> tuple[Environment, ...]:
    """The environments of a script directory (one with env.py) that no ini describes."""
    return tuple(_expand(script, script / "versions", None, None, (), notices))


def from_directory(directory: Path, notices: list[str]) -> tuple[Environment, ...]:
    """The environments of a version directory that belongs to no script directory."""
    return tuple(_expand(directory, directory, None, None, (), notices))


def _from_section(section: Section, notices: list[str]) -> Iterator[Environment]:
    script = _script_directory(section)
    dialects = dialects_of(section.urls)
    paths = [_directory(section, item) for item in section.prepend_sys_path]
    roots = tuple(path for path in paths if path is not None)
    if section.version_locations is None and not section.recursive:
        yield from _expand(script, script / "versions", section.file, dialects, roots, notices)
        return
    locations = []
    for written in section.version_locations or (str(script / "versions"),):
        location = _directory(section, written)
        if location is None:
            notices.append(f"{shown(section.file)}: version location {written} does not exist")
            # Git keeps no empty directory: a branch may have deleted all that was in it.
            location = next(_candidates(section, written))
        locations.append(location)
    yield _environment(
        script, locations, section.file, dialects, roots, notices, recursive=section.recursive
    )


def _expand(
    script: Path,
    default: Path,
    ini: Path | None,
    dialects: tuple[str, ...] | None,
    roots: tuple[Path, ...],
    notices: list[str],
) -> Iterator[Environment]:
    """The default version directory, and others below the script directory as far as they count.

    An env.py may set `version_locations` itself. Where code nearby speaks of them, every directory
    with revisions counts; where an ini is there and none does, only the default one, as in Alembic.
    """
    outer = _environment(script, [default], ini, dialects, roots, notices)
    closed: list[Path] = []
    places = [place for place in below(script, closed) if place != default]
    others = [place for place in places if holds_revisions(place)]
    notices.extend(unseen(place for place in closed if place != default))
    in_code = bool(others) and _sets_locations(script, ini)
    standard = bool(outer.files)
    if not others or (standard and ini is not None and not in_code):
        notices.extend(
            f"{shown(place)} holds revisions that Alembic does not load from there: neither "
            f"version_locations nor recursive_version_locations in {shown(ini)} includes it"
            for place in others
            if ini is not None
        )
        fixed = ini is not None or is_file(default / os.pardir / "env.py")
        yield replace(outer, binding=Binding.FIXED if fixed else Binding.LOOSE)
        return
    if standard:
        yield replace(outer, binding=Binding.LOOSE)
    binding = Binding.NESTED if standard and not in_code else Binding.LOOSE
    for place in others:
        other = _environment(script, [place], ini, dialects, roots, notices)
        yield replace(other, name=shown(place), binding=binding)


def _environment(
    script: Path,
    locations: list[Path],
    ini: Path | None,
    dialects: tuple[str, ...] | None,
    roots: tuple[Path, ...],
    notices: list[str],
    *,
    recursive: bool = False,
) -> Environment:
    files: dict[Path, Path] = {}  # by the path behind symbolic links
    retired: dict[Path, None] = {}
    for location in locations:
        listing = list_directory(location, recursive=recursive)
        for file in listing.files:
            other = files.setdefault(real_path(file), file)
            if other != file:
                notices.append(f"{shown(file)} is {shown(other)} once more; Alembic ignores it")
        retired.update(dict.fromkeys(listing.retired))
        notices.extend(
            f"{shown(place)} is a directory; Alembic does not read it as a revision"
            for place in listing.posing
        )
        notices.extend(
            f"{shown(place)} cannot be read: {reason}" for place, reason in listing.unreadable
        )
    # Where the command is run from: beside the ini, or one above a script directory that holds it.
    starts = (*(() if ini is None else (ini.parent,)), script.parent, script)
    sources = tuple(start / "src" for start in starts)
    # Version directories are seldom packages themselves; what they lie in may well be.
    tops = tuple(
        top_package_parent(place) for location in locations for place in (location, location.parent)
    ) + tuple(top_package_parent(place) for place in (script, script.parent))
    env = read_env(script / "env.py")
    return Environment(
        name=shown(script),
        script=script,
        locations=tuple(locations),
        files=tuple(files.values()),
        retired=tuple(retired),
        ini=ini,
        dialects=dialects,
        version_width=version_width(script / "env.py"),
        roots=tuple(dict.fromkeys((starts[0], *roots, *tops, *starts, *sources))),
        naming_convention=env.naming_convention,
        version_table=env.version_table,
        version_table_schema=env.version_table_schema,
        recursive=recursive,
    )


def _sets_locations(script: Path, ini: Path | None) -> bool:
    directories = {script} if ini is None else {script, ini.parent}
    return any(
        b"version_locations" in _content(path)
        for directory in sorted(directories)
        for path in sorted(directory.glob("*.py"))
    )


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, _HEAD)
    except OSError:
        return b""


def _script_directory(section: Section) -> Path:
    here = section.file.parent
    written = section.script_location
    if written:
        places = [place for place in _candidates(section, written) if place.is_dir()]
        likely = [place for place in places if _is_script(place)]
        for place in (*likely, *places):
            return place
    # Flask-Migrate writes an ini without a script location; others fill it in at run time.
    nearby = [place for place in (here, *_subdirectories(here)) if _is_script(place)]
    if nearby and (nearby[0] == here or len(nearby) == 1):
        return nearby[0]
    where = f"{shown(section.file)}: [{section.name}]"
    if written is None:
        raise ProjectError(f"{where} has no script_location")
    raise ProjectError(f"{where} script_location {written!r} is not a directory")


def _is_script(directory: Path) -> bool:
    return is_file(directory / "env.py")


def _subdirectories(directory: Path) -> list[Path]:
    return [
        directory / name for _, names, _ in islice(os.walk(directory), 1) for name in sorted(names)
    ]


def _directory(section: Section, written: str) -> Path | None:
    return next((place for place in _candidates(section, written) if place.is_dir()), None)


def _candidates(section: Section, written: str) -> Iterator[Path]:
    """Where a location may be, the likeliest first.

    Alembic takes a relative path from its working directory, which is rarely ours; that is the
    ini's directory, or one above it. `package:path` is looked for in the same places.

    Source: alembic/util/pyfiles.py, `coerce_resource_to_filename`.
    """
    here = section.file.parent
    if Path(written).is_absolute():
        yield lexical(Path(written))
        return
    package, colon, path = written.partition(":")
    relative = "/".join((*package.split("."), *path.split(":"))) if colon else written
    for base in _bases(here):
        yield lexical(base / relative)


def _bases(here: Path) -> Iterable[Path]:
    bases = (here, here / "src", Path.cwd(), top_package_parent(here), *upwards(here))
    return dict.fromkeys(bases)


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if one is None or other is None else tuple(sorted({*one, *other}))
