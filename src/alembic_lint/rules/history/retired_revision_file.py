"""ALM117 retired-revision-file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import (
    CreateTable,
    Function,
    Revision,
    flatten,
)
from alembic_lint.replay import asks_for_table
from alembic_lint.rule import Finding, Related, Severity, whole_history
from alembic_lint.source import FILE_START, Span

_Key = tuple[str | None, str]


@whole_history("ALM117", Severity.INFO)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A revision file that was set aside under another suffix, where Alembic does not see it.

    A database that is stamped with its id cannot be located any more. It is a warning where a live
    revision still names the id, or makes one of its tables without asking whether it is there:
    databases that ran the file before it was set aside have that table.

    Source: alembic/script/base.py, `_only_source_rev_file` and `_upgrade_revs`.
    """
    del settings
    namers: dict[str, Revision] = {}
    for file in history.revisions:
        for name in (*file.parents, *file.dependencies):
            namers.setdefault(name, file)
    live = {key: item for file in history.revisions for key, item in _tables(file).items()}
    ids = {file.id for file in history.revisions}
    for retired in history.retired:
        yield _finding(retired, namers, live, defined=retired.id in ids)


def _finding(
    retired: Revision,
    namers: Mapping[str, Revision],
    live: Mapping[_Key, tuple[Revision, Span, bool]],
    *,
    defined: bool,
) -> Finding:
    name = "this file" if retired.id is None else f'revision "{retired.id}"'
    span = FILE_START if retired.revision is None else retired.revision.span
    namer = namers.get(retired.id or "")
    if namer is not None and not defined:
        return Finding(
            span,
            f"{name} is set aside where Alembic does not see it, but {namer.path} still names it; "
            "rename it back to .py, or re-point that revision",
            path=retired.path,
            related=(Related(namer.path, FILE_START, "names it"),),
            severity=Severity.WARNING,
        )
    again = [(key, live[key]) for key in _tables(retired) if key in live]
    unguarded = [(key, found) for key, found in again if not found[2]]
    if unguarded:
        (_, table), (maker, place, _) = unguarded[0]
        return Finding(
            span,
            f'{name} is set aside, but a database that ran it has table "{table}" already, and '
            f"{maker.path} fails on that; guard the create, or stamp those databases",
            path=retired.path,
            related=(Related(maker.path, place, f'creates "{table}" without a guard'),),
            severity=Severity.WARNING,
        )
    return Finding(
        span,
        f"{name} is set aside under a suffix that Alembic does not load, so a database stamped "
        "with it cannot be located; delete the file once no database is at it",
        path=retired.path,
        related=tuple(
            Related(maker.path, place, f'creates "{key[1]}" too, if it is not there')
            for key, (maker, place, _) in again[:5]
        ),
    )


def _tables(file: Revision) -> dict[_Key, tuple[Revision, Span, bool]]:
    """The tables that an upgrade makes: the file, where, and whether it asks first."""
    found: dict[_Key, tuple[Revision, Span, bool]] = {}
    if isinstance(file.upgrade, Function):
        for operation in flatten(file.upgrade.operations):
            match operation:
                case CreateTable(table=str(name), schema=None | str() as schema):
                    guarded = asks_for_table(operation) is not False
                    found[schema, name] = (file, operation.span, guarded)
                case _:
                    pass
    return found
