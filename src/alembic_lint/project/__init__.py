"""Finding histories: from paths, or the working directory, to environments and their files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from alembic_lint.config import Config, is_file, lexical, shown
from alembic_lint.project.environment import Binding, Environment, Project, ProjectError
from alembic_lint.project.files import (
    below,
    holds_revisions,
    is_closed,
    is_retired_name,
    is_revision_name,
    list_directory,
    unseen,
    upwards,
)
from alembic_lint.project.ini import alembic_table, read_sections
from alembic_lint.project.modules import ProjectModules
from alembic_lint.project.resolve import from_directory, from_script, from_sections

__all__ = ["Binding", "Environment", "Project", "ProjectError", "ProjectModules", "discover"]

_SOUGHT = "no version directory, env.py, alembic.ini or [tool.alembic] in or below it"


def discover(paths: Sequence[Path], config: Config, *, unsaved: Path | None = None) -> Project:
    """Find the histories that paths belong to; without paths, that of the working directory.

    A path may be a version directory, a revision file, a script directory, a directory with an
    alembic.ini, an ini or a pyproject.toml, or a directory with any of these below it. Without
    paths the search goes upwards to the root of the git repository, and then below the working
    directory. `unsaved` is one of the paths that need not be there: an editor's buffer.

    The project has no environments where nothing was found.

    Raises:
        ProjectError: a path that is not there, or Alembic's configuration cannot be used.
    """
    search = _Search(config)
    for path in paths:
        search.argument(lexical(path), unsaved=path == unsaved)
    if not paths:
        search.working_directory(Path.cwd())
    return search.project()


class _Search:
    """The state of one discovery: what was found, and what of it is to be reported."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.notices: list[str] = []
        self.left_out: list[str] = []
        self.found: dict[tuple[str, tuple[Path, ...]], Environment] = {}
        self.reported: set[str] = set()
        self.named: set[str] = set()
        self.families: dict[tuple[Path, bool], tuple[Environment, ...]] = {}

    def project(self) -> Project:
        return Project(
            environments=tuple(self.found.values()),
            reported=frozenset(self.reported),
            named=frozenset(self.named),
            notices=tuple(dict.fromkeys(self.notices)),
            left_out=tuple(dict.fromkeys(self.left_out)),
        )

    def argument(self, path: Path, *, unsaved: bool) -> None:
        if path.is_dir():
            self._directory(path)
        elif path.suffix in {".ini", ".toml"} and path.is_file():
            self._configuration(path)
        elif unsaved or path.is_symlink() or path.exists():
            self._file(path)
        else:
            raise ProjectError(f"{shown(path)}: no such file or directory")

    def working_directory(self, here: Path) -> None:
        if is_closed(here):
            raise _closed(here)
        for place in upwards(here):
            if self._at(place) or holds_revisions(place):
                self._directory(place)
                return
        # To look through everything that a user or a machine has could take minutes.
        if here not in {Path(os.environ.get("HOME", here.anchor)), Path(here.anchor)}:
            self._below(here)

    def _directory(self, path: Path) -> None:
        if is_closed(path):
            raise _closed(path)
        whole = (
            self._at(path, scripts=False)
            or self._claim(path, lambda item: item.script == path and item.ini is not None)
            or self._at(path)
        )
        if whole:
            self._add(whole)
            return
        claimed = self._claim(path, lambda item: _reads(item, path))
        if claimed:
            self._add(claimed, lambda file: file.is_relative_to(path))
        elif holds_revisions(path) or _looks_like_versions(path):
            self._add(from_directory(path, self.notices))
        else:
            before = len(self.reported)
            self._below(path)
            if len(self.reported) == before:
                self.left_out.append(f"{shown(path)} holds no Alembic history ({_SOUGHT})")

    def _configuration(self, path: Path) -> None:
        beside = path.with_name("pyproject.toml")
        if path.suffix == ".toml":
            ini = path.with_name("alembic.ini")
            sections = read_sections(ini if ini.is_file() else None, path)
        else:
            sections = read_sections(path, beside if beside.is_file() else None)
        if not sections:
            table = "[tool.alembic] table" if path.suffix == ".toml" else "[alembic] section"
            raise ProjectError(f"{shown(path)} has no {table}")
        self._add(from_sections(sections, self.notices))

    def _file(self, path: Path) -> None:
        claimed = self._claim(path.parent, lambda item: _loads_from(item, path.parent))
        if not claimed and (holds_revisions(path.parent) or _looks_like_versions(path.parent)):
            claimed = from_directory(path.parent, self.notices)
        if not claimed:
            self.left_out.append(_why_left_out(path))
            return
        if not is_revision_name(path.name) and not is_retired_name(path.name):
            self.left_out.append(f"{shown(path)}: Alembic loads no file of this name")
            return
        self._add(claimed, lambda file: file == path)
        self.reported.add(shown(path))
        self.named.add(shown(path))

    def _below(self, path: Path) -> None:
        """Add every history below a directory: those with an ini first, then scripts, then bare.

        What cannot be used of them is noted, and so are directories that may not be looked into.
        """
        closed: list[Path] = []
        places = [place for place in below(path, closed) if not self._excludes(place)]
        if path in closed:
            raise _closed(path)
        for place in places:
            self._add(self._usable(place, scripts=False))
        for place in places:
            if not self._is_taken(place):
                self._add(self._usable(place))
        for place in places:
            if not self._is_taken(place) and holds_revisions(place):
                self._add(from_directory(place, self.notices))

        self.notices.extend(unseen(place for place in closed if not self._excludes(place)))

    def _excludes(self, place: Path) -> bool:
        return self.config.excludes(shown(place))

    def _is_taken(self, place: Path) -> bool:
        return any(
            place == environment.script
            or place in environment.locations
            or any(file.parent == place for file in environment.files)
            for environment in self.found.values()
        )

    def _at(self, place: Path, *, scripts: bool = True) -> tuple[Environment, ...]:
        """The environments that a directory itself describes."""
        key = (place, scripts)
        if key not in self.families:
            try:
                self.families[key] = self._described(place, scripts=scripts)
            except PermissionError as error:
                raise _closed(Path(error.filename)) from error
        return self.families[key]

    def _usable(self, place: Path, *, scripts: bool = True) -> tuple[Environment, ...]:
        """As `_at`; what is wrong with them is noted."""
        try:
            return self._at(place, scripts=scripts)
        except ProjectError as error:
            self.notices.append(str(error))
            return ()

    def _described(self, place: Path, *, scripts: bool) -> tuple[Environment, ...]:
        ini, pyproject = place / "alembic.ini", place / "pyproject.toml"
        has_table = is_file(pyproject) and alembic_table(pyproject) is not None
        has_ini = is_file(ini)
        if has_ini or has_table:
            sections = read_sections(ini if has_ini else None, pyproject if has_table else None)
            if sections:
                return from_sections(sections, self.notices)
        if scripts and is_file(place / "env.py") and _is_script_directory(place):
            return from_script(place, self.notices)
        return ()

    def _claim(
        self, directory: Path, is_mine: Callable[[Environment], bool]
    ) -> tuple[Environment, ...]:
        """The environments meant by `is_mine`, among those described in or above a directory."""
        for scripts in (False, True):
            for place in upwards(directory):
                family = self._usable(place, scripts=scripts)
                mine = [item for item in family if is_mine(item)]
                if mine:
                    return _together(family, mine)
        return ()

    def _add(
        self,
        environments: tuple[Environment, ...],
        wanted: Callable[[Path], bool] = lambda _: True,
    ) -> None:
        for environment in environments:
            key = (environment.name, environment.files or environment.locations)
            known = self.found.get(key)
            if known is None or known.binding is Binding.NESTED:
                self.found[key] = environment
            files = (*environment.files, *environment.retired)
            self.reported.update(shown(file) for file in files if wanted(file))


