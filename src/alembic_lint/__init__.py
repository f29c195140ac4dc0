"""A static analyser and linter for Alembic repositories.

`lint(paths, config)` does what the command does and returns a `Report`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is not needed otherwise
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from alembic_lint.config import Config, ConfigError
    from alembic_lint.diagnostics import Diagnostic, InternalError
    from alembic_lint.git import GitError
    from alembic_lint.project import Project, ProjectError
    from alembic_lint.report import Report
    from alembic_lint.repository import Progress
    from alembic_lint.rule import Confidence, Related, Severity
    from alembic_lint.since import Wanted
    from alembic_lint.source import Span

__all__ = [
    "Confidence",
    "Config",
    "ConfigError",
    "Diagnostic",
    "GitError",
    "InternalError",
    "ProjectError",
    "Related",
    "Report",
    "Severity",
    "Span",
    "lint",
    "lint_project",
    "prepare",
]

_HOMES = {
    "Confidence": "rule",
    "Config": "config",
    "ConfigError": "config",
    "Diagnostic": "diagnostics",
    "GitError": "git",
    "InternalError": "diagnostics",
    "ProjectError": "project",
    "Related": "rule",
    "Report": "report",
    "Severity": "rule",
    "Span": "source",
}


def __getattr__(name: str) -> object:
    # The parsers behind these take a third of a second to import, which `--version` and a test of
    # one small module should not wait for. Nor may what little else is needed be imported before
    # the command can answer an interrupt.
    import importlib  # noqa: PLC0415

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"alembic_lint.{home}"), name)


def lint(paths: Sequence[str | Path] = (), config: Config | None = None) -> Report:
    """Lint the histories that paths belong to; without paths, that of the working directory.

    Args:
        paths: version directories, revision files, script directories, or Alembic's configuration.
        config: None for the nearest configuration file upwards from the paths.

    Returns:
        The findings, sorted by path, line and column. A run over no revision at all is no error
        here: `Report.revisions` is 0.

    Raises:
        ConfigError: the configuration cannot be used.
        GitError: the histories cannot be compared with the configured base.
        ProjectError: a path is not there, or Alembic's own configuration cannot be used.
    """
    from pathlib import Path  # noqa: PLC0415  (see __getattr__)

    from alembic_lint.since import wanted  # noqa: PLC0415

    project, chosen = prepare([Path(path) for path in paths], config)
    return lint_project(project, chosen, base=wanted(None, chosen, {}))


def prepare(
    paths: Sequence[Path], config: Config | None = None, *, unsaved: Path | None = None
) -> tuple[Project, Config]:
    """Find the histories that paths belong to, and the configuration that counts for them.

    Args:
        paths: as for `lint`.
        config: None for the nearest file upwards from the paths or, where there is none, upwards
            from what is common to the histories that were found.
        unsaved: one of the paths that need not be there: an editor's buffer.

    Raises:
        ConfigError: the configuration cannot be used.
        ProjectError: a path is not there, or Alembic's own configuration cannot be used.
    """
    from alembic_lint.config import for_paths  # noqa: PLC0415  (see __getattr__)
    from alembic_lint.project import discover  # noqa: PLC0415

    chosen = for_paths(paths) if config is None else config
    project = discover(paths, chosen, unsaved=unsaved)
    if config is None and chosen.file is None and project.environments:
        chosen = for_paths([item.directory for item in project.environments])
        if chosen.exclude:
            project = discover(paths, chosen, unsaved=unsaved)
    return project, chosen


def lint_project(
    project: Project,
    config: Config,
    *,
    buffers: Mapping[Path, bytes] | None = None,
    exclude_named: bool = False,
    progress: Progress | None = None,
    base: Wanted | None = None,
    against: Sequence[str] = (),
) -> Report:
    """Lint what discovery found.

    A finding is reported when it stands in a file that is to be reported and not excluded, or when
    such a file takes part in what it says (`Report.concerned`).

    Args:
        project: the histories, and the files that findings are wanted for.
        config: what runs, and how severe it is.
        buffers: contents that stand for those on the disk, by absolute path.
        exclude_named: whether `exclude` holds for files that were named one by one, too.
        progress: told after each file that was read.
        base: the branch that the work tree is compared with; None: nothing.
        against: other branches that it may meet when it is merged, besides the base.

    Raises:
        ConfigError: a selector that matches no rule, a baseline that is not one, or no revision
            has an id of `lint-after`.
        GitError: the histories cannot be compared with what is asked for.
    """
    from dataclasses import replace  # noqa: PLC0415  (see __getattr__)

    from alembic_lint import engine  # noqa: PLC0415
    from alembic_lint.diagnostics import InternalError  # noqa: PLC0415
    from alembic_lint.leaving import Leaving  # noqa: PLC0415
    from alembic_lint.report import Report  # noqa: PLC0415
    from alembic_lint.repository import load  # noqa: PLC0415
    from alembic_lint.rule import Severity  # noqa: PLC0415
    from alembic_lint.rules import RULES  # noqa: PLC0415

    repository = load(
        project,
        config.settings,
        buffers=buffers,
        progress=progress,
        keep_empty=base is not None,
    )
    since = None
    if base is not None:
        from alembic_lint.since import compare  # noqa: PLC0415

        since = compare(repository, base, against, buffers)
    compared = (None,) * len(repository.histories) if since is None else since.branches
    kept = [
        (item, branch)
        for item, branch in zip(repository.histories, compared, strict=True)
        if item.history.revisions or (branch is not None and branch.gone)
    ]
    branches = [branch for _, branch in kept]
    histories = tuple(item.history if branch is None else branch.history for item, branch in kept)
    settings = [item.settings for item, _ in kept]
    wanted = project.wanted(config, exclude_named=exclude_named)
    if since is not None:
        wanted |= {path for path in since.emptied() if not config.excludes(path)}
    leaving = Leaving(histories, config, RULES)
    result = engine.lint(
        histories,
        config,
        settings=settings,
        only=wanted,
        branches=branches,
        leave_out=leaving.why,
    )
    failures = tuple(
        InternalError("extract", item.path, None, item.message) for item in repository.failures
    )
    return Report(
        replace(result, internal_errors=(*failures, *result.internal_errors)),
        histories=histories,
        sources=repository.sources if since is None else {**since.sources, **repository.sources},
        notices=(
            *project.notices,
            *project.notices_of_left_out,
            *repository.notices,
            *(() if since is None else since.notices),
            *leaving.notices(result, settings, wanted),
        ),
        asked=wanted if since is None else wanted & since.touched(),
        fail_on=Severity(config.fail_on),
        dialects=tuple(sorted({name for item in settings for name in item.dialects or ()})),
        base=since.name if since is not None and any(branches) else None,
    )
