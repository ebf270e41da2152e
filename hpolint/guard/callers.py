"""The code that makes a call: the frame outside of libraries, its file, and the SDK's objects on the way."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import cache
from types import FrameType
from typing import Any

import msgspec

from hpolint.io import disk
from hpolint.readers.python.launch_libraries import LAUNCH_LIBRARIES

LIBRARIES = LAUNCH_LIBRARIES | {"hpolint", "aiobotocore", "aioboto3"}
"""Top-level modules whose frames are not the caller's, wherever they are installed."""

PACKAGES = ("/site-packages/", "/dist-packages/")
"""Folders of installed packages, which a virtual environment in the project has too."""

MAIN = "<module>"


class Caller(msgspec.Struct, frozen=True):
    """The place of a call in the code of who launches the job.

    ``file`` is the path of the file; for a notebook's cell and for code without a file, its name in a traceback.
    ``function`` is empty at the top of a module. ``cells`` are the executed cells of a notebook or an IPython session,
    and ``cell`` is the number of the calling one. ``line`` is that in the file or the cell; None if it is not known.
    """

    file: str
    line: int | None = None
    function: str = ""
    cells: tuple[str, ...] = ()
    cell: int | None = None

    @property
    def place(self) -> str:
        """The place in one line: ``launch.py:12, in main``."""
        file = f"In[{self.cell}]" if self.cell is not None else _shown(self.file)
        line = f":{self.line}" if self.line is not None else ""
        return f"{file}{line}{f', in {self.function}' if self.function else ''}"


def _shown(file: str) -> str:
    """A path relative to the working folder, if it is in it."""
    try:
        return file.removeprefix(os.getcwd() + os.sep)
    except OSError:  # the working folder was removed
        return file


def calling_frames() -> list[FrameType]:
    """The frames of the call, the innermost first, without the guard's own."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way is inspect, which is slow to import
    found = []
    while frame is not None:
        if not _module(frame).startswith("hpolint.guard"):
            found.append(frame)
        frame = frame.f_back
    return found


def find_caller(frames: list[FrameType]) -> Caller:
    """The innermost frame that is no library's; without one, an Airflow operator's file, or the innermost frame."""
    for frame in frames:
        if not _is_library(frame):
            return _caller(frame)
    for frame in frames:
        if (file := _airflow_file(frame)) is not None:
            return Caller(file, function=str(vars(frame.f_locals["self"]).get("task_id", "")))
    return _caller(frames[0]) if frames else Caller("<unknown>")


def _caller(frame: FrameType) -> Caller:
    code = frame.f_code
    function = "" if code.co_name == MAIN else code.co_name
    cells = _cells(frame)
    if not cells:
        return Caller(_absolute(code.co_filename), frame.f_lineno, function)
    return Caller(code.co_filename, frame.f_lineno, function, cells, _cell_number(code.co_filename, cells))


def _absolute(file: str) -> str:
    try:
        return file if file.startswith("<") else os.path.abspath(file)
    except OSError:  # the working folder was removed
        return file


def _module(frame: FrameType) -> str:
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else ""


def _is_library(frame: FrameType) -> bool:
    """Whether a frame is of an installed package, of the standard library, or of code that is frozen into Python."""
    file = frame.f_code.co_filename
    if _module(frame).partition(".")[0] in LIBRARIES or file.startswith("<frozen "):
        return True
    if _cells(frame):
        return False
    path = _absolute(file).replace(os.sep, "/")
    return any(each in path for each in PACKAGES) or path.startswith(_standard_library())


@cache
def _standard_library() -> tuple[str, ...]:
    paths = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    return tuple({f"{disk.real(path)}/" for path in paths if path} | {f"{path}/" for path in paths if path})


def _cells(frame: FrameType) -> tuple[str, ...]:
    """The cells that the IPython session of a frame has executed; empty in other code.

    IPython keeps them as the list ``In`` of its namespace, by execution count.
    """
    cells, names = frame.f_globals.get("In"), frame.f_globals
    if not isinstance(cells, list) or "get_ipython" not in names or disk.exists(frame.f_code.co_filename):
        return ()
    return tuple(cell if isinstance(cell, str) else "" for cell in cells)


def _cell_number(file: str, cells: tuple[str, ...]) -> int | None:
    """The number of the cell that was compiled under a name, by its text; None if no cell has it."""
    import linecache

    text = "".join(linecache.getlines(file)).strip()
    return next((number for number in range(len(cells) - 1, 0, -1) if cells[number].strip() == text), None)


def _airflow_file(frame: FrameType) -> str | None:
    """The file of the DAG whose operator runs in a frame; None in other frames."""
    if not _module(frame).startswith("airflow."):
        return None
    own = frame.f_locals.get("self")
    dag = attributes(own).get("_dag") or attributes(own).get("dag")
    file = attributes(dag).get("fileloc")
    return file if isinstance(file, str) else None


def attributes(value: Any) -> Mapping[str, Any]:
    """The attributes of an object that are stored in it; no property is called."""
    try:
        found: Mapping[str, Any] = vars(value)
    except TypeError:
        return {}
    return found


def tuners(frames: list[FrameType]) -> Iterator[Any]:
    """The tuners of the SageMaker SDK whose methods run in these frames."""
    for frame in frames:
        if _module(frame).partition(".")[0] == "sagemaker":
            for name in ("tuner", "self"):
                value = frame.f_locals.get(name)
                if type(value).__name__ == "HyperparameterTuner":
                    yield value
