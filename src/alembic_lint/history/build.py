"""From revision files to a History: edges, defects, heads and order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from alembic_lint.history.defects import (
    Cycle,
    Defect,
    DuplicateId,
    DuplicateLabel,
    EmptyDependency,
    UnknownDependency,
    UnknownParent,
)
from alembic_lint.history.graph import History
from alembic_lint.history.order import parents_first, upgrade_order
from alembic_lint.model import Assigned, Revision
from alembic_lint.source import FILE_START, Span

_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py$")
"""Source: alembic/script/base.py, `_legacy_rev`: the id of a file without `revision`."""


@dataclass(frozen=True, slots=True)
class _Node:
    """One file with its identifiers read as Alembic reads them."""

    revision: Revision
    key: str
    named: bool
    parents: tuple[str, ...]
    parents_known: bool
    dependencies: tuple[str, ...]
    labels: tuple[str, ...]
    labels_known: bool


def build_history(
    revisions: Sequence[Revision],
    *,
    name: str = "",
    locations: Sequence[str] = (),
    retired: Sequence[Revision] = (),
    external: Collection[str] = (),
) -> History:
    """The graph of the files of one Alembic environment.

    Args:
        revisions: the files that Alembic loads, in the order in which it does.
        name: what the environment is called where there are several.
        locations: its version locations, as the paths of the revisions are written.
        retired: files that lie in a version location and that Alembic does not see.
        external: ids that exist in another package, so that naming them is no defect.
    """
    nodes = [_read(revision) for revision in revisions]
    winners = {node.key: node for node in nodes}
    outside = frozenset(external)
    owners = _label_owners(nodes, winners)
    versioned = {
        key: tuple(dict.fromkeys(parent for parent in node.parents if parent in winners))
        for key, node in winners.items()
    }
    dependencies = {
        key: tuple(
            dict.fromkeys(
                found
                for name in node.dependencies
                if (found := _resolve(name, winners, owners)) is not None
            )
        )
        for key, node in winners.items()
    }
    graph = _graph(winners, versioned, dependencies)
    cycles = tuple(_cycles(nodes, winners, versioned, graph))
    defects: tuple[Defect, ...] = (
        *_duplicate_ids(nodes),
        *_unknown_references(nodes, winners, owners, outside),
        *cycles,
        *_duplicate_labels(nodes, winners),
    )
    broken = {member for cycle in cycles for member in cycle.members}
    broken |= {
        key
        for key, node in winners.items()
        if not node.parents_known
        or any(parent not in winners and parent not in outside for parent in node.parents)
        or any(
            _resolve(name, winners, owners) is None and name not in outside
            for name in node.dependencies
        )
    }
    sound = _sound(list(winners), graph, broken)
    order = upgrade_order(sound, versioned, dependencies)
    position = {key: index for index, key in enumerate(order)}
    depth: dict[str, int] = {}
    for key in order:
        below = (depth[parent] for parent in (*versioned[key], *dependencies[key]))
        depth[key] = 1 + max(below, default=-1)
    lines: dict[str, tuple[int, int]] = {}
    ends: dict[int, str] = {}
    for key in order:
        first = next(iter((*versioned[key], *dependencies[key])), None)
        line, place = (len(ends), 0) if first is None else lines[first]
        if first is not None and ends[line] == first:
            place += 1
        else:
            line, place = len(ends), 0
        lines[key] = (line, place)
        ends[line] = key
    both = {key: (*versioned[key], *dependencies[key]) for key in winners}
    rest = parents_first([key for key in winners if key not in position], both)
    shadowed = [node.revision for node in nodes if winners[node.key] is not node]
    heads, real_heads = _heads(nodes, winners, owners, outside)
    return History(
        name=name,
        locations=tuple(locations),
        revisions=tuple(revisions),
        retired=tuple(retired),
        external=outside,
        defects=defects,
        heads=heads,
        real_heads=real_heads,
        bases=tuple(dict.fromkeys(node.key for node in nodes if _is_base(node))),
        order=tuple(winners[key].revision for key in order),
        unordered=(*(winners[key].revision for key in rest), *shadowed),
        nameless=tuple(node.revision for node in nodes if not node.named),
        adrift=tuple(node.revision for node in nodes if not node.parents_known),
        by_key={key: node.revision for key, node in winners.items()},
        keys={node.revision.path: node.key for node in nodes},
        labels=_labels(winners, versioned),
        graph=graph,
        versioned=versioned,
        dependencies=dependencies,
        position=position,
        depth=depth,
        lines=lines,
    )


def _read(revision: Revision) -> _Node:
    parents, parents_known = _names(revision.down_revision)
    dependencies, _ = _names(revision.depends_on)
    labels, labels_known = _names(revision.branch_labels)
    key = revision.id
    if key is None and revision.revision is None and revision.problem is None:
        match = _LEGACY_NAME.match(revision.path.rpartition("/")[2])
        key = match[1] if match else None
    return _Node(
        revision=revision,
        key=revision.path if key is None else key,
        named=key is not None,
        parents=parents,
        parents_known=parents_known and revision.down_revision is not None,
        # An empty string is no dependency: `_add_depends_on` tests its truth.
        dependencies=() if dependencies == ("",) else dependencies,
        labels=labels,
        labels_known=labels_known,
    )


def _names(assigned: Assigned | None) -> tuple[tuple[str, ...], bool]:
    """The names a value gives, and whether these are all of them.

    An empty string is a name: Alembic looks it up. Source: alembic/util/langhelpers.py, `to_tuple`.
    """
    match assigned:
        case None | Assigned(value=None):
            return (), True
        case Assigned(value=str(name)):
            return (name,), True
        case Assigned(value=tuple(values)):
            names = tuple(value for value in values if isinstance(value, str))
            return names, len(names) == len(values)
        case _:
            return (), False


def _is_base(node: _Node) -> bool:
    return node.parents_known and not node.parents


def _resolve(name: str, winners: Mapping[str, _Node], owners: Mapping[str, _Node]) -> str | None:
    """The key that a depends_on means: an id, or the revision that has it as a branch label."""
    if name in winners:
        return name
    return owners[name].key if name in owners else None


def _label_owners(nodes: Sequence[_Node], winners: Mapping[str, _Node]) -> dict[str, _Node]:
    owners: dict[str, _Node] = {}
    for node in nodes:
        if winners[node.key] is node:
            for label in node.labels:
                owners.setdefault(label, node)
    return owners


def _graph(
    winners: Mapping[str, _Node],
    versioned: Mapping[str, tuple[str, ...]],
    dependencies: Mapping[str, tuple[str, ...]],
) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(winners)
    for key in winners:
        graph.add_edges_from(((name, key) for name in dependencies[key]), kind="depends_on")
        graph.add_edges_from(((name, key) for name in versioned[key]), kind="down_revision")
    return graph


def _heads(
    nodes: Sequence[_Node],
    winners: Mapping[str, _Node],
    owners: Mapping[str, _Node],
    outside: Collection[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Heads and real heads, in load order.

    A file without a known id counts only where no other names a parent that it could be. A file
    whose id another has taken over still hides its parents if it has a branch label, since Alembic
    finds it by that. Source: alembic/script/revision.py, `RevisionMap._revision_map`.
    """
    seen = [node for node in nodes if winners[node.key] is node or node.labels]
    named = {parent for node in seen for parent in node.parents}
    needed = named | {
        _resolve(name, winners, owners) for node in seen for name in node.dependencies
    }
    gaps = any(
        parent not in winners and parent not in outside for node in nodes for parent in node.parents
    )

    def tips(below: Collection[str | None]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                node.key
                for node in nodes
                if (node.key not in below or winners[node.key] is not node)
                and (node.named or (node.parents_known and not gaps))
            )
        )

    return tips(named), tips(needed)


