"""ALM108 merge-with-operations."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import Function, Opaque, Operation, Unknown
from alembic_lint.rule import Finding, Severity, whole_history


@whole_history("ALM108", Severity.INFO)
def check(history: History, settings: Settings) -> Iterator[Finding]:
    """A merge revision that changes the database too.

    Nothing fails, but a merge is easily thrown away and made anew when one of its branches moves,
    and the operations go with it. An empty merge followed by a revision of its own keeps both.
    """
    del settings
    for key, file in history.by_key.items():
        if len(set(file.parents)) < 2:
            continue
        operation = _first(file.upgrade) or _first(file.downgrade)
        if operation is not None:
            yield Finding(
                operation.span,
                f'merge "{key}" also changes the database, which is lost when the merge is made '
                "anew; leave the merge empty and move this to a revision that follows it",
                path=file.path,
                help=f'alembic revision -m "…" --head {key}',
            )


def _first(function: Function | Unknown | None) -> Operation | None:
    if not isinstance(function, Function):
        return None
    return next((item for item in function.operations if not isinstance(item, Opaque)), None)
