"""Where a history's directories were, or went, at other commits: found by the ids of revisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from alembic_lint.config import lexical
from alembic_lint.history import History
from alembic_lint.model import Revision
from alembic_lint.project.files import assigns_parent, is_revision_name
from alembic_lint.repository import LoadedHistory, OtherContents
from alembic_lint.since.directories import Move
from alembic_lint.since.part import Contents, Part
from alembic_lint.source import SIZE_LIMIT


def moved_here(item: LoadedHistory, part: Part, others: OtherContents) -> Iterator[Move]:
    """The directories that this branch has moved: revisions left them, and are here now.

    Raises:
        GitError: the clone does not hold one of the files.
    """
    for other in part.place.others:
        there = part.at_fork(other)
        lacking = _lacking(item, there)
        if lacking:
            blobs = part.place.tree.deleted(other.forks[0])
            yield from _moves(item, part, others, there, blobs, lacking)


def moved_there(item: LoadedHistory, part: Part, others: OtherContents) -> Iterator[Move]:
    """The directories that another branch has moved: revisions have left those of this history.

    Raises:
        GitError: the clone does not hold one of the files.
    """
    for other in part.place.others:
        news = part.news(other)
        lost = _lacking(item, news)
        if lost:
            blobs = part.place.tree.added(other.forks[0], other.tip)
            there = {**part.at_fork(other), **news}
            yield from _moves(item, part, others, there, blobs, lost)


def copies(item: LoadedHistory, part: Part, others: OtherContents) -> Iterator[Path]:
    """The directories of the base, elsewhere, that have revisions of a history and still exist.

    Raises:
        GitError: the clone does not hold one of the files.
    """
    names = {Path(each.path).name for each in item.history.revisions}
    files = part.place.tree.python_files(part.place.base.forks[0])
    named = {file: blob for file, blob in files.items() if file.name in names and file.is_file()}
    ids = {each.id for each in item.history.revisions if each.id}
    found = _elsewhere(item, part, others, named)
    for directory, revisions in found.items():
        if any(each.id in ids for each in revisions):
            yield directory


def _lacking(item: LoadedHistory, contents: Contents) -> dict[str, Path]:
    """The files, by their ids, that are here and not at another commit."""
    return {
        each.id: file
        for each in item.history.revisions
        if each.id is not None and contents.get(file := lexical(Path(each.path)), b"") is None
    }


def _moves(
    item: LoadedHistory,
    part: Part,
    others: OtherContents,
    there: Contents,
    blobs: Mapping[Path, str | None],
    wanted: Mapping[str, Path],
) -> Iterator[Move]:
    """The directories that hold wanted revisions at a commit that lacks them here.

    A history has an id once: where a directory elsewhere has one that this history has at that
    commit, it is that of another history.
    """
    found = _elsewhere(item, part, others, blobs)
    if not found:
        return
    known = _ids(others.read(item, there))
    for directory, revisions in found.items():
        ids = {each.id for each in revisions if each.id is not None}
        targets = Counter(wanted[name].parent for name in sorted(ids & wanted.keys()))
        if targets and known.isdisjoint(ids):
            yield Move(directory, targets.most_common(1)[0][0])


def _ids(history: History) -> frozenset[str]:
    return frozenset(each.id for each in history.revisions if each.id is not None)


def _elsewhere(
    item: LoadedHistory, part: Part, others: OtherContents, blobs: Mapping[Path, str | None]
) -> dict[Path, list[Revision]]:
    """The revisions among files that are in none of the history's directories, by directory."""
    files = {
        file: blob
        for file, blob in blobs.items()
        if blob is not None and is_revision_name(file.name) and part.directories.file(file) is None
    }
    texts = part.place.tree.contents(set(files.values()), SIZE_LIMIT + 1)
    likely = {file: texts[blob] for file, blob in files.items() if assigns_parent(texts[blob])}
    found: dict[Path, list[Revision]] = {}
    for file, revision in others.revisions(item, likely):
        found.setdefault(file.parent, []).append(revision)
    return found
