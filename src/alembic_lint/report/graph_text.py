"""The revision graph as lines of text, heads first, linear runs told in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from alembic_lint.history import History
from alembic_lint.report.graph_marks import (
    defect_marks,
    file_name,
    keys_from_heads,
    shape_marks,
    title,
)
from alembic_lint.wording import printable

_SHORT_RUN = 2
"""Revisions between two that matter which are still listed one by one."""

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_BOX = {
    0: " ",
    _UP | _DOWN: "│",
    _LEFT | _RIGHT: "─",
    _UP | _LEFT: "┘",
    _UP | _RIGHT: "└",
    _DOWN | _LEFT: "┐",
    _DOWN | _RIGHT: "┌",
    _UP | _DOWN | _LEFT: "┤",
    _UP | _DOWN | _RIGHT: "├",
    _UP | _LEFT | _RIGHT: "┴",
    _DOWN | _LEFT | _RIGHT: "┬",
    _UP | _DOWN | _LEFT | _RIGHT: "┼",
}


def render(histories: Sequence[History]) -> str:
    """One block of text for each history, each ending with a line feed."""
    return "\n".join(
        "".join(f"{printable(line)}\n" for line in _lines(history)) for history in histories
    )


def _lines(history: History) -> Iterator[str]:
    yield _summary(history)
    if not history.by_key:
        return
    yield ""
    drawing = _Drawing(history)
    for number, run in enumerate(_runs(history, drawing.defects)):
        if number and not drawing.lanes:
            # What follows has nothing to do with what stands above.
            yield ""
        yield from drawing.rows(run)


def _summary(history: History) -> str:
    branches = sum(len(history.children(key)) > 1 for key in history.by_key)
    merges = sum(len(parents) > 1 for parents in history.versioned.values())
    counts = [
        _count(len(history.revisions), "revision"),
        _count(len(history.tips()), "head"),
        _count(len(history.bases), "base"),
    ]
    if branches:
        counts.append(_count(branches, "branch point"))
    if merges:
        counts.append(_count(merges, "merge"))
    if history.defects:
        counts.append(_count(len(history.defects), "defect"))
    return f"{title(history)}: {', '.join(counts)}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _runs(history: History, defects: Collection[str]) -> Iterator[list[str]]:
    """The keys, heads first; those of a linear run that says nothing new stand together."""
    run: list[str] = []
    needed = {name for names in history.dependencies.values() for name in names}
    for key in keys_from_heads(history):
        plain = (
            len(history.versioned[key]) == 1
            and len(history.children(key)) == 1
            and key not in needed
            and key not in defects
            and not shape_marks(history, key)
        )
        if run and (not plain or key != history.versioned[run[-1]][0]):
            yield from _told(run)
            run = []
        if plain:
            run.append(key)
        else:
            yield [key]
    yield from _told(run)


def _told(run: list[str]) -> Iterator[list[str]]:
    if len(run) > _SHORT_RUN:
        yield run
    else:
        yield from ([key] for key in run)


class _Drawing:
    """The lanes of a graph on its way down: what each of them leads to next."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.defects: Mapping[str, tuple[str, ...]] = defect_marks(history)
        self.lanes: list[str | None] = []
        self.drawn: set[str] = set()

    def rows(self, run: list[str]) -> Iterator[str]:
        """The lines for a run, or for one revision, and for its edges."""
        top, bottom = run[0], run[-1]
        column = self._column(top)
        if len(run) > 1:
            yield self._row(column, "┊", f"… {len(run):,} revisions, {top} down to {bottom}")
        else:
            yield self._row(column, "●", self._text(top))
        self.drawn.update(run)
        yield from self._edges(column, bottom)

    def _column(self, key: str) -> int:
        if key in self.lanes:
            return self.lanes.index(key)
        if None in self.lanes:
            column = self.lanes.index(None)
            self.lanes[column] = key
            return column
        self.lanes.append(key)
        return len(self.lanes) - 1

    def _row(self, column: int, mark: str, text: str) -> str:
        cells = [
            mark if at == column else " " if lane is None else "│"
            for at, lane in enumerate(self.lanes)
        ]
        return f"{' '.join(cells)} {text}"

    def _text(self, key: str) -> str:
        marks = (*shape_marks(self.history, key), *self.defects.get(key, ()))
        name = file_name(self.history, key)
        shown = name if key == self.history.by_key[key].path else f"{key}  {name}"
        return f"{shown}  ({'; '.join(marks)})" if marks else shown

    def _edges(self, column: int, key: str) -> Iterator[str]:
        """Lead the lane on to the parents; a line for those that lie in other lanes."""
        self.lanes[column] = None
        cells: dict[int, int] = {}
        for parent in self.history.versioned[key]:
            if parent in self.drawn:
                continue
            if parent in self.lanes:
                at = self.lanes.index(parent)
                if at != column:
                    cells[at] = _UP | _DOWN
            elif self.lanes[column] is None:
                self.lanes[column] = parent
            else:
                at = self._free(column)
                self.lanes[at] = parent
                cells[at] = _DOWN
        if cells:
            yield self._connection(column, cells)
        while self.lanes and self.lanes[-1] is None:
            self.lanes.pop()

    def _free(self, column: int) -> int:
        for at in range(column + 1, len(self.lanes)):
            if self.lanes[at] is None:
                return at
        self.lanes.append(None)
        return len(self.lanes) - 1

    def _connection(self, column: int, cells: Mapping[int, int]) -> str:
        first, last = min(column, *cells), max(column, *cells)
        drawn = []
        for at, lane in enumerate(self.lanes):
            bits = cells.get(at, 0 if lane is None else _UP | _DOWN)
            if at == column:
                bits = _UP if lane is None else _UP | _DOWN
            if first < at <= last:
                bits |= _LEFT
            if first <= at < last:
                bits |= _RIGHT
            drawn.append(_BOX[bits])
            drawn.append("─" if first <= at < last else " ")
        return "".join(drawn).rstrip()