def _sound(keys: Sequence[str], graph: nx.DiGraph[str], broken: Collection[str]) -> list[str]:
    """The keys, in order, that do not stand on a broken one."""
    lost = set(broken)
    todo = list(broken)
    while todo:
        for child in graph.successors(todo.pop()):
            if child not in lost:
                lost.add(child)
                todo.append(child)
    return [key for key in keys if key not in lost]


def _labels(
    winners: Mapping[str, _Node], versioned: Mapping[str, tuple[str, ...]]
) -> dict[str, frozenset[str]]:
    none: frozenset[str] = frozenset()
    labels: dict[str, frozenset[str]] = {}
    for key in parents_first(list(winners), versioned):
        node = winners[key]
        own = frozenset(node.labels if node.labels_known else (f"?{node.revision.path}",))
        inherited = [labels.get(parent, none) for parent in versioned[key]]
        found = own.union(*inherited)
        # One set for a whole branch: most revisions add no label.
        labels[key] = next((item for item in inherited if item == found), found)
    return labels


def _duplicate_ids(nodes: Sequence[_Node]) -> Iterator[DuplicateId]:
    files: dict[str, list[Revision]] = {}
    for node in nodes:
        files.setdefault(node.key, []).append(node.revision)
    for key, revisions in files.items():
        if len(revisions) > 1:
            yield DuplicateId(key, tuple(revisions))


