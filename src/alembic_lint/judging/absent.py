"""What the rules on missing objects share: which steps they look at, and how a loss is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alembic_lint.config import Settings
from alembic_lint.history import History
from alembic_lint.model import (
    AddColumn,
    AlterColumn,
    BulkInsert,
    CreateCheckConstraint,
    CreateExcludeConstraint,
    CreateForeignKey,
    CreateIndex,
    CreatePrimaryKey,
    CreateTable,
    CreateTableComment,
    CreateUniqueConstraint,
    DialectIs,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    ExecuteSql,
    Function,
    OpaqueCondition,
    Operation,
    RenameConstraint,
    RenameIndex,
    RenameTable,
    Revision,
    Unknown,
    ValidateConstraint,
    conditions_in,
    flatten,
)
from alembic_lint.replay import COMMON, Replay, Step
from alembic_lint.rule import Related
from alembic_lint.schema import Column, Constraint, Index, Origin, Part, Presence, Table
from alembic_lint.wording import nearest_word


@dataclass(frozen=True, slots=True)
class Acting:
    """A step of an upgrade that runs, or is taken to, with the SQL text it is part of."""

    step: Step
    text: ExecuteSql | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of something that is not there: `told` completes "fails because it …"."""

    told: str
    remedy: str
    related: tuple[Related, ...] = ()


def meant(replay: Replay, settings: Settings) -> bool:
    """Whether it is worth while to speak of a database: it is configured, or a common one."""
    return settings.dialects is not None or replay.database in COMMON


def acting(steps: Iterator[Step] | tuple[Step, ...], kinds: tuple[type, ...]) -> Iterator[Acting]:
    """The steps that a rule on missing, or on doubled, objects may speak of.

    Those that do not run are left out, those whose failure a `try` swallows, and those under a
    condition that was not decided and may be the very question whether the object is there:
    one that could not be read, or one of these `kinds`.
    """
    text: ExecuteSql | None = None
    for step in steps:
        if not step.sql:
            text = step.operation if isinstance(step.operation, ExecuteSql) else None
        context = step.operation.context
        if step.runs is False or any(handled.swallows for handled in context.tries):
            continue
        if step.runs is None and (context.loop is not None or _asks(step.operation, kinds)):
            continue
        yield Acting(step, text if step.sql else None)


def _asks(operation: Operation, kinds: tuple[type, ...]) -> bool:
    return any(
        isinstance(condition, (*kinds, OpaqueCondition))
        for guard in operation.context.guards
        for condition in conditions_in(guard.condition)
    )


def fate(history: History, step: Step, part: Part, what: str) -> Fate | None:
    """What became of something that was there; None where nothing is known to have taken it."""
    if part.gone is None:
        return None
    gone = part.gone
    here = gone.revision is step.revision
    who = "this revision" if here else f'revision "{history.key(gone.revision)}"'
    if part.renamed_to is not None:
        return Fate(
            f'{who} renamed it to "{part.renamed_to}"',
            f'use "{part.renamed_to}"',
            (place(gone, f'{what} is renamed to "{part.renamed_to}" here'),),
        )
    already = " already" if here else ""
    if isinstance(gone.operation, DropColumn) and not isinstance(part, Column):
        return Fate(
            f"it went with column {quoted(gone.operation.column)}, which {who} dropped",
            "remove this",
            (place(gone, "the column is dropped here"),),
        )
    return Fate(
        f"{who} dropped it{already}",
        "remove one of the two" if _drops(step.operation) else "run it before that, or remove it",
        (place(gone, f"{what} is dropped here"),),
    )


def _drops(operation: Operation) -> bool:
    return isinstance(operation, DropTable | DropColumn | DropIndex | DropConstraint)


def place(origin: Origin, message: str) -> Related:
    """Where something was made or dropped."""
    return Related(origin.revision.path, origin.operation.span, message)


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """An operation of an upgrade that makes something, in its revision."""

    revision: Revision
    operation: Operation

    @property
    def origin(self) -> Origin:
        """The same, as an object's origin."""
        return Origin(self.revision, self.operation)

    def limited(self, database: str) -> bool:
        """Whether it is for other databases only."""
        context = self.operation.context
        if context.dialects is not None:
            return database not in context.dialects
        return any(
            isinstance(condition, DialectIs)
            for guard in context.guards
            for condition in conditions_in(guard.condition)
        )


def makings(history: History) -> Iterator[Making]:
    """The operations of all upgrades, in Alembic's order."""
    for revision in (*history.order, *history.unordered):
        if isinstance(revision.upgrade, Function):
            for operation in flatten(revision.upgrade.operations):
                yield Making(revision, operation)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What else a history says of something that is missing at a step."""

    parallel: bool
    """A revision that the graph does not order makes it: another rule's subject."""
    limited: bool
    """It is made, but for other databases."""
    later: Making | None
    """The first that makes it after the step, in this revision or in one that stands on it."""


def elsewhere(history: History, step: Step, found: tuple[Making, ...]) -> Elsewhere:
    """What the other operations that make something mean for a step that misses it."""
    here = history.key(step.revision)
    parallel, limited, later = False, False, None
    for making in found:
        there = history.key(making.revision)
        limited = limited or making.limited(step.database)
        if making.revision is step.revision or history.runs_before(here, there):
            later = later or making
        elif not history.runs_before(there, here):
            parallel = True
    return Elsewhere(parallel, limited, later)


