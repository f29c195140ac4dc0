"""The baseline: findings that are known of and left out, kept in a file beside the configuration.

An entry names the revision by its id, and what is found in it by rule, operation, table, object and
the other revisions that take part. It has no line, no number and no message, so that it survives
edits; and a finding that a later revision takes part in is another one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from alembic_lint.config import Config, ConfigError, read_toml, shown
from alembic_lint.engine import Diagnostic
from alembic_lint.history import History
from alembic_lint.model import Revision
from alembic_lint.rule import Rule
from alembic_lint.selection import unknown
from alembic_lint.wording import near, quoted

FILE_NAME = "alembic-lint-baseline.toml"
VERSION = 1

_HEADING = """\
# Findings that `alembic-lint check` leaves out; `alembic-lint baseline` writes this file.
version = 1
"""


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
    """Findings in a revision that are alike; empty where there is no such thing.

    `others` are the ids of other revisions that take part, sorted; of one without, its file.
    """

    place: Place
    rule: str
    operation: str = ""
    table: str = ""
    object: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline as it was read. `file` is where it lies."""

    file: Path
    entries: frozenset[Entry] = frozenset()


def place_of(config: Config) -> Path:
    """Where the baseline of a configuration lies, or would lie."""
    if config.baseline:
        return Path(config.baseline)
    here = Path(config.directory)
    beside = here if config.file is None else (here / config.file).parent
    return beside / FILE_NAME


def find(config: Config, rules: Sequence[Rule]) -> Baseline | None:
    """The baseline that counts for a configuration; None where there is none.

    Raises:
        ConfigError: it is not what a baseline is, or the configured one is not there.
    """
    if config.baseline == "":
        return None
    file = place_of(config)
    if file.is_file():
        return read(file, rules)
    if config.baseline is None:
        return None
    message = f"{shown(file)} is not there; `alembic-lint baseline` writes it"
    raise ConfigError(config.baseline_file, "baseline", message)


def read(file: Path, rules: Sequence[Rule]) -> Baseline:
    """Read a baseline.

    Raises:
        ConfigError: it cannot be read, or has entries that a baseline does not have.
    """
    content = read_toml(file)
    reader = _Reader(shown(file), {rule.name for rule in rules}, rules)
    return Baseline(file, frozenset(reader.entries(content)))


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    names: Collection[str]
    rules: Sequence[Rule]

    def entries(self, content: Mapping[str, object]) -> list[Entry]:
        self._only("", content, ("version", "revision"))
        if content.get("version") != VERSION:
            raise ConfigError(
                self.file,
                "version",
                f"{content.get('version')!r} is not {VERSION}, which this alembic-lint reads",
            )
        found: list[Entry] = []
        for number, item in enumerate(self._tables("revision", content.get("revision", []))):
            key = f"revision[{number}]"
            self._only(key, item, ("location", "id", "file", "findings"))
            place = Place(
                self._text(f"{key}.location", item.get("location")),
                self._text(f"{key}.id", item.get("id", "")),
                self._text(f"{key}.file", item.get("file", "")),
            )
            if not place.id and not place.file:
                raise ConfigError(self.file, key, "it has neither an id nor a file")
            for index, each in enumerate(self._tables(f"{key}.findings", item.get("findings"))):
                found.append(self._entry(f"{key}.findings[{index}]", place, each))
        return found

    def _entry(self, key: str, place: Place, item: Mapping[str, object]) -> Entry:
        self._only(key, item, ("rule", "operation", "table", "object", "with"))
        rule = self._text(f"{key}.rule", item.get("rule"))
        if rule not in self.names:
            raise ConfigError(self.file, f"{key}.rule", unknown(rule, self.rules))
        others = item.get("with", [])
        if not isinstance(others, list):
            raise ConfigError(self.file, f"{key}.with", f"{others!r} is not a list of strings")
        operation, table, name = (
            self._text(f"{key}.{part}", item.get(part, ""))
            for part in ("operation", "table", "object")
        )
        ids = sorted(self._text(f"{key}.with", other) for other in others)
        return Entry(place, rule, operation, table, name, tuple(ids))

    def _only(self, key: str, item: Mapping[str, object], valid: Sequence[str]) -> None:
        for name in item:
            if name not in valid:
                where = ".".join(part for part in (key, name) if part)
                raise ConfigError(self.file, where, f"unknown key; {near(name, valid)}")

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise ConfigError(self.file, key, f"{value!r} is not a string")
        return value

    def _tables(self, key: str, value: object) -> list[dict[str, object]]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ConfigError(self.file, key, f"{value!r} is not a list of tables")
        return value


