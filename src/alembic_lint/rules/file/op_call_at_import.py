"""ALM210 op-call-at-import."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Opaque, Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM210", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """An operation that runs when the file is loaded, outside upgrade() and downgrade().

    Alembic loads all files to read the graph, before there is a migration context: the proxy
    behind `op` is not set up, the call raises NameError, and every command fails.

    Source: alembic/util/langhelpers.py, `ModuleClsProxy._create_method_proxy`.
    """
    for operation in revision.module_operations:
        if isinstance(operation, Opaque) or operation.context.guards or operation.context.tries:
            continue
        yield Finding(
            operation.span,
            f"{operation.call.name}() runs when Alembic loads this file, before there is a "
            "migration to run it in, so every command fails; move it into upgrade()",
        )
