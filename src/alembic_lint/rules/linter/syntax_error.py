"""ALM001 syntax-error."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision
from alembic_lint.source import Problem, ProblemKind


@each_revision("ALM001", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A revision file that Python cannot parse.

    Alembic executes every file of a version directory to read its id, so one such file stops
    every command, not only the upgrade that reaches it.

    Source: alembic/script/base.py, `Script._from_path`.
    """
    match revision.problem:
        case Problem(ProblemKind.CONFLICT, message, span):
            yield Finding(
                span,
                f"no Alembic command runs because this file holds {message}; keep one side, or"
                " both as two revisions, and delete the marker lines",
            )
        case Problem(ProblemKind.SYNTAX, message, span):
            yield Finding(
                span,
                f"no Alembic command runs because this file does not parse: {message}",
            )
        case _:
            return
