"""A campaign: many inputs in several processes, their faults gathered, each kind of fault minimised once."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.fuzz.command import CALLED_EVERY, RUN_EVERY, as_process, command_faults, in_process
from tests.fuzz.faults import Fault
from tests.fuzz.inputs import Input, made
from tests.fuzz.limits import Limits, death, in_child, limit_memory, limit_processor
from tests.fuzz.minimising import minimised
from tests.fuzz.pipeline import Pipeline, Results

BATCH = 32
"""Inputs that share one SARIF log."""

STRETCH = 32 * BATCH
"""Inputs that one process tries before another takes over: what it cannot give back is not taken for a fault."""

MAKING = -1
"""Stands for an input's number while inputs are made."""

SLOW = {"too long": 40, "died": 100, "MemoryError": 200}
"""Faults that each take much of what an input may have: few tries are spent on making them smaller."""


@dataclass
class Found:
    """One mistake: the smallest input that showed it, and how many did."""

    fault: Fault
    number: int
    size: int
    count: int = 1


@dataclass
class Campaign:
    """What has been tried, from one seed, and what came of it."""

    seed: int
    limits: Limits = field(default_factory=Limits)
    is_hostile: bool = False
    tally: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str], Found] = field(default_factory=dict)
    inputs: int = 0

    def made(self, number: int) -> Input:
        """The input of that number."""
        return made(self.seed, number, is_hostile=self.is_hostile)

    @cached_property
    def pipeline(self) -> Pipeline:
        """Made once: the processes that are forked have it."""
        return Pipeline(self.limits)

    def run(self, count: int | None, minutes: float | None, jobs: int) -> None:
        """Try inputs from number 0 on, until there were so many or the time is over."""
        until = time.monotonic() + minutes * 60 if minutes is not None else None
        starts = iter(range(0, count, STRETCH) if count is not None else range(0, 10**12, STRETCH))
        running: dict[Connection, _Stretch] = {}
        while True:
            while len(running) < jobs and (until is None or time.monotonic() < until):
                start = next(starts, None)
                if start is None:
                    break
                stretch = _Stretch(self, start, min(start + STRETCH, count or start + STRETCH))
                running[stretch.begin()] = stretch
            if not running:
                return
            for ready in connection.wait(list(running)):
                assert isinstance(ready, Connection)
                stretch = running.pop(ready)
                following = stretch.take(ready, over=until is not None and time.monotonic() >= until)
                if following is not None:
                    running[following] = stretch

    def add(self, results: Results, count: int) -> None:
        """Take in what a batch gave."""
        self.inputs += count
        self.tally += results.tally
        for number, fault in results.faults:
            size = len(self.made(number).data)
            known = self.found.get(fault.identity)
            if known is None:
                self.found[fault.identity] = Found(fault, number, size)
                continue
            known.count += 1
            if (size, number) < (known.size, known.number):
                known.fault, known.number, known.size = fault, number, size

    def smallest(self, found: Found, tries: int | None = None) -> bytes:
        """The input of a fault, with all dropped that the fault does not need."""
        each = self.made(found.number)

        def holds(data: bytes) -> bool:
            smaller = Input(each.number, each.original, each.suffix, data, each.mutations)
            return found.fault.identity in {fault.identity for fault in faults_of(smaller, self.pipeline)}

        most = SLOW.get(found.fault.kind, 800)
        return minimised(each.data, holds, most if tries is None else tries)


class _Stretch:
    """Some inputs in a process of their own. Where it dies, the input is to blame and another goes on behind it."""

    def __init__(self, campaign: Campaign, start: int, stop: int) -> None:
        self._campaign = campaign
        self._next, self._stop = start, stop
        self._skipped: set[int] = set()
        self._process: BaseProcess | None = None
        self._context = get_context("fork")
        self._at = self._context.Value("q", MAKING)

    def begin(self) -> Connection:
        """Start the process; its batches come through the connection."""
        ours, theirs = self._context.Pipe(duplex=False)
        numbers = [number for number in range(self._next, self._stop) if number not in self._skipped]
        arguments = (theirs, self._at, self._campaign.made, numbers, self._campaign.pipeline)
        self._process = self._context.Process(target=_work, args=arguments)
        self._process.start()
        theirs.close()
        return ours

    def take(self, ready: Connection, *, over: bool) -> Connection | None:
        """Take a batch, or the process's end. Returns the connection to wait for next, or None at the end."""
        assert self._process is not None
        try:
            results, count, self._next = ready.recv()
        except EOFError:
            return self._ended(ready, over)
        self._campaign.add(results, count)
        if over:
            self._process.terminate()
            self._process.join()
            ready.close()
            return None
        return ready

    def _ended(self, ready: Connection, over: bool) -> Connection | None:
        assert self._process is not None
        self._process.join()
        ready.close()
        if self._process.exitcode == 0:
            return None
        number = self._at.value
        if number == MAKING:
            raise RuntimeError("an input could not be made: the fuzzer's own mistake")
        self._skipped.add(number)
        fault = Fault("died", death(self._process.exitcode))
        self._campaign.add(Results([(number, fault)]), 1)
        return None if over else self.begin()


def _work(theirs: Connection, at: object, make: Callable[[int], Input], numbers: list[int], pipeline: Pipeline) -> None:
    """What the process does: batches of inputs, each batch's outcome sent at once."""
    at.value = MAKING  # type: ignore[attr-defined]
    limits = pipeline.limits
    limit_memory(limits.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        for batch in _batches(make, numbers):

            def before(number: int) -> None:
                at.value = number  # type: ignore[attr-defined]
                limit_processor(4 * limits.seconds + 5)

            results = pipeline.run(batch, before)
            for each in batch:
                before(each.number)
                results.faults += [(each.number, fault) for fault in _through_command(each, Path(folder), limits)]
            theirs.send((results, len(batch), batch[-1].number + 1))
            before(MAKING)
    theirs.close()


def _batches(make: Callable[[int], Input], numbers: list[int]) -> Iterator[list[Input]]:
    for start in range(0, len(numbers), BATCH):
        yield [make(number) for number in numbers[start : start + BATCH]]


def _through_command(each: Input, folder: Path, limits: Limits) -> list[Fault]:
    if each.number % RUN_EVERY == RUN_EVERY - 1:
        return command_faults(each, folder, limits, as_process)
    if each.number % CALLED_EVERY == CALLED_EVERY - 1:
        return command_faults(each, folder, limits, in_process)
    return []


def faults_of(each: Input, pipeline: Pipeline) -> list[Fault]:
    """All faults of one input, tried in a process of its own in the way that a campaign tries it."""
    limits = pipeline.limits

    def work() -> list[Fault]:
        limit_memory(limits.megabytes)
        limit_processor(4 * limits.seconds + 5)
        with tempfile.TemporaryDirectory() as folder:
            return pipeline.faults(each) + _through_command(each, Path(folder), limits)

    ended = in_child(work)
    return ended.answer if ended.answer is not None else [Fault("died", str(ended.died))]
