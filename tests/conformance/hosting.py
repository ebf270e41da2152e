"""A tuner after the last line of other people's modules: whatever stands before it, it is read as it is written.

``python -m tests.conformance.hosting`` does so with each file of this Python's library and of what is installed beside
it. Exit code 1 if one trips the reader, takes too much, or if more than a few are not read right.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hpolint.model.node import plain
from hpolint.readers import read_source
from tests.fuzz.faults import of_error
from tests.fuzz.limits import Limits, TooLong, in_child, limit_memory, limit_processor, processor_time

TUNER = b"""

from sagemaker.tuner import HyperparameterTuner, IntegerParameter
hosted_tuner = HyperparameterTuner(hosted_estimator, "loss", {"depth": IntegerParameter(2, 11)}, max_jobs=23)
hosted_tuner.fit()
"""

LIMITS = Limits(seconds=30, megabytes=1000)

RIGHT, BEFORE, UNKNOWN, OTHERWISE = "read right", "ends before", "unknown", "otherwise"
HARMLESS = (RIGHT, BEFORE, UNKNOWN, "reported")
"""Kinds that are answers; all others are faults."""

LEAST_RIGHT = 0.995
"""Of the files: 0.997 of 18,278 are. A module that always raises, or leaves, has no line after its last one, and one
that has more statements than hpolint interprets is reported."""

SAMPLE = (
    *("__future__", "_py_abc", "_threading_local", "abc", "argparse", "asyncio/base_subprocess", "asyncio/events"),
    *("asyncio/futures", "asyncio/protocols", "asyncio/queues", "asyncio/runners", "asyncio/staggered", "bz2"),
    *(
        "asyncio/subprocess",
        "asyncio/taskgroups",
        "asyncio/timeouts",
        "asyncio/transports",
        "cProfile",
        "cmd",
        "codeop",
    ),
    *("copy", "copyreg", "ctypes/__init__", "dbm/__init__", "dbm/dumb", "email/charset", "email/headerregistry"),
    *("email/policy", "email/quoprimime", "email/utils", "fileinput", "getopt", "hmac", "html/parser", "http/cookies"),
    *("importlib/util", "inspect", "json/__init__", "linecache", "multiprocessing/process", "multiprocessing/spawn"),
    *("numbers", "opcode", "operator", "py_compile", "queue", "reprlib", "runpy", "shelve", "string", "symtable"),
    *("tabnanny", "textwrap", "types", "urllib/robotparser", "wsgiref/headers", "xml/dom/pulldom", "zipapp"),
    *("xml/sax/xmlreader", "zoneinfo/_zoneinfo"),
)
"""Sixty modules that each Python has, most of them small: reading the largest takes seconds."""


def modules(*, sample: bool = False, every: int = 1) -> list[Path]:
    """The files, in the order of their names; of all, one in so many."""
    library = Path(sysconfig.get_path("stdlib"))
    if sample:
        return [library / f"{name}.py" for name in SAMPLE]
    folders = {library, Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))}
    return sorted({path for folder in folders for path in folder.rglob("*.py") if path.is_file()})[::every]


def hosted(data: bytes) -> str:
    """How the tuner is read behind a module."""
    first = data.count(b"\n") + 1
    _, reading = read_source("module.py", data + TUNER)
    if reading.problems:
        return f"reported: {reading.problems[0].reason}"
    requests: list[Any] = [plain(job.request) for job in reading.jobs if job.request.span.line > first]
    if len(requests) != 1:
        return BEFORE if not requests else OTHERWISE
    config = requests[0].get("HyperParameterTuningJobConfig") or {}
    jobs = (config.get("ResourceLimits") or {}).get("MaxNumberOfTrainingJobs")
    ranges = (config.get("ParameterRanges") or {}).get("IntegerParameterRanges") or [{}]
    read = [jobs, *(ranges[0].get(name) for name in ("Name", "MinValue", "MaxValue"))]
    if read == [23, "depth", "2", "11"]:
        return RIGHT
    return UNKNOWN if None in read else OTHERWISE


def in_bounds(path: Path) -> str:
    """The same in a process of its own, which may not take more than its limits."""

    def work() -> str:
        limit_memory(LIMITS.megabytes)
        limit_processor(2 * LIMITS.seconds)
        try:
            with processor_time(LIMITS.seconds):
                return hosted(path.read_bytes())
        except TooLong:
            return f"more than {LIMITS.seconds} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            fault = of_error(error, "reading")
            return f"{fault.kind} in {fault.where}"

    ended = in_child(work)
    return ended.answer or f"died of {ended.died}"


def readings(files: list[Path], jobs: int) -> Iterator[tuple[Path, str]]:
    """Each file and how the tuner is read behind it."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from zip(files, pool.map(in_bounds, files), strict=True)


def main(arguments: list[str]) -> int:
    """Read a tuner behind each module, and print which are not read right."""
    parser = argparse.ArgumentParser("python -m tests.conformance.hosting")
    parser.add_argument("--sample", action="store_true", help="sixty modules of the library only")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one file in so many")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    hosted(b"")  # so that the readers are loaded before the processes are forked
    kinds: Counter[str] = Counter()
    faults = 0
    for path, how in readings(modules(sample=given.sample, every=given.every), given.jobs):
        kind = how.partition(":")[0]
        kinds[kind] += 1
        faults += kind not in HARMLESS
        if how != RIGHT:
            sys.stdout.write(f"{path}: {how}\n")
    for kind, count in kinds.most_common():
        sys.stdout.write(f"{count:,} {kind}\n")
    few = kinds[RIGHT] < LEAST_RIGHT * kinds.total()
    return 1 if faults or few else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