def is_for_sqlite(step: Step, settings: Settings) -> bool:
    """Whether a batch may be for SQLite alone, which does what is in it all at once."""
    batch = step.operation.context.batch
    return batch is not None and settings.dialects is None and step.database != "sqlite"


def owner_doubt(step: Step, owner: Table) -> str | None:
    """Why a finding about what is in a table is only possible; None where it is certain."""
    found = doubts(step)
    if found is None and owner.presence is Presence.MAYBE:
        return "whether its table is there at this point could not be decided"
    return found


def coming(history: History, step: Step, making: Making, what: str) -> Fate:
    """That something is made later."""
    if making.revision is step.revision:
        told = "this revision makes it only further down"
        remedy = "swap the two"
    else:
        told = f'nothing makes it before revision "{history.key(making.revision)}" does'
        remedy = "move this behind it"
    return Fate(told, remedy, (place(making.origin, f"{what} is made here"),))


def doubts(step: Step) -> str | None:
    """Why a finding is only possible; None where it is certain."""
    if step.runs is None:
        return "the condition it stands under could not be decided"
    if step.history.key(step.revision) not in step.history.position:
        return "the history is broken below it"
    return None


def phrase(doing: str, because: str, remedy: str, doubt: str | None) -> str:
    """The message of a finding."""
    verb = "fails" if doubt is None else "may fail"
    hedge = "" if doubt is None else f" ({doubt})"
    return f"{doing} {verb} because {because}{hedge}; {remedy}"


def doing(operation: Operation) -> str:
    """What an operation does, as the subject of a sentence."""
    match operation:
        case CreateTable():
            return f"creating table {quoted(operation.table)}"
        case DropTable():
            return f"dropping table {quoted(operation.table)}"
        case RenameTable():
            return f"renaming table {quoted(operation.table)}"
        case AddColumn():
            column = operation.column
            name = column if isinstance(column, Unknown) else column.name
            return f"adding column {quoted(name)} to {quoted(operation.table)}"
        case DropColumn():
            return f"dropping column {quoted(operation.column)} of {quoted(operation.table)}"
        case AlterColumn():
            verb = "renaming" if isinstance(operation.new_name, str) else "altering"
            return f"{verb} column {quoted(operation.column)} of {quoted(operation.table)}"
        case CreateIndex():
            return f"creating index {quoted(operation.index.name)} on {quoted(operation.table)}"
        case (
            CreateForeignKey()
            | CreateUniqueConstraint()
            | CreatePrimaryKey()
            | CreateCheckConstraint()
            | CreateExcludeConstraint()
        ):
            kind = _KINDS[type(operation)]
            given = operation.constraint.name
            own = "" if given is None else f" {quoted(given)}"
            return f"adding {kind}{own} to {quoted(operation.table)}"
        case DropIndex():
            return f"dropping index {quoted(operation.name)}"
        case RenameIndex():
            return f"renaming index {quoted(operation.name)}"
        case DropConstraint():
            return f"dropping constraint {quoted(operation.name)} of {quoted(operation.table)}"
        case RenameConstraint():
            return f"renaming constraint {quoted(operation.name)} of {quoted(operation.table)}"
        case ValidateConstraint():
            return f"validating constraint {quoted(operation.name)} of {quoted(operation.table)}"
        case CreateTableComment():
            return f"commenting on table {quoted(operation.table)}"
        case BulkInsert():
            return f"inserting into {quoted(operation.table)}"
        case _:
            return "this SQL"


_KINDS: Mapping[type, str] = {
    CreateForeignKey: "foreign key",
    CreateUniqueConstraint: "unique constraint",
    CreatePrimaryKey: "primary key",
    CreateCheckConstraint: "check constraint",
    CreateExcludeConstraint: "exclusion constraint",
}


def quoted(name: object) -> str:
    """A name as messages show it."""
    return f'"{name}"' if isinstance(name, str) else "without a known name"


SLIPS = 2
"""How many letters a misspelled name may differ in."""


def near_miss(name: str, valid: Mapping[str, object]) -> str | None:
    """The one of these names that another was meant to be: it differs in a letter or two."""
    meant = nearest_word(name, valid)
    return (
        meant
        if meant is not None and edits(name, meant) <= (1 if len(name) < 6 else SLIPS)
        else None
    )


def never_made(table: Table, name: str, kind: str, there: Sequence[Constraint | Index]) -> Fate:
    """What is told of a constraint or index that nothing makes, with the one probably meant."""
    listed = {item.name: item for item in there if isinstance(item.name, str)}
    meant = near_miss(name, listed)
    origin = table.origin if meant is None else listed[meant].origin
    shown = table.name if meant is None else meant
    related = () if origin is None else (place(origin, f'"{shown}" is made here'),)
    remedy = "remove this" if meant is None else f'did you mean "{meant}"?'
    return Fate(f'"{table.name}" has no such {kind}: nothing makes it', remedy, related)


def edits(one: str, other: str) -> int:
    """How many letters are put in, left out, changed or swapped between two words."""
    rows: list[list[int]] = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, twin in enumerate(other, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != twin))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == twin:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
