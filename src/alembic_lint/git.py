"""What git knows of a work tree: commits, changed files, contents. Nothing is checked out."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FETCH = (
    "fetch all of it: fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 in GitLab, or "
    "git fetch --unshallow"
)
"""The remedy for a clone that lacks a part of the history."""

_LOCAL = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What git tells its hooks of the repository that they run in, which need not be the one asked.

Source: `git rev-parse --local-env-vars`, less those that hold configuration.
"""

_OURS = {
    "GIT_ALLOW_PROTOCOL": "none",  # git fetches what a partial clone lacks; here nothing is fetched
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_RAW = (
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-relative",
    "--no-renames",
    "--no-textconv",
    "--ignore-submodules=all",
)

_PYTHON = (":(top,glob)**/*.py",)
"""The Python files of a whole work tree."""

_FILE_MODES = frozenset({b"100644", b"100755", b"100664"})


class GitError(Exception):
    """What was asked of git cannot be had; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The files that differ between a commit and the work tree, or another commit.

    `before` and `after` map each absolute path to the name of its blob, None where it is not there.
    In the work tree there are no blobs: `after` then has None for all.
    """

    before: Mapping[Path, str | None]
    after: Mapping[Path, str | None]


@dataclass(frozen=True, slots=True)
class WorkTree:
    """One checkout. `root` is its absolute top directory, without symbolic links."""

    root: Path
    shallow: bool

    def commits(self, names: Sequence[str]) -> Mapping[str, str | None]:
        """The full names of commits, each None where there is no such commit.

        A name is a branch, a tag, an abbreviated hash, or what else git takes for one. It is never
        taken for an option.

        Raises:
            GitError: git refuses one of them.
        """
        told = {name: "\n" not in name and "\0" not in name for name in names}
        asked = [name for name in told if told[name]]
        lines = "".join(f"{name}^{{commit}}\n" for name in asked)
        out = self._run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=lines)
        answers = [line.split(" ") for line in os.fsdecode(out).splitlines()]
        found = dict(zip(asked, answers, strict=True))
        return {
            name: found[name][0] if name in found and found[name][-1] == "commit" else None
            for name in names
        }

    def merge_bases(self, one: str, other: str) -> tuple[str, ...]:
        """The commits at which two commits part; none where they have nothing in common.

        There are several where each side has merged what is older than the other's tip.
        """
        done = _git(self.root, ["merge-base", "--all", one, other])
        if done.returncode not in (0, 1):
            raise GitError(_complaint(done))
        return tuple(os.fsdecode(done.stdout).split())

    def changed(self, commit: str, directories: Iterable[Path]) -> Changes:
        """The files in or below directories that differ between a commit and the work tree.

        Staged files are among them, and those that git does not track or ignores.
        """
        places = self._pathspecs(directories)
        if not places:
            return Changes({}, {})
        before = self._diff(commit, places=places).before
        others = self._run("ls-files", "-z", "--others", "--", *places)
        untracked = {self._path(name): None for name in others.split(b"\0") if name}
        both = untracked | dict(before)
        return Changes(both, dict.fromkeys(both))

    def between(self, one: str, other: str, directories: Iterable[Path]) -> Changes:
        """The files in or below directories that differ between two commits."""
        places = self._pathspecs(directories)
        return self._diff(one, other, places=places) if places else Changes({}, {})

    def deleted(self, commit: str) -> Mapping[Path, str | None]:
        """The Python files, wherever, that a commit has and the work tree has not; their blobs."""
        return self._diff("--diff-filter=D", commit, places=_PYTHON).before

    def added(self, one: str, other: str) -> Mapping[Path, str | None]:
        """The Python files, wherever, that only the second of two commits has; their blobs."""
        return self._diff("--diff-filter=A", one, other, places=_PYTHON).after

    def python_files(self, commit: str) -> Mapping[Path, str | None]:
        """All Python files of a commit, and their blobs."""
        out = self._run("ls-tree", "-r", "-z", "--full-tree", commit)
        found: dict[Path, str | None] = {}
        for entry in filter(None, out.split(b"\0")):
            header, _, name = entry.partition(b"\t")
            mode, _, blob = header.split(b" ")
            if name.endswith(b".py"):
                found[self._path(name)] = _blob(mode, blob)
        return found

    def had(
        self, tip: str, starts: Collection[str], directories: Iterable[Path]
    ) -> Mapping[Path, frozenset[str]]:
        """What files in or below directories have been on the way to a commit since others.

        For each file that was added or changed, the names of the blobs that it has had.
        """
        places = self._pathspecs(directories)
        excluded = [f"^{commit}" for commit in starts]
        commits = self._run("rev-list", "--full-history", tip, *excluded, "--", *places)
        out = self._run(
            *("diff-tree", "--stdin", "-m", "-r", "--no-commit-id", *_RAW, "--", *places),
            stdin=os.fsdecode(commits),
        )
        found: dict[Path, set[str]] = {}
        for path, _, blob in self._entries(out):
            if blob is not None:
                found.setdefault(path, set()).add(blob)
        return {path: frozenset(blobs) for path, blobs in found.items()}

    def contents(self, blobs: Collection[str], limit: int) -> Mapping[str, bytes]:
        """The contents of blobs, at most `limit` bytes of each.

        Raises:
            GitError: the clone does not hold one of them.
        """
        if not blobs:
            return {}
        wanted = sorted(set(blobs))
        with tempfile.TemporaryFile() as asked:
            # A file, because git stops reading names while nobody reads what it writes.
            asked.write("".join(f"{blob}\n" for blob in wanted).encode())
            asked.seek(0)
            process = subprocess.Popen(  # noqa: S603
                _command(self.root, ["cat-file", "--batch"]),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
            with process:
                stream = process.stdout
                if stream is None:
                    raise GitError("git has no output")
                found: dict[str, bytes] = {}
                for blob in wanted:
                    header = stream.readline().split()
                    if len(header) != 3:
                        process.kill()
                        raise GitError(
                            "the clone lacks files of older commits, as one made with --filter "
                            "does, and nothing is fetched here; clone without it"
                        )
                    size = int(header[2])
                    found[blob] = stream.read(min(size, limit))
                    rest = size - len(found[blob]) + 1  # the line end behind it
                    while rest > 0 and (dropped := stream.read(min(rest, 1 << 20))):
                        rest -= len(dropped)
        return found

    def _diff(self, *arguments: str, places: Sequence[str]) -> Changes:
        out = self._run("diff", *_RAW, *arguments, "--", *places)
        before: dict[Path, str | None] = {}
        after: dict[Path, str | None] = {}
        for path, old, new in self._entries(out):
            if before.get(path) is None:  # a file in conflict may have a second line, without names
                before[path], after[path] = old, new
        return Changes(before, after)

    def _entries(self, raw: bytes) -> Iterator[tuple[Path, str | None, str | None]]:
        """The files that a raw diff lists, with the blobs before and after."""
        fields = iter(raw.split(b"\0"))
        for header in fields:
            if header:
                old_mode, new_mode, old, new, _ = header.lstrip(b":").split(b" ")
                yield self._path(next(fields)), _blob(old_mode, old), _blob(new_mode, new)

    def _path(self, name: bytes) -> Path:
        return self.root / os.fsdecode(name)

    def _pathspecs(self, directories: Iterable[Path]) -> list[str]:
        places = {Path(os.path.realpath(directory)) for directory in directories}
        if self.root in places:
            return [":(top)"]
        inside = (place for place in sorted(places) if place.is_relative_to(self.root))
        return [f":(top,literal){place.relative_to(self.root).as_posix()}" for place in inside]

    def _run(self, *arguments: str, stdin: str = "") -> bytes:
        done = _git(self.root, arguments, stdin)
        if done.returncode != 0:
            raise GitError(_complaint(done))
        return done.stdout


def home(directory: Path) -> Path | None:
    """The top of the work tree that a directory lies in, by its `.git`; None outside of any."""
    real = Path(os.path.realpath(directory))
    return next((place for place in (real, *real.parents) if (place / ".git").exists()), None)


def work_tree(directory: Path) -> WorkTree:
    """The work tree that a directory lies in.

    Raises:
        GitError: there is none, or git is not installed or refuses to read it.
    """
    done = _git(directory, ["rev-parse", "--is-inside-work-tree", "--is-shallow-repository"])
    if done.returncode != 0:
        raise GitError(_complaint(done))
    inside, shallow = os.fsdecode(done.stdout).split()
    if inside != "true":
        raise GitError("it is in a repository without a work tree")
    top = _git(directory, ["rev-parse", "--show-toplevel"])
    if top.returncode != 0:
        raise GitError(_complaint(top))
    root = os.fsdecode(top.stdout).removesuffix("\n")
    return WorkTree(Path(os.path.realpath(root)), shallow == "true")


def _git(
    directory: Path, arguments: Sequence[str], stdin: str = ""
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603
            _command(directory, arguments),
            input=os.fsencode(stdin),
            capture_output=True,
            env=_environment(),
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed, or not on the PATH") from error
    except (OSError, ValueError) as error:
        raise GitError(f"git cannot be run: {error}") from error


def _command(directory: Path, arguments: Sequence[str]) -> list[str]:
    # A file system monitor is a program that the repository's configuration names.
    return ["git", "-C", str(directory), "-c", "core.fsmonitor=false", *arguments]


def _environment() -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in _LOCAL}
    return inherited | _OURS


def _blob(mode: bytes, name: bytes) -> str | None:
    """The blob of a regular file; None where there is none, or it is a link or a submodule."""
    return name.decode() if mode in _FILE_MODES and name.strip(b"0") else None


def _complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git says is wrong, in one line, with the remedy where git tells one."""
    lines = [line for line in os.fsdecode(done.stderr).splitlines() if line.strip()]
    text = lines[0] if lines else f"git ended with status {done.returncode}"
    text = text.removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
    if "not a git repository" in text:
        return "it is in no git repository"
    if "dubious ownership" in text:
        where = text.rpartition("'")[0].rpartition("'")[2]
        safe = f"git config --global --add safe.directory {where}"
        return f"git refuses to read it, as somebody else owns it; if that is right: {safe}"
    return f"git says: {text}"
