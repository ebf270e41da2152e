"""A pool of worker processes that check files.

This process hands out files and receives their outcomes one by one. It reads no file itself, so that a file that
crashes its worker loses only its own outcome.
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
    from hpolint.serialization.lazy_sources import StoredBytes

BATCH_BYTES, BATCH_FILES = 512 * 1024, 64
"""Limits of a batch: large enough for few messages, small enough that workers end at about the same time."""

BATCHES_AHEAD = 2
"""Batches that are assigned to a worker at once, so that it does not wait for the next one."""

BATCHES_PER_WORKER = 8
"""The least number of batches into which a worker's share of the files is divided."""

Store: TypeAlias = "Callable[[Found, Outcome | None, StoredBytes | None, Search], None]"

NOWHERE = -1
MAX_FAILED_STARTS = 3
"""Workers that may die before their first file: after that this process checks the rest."""

HEAD = struct.Struct("q")
"""The head of a message: the index of its file. A message of only a head marks the end of a batch."""


class _Worker(msgspec.Struct):
    """A worker process. ``current`` is the index of its current file, ``assigned`` are its files without a result."""

    process: Any
    connection: Connection
    current: Any
    assigned: deque[int] = msgspec.field(default_factory=deque)
    batches: int = 0

    def finish(self, index: int) -> None:
        """Remove a file that is done, and the files before it, which had nothing to report."""
        if index in self.assigned:
            while self.assigned.popleft() != index:
                pass


