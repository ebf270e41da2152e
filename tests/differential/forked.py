"""The command run in a copy of this process, with code before and after it that the differential tester needs."""

from __future__ import annotations

import io
import os
import pkgutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn

FAILED = 70
"""The exit code of a run that ends with an exception, whose traceback is on standard error."""


@cache
def import_all() -> None:
    """Import all of hpolint, once for all copies of this process."""
    import hpolint

    for module in pkgutil.walk_packages(hpolint.__path__, "hpolint."):
        import_module(module.name)


def run_forked(
    arguments: Sequence[str],
    within: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> subprocess.CompletedProcess[bytes]:
    """Run ``hpolint`` in a folder; the copy calls ``before`` and ``after``. Only for a process with one thread."""
    import_all()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        pid = os.fork()
        if not pid:
            _run(arguments, within, environment, (given, out, err), before, after)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return subprocess.CompletedProcess(["hpolint", *arguments], code, _read(out), _read(err))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _run(
    arguments: Sequence[str],
    within: Path,
    environment: Mapping[str, str],
    files: Sequence[IO[bytes]],
    before: Callable[[], object],
    after: Callable[[], object],
) -> NoReturn:
    code = FAILED
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        streams = [io.TextIOWrapper(io.FileIO(number, mode, closefd=False)) for number, mode in enumerate("rww")]
        sys.stdin, sys.stdout, sys.stderr = streams
        sys.argv = ["hpolint", *arguments]
        os.chdir(within)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:0] = [os.getcwd(), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]  # as `-m` does
        before()
        from hpolint.__main__ import main

        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        after()
    except BaseException:  # noqa: BLE001 - printed for the caller
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)
