"""What holding a history against a database came to, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic_lint.report.schema_changes import after, before
from alembic_lint.report.schema_words import KINDS, name_of, place
from alembic_lint.schema import Comparison, Table, Verdict
from alembic_lint.verification import Legacy, Maker, Shared, Verification, Version
from alembic_lint.wording import plural, printable

_SHOWN = 100
"""Differences that are listed; the last line says how many more there are."""


_LISTED = 8
"""Revisions that are listed of those that are not applied."""


def render(found: Verification) -> str:
    """What is applied, what differs, and what becomes of files that make the same tables."""
    return "".join(printable(line).rstrip() + "\n" for line in _lines(found))


def _lines(found: Verification) -> Iterator[str]:
    rows = found.versions
    yield f"{found.place}: {plural(len(rows), 'row')} in the version table"
    yield from (f"  {_version(row)}" for row in rows)
    if found.pending:
        yield f"  not applied yet: {_pending(found.pending)}"
    yield ""
    yield from _summary(found)
    listed = found.differences[:_SHOWN]
    yield from (f"  {line}" for item in listed for line in difference(item, found.database))
    if len(found.differences) > _SHOWN:
        yield f"  and {len(found.differences) - _SHOWN:,} more"
    if found.shared:
        yield ""
        yield f"{plural(len(found.shared), 'table')} that several files make:"
        yield from (f"  {line}" for item in found.shared for line in _shared(item))
        for legacy in found.legacies:
            yield ""
            yield _legacy(legacy)


def _pending(keys: Sequence[str]) -> str:
    """Revisions that are not applied; of many the first, the last, and how many there are."""
    if len(keys) <= _LISTED:
        return ", ".join(keys)
    return f"{len(keys):,} revisions, {', '.join(keys[: _LISTED - 1])}, … {keys[-1]}"


def _version(row: Version) -> str:
    if row.path is not None:
        return f"{row.id}  {row.path}"
    if row.retired is not None:
        return (
            f"{row.id}  is defined by no file that Alembic loads, only by {row.retired}; rename "
            "that back to .py, or every alembic command fails on this database"
        )
    return f"{row.id}  is defined by no file, so every alembic command fails on this database"


def _summary(found: Verification) -> Iterator[str]:
    if not found.certain:
        yield (
            "nothing is compared: without the file of a revision that is applied, what the "
            "database should hold is not known"
        )
        return
    compared = len(found.comparisons)
    numbers = f"{found.equal:,} of {plural(compared, 'thing')} compared are equal"
    if found.uncertain:
        numbers += f", {found.uncertain:,} not certain from the history"
    differing = len(found.differences)
    told = (
        f"{differing:,} differ{'s' if differing == 1 else ''}" if differing else "nothing differs"
    )
    yield f"{told} ({numbers})"


def difference(item: Comparison, database: str) -> Iterator[str]:
    """One difference; the first schema is the history's."""
    table = "" if item.table is None or item.kind == "enum" else name_of(item.table)
    history, there = before(item, database), after(item, database)
    if item.kind == "table" and item.attribute is None:
        subject = f"table {table}"
    elif item.kind == "enum":
        subject = f"enum type {item.name}"
    else:
        subject = f"{table}: {KINDS[item.kind]} {item.name}"
    if item.attribute is not None:
        subject += f", {item.attribute.replace('_', ' ')}"
    match item.verdict:
        case Verdict.MISSING:
            made = _made(item)
            what = f" ({history})" if item.kind not in {"table", "enum"} and history else ""
            yield f"- {subject}{what} is missing in the database{made}"
        case Verdict.EXTRA:
            what = f" ({there})" if item.kind not in {"table", "enum"} and there else ""
            yield f"+ {subject}{what} is in the database, and no revision that is applied makes it"
        case _:
            yield f"~ {subject}: {there} in the database, {history} in the history{_made(item)}"


def _made(item: Comparison) -> str:
    first = item.first
    if first is None:
        return ""
    where = place(first.makers[0]) if isinstance(first, Table) and first.makers else ""
    where = where or place(first.origin)
    return f" ({where})" if where else ""


def _shared(item: Shared) -> Iterator[str]:
    there = "" if item.there else ", which the database does not have"
    yield f"{name_of(item.table)}{there}"
    width = max(len(maker.path) for maker in item.makers)
    yield from (f"  {maker.path.ljust(width)}  {_state(maker)}" for maker in item.makers)


def _state(maker: Maker) -> str:
    parts = ["applied" if maker.applied else "not applied"]
    if maker.retired:
        parts.append("set aside")
    if maker.alike is not None:
        parts.append("the table has its columns" if maker.alike else "the table has other columns")
    return ", ".join(parts)


def _legacy(item: Legacy) -> str:
    """What becomes of a file that others took the place of."""
    path, aside = item.maker.path, item.maker.retired
    others = f"{plural(len(item.others), 'other file')} make{'s' if len(item.others) == 1 else ''}"
    what = f"{path}: {others} its tables again"
    if item.needed and aside:
        return (
            f"{what}; it must come back (option B): row {item.row} of this database's version "
            "table needs it"
        )
    if item.needed:
        return (
            f"{what}; it must stay (option B): row {item.row} of this database's version table "
            "needs it, so both need their guards"
        )
    if aside:
        return f"{what}; it may stay set aside (option A): no row of this database needs it"
    children = (
        f", once {', '.join(item.children)} no longer name it as what they stand on"
        if item.children
        else ""
    )
    return (
        f"{what}; it may be retired (option A) as far as this database goes: no row of its version "
        f"table needs it{children}"
    )