def _unknown_references(
    nodes: Sequence[_Node],
    winners: Mapping[str, _Node],
    owners: Mapping[str, _Node],
    outside: Collection[str],
) -> Iterator[Defect]:
    nameless = tuple(node.revision for node in nodes if not node.named)
    unlabelled = tuple(node.revision for node in nodes if node.named and not node.labels_known)
    for node in nodes:
        revision = node.revision
        for parent in dict.fromkeys(node.parents):
            if parent not in winners and parent not in outside:
                label = owners[parent].revision if parent in owners else None
                span = _span(revision.down_revision, parent)
                yield UnknownParent(revision, parent, span, label, nameless)
        for name in dict.fromkeys(node.dependencies):
            if _resolve(name, winners, owners) is None and name not in outside:
                span = _span(revision.depends_on, name)
                yield UnknownDependency(revision, name, span, (*nameless, *unlabelled))
        match revision.depends_on:
            case Assigned(value="" | ("",)) as assigned if _is_base(node):
                yield EmptyDependency(revision, assigned.span)
            case _:
                pass


def _span(assigned: Assigned | None, name: str) -> Span:
    """Where a name stands in a value of one name or several."""
    if assigned is None:
        return FILE_START
    if isinstance(assigned.value, tuple) and len(assigned.spans) == len(assigned.value):
        return assigned.spans[assigned.value.index(name)]
    return assigned.span


def _cycles(
    nodes: Sequence[_Node],
    winners: Mapping[str, _Node],
    versioned: Mapping[str, tuple[str, ...]],
    graph: nx.DiGraph[str],
) -> Iterator[Cycle]:
    position = {key: index for index, key in enumerate(winners)}
    files: dict[str, list[_Node]] = {}
    for node in nodes:
        files.setdefault(node.key, []).append(node)
    by_version: nx.DiGraph[str] = nx.DiGraph()
    by_version.add_nodes_from(graph)
    by_version.add_edges_from(
        (parent, child) for child, parents in versioned.items() for parent in parents
    )
    found: set[tuple[str, ...]] = set()
    for dependency, edges in ((False, by_version), (True, graph)):
        cycles = []
        for component in nx.strongly_connected_components(edges):
            members = tuple(sorted(component, key=position.__getitem__))
            if len(members) == 1 and not edges.has_edge(members[0], members[0]):
                continue
            if members not in found:
                found.add(members)
                cycles.append(members)
        for members in sorted(cycles, key=lambda item: position[item[0]]):
            inside = set(members)
            causes = tuple(
                key
                for key in members
                if any(inside.isdisjoint(node.parents) for node in files[key])
                and len(files[key]) > 1
            )
            yield Cycle(members, dependency, causes)


def _duplicate_labels(
    nodes: Sequence[_Node], winners: Mapping[str, _Node]
) -> Iterator[DuplicateLabel]:
    owners: dict[str, _Node] = {}
    for node in nodes:
        for label in node.labels:
            span = _span(node.revision.branch_labels, label)
            if label in winners:
                other = winners[label].revision
                yield DuplicateLabel(label, node.revision, span, other, is_id=True)
            elif label not in owners:
                owners[label] = node
            elif owners[label] is node or owners[label].key != node.key:
                # Two files of one id are another defect, and their labels follow from it.
                yield DuplicateLabel(label, node.revision, span, owners[label].revision)
