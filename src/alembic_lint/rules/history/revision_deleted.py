"""ALM112 revision-deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic_lint.config import Settings
from alembic_lint.history import Branch
from alembic_lint.judging.heads import place
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Related, Severity, since_base
from alembic_lint.source import Span

_TOLD = 4
"""Revisions that one finding names."""

_Place = tuple[str, Span]


@since_base("ALM112", Severity.ERROR)
def check(branch: Branch, settings: Settings) -> Iterator[Finding]:
    """A revision that the base has is not there any more, or was put aside as `.py.old`.

    A database that is at it stops every command with "Can't locate revision identified by …".
    The finding stands in a file that is there: the one that was put aside, or else the nearest
    revision above or below; where none is left, in the first that is gone. A file that moves and
    keeps its id is not gone.

    Source: alembic/script/base.py, `ScriptDirectory._catch_revision_errors`.
    """
    del settings
    groups: dict[_Place, list[Revision]] = {}
    for revision in branch.gone:
        groups.setdefault(_standing(branch, revision), []).append(revision)
    for (path, span), gone in groups.items():
        yield _finding(branch, path, span, gone)


def _finding(branch: Branch, path: str, span: Span, gone: Sequence[Revision]) -> Finding:
    named = [_named(revision) for revision in gone[:_TOLD]]
    more = f" and {len(gone) - _TOLD} more" if len(gone) > _TOLD else ""
    several = len(gone) > 1
    aside = path in _aside(branch)
    lost = "put aside" if aside else "gone"
    at = "one of them" if several else "it"
    return Finding(
        span,
        f"{'revisions' if several else 'revision'} {', '.join(named)}{more} of {branch.name} "
        f"{'are' if several else 'is'} {lost}, so Alembic cannot locate "
        f"a database that is at {at}; "
        f"restore {'the files' if several else 'the file'}, and undo "
        f"{'them' if several else 'it'} in a new revision",
        path=path,
        help="\n".join(_restored(branch, each.path) for each in gone[:_TOLD]),
        related=tuple(
            Related(each.path, place(each), f"it is here on {branch.name}")
            for each in gone[:_TOLD]
            if each.path != path
        ),
    )


def _restored(branch: Branch, path: str) -> str:
    """The command that brings a file back, to where its directory is now."""
    there = branch.origins.get(path)
    if there is None:
        return f"git checkout {branch.name} -- {path}"
    return f"git show {branch.name}:{there} > {path}"


def _named(revision: Revision) -> str:
    return f'"{revision.id}" ({revision.path})' if revision.id else revision.path


def _aside(branch: Branch) -> dict[str, Revision]:
    return {item.path: item for item in branch.history.retired}


def _standing(branch: Branch, gone: Revision) -> _Place:
    """A place in a file that is there."""
    for retired in branch.history.retired:
        if gone.id is not None and retired.id == gone.id:
            return retired.path, place(retired)
    base = branch.base
    key = base.key(gone)
    if base.by_key[key] is gone:
        for name in (*_upwards(branch, key), *_downwards(branch, key)):
            now = branch.now.get(base.by_key[name].path)
            if now is not None:
                above = key in base.ancestors(name)
                parent = now.down_revision
                span = parent.span if above and parent is not None else place(now)
                return now.path, span
    # Where nothing is left, what was is shown.
    first, *_ = branch.history.revisions or branch.gone
    return first.path, place(first)


def _upwards(branch: Branch, key: str) -> Iterator[str]:
    """The revisions that stand on one, the nearest first."""
    todo, seen = [key], {key}
    for name in todo:
        for child in branch.base.children(name):
            if child not in seen:
                seen.add(child)
                todo.append(child)
                yield child


def _downwards(branch: Branch, key: str) -> Iterator[str]:
    """The revisions that it stands on by its first parents."""
    for name in branch.base.lineage(key):
        if name != key:
            yield name
