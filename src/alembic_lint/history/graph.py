"""History: the revision files of one Alembic environment, as a graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx
from rpds import HashTrieMap

from alembic_lint.history.defects import Defect
from alembic_lint.model import Revision

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class History:
    """A revision graph, sound or not. Made by `build_history`.

    A file stands in the graph under its key: its revision id, or its path where the id is not
    known. Where several files have one id, the graph has the last loaded, as Alembic does.

    `revisions` are all files, in load order; `retired` are those that Alembic does not see.
    `heads`, `real_heads` (counting depends_on too) and `bases` are those of Alembic's RevisionMap,
    in its order, each once; Alembic counts a file whose id another file has taken over as a head.
    `order` holds the files that Alembic can apply, in the order of `alembic upgrade heads` on an
    empty database; `unordered` are all others, parents first, in load order otherwise.
    `graph` has an edge from each parent to its child; its attribute `kind` is "down_revision" or
    "depends_on". `by_key` is what the graph's nodes stand for.
    `labels` are the branch labels that apply at a key: its own and those of its ancestors. A label
    that is not known appears as `?` and the path of the file that sets it.
    `nameless` are the files whose id is not known, `adrift` those whose parents are not.
    """

    name: str
    locations: tuple[str, ...]
    revisions: tuple[Revision, ...]
    retired: tuple[Revision, ...]
    external: frozenset[str]
    defects: tuple[Defect, ...]
    heads: tuple[str, ...]
    real_heads: tuple[str, ...]
    bases: tuple[str, ...]
    order: tuple[Revision, ...]
    unordered: tuple[Revision, ...]
    nameless: tuple[Revision, ...]
    adrift: tuple[Revision, ...]
    by_key: Mapping[str, Revision] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)
    """The key of each file, by its path."""
    labels: Mapping[str, frozenset[str]] = field(repr=False)
    graph: nx.DiGraph[str] = field(repr=False)
    versioned: Mapping[str, tuple[str, ...]] = field(repr=False)
    """The parents of each key by down_revision that are in the graph, in declared order."""
    dependencies: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Those by depends_on, with branch labels resolved."""
    position: Mapping[str, int] = field(repr=False)
    """Where a key stands in `order`, from 0."""
    depth: Mapping[str, int] = field(repr=False)
    """How many edges the longest way from a key in `order` down to a base has."""
    lines: Mapping[str, tuple[int, int]] = field(repr=False)
    """Of a key in `order`, a line of first parents that it lies on, and where, counted upwards."""
    new: frozenset[str] | None = None
    """The paths of the files that are new since the base of the branch; None without a base."""

    def key(self, revision: Revision) -> str:
        """The name of a file in the graph: its id, or its path where that is not known."""
        return self.keys[revision.path]

    def parents(self, key: str) -> tuple[str, ...]:
        """What a key stands on: by down_revision, then by depends_on, each once."""
        both = (*self.versioned.get(key, ()), *self.dependencies.get(key, ()))
        return tuple(dict.fromkeys(both))

    def children(self, key: str) -> tuple[str, ...]:
        """The keys that name this one in down_revision, in load order."""
        return self._successors(key, "down_revision")

    def dependents(self, key: str) -> tuple[str, ...]:
        """The keys that name this one in depends_on only, in load order."""
        return self._successors(key, "depends_on")

    def ancestors(self, key: str) -> frozenset[str]:
        """Everything a key stands on, directly or not, without the key."""
        return frozenset(nx.ancestors(self.graph, key)) - {key}

    def descendants(self, key: str) -> frozenset[str]:
        """Everything that stands on a key, directly or not, without the key."""
        return frozenset(nx.descendants(self.graph, key)) - {key}

    def runs_before(self, first: str, second: str) -> bool:
        """Whether the graph itself says that one key is applied before another."""
        if first == second:
            return False
        if first not in self.depth or second not in self.depth:
            return nx.has_path(self.graph, first, second)
        line, place = self.lines[first]
        return self._reach[second].get(line, -1) >= place

    @cached_property
    def _reach(self) -> Mapping[str, HashTrieMap[int, int]]:
        """How far up each line a key in `order` stands on it, itself included.

        The maps share what they have in common, so that they take little more room than the graph.
        """
        found: dict[str, HashTrieMap[int, int]] = {}
        for revision in self.order:
            key = self.key(revision)
            below = sorted((found[parent] for parent in self.parents(key)), key=len)
            reach: HashTrieMap[int, int] = below.pop() if below else HashTrieMap()
            for other in below:
                for line, place in other.items():
                    if reach.get(line, -1) < place:
                        reach = reach.insert(line, place)
            found[key] = reach.insert(*self.lines[key])
        return found

    def run_apart(self, one: str, other: str) -> bool:
        """Whether two keys stand in lines of different labels that have no base in common.

        Such lines need never run on one database: each is upgraded by its own label.
        """
        labels, others = self.labels.get(one, _NONE), self.labels.get(other, _NONE)
        if not (labels - others and others - labels):
            return False
        *_, base = self.lineage(one)
        *_, other_base = self.lineage(other)
        return base != other_base

    def tips(self) -> tuple[str, ...]:
        """The keys that no down_revision names, in load order.

        Unlike `heads`, it leaves out a file whose id another file has taken over.
        """
        return tuple(key for key in self.heads if not self.children(key))

    def location(self, revision: Revision) -> str:
        """The version location that a file lies in; its directory where none is known."""
        holding = [
            place
            for place in self.locations
            if revision.path.startswith(f"{place.rstrip('/')}/") or place in {".", ""}
        ]
        return max(holding, key=len, default=revision.path.rpartition("/")[0])

    def lineage(self, key: str) -> Iterator[str]:
        """The key, then its first parents by down_revision down to a base or a gap."""
        seen: set[str] = set()
        following: str | None = key
        while following is not None and following not in seen:
            seen.add(following)
            yield following
            following = next(iter(self.versioned.get(following, ())), None)

    def _successors(self, key: str, kind: str) -> tuple[str, ...]:
        edges = self.graph.adj[key]
        return tuple(child for child, data in edges.items() if data["kind"] == kind)
