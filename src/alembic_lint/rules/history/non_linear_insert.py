"""ALM113 non-linear-insert."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Branch
from alembic_lint.judging.heads import line, place
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, since_base
from alembic_lint.source import Span


@since_base("ALM113", Severity.ERROR)
def check(branch: Branch, settings: Settings) -> Iterator[Finding]:
    """A new revision that hangs below a head of the base, not on top of it.

    Put between two revisions that databases have, it never runs where they have applied the upper
    one. Put beside them, it is a second head. A branch with a label of its own is meant to be
    beside them, and so is one that a merge of this branch joins to them again. What hangs below
    revisions that came to the base later is told by heads-after-merge.

    Source: alembic/script/revision.py, `_collect_upgrade_revisions` (leaves out what lies below the
    revisions that a database has).
    """
    del settings
    paths = branch.history.new or frozenset()
    for revision in branch.new:
        key = branch.history.key(revision)
        parents = branch.history.versioned.get(key, ())
        old = [name for name in parents if branch.history.by_key[name].path not in paths]
        if not parents or branch.history.by_key[key] is not revision:
            continue
        upper = _inserted_below(branch, key)
        if upper is not None:
            yield _inserted(branch, revision, upper)
        elif len(old) == len(parents) and not _is_joined(branch, key):
            above = [_rivals_above(branch, parent, key) for parent in old]
            if all(above):
                yield _beside(branch, revision, above[0][0])


def _inserted_below(branch: Branch, key: str) -> Revision | None:
    """The nearest revision of the base that stands on a new one by down_revision."""
    history = branch.history
    old = {revision.path for revision in branch.now.values()}
    todo, seen = [key], {key}
    for name in todo:
        for child in history.children(name):
            if history.by_key[child].path in old:
                return history.by_key[child]
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return None


def _rivals_above(branch: Branch, parent: str, key: str) -> tuple[str, ...]:
    """The heads that the base has above a parent of a new revision, and in the line of the new one.

    None where the parent is a head itself.
    """
    base, history = branch.base, branch.history
    if parent not in base.by_key or not base.children(parent):
        return ()
    above = base.descendants(parent)
    heads = (head for head in base.tips() if head in above and head in history.by_key)
    return tuple(head for head in heads if line(history, head) == line(history, key))


def _is_joined(branch: Branch, key: str) -> bool:
    """Whether a merge that stands on a new revision stands on one of the base besides."""
    history = branch.history
    paths = history.new or frozenset()
    above = {key, *history.descendants(key)}
    return any(
        parent not in above and history.by_key[parent].path not in paths
        for name in above - {key}
        for parent in history.versioned.get(name, ())
    )


def _parent(revision: Revision) -> Span:
    return place(revision) if revision.down_revision is None else revision.down_revision.span


def _inserted(branch: Branch, revision: Revision, upper: Revision) -> Finding:
    head = next(iter(branch.tip.tips()), None)
    on_top = f' on top of "{head}"' if head is not None else " on top"
    return Finding(
        _parent(revision),
        f'"{revision.id}" is put below "{upper.id}", which {branch.name} has already, so databases '
        f"that have applied the latter never run it; put it{on_top}",
        path=revision.path,
        help=None if head is None else f'down_revision = "{head}"',
        related=(Related(upper.path, _parent(upper), "it stands on the new revision"),),
    )


def _beside(branch: Branch, revision: Revision, head: str) -> Finding:
    newest = _newest(branch, head)
    other = branch.base.by_key[head]
    return Finding(
        _parent(revision),
        f'"{revision.id}" hangs below "{head}", the head of {branch.name}, and so is a second head '
        f'beside it; put it on top of "{newest}"',
        path=revision.path,
        help=f'down_revision = "{newest}"',
        related=(Related(other.path, place(other), f"the head of {branch.name}"),),
    )


def _newest(branch: Branch, head: str) -> str:
    """The head that the base has by now above one that it had."""
    tip = branch.tip
    if head not in tip.by_key:
        return head
    above = {head, *tip.descendants(head)}
    return next((name for name in tip.tips() if name in above), head)
