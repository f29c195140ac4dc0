"""Files and directories: what Alembic loads, what was retired, where a history may lie."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic_lint.config import shown

_REVISION_FILE = re.compile(r"(?!\.\#|__init__)(.*\.py)$")
"""Source: alembic/script/base.py, `_only_source_rev_file`."""

_RETIRED_FILE = re.compile(
    r"(?!\.\#|__init__).+\.py(~|[._-]?(old|bak|backup|orig|save|disabled|deprecated|unused)[.\d]*~?)$",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(rb"^down_revision\b", re.MULTILINE)
_HEAD = 65_536  # bytes; identifiers stand at the top, below at most a docstring and imports

_NAMED = 3
"""Directories that are named of those that cannot be read."""

_SKIPPED = frozenset({"_build", "build", "dist", "node_modules", "site-packages", "venv"})


def is_revision_name(name: str) -> bool:
    """Whether Alembic takes a file of this name for a revision."""
    return _REVISION_FILE.match(name) is not None


def is_retired_name(name: str) -> bool:
    """Whether a file of this name was put aside: Alembic does not see it any more."""
    return _RETIRED_FILE.match(name) is not None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a version directory holds.

    `files` are what Alembic loads, in its order; `retired` those put aside; `posing` directories
    that are named like a revision; `unreadable` directories that cannot be listed, with the reason.
    """

    files: tuple[Path, ...]
    retired: tuple[Path, ...] = ()
    posing: tuple[Path, ...] = ()
    unreadable: tuple[tuple[Path, str], ...] = ()


def list_directory(directory: Path, *, recursive: bool = False) -> Listing:
    """List a version directory; none is an empty one.

    Revision files are sorted within a directory, and come before those of the directories in it.
    Symbolic links to directories are not followed.

    Source: alembic/script/base.py, `Script._list_py_dir` and `ScriptDirectory._load_revisions`,
    which resolves a path before it looks at the name.
    """
    files: list[Path] = []
    retired: list[Path] = []
    posing: list[Path] = []
    errors: list[OSError] = []
    for root, directories, names in os.walk(directory, onerror=errors.append):
        if not root.endswith("__pycache__"):
            place = Path(root)
            files.extend(place / name for name in sorted(names) if _is_revision(place / name))
            retired.extend(place / name for name in sorted(names) if is_retired_name(name))
            posing.extend(place / name for name in sorted(directories) if is_revision_name(name))
        if not recursive:
            break
        directories.sort()
    unreadable = tuple(
        (Path(error.filename), error.strerror or "unknown error")
        for error in errors
        if not isinstance(error, FileNotFoundError | NotADirectoryError)
    )
    return Listing(tuple(files), tuple(retired), tuple(posing), unreadable)


def real_path(path: Path) -> Path:
    """The path behind symbolic links; itself where they lead in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # before Python 3.13 a circle is a RuntimeError
        return path


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a regular file, at most `limit` bytes of it.

    Raises:
        OSError: it cannot be read, or it is a directory, a pipe or a device.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(0, "not a regular file")
    with path.open("rb") as stream:
        return stream.read(limit)


def holds_revisions(directory: Path) -> bool:
    """Whether a file directly in the directory assigns `down_revision` at its top level."""
    return any(_assigns_parent(path) for path in list_directory(directory).files)


def below(directory: Path, closed: list[Path] | None = None) -> Iterator[Path]:
    """The directory and those below it, sorted, without hidden, built and installed ones.

    Those that may not be looked into are left out, too, and added to `closed`.
    """
    refused = [] if closed is None else closed

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            refused.append(Path(error.filename))

    for root, directories, _ in os.walk(directory, onerror=note):
        place = Path(root)
        yield place
        directories[:] = sorted(
            name
            for name in directories
            if name not in _SKIPPED
            and not name.startswith((".", "__py"))
            and _may_be_entered(place / name, refused)
        )


def is_closed(directory: Path) -> bool:
    """Whether one may not look at what is in a directory."""
    try:
        (directory / "env.py").stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def unseen(closed: Iterable[Path]) -> Iterator[str]:
    """What a user is told of directories that may not be looked into, nothing where there is none.

    A machine has thousands of them, of which a few show where they are.
    """
    names = sorted(map(shown, closed))
    if len(names) == 1:
        yield f"{names[0]} cannot be read, so revisions in it are not seen"
    elif names:
        rest = len(names) - _NAMED
        more = f" and {rest:,} more" if rest > 0 else ""
        yield (
            f"{len(names):,} directories cannot be read, so revisions in them are not seen: "
            f"{', '.join(names[:_NAMED])}{more}"
        )


def upwards(directory: Path) -> Iterator[Path]:
    """The directory and its parents, up to the root of the git repository it lies in."""
    for place in (directory, *directory.parents):
        yield place
        if (place / ".git").exists():
            return


def _may_be_entered(directory: Path, closed: list[Path]) -> bool:
    """Whether a directory may be looked into, and is no installed environment."""
    if is_closed(directory):
        closed.append(directory)
        return False
    return not (directory / "pyvenv.cfg").is_file()


def _is_revision(path: Path) -> bool:
    return is_revision_name(real_path(path).name)


def assigns_parent(content: bytes) -> bool:
    """Whether a file of this content assigns `down_revision` at its top level."""
    return _IDENTIFIER.search(content[:_HEAD]) is not None


def _assigns_parent(path: Path) -> bool:
    try:
        return assigns_parent(read_bytes(path, _HEAD))
    except OSError:
        return False
