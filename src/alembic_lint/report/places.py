"""What files are called for those who look for them in their own copy of the repository."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Places:
    """Where shown paths lead to: they start from `here`, the repository is at `top`; absolute.

    The formats `github`, `gitlab` and `sarif` tell paths from `top`, whatever the working directory
    is. A file outside of it, which nobody finds there, keeps its absolute path.
    """

    here: PurePath
    top: PurePath

    def from_top(self, path: str) -> str:
        """A shown path from the top directory, with `/` between its parts."""
        absolute = self.here / path
        inside = absolute.is_relative_to(self.top)
        return (absolute.relative_to(self.top) if inside else absolute).as_posix()

    def is_inside(self, path: str) -> bool:
        """Whether a shown path lies in the repository."""
        return (self.here / path).is_relative_to(self.top)

    def uri(self, path: str) -> str:
        """A shown path as a URI: relative to the top directory, or that of a file outside of it.

        Every byte of the name is kept, also one that is not UTF-8.
        """
        # The bytes that the name has on the disk: as `os.fsencode`, but not by the locale.
        name = self.from_top(path).encode("utf-8", sys.getfilesystemencodeerrors())
        return quote(name) if self.is_inside(path) else f"file://{quote(name)}"
