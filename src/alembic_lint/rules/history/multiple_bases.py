"""ALM102 multiple-bases."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span


@whole_history("ALM102", Severity.WARNING)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """Several revisions without a parent, and nothing says that this is meant.

    Lines that start with a branch label, or that lie in version locations of their own, are meant
    to be independent: that is how Alembic documents several bases. Among the others the one with
    most revisions above it is taken for the history's own base. No error comes of the rest, but
    their order is not written down anywhere: it follows from file names.

    Source: alembic/script/revision.py, `_topological_sort` (ties go by load order).
    """
    del settings
    groups: dict[tuple[frozenset[str], str], list[str]] = {}
    for key in history.bases:
        # A base whose id another file has taken over is that defect's matter.
        if history.versioned[key]:
            continue
        labels = _labels_from(history, key)
        place = "" if labels else history.location(history.by_key[key])
        groups.setdefault((labels, place), []).append(key)
    for bases in groups.values():
        if len(bases) < 2:
            continue
        main = max(bases, key=lambda key: (len(history.descendants(key)), -bases.index(key)))
        for base in bases:
            if base != main:
                yield _finding(history, base, main)


def _finding(history: History, base: str, main: str) -> Finding:
    file, other = history.by_key[base], history.by_key[main]
    return Finding(
        _place(file),
        f'revision "{base}" has no parent although "{main}" is the base already, so nothing says '
        "which of them runs first; name the revision it follows, or give its line a branch label",
        path=file.path,
        help=f'down_revision = "<the revision it follows>"\n'
        f'or, for a line of its own: branch_labels = ("{base}_line",)',
        related=(Related(other.path, _place(other), "the other base"),),
    )


def _labels_from(history: History, base: str) -> frozenset[str]:
    """The labels set at a base or above it, up to where its line forks or merges.

    Alembic spreads a label down that far. Source: alembic/script/revision.py, `_add_branches`.
    """
    key = base
    found = history.labels[key]
    seen = {key}
    while len(children := history.children(key)) == 1:
        key = children[0]
        if key in seen or len(history.versioned[key]) > 1:
            break
        seen.add(key)
        found |= history.labels[key]
    return found


def _place(revision: Revision) -> Span:
    return FILE_START if revision.down_revision is None else revision.down_revision.span
