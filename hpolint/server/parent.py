"""The end of a server whose editor is gone while something else holds its pipes open."""

from __future__ import annotations

import os
import threading
import time

LOOK_SECONDS = 2.0
"""Seconds between two looks at the editor's process."""

LEFT_ALONE = 1
"""The exit code of a server whose editor has died."""


def end_with(process_id: int | None) -> None:
    """End this process within seconds after another one has ended.

    Nothing is watched if that process is not there now: an editor outside of a container names a process that the
    container does not show. On Windows, the end of the pipe ends the server.
    """
    if process_id is None or os.name != "posix" or not is_alive(process_id):
        return
    threading.Thread(target=_wait_for_end, args=(process_id,), name="hpolint-parent", daemon=True).start()


def is_alive(process_id: int) -> bool:
    """Whether a process with a number exists."""
    if process_id <= 0:  # to ``kill``, these are groups of processes
        return False
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _wait_for_end(process_id: int) -> None:
    while is_alive(process_id):
        time.sleep(LOOK_SECONDS)
    os._exit(LEFT_ALONE)  # the main thread waits for the pipe
