"""Nothing to lint: why, in one sentence for each path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from alembic_lint.cli import streams
from alembic_lint.cli.status import USAGE, EndedError
from alembic_lint.config import Config, shown
from alembic_lint.project import Project, discover


def nothing_found(
    project: Project, paths: Sequence[Path], config: Config, *, remedy: str = ""
) -> EndedError:
    """Tell why no revision was found; raise what is returned.

    Args:
        project: what was found.
        paths: what was asked for.
        config: what is excluded.
        remedy: what to do where there is no revision yet; the command's own, "" where it has none.
    """
    for reason in _why_none(project, paths, config, f"; {remedy}" if remedy else ""):
        streams.complain(f"error: {reason}")
    return EndedError(USAGE)


def nothing_left(
    project: Project, config: Config, *, exclude_named: bool, quiet: bool = False
) -> EndedError | None:
    """Tell that the configuration excludes all files that were found, where it does.

    Files that were named one by one are another matter: a hook names those that changed, and asks
    for none of those that are excluded. Then the user is told, and it is no error.
    """
    if not project.reported or project.wanted(config, exclude_named=exclude_named):
        return None
    if project.reported == project.named:
        if not quiet:
            streams.note([f"{_where(config)} leaves out every file that was named"])
        return None
    streams.complain(f"error: {_excluded(project, config)}")
    return EndedError(USAGE)


def _why_none(
    project: Project, paths: Sequence[Path], config: Config, remedy: str
) -> Iterator[str]:
    if project.left_out and not project.environments:
        kept = _without_exclude(paths, config)
        if kept is None:
            yield from project.left_out
        else:
            yield _excluded(kept, config)
        return
    locations = [shown(place) for item in project.environments for place in item.locations]
    if project.left_out:
        yield from project.left_out
    elif locations:
        yield f"there is no revision file in {', '.join(dict.fromkeys(locations))}{remedy}"
    elif (kept := _without_exclude(paths, config)) is not None:
        yield _excluded(kept, config)
    else:
        yield (
            "no Alembic history found from the working directory: neither a version directory, an "
            f"env.py, an alembic.ini, nor [tool.alembic] in a pyproject.toml{remedy}"
        )


def _without_exclude(paths: Sequence[Path], config: Config) -> Project | None:
    """What discovery finds where nothing is excluded, None where that is nothing either."""
    if not config.exclude:
        return None
    found = discover(paths, replace(config, exclude=()))
    return found if found.reported else None


def _excluded(project: Project, config: Config) -> str:
    number = len(project.reported)
    found = "the file that was found" if number == 1 else f"all {number:,} files that were found"
    return f"nothing is left to lint: {_where(config)} leaves out {found}"


def _where(config: Config) -> str:
    return f'"exclude" in {config.exclude_file or "the configuration"}'
