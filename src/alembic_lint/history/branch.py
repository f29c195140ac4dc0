"""What is new in a history since the branch it is on left its base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from alembic_lint.history.graph import History
from alembic_lint.model import Revision


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """A branch merged into another one, file by file, as git merges files that one side changed.

    `name` is what the user calls the other, `other` its history, and `merged` that of both; a file
    that both sides changed is taken as it is on this branch. `is_base` tells that the other one is
    the base, as it is by now.
    """

    name: str
    other: History
    merged: History
    is_base: bool = True
    meet: bool = True
    """Whether revisions that only one side has may work on the same tables."""


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A history, and the one it comes from.

    `name` is what the user calls the base; `base` is the history at the commit where they part,
    with what the base has got since then as far as this branch has it too.
    `now` maps the path of each file of the base to the same revision as it is now, perhaps in
    another file; those that are gone are missing. `changed` are the paths of those files of
    `history` that the base has with another text; `recoded` maps the paths of those whose code
    differs, comments and docstrings apart, to the names of the definitions that differ, "" for
    other statements. `merges` are with the base, if it has moved on, and then with the others that
    were asked for. `origins` maps the paths of files of other commits, as if their directory had
    moved along with those here, to where they are there, from the top of the repository.

    `history.new` are the paths of the files that are no revision of the base.
    """

    name: str
    history: History
    base: History
    now: Mapping[str, Revision]
    changed: frozenset[str]
    recoded: Mapping[str, tuple[str, ...]]
    merges: tuple[Merge, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def new(self) -> tuple[Revision, ...]:
        """The revisions that the base does not have, in load order."""
        paths = self.history.new or frozenset()
        return tuple(item for item in self.history.revisions if item.path in paths)

    @property
    def gone(self) -> tuple[Revision, ...]:
        """The revisions of the base that are not there any more, in load order."""
        return tuple(item for item in self.base.revisions if item.path not in self.now)

    @property
    def tip(self) -> History:
        """The history of the base as it is by now."""
        return next((item.other for item in self.merges if item.is_base), self.base)

    def survivors(self) -> Iterator[tuple[Revision, Revision]]:
        """Each revision of the base that is still there, and what it is now."""
        for item in self.base.revisions:
            if item.path in self.now:
                yield item, self.now[item.path]
