"""The candidates' work, shared out among processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from hpolint.discovery import Candidate
from hpolint.outcome import Checker, Options, Outcome
from hpolint.rule import Rule

Found = dict[int, Outcome]
"""Outcomes by their candidates' places in the list."""

DIED = "not checked: a process that read some of the files has died"


class Queue:
    """Some candidates of which each process takes the next, the largest first."""

    def __init__(self, candidates: list[Candidate], context: Any) -> None:
        self._candidates = candidates
        self._order = sorted(range(len(candidates)), key=lambda index: -len(candidates[index].data or b""))
        self._next = context.Value("i", 0)

    def __iter__(self) -> Iterator[tuple[int, Candidate]]:
        while (taken := self._take()) < len(self._order):
            yield self._order[taken], self._candidates[self._order[taken]]

    def _take(self) -> int:
        with self._next.get_lock():
            taken: int = self._next.value
            self._next.value += 1
        return taken


def outcomes(
    candidates: list[Candidate],
    rules: tuple[Rule, ...],
    options: Options,
    progress: Callable[[str], None],
    count: int,
    method: str,
) -> list[Outcome]:
    """The candidates' outcomes in their order, from ``count`` processes, of which this is one.

    ``method`` is multiprocessing's way to start the others. ``progress`` is told what this one reads.
    What a process that dies had taken has trouble.
    """
    context = multiprocessing.get_context(method)
    queue = Queue(candidates, context)
    with ProcessPoolExecutor(count - 1, context, _begin, (queue, rules, options)) as pool:
        futures = [pool.submit(_work) for _ in range(count - 1)]
        found = _check(queue, Checker(rules, options), progress)
        for future in futures:
            found |= _result(future)
    return [found.get(i) or Outcome(candidates[i].name, trouble=DIED) for i in range(len(candidates))]


def _check(queue: Queue, checker: Checker, progress: Callable[[str], None]) -> Found:
    found = {}
    for index, candidate in queue:
        progress(candidate.name)
        found[index] = checker.outcome(candidate)
    return found


_own: tuple[Queue, Checker] | None = None
"""What a worker has been given when it began."""


def _begin(queue: Queue, rules: tuple[Rule, ...], options: Options) -> None:
    """What a worker does first. An interrupt ends it at once; the run is told by its own process."""
    global _own
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _own = queue, Checker(rules, options)


def _work() -> Found:
    assert _own is not None
    return _check(*_own, lambda _: None)


def _result(future: Future[Found]) -> Found:
    """What a worker found; nothing if it died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return {}
