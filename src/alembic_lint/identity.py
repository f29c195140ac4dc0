"""What tells a finding from others, whatever is edited, moved or renamed around it.

Of revisions that clash, it follows from their order which one a finding stands in, and that from
the names of files where they are in parallel branches. So what counts is which of them take part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from alembic_lint.diagnostics import Diagnostic, Party

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a finding is about, at all the places that take part: sorted, each once."""

    operations: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


def parties(item: Diagnostic) -> tuple[Party, ...]:
    """The place of a finding, and those in other files that take part in it."""
    own = Party(item.path, item.span, item.revision, item.operation, item.table, item.object)
    return (own, *item.others)


def subject(item: Diagnostic, plain: Callable[[str], str] = str) -> Subject:
    """What a finding is about; `plain` is applied to the names."""
    found = parties(item)
    return Subject(
        _each(each.operation for each in found),
        _each(each.table and plain(each.table) for each in found),
        _each(each.object and plain(each.object) for each in found),
    )


def revisions(item: Diagnostic, name: Callable[[Party], T | None]) -> frozenset[T]:
    """The revisions that take part in a finding, as `name` calls them; None is left out."""
    return frozenset(named for each in parties(item) if (named := name(each)) is not None)


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