def _closed(path: Path) -> ProjectError:
    return ProjectError(f"{shown(path)} cannot be read: permission denied")


def _why_left_out(path: Path) -> str:
    """Why a file that was named has no history."""
    if path.name == "env.py" and _is_script_directory(path.parent):
        return (
            f"{shown(path)} is the script that runs a history, no part of it; "
            f"pass {shown(path.parent)} to lint the history"
        )
    return f"{shown(path)} belongs to no Alembic history"


def _loads_from(environment: Environment, directory: Path) -> bool:
    """Whether files that lie directly in a directory belong to an environment."""
    return directory in environment.locations or any(
        file.parent == directory for file in environment.files
    )


def _reads(environment: Environment, directory: Path) -> bool:
    """Whether an environment has files in a directory, or below it."""
    return directory in environment.locations or any(
        file.is_relative_to(directory) for file in environment.files
    )


def _together(family: tuple[Environment, ...], mine: list[Environment]) -> tuple[Environment, ...]:
    """Those asked for, and all that may turn out to be the same history."""
    return tuple(
        replace(item, binding=Binding.LOOSE)
        if item in mine and item.binding is Binding.NESTED
        else item
        for item in family
        if item in mine or item.binding is not Binding.FIXED
    )


def _looks_like_versions(directory: Path) -> bool:
    """Whether it has the name and the kind of files of a version directory, however broken."""
    return directory.name == "versions" and bool(list_directory(directory).files)


def _is_script_directory(directory: Path) -> bool:
    """Whether the env.py in a directory is Alembic's."""
    return (
        (directory / "versions").is_dir()
        or (directory / "script.py.mako").is_file()
        or any(holds_revisions(place) for place in below(directory))
    )