class WorkerPool:
    """Checks files in several processes. ``sizes`` are in bytes, ``method`` is how a process starts.

    ``store`` is called for each file with its outcome, its outcome as bytes if ``stores_bytes``, and its search.
    """

    def __init__(
        self,
        files: list[Found],
        sizes: list[int],
        checking: FileChecks,
        store: Store,
        method: str,
        *,
        stores_bytes: bool = False,
    ) -> None:
        self._context: Any = multiprocessing.get_context(method)
        self._files = files
        self._sizes = sizes
        # Largest files first, so that no large one is left for the end.
        self._waiting = deque(sorted(range(len(files)), key=lambda index: -sizes[index]))
        self._checking = checking
        self._store = store
        self._stores_bytes = stores_bytes
        self._found: dict[int, Outcome] = {}
        self._searches: dict[int, Search] = {}
        self._encoded: dict[int, StoredBytes] = {}
        self._failed_starts = 0
        self._batch_limits = BATCH_FILES, BATCH_BYTES

    def outcomes(self, count: int, progress: Callable[[str], None]) -> list[Outcome]:
        """The outcomes of the candidates among the files, in their order, from ``count`` workers."""
        workers: list[_Worker] = []
        parts = count * BATCHES_PER_WORKER
        self._batch_limits = (
            max(min(BATCH_FILES, len(self._files) // parts), 1),
            min(BATCH_BYTES, sum(self._sizes) // parts),
        )
        while self._waiting or any(worker.batches for worker in workers):
            self._start(workers, count)
            if workers:
                self._receive(workers, progress)
            else:
                self._check_here(progress)
        for worker in workers:
            with suppress(OSError):
                worker.connection.send([])  # a fork inherits its siblings' connections: closing one is not noticed
            _join(worker)
        for index, file in enumerate(self._files):
            self._store(file, self._found.get(index), self._encoded.get(index), self._searches.get(index, Search()))
        return [self._found[index] for index in sorted(self._found)]

    def _start(self, workers: list[_Worker], count: int) -> None:
        """Start workers while files are waiting."""
        while self._waiting and len(workers) < count and self._failed_starts < MAX_FAILED_STARTS:
            parent_end, worker_end = self._context.Pipe()
            current = self._context.RawValue("l", NOWHERE)
            arguments = (worker_end, current, self._files, _copy_for_worker(self._checking), disk.is_recording())
            process = self._context.Process(target=_work, args=arguments)
            try:
                process.start()
            except OSError:  # too many processes or too little memory: go on with those that run
                self._failed_starts = MAX_FAILED_STARTS
                parent_end.close()
                return
            finally:
                worker_end.close()
            signals.add_worker(process.pid)
            workers.append(_Worker(process, parent_end, current))
            for _ in range(BATCHES_AHEAD):
                self._hand_out(workers[-1])

    def _hand_out(self, worker: _Worker) -> None:
        batch: list[int] = []
        size = 0
        max_files, max_bytes = self._batch_limits
        while self._waiting and len(batch) < max_files and (not batch or size < max_bytes):
            batch.append(self._waiting.popleft())
            size += self._sizes[batch[-1]]
        if batch:
            worker.assigned += batch
            worker.batches += 1
            with suppress(OSError):  # it has died, which is noticed next
                worker.connection.send(batch)

    def _receive(self, workers: list[_Worker], progress: Callable[[str], None]) -> None:
        """Receive the messages of the workers that have some."""
        by_connection: dict[Any, _Worker] = {worker.connection: worker for worker in workers}
        for ready in wait(list(by_connection)):
            worker = by_connection[ready]
            try:
                message = worker.connection.recv_bytes()
            except (EOFError, OSError):
                workers.remove(worker)
                self._remove_dead(worker)
                continue
            (index,) = HEAD.unpack(message[: HEAD.size])
            worker.finish(index)
            if len(message) > HEAD.size:
                self._take(index, message[HEAD.size :], progress)
            else:
                worker.batches -= 1
                self._hand_out(worker)

    def _take(self, index: int, message: bytes, progress: Callable[[str], None]) -> None:
        """Store the outcome of a file: decoded, or pickled if it could not be encoded."""
        file = self._files[index]
        name = file.name
        progress(name)
        try:
            data, outcome, self._searches[index] = pickle.loads(message)
            if data:
                from hpolint.serialization.decoding import decoded

                rules = self._checking.rules(file.settings)
                stored = self._checking.sources.keep(data)
                outcome = decoded(data, rules, file.settings, self._checking.sources, stored.read)
                if self._stores_bytes:
                    self._encoded[index] = stored
            if outcome is not None:
                self._found[index] = outcome
        except Exception as error:
            if debugging():
                raise
            reason = internal_error("decoding the outcome", error)
            self._searches[index] = Search(unreadable=[f"{name}: {reason}"])

    def _remove_dead(self, worker: _Worker) -> None:
        """Handle the death of a worker: its current file is lost, its other files wait again."""
        _join(worker)
        index = worker.current.value
        if index == NOWHERE:
            self._failed_starts += 1
        elif index in worker.assigned:
            worker.finish(index)
            reason = f"not checked: its worker process {_exit_text(worker.process.exitcode)}"
            self._searches[index] = Search(unreadable=[f"{self._files[index].name}: {reason}"])
        self._waiting.extendleft(reversed(worker.assigned))

    def _check_here(self, progress: Callable[[str], None]) -> None:
        """Check the remaining files in this process, because no worker starts."""
        while self._waiting:
            index = self._waiting.popleft()
            progress(self._files[index].name)
            outcome, self._searches[index] = self._checking.file(self._files[index])
            if outcome is not None:
                self._found[index] = outcome


def _join(worker: _Worker) -> None:
    """Wait for a worker that has ended or is about to end."""
    worker.connection.close()
    signals.remove_worker(worker.process.pid)
    worker.process.join()


def _exit_text(code: int | None) -> str:
    """How a process ended, as a predicate."""
    if code is None or code >= 0:
        return f"exited with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"the signal {-code}"
    return f"was killed by {name}" + (", perhaps for lack of memory" if name == "SIGKILL" else "")


def _copy_for_worker(checking: FileChecks) -> FileChecks:
    """A new instance for another process, without loaded rules."""
    return FileChecks(checking.roots, checking.baseline)


def _work(connection: Connection, current: Any, files: list[Found], checking: FileChecks, is_recording: bool) -> None:
    """The main function of a worker: check files, send their outcomes, end with the parent process."""
    signals.restore_defaults()
    disk.stop_recording()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    recording = disk.recorded_reads() if is_recording else nullcontext()
    is_loaded = False
    with suppress(OSError), recording:  # the parent has gone
        for batch in _batches(connection):
            for index in batch:
                current.value = index
                outcome, search = checking.file(files[index])
                if outcome is not None and not is_loaded:
                    is_loaded = True
                    gc.freeze()  # loaded modules stay: exclude them from garbage collection
                if outcome is not None or search.unreadable or search.vanished or search.queries:
                    connection.send_bytes(HEAD.pack(index) + _message(files[index], outcome, search, checking))
            connection.send_bytes(HEAD.pack(batch[-1]))


def _batches(connection: Connection) -> Iterator[list[int]]:
    """The batches that arrive, until an empty one or the end of the connection."""
    with suppress(EOFError):
        while batch := connection.recv():
            yield batch


def _message(file: Found, outcome: Outcome | None, search: Search, checking: FileChecks) -> bytes:
    """The outcome of a file as a message for the parent; if it cannot be sent, an internal error in its place.

    An outcome that cannot be encoded, such as one with half of a surrogate pair, is pickled: the parent trusts workers.
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

        reason = internal_error("encoding the outcome", error)
        return pickle.dumps((b"", Outcome(file.name, internal_error=reason), search), pickle.HIGHEST_PROTOCOL)


def _end_with_parent() -> None:
    """End this process when its parent ends, in whatever way."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
