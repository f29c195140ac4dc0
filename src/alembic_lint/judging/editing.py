"""What two versions of one revision do differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from alembic_lint.judging.describing import described
from alembic_lint.model import (
    Assigned,
    Call,
    Direction,
    Function,
    Opaque,
    Operation,
    Revision,
    Unknown,
)
from alembic_lint.source import FILE_START, Span

_APART = frozenset({"block", "call", "path", "span", "spans", "statement"})
"""What of a value tells where it stands, or how it is written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference: where it is in the newer version, and in words that follow "now".

    `direction` is that of the function that it is in, MODULE for identifiers and other statements.
    `sure` False: the code differs in what cannot be seen through, and may do the same.
    """

    span: Span
    what: str
    direction: Direction = Direction.MODULE
    sure: bool = True


def edits(before: Revision, after: Revision, recoded: Sequence[str]) -> Iterator[Edit]:
    """The differences between two versions; none where both are known to do the same.

    Args:
        before: the older version.
        after: the newer one.
        recoded: the names of the definitions of which the code differs, "" for other statements.
    """
    if not recoded or before.problem is not None or after.problem is not None:
        return
    yield from _identifiers(before, after)
    found = False
    for direction in (Direction.UPGRADE, Direction.DOWNGRADE):
        for edit in _function(_of(before, direction), _of(after, direction), direction, recoded):
            found = True
            yield edit
    if not found:
        yield from _operations(
            before.module_operations, after.module_operations, FILE_START, Direction.MODULE
        )


def _identifiers(before: Revision, after: Revision) -> Iterator[Edit]:
    for name, old, new, ids in (
        ("revision", before.revision, after.revision, ((before.id,), (after.id,))),
        (
            "down_revision",
            before.down_revision,
            after.down_revision,
            (before.parents, after.parents),
        ),
        ("branch_labels", before.branch_labels, after.branch_labels, (before.labels, after.labels)),
        (
            "depends_on",
            before.depends_on,
            after.depends_on,
            (before.dependencies, after.dependencies),
        ),
    ):
        if ids[0] != ids[1] and not _unknown(old) and not _unknown(new):
            span = FILE_START if new is None else new.span
            yield Edit(span, f"{name} is {_shown(new)}, and was {_shown(old)}")


def _shown(assigned: Assigned | None) -> str:
    return "not set" if assigned is None else " ".join(assigned.text.split())


def _unknown(assigned: Assigned | None) -> bool:
    return assigned is not None and _hidden(assigned.value)


def _of(revision: Revision, direction: Direction) -> Function | Unknown | None:
    return revision.upgrade if direction is Direction.UPGRADE else revision.downgrade


def _function(
    before: Function | Unknown | None,
    after: Function | Unknown | None,
    direction: Direction,
    recoded: Sequence[str],
) -> Iterator[Edit]:
    """What a function does differently."""
    match before, after:
        case Function(), Function():
            pass
        case Function(), None:
            yield Edit(FILE_START, f"{direction}() is gone", direction)
            return
        case None, Function():
            yield Edit(after.name_span, f"{direction}() is new", direction)
            return
        case _:
            return
    found = list(_operations(before.operations, after.operations, after.name_span, direction))
    yield from found
    if found:
        return
    if before.body is not after.body:
        yield Edit(after.name_span, f"{direction}() is another one", direction)
    elif _may_be_reached(direction, recoded) and _hidden((before.operations, after.operations)):
        what = f"{direction}() has other code, in what cannot be seen through"
        yield Edit(after.name_span, what, direction, sure=False)


def _may_be_reached(direction: Direction, recoded: Sequence[str]) -> bool:
    """Whether what differs is the function, or something that it may use."""
    other = Direction.DOWNGRADE if direction is Direction.UPGRADE else Direction.UPGRADE
    identifiers = {"revision", "down_revision", "branch_labels", "depends_on"}
    return any(name != other and name not in identifiers for name in recoded)


def _operations(
    before: Sequence[Operation], after: Sequence[Operation], span: Span, direction: Direction
) -> Iterator[Edit]:
    """The operations that only one version has."""
    function = "the module" if direction is Direction.MODULE else f"{direction}()"
    old, new = [_bare(item) for item in before], [_bare(item) for item in after]
    dropped = _rest(before, old, new)
    added = _rest(after, new, old)
    for item in added:
        sure = not isinstance(item, Opaque)
        twin = next((each for each in dropped if _said(each) == _said(item)), None)
        if twin is not None:
            dropped.remove(twin)
            what = f"{function} does {_said(item)} in another way"
        else:
            what = f"{function} does {_said(item)}"
        yield Edit(item.span, what, direction, sure)
    for item in dropped:
        sure = not isinstance(item, Opaque)
        yield Edit(span, f"{function} does not do {_said(item)}", direction, sure)
    if not added and not dropped and old != new:
        first = next(item for item, one, other in zip(after, new, old, strict=True) if one != other)
        yield Edit(first.span, f"{function} has another order", direction)


def _said(operation: Operation) -> str:
    """An operation in a few words; a call that cannot be seen through by its name."""
    return f"{operation.call.name}()" if isinstance(operation, Opaque) else described(operation)


def _rest(
    items: Sequence[Operation], bare: Sequence[object], others: Sequence[object]
) -> list[Operation]:
    """The operations that have no equal among the others."""
    left = list(others)
    found: list[Operation] = []
    for item, value in zip(items, bare, strict=True):
        if value in left:
            left.remove(value)
        else:
            found.append(item)
    return found


def _bare(value: object) -> object:
    """A value without the places that it speaks of, to be compared."""
    match value:
        case Opaque():
            return (Opaque, value.why, _call(value.call))
        case Span():
            return None
        case tuple():
            return tuple(map(_bare, value))
        case _ if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name not in _APART]
            return (type(value), *(_bare(getattr(value, name)) for name in names))
        case _:
            return value


def _call(call: Call) -> object:
    arguments = ((item.keyword, "".join(item.text.split())) for item in call.arguments)
    return (call.name, *arguments)


def _hidden(value: object) -> bool:
    """Whether something in a value is not known."""
    match value:
        case Unknown() | Opaque():
            return True
        case tuple():
            return any(map(_hidden, value))
        case _ if is_dataclass(value):
            names = [field.name for field in fields(value) if field.name not in _APART]
            return any(_hidden(getattr(value, name)) for name in names)
        case _:
            return False