def render(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted, the same wherever it is written."""
    parts = [_HEADING]
    for place, group in groupby(sorted(set(entries)), key=lambda entry: entry.place):
        parts.append(f"\n[[revision]]\nlocation = {quoted(place.location)}\n")
        parts.extend(
            f"{key} = {quoted(value)}\n"
            for key, value in (("id", place.id), ("file", place.file))
            if value
        )
        parts.append("findings = [\n")
        parts.extend(f"    {{ {_finding(entry)} }},\n" for entry in group)
        parts.append("]\n")
    return "".join(parts)


def _finding(entry: Entry) -> str:
    pairs = [
        f"{key} = {quoted(value)}"
        for key, value in (
            ("rule", entry.rule),
            ("operation", entry.operation),
            ("table", entry.table),
            ("object", entry.object),
        )
        if value
    ]
    if entry.others:
        pairs.append(f"with = [{', '.join(map(quoted, entry.others))}]")
    return ", ".join(pairs)


class Places:
    """Where the files of histories have their place in a baseline of a certain directory."""

    def __init__(self, histories: Sequence[History], config: Config, file: Path) -> None:
        self._by_path: dict[str, Place] = {}
        self._paths: dict[Place, list[str]] = {}
        revisions: dict[str, list[tuple[Revision, str]]] = {}
        retired: set[str] = set()
        for history in histories:
            for revision in (*history.revisions, *history.retired):
                location = _from(file.parent, config, history.location(revision))
                revisions.setdefault(location, []).append((revision, history.location(revision)))
            retired.update(revision.path for revision in history.retired)
        for location, items in revisions.items():
            live = {item.path: item.id for item, _ in items if item.path not in retired}
            ids = Counter(live.values())
            for revision, where in items:
                alone = revision.path in live and revision.id and ids[revision.id] == 1
                name = revision.path if where in {"", "."} else revision.path[len(where) + 1 :]
                place = Place(location, _plain(revision.id or ""), "" if alone else _plain(name))
                self._by_path[revision.path] = place
                self._paths.setdefault(place, []).append(revision.path)
        self.locations = frozenset(revisions)

    def entry(self, item: Diagnostic) -> Entry | None:
        """What stands for a finding; None for one in a file of no history."""
        place = self._by_path.get(item.path)
        if place is None:
            return None
        others = {
            other.id or other.file
            for related in item.related
            if not related.context and related.path != item.path
            if (other := self._by_path.get(related.path)) is not None
        }
        return Entry(
            place,
            item.name,
            item.operation or "",
            _plain(item.table or ""),
            _plain(item.object or ""),
            tuple(sorted(others)),
        )

    def path(self, place: Place) -> str | None:
        """The file that has this place, None where none has."""
        return next(iter(self._paths.get(place, ())), None)

    def is_whole(self, location: str, asked: Callable[[str], bool]) -> bool:
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
        path = places.path(entry.place)
        gone = path is None and places.is_whole(entry.place.location, asked)
        if gone or (path is not None and asked(path) and has_run(entry.rule, path)):
            found.append(entry)
    return found


def _from(directory: Path, config: Config, path: str) -> str:
    """A shown path as it is from a directory, the same on every machine."""
    absolute = os.path.normpath(os.path.join(config.directory, path))  # noqa: PTH118
    try:
        return _plain(Path(os.path.relpath(absolute, directory)).as_posix())
    except ValueError:  # another drive
        return _plain(Path(absolute).as_posix())


def _plain(text: str) -> str:
    """The text without what TOML cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
