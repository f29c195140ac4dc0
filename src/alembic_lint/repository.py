"""A project's files, read and turned into histories. One bad file never hides another."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from alembic_lint.config import Settings, lexical, shown
from alembic_lint.extract import Extractor
from alembic_lint.history import History, build_history
from alembic_lint.model import Revision, Unknown
from alembic_lint.project import Binding, Environment, Project, ProjectModules
from alembic_lint.project.files import is_retired_name, is_revision_name, read_bytes
from alembic_lint.source import (
    SIZE_LIMIT,
    Problem,
    ProblemKind,
    SourceFile,
    read_source,
    too_large,
)

Progress = Callable[[int, int], None]
"""Called with the number of files that are done, and of all files."""


@dataclass(frozen=True, slots=True)
class LoadedHistory:
    """A history, the settings that hold for it, and where its files lie."""

    history: History
    settings: Settings
    environment: Environment


@dataclass(frozen=True, slots=True)
class Failure:
    """A bug in alembic-lint that one file brought out."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Repository:
    """Everything that was read.

    `sources` are all files that were read, by shown path, other modules of the project included.
    """

    histories: tuple[LoadedHistory, ...]
    sources: Mapping[str, SourceFile]
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()


def load(
    project: Project,
    settings: Settings,
    *,
    buffers: Mapping[Path, bytes] | None = None,
    progress: Progress | None = None,
    keep_empty: bool = False,
) -> Repository:
    """Read, extract and order the revisions of a project's histories.

    Histories of which no file is to be reported are left out, and so are those without a revision,
    unless with `keep_empty`: a branch may have deleted all of them.

    Args:
        project: what discovery found.
        settings: the configured ones; a database URL tells the dialects where these do not.
        buffers: contents that stand for those of a file on the disk, by absolute path; a file that
            is not there yet is added to the history whose version directory it lies in.
        progress: told after each file.
        keep_empty: whether histories without a revision are kept.
    """
    reader = _Reader(buffers or {}, progress)
    environments = [_with_buffers(item, reader.buffers) for item in project.environments]
    reader.total = sum(len(item.files) + len(item.retired) for item in environments)
    read = [reader.environment(item) for item in environments]
    notices: list[str] = []
    histories = [
        LoadedHistory(
            build_history(
                item.revisions,
                name=item.environment.name,
                locations=tuple(shown(place) for place in item.environment.locations),
                retired=item.retired,
                external=settings.external_revisions,
            ),
            replace(
                settings,
                dialects=settings.dialects or item.environment.dialects,
                version_width=item.environment.version_width,
                naming_convention=item.environment.naming_convention
                if settings.naming_convention is None
                else settings.naming_convention,
                version_table=item.environment.version_table,
                version_table_schema=item.environment.version_table_schema,
            ),
            item.environment,
        )
        for item in _joined(read, notices, reader)
        if (not project.reported.isdisjoint(item.paths()) if item.revisions else keep_empty)
    ]
    return Repository(tuple(histories), reader.sources, tuple(reader.failures), tuple(notices))


class OtherContents:
    """Reads histories again as they would be with other contents, each content at most once.

    `sources` are all the other contents that were read, by path and text.
    """

    def __init__(self) -> None:
        self.sources: dict[str, list[SourceFile]] = {}
        self._extractors: dict[tuple[Path, ...], Extractor] = {}
        self._known: dict[tuple[Path, bytes], Revision | None] = {}

    def read(self, item: LoadedHistory, contents: Mapping[Path, bytes | None]) -> History:
        """A history with these contents, by absolute path; None is a file that is not there.

        Files of which nothing is said are as they were read before. A file belongs to the history
        if it lies in one of its version directories.
        """
        history = item.history
        had = {lexical(Path(each.path)): each for each in (*history.revisions, *history.retired)}
        files = tuple(lexical(Path(each.path)) for each in history.revisions)
        retired = tuple(lexical(Path(each.path)) for each in history.retired)
        here = {file: data for file, data in contents.items() if data is not None}
        reader = _Reader(here, None)
        reader.extracted.update({file: had[file] for file in had if file not in contents})
        for file, data in here.items():
            if (file, data) in self._known:
                reader.extracted[file] = self._known[file, data]
        environment = replace(item.environment, files=files, retired=retired)
        environment = _with_buffers(environment, here)
        extractor = self._extractor(item)

        def read(places: tuple[Path, ...]) -> tuple[Revision, ...]:
            kept = [file for file in places if file not in contents or file in here]
            return tuple(reader.revisions(kept, extractor))

        revisions, aside = read(environment.files), read(environment.retired)
        for file, data in here.items():
            if file in reader.extracted:
                self._known[file, data] = reader.extracted[file]
        for path, source in reader.sources.items():
            self.sources.setdefault(path, []).append(source)
        return build_history(
            revisions,
            name=history.name,
            locations=history.locations,
            retired=aside,
            external=history.external,
        )

    def revisions(
        self, item: LoadedHistory, contents: Mapping[Path, bytes]
    ) -> Iterator[tuple[Path, Revision]]:
        """The revisions that files hold, wherever they lie, as if they were of this history."""
        reader = _Reader(contents, None)
        extractor = self._extractor(item)
        for file in contents:
            for revision in reader.revisions((file,), extractor):
                yield file, revision

    def _extractor(self, item: LoadedHistory) -> Extractor:
        roots = item.environment.roots
        return self._extractors.setdefault(roots, Extractor(ProjectModules(roots)))


