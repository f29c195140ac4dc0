"""A work tree, and the commits that the one checked out is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic_lint.config import shown
from alembic_lint.git import FETCH, Changes, GitError, WorkTree
from alembic_lint.since.wanting import Wanted


@dataclass(frozen=True, slots=True)
class Other:
    """A commit that is not checked out, and where it and the checked out one part.

    `forks` is one commit, or several after a criss-cross merge; see `Place.joined`.
    """

    name: str
    tip: str
    forks: tuple[str, ...]


class Place:
    """A work tree with the commits that are asked for.

    Raises:
        GitError: one of them cannot be found.
    """

    def __init__(self, tree: WorkTree, base: Wanted, against: Sequence[str]) -> None:
        self.tree = tree
        names = [(name, f"origin/{name}") for name in against]
        asked = ["HEAD", *base.names, *(name for pair in names for name in pair)]
        try:
            known = tree.commits(asked)
        except GitError as error:
            raise GitError(f"{base.origin}: {error}") from error
        head = known["HEAD"]
        if head is None:
            raise GitError(f"{base.origin}: {_repository(tree)} has no commit yet")
        self.base = self._other(head, base.names, known, base.origin, base.ref)
        open_ = (self._other(head, pair, known, "--against", pair[0]) for pair in names)
        self.others = (self.base, *open_)

    def _other(
        self,
        head: str,
        names: Iterable[str],
        known: Mapping[str, str | None],
        origin: str,
        ref: str,
    ) -> Other:
        found = next(((name, commit) for name in names if (commit := known[name])), None)
        if found is None:
            where = f"{origin}: {_repository(self.tree)} has no branch, tag or commit {ref!r}"
            if self.tree.shallow:
                raise GitError(f"{where}, and it is a shallow clone; {FETCH}")
            raise GitError(f"{where}; fetch it, or name another")
        name, commit = found
        forks = self.tree.merge_bases(head, commit)
        if not forks and self.tree.shallow:
            raise GitError(
                f"{origin}: this shallow clone ends before the commit at which the branch left "
                f"{name!r}; {FETCH}"
            )
        if not forks:
            raise GitError(f"{origin}: HEAD and {name!r} have no commit in common")
        return Other(name, commit, forks)

    def joined(self, other: Other, directories: Iterable[Path]) -> Changes:
        """Where the merge of all commits at which two branches part differs from the first of them.

        Each of these commits is a part of both branches, so that what any of them has was there
        before, as git takes it to be when it merges.

        Source: Git's documentation of merge strategies, `recursive`.
        """
        first, *rest = other.forks
        places = tuple(directories)
        before: dict[Path, str | None] = {}
        after: dict[Path, str | None] = {}
        for fork in rest:
            start = next(iter(self.tree.merge_bases(first, fork)), None)
            kept = {} if start is None else self.tree.between(start, first, places).after
            theirs = self.tree.between(first if start is None else start, fork, places)
            for file, blob in theirs.after.items():
                lost = start is None and blob is None  # it was never there, and so did not go
                if file not in kept and file not in after and not lost:
                    before[file], after[file] = theirs.before[file], blob
        return Changes(before, after)

    def starts(self, other: Other) -> tuple[str, ...]:
        """The commits that all those at which two branches part have come from."""
        first, *rest = other.forks
        found = (start for fork in rest for start in self.tree.merge_bases(first, fork))
        return tuple(dict.fromkeys(found)) if rest else other.forks


def _repository(tree: WorkTree) -> str:
    where = shown(tree.root)
    return "the repository" if where == "." else f"the repository {where}"
