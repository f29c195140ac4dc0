"""ALM114 heads-after-merge."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import Branch, Merge
from alembic_lint.judging.editing import edits
from alembic_lint.judging.heads import forks, place, rivals, start
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, since_base


@since_base("ALM114", Severity.ERROR)
def check(branch: Branch, settings: Settings) -> Iterator[Finding]:
    """Two heads, or two files of one id, that are there only once this branch is merged.

    Each branch is sound by itself, and git merges their files without a conflict, so nothing but
    the merged history shows it. What is a second head beside a head of the base as it was is told
    by multiple-heads already.

    Source: alembic/script/revision.py, `get_current_head` (raises MultipleHeads) and
    `RevisionMap._revision_map` (warns of a duplicate id, and takes the file that it loads last).
    """
    del settings
    for merge in branch.merges:
        yield from _ids(branch, merge)
        yield from _heads(branch, merge)


def _theirs(branch: Branch, merge: Merge) -> tuple[Revision, ...]:
    """The revisions that come from the other side alone."""
    own = {revision.path for revision in branch.history.revisions}
    return tuple(item for item in merge.merged.revisions if item.path not in own)


def _ids(branch: Branch, merge: Merge) -> Iterator[Finding]:
    others = {item.id: item for item in _theirs(branch, merge) if item.id is not None}
    for revision in branch.new:
        other = None if revision.id is None else others.get(revision.id)
        if other is not None:
            is_one = not any(edits(other, revision, ("",)))
            remedy = (
                f"{_update(merge)}keep one of the two, as they do the same"
                if is_one
                else "give this one another id"
            )
            yield Finding(
                place(revision),
                f"{_when(merge)}, this file and {other.path} have the same revision id "
                f'"{revision.id}", and Alembic runs only the one that it loads last; {remedy}',
                path=revision.path,
                related=(Related(other.path, place(other), f"the same id, on {merge.name}"),),
            )


def _heads(branch: Branch, merge: Merge) -> Iterator[Finding]:
    merged = merge.merged
    new = branch.history.new or frozenset()
    theirs = {item.path for item in _theirs(branch, merge)}
    for heads in rivals(merged):
        mine = [key for key in heads if merged.by_key[key].path in new]
        others = [key for key in heads if merged.by_key[key].path in theirs]
        parted = forks(merged, heads)
        for head in mine:
            if others and (head in merged.position or head in parted):
                fork = parted.get(head)
                other = next((key for key in others if parted.get(key) == fork), others[0])
                if merged.ancestors(other).isdisjoint(_old_rivals(branch, head)):
                    yield _finding(merge, head, other, start(merged, head, fork))


def _old_rivals(branch: Branch, head: str) -> frozenset[str]:
    """The heads of the base that a new head stands beside before anything is merged."""
    history, new = branch.history, branch.history.new or frozenset()
    beside = next((heads for heads in rivals(history) if head in heads), ())
    return frozenset(key for key in beside if history.by_key[key].path not in new)


def _finding(merge: Merge, head: str, other: str, first: str) -> Finding:
    merged = merge.merged
    ours, theirs, own = merged.by_key[head], merged.by_key[other], merged.by_key[first]
    parents = own.parents
    if len(parents) > 1:
        below = merged.ancestors(other)
        # Where the other side has merged the same heads, that merge is the only parent left.
        kept = dict.fromkeys(other if parent in below else parent for parent in parents)
        written = ", ".join(f'"{parent}"' for parent in kept)
        written = f"({written})" if len(kept) > 1 else written
    else:
        written = f'"{other}"'
    span = place(own) if own.down_revision is None else own.down_revision.span
    line = f"{own.path}:{span.line}"
    both = "" if ours is own else f" ({ours.path})"
    last = "" if merge.is_base else ", if this branch is the one that is merged last"
    related = [Related(theirs.path, place(theirs), f"the other head, on {merge.name}")]
    if ours is not own:
        related.append(Related(ours.path, place(ours), "the head of this branch"))
    return Finding(
        span,
        f'{_when(merge)}, "{head}"{both} is a second head beside "{other}" ({theirs.path}), so '
        f'"alembic upgrade head" fails; {_update(merge)}write down_revision = {written} in '
        f"{line}{last}",
        path=own.path,
        help=f"git merge {merge.name}\nthen, in {own.path}: down_revision = {written}",
        related=tuple(related),
    )


def _when(merge: Merge) -> str:
    if merge.is_base:
        return f"once this branch is merged into {merge.name}"
    return f"once this branch and {merge.name} are both merged"


def _update(merge: Merge) -> str:
    return f"merge {merge.name} into it and " if merge.is_base else ""
