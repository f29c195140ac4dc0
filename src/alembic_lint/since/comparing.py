"""What a branch changes since its base: histories at other commits, built beside those read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from alembic_lint.config import lexical, shown
from alembic_lint.extract.code import recoded
from alembic_lint.git import GitError, work_tree
from alembic_lint.history import Branch, History, Merge
from alembic_lint.model import Revision
from alembic_lint.repository import LoadedHistory, OtherContents, Repository
from alembic_lint.since.directories import Directories
from alembic_lint.since.matching import matched, meet
from alembic_lint.since.moves import copies, moved_here, moved_there
from alembic_lint.since.part import Contents, Part
from alembic_lint.since.places import Place
from alembic_lint.since.wanting import Wanted
from alembic_lint.source import SourceFile, read_source


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

    def emptied(self) -> frozenset[str]:
        """The paths of the files of histories of which no revision is left."""
        return frozenset(
            revision.path
            for branch in self.branches
            if branch is not None and not branch.history.revisions
            for revision in branch.gone
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
    for item in repository.histories:
        try:
            branches.append(comparing.branch(item))
        except GitError as error:
            if not base.optional and item.history.revisions:
                raise
            branches.append(None)
            rest = (
                "without a base, all findings are shown"
                if item.history.revisions
                else "whether revisions were deleted is not known"
            )
            comparing.notices[f"{error}; {rest}"] = None
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
        tuple(comparing.notices),
    )


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
        self.places: dict[Path, Place] = {}
        self.notices: dict[str, None] = {}

    def branch(self, item: LoadedHistory) -> Branch:
        """What is new in a history.

        Raises:
            GitError: as `compare`.
        """
        history = item.history
        parts = self._parts(item)
        self.name = parts[0].place.base.name
        contents, base = self._base(item, parts)
        now = dict(matched(base, history))
        old = {revision.path for revision in now.values()}
        new = frozenset(each.path for each in history.revisions if each.path not in old)
        history = replace(history, new=new)
        merges = []
        for number in range(-1, len(self.against)):
            others = [part.place.others[number + 1] for part in parts]
            sides = list(zip(parts, others, strict=True))
            if not any(part.news(other) for part, other in sides):
                continue
            ours = _joined(part.at_fork(other) for part, other in sides)
            news = _joined(part.news(other) for part, other in sides)
            both = {file: data for file, data in news.items() if file not in ours}
            other_history = self.others.read(item, {**ours, **news})
            merged = replace(self.others.read(item, both), new=new)
            may_meet = meet(merged, new, history)
            merges.append(Merge(others[0].name, other_history, merged, number < 0, may_meet))
        changed, coded = self._changed(now, base, contents)
        self._tell_of_copies(item, parts, base)
        return Branch(
            self.name,
            history,
            base,
            now,
            changed,
            coded,
            tuple(merges),
            {
                shown(here): there.relative_to(part.place.tree.root).as_posix()
                for part in parts
                for here, there in part.origins.items()
            },
        )

    def _base(self, item: LoadedHistory, parts: Sequence[Part]) -> tuple[Contents, History]:
        """The base without what it and this branch have both deleted; what its files hold."""
        contents = dict(_joined(part.at_base() for part in parts))
        base = self.others.read(item, contents)
        news = _joined(part.news(part.place.base) for part in parts)
        now = dict(matched(base, item.history))
        gone = [each for each in base.revisions if each.path not in now]
        if gone and news:
            at_fork = _joined(part.at_fork(part.place.base) for part in parts)
            tip = self.others.read(item, {**at_fork, **news})
            kept = {each.id or each.path for each in tip.revisions}
            lost = [each for each in gone if (each.id or each.path) not in kept]
            for each in lost:
                del contents[lexical(Path(each.path))]
            base = self.others.read(item, contents) if lost else base
        return contents, base

    def _parts(self, item: LoadedHistory) -> list[Part]:
        """A history's directories, with those of other commits that they were or became."""
        directories = Directories(item)
        parts = self._of(directories)
        for find in (moved_here, moved_there):
            try:
                moves = [move for part in parts for move in find(item, part, self.others)]
            except GitError as error:
                text = f"{error}; whether a version directory has moved is not known"
                self.notices[text] = None
                continue
            if moves:
                directories = directories.with_moves(moves)
                parts = self._of(directories)
        return parts

    def _of(self, directories: Directories) -> list[Part]:
        return [
            Part(self._place(top), inside, directories, self.repository.sources, self.buffers)
            for top, inside in directories.by_top(self.base)
        ]

    def _place(self, top: Path) -> Place:
        if top not in self.places:
            try:
                tree = work_tree(top)
            except GitError as error:
                raise GitError(f"{self.base.origin}: {shown(top)}: {error}") from error
            self.places[top] = Place(tree, self.base, self.against)
        return self.places[top]

    def _tell_of_copies(self, item: LoadedHistory, parts: Sequence[Part], base: History) -> None:
        """Tell where the base has the same revisions in another place, which is still there."""
        if base.revisions or not item.history.revisions:
            return
        read = {
            Path(os.path.realpath(each.path)).parent
            for other in self.repository.histories
            for each in other.history.revisions
        }
        for part in parts:
            for place in copies(item, part, self.others):
                if place not in read:
                    text = (
                        f"{shown(part.inside[0])}: {self.name} has the same revisions in "
                        f"{shown(place)}, which is there as well; those here all count as new"
                    )
                    self.notices[text] = None

    def _changed(
        self, now: Mapping[str, Revision], base: History, contents: Contents
    ) -> tuple[frozenset[str], Mapping[str, tuple[str, ...]]]:
        """The files with another text, and what of the code of each differs."""
        changed: set[str] = set()
        found: dict[str, tuple[str, ...]] = {}
        for revision in base.revisions:
            after = now.get(revision.path)
            if after is None or after is revision:
                continue
            data = contents.get(lexical(Path(revision.path)))
            text = self.repository.sources.get(after.path)
            if data is None or text is None:
                continue
            before = read_source(revision.path, data)
            if before.text == text.text:
                continue
            changed.add(after.path)
            names = recoded(before, text)
            if names:
                found[after.path] = names
        return frozenset(changed), found


def _joined(parts: Iterable[Contents]) -> Contents:
    return {file: data for part in parts for file, data in part.items()}
