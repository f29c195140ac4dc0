"""The order in which `alembic upgrade heads` applies a sound graph, without closures."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

Parents = Mapping[str, Sequence[str]]
"""Of each key, the keys it stands on, in declared order."""


def upgrade_order(keys: Sequence[str], versioned: Parents, dependencies: Parents) -> list[str]:
    """The keys in Alembic's upgrade order.

    `keys` are in load order; the graph they form with `versioned` (down_revision) and
    `dependencies` (depends_on) has no cycle and no edge that leaves it. Where one revision has
    several dependencies, Alembic's own order depends on the hash seed; here it is the declared one.

    Source: alembic/script/revision.py, `_topological_sort` (which walks down from the heads and
    yields the order in which to downgrade), `_normalize_depends_on`.
    """
    position = {key: index for index, key in enumerate(keys)}
    down = _normalized(keys, versioned, dependencies)
    up = _reversed(keys, down)
    waiting = {key: len(up[key]) for key in keys}
    current = sorted((key for key in keys if not up[key]), key=position.__getitem__)
    listed = set(current)
    above: dict[str, set[str]] = {}
    order: list[str] = []
    emitted: set[str] = set()
    index = 0
    while current:
        candidate = current[index]
        if waiting[candidate]:
            if candidate not in above:
                above[candidate] = _reach(candidate, up, emitted)
            descendants = above[candidate]
            index = next(at for at, key in enumerate(current) if key in descendants)
            continue
        above.pop(candidate, None)
        order.append(candidate)
        emitted.add(candidate)
        for key in down[candidate]:
            waiting[key] -= 1
        found = [key for key in down[candidate] if key not in listed]
        listed.remove(candidate)
        listed.update(found)
        if found:
            current[index] = found[0]
            current.extend(found[1:])
        else:
            del current[index]
            index = max(index - 1, 0)
    order.reverse()
    return order


def parents_first(keys: Sequence[str], parents: Parents) -> list[str]:
    """The keys so that a parent stands before its children; the first loaded breaks a cycle."""
    members = set(keys)
    down = {key: [item for item in parents.get(key, ()) if item in members] for key in keys}
    order: list[str] = []
    seen: set[str] = set()
    for start in keys:
        stack = [(start, False)]
        while stack:
            key, done = stack.pop()
            if done:
                order.append(key)
            elif key not in seen:
                seen.add(key)
                stack.append((key, True))
                stack.extend((parent, False) for parent in reversed(down[key]))
    return order


def only_below(
    tops: Iterable[str],
    against: Iterable[str],
    parents: Callable[[str], Sequence[str]],
    depth: Mapping[str, int],
) -> list[str]:
    """What `tops` and their ancestors add to `against` and theirs, in no particular order.

    Both sides are walked down together, the deepest first, and no further than the last that is
    only reached from `tops`: the cost is that of the stretch in which they differ. `depth` is the
    length of the longest way down to a base; parents without one are left out.
    """
    reached: dict[str, bool] = {}
    heap: list[tuple[int, str]] = []
    pending = 0
    result: list[str] = []
    for key, shared in [(key, True) for key in against] + [(key, False) for key in tops]:
        pending += _mark(key, shared=shared, reached=reached, heap=heap, depth=depth)
    while heap and pending:
        _, key = heapq.heappop(heap)
        shared = reached[key]
        if not shared:
            pending -= 1
            result.append(key)
        for parent in parents(key):
            if parent in depth:
                pending += _mark(parent, shared=shared, reached=reached, heap=heap, depth=depth)
    return result


def _mark(
    key: str,
    *,
    shared: bool,
    reached: dict[str, bool],
    heap: list[tuple[int, str]],
    depth: Mapping[str, int],
) -> int:
    """Note that a key is reached; by how much the number of those reached from one side grows."""
    before = reached.get(key)
    if before is None:
        reached[key] = shared
        heapq.heappush(heap, (-depth[key], key))
        return 0 if shared else 1
    if shared and not before:
        reached[key] = True
        return -1
    return 0


def _normalized(
    keys: Sequence[str], versioned: Parents, dependencies: Parents
) -> dict[str, list[str]]:
    """What Alembic walks down: a dependency that a versioned ancestor has too is left out."""
    counts: dict[str, int] = {}
    for key in keys:
        for name in dict.fromkeys(dependencies.get(key, ())):
            counts[name] = counts.get(name, 0) + 1
    shared = {name for name, count in counts.items() if count > 1}
    inherited: dict[str, frozenset[str]] = {}
    if shared:
        for key in parents_first(keys, versioned):
            sets = [
                inherited[parent] | shared.intersection(dependencies.get(parent, ()))
                for parent in versioned.get(key, ())
            ]
            inherited[key] = frozenset().union(*sets)
    none: frozenset[str] = frozenset()
    return {
        key: list(
            dict.fromkeys(
                (
                    *versioned.get(key, ()),
                    *(
                        name
                        for name in dependencies.get(key, ())
                        if name not in inherited.get(key, none)
                    ),
                )
            )
        )
        for key in keys
    }


def _reversed(keys: Sequence[str], down: Parents) -> dict[str, list[str]]:
    up: dict[str, list[str]] = {key: [] for key in keys}
    for key in keys:
        for parent in down[key]:
            up[parent].append(key)
    return up


def _reach(start: str, edges: Parents, outside: Collection[str]) -> set[str]:
    """Everything reached from a key, without the key itself, by ways that keep out of `outside`."""
    found: set[str] = set()
    todo = deque(edges[start])
    while todo:
        key = todo.pop()
        if key not in found and key not in outside:
            found.add(key)
            todo.extend(edges[key])
    return found
