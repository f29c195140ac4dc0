"""What a name that nothing defines was probably meant to be."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from dataclasses import dataclass

from alembic_lint.history.graph import History
from alembic_lint.model import Revision

_CUTOFF = 0.8
"""How alike two ids must be: two random ids of twelve hexadecimal digits reach about 0.5."""

_COMPARISONS = 40_000
"""Ids that are compared at most for one history; each takes some 0.02 ms."""

_SEPARATOR = re.compile(r"[_-]")


@dataclass(frozen=True, slots=True)
class Meant:
    """The revision that a name was meant to be, and how that can be told.

    `how` completes "…, which is …". With `alike` it only looks like the id; `retired` tells that
    Alembic does not load the file.
    """

    revision: Revision
    how: str
    alike: bool = False
    retired: bool = False


class Meanings:
    """Finds what names were meant to be; indexes of one history, made once."""

    def __init__(self, history: History) -> None:
        self._retired = {file.id: file for file in history.retired if file.id is not None}
        self._files = {key: file for key, file in history.by_key.items() if file.id == key}
        self._stems = {
            file.path.rpartition("/")[2].removesuffix(".py"): file for file in self._files.values()
        }
        self._sorted = sorted(self._files)
        self._budget = _COMPARISONS

    def find(self, name: str) -> Meant | None:
        """The revision that an unknown name stands for, or None where nothing tells.

        Alembic completes an id only on the command line, never in a file. Source:
        alembic/script/revision.py, `_revision_for_ident`.
        """
        if not name:
            return None
        if name in self._retired:
            how = "the id of a file that Alembic does not load"
            return Meant(self._retired[name], how, retired=True)
        stem = name.removesuffix(".py")
        if stem in self._stems:
            return Meant(self._stems[stem], "its file name, not its id")
        return self._beginning(name) or self._embedded(stem) or self._alike(name)

    def _beginning(self, name: str) -> Meant | None:
        at = bisect_left(self._sorted, name)
        longer = [key for key in self._sorted[at : at + 2] if key.startswith(name)]
        if len(longer) != 1:
            return None
        return Meant(self._files[longer[0]], "only the beginning of its id")

    def _embedded(self, stem: str) -> Meant | None:
        for separator in _SEPARATOR.finditer(stem):
            file = self._files.get(stem[: separator.start()])
            if file is not None:
                return Meant(file, "its id with more behind it")
        return None

    def _alike(self, name: str) -> Meant | None:
        if len(self._sorted) > self._budget:
            return None
        self._budget -= len(self._sorted)
        close = difflib.get_close_matches(name, self._sorted, n=1, cutoff=_CUTOFF)
        return Meant(self._files[close[0]], "much like its id", alike=True) if close else None
