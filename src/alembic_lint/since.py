"""What a branch changes since its base: histories at other commits, built beside those read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path

from alembic_lint.config import Config, lexical, shown
from alembic_lint.extract.code import recoded
from alembic_lint.git import FETCH, GitError, WorkTree, home, work_tree
from alembic_lint.history import Branch, History, Merge
from alembic_lint.model import Call, Context, Revision, flatten
from alembic_lint.project.files import read_bytes
from alembic_lint.repository import LoadedHistory, OtherContents, Repository
from alembic_lint.source import SIZE_LIMIT, SourceFile, read_source

VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
"""Where a pull request's build on GitHub, or a merge request's on GitLab, finds its base."""

_NAMES = frozenset({"name", "new_table", "referent", "table"})
"""The fields of operations that tell on which tables they work."""

_Contents = Mapping[Path, bytes | None]
"""What files hold that differ from those that were read, None where there is none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The base that is asked for, and who asks: an option, a configuration file, or a variable.

    `optional` tells that nobody asked for it by hand, so that a run goes on without it.
    """

    ref: str
    origin: str
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What the ref may stand for, the likeliest first.

        A build has the branches of its remote, and hardly any of its own.
        """
        remote = f"origin/{self.ref}"
        return (remote, self.ref) if self.optional else (self.ref, remote)


def wanted(option: str | None, config: Config, environment: Mapping[str, str]) -> Wanted | None:
    """The base that counts: of the option, the configuration, the environment, the first one.

    An empty one says that there is none, and asks no further; an empty variable is not set.
    """
    if option is not None:
        return Wanted(option, "--base") if option else None
    if config.base is not None:
        return Wanted(config.base, f'"base" in {config.file}') if config.base else None
    for name in VARIABLES:
        if environment.get(name):
            return Wanted(environment[name], name, optional=True)
    return None


@dataclass(frozen=True, slots=True)
class Since:
    """What came of comparing: a branch for each history of a repository, and what to tell.

    `name` is the base as it was found. `branches` are in the order of the repository's histories,
    None for one that is compared with nothing. `sources` are files of other commits that are not in
    the work tree, by path.
    """

    name: str
    branches: tuple[Branch | None, ...]
    whole: frozenset[str] = frozenset()
    """The paths of the files of histories that are compared with nothing."""
    sources: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    notices: tuple[str, ...] = ()

    def touched(self) -> frozenset[str]:
        """The paths of new and of changed files; all of a history that is not compared."""
        return self.whole.union(
            *(
                branch.changed | (branch.history.new or frozenset())
                for branch in self.branches
                if branch
            )
        )


def compare(
    repository: Repository,
    base: Wanted,
    against: Sequence[str] = (),
    buffers: Mapping[Path, bytes] | None = None,
) -> Since:
    """Compare the histories of a repository with what they are on the base of the branch.

    Args:
        repository: what was read, whatever is staged or not.
        base: the branch that this one is to be merged into.
        against: other branches that may be merged before it.
        buffers: contents that stand for a file's on the disk, by absolute path.

    Raises:
        GitError: one of the commits cannot be found, or git cannot be asked.
    """
    comparing = _Comparing(repository, base, tuple(against), buffers or {})
    branches: list[Branch | None] = []
    notices: dict[str, None] = {}
    for item in repository.histories:
        try:
            branches.append(comparing.branch(item))
        except GitError as error:
            if not base.optional:
                raise
            branches.append(None)
            notices[f"{error}; without a base, all findings are shown"] = None
    return Since(
        comparing.name,
        tuple(branches),
        frozenset(
            revision.path
            for item, branch in zip(repository.histories, branches, strict=True)
            if branch is None
            for revision in (*item.history.revisions, *item.history.retired)
        ),
        {
            path: found[0]
            for path, found in comparing.others.sources.items()
            if path not in repository.sources
        },
        tuple(notices),
    )


@dataclass(frozen=True, slots=True)
class _Other:
    """A commit that is not checked out, and where it and the checked out one part."""

    name: str
    tip: str
    fork: str


class _Place:
    """A work tree with the commits that are asked for."""

    def __init__(self, tree: WorkTree, base: Wanted, against: Sequence[str]) -> None:
        self.tree = tree
        names = [(name, f"origin/{name}") for name in against]
        asked = ["HEAD", *base.names, *(name for pair in names for name in pair)]
        try:
            known = tree.commits(asked)
        except GitError as error:
            raise GitError(f"{base.origin}: {error}") from error
        head = known["HEAD"]
        if head is None:
            raise GitError(f"{base.origin}: {_repository(tree)} has no commit yet")
        self.base = self._other(head, base.names, known, base.origin, base.ref)
        self.against = [self._other(head, pair, known, "--against", pair[0]) for pair in names]

    def _other(
        self,
        head: str,
        names: Iterable[str],
        known: Mapping[str, str | None],
        origin: str,
        ref: str,
    ) -> _Other:
        found = next(((name, commit) for name in names if (commit := known[name])), None)
        if found is None:
            where = f"{origin}: {_repository(self.tree)} has no branch, tag or commit {ref!r}"
            if self.tree.shallow:
                raise GitError(f"{where}, and it is a shallow clone; {FETCH}")
            raise GitError(f"{where}; fetch it, or name another")
        name, commit = found
        fork = self.tree.merge_base(head, commit)
        if fork is None and self.tree.shallow:
            raise GitError(
                f"{origin}: this shallow clone ends before the commit at which the branch left "
                f"{name!r}; {FETCH}"
            )
        if fork is None:
            raise GitError(f"{origin}: HEAD and {name!r} have no commit in common")
        return _Other(name, commit, fork)


