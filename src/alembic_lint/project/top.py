"""The top directory of the repository that files lie in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def top_directory(files: Iterable[Path], checkout: str | None = None) -> Path:
    """What paths are told from, where others look for them in their own copy of the repository.

    It is the nearest directory that holds all the files and is a git repository, or is where the
    pipeline says that it has checked one out; the working directory where there is none. No
    repository is asked, so that it works where git is not installed or distrusts the directory.

    Args:
        files: absolute paths, without `..`.
        checkout: the directory that the pipeline names, None where there is none. It comes before
            a repository within it, as a submodule is, if it is one itself.
    """
    here = Path.cwd()
    directories = [str(file.parent) for file in files]
    try:
        start = Path(os.path.commonpath(directories)) if directories else here
    except ValueError:  # on several drives
        return here
    places = (start, *start.parents)
    of_git = [place for place in places if (place / ".git").exists()]
    named = [place for place in places if checkout and _is_same(place, checkout)]
    found = [*(place for place in named if place in of_git), *of_git, *named]
    return found[0] if found else here


def _is_same(place: Path, other: str) -> bool:
    with suppress(OSError, ValueError):
        return place.samefile(other)
    return False
