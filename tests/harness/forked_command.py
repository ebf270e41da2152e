"""The command as a copy of a process that has loaded hpolint: what a new process does, without the start of one.

A copy has its own streams, folder, environment, arguments and limits, and ends as the interpreter ends. It differs in
what a start does: modules are loaded already, the built-in rules are read, and the hash seed is that of this session.
``python -m tests.harness.forked_command DESCRIPTOR`` is the process that is copied, one for each process of pytest.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent.parent
MESSAGE_BYTES = 1 << 20
READ_AT_START = ("PYTHON", "LC_", "LANG", "MALLOC_", "LD_")
"""Beginnings of variables that only the start of a process reads."""


def can_copy(environment: dict[str, str]) -> bool:
    """Whether a copy does what a new process with this environment does.

    Coverage has to follow each process from its start, and only Linux's libraries bear to be copied.
    """
    return sys.platform.startswith("linux") and not any(
        "COV" in name or name.startswith(READ_AT_START) for name in environment
    )


class Server:
    """The process that is copied."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={"PATH": os.environ["PATH"]},
            )
        self.seconds = 0.0
        """Of processor time that the copies have taken so far."""
        atexit.register(self.stop)

    def stop(self) -> None:
        """End it; it has no copies then."""
        self._connection.close()
        self._process.wait()

    def run(
        self, arguments: Sequence[str], folder: Path, stdin: bytes, environment: dict[str, str], seconds: int
    ) -> subprocess.CompletedProcess[bytes]:
        """What ``hpolint`` with these arguments prints in a folder, and how it ends; it may compute for so long."""
        message = json.dumps([list(arguments), str(folder), environment, seconds]).encode()
        (given, feeding), (output, printed), (errors, said) = os.pipe(), os.pipe(), os.pipe()
        theirs = (given, printed, said)
        try:
            socket.send_fds(self._connection, [message], theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        with ThreadPoolExecutor(3) as pool:
            pool.submit(_feed, feeding, stdin)
            streams = pool.submit(_read, output), pool.submit(_read, errors)
        answer = self._connection.recv(MESSAGE_BYTES)
        if not answer:
            raise ConnectionError("the process that is copied has ended")
        code, spent = json.loads(answer)
        self.seconds += spent
        return subprocess.CompletedProcess(arguments, code, *(stream.result() for stream in streams))


def _feed(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(descriptor, "wb", buffering=0) as file:
        file.write(data)


def _read(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        return file.read()


@cache
def server() -> Server:
    """The server of this process, started when it is needed first."""
    return Server()


def seconds() -> float:
    """Of processor time that the copies of this process have taken."""
    return server().seconds if server.cache_info().currsize else 0.0


@cache
def import_all() -> None:
    """Import all of hpolint that a check may need, once for all copies of this process."""
    import hpolint

    for module in pkgutil.walk_packages(hpolint.__path__, "hpolint."):
        if not module.name.startswith(("hpolint.server", "hpolint.guard")):
            importlib.import_module(module.name)


def load() -> None:
    """Import all that a check may need, and read the built-in rules, as one check before would have done."""
    import hpolint

    import_all()
    hpolint.check([str(ROOT / "fixtures" / "request" / "churn-xgboost.json")])
    gc.collect()
    gc.freeze()


def serve(connection: socket.socket) -> bool:
    """Fork for each message and answer with its exit code; true in a copy, false at the end of the connection."""
    import resource

    while True:
        data, descriptors, _, _ = socket.recv_fds(connection, MESSAGE_BYTES, 3)
        if not data:
            return False
        pid = os.fork()
        if not pid:
            connection.close()
            arguments, folder, environment, seconds = json.loads(data)
            become(descriptors, arguments, folder, environment)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            return True
        for descriptor in descriptors:
            os.close(descriptor)
        _, status, usage = os.wait4(pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        connection.send(json.dumps([os.waitstatus_to_exitcode(status), seconds]).encode())


def become(descriptors: Sequence[int], arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> None:
    """In a copy: be what ``python -m hpolint`` with these arguments is before it runs its first line."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [str(ROOT / "hpolint" / "__main__.py"), *arguments]
    sys.path[0] = os.getcwd()


def exit_code() -> int:
    """In a copy: run the command, and return the exit code that the interpreter would have. Raises what it raises."""
    from hpolint.__main__ import main as command

    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0


def flush_output() -> None:
    """In a copy: write what the command has printed, since ``os._exit`` does not."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def run() -> NoReturn:
    """In a copy: the command, and the end of an interpreter but for the freeing of what the system frees anyway."""
    code = 1
    try:
        code = exit_code()
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    atexit._run_exitfuncs()
    flush_output()
    os._exit(code)


def main() -> None:
    """Serve; a copy runs the command."""
    load()
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        is_copy = serve(connection)
    if is_copy:
        run()


if __name__ == "__main__":
    main()