def _repository(tree: WorkTree) -> str:
    where = shown(tree.root)
    return "the repository" if where == "." else f"the repository {where}"


class _Comparing:
    """One comparison: what git was asked already, and what of other commits was read."""

    def __init__(
        self,
        repository: Repository,
        base: Wanted,
        against: tuple[str, ...],
        buffers: Mapping[Path, bytes],
    ) -> None:
        self.repository = repository
        self.base = base
        self.against = against
        self.buffers = buffers
        self.name = base.ref
        self.others = OtherContents()
        self.places: dict[Path, _Place] = {}
        self.asked: dict[tuple[tuple[Path, ...], str], _Contents] = {}

    def branch(self, item: LoadedHistory) -> Branch:
        """What is new in a history.

        Raises:
            GitError: as `compare`.
        """
        history = item.history
        directories = _Directories(item)
        places = [(self._place(top), inside) for top, inside in directories.by_top(self.base)]
        self.name = places[0][0].base.name
        base_contents: dict[Path, bytes | None] = {}
        for place, inside in places:
            base_contents |= self._ours(place, inside, directories, place.base.fork)
        base = self.others.read(item, base_contents)
        now = dict(_matched(base, history))
        old = {revision.path for revision in now.values()}
        new = frozenset(each.path for each in history.revisions if each.path not in old)
        history = replace(history, new=new)
        merges = []
        for number in range(-1, len(self.against)):
            sides: list[tuple[str, _Contents, _Contents]] = []
            for place, inside in places:
                other = place.base if number < 0 else place.against[number]
                sides.append((other.name, *self._sides(place, inside, directories, other)))
            theirs = {file: data for _, side, _ in sides for file, data in side.items()}
            both = {file: data for _, _, side in sides for file, data in side.items()}
            if both:
                other_history = self.others.read(item, theirs)
                merged = replace(self.others.read(item, both), new=new)
                meet = _meet(merged, new, history)
                merges.append(Merge(sides[0][0], other_history, merged, number < 0, meet))
        changed, coded = self._changed(now, base)
        return Branch(places[0][0].base.name, history, base, now, changed, coded, tuple(merges))

    def _place(self, top: Path) -> _Place:
        if top not in self.places:
            try:
                tree = work_tree(top)
            except GitError as error:
                raise GitError(f"{self.base.origin}: {shown(top)}: {error}") from error
            self.places[top] = _Place(tree, self.base, self.against)
        return self.places[top]

    def _ours(
        self, place: _Place, inside: tuple[Path, ...], directories: _Directories, fork: str
    ) -> _Contents:
        """What the files that are otherwise in the work tree hold at a commit."""
        if (inside, fork) in self.asked:
            return self.asked[inside, fork]
        changes = place.tree.changed(fork, inside)
        found = dict(self._read(place, changes.before, directories))
        for file in self.buffers:
            if file not in found and directories.hold(file):
                found[file] = read_bytes(file, SIZE_LIMIT + 1) if file.is_file() else None
        differs = {file: data for file, data in found.items() if not self._is_same(file, data)}
        self.asked[inside, fork] = differs
        return differs

    def _sides(
        self, place: _Place, inside: tuple[Path, ...], directories: _Directories, other: _Other
    ) -> tuple[_Contents, _Contents]:
        """What files hold on another branch, and after merging it; nothing where it is no news."""
        if other.tip == other.fork:
            return {}, {}
        moved = place.tree.between(other.fork, other.tip, inside)
        news = self._read(place, moved.after, directories)
        if not news:
            return {}, {}
        ours = self._ours(place, inside, directories, other.fork)
        merged = {file: data for file, data in news.items() if file not in ours}
        return {**ours, **news}, merged

    def _read(
        self, place: _Place, blobs: Mapping[Path, str | None], directories: _Directories
    ) -> _Contents:
        """The contents of those files that are revisions, by the paths they go by here."""
        files = {
            file: blob
            for real, blob in blobs.items()
            if (file := directories.file(real)) is not None
        }
        names = {blob for blob in files.values() if blob is not None}
        texts = place.tree.contents(names, SIZE_LIMIT + 1)
        return {file: None if blob is None else texts[blob] for file, blob in files.items()}

    def _is_same(self, file: Path, data: bytes | None) -> bool:
        """Whether a file's text is the same; git may keep other line ends than the work tree."""
        source = self.repository.sources.get(shown(file))
        return source is not None and data is not None and source.text == _text(file, data)

    def _changed(
        self, now: Mapping[str, Revision], base: History
    ) -> tuple[frozenset[str], Mapping[str, tuple[str, ...]]]:
        """The files with another text, and what of the code of each differs."""
        changed: set[str] = set()
        found: dict[str, tuple[str, ...]] = {}
        for revision in base.revisions:
            after = now.get(revision.path)
            if after is None or after is revision:
                continue
            before = self._source(revision)
            text = self.repository.sources.get(after.path)
            if before is None or text is None or before.text == text.text:
                continue
            changed.add(after.path)
            names = recoded(before, text)
            if names:
                found[after.path] = names
        return frozenset(changed), found

    def _source(self, revision: Revision) -> SourceFile | None:
        """The text of a file of the base that is otherwise, or elsewhere, in the work tree."""
        found = self.others.sources.get(revision.path)
        return found[0] if found else None


