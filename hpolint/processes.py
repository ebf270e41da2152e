"""The files' work, shared out among processes: reading, searching, following and judging."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from hpolint.config import Settings, enabled_rules
from hpolint.discovery import Search, read_candidate

if TYPE_CHECKING:
    from hpolint.outcome import Checker, Outcome

Found = dict[int, "Outcome"]
"""Outcomes by their files' places in the list."""

DIED = "a process that read some of the files has died, and {} of them were not checked"


class Queue:
    """Some files of which each process takes the next, the largest first. ``sizes`` are in bytes.

    ``method`` is multiprocessing's way to start another process.
    """

    def __init__(self, files: list[str], sizes: list[int], method: str) -> None:
        self.context = multiprocessing.get_context(method)
        self.count = len(files)
        self._files = files
        self._order = sorted(range(len(files)), key=lambda index: -sizes[index])
        self._next = self.context.Value("i", 0)

    def __getstate__(self) -> dict[str, object]:
        """What another process needs."""
        return {"count": self.count, "_files": self._files, "_order": self._order, "_next": self._next}

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (taken := self._take()) < len(self._order):
            yield self._order[taken], self._files[self._order[taken]]

    def _take(self) -> int:
        with self._next.get_lock():
            taken: int = self._next.value
            self._next.value += 1
        return taken


def outcomes(
    queue: Queue, settings: Settings, search: Search, progress: Callable[[str], None], count: int
) -> list[Outcome]:
    """What the candidates among the files give, in their order, from ``count`` processes, of which this is one.

    ``progress`` is told what this one reads. A process that dies is told, with the number of files that it had.
    """
    with ProcessPoolExecutor(count - 1, queue.context, _begin, (queue, settings)) as pool:
        futures = [pool.submit(_work) for _ in range(count - 1)]
        found, own = _check(queue, settings, progress)
        search.add(own)
        for future in futures:
            more, theirs = _result(future)
            found |= more
            search.add(theirs)
    lost = queue.count - search.files
    if lost:
        search.unreadable.append(DIED.format(lost))
    return [found[index] for index in sorted(found)]


def _check(queue: Queue, settings: Settings, progress: Callable[[str], None]) -> tuple[Found, Search]:
    """Take files until there is none. Rules and parsers are loaded with the first candidate."""
    search, found = Search(), {}
    checker: Checker | None = None
    for index, name in queue:
        candidate = read_candidate(name, search)
        if candidate is not None:
            checker = checker or _checker(settings)
            progress(name)
            found[index] = checker.outcome(candidate)
    return found, search


def _checker(settings: Settings) -> Checker:
    from hpolint.outcome import Checker
    from hpolint.registry import builtin_rules

    return Checker(enabled_rules(builtin_rules(), settings), settings.options)


_own: tuple[Queue, Settings] | None = None
"""What a worker has been given when it began."""


def _begin(queue: Queue, settings: Settings) -> None:
    """What a worker does first. An interrupt ends it at once; the run is told by its own process."""
    global _own
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _own = queue, settings


def _work() -> tuple[Found, Search]:
    assert _own is not None
    return _check(*_own, lambda _: None)


def _result(future: Future[tuple[Found, Search]]) -> tuple[Found, Search]:
    """What a worker found; nothing if it died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return {}, Search()
