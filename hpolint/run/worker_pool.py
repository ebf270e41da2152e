"""A pool of worker processes that check files.

This process hands out files and receives their results one by one. It reads no file itself, so that a file that
crashes its worker loses only its own result.
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic

import msgspec

from hpolint.discovery.walk import Found, Search
from hpolint.fixes.requests import FixRequest, FixTexts
from hpolint.io import disk, signals
from hpolint.io.internal_errors import debugging, internal_error
from hpolint.run.checked import Checked, Checks, Result

BATCH_BYTES, BATCH_FILES = 512 * 1024, 64
"""Limits of a batch: large enough for few messages, small enough that workers end at about the same time."""

BATCHES_AHEAD = 2
"""Batches that are assigned to a worker at once, so that it does not wait for the next one."""

BATCHES_PER_WORKER = 8
"""The least number of batches into which a worker's share of the files is divided."""

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


class WorkerPool(Generic[Result]):
    """Checks files in several processes. ``sizes`` are in bytes, ``method`` is how a process starts.

    The workers stay until ``close``, because they keep what the fixes of their files need.
    """

    def __init__(self, files: list[Found], sizes: list[int], checks: Checks[Result], method: str) -> None:
        self._context: Any = multiprocessing.get_context(method)
        self._files = files
        self._sizes = sizes
        # Largest files first, so that no large one is left for the end.
        self._waiting = deque(sorted(range(len(files)), key=lambda index: -sizes[index]))
        self._checks = checks
        self._workers: list[_Worker] = []
        self._results: dict[int, Result] = {}
        self._searches: dict[int, Search] = {}
        self._worker_of: dict[str, _Worker] = {}
        self._failed_starts = 0
        self._batch_limits = BATCH_FILES, BATCH_BYTES

    def checked(self, count: int, progress: Callable[[str], None]) -> list[Checked[Result]]:
        """The results of the files, in their order, from ``count`` workers."""
        parts = count * BATCHES_PER_WORKER
        max_files = max(min(BATCH_FILES, len(self._files) // parts), 1)
        self._batch_limits = max_files, min(BATCH_BYTES, sum(self._sizes) // parts)
        while self._waiting or any(worker.batches for worker in self._workers):
            self._start(count)
            if self._workers:
                self._receive(progress)
            else:
                self._check_here(progress)
        checked = []
        for index, file in enumerate(self._files):
            checked.append(Checked(file, self._results.get(index), self._searches.get(index, Search())))
        return checked

    def fix_texts(self, requests: Iterable[FixRequest]) -> dict[str, FixTexts]:
        """The fixes of the files that a worker has checked and still keeps, by the file."""
        waiting: dict[Any, deque[FixRequest]] = {}
        for request in requests:
            worker = self._worker_of.get(request.file)
            if worker is not None and not worker.connection.closed:
                waiting.setdefault(worker.connection, deque()).append(request)
        for connection in list(waiting):
            _ask_next(connection, waiting)
        texts: dict[str, FixTexts] = {}
        while waiting:
            ready: list[Any] = wait(list(waiting))
            for connection in ready:
                try:
                    file, answer = pickle.loads(connection.recv_bytes())
                except (EOFError, OSError):  # it has died
                    del waiting[connection]
                    continue
                if answer is not None:
                    texts[file] = answer
                _ask_next(connection, waiting)
        return texts

    def close(self) -> None:
        """End the workers, also those that are busy after an error of this process."""
        for worker in self._workers:
            if worker.batches:
                worker.process.terminate()
            with suppress(OSError):
                worker.connection.send([])  # a fork inherits its siblings' connections: closing one is not noticed
            _join(worker)
        self._workers = []

    def _start(self, count: int) -> None:
        """Start workers while files are waiting."""
        while self._waiting and len(self._workers) < count and self._failed_starts < MAX_FAILED_STARTS:
            parent_end, worker_end = self._context.Pipe()
            current = self._context.RawValue("l", NOWHERE)
            arguments = (worker_end, current, self._files, self._checks.for_worker(), disk.is_recording())
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
            worker = _Worker(process, parent_end, current)
            self._workers.append(worker)
            for _ in range(BATCHES_AHEAD):
                self._hand_out(worker)

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

    def _receive(self, progress: Callable[[str], None]) -> None:
        """Receive the messages of the workers that have some."""
        by_connection: dict[Any, _Worker] = {worker.connection: worker for worker in self._workers}
        for ready in wait(list(by_connection)):
            worker = by_connection[ready]
            try:
                message = worker.connection.recv_bytes()
            except (EOFError, OSError):
                self._workers.remove(worker)
                self._remove_dead(worker)
                continue
            (index,) = HEAD.unpack(message[: HEAD.size])
            worker.finish(index)
            if len(message) > HEAD.size:
                self._worker_of[self._files[index].name] = worker
                self._take(index, message[HEAD.size :], progress)
            else:
                worker.batches -= 1
                self._hand_out(worker)

    def _take(self, index: int, message: bytes, progress: Callable[[str], None]) -> None:
        """Store the result of a file."""
        name = self._files[index].name
        progress(name)
        try:
            result, self._searches[index] = pickle.loads(message)
        except Exception as error:
            if debugging():
                raise
            reason = internal_error("decoding the result", error)
            self._searches[index] = Search(unreadable=[f"{name}: {reason}"])
            return
        if result is not None:
            self._results[index] = result

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
            result, self._searches[index] = self._checks.file(self._files[index])
            if result is not None:
                self._results[index] = result


def _ask_next(connection: Any, waiting: dict[Any, deque[FixRequest]]) -> None:
    """Send the next request to a worker; one at a time, so that neither side waits for the other to read."""
    if not waiting[connection]:
        del waiting[connection]
        return
    with suppress(OSError):  # it has died, which is noticed when its answer is read
        connection.send(waiting[connection].popleft())


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


def _work(connection: Connection, current: Any, files: list[Found], checks: Checks[Any], is_recording: bool) -> None:
    """The main function of a worker: check files, send their results, write fixes, end with the parent process."""
    signals.restore_defaults()
    disk.stop_recording()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    recording = disk.recorded_reads() if is_recording else nullcontext()
    is_loaded = False
    with suppress(OSError), recording:  # the parent has gone
        for message in _messages(connection):
            if isinstance(message, FixRequest):
                connection.send_bytes(_fixes_message(checks, message))
                continue
            for index in message:
                current.value = index
                result, search = checks.file(files[index])
                if result is not None and not is_loaded:
                    is_loaded = True
                    gc.freeze()  # loaded modules stay: exclude them from garbage collection
                if result is not None or search.unreadable or search.vanished or search.queries:
                    connection.send_bytes(HEAD.pack(index) + _message(files[index], result, search))
            connection.send_bytes(HEAD.pack(message[-1]))


def _messages(connection: Connection) -> Iterator[list[int] | FixRequest]:
    """The batches and requests that arrive, until an empty batch or the end of the connection."""
    with suppress(EOFError):
        while message := connection.recv():
            yield message


def _message(file: Found, result: Any, search: Search) -> bytes:
    """The result of a file as a message for the parent; if it cannot be sent, a line that says so."""
    try:
        return pickle.dumps((result, search), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        if debugging():
            raise
        search.unreadable.append(f"{file.name}: {internal_error('encoding the result', error)}")
        return pickle.dumps((None, search), pickle.HIGHEST_PROTOCOL)


def _fixes_message(checks: Checks[Any], request: FixRequest) -> bytes:
    """The fixes of a file as a message; without them, the parent writes them itself."""
    texts = None
    with suppress(Exception):
        texts = checks.fix_texts(request)
    return pickle.dumps((request.file, texts), pickle.HIGHEST_PROTOCOL)


def _end_with_parent() -> None:
    """End this process when its parent ends, in whatever way."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
