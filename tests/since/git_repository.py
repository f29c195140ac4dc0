"""A real git repository, for tests of what git has to tell."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ONLY_OURS = {
    "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C",
}
_SETTINGS = (
    "user.name=Test",
    "user.email=test@example.org",
    "commit.gpgsign=false",
    "init.defaultBranch=main",
    "protocol.file.allow=always",
    "advice.detachedHead=false",
)


@dataclass(frozen=True)
class GitRepository:
    """A directory that git works in; its branch is called main at first."""

    root: Path

    @staticmethod
    def init(root: Path, *options: str) -> GitRepository:
        """Make a directory into a repository."""
        root.mkdir(parents=True, exist_ok=True)
        repository = GitRepository(root)
        repository.git("init", "--quiet", *options)
        return repository

    def git(self, *arguments: str | Path) -> str:
        """What a command of git writes; it must succeed."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        done = subprocess.run(
            ["git", *settings, *map(str, arguments)],
            cwd=self.root,
            env=inherited | _ONLY_OURS,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"git {arguments}: {done.stderr}"
        return done.stdout

    def commit(self, message: str = "Change") -> str:
        """Commit everything that is there; the name of the commit."""
        self.git("add", "--all", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def write(self, path: str, text: str) -> Path:
        """Write a file, by its path below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file
