"""ALM203 missing-revision-identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alembic_lint.config import Settings
from alembic_lint.model import Revision
from alembic_lint.rule import Finding, Severity, each_revision
from alembic_lint.source import FILE_START

_LEGACY = re.compile(r"([a-f0-9]+)\.py")


@each_revision("ALM203", Severity.ERROR)
def check(revision: Revision, _settings: Settings) -> Iterator[Finding]:
    """A module in a version directory that lacks `revision` or `down_revision`.

    Alembic loads every `*.py` there but `__init__*` and `.#*`, and stops at the first module
    without them: no command works any more. Only a file whose whole name is hexadecimal may
    leave out `revision`, its name is then the id.

    Source: alembic/script/base.py, `Script._from_path` and `Script.__init__`.
    """
    if revision.problem is not None:
        return
    name = revision.path.rpartition("/")[2]
    lacks_id = revision.revision is None and not _LEGACY.fullmatch(name)
    lacks_parent = revision.down_revision is None
    if lacks_id and lacks_parent:
        yield Finding(
            FILE_START,
            f'"{name}" lies in a version directory but assigns neither revision nor '
            "down_revision, so every Alembic command fails; move it out of the directory",
        )
    elif lacks_id:
        yield Finding(
            FILE_START,
            f'"{name}" assigns no revision, so every Alembic command fails; '
            "assign its id to revision",
        )
    elif lacks_parent:
        yield Finding(
            FILE_START,
            f'"{name}" assigns no down_revision, so every Alembic command fails; assign the '
            "parent's id to down_revision, or None for a base",
        )
