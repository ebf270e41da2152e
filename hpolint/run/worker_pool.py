"""The files' work, shared out among processes: reading, searching, following and judging.

This process hands out files and takes what comes back, file by file. It reads none itself, so that whatever a file does
to the process that reads it costs that file alone.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from hpolint.discovery.walk import Found, Search
from hpolint.io import disk, signals
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.run.file_check import FileChecks

if TYPE_CHECKING:
    from hpolint.report.outcome import Outcome

BATCH_BYTES, BATCH_FILES = 512 * 1024, 64
"""So much is handed out at once: few messages, and no process that waits long for the last one."""

AHEAD = 2
"""Batches that a process has before it, so that it need not wait for the next one."""

BATCHES_PER_WORKER = 8
"""Of all files a process is given no more than one of so many parts of its share at once: none waits for another."""

Keep: TypeAlias = "Callable[[Found, Outcome | None, bytes, Search], None]"

NOWHERE = -1
MAX_FAILED_STARTS = 3
"""Processes that may die before they have begun anything: after them this one does the rest."""

HEAD = struct.Struct("q")
"""How a message begins: the place of the file that it is about. One that is no longer says that a batch ends there."""


class _Worker(msgspec.Struct):
    """A process, the place of the file that it is at, and those that it has been given and has not told of yet."""

    process: Any
    connection: Connection
    at: Any
    assigned: deque[int] = msgspec.field(default_factory=deque)
    batches: int = 0

    def receive(self, index: int) -> None:
        """It has come to the end of a file, and of those before it, of which there was nothing to tell."""
        if index in self.assigned:
            while self.assigned.popleft() != index:
                pass


class WorkerPool:
    """The work on some files in several processes. ``sizes`` are in bytes, ``method`` is how a process starts.

    ``keep`` is told of each file what came of it, where it ``keeps`` that also as bytes, and what was met.
    """

    def __init__(
        self,
        files: list[Found],
        sizes: list[int],
        checking: FileChecks,
        keep: Keep,
        method: str,
        *,
        keeps: bool = False,
    ) -> None:
        self._context: Any = multiprocessing.get_context(method)
        self._files = files
        self._sizes = sizes
        # The largest first, so that none is left for last.
        self._waiting = deque(sorted(range(len(files)), key=lambda index: -sizes[index]))
        self._checking = checking
        self._keep = keep
        self._keeps = keeps
        self._found: dict[int, Outcome] = {}
        self._met: dict[int, Search] = {}
        self._packed: dict[int, bytes] = {}
        self._stillborn = 0
        self._most = BATCH_FILES, BATCH_BYTES

    def outcomes(self, count: int, progress: Callable[[str], None]) -> list[Outcome]:
        """What the candidates among the files give, in their order, from ``count`` processes."""
        workers: list[_Worker] = []
        parts = count * BATCHES_PER_WORKER
        self._most = max(min(BATCH_FILES, len(self._files) // parts), 1), min(BATCH_BYTES, sum(self._sizes) // parts)
        while self._waiting or any(worker.batches for worker in workers):
            self._start(workers, count)
            if workers:
                self._hear(workers, progress)
            else:
                self._alone(progress)
        for worker in workers:
            with suppress(OSError):
                worker.connection.send([])  # a fork holds its siblings' connections: closing one says nothing
            _join(worker)
        for index, file in enumerate(self._files):
            self._keep(file, self._found.get(index), self._packed.get(index, b""), self._met.get(index, Search()))
        return [self._found[index] for index in sorted(self._found)]

    def _start(self, workers: list[_Worker], count: int) -> None:
        """Start processes while there is something for them to do."""
        while self._waiting and len(workers) < count and self._stillborn < MAX_FAILED_STARTS:
            mine, theirs = self._context.Pipe()
            at = self._context.RawValue("l", NOWHERE)
            given = (theirs, at, self._files, _afresh(self._checking), disk.is_recording())
            process = self._context.Process(target=_work, args=given)
            try:
                process.start()
            except OSError:  # too many processes, too little memory: those that run do
                self._stillborn = MAX_FAILED_STARTS
                mine.close()
                return
            finally:
                theirs.close()
            signals.add_worker(process.pid)
            workers.append(_Worker(process, mine, at))
            for _ in range(AHEAD):
                self._hand_out(workers[-1])

    def _hand_out(self, worker: _Worker) -> None:
        batch: list[int] = []
        size = 0
        files, most = self._most
        while self._waiting and len(batch) < files and (not batch or size < most):
            batch.append(self._waiting.popleft())
            size += self._sizes[batch[-1]]
        if batch:
            worker.assigned += batch
            worker.batches += 1
            with suppress(OSError):  # it has died, which is heard next
                worker.connection.send(batch)

    def _hear(self, workers: list[_Worker], progress: Callable[[str], None]) -> None:
        """Take what some of the processes have to say."""
        by_connection: dict[Any, _Worker] = {worker.connection: worker for worker in workers}
        for ready in wait(list(by_connection)):
            worker = by_connection[ready]
            try:
                message = worker.connection.recv_bytes()
            except (EOFError, OSError):
                workers.remove(worker)
                self._bury(worker)
                continue
            (index,) = HEAD.unpack(message[: HEAD.size])
            worker.receive(index)
            if len(message) > HEAD.size:
                self._take(index, message[HEAD.size :], progress)
            else:
                worker.batches -= 1
                self._hand_out(worker)

    def _take(self, index: int, message: bytes, progress: Callable[[str], None]) -> None:
        """Take over the outcome of a file: decoded, or as it is where it cannot be encoded."""
        file = self._files[index]
        name = file.name
        progress(name)
        try:
            data, outcome, self._met[index] = pickle.loads(message)
            if data:
                from hpolint.serialization.decoding import decoded

                rules = self._checking.rules(file.settings)
                outcome = decoded(data, rules, file.settings, self._checking.sources)
                if self._keeps:
                    self._packed[index] = data
            if outcome is not None:
                self._found[index] = outcome
        except Exception as error:
            if debugging():
                raise
            told = internal_error("taking over what was found", error)
            self._met[index] = Search(unreadable=[f"{name}: {told}"])

    def _bury(self, worker: _Worker) -> None:
        """A process has died: the file that it was at is lost, those behind it are for others."""
        _join(worker)
        at = worker.at.value
        if at == NOWHERE:
            self._stillborn += 1
        elif at in worker.assigned:
            worker.receive(at)
            why = f"not checked: the process that read it {_ended(worker.process.exitcode)}"
            self._met[at] = Search(unreadable=[f"{self._files[at].name}: {why}"])
        self._waiting.extendleft(reversed(worker.assigned))

    def _alone(self, progress: Callable[[str], None]) -> None:
        """No process starts: this one does what is left."""
        while self._waiting:
            index = self._waiting.popleft()
            progress(self._files[index].name)
            outcome, self._met[index] = self._checking.file(self._files[index])
            if outcome is not None:
                self._found[index] = outcome


def _join(worker: _Worker) -> None:
    """Wait for a process that is about to end, or has."""
    worker.connection.close()
    signals.remove_worker(worker.process.pid)
    worker.process.join()


def _ended(code: int | None) -> str:
    """How a process came to its end, for a sentence about it."""
    if code is None or code >= 0:
        return f"ended itself with the code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"the signal {-code}"
    return f"was ended by {name}" + (", perhaps for lack of memory" if name == "SIGKILL" else "")


def _afresh(checking: FileChecks) -> FileChecks:
    """The same for a process of its own."""
    return FileChecks(checking.roots, checking.baseline)


def _work(connection: Connection, at: Any, files: list[Found], checking: FileChecks, is_watched: bool) -> None:
    """A process: take files, tell what came of each, end with the process that started this one."""
    signals.restore_defaults()
    disk.stop_recording()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    watched = disk.recorded_reads() if is_watched else nullcontext()
    is_loaded = False
    with suppress(OSError), watched:  # nobody hears it any more
        for batch in _batches(connection):
            for index in batch:
                at.value = index
                outcome, search = checking.file(files[index])
                if outcome is not None and not is_loaded:
                    is_loaded = True
                    gc.freeze()  # what is loaded by now stays: it need not be looked through for what can be freed
                if outcome is not None or search.unreadable or search.vanished or search.queries:
                    connection.send_bytes(HEAD.pack(index) + _message(files[index], outcome, search, checking))
            connection.send_bytes(HEAD.pack(batch[-1]))


def _batches(connection: Connection) -> Iterator[list[int]]:
    """The batches that come, until there is an empty one or nobody to send any."""
    with suppress(EOFError):
        while batch := connection.recv():
            yield batch


def _message(file: Found, outcome: Outcome | None, search: Search, checking: FileChecks) -> bytes:
    """The outcome of a file for the process that started this one; if it cannot be sent, why.

    An outcome that has no encoding, as one with half of a surrogate pair, is pickled: this process is trusted.
    """
    if outcome is None:
        return pickle.dumps((b"", None, search), pickle.HIGHEST_PROTOCOL)
    from hpolint.serialization.encoding import encoded
    from hpolint.serialization.records import RecordError

    try:
        with suppress(RecordError):
            data = encoded(outcome, checking.rules(file.settings), file.settings)
            return pickle.dumps((data, None, search), pickle.HIGHEST_PROTOCOL)
        return pickle.dumps((b"", outcome, search), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        if debugging():
            raise
        from hpolint.report.outcome import Outcome

        told = internal_error("handing over what was found", error)
        return pickle.dumps((b"", Outcome(file.name, internal_error=told), search), pickle.HIGHEST_PROTOCOL)


def _end_with_parent() -> None:
    """However the process that started this one ends, this one does not go on for nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
