"""The configuration as it counts, written so that it could stand in alembic-lint.toml."""

from __future__ import annotations

from collections.abc import Sequence

from alembic_lint.baseline_file import place_of
from alembic_lint.config import Config, shown
from alembic_lint.project import Environment, Project
from alembic_lint.wording import plural, printable, quoted


def render(project: Project, config: Config) -> str:
    """All entries with their values, and in comments where they come from and what was found."""
    settings = config.settings
    lines = [
        f"# from {printable(config.file)}" if config.file else "# no configuration file",
        _entry("select", config.select) if config.select is not None else "# select: the defaults",
        _entry("extend-select", config.extend_select),
        _entry("ignore", config.ignore),
        f"fail-on = {quoted(config.fail_on)}",
        f"base = {quoted(config.base)}"
        if config.base is not None
        else "# base: that of a pull or merge request, in its build",
        f"guards = {quoted(settings.guards)}",
        f"downgrade = {quoted(settings.downgrade)}",
        _entry("dialects", settings.dialects)
        if settings.dialects
        else "# dialects: those of the history's database URL, or else all",
        _entry("external-revisions", settings.external_revisions),
        _entry("exclude", config.exclude),
        f"baseline = {quoted(config.baseline)}"
        if config.baseline is not None
        else f"# baseline: {printable(shown(place_of(config)))}, where it is there",
        _entry("lint-after", config.lint_after),
        "",
        "[severity]",
        *(f"{quoted(selector)} = {quoted(level)}" for selector, level in config.severity),
        "",
        "[per-file-ignores]",
        *(_entry(quoted(pattern), selectors) for pattern, selectors in config.per_file_ignores),
        *_conventions(settings.naming_convention),
        *(f"# history {_history(item)}" for item in project.environments),
    ]
    return "\n".join(lines) + "\n"


def _conventions(pairs: tuple[tuple[str, str], ...] | None) -> list[str]:
    if pairs is None:
        return ["", "# naming-convention: that of env.py's metadata, where it stands there", ""]
    written = (f"{quoted(key)} = {quoted(pattern)}" for key, pattern in pairs)
    return ["", "[naming-convention]", *written, ""]


def _history(environment: Environment) -> str:
    places = ", ".join(shown(place) for place in environment.locations)
    dialects = ", ".join(environment.dialects) if environment.dialects else "not known"
    origin = f" ({shown(environment.ini)})" if environment.ini else ""
    return printable(
        f"{environment.name}{origin}: {plural(len(environment.files), 'file')} in {places}; "
        f"dialects {dialects}; version_num has {environment.version_width:,} characters"
    )


def _entry(key: str, values: Sequence[str]) -> str:
    return f"{key} = [{', '.join(quoted(value) for value in values)}]"
