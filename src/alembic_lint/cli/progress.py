"""A progress bar."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Self, TextIO


class Progress:
    """A bar on a terminal, for work that takes longer than half a second."""

    DELAY, INTERVAL, WIDTH = 0.5, 0.1, 30  # seconds, seconds, columns

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream if stream is not None and stream.isatty() else None
        self.next = time.monotonic() + self.DELAY
        self.drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.drawn:
            self._draw("\r\x1b[K")

    def __call__(self, done: int, total: int) -> None:
        """Draw so many done files of all of them, unless the last drawing is too recent."""
        now = time.monotonic()
        if self.stream is None or now < self.next:
            return
        self.next = now + self.INTERVAL
        self.drawn = True
        filled = self.WIDTH * done // max(total, 1)
        bar = "#" * filled + "-" * (self.WIDTH - filled)
        self._draw(f"\rreading revisions [{bar}] {done:,}/{total:,}\x1b[K")

    def _draw(self, text: str) -> None:
        if self.stream is not None:
            with suppress(OSError):  # a terminal that is gone
                self.stream.write(text)
                self.stream.flush()
