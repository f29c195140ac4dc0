"""ALM002 unreadable-file."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision
from alembic_lint.source import Problem, ProblemKind


@each_revision("ALM002", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A revision file whose text cannot be read.

    It is not in the encoding it declares, holds a NUL byte, is larger than the limit, nests deeper
    than any code a person writes, or cannot be opened. Python refuses the first two as well. The
    linter's own parser lacks some syntax of Python, for which the file is not to blame.

    Source: PEP 263; CPython's tokenizer.
    """
    match revision.problem:
        case Problem(
            ProblemKind.ENCODING
            | ProblemKind.NUL
            | ProblemKind.SIZE
            | ProblemKind.DEPTH
            | ProblemKind.UNREADABLE,
            message,
            span,
        ):
            yield Finding(span, message)
        case Problem(ProblemKind.UNSUPPORTED, message, span):
            yield Finding(
                span,
                f"{message}; what it does is not seen, so the schema after it is uncertain",
                severity=Severity.WARNING,
            )
        case _:
            return
