"""What comparing two schemas comes to: a verdict for each object, and each attribute of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alembic_lint.model import Flag, MaybeName, Name, Unknown
from alembic_lint.schema.objects import Column, Constraint, EnumType, Index, Table
from alembic_lint.schema.values import Presence, TableKey


class Verdict(StrEnum):
    """What a comparison comes to."""

    EQUAL = "equal"
    MISSING = "missing"
    """The first has it, the second does not."""
    EXTRA = "extra"
    """The second has it, the first does not."""
    UNLIKE = "unlike"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One object, or one attribute of it, in two schemas.

    `kind` is "table", "column", "primary", "foreignkey", "unique", "check", "exclude", "index" or
    "enum". `name` is the object's, or its columns where it has none. `attribute` None means the
    object as a whole. `first` and `second` are those of the two schemas, None where one lacks it.
    """

    kind: str
    table: TableKey | None
    name: str
    verdict: Verdict
    attribute: str | None = None
    first: Table | Column | Constraint | Index | EnumType | None = None
    second: Table | Column | Constraint | Index | EnumType | None = None

    @property
    def differs(self) -> bool:
        """Whether the two certainly differ."""
        return self.verdict in {Verdict.MISSING, Verdict.EXTRA, Verdict.UNLIKE}


def verdict_of(first: Presence, second: Presence) -> Verdict | None:
    """What two presences come to; None where neither is there."""
    if first is second is Presence.ABSENT:
        return None
    if Presence.MAYBE in (first, second):
        return Verdict.UNCERTAIN
    if first is second:
        return Verdict.EQUAL
    return Verdict.MISSING if second is Presence.ABSENT else Verdict.EXTRA


def of_part(
    kind: str,
    table: Table,
    name: str,
    verdict: Verdict,
    attribute: str | None,
    first: Column | Constraint | Index | None,
    second: Column | Constraint | Index | None,
) -> Comparison:
    """What comparing a part of a table, or an attribute of one, came to."""
    return Comparison(
        kind=kind,
        table=table.key,
        name=name,
        verdict=verdict,
        attribute=attribute,
        first=first,
        second=second,
    )


def as_verdict(same: bool | None) -> Verdict:
    """What it comes to that two things are the same, or are not; None: that is not known."""
    return Verdict.UNCERTAIN if same is None else Verdict.EQUAL if same else Verdict.UNLIKE


def equal(
    one: Flag | MaybeName | tuple[Name, ...], other: Flag | MaybeName | tuple[Name, ...]
) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    return one == other
