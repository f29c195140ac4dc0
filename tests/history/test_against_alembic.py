"""On random graphs, History says what Alembic's own RevisionMap says."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import networkx as nx
import pytest
from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionError, RevisionMap
from hypothesis import event, given, settings
from hypothesis import strategies as st

from alembic_lint.history import Cycle, DuplicateId, History, build_history
from alembic_lint.model import Assigned, Revision
from alembic_lint.source import FILE_START

NAMES = tuple("abcdefghij")
LABELS = ("one", "two", "three")


@dataclass(frozen=True)
class Drawn:
    """The identifiers of one file."""

    id: str
    down: str | tuple[str, ...] | None
    depends_on: str | tuple[str, ...] | None
    labels: str | tuple[str, ...] | None


def assigned(value: str | tuple[str, ...] | None) -> Assigned:
    return Assigned(value, repr(value), FILE_START, FILE_START)


def history_of(files: list[Drawn]) -> History:
    return build_history(
        [
            Revision(
                path=f"versions/{number}_{file.id}.py",
                revision=assigned(file.id),
                down_revision=assigned(file.down),
                depends_on=assigned(file.depends_on),
                branch_labels=assigned(file.labels),
            )
            for number, file in enumerate(files)
        ]
    )


@dataclass(frozen=True)
class Verdict:
    """What Alembic makes of the files."""

    heads: tuple[str, ...] = ()
    real_heads: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    refused: bool = False
    warned: bool = False


def alembic_says(files: list[Drawn]) -> Verdict:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = revision_map(files)
            heads, real_heads, bases = found.heads, found._real_heads, found.bases
        except (RevisionError, KeyError):
            return Verdict(refused=True, warned=bool(caught))
    return Verdict(heads, real_heads, bases, warned=bool(caught))


def revision_map(files: list[Drawn]) -> RevisionMap:
    revisions = [
        AlembicRevision(file.id, file.down, file.depends_on, file.labels) for file in files
    ]
    return RevisionMap(lambda: revisions)


def upgrade_order(files: list[Drawn]) -> tuple[str, ...]:
    """The order of `alembic upgrade heads`; it does not end on a cycle that Alembic missed."""
    downgrade = revision_map(files).iterate_revisions("heads", (), implicit_base=True)
    return tuple(revision.revision for revision in downgrade)[::-1]


def one_or_more(
    draw: st.DrawFn, names: st.SearchStrategy[str], most: int
) -> str | tuple[str, ...] | None:
    chosen = draw(st.lists(names, max_size=most, unique=True))
    if len(chosen) == 1 and draw(st.booleans()):
        return chosen[0]
    return tuple(chosen) or draw(st.sampled_from([None, ()]))


@st.composite
def sound_graphs(draw: st.DrawFn) -> list[Drawn]:
    """Graphs that Alembic accepts, in any load order."""
    files: list[Drawn] = []
    free = list(LABELS)
    known: list[str] = []
    for name in NAMES[: draw(st.integers(1, len(NAMES)))]:
        earlier = st.sampled_from([file.id for file in files] or [name])
        rooted = bool(files) and draw(st.integers(0, 5)) > 0
        down = one_or_more(draw, earlier, 3) if rooted else None
        depends_on = None
        if known and draw(st.integers(0, 3)) == 0:
            depends_on = one_or_more(draw, st.sampled_from(known), 1)
        labels = None
        if free and draw(st.integers(0, 4)) == 0:
            labels = free.pop()
        files.append(Drawn(name, down, depends_on, labels))
        known += [name, labels] if labels else [name]
    return draw(st.permutations(files))


@st.composite
def any_graphs(draw: st.DrawFn) -> list[Drawn]:
    """A sound graph, and then some of its files changed at random."""
    files = list(draw(sound_graphs()))
    anything = st.sampled_from((*NAMES, *LABELS, ""))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(files) - 1))
        file = files[at]
        match draw(st.sampled_from(["down", "depends_on", "labels", "id", "copy"])):
            case "down":
                file = Drawn(file.id, one_or_more(draw, anything, 3), file.depends_on, file.labels)
            case "depends_on":
                file = Drawn(file.id, file.down, one_or_more(draw, anything, 3), file.labels)
            case "labels":
                label = st.sampled_from((*LABELS, *NAMES))
                file = Drawn(file.id, file.down, file.depends_on, one_or_more(draw, label, 2))
            case "id":
                new = draw(st.sampled_from(NAMES))
                file = Drawn(new, file.down, file.depends_on, file.labels)
            case _:
                files.append(file)
        files[at] = file
    return files


@settings(max_examples=300, deadline=None)
@given(sound_graphs())
def test_heads_bases_and_order_are_alembics_on_a_sound_graph(files: list[Drawn]) -> None:
    verdict = alembic_says(files)
    assert not verdict.refused
    assert not verdict.warned
    history = history_of(files)
    assert history.defects == ()
    assert history.unordered == ()
    assert history.heads == verdict.heads
    assert history.real_heads == verdict.real_heads
    assert history.bases == verdict.bases
    assert tuple(revision.id for revision in history.order) == upgrade_order(files)
    event(f"heads: {len(history.heads)}")


@settings(max_examples=300, deadline=None)
@given(any_graphs())
def test_there_is_a_defect_wherever_alembic_refuses_or_warns(files: list[Drawn]) -> None:
    verdict = alembic_says(files)
    history = history_of(files)
    event("refused" if verdict.refused else "warned" if verdict.warned else "accepted")
    if verdict.refused or verdict.warned:
        assert history.defects
    else:
        # Alembic misses a cycle that is reached both from a head and from a base.
        assert all(isinstance(defect, Cycle) for defect in history.defects)
    if not verdict.refused:
        assert set(history.heads) == set(verdict.heads)
        assert set(history.real_heads) == set(verdict.real_heads)
        assert set(history.bases) == set(verdict.bases)


@settings(max_examples=300, deadline=None)
@given(any_graphs())
def test_a_cycle_names_only_its_members(files: list[Drawn]) -> None:
    history = history_of(files)
    for defect in history.defects:
        if isinstance(defect, Cycle):
            for member in defect.members:
                loops = nx.descendants(history.graph, member) | (
                    {member} if history.graph.has_edge(member, member) else set()
                )
                others = set(defect.members) - {member}
                assert others <= loops
                assert others or member in loops
    cyclic = {
        member
        for defect in history.defects
        if isinstance(defect, Cycle)
        for member in defect.members
    }
    acyclic = history.graph.subgraph(set(history.graph) - cyclic)
    assert nx.is_directed_acyclic_graph(acyclic)


@settings(max_examples=300, deadline=None)
@given(any_graphs())
def test_every_file_is_placed_once_and_after_what_it_stands_on(files: list[Drawn]) -> None:
    history = history_of(files)
    placed = (*history.order, *history.unordered)
    assert sorted(revision.path for revision in placed) == sorted(
        revision.path for revision in history.revisions
    )
    for key, index in history.position.items():
        parents = history.parents(key)
        assert all(history.position[parent] < index for parent in parents)
        assert set(history.by_key[key].parents) == set(history.versioned[key])
    if history.unordered:
        assert history.defects


@settings(max_examples=300, deadline=None)
@given(any_graphs())
def test_what_runs_before_what_is_what_the_edges_say(files: list[Drawn]) -> None:
    history = history_of(files)
    for one in history.by_key:
        for other in history.by_key:
            path = one != other and nx.has_path(history.graph, one, other)
            assert history.runs_before(one, other) == path


@pytest.mark.parametrize("label", ["one", "two"])
def test_a_duplicate_is_reported_with_both_files_and_the_last_one_runs(label: str) -> None:
    files = [
        Drawn("a", None, None, label),
        Drawn("b", "a", None, None),
        Drawn("b", "a", None, None),
    ]
    history = history_of(files)
    (defect,) = history.defects
    assert isinstance(defect, DuplicateId)
    assert defect.revisions == history.revisions[1:]
    assert history.order == (history.revisions[0], history.revisions[2])
    assert alembic_says(files).warned
