"""A progress line on a terminal, once a run takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from hpolint.io.escaping import visible

PATIENCE, INTERVAL = 1.0, 0.1
BAR = 20


class Progress:
    """Called with the name of each file that is about to be read; ``total`` is how many, once that is known."""

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
        if now - self._begin < PATIENCE or now - self._shown < INTERVAL:
            return
        self._shown, self._drawn = now, True
        sys.stderr.write(f"\r\033[K{self._bar()}file {self._count:,}: {visible(name)[-40:]}")
        sys.stderr.flush()

    def _bar(self) -> str:
        """How far it is, where that can be told."""
        if not self.total:
            return "reading "
        done = min(self._count / self.total, 1.0)
        filled = round(done * BAR)
        return f"[{'#' * filled}{' ' * (BAR - filled)}] {done:4.0%} of {self.total:,}, "

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
