"""Entries of the cache, changed at random below a checksum that fits, read as a check reads them.

``python -m tests.cache.mutations [--count 10000 | --minutes 10] [--seed S]`` runs under an audit hook. It fails
where an entry opens a file for writing, runs, imports or loads anything, reads a file that is not of the checked tree,
or takes more than ``MAX_SECONDS`` of processor time or ``MAX_BYTES`` of memory. It prints how many entries there were,
how many were used, and how many were refused.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec

from hpolint.cache.file_results import ResultCache
from hpolint.discovery.walk import Found
from hpolint.io import disk
from hpolint.model.settings import Settings
from hpolint.report.records import FileRecord
from hpolint.reporters import reporter
from hpolint.run.file_check import FileChecks
from hpolint.run.file_records import FileRecords
from hpolint.run.report_making import report_of_records
from tests.conftest import ROOT
from tests.harness.entries import Entry
from tests.harness.files import found_in

MAX_SECONDS = 5
MAX_BYTES = 4 * 1024**3
SAMPLES = (
    *("notebook/vision.ipynb", "python/tune_churn.py", "request/churn-xgboost.json", "terraform/tuning.tf"),
    *("cloudformation/batch.yaml", "script/package/tune.py", "script/package/src/options.py"),
    "script/package/src/train.py",
)
"""Fixtures of several forms, with a script."""

VALUES: list[Any] = [
    *(
        None,
        True,
        -1,
        0,
        1,
        2**31,
        2**63 - 1,
        -(2**63),
        1.5,
        float("nan"),
        float("inf"),
        "",
        "a",
        "\x1b[2J",
        "/etc/passwd",
    ),
    *(
        "../../x",
        "x" * 10_000,
        b"",
        b"\x80\x04\x95",
        [],
        {},
        [[]] * 100,
        {"a": {}},
        ["Scalar", 1, [1, 1, 1, 2], "written"],
    ),
]

FORBIDDEN = ("compile", "exec", "import", "pickle.find_class", "marshal.loads", "ctypes", "socket", "subprocess", "os.")
ALLOWED = ("os.listdir", "os.scandir", "os.utime")


class Hook:
    """Notes what a step does that reading an entry may not do."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.is_on = False
        self.seen: list[str] = []
        self._folders = folders
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event == "open":
            path, _, flags = given
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if writes or not str(path).startswith(self._folders):
                self.seen.append(f"open {path!r} {flags:o}")
        elif event.startswith(FORBIDDEN) and event not in ALLOWED:
            self.seen.append(f"{event} {given!r:.100}")


def leaves(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a value that contain no others."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from leaves(each, (*above, key)) if isinstance(each, list | dict) and each else [(*above, key)]


def changed(value: Any, draw: random.Random) -> Any:
    """A copy of a value with one change: mostly of a value that contains no others, any of them as likely."""
    copy = deepcopy(value)
    paths = list(leaves(copy))
    if not paths:
        return draw.choice(VALUES)
    *above, key = draw.choice(paths)
    if draw.random() < 0.2:
        *above, key = [*above, key][: draw.randrange(len(above) + 1) + 1]
    holder = reduce(operator.getitem, above, copy)
    action = draw.random()
    if action < 0.9:
        holder[key] = another(holder[key], draw)
    elif action < 0.94:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, draw.choice(holder))
    else:
        holder["more"] = holder[key]
    return copy


def another(value: Any, draw: random.Random) -> Any:
    """Another value, mostly of the same type."""
    if isinstance(value, bool) or draw.random() < 0.2:
        return draw.choice(VALUES)
    if isinstance(value, int):
        return draw.choice([value + 1, value - 1, value + 2, value // 2, value * 2, value + 1_000_000])
    if isinstance(value, str):
        return draw.choice([value[1:], value * 2, value[::-1], value.upper(), "", "../x", "\x1b[2J", "x" * 10_000])
    return draw.choice(VALUES)


def changed_bytes(data: bytes, draw: random.Random) -> bytes:
    """Bytes with a few of them changed, or some of them moved."""
    found = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 5])):
        at = draw.randrange(len(found)) if found else 0
        action = draw.random()
        if action < 0.6 and found:
            found[at] = draw.randrange(256)
        elif action < 0.8:
            found[at : at + draw.randrange(20)] = b""
        else:
            found[at:at] = found[draw.randrange(len(found) or 1) :][: draw.randrange(40)]
    return bytes(found)


