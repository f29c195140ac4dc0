"""A git repository with an Alembic history, on which commits are tried under a runner of hooks.

The hooks are those of `.pre-commit-hooks.yaml`, word for word but for where the command comes
from: it is this interpreter's, so that no environment has to be built for each test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
SECONDS = 600  # with an environment to build; most runs take one or two

RUNNERS = ("pre-commit", "prek")
VERSIONS = "app/migrations/versions"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, with what it wrote to both streams in one."""

    status: int
    text: str

    def part(self, hook: str) -> str:
        """What one hook of several has said, from its name to the next hook's."""
        _, found, rest = self.text.partition(f"{hook}..")
        assert found, f"{hook} did not run:\n{self.text}"
        lines = rest.splitlines()
        end = next((n for n, line in enumerate(lines) if n and "...." in line), len(lines))
        return "\n".join(lines[:end])


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository at `root`, whose hooks `runner` runs."""

    root: Path
    runner: str

    def run(self, *command: str, **variables: str) -> Done:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment() | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=SECONDS,
        )
        return Done(done.returncode, done.stdout)

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.status == 0, done.text
        return done.text

    def commit(self, message: str = "Change", *, skip: str = "") -> Done:
        """Commit what is staged; `skip` is the one hook that is not wanted."""
        return self.run("git", "commit", "--message", message, SKIP=skip)

    def commit_unchecked(self) -> None:
        self.git("commit", "--quiet", "--no-verify", "--message", "Unchecked")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def stage(self, path: str, text: str) -> None:
        self.write(path, text)
        self.git("add", "--", path)

    def revise(self, identifier: str, *parents: str, versions: str = VERSIONS) -> str:
        """Stage a new revision; its path is returned."""
        path = f"{versions}/{identifier}.py"
        self.stage(path, revision(identifier, *parents))
        return path

    def install_hooks(self, *kinds: str, settings: Sequence[Mapping[str, object]] = ()) -> None:
        """Configure both hooks and let the runner install them.

        Args:
            kinds: git's names of the hooks, `pre-commit` if there are none.
            settings: what a user configures of the hooks, each with its `id`.
        """
        hooks = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        for hook in hooks:
            assert hook["language"] == "python"
            hook["language"] = "system"
            del hook["minimum_pre_commit_version"]  # of a manifest, not of a configuration
            for chosen in settings:
                if chosen["id"] == hook["id"]:
                    hook.update(chosen)
        config = {"repos": [{"repo": "local", "hooks": hooks}]}
        self.write(".pre-commit-config.yaml", yaml.safe_dump(config))
        self.git("add", ".pre-commit-config.yaml")
        command = [str(SCRIPTS / self.runner), "install"]
        for kind in kinds or ("pre-commit",):
            command += ["--hook-type", kind]
        done = self.run(*command)
        assert done.status == 0, done.text


def environment() -> dict[str, str]:
    """Ours, without what a surrounding git or runner has set, and with the command on the path."""
    inherited = (
        "GIT_",
        "PRE_COMMIT",
        "PREK_",
        "ALEMBIC_LINT",
        "FORCE_COLOR",
        "SKIP",
        "GITHUB_",
        "CI_",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(inherited)}
    person = {"NAME": "Test", "EMAIL": "test@example.org"}
    return kept | {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_AUTHOR_{key}": value for key, value in person.items()},
        **{f"GIT_COMMITTER_{key}": value for key, value in person.items()},
    }


def begun(root: Path, runner: str) -> Repository:
    """A repository with three committed revisions, each on the one before."""
    repository = Repository(root, runner)
    repository.git("init", "--quiet", "--initial-branch", "main")
    begin_history(repository, "app/migrations")
    repository.git("commit", "--quiet", "--message", "Begin")
    return repository


def begin_history(repository: Repository, scripts: str) -> None:
    """Stage a script directory with three revisions: 3ac5, 7bd1 and 9ef2."""
    repository.stage(f"{scripts}/env.py", "")
    repository.stage(f"{scripts}/versions/__init__.py", "")
    repository.revise("3ac5", versions=f"{scripts}/versions")
    repository.revise("7bd1", "3ac5", versions=f"{scripts}/versions")
    repository.revise("9ef2", "7bd1", versions=f"{scripts}/versions")


def revision(identifier: str, *parents: str, table: str = "") -> str:
    """The text of a revision that makes a table, or of a merge where it has several parents."""
    below = repr(parents[0] if len(parents) == 1 else parents or None)
    table = table or f"t_{identifier}"
    up, down = f'op.create_table("{table}")', f'op.drop_table("{table}")'
    if len(parents) > 1:
        up = down = "pass"
    return f"""\
from alembic import op

revision = "{identifier}"
down_revision = {below}


def upgrade():
    {up}


def downgrade():
    {down}
"""
