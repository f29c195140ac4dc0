"""ALM210 op-call-at-import."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Opaque, Revision
from alembic_lint.rule import Finding, Severity, each_revision


@each_revision("ALM210", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """An operation that runs when the file is loaded, outside upgrade() and downgrade().

    Alembic loads all files to read the graph. Where a command reads only files, the proxy behind
    `op` is not set up and the call raises NameError; where a database is open, the call runs at
    once, on every load, whichever revision is asked for, and is recorded nowhere.

    Source: alembic/util/langhelpers.py, `ModuleClsProxy._create_method_proxy`.
    """
    for operation in revision.module_operations:
        if isinstance(operation, Opaque) or operation.context.guards or operation.context.tries:
            continue
        yield Finding(
            operation.span,
            f"{operation.call.name}() runs whenever Alembic loads this file, outside any revision: "
            'it stops "alembic heads" with a NameError, and changes the database under any other '
            "command; move it into upgrade()",
        )
