"""The baseline: findings that are known of and left out, kept in a file beside the configuration.

An entry names the revisions that take part by their ids, and what is found in them by rule,
operation, table and object. It has no line, no number and no message, and does not say in which of
the revisions the finding stands, so that it survives edits and renamed files; and a finding that a
later revision takes part in is another one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from alembic_lint.config import Config
from alembic_lint.diagnostics import Diagnostic, Party
from alembic_lint.history import History
from alembic_lint.identity import Subject, revisions, subject
from alembic_lint.model import Revision


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A revision of a history.

    `location` is its version location, from the baseline's directory. `file` is its file below
    that, and empty where the `id` alone tells which it is; `id` is empty where there is none.
    """

    location: str
    id: str
    file: str


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Findings that are alike. `places` are the revisions that take part, sorted, one or more."""

    places: tuple[Place, ...]
    rule: str
    subject: Subject


@dataclass(frozen=True)
class Baseline:
    """A baseline as it was read. `file` is where it lies."""

    file: Path
    entries: frozenset[Entry] = frozenset()

    def holding(self, entry: Entry) -> Entry | None:
        """The entry that holds a finding; None where none does.

        Revisions that clash may be told of two by two, in pairs that follow from their order: so
        several revisions are known if an entry has these and more.
        """
        if entry in self.entries:
            return entry
        several = self._several.get((entry.rule, entry.subject), ())
        inside = (each for each in several if set(entry.places) < set(each.places))
        return next(inside, None) if len(entry.places) > 1 else None

    @cached_property
    def _several(self) -> dict[tuple[str, Subject], list[Entry]]:
        found: dict[tuple[str, Subject], list[Entry]] = {}
        for entry in sorted(self.entries):
            if len(entry.places) > 1:
                found.setdefault((entry.rule, entry.subject), []).append(entry)
        return found


def joined(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, those of one clash as one; sorted.

    They are about the same, and each has one of its revisions in common with another.
    """
    found: list[Entry] = []
    groups: dict[tuple[str, Subject], list[set[Place]]] = {}
    for entry in set(entries):
        if len(entry.places) < 2:
            found.append(entry)
            continue
        group = groups.setdefault((entry.rule, entry.subject), [])
        places = set(entry.places)
        for other in [each for each in group if not each.isdisjoint(places)]:
            places |= other
            group.remove(other)
        group.append(places)
    for (rule, about), group in groups.items():
        found.extend(Entry(tuple(sorted(places)), rule, about) for places in group)
    return sorted(found)


class Places:
    """Where the files of histories have their place in a baseline of a certain directory."""

    def __init__(self, histories: Sequence[History], config: Config, file: Path) -> None:
        self._directory = file.parent
        self._lost: dict[str, bool] = {}
        self._by_path: dict[str, Place] = {}
        self._paths: dict[Place, list[str]] = {}
        found: dict[str, list[tuple[Revision, str]]] = {}
        retired: set[str] = set()
        for history in histories:
            for revision in (*history.revisions, *history.retired):
                location = _from(file.parent, config, history.location(revision))
                found.setdefault(location, []).append((revision, history.location(revision)))
            retired.update(revision.path for revision in history.retired)
        for location, items in found.items():
            live = {item.path: item.id for item, _ in items if item.path not in retired}
            ids = Counter(live.values())
            for revision, where in items:
                alone = revision.path in live and revision.id and ids[revision.id] == 1
                name = revision.path if where in {"", "."} else revision.path[len(where) + 1 :]
                place = Place(location, plain(revision.id or ""), "" if alone else plain(name))
                self._by_path[revision.path] = place
                self._paths.setdefault(place, []).append(revision.path)
        self.locations = frozenset(found)

    def entry(self, item: Diagnostic) -> Entry | None:
        """What stands for a finding; None for one in a file of no history."""

        def named(party: Party) -> Place | None:
            return self._by_path.get(party.path)

        if item.path not in self._by_path:
            return None
        return Entry(tuple(sorted(revisions(item, named))), item.name, subject(item, plain))

    def path(self, place: Place) -> str | None:
        """The file that has this place, None where none has."""
        return next(iter(self._paths.get(place, ())), None)

    def is_lost(self, place: Place) -> bool:
        """Whether the version location of a place has no files any more: it may have moved."""
        if place.location in self.locations:
            return False
        if place.location not in self._lost:
            files = (self._directory / place.location).rglob("*.py")
            self._lost[place.location] = next(files, None) is None
        return self._lost[place.location]

    def is_gone(self, entry: Entry, asked: Callable[[str], bool]) -> bool:
        """Whether a revision of an entry is not there any more, as far as files were asked for."""
        return any(
            self.path(place) is None
            and (self._is_whole(place.location, asked) or self.is_lost(place))
            for place in entry.places
        )

    def _is_whole(self, location: str, asked: Callable[[str], bool]) -> bool:
        """Whether all files of a version location were read and asked for."""
        return location in self.locations and all(
            asked(path) for path, place in self._by_path.items() if place.location == location
        )


def outdated(
    baseline: Baseline,
    matched: Collection[Entry],
    places: Places,
    *,
    asked: Callable[[str], bool],
    has_run: Callable[[str, str], bool],
) -> list[Entry]:
    """The entries that match nothing any more, as far as this run can tell; sorted.

    Args:
        baseline: all entries.
        matched: those of them that a finding was found for.
        places: where the files are that were read.
        asked: whether findings in the file of a path were asked for.
        has_run: whether the rule of a name has looked at the file of a path.
    """
    found = []
    for entry in sorted(baseline.entries.difference(matched)):
        paths = [path for place in entry.places if (path := places.path(place)) is not None]
        seen = len(paths) == len(entry.places) and any(map(asked, paths))
        if places.is_gone(entry, asked) or (
            seen and all(has_run(entry.rule, path) for path in paths)
        ):
            found.append(entry)
    return found


def kept(baseline: Baseline, places: Places, *, asked: Callable[[str], bool]) -> set[Entry]:
    """The entries that stay where only the files that were asked for are looked at anew."""
    found = set()
    for entry in baseline.entries:
        paths = [places.path(place) for place in entry.places]
        all_asked = all(path is not None and asked(path) for path in paths)
        if not all_asked and not places.is_gone(entry, asked):
            found.add(entry)
    return found


def _from(directory: Path, config: Config, path: str) -> str:
    """A shown path as it is from a directory, the same on every machine."""
    absolute = os.path.normpath(os.path.join(config.directory, path))  # noqa: PTH118
    try:
        return plain(Path(os.path.relpath(absolute, directory)).as_posix())
    except ValueError:  # another drive
        return plain(Path(absolute).as_posix())


def plain(text: str) -> str:
    """The text without what TOML cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
