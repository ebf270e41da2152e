"""A progress line on a terminal, shown once a run takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from hpolint.io.escaping import visible

DELAY_SECONDS, INTERVAL_SECONDS = 1.0, 0.1
BAR_CELLS = 20


class Progress:
    """A callable that takes the name of each file as it is read. ``total`` is the number of files, 0 if unknown."""

    def __init__(self) -> None:
        self.total = 0
        self._begin = self._shown = time.monotonic()
        self._count = 0
        self._drawn = False

    def __enter__(self) -> Progress:
        return self

    def __call__(self, name: str) -> None:
        self._count += 1
        now = time.monotonic()
        if now - self._begin < DELAY_SECONDS or now - self._shown < INTERVAL_SECONDS:
            return
        self._shown, self._drawn = now, True
        sys.stderr.write(f"\r\033[K{self._bar()}file {self._count:,}: {visible(name)[-40:]}")
        sys.stderr.flush()

    def _bar(self) -> str:
        """A bar with the percentage done; ``reading`` while the total is unknown."""
        if not self.total:
            return "reading "
        done = min(self._count / self.total, 1.0)
        filled = round(done * BAR_CELLS)
        return f"[{'#' * filled}{' ' * (BAR_CELLS - filled)}] {done:4.0%} of {self.total:,}, "

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
