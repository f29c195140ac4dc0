"""ALM423 enum-without-name."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types, naming_databases
from alembic_lint.replay import Replay
from alembic_lint.rule import Confidence, Finding, Severity, each_replay


@each_replay("ALM423", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """An enum without a name, on PostgreSQL, where it is a type that has to have one.

    SQLAlchemy refuses to compile it: "PostgreSQL ENUM type requires a name". An enum of a Python
    enum takes its name from that; one that is stored as text (`native_enum=False`) needs none.

    Source: sqlalchemy/dialects/postgresql/base.py, `PGTypeCompiler.visit_ENUM`.
    """
    doubt = naming_databases.doubt(replay.history, settings, "postgresql", "PostgreSQL")
    for act in enum_types.acting(replay, settings, ()):
        operation = act.step.operation
        unnamed = [
            item
            for item in enum_types.given(operation)
            if item.enum.native is True and item.enum.name in (None, "")
        ]
        if not unnamed:
            continue
        column = unnamed[0].column
        whose = "the enum" if column is None else f'the enum of column "{column}"'
        doing = "creating the enum type" if column is None else absent.doing(operation)
        doing += naming_databases.on_it(settings, doubt, "PostgreSQL")
        why = doubt or absent.doubts(act.step)
        yield Finding(
            operation.span,
            absent.phrase(
                doing,
                f"{whose} has no name, which PostgreSQL's types need",
                'pass name="…" to it',
                why,
            ),
            path=act.step.revision.path,
            confidence=Confidence.CERTAIN if why is None else Confidence.POSSIBLE,
        )
