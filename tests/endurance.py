"""The command run over and over as it is run in the world: in pipes, ended by signals, beside others.

    python -m tests.endurance [--runs N] [--seed S] [--jobs N]

Each run checks the fixtures in a way that is drawn by the seed; a wrong exit code, a traceback, output that is not the
whole of it, a remaining file or process is reported, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import fcntl
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.conftest import ROOT
from tests.harness.signals import usual_signals

WAYS = ("plain", "unbuffered", "slow", "closed", "full", "file", "signal", "signal", "signal")
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -signal.SIGKILL}
BEFORE_IT_LISTENS = {-number for number in SIGNALS} | {1}
"""Codes of a run that a signal ends while Python itself starts, before any line of hpolint's."""

COMMAND = [sys.executable, "-m", "hpolint", "check", "--all", "fixtures"]  # more than a pipe holds
FOUND = 1


class Run:
    """One run in one way. ``wrong`` says what was not as it must be."""

    def __init__(self, seed: int, whole: bytes, seconds: float) -> None:
        self._draw = random.Random(seed)
        self._whole = whole
        self._seconds = seconds
        self.way = self._draw.choice(WAYS)
        self.wrong: str | None = None

    def go(self) -> Run:
        """Do it."""
        with tempfile.TemporaryDirectory() as folder:
            getattr(self, f"_{self.way}")(Path(folder))
            left = [path.name for path in Path(folder).iterdir() if path.name != "out.sarif"]
            if left:
                self.wrong = f"{self.way}: left {left}"
        return self

    def _expect(self, process: subprocess.Popen[bytes], codes: set[int], *, whole: bool = True) -> None:
        out, err = process.communicate()
        if process.returncode not in codes:
            self.wrong = f"{self.way}: exit code {process.returncode}, not {sorted(codes)}: {err.decode()[-300:]}"
        elif process.returncode == FOUND and 1 not in codes & BEFORE_IT_LISTENS and whole and out != self._whole:
            self.wrong = f"{self.way}: {len(out)} bytes of {len(self._whole)}"
        elif b"Traceback" in err and b"hpolint" in err.split(b"Traceback", 1)[1]:
            self.wrong = f"{self.way}: {err.decode()[-600:]}"

    def _start(self, *more: str, **environment: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*COMMAND, *more], cwd=ROOT, stdout=pipe, stderr=pipe, env={**os.environ, **environment}
        )

    def _plain(self, _folder: Path) -> None:
        self._expect(self._start(), {FOUND})

    def _unbuffered(self, _folder: Path) -> None:
        self._expect(self._start(PYTHONUNBUFFERED="1"), {FOUND})

    def _slow(self, _folder: Path) -> None:
        """Somebody reads a little at a time from a pipe that does not block."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        with subprocess.Popen(COMMAND, cwd=ROOT, stdout=write, stderr=subprocess.PIPE) as process:
            os.close(write)
            held = b""
            while more := os.read(read, 3000):
                held += more
            os.close(read)
            if (process.wait(), held) != (FOUND, self._whole):
                self.wrong = f"slow: exit code {process.returncode}, {len(held)} bytes of {len(self._whole)}"

    def _closed(self, _folder: Path) -> None:
        """The reader goes after some bytes."""
        with self._start() as process:
            if process.stdout is not None:
                fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)  # or all of it may be written before that
                process.stdout.read(self._draw.choice([0, 1, 5000]))
                process.stdout.close()
            code = process.wait()
            if code != 141:
                self.wrong = f"closed: exit code {code}"

    def _full(self, _folder: Path) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run(COMMAND, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
        if done.returncode != 2:
            self.wrong = f"full: exit code {done.returncode}"

    def _file(self, folder: Path) -> None:
        self._expect(self._start("--output", f"sarif:{folder / 'out.sarif'}", "--output", "text"), {FOUND})

    def _signal(self, folder: Path) -> None:
        """A signal at any moment; the file is there whole, or not at all."""
        number = self._draw.choice(list(SIGNALS))
        with self._start("--output", f"sarif:{folder / 'out.sarif'}", "--output", "text") as process:
            time.sleep(self._draw.random() * self._seconds)
            process.send_signal(number)
            self._expect(process, {SIGNALS[number], FOUND, *BEFORE_IT_LISTENS}, whole=False)
        if number == signal.SIGKILL:  # after which no cleanup runs
            for part in folder.glob(".out.sarif.*"):
                part.unlink()
        written = folder / "out.sarif"
        if written.exists() and not written.read_text("utf-8").endswith("}\n"):
            self.wrong = "signal: half a file"


def main(arguments: list[str]) -> int:
    """The command. Gives 1 where a run was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description="Run the command over and over.")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=4, help="how many at once: more than processors is load")
    given = parser.parse_args(arguments)
    usual_signals()
    began = time.monotonic()
    whole = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, check=False).stdout
    seconds = (time.monotonic() - began) * given.jobs / (os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        seeds = range(given.seed, given.seed + given.runs)
        runs = list(pool.map(lambda seed: Run(seed, whole, seconds).go(), seeds))
    wrong = [run.wrong for run in runs if run.wrong is not None]
    print(
        f"{len(runs)} runs: " + ", ".join(f"{n} {way}" for way, n in sorted(Counter(run.way for run in runs).items()))
    )
    for each in wrong[:20]:
        print(each)
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