def mutated(entry: Entry, draw: random.Random) -> Entry:
    """An entry with one change: of what is stored for all files, of a record, of bytes."""
    if draw.random() < 0.1:
        return msgspec.structs.replace(entry, data=_changed_values(entry.data, draw))
    files = entry.files
    name = draw.choice([name for name, (*_, record) in files.items() if record])
    *before, record = files[name]
    change = changed_bytes if draw.random() < 0.3 else _changed_values
    return entry.with_file(name, [*before, change(record, draw)])


def _changed_values(data: bytes, draw: random.Random) -> bytes:
    try:
        return msgspec.msgpack.encode(changed(msgspec.msgpack.decode(data, strict=False), draw))
    except OverflowError:
        return b""


class Tree:
    """A checked folder with an entry in the cache."""

    def __init__(self, folder: Path) -> None:
        for name in SAMPLES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / "fixtures" / name).read_bytes())
        (folder / "hpolint.toml").write_text(
            '[[suppressions]]\nfile = "*.py"\nrules = ["compute/missing-spot"]\nreason = "known"\n'
        )
        self.folder = folder
        self.files: list[Found] = found_in(folder)

    def recall(self, recorder: disk.ReadRecorder) -> ResultCache:
        """The cache of a run."""
        return ResultCache(["key"], recorder, FileChecks([str(self.folder)]).rules)

    def store(self) -> None:
        """Check the files and store their outcomes."""
        with disk.recorded_reads() as watch:
            recall = self.recall(watch)
            for file in self.files:
                record, search = FileRecords(FileChecks([str(self.folder)])).file(file)
                recall.store(file, record, search)
            recall.write()

    def read(self) -> tuple[int, int]:
        """Read the records as a check does, and print them; how many were used, and refused."""
        with disk.recorded_reads() as watch:
            found = self.recall(watch).cached(self.files)
        show([record for record in found.values() if record is not None])
        return sum(record is not None for record in found.values()), sum(file.name not in found for file in self.files)


def show(records: list[FileRecord]) -> None:
    """Print a report on some records. An error is noted: the command would say it as an internal error."""
    try:
        report = report_of_records(records, {"settings": Settings()}, [])
        for format_ in ("text", "json"):
            reporter(format_).render(report)
    except Exception as error:  # noqa: BLE001 - noted
        NOTED[type(error).__name__] += 1


NOTED: Counter[str] = Counter()


def main(arguments: list[str]) -> int:
    """Read so many changed entries, or for so long; print the counts."""
    parser = argparse.ArgumentParser("python -m tests.cache.mutations")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, help="instead of a count")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args(arguments)
    draw = random.Random(given.seed)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    ends = time.process_time() + given.minutes * 60 if given.minutes else None
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HPOLINT_CACHE_DIR"] = str(Path(folder, "cache"))
        disk.SETTLED_NANOSECONDS = -(10**9)
        tree = Tree(Path(folder, "tree"))
        tree.store()
        (path,) = Path(folder, "cache").iterdir()
        whole = Entry.read(path)
        used, refused = tree.read()  # everything is imported by now
        if not used or refused:
            sys.stderr.write(f"the entry itself: {used} outcomes used, {refused} refused\n")
            return 1
        hook = Hook((str(folder), *sys.path[1:]))
        counts = Counter(entries=0, used=0, refused=0)
        while time.process_time() < ends if ends is not None else counts["entries"] < given.count:
            number = counts["entries"]
            mutated(whole, draw).write(path)
            began, hook.is_on = time.process_time(), True
            all_used, all_refused = tree.read()
            hook.is_on = False
            counts.update(entries=1, used=all_used == used and not all_refused, refused=bool(all_refused))
            if hook.seen or time.process_time() - began > MAX_SECONDS:
                taken = time.process_time() - began
                sys.stderr.write(f"seed {given.seed}, entry {number}, {taken:.1f} s: {hook.seen}\n")
                return 1
    sys.stdout.write(json.dumps({"seed": given.seed, **counts, **NOTED}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
