"""What a name that nothing defines was probably meant to be."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import PurePosixPath

from alembic_lint.history.graph import History
from alembic_lint.model import Revision

_CUTOFF = 0.8
"""How alike two ids must be: two random ids of twelve hexadecimal digits reach about 0.5."""

_MOST = 2_000
"""Ids that are compared; a comparison with each takes some 0.1 ms."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The revision that a name was meant to be, and how that can be told.

    `how` completes "…, which is …", such as "an abbreviation of its id".
    """

    revision: Revision
    how: str
    retired: bool = False


def meant(history: History, name: str) -> Meant | None:
    """The revision that an unknown name stands for, or None where nothing tells.

    Alembic completes an id only on the command line, never in a file. Source:
    alembic/script/revision.py, `_revision_for_ident`.
    """
    if not name:
        return None
    for revision in history.retired:
        if revision.id == name:
            return Meant(revision, "the id of a file that Alembic does not load", retired=True)
    stem = name.removesuffix(".py")
    ids = {key: file for key, file in history.by_key.items() if file.id == key}
    for file in ids.values():
        if PurePosixPath(file.path).stem == stem:
            return Meant(file, "its file name, not its id")
    longer = [key for key in ids if key.startswith(name)]
    if len(longer) == 1:
        return Meant(ids[longer[0]], "only the beginning of its id")
    embedded = [key for key in ids if len(key) >= 8 and stem.startswith((f"{key}_", f"{key}-"))]
    if len(embedded) == 1:
        return Meant(ids[embedded[0]], "its id with more behind it")
    close = difflib.get_close_matches(name, list(ids)[:_MOST], n=1, cutoff=_CUTOFF)
    return Meant(ids[close[0]], "much like its id") if close else None
