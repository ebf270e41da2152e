"""A progress line on a terminal, once a run takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from hpolint.printing import visible

PATIENCE, INTERVAL = 1.0, 0.1


class Progress:
    """Called with the name of each file that is about to be read."""

    def __init__(self) -> None:
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
        sys.stderr.write(f"\r\033[Kreading file {self._count}: {visible(name)[-60:]}")
        sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
