"""Work shared out among copies of a process: the same as in one, whatever becomes of a copy."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from hpolint.io.forks import FORKS, MIN_PIECES_PER_FORK
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not FORKS, reason="this system does not fork")

WORK = """
import json, os, sys
from hpolint.io import forks
here, refused = os.getpid(), iter([False, True, False, True, True])
def fork(fork=os.fork):
    if next(refused):
        raise BlockingIOError("no process is left")
    return fork()
def work(piece):
    if how == "--ended" and os.getpid() != here and piece % 7 == 3:
        os._exit(0)
    if how == "--wrong" and os.getpid() != here:
        raise ValueError(piece)
    return piece * piece, os.getpid()
how, count, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if how == "--refused":
    os.fork = fork
found = forks.run_in_forks(range(count), work, processes)
left = None
try:
    left = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    pass
print(json.dumps([[each for each, _ in found], len({pid for _, pid in found}), left, os.listdir("/proc/self/fd")]))
"""

WRITTEN = """
import json, os, sys
from hpolint.io import disk
from hpolint.config.lookup import CheckOptions
from hpolint.fixes.preview import prepare_fixes
from hpolint.reporters import reporter
from hpolint.run.orchestration import check_paths
report = check_paths(["fixtures"], CheckOptions(), None, int(sys.argv[1]))
forks = []
def fork(fork=os.fork):
    forks.append(None)
    return fork()
os.fork = fork
with disk.recorded_reads() as recorder:
    prepare_fixes(report, report.findings, int(sys.argv[1]))
print(json.dumps([len(forks), sorted(recorder.stamps), reporter("json").render(report)]))
"""


def run(code: str, *given: object) -> Any:
    """What a program prints, as JSON; it is no thread's."""
    argv = [sys.executable, "-c", code, *map(str, given)]
    return json.loads(subprocess.run(argv, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize(
    ("count", "processes", "used"),
    [
        (0, 4, 0),
        (1, 4, 1),
        (2 * MIN_PIECES_PER_FORK - 1, 4, 1),
        (2 * MIN_PIECES_PER_FORK, 4, 2),
        (50, 3, 3),
        (50, 1, 1),
    ],
)
def test_results_come_in_the_order_of_the_pieces(count: int, processes: int, used: int) -> None:
    """However many processes work, where so many are worth it; none of them is left behind, nor a pipe."""
    results, pids, left, files = run(WORK, "", count, processes)
    assert (results, pids, left) == ([number * number for number in range(count)], used, None)
    assert len(files) <= 4  # the three that every process has, and the folder that is listed


@pytest.mark.parametrize("how", ["--ended", "--wrong", "--refused"])
def test_results_that_a_forked_process_does_not_deliver_are_computed_here(how: str) -> None:
    """A process that ends early, fails or cannot be created costs only time."""
    results, _, left, _ = run(WORK, how, 60, 4)
    assert (results, left) == ([number * number for number in range(60)], None)


def test_what_the_work_raises_is_raised() -> None:
    """An error is raised as in a single process."""
    code = "from hpolint.io import forks\nforks.run_in_forks(range(20), [].index, 2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("ValueError: 0 is not in list") == 1


def test_fixes_are_the_same_in_several_processes() -> None:
    """The fixes as they would be written, and what was asked of the disk for them."""
    alone, several = run(WRITTEN, 1), run(WRITTEN, 3)
    assert (alone[0], several[0]) == (0, 2)
    assert several[1:] == alone[1:]
    assert '"edits"' in alone[2]
