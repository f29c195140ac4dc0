"""The histories that faults are planted in, and the faults, as planted.toml has them."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.oracle.histories import published
from tests.oracle.packages import HERE, ROOT

ENVIRONMENT = """\
from alembic import context

context.configure(url=context.get_x_argument(as_dictionary=True)["url"])
context.run_migrations()
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a revision file. `old` must be in it exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A history without faults.

    `place` is its version directory below the project, or `published` the name of one of the
    published histories. Of that one only the revisions in `take` are used, each on top of the one
    before it in this list. `mend` are changes without which it would not be sound.
    """

    name: str
    databases: Sequence[str]
    place: str = ""
    published: str = ""
    take: Sequence[str] = ()
    mend: Sequence[Mapping[str, str]] = ()

    def files(self) -> dict[str, str]:
        """The revision files, by their names without `.py`."""
        if self.published:
            (history,) = (item for item in published() if item.name == self.published)
            versions = history.home() / history.version_locations[0]
        else:
            versions = ROOT / self.place
        found = {path.stem: path.read_text(encoding="utf-8") for path in versions.glob("*.py")}
        if self.take:
            found = _chained({name: found[name] for name in self.take})
        return edited(found, [Edit(**item) for item in self.mend])


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of a sound history, what databases make of it, and what is to be said about it.

    `edits` and `added` files together are the change. `outcome` gives for each database the name of
    a `round_trip.Outcome`. Where that is not "sound", a finding `code` is expected on the line of
    `file` that `at` begins on. Errors may stand on the lines of `also` too: what follows from the
    fault, such as the foreign key of a column that was added to another table; `after` has such
    lines of other files. `missed` is why nothing is said about it yet.
    """

    name: str
    history: str
    outcome: Mapping[str, str]
    file: str
    edits: Sequence[Edit]
    added: Mapping[str, str]
    code: str
    at: str
    also: Sequence[str] = ()
    after: Mapping[str, str] = field(default_factory=dict)
    missed: str = ""

    def line(self, files: Mapping[str, str]) -> int:
        """The line of `at`, counted from 1."""
        (found,) = _lines(files[self.file], self.at)
        return found

    def allowed(self, files: Mapping[str, str]) -> frozenset[tuple[str, int]]:
        """The files, without their suffix, and the lines that an error may be reported on."""
        places = [(self.file, text) for text in (self.at, *self.also)]
        places.extend(self.after.items())
        return frozenset(
            (file, line) for file, text in places for line in _lines(files[file], text)
        )


def _lines(source: str, text: str) -> tuple[int, ...]:
    """The lines that a text begins on; it may go on over several."""
    places = (match.start() for match in re.finditer(re.escape(text), source))
    return tuple(source.count("\n", 0, place) + 1 for place in places)


def edited(files: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    """The files with all edits made, one after another."""
    found = dict(files)
    for edit in edits:
        text = found[edit.file]
        if text.count(edit.old) != 1:
            raise ValueError(f"{edit.old!r} is {text.count(edit.old)} times in {edit.file}")
        found[edit.file] = text.replace(edit.old, edit.new)
    return found


def _chained(files: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    parent: str | None = None
    for name, text in files.items():
        line = rf"\g<1> {parent!r}"
        found[name], times = re.subn(r"(?m)^(down_revision\b.*=) .*$", line, text)
        assert times == 1, name
        key = re.search(r"(?m)^revision\b.*= ['\"](.*)['\"]$", text)
        assert key is not None, name
        parent = key[1]
    return found


def written(directory: Path, files: Mapping[str, str]) -> Path:
    """A script directory with these revisions."""
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "versions").mkdir(parents=True)
    (directory / "env.py").write_text(ENVIRONMENT, "utf-8")
    ini = "[alembic]\nscript_location = %(here)s\npath_separator = os\n"
    (directory / "alembic.ini").write_text(ini, "utf-8")
    for name, text in files.items():
        (directory / "versions" / f"{name}.py").write_text(text, "utf-8")
    return directory


_DOCUMENT = tomllib.loads((HERE / "planted.toml").read_text(encoding="utf-8"))

SOUND = {name: Sound(name, **item) for name, item in _DOCUMENT["sound"].items()}
FAULTS = tuple(
    Fault(
        item["name"],
        item["history"],
        item["outcome"],
        item.get("at_file", item["file"]),
        [
            *([Edit(item["file"], item["old"], item["new"])] if "old" in item else []),
            *(
                Edit(each.get("file", item["file"]), each["old"], each["new"])
                for each in item.get("edit", ())
            ),
        ],
        item.get("added", {}),
        item.get("code", ""),
        item.get("at", ""),
        item.get("also", ()),
        item.get("after", {}),
        item.get("missed", ""),
    )
    for item in _DOCUMENT["fault"]
)
