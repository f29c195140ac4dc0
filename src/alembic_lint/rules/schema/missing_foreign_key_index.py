"""ALM418 missing-foreign-key-index."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Unknown
from alembic_lint.replay import Replay
from alembic_lint.rule import Finding, Severity, each_replay
from alembic_lint.schema import Index, Presence, Reference, references_of


@each_replay(
    "ALM418", Severity.WARNING, enabled=False, dialects=("mssql", "oracle", "postgresql", "sqlite")
)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A foreign key whose own columns have no index.

    Each delete of a referred row, and each change of its key, then reads the whole table to see
    whether something still refers to it. MySQL makes such an index itself. What counts is the
    schema at the heads; any index or key that begins with the columns, in whatever order, will do.
    """
    del settings
    heads = replay.at_heads()
    for table in heads.tables:
        if table.all_keys_known and table.presence is Presence.PRESENT:
            for reference in references_of(heads, table):
                if not _has_index(reference):
                    yield from _finding(reference)


def _has_index(reference: Reference) -> bool:
    table = reference.table
    wanted = {table.fold(name) for name in reference.columns}
    for key in table.keys:
        if not isinstance(key, Index) and key.kind not in {"primary", "unique", "exclude"}:
            continue
        listed = key.columns
        if isinstance(listed, Unknown):
            return True
        first = [table.fold(item) for item in listed[: len(wanted)] if isinstance(item, str)]
        if set(first) == wanted:
            return True
    return False


def _finding(reference: Reference) -> Iterator[Finding]:
    origin, table = reference.constraint.origin, reference.table
    if origin is None:
        return
    columns = ", ".join(reference.columns)
    name = f"ix_{table.name}_{'_'.join(reference.columns)}"
    yield Finding(
        origin.operation.span,
        f'the foreign key ({columns}) of "{table.name}" has no index, so that each row deleted in '
        f'"{reference.referent.name}" costs a scan of it; create one',
        path=origin.revision.path,
        help=f'op.create_index("{name}", "{table.name}", {list(reference.columns)})',
    )
