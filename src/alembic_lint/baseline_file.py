"""The file of a baseline: where it lies, what it says, and how it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from alembic_lint.baseline import Baseline, Entry, Place, joined
from alembic_lint.config import Config, ConfigError, read_toml, shown
from alembic_lint.identity import Subject
from alembic_lint.rule import Rule
from alembic_lint.selection import unknown
from alembic_lint.wording import near, quoted

FILE_NAME = "alembic-lint-baseline.toml"
VERSION = 1

_HEADING = f"""\
# Findings that `alembic-lint check` leaves out; `alembic-lint baseline` writes this file.
version = {VERSION}
"""


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
        version = self._required("", content, "version")
        if version != VERSION:
            message = f"{version!r} is not {VERSION}, which this alembic-lint reads"
            raise ConfigError(self.file, "version", message)
        found: list[Entry] = []
        for number, item in enumerate(self._tables("revision", content.get("revision", []))):
            key = f"revision[{number}]"
            self._only(key, item, ("location", "id", "file", "findings"))
            self._required(key, item, "location")
            place = self._place(key, item, "")
            findings = self._required(key, item, "findings")
            for index, each in enumerate(self._tables(f"{key}.findings", findings)):
                found.append(self._entry(f"{key}.findings[{index}]", place, each))
        return found

    def _place(self, key: str, item: Mapping[str, object], location: str) -> Place:
        """A revision; it lies in `location` where it says no other."""
        place = Place(
            self._text(f"{key}.location", item.get("location", location)),
            self._text(f"{key}.id", item.get("id", "")),
            self._text(f"{key}.file", item.get("file", "")),
        )
        if not place.id and not place.file:
            raise ConfigError(self.file, key, "it has neither an id nor a file")
        return place

    def _entry(self, key: str, place: Place, item: Mapping[str, object]) -> Entry:
        self._only(key, item, ("rule", "operation", "table", "object", "with"))
        rule = self._text(f"{key}.rule", self._required(key, item, "rule"))
        if rule not in self.names:
            raise ConfigError(self.file, f"{key}.rule", unknown(rule, self.rules))
        others = item.get("with", [])
        if not isinstance(others, list):
            raise ConfigError(self.file, f"{key}.with", f"{others!r} is not a list")
        places = {place}
        for number, other in enumerate(others):
            if isinstance(other, dict):
                where = f"{key}.with[{number}]"
                self._only(where, other, ("location", "id", "file"))
                places.add(self._place(where, other, place.location))
            else:
                places.add(Place(place.location, self._text(f"{key}.with", other), ""))
        about = Subject(
            *(
                self._texts(f"{key}.{part}", item.get(part, []))
                for part in ("operation", "table", "object")
            )
        )
        return Entry(tuple(sorted(places)), rule, about)

    def _only(self, key: str, item: Mapping[str, object], valid: Sequence[str]) -> None:
        for name in item:
            if name not in valid:
                where = ".".join(part for part in (key, name) if part)
                raise ConfigError(self.file, where, f"unknown key; {near(name, valid)}")

    def _required(self, key: str, item: Mapping[str, object], name: str) -> object:
        if name not in item:
            raise ConfigError(self.file, key or None, f"the key {name!r} is missing")
        return item[name]

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise ConfigError(self.file, key, f"{value!r} is not a string")
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        """One string, or a list of them."""
        values = value if isinstance(value, list) else [value]
        return tuple(sorted({self._text(key, item) for item in values}))

    def _tables(self, key: str, value: object) -> list[dict[str, object]]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ConfigError(self.file, key, f"{value!r} is not a list of tables")
        return value


def render(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted, the same wherever it is written.

    What several revisions take part in stands with the first of them.
    """
    parts = [_HEADING]
    for place, group in groupby(joined(entries), key=lambda entry: entry.places[0]):
        parts.append(f"\n[[revision]]\nlocation = {quoted(place.location)}\n")
        parts.extend(f"{pair}\n" for pair in _name(place))
        parts.append("findings = [\n")
        found = sorted(group, key=lambda entry: (entry.rule, entry.subject, entry.places))
        parts.extend(f"    {{ {_finding(entry)} }},\n" for entry in found)
        parts.append("]\n")
    return "".join(parts)


def _name(place: Place) -> list[str]:
    """What tells a revision from others of its location."""
    pairs = (("id", place.id), ("file", place.file))
    return [f"{key} = {quoted(value)}" for key, value in pairs if value]


def _finding(entry: Entry) -> str:
    first, *others = entry.places
    about = entry.subject
    pairs = [f"rule = {quoted(entry.rule)}"]
    pairs.extend(
        f"{key} = {quoted(values[0]) if len(values) == 1 else _listed(map(quoted, values))}"
        for key, values in (
            ("operation", about.operations),
            ("table", about.tables),
            ("object", about.objects),
        )
        if values
    )
    if others:
        pairs.append(f"with = {_listed(_other(first, each) for each in others)}")
    return ", ".join(pairs)


def _other(first: Place, place: Place) -> str:
    """Another revision than the first: by its id alone where that tells which it is."""
    if place == Place(first.location, place.id, ""):
        return quoted(place.id)
    where = [] if place.location == first.location else [f"location = {quoted(place.location)}"]
    return f"{{ {', '.join((*where, *_name(place)))} }}"


def _listed(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
