"""ALM424 sa-enum-create-type-ignored."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.judging import absent, enum_types
from alembic_lint.judging.enum_types import Given
from alembic_lint.model import CreateTable
from alembic_lint.replay import Replay, Step
from alembic_lint.rule import Confidence, Finding, Severity, each_replay
from alembic_lint.schema import Presence


@each_replay("ALM424", Severity.ERROR, dialects=("postgresql",))
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table with `sa.Enum(create_type=False)`, which SQLAlchemy heeds since 2.1 only.

    Before that, `op.create_table` makes the type all the same, and fails where it is there; since
    then, nothing makes it. `postgresql.ENUM` takes the argument in every version. A column that is
    added or altered never makes a type, so the argument is harmless there. Which version runs the
    revision is not known, so that a finding is only possible.

    Source: sqlalchemy/dialects/postgresql/named_types.py, `ENUM.adapt_emulated_to_native`.
    """
    for act in enum_types.acting(replay, settings, ()):
        operation = act.step.operation
        if isinstance(operation, CreateTable):
            ignored = [item for item in enum_types.given(operation) if _is_ignored(item)]
            if ignored:
                yield _finding(act.step, ignored[0])


def _is_ignored(item: Given) -> bool:
    return item.generic and item.enum.native is not False and item.keyword("create_type") is False


def _finding(step: Step, item: Given) -> Finding:
    name, place = item.enum.name, item.enum.schema
    before = Presence.MAYBE
    if isinstance(name, str) and (place is None or isinstance(place, str)):
        before = step.before.has_enum(name, place)
    doing = absent.doing(step.operation)
    which = f'enum type "{name}"' if isinstance(name, str) else "its enum type"
    if before is Presence.ABSENT:
        message = (
            f"{doing} fails since SQLAlchemy 2.1, which heeds create_type=False of sa.Enum, as "
            f"nothing makes {which} before; leave create_type out, as older versions ignore it"
        )
    else:
        message = (
            f"{doing} makes {which} all the same before SQLAlchemy 2.1, which ignores "
            f"create_type=False of sa.Enum, and fails where the type is there; "
            f"use postgresql.ENUM(…, create_type=False)"
        )
    return Finding(
        step.operation.span,
        message,
        path=step.revision.path,
        confidence=Confidence.POSSIBLE,
    )
