"""What the rules on things made twice share: when two makings clash, and how sure that is."""

from __future__ import annotations

from alembic_lint.history import History
from alembic_lint.model import Direction, Guard, Not, Value
from alembic_lint.replay import Step
from alembic_lint.rule import Related
from alembic_lint.schema import Origin, Presence


def exclusive(history: History, maker: Origin, step: Step) -> bool:
    """Whether two operations never both run: in the two branches of one condition, say."""
    if maker.revision is not step.revision:
        return history.run_apart(history.key(maker.revision), history.key(step.revision))
    return any(
        mine.block == other.block and _opposite(mine, other)
        for mine in step.operation.context.guards
        for other in maker.operation.context.guards
    )


def _opposite(one: Guard, other: Guard) -> bool:
    return one.condition == Not(other.condition) or other.condition == Not(one.condition)


def table_makers(step: Step, name: str, schema: str | None) -> tuple[Origin, ...]:
    """What has made a table that a step is to create, where it is or may be there already."""
    table = step.before.table(name, schema)
    if table.presence is Presence.ABSENT:
        return ()
    return tuple(maker for maker in table.makers if not exclusive(step.history, maker, step))


def is_ordered(history: History, maker: Origin, step: Step) -> bool:
    """Whether the graph itself says that the first making comes before a step."""
    return history.runs_before(history.key(maker.revision), history.key(step.revision))


def is_order_vague(history: History) -> bool:
    """Whether a `depends_on` that is not known may order branches otherwise."""
    return len(history.bases) > 1 and any(
        revision.depends_on is not None
        and not isinstance(revision.depends_on.value, str | None)
        and not _is_names(revision.depends_on.value)
        for revision in history.revisions
    )


def _is_names(value: Value) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def is_blurred(maker: Origin, presence: Presence, gone: Origin | None = None) -> bool:
    """Whether it is for what could not be read alone that something may be there.

    It was surely made, and may be gone; or what dropped it (`gone`) is known, and it may be there
    again.
    """
    unsure = presence is Presence.MAYBE
    return unsure and (gone is not None or not maker.operation.context.guards)


def doubt(history: History, step: Step, maker: Origin, presence: Presence, what: str) -> str | None:
    """Why a clash is not certain, or None where it is; `what` is made, such as "the table"."""
    here, there = history.key(step.revision), history.key(maker.revision)
    if step.runs is None:
        return "the condition it stands under could not be decided"
    if presence is Presence.MAYBE:
        return f"whether {what} is there at this point could not be decided"
    if here not in history.position or there not in history.position:
        return "the history is broken below it"
    labels, others = history.labels[here], history.labels[there]
    if (
        here != there
        and not is_ordered(history, maker, step)
        and labels - others
        and others - labels
    ):
        return "unless only one of the two labelled branches is run"
    return None


def who(history: History, step: Step, maker: Origin) -> str:
    """What made it first: this revision or which side of it, an ancestor, a parallel branch."""
    there = history.key(maker.revision)
    back = step.operation.direction is Direction.DOWNGRADE
    if there == history.key(step.revision):
        if not back:
            return "this revision"
        return (
            "this downgrade" if maker.operation.direction is Direction.DOWNGRADE else "the upgrade"
        )
    side = "its ancestor" if is_ordered(history, maker, step) else "the parallel branch of"
    return f'{side} "{there}"'


def first_made(history: History, step: Step, maker: Origin, again: str) -> str:
    """Who made it first, as the reason of a failure; `again` for one revision: "makes it twice"."""
    first = who(history, step, maker)
    if first == "this revision":
        return f"{first} {again}"
    if left_there(step, maker):
        return f"{first} makes it, and nothing drops it before"
    return f"{first} has already made it"


def left_there(step: Step, maker: Origin) -> bool:
    """Whether a downgrade makes again what is there after the upgrade, which was to drop it."""
    back = step.operation.direction is Direction.DOWNGRADE
    return back and maker.operation.direction is Direction.UPGRADE


LEAVE_OR_DROP = "drop it in upgrade(), or remove this"
"""What to do about what a downgrade makes again."""


def shown(maker: Origin, name: str) -> tuple[Related, ...]:
    """The place of the first making."""
    return (Related(maker.revision.path, maker.operation.span, f'"{name}" is made here first'),)
