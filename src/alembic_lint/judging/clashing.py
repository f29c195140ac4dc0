"""What the rules on things made twice share: when two makings clash, and how that is told.

Of the two, the later one fails in `alembic upgrade heads` on an empty database, and that is where a
finding stands. But of a revision that is new on this branch and one that the base has already, it
is the new one that can be changed, whichever runs first: then the finding is turned to that one.
"""

from __future__ import annotations

from alembic_lint.history import History
from alembic_lint.judging import absent
from alembic_lint.model import Direction, Guard, Not, Value
from alembic_lint.replay import Step
from alembic_lint.rule import Confidence, Finding
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
    if step.runs is None and is_turned(history, step, maker):
        return f'the condition under which "{here}" makes it could not be decided'
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


def is_turned(history: History, step: Step, maker: Origin) -> bool:
    """Whether a clash is told of the first making, as only that one is new since the base."""
    new = history.new or frozenset()
    up = step.operation.direction is Direction.UPGRADE
    return up and maker.revision.path in new and step.revision.path not in new


def is_settled(history: History, maker: Origin) -> bool:
    """Whether the first making is of the base, and so has run on databases and has to stay."""
    return history.new is not None and maker.revision.path not in history.new


def remove_one(history: History, maker: Origin) -> str:
    """What to remove of two makings, where it is told of the second."""
    return "remove this" if is_settled(history, maker) else "remove one of the two"


def at(history: History, step: Step, maker: Origin) -> Origin:
    """The making that a finding about a clash stands in."""
    if is_turned(history, step, maker):
        return maker
    return Origin(step.revision, step.operation)


def finding(
    step: Step,
    maker: Origin,
    what: str,
    *,
    because: str,
    remedy: str,
    doubt: str | None,
    doing: str | None = None,
    turned_remedy: str | None = None,
    help_: str | None = None,
) -> Finding:
    """The finding about a step that makes what `maker` has made.

    Args:
        step: the second making.
        maker: the first one.
        what: the thing that both make, such as `table "t"`.
        because: why the step fails.
        remedy: what to do about it at the step.
        doubt: why it is only possible, None where it is certain.
        doing: what the operation that the finding stands in does; None: as `absent.doing` says.
        turned_remedy: what to do where it stands in the first making; None: remove or guard that.
        help_: what to write instead.
    """
    history = step.history
    turned = is_turned(history, step, maker)
    place = at(history, step, maker)
    doing = absent.doing(place.operation) if doing is None else doing
    if turned:
        message = _turned(step, maker, doing, what, doubt, turned_remedy)
        other = absent.place(Origin(step.revision, step.operation), f"{what} is made here too")
    else:
        message = absent.phrase(doing, because, remedy, doubt)
        other = absent.place(maker, f"{what} is made here first")
    return Finding(
        place.operation.span,
        message,
        path=place.revision.path,
        help=help_,
        related=(other,),
        mutual=maker.revision is not step.revision and not is_ordered(history, maker, step),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _turned(
    step: Step, maker: Origin, doing: str, what: str, doubt: str | None, remedy: str | None
) -> str:
    """What is said of the first of two makings, the only one that is new.

    A database that the base has been run on has the second already, and so it is the first that
    fails there, unless it asks; on an empty one it is the second.
    """
    history = step.history
    key = history.key(step.revision)
    ordered = is_ordered(history, maker, step)
    if remedy is None:
        remedy = "remove it here"
        if not ordered:
            remedy += f', or put this branch on top of "{key}" and guard it'
    hedge = "" if doubt is None else f" ({doubt})"
    thing = "it" if what in doing else what
    if ordered or maker.operation.context.guards:
        verb = "makes" if doubt is None else "may make"
        who = f'its descendant "{key}"' if ordered else f'revision "{key}" of a parallel branch'
        return f"{doing} {verb} {who} fail, which makes {thing} too{hedge}; {remedy}"
    because = f'the parallel branch of "{key}" makes {thing} too'
    return absent.phrase(doing, because, remedy, doubt)
