"""What discovery finds: histories to load, and which of their files to report on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from alembic_lint.config import VERSION_TABLE, VERSION_WIDTH, Config


class ProjectError(Exception):
    """Nothing can be linted; the message names the path and what was expected there."""


class Binding(Enum):
    """How sure it is that an environment's files are one history."""

    FIXED = "fixed"
    """Alembic's configuration says so."""
    LOOSE = "loose"
    """One directory, which may be one of several of a history that no configuration describes."""
    NESTED = "nested"
    """Like LOOSE, below a version directory: counts only where it belongs to that history."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One history's files, in Alembic's order.

    `name` tells it from others: an ini section's name, or the script directory as shown. `ini` is
    the configuration it comes from. `files` are what Alembic loads, `retired` those that once were
    revisions (`x.py.old`); absolute paths. `dialects` are those of the configured database URLs,
    sorted, None where there are none. `roots` are where modules are looked for, in order. What
    env.py says of its metadata's naming convention and of the version table is as in `Settings`.
    `recursive` tells that directories below the locations are read as well.
    """

    name: str
    script: Path
    locations: tuple[Path, ...]
    files: tuple[Path, ...]
    retired: tuple[Path, ...] = ()
    ini: Path | None = None
    dialects: tuple[str, ...] | None = None
    version_width: int = VERSION_WIDTH
    roots: tuple[Path, ...] = ()
    binding: Binding = Binding.FIXED
    naming_convention: tuple[tuple[str, str], ...] | None = None
    version_table: str | None = VERSION_TABLE
    version_table_schema: str | None = None
    recursive: bool = False

    @property
    def directory(self) -> Path:
        """Where its own configuration would stand: with the ini, or else with its scripts."""
        return self.script if self.ini is None else self.ini.parent


@dataclass(frozen=True, slots=True)
class Project:
    """What is to be linted.

    `reported` are the shown paths that findings are wanted for; `named` those of them that were
    asked for one by one. `notices` are for the user, in the order they came up; `left_out` tell of
    paths that were asked for and belong to no history, a sentence each.
    """

    environments: tuple[Environment, ...]
    reported: frozenset[str]
    named: frozenset[str] = frozenset()
    notices: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def notices_of_left_out(self) -> tuple[str, ...]:
        """What `left_out` tells, where other paths were found to lint."""
        return tuple(f"{reason}; it is left out" for reason in self.left_out)

    def wanted(self, config: Config, *, exclude_named: bool) -> frozenset[str]:
        """The shown paths that findings are wanted for and that are not excluded.

        Args:
            config: what is excluded.
            exclude_named: whether that holds for files that were named one by one, too.
        """
        return frozenset(
            path
            for path in self.reported
            if (path in self.named and not exclude_named) or not config.excludes(path)
        )
