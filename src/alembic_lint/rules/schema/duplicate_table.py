"""ALM405 duplicate-table."""

from __future__ import annotations

from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import CreateTable, Guard, Not
from alembic_lint.replay import Replay, Step, asks_for_table
from alembic_lint.rule import Confidence, Finding, Related, Severity, each_replay
from alembic_lint.schema import Origin, Presence


@each_replay("ALM405", Severity.ERROR)
def check(replay: Replay, settings: Settings) -> Iterator[Finding]:
    """A table that is made although an earlier revision has made it, and nothing asks first.

    The order is that of `alembic upgrade heads` on an empty database, so that it counts for
    ancestors and for parallel branches alike, such as a legacy file beside the files it was split
    into. The database refuses the second CREATE TABLE; PostgreSQL rolls the whole upgrade back, the
    others stop half way. A drop or rename in between ends it, and creates that exclude each other
    (on different databases, or in the two branches of one condition) do not clash.

    A create under a condition that could not be read is left alone: it may be that question. A
    clash is only possible where another guard could not be decided, where the table may be there or
    not (an unread condition around the first create, something unseen that may have dropped it),
    where the two stand in branches with labels of their own, which need not be run
    together, or where Alembic cannot place the revision. Lines of different labels that have not
    even a base in common are alternatives, and do not clash.
    """
    del settings
    history = replay.history
    reported: set[tuple[str | None, str, str]] = set()
    for step in replay.upgrade_run():
        match step.operation:
            case CreateTable(temporary=False, table=str(name), schema=None | str() as schema):
                operation = step.operation
            case _:
                continue
        identity = (schema, name, step.revision.path)
        if step.runs is False or identity in reported:
            continue
        # A guard that asks for the table and still lets the create run is the wrong way round.
        inverted = step.runs is True and operation.if_not_exists is False
        asks = asks_for_table(operation)
        if asks is None or (asks and not inverted):
            continue
        table = step.before.table(name, schema)
        makers = [maker for maker in table.makers if not _exclusive(history, maker, step)]
        if table.presence is not Presence.ABSENT and makers:
            reported.add(identity)
            there = history.key(makers[0].revision)
            ordered = history.runs_before(there, history.key(step.revision))
            doubt = _doubt(history, step, there, table.presence, ordered=ordered)
            yield _finding(history, step, makers[0], name, doubt, ordered=ordered)


def _finding(
    history: History, step: Step, maker: Origin, name: str, doubt: str | None, *, ordered: bool
) -> Finding:
    here, there = history.key(step.revision), history.key(maker.revision)
    if here == there:
        first = "this revision makes it twice"
        remedy = "remove one of the creates"
    else:
        side = "its ancestor" if ordered else "the parallel branch of"
        first = f'{side} "{there}" has already made it'
        remedy = (
            f"remove it here, or guard it with a test that it is not there (and set "
            f"{maker.revision.path} aside if these revisions replace it)"
            if not ordered
            else "remove it here, or guard it with a test that it is not there"
        )
    return Finding(
        step.operation.span,
        f'creating table "{name}" fails because {first}; {remedy}'
        if doubt is None
        else f'creating table "{name}" may fail because {first} ({doubt}); {remedy}',
        path=step.revision.path,
        help=f'if not sa.inspect(op.get_bind()).has_table("{name}"):\n    op.create_table(…)',
        related=(
            Related(
                maker.revision.path,
                maker.operation.span,
                f'"{name}" is made here first',
            ),
        ),
        confidence=Confidence.CERTAIN if doubt is None else Confidence.POSSIBLE,
    )


def _doubt(
    history: History, step: Step, there: str, presence: Presence, *, ordered: bool
) -> str | None:
    """Why a clash is not certain, or None where it is."""
    here = history.key(step.revision)
    if step.runs is None:
        return "the condition it stands under could not be decided"
    if presence is Presence.MAYBE:
        return "whether the table is there at this point could not be decided"
    if here not in history.position or there not in history.position:
        return "the history is broken below it"
    labels, others = history.labels[here], history.labels[there]
    if not ordered and labels - others and others - labels:
        return "unless only one of the two labelled branches is run"
    return None


def _exclusive(history: History, maker: Origin, step: Step) -> bool:
    """Whether two creates never both run: in the two branches of one condition, say."""
    if maker.revision is not step.revision:
        return history.run_apart(history.key(maker.revision), history.key(step.revision))
    return any(
        mine.block == other.block and _opposite(mine, other)
        for mine in step.operation.context.guards
        for other in maker.operation.context.guards
    )


def _opposite(one: Guard, other: Guard) -> bool:
    return one.condition == Not(other.condition) or other.condition == Not(one.condition)
