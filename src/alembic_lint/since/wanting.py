"""Which base is asked for, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alembic_lint.config import Config

VARIABLES = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
"""Where a pull request's build on GitHub, or a merge request's on GitLab, finds its base."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The base that is asked for, and who asks: an option, a configuration file, or a variable.

    `optional` tells that nobody asked for it by hand, so that a run goes on without it.
    """

    ref: str
    origin: str
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What the ref may stand for, the likeliest first.

        A build has the branches of its remote, and hardly any of its own.
        """
        remote = f"origin/{self.ref}"
        return (remote, self.ref) if self.optional else (self.ref, remote)


def wanted(option: str | None, config: Config, environment: Mapping[str, str]) -> Wanted | None:
    """The base that counts: of the option, the configuration, the environment, the first one.

    An empty one says that there is none, and asks no further; an empty variable is not set.
    """
    if option is not None:
        return Wanted(option, "--base") if option else None
    if config.base is not None:
        return Wanted(config.base, f'"base" in {config.file}') if config.base else None
    for name in VARIABLES:
        if environment.get(name):
            return Wanted(environment[name], name, optional=True)
    return None