@dataclass(frozen=True, slots=True)
class _Read:
    """An environment with its files read."""

    environment: Environment
    revisions: tuple[Revision, ...]
    retired: tuple[Revision, ...]
    missed: tuple[str, ...] = ()
    """The modules that its revisions name and that are not below its roots."""

    def paths(self) -> Iterator[str]:
        return (item.path for item in (*self.revisions, *self.retired))

    def defined(self) -> frozenset[str]:
        """The ids and branch labels that its revisions have."""
        ids = {item.id for item in self.revisions if item.id is not None}
        return frozenset(ids | {label for item in self.revisions for label in item.labels})

    def missing(self) -> frozenset[str]:
        """The ids and labels that its revisions name and none of them has."""
        named = {name for item in self.revisions for name in (*item.parents, *item.dependencies)}
        return frozenset(named - self.defined())


class _Reader:
    """Reads files one by one, and remembers what it read and what went wrong."""

    def __init__(self, buffers: Mapping[Path, bytes], progress: Progress | None) -> None:
        self.buffers = buffers
        self.progress = progress
        self.total = 0
        self.done = 0
        self.sources: dict[str, SourceFile] = {}
        self.failures: list[Failure] = []
        self.extracted: dict[Path, Revision | None] = {}

    def environment(self, environment: Environment) -> _Read:
        modules = ProjectModules(environment.roots)
        extractor = Extractor(modules)
        revisions = tuple(self.revisions(environment.files, extractor))
        retired = tuple(self.revisions(environment.retired, extractor))
        for source in modules.loaded():
            self.sources.setdefault(source.path, source)
        return _Read(environment, revisions, retired, modules.missed())

    def again(self, item: _Read, others: Sequence[_Read]) -> _Read:
        """Read files again where the modules they name lie below the roots of others.

        `others` turned out to be one history with it; its own roots still come first.
        """
        roots = dict.fromkeys(root for other in others for root in other.environment.roots)
        further = ProjectModules(
            tuple(root for root in roots if root not in item.environment.roots)
        )
        if not any(further.load(name) is not None for name in item.missed):
            return item
        environment = item.environment
        files = (*environment.files, *environment.retired)
        for file in files:
            self.extracted.pop(file, None)
        paths = frozenset(shown(file) for file in files)
        self.failures = [failure for failure in self.failures if failure.path not in paths]
        progress, self.progress = self.progress, None  # these files have been counted
        try:
            return self.environment(
                replace(environment, roots=(*environment.roots, *further.roots))
            )
        finally:
            self.progress = progress

    def revisions(self, files: Sequence[Path], extractor: Extractor) -> Iterator[Revision]:
        """What the files hold; those of which not even a look tells anything are left out."""
        for file in files:
            if file not in self.extracted:
                self.extracted[file] = self._revision(file, extractor)
            revision = self.extracted[file]
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)
            if revision is not None:
                yield revision

    def _revision(self, file: Path, extractor: Extractor) -> Revision | None:
        source = self._source(file)
        self.sources[source.path] = source
        try:
            return extractor.extract(source)
        except Exception as error:  # noqa: BLE001  (a bug: named, and the other files go on)
            self.failures.append(Failure(source.path, _described(error)))
            return _identifiers(source, extractor)

    def _source(self, file: Path) -> SourceFile:
        path = shown(file)
        buffer = self.buffers.get(file)
        if buffer is not None:
            return read_source(path, buffer)
        try:
            data = read_bytes(file, SIZE_LIMIT + 1)
            if len(data) > SIZE_LIMIT:
                return SourceFile(path, "", too_large(file.stat().st_size))
        except (OSError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            message = f"the file cannot be read: {reason or error}; Alembic stops at it"
            return SourceFile(path, "", Problem(ProblemKind.UNREADABLE, message))
        return read_source(path, data)


def _described(error: Exception) -> str:
    """An exception on one line, with the place in the source that raised it."""
    *_, last = traceback.extract_tb(error.__traceback__)
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{what} ({Path(last.filename).name}:{last.lineno})"


def _identifiers(source: SourceFile, extractor: Extractor) -> Revision | None:
    """The revision by what a look at its text gives away, so that its children keep a parent."""
    problem = Problem(ProblemKind.UNREADABLE, "the analysis failed")
    try:
        revision = extractor.extract(replace(source, problem=problem))
    except Exception:  # noqa: BLE001  (the failure itself is already noted)
        return None
    unknown = Unknown("the analysis failed")
    return replace(revision, problem=None, upgrade=unknown, downgrade=unknown)


def _with_buffers(environment: Environment, buffers: Iterable[Path]) -> Environment:
    """Add files that are not on the disk to the directory that they belong in."""
    known = frozenset((*environment.files, *environment.retired))
    directories = {*environment.locations, *(file.parent for file in known)}
    files, retired = list(environment.files), list(environment.retired)
    for file in buffers:
        below = environment.recursive and not directories.isdisjoint(file.parents)
        if file in known or not (file.parent in directories or below):
            continue
        if is_revision_name(file.name):
            _place(file, files)
        elif is_retired_name(file.name):
            _place(file, retired)
    return replace(environment, files=tuple(files), retired=tuple(retired))


def _place(file: Path, files: list[Path]) -> None:
    """Put a file among those of its directory, in their order."""
    after = [i for i, other in enumerate(files) if other.parent == file.parent and other > file]
    files.insert(after[0] if after else len(files), file)


def _joined(read: Sequence[_Read], notices: list[str], reader: _Reader) -> Iterator[_Read]:
    """The histories: version directories whose revisions name each other's belong together."""
    fixed = [item for item in read if item.environment.binding is Binding.FIXED]
    yield from fixed
    groups: list[list[_Read]] = []
    for item in read:
        if item in fixed:
            continue
        related = [group for group in groups if any(_connected(item, other) for other in group)]
        merged = [*(other for group in related for other in group), item]
        groups = [group for group in groups if group not in related]
        groups.append(merged)
    order = {id(item): position for position, item in enumerate(read)}
    for group in sorted(groups, key=lambda group: min(order[id(item)] for item in group)):
        group.sort(key=lambda item: order[id(item)])
        if any(item.environment.binding is Binding.LOOSE for item in group):
            yield _merge([reader.again(item, group) for item in group])
        else:
            notices.extend(
                f"{item.environment.name} holds revisions that the history above it does not "
                "name; Alembic does not load them unless it is told to, so they are left out"
                for item in group
            )


def _connected(one: _Read, other: _Read) -> bool:
    return not (
        one.missing().isdisjoint(other.defined()) and other.missing().isdisjoint(one.defined())
    )


T = TypeVar("T")


def _shared(values: Sequence[T | None]) -> T | None:
    """What all have, None where they differ."""
    return values[0] if all(value == values[0] for value in values) else None


def _merge(group: Sequence[_Read]) -> _Read:
    environments = [item.environment for item in group]
    first = environments[0]
    dialects = {item.dialects for item in environments}
    merged = replace(
        first,
        locations=tuple(place for item in environments for place in item.locations),
        roots=tuple(dict.fromkeys(root for item in environments for root in item.roots)),
        dialects=first.dialects if len(dialects) == 1 else None,
        version_width=max(item.version_width for item in environments),
        naming_convention=_shared([item.naming_convention for item in environments]),
        version_table=_shared([item.version_table for item in environments]),
        version_table_schema=_shared([item.version_table_schema for item in environments]),
    )
    return _Read(
        merged,
        tuple(revision for item in group for revision in item.revisions),
        tuple(revision for item in group for revision in item.retired),
    )
