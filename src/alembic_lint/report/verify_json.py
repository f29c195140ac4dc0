"""What holding a history against a database came to, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from alembic_lint.report.schema_changes import described
from alembic_lint.verification import Maker, Verification

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; new fields do not raise it."""

_Json = str | int | float | bool | None | Sequence["_Json"] | dict[str, "_Json"]


def render(found: Verification) -> str:
    """One object.

    `agrees` tells that nothing differs. `versions` are the rows of the version table; `filename` is
    null where no file defines one, and `retired` then the file that does but that Alembic does not
    see. `not_applied` are all revisions that are not, in their order. `differences` are certain;
    `history` and `database` tell what either has, null for nothing, and `difference` is "missing"
    (in the database), "extra" or "unlike". `compared` is null where nothing was compared. `alike`
    tells whether a table has the columns that a file gives it, null where that is not known. A
    legacy file may be retired where `needed_by` is null.
    """
    document: dict[str, _Json] = {
        "schema_version": SCHEMA_VERSION,
        "database": found.database,
        "agrees": found.agrees,
        "versions": [
            {"id": row.id, "filename": row.path, "retired": row.retired} for row in found.versions
        ],
        "heads_not_applied": [*found.behind],
        "not_applied": [*found.pending],
        "compared": {
            "equal": found.equal,
            "different": len(found.differences),
            "not_certain": found.uncertain,
        }
        if found.certain
        else None,
        "differences": [
            {
                "difference": item.verdict.value,
                **{_FIELDS.get(k, k): v for k, v in described(item, found.database).items()},
            }
            for item in found.differences
        ],
        "shared_tables": [
            {
                "schema": item.table[0],
                "table": item.table[1],
                "there": item.there,
                "made_by": [_maker(maker) for maker in item.makers],
            }
            for item in found.shared
        ],
        "legacy_files": [
            {
                "filename": item.maker.path,
                "revision": item.maker.id,
                "set_aside": item.maker.retired,
                "tables": [{"schema": place, "table": name} for place, name in item.tables],
                "also_made_by": [*item.others],
                "needed_by": item.row,
                "may_be_retired": not item.needed,
                "option": "B" if item.needed else "A",
                "named_by": [*item.children],
            }
            for item in found.legacies
        ],
    }
    return json.dumps(document, indent=2) + "\n"


_FIELDS = {"before": "history", "after": "database"}


def _maker(maker: Maker) -> _Json:
    return {
        "filename": maker.path,
        "revision": maker.id,
        "applied": maker.applied,
        "set_aside": maker.retired,
        "alike": maker.alike,
    }
