"""The directories that a history's files lie in, here and at other commits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic_lint.config import lexical, shown
from alembic_lint.git import GitError, home
from alembic_lint.repository import LoadedHistory
from alembic_lint.since.wanting import Wanted


@dataclass(frozen=True, slots=True)
class Move:
    """A directory of another commit, and the one in the work tree that its files belong in.

    `there` is without symbolic links; `here` is as the work tree's files are named.
    """

    there: Path
    here: Path


class Directories:
    """The directories that a history's files lie in, by how they are named and where they are.

    Files of other commits go by the path that they would have if their directory had moved there
    too, as where git finds a directory renamed when it merges.

    Source: Git's Documentation/technical/directory-rename-detection.txt.
    """

    def __init__(self, item: LoadedHistory, moves: Iterable[Move] = ()) -> None:
        files = (*item.history.revisions, *item.history.retired)
        own = dict.fromkeys(lexical(Path(each.path)).parent for each in files)
        self.named = tuple(dict.fromkeys((*item.environment.locations, *own)))
        self.real = {Path(os.path.realpath(place)): place for place in reversed(self.named)}
        self.recursive = item.environment.recursive
        self.item = item
        self.moves: dict[Path, Path] = {}
        for move in moves:
            there, here = move.there, move.here
            locations = item.environment.locations
            while self.recursive and here not in locations and here.name == there.name:
                there, here = there.parent, here.parent
            if there not in self.real:
                self.moves.setdefault(there, here)
        self.real = self.moves | self.real

    def with_moves(self, moves: Iterable[Move]) -> Directories:
        """These, and directories of other commits that they were, or became."""
        known = (Move(there, here) for there, here in self.moves.items())
        return Directories(self.item, (*known, *moves))

    def by_top(self, base: Wanted) -> Iterator[tuple[Path, tuple[Path, ...]]]:
        """The directories of each work tree, by its top.

        Raises:
            GitError: one lies in no work tree.
        """
        tops: dict[Path, list[Path]] = {}
        for place in (*self.named, *self.moves):
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
