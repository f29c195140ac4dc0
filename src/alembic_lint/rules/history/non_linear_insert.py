"""ALM113 non-linear-insert."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Branch
from alembic_lint.judging.heads import place
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, since_base
from alembic_lint.source import Span


@since_base("ALM113", Severity.ERROR)
def check(branch: Branch, settings: Settings) -> Iterator[Finding]:
    """A new revision that is put below one that the base has.

    It never runs where databases have applied the upper one. A new revision beside those of the
    base is a second head, which multiple-heads tells, or heads-after-merge where it is one only
    once the branch is merged. An id that the base has by now in another file is told by the latter.
    What an old revision has always named as its parent was not there, and is put back.

    Source: alembic/script/revision.py, `_collect_upgrade_revisions` (leaves out what lies below the
    revisions that a database has).
    """
    del settings
    repointed = _repointed(branch)
    for revision in branch.new:
        key = branch.history.key(revision)
        if branch.history.by_key[key] is not revision or key in branch.tip.by_key:
            continue
        upper = _nearest_above(branch, key)
        if branch.history.versioned.get(key) and upper is not None and upper.path in repointed:
            yield _finding(branch, revision, upper, repointed[upper.path])


def _repointed(branch: Branch) -> dict[str, Revision]:
    """What the revisions that have another parent now were on the base, by the path they have."""
    pairs = branch.survivors()
    return {after.path: before for before, after in pairs if before.parents != after.parents}


def _nearest_above(branch: Branch, key: str) -> Revision | None:
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


def _finding(branch: Branch, revision: Revision, upper: Revision, before: Revision) -> Finding:
    span = _parent(upper)
    was = "None" if before.down_revision is None else " ".join(before.down_revision.text.split())
    newest = _newest(branch, branch.base.key(before))
    return Finding(
        _parent(revision),
        f'"{revision.id}" is put below "{upper.id}", which {branch.name} has already, so databases '
        f"that have applied the latter never run it; restore down_revision = {was} in "
        f'{upper.path}:{span.line}, and put this one on top of "{newest}"',
        path=revision.path,
        help=f"in {upper.path}: down_revision = {was}\n"
        f'in {revision.path}: down_revision = "{newest}"',
        related=(Related(upper.path, span, "it stands on the new revision"),),
    )


def _parent(revision: Revision) -> Span:
    return place(revision) if revision.down_revision is None else revision.down_revision.span


def _newest(branch: Branch, key: str) -> str:
    """The head that the base has by now above one of its revisions."""
    tip = branch.tip
    if key not in tip.by_key:
        return key
    above = {key, *tip.descendants(key)}
    return next((name for name in tip.tips() if name in above), key)
