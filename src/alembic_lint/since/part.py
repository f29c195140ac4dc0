"""What files of a history hold at other commits, as far as the work tree has something else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alembic_lint.config import shown
from alembic_lint.project.files import read_bytes
from alembic_lint.since.directories import Directories
from alembic_lint.since.places import Other, Place
from alembic_lint.source import SIZE_LIMIT, SourceFile, read_source

Contents = Mapping[Path, bytes | None]
"""What files hold that differ from others, by the paths they go by here; None: there is none."""


class Part:
    """Those of a history's directories that lie in one work tree.

    `sources` are the files as they were read, by shown path, and `buffers` what stands for a file's
    content on the disk, by absolute path.
    """

    def __init__(
        self,
        place: Place,
        inside: tuple[Path, ...],
        directories: Directories,
        sources: Mapping[str, SourceFile],
        buffers: Mapping[Path, bytes],
    ) -> None:
        self.place = place
        self.inside = inside
        self.directories = directories
        self.sources = sources
        self.buffers = buffers
        self.origins: dict[Path, Path] = {}
        """Where files lie at another commit, of those that lie in a directory of another name."""
        self._at_fork: dict[tuple[str, ...], Contents] = {}
        self._news: dict[str, Contents] = {}

    def at_fork(self, other: Other) -> Contents:
        """What files are where another branch and this one part, if not what they are here."""
        if other.forks not in self._at_fork:
            changes = self.place.tree.changed(other.forks[0], self.inside)
            joined = self.place.joined(other, self.inside)
            found = dict(self._read({**changes.before, **joined.after}))
            for file in self.buffers:
                if file not in found and self.directories.hold(file):
                    found[file] = read_bytes(file, SIZE_LIMIT + 1) if file.is_file() else None
            self._at_fork[other.forks] = {
                file: data for file, data in found.items() if not self._is_here(file, data)
            }
        return self._at_fork[other.forks]

    def news(self, other: Other) -> Contents:
        """What files are on another branch, if not what they were where it and this one part."""
        if other.tip not in self._news:
            self._news[other.tip] = {}
            if (other.tip,) != other.forks:
                moved = self.place.tree.between(other.forks[0], other.tip, self.inside)
                joined = self.place.joined(other, self.inside)
                now = {**joined.before, **moved.after}
                blobs = {
                    file: blob
                    for file, blob in now.items()
                    if file not in joined.after or joined.after[file] != blob
                }
                self._news[other.tip] = self._read(blobs)
        return self._news[other.tip]

    def at_base(self) -> Contents:
        """What files are on the base, as far as it is this branch's doing that they differ here.

        That is what they were where the branch left the base, unless the base has had since what
        they are here. Files that both have added are what they are on the base by now: they were
        taken over by a squash or a cherry-pick, or else two people chose one name.
        """
        base = self.place.base
        found = dict(self.at_fork(base))
        news = self.news(base)
        differ: list[Path] = []
        for file, there in news.items():
            if there is None or shown(file) not in self.sources:
                continue
            if self._is_here(file, there):
                found.pop(file, None)
            elif file in found:
                differ.append(file)
        had = self._had(base) if differ else {}
        for file in differ:
            if any(self._is_here(file, data) for data in had.get(file, ())):
                del found[file]
            elif found[file] is None:
                found[file] = news[file]
        return found

    def _had(self, other: Other) -> Mapping[Path, list[bytes]]:
        """All that files have been on another branch since it and this one part."""
        blobs = self.place.tree.had(other.tip, self.place.starts(other), self.inside)
        texts = self.place.tree.contents(
            {blob for each in blobs.values() for blob in each}, SIZE_LIMIT + 1
        )
        found: dict[Path, list[bytes]] = {}
        for real, names in blobs.items():
            file = self.directories.file(real)
            if file is not None:
                found.setdefault(file, []).extend(texts[blob] for blob in sorted(names))
        return found

    def _read(self, blobs: Mapping[Path, str | None]) -> Contents:
        """The contents of those files that are revisions, by the paths they go by here."""
        files: dict[Path, str | None] = {}
        for real, blob in blobs.items():
            file = self.directories.file(real)
            if file is None or (blob is None and file in files):
                continue
            files[file] = blob
            if blob is not None and not self.directories.moves.keys().isdisjoint(real.parents):
                self.origins[file] = real
        texts = self.place.tree.contents(set(filter(None, files.values())), SIZE_LIMIT + 1)
        return {file: None if blob is None else texts[blob] for file, blob in files.items()}

    def _is_here(self, file: Path, data: bytes | None) -> bool:
        """Whether a file's text is the same here; git may keep other line ends."""
        source = self.sources.get(shown(file))
        if source is None or data is None:
            return source is None and data is None
        return source.text == read_source(shown(file), data).text