def _text(file: Path, data: bytes) -> str:
    return read_source(shown(file), data).text


class _Directories:
    """The directories that a history's files lie in, by how they are named and where they are."""

    def __init__(self, item: LoadedHistory) -> None:
        files = (*item.history.revisions, *item.history.retired)
        own = dict.fromkeys(lexical(Path(each.path)).parent for each in files)
        self.named = tuple(dict.fromkeys((*item.environment.locations, *own)))
        self.real = {Path(os.path.realpath(place)): place for place in reversed(self.named)}
        self.recursive = item.environment.recursive

    def by_top(self, base: Wanted) -> Iterator[tuple[Path, tuple[Path, ...]]]:
        """The directories of each work tree, by its top.

        Raises:
            GitError: one lies in no work tree.
        """
        tops: dict[Path, list[Path]] = {}
        for place in self.named:
            top = home(place)
            if top is None:
                raise GitError(f"{base.origin}: {shown(place)} is in no git repository")
            tops.setdefault(top, []).append(place)
        return ((top, tuple(places)) for top, places in tops.items())

    def file(self, real: Path) -> Path | None:
        """A file by the name it goes by here; None where it is in none of the directories."""
        if real.parent in self.real:
            return self.real[real.parent] / real.name
        if self.recursive:
            for place in real.parents:
                if place in self.real:
                    return self.real[place] / real.relative_to(place)
        return None

    def hold(self, file: Path) -> bool:
        """Whether a file, by the name it goes by here, is in one of the directories."""
        return file.parent in self.named


def _matched(base: History, history: History) -> Iterator[tuple[str, Revision]]:
    """The path of each revision of the base, and what it is now; those that are gone are missing.

    It is the file of the same path and id, or one of the same id, or one of the same path.
    """
    at = {each.path: each for each in history.revisions}
    left = [each for each in base.revisions if not _same(each, at.get(each.path))]
    kept = {each.path for each in base.revisions if _same(each, at.get(each.path))}
    yield from ((path, at[path]) for path in kept)
    free = {each.id: each for each in reversed(history.revisions) if each.path not in kept}
    rest: list[Revision] = []
    for revision in left:
        if revision.id is None or revision.id not in free:
            rest.append(revision)
            continue
        moved = free.pop(revision.id)
        kept.add(moved.path)
        yield revision.path, moved
    for revision in rest:
        if revision.path in at and revision.path not in kept:
            yield revision.path, at[revision.path]


def _meet(merged: History, new: frozenset[str], history: History) -> bool:
    """Whether new revisions name a table that revisions of the other side name as well."""
    own = {revision.path for revision in history.revisions}
    mine = (revision for revision in merged.revisions if revision.path in new)
    theirs = (revision for revision in merged.revisions if revision.path not in own)
    return not _named(mine).isdisjoint(_named(theirs))


def _named(revisions: Iterable[Revision]) -> frozenset[str]:
    """The names of tables, of what they refer to, and of what an operation drops by its name."""
    found: set[str] = set()
    todo: list[object] = [item for each in revisions for item in flatten(each.operations)]
    while todo:
        value = todo.pop()
        if isinstance(value, tuple):
            todo.extend(value)
        elif is_dataclass(value) and not isinstance(value, Context | Call):
            for field_ in fields(value):
                inner = getattr(value, field_.name)
                if not isinstance(inner, str):
                    todo.append(inner)
                elif field_.name in _NAMES:
                    found.add(inner.lower())
    return frozenset(found)


def _same(revision: Revision, now: Revision | None) -> bool:
    return now is not None and (now is revision or now.id == revision.id)
