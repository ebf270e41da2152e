"""How long hpolint takes, and how much memory, as whole processes beside a reference in the same run.

    python -m benchmarks.run [--rounds N] [--output json] [--plot FILE.svg]

A figure alone says more about the machine than about hpolint, so each case takes turns with
``python -c pass`` (what no Python command can be faster than), for the search with ripgrep, and for a
tree of notebooks with ruff, which reads the same files with all of its rules.
File and bytecode caches are warm. Timings never make it fail: it exits with 1 only if a command does not end
as it must, since its time would then mean nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks import growth, peers
from benchmarks.files import FILES, NOTEBOOKS, PICTURES, request, write_notebooks, write_pictures, write_tree

os.environ["HPOLINT_CACHE_DIR"] = os.devnull  # each run does all of its work
ROUNDS, MEMORY_ROUNDS = 11, 3
CHECK = ("check", "--fail-on", "note")
"""Exit code 1 then tells that a check has found what is there."""

TREE, REQUEST, BOOKS = "tree", "request.json", "notebooks"
RIPGREP_PATTERN = "hyper_?parameter_?tuning|max_?parallel_?training_?jobs"
VERSION_TIMES, ONE_TIMES, ONE_BOOK_TIMES, BOOKS_TIMES, AGAIN_TIMES, TREE_TIMES = 2.0, 14.0, 18.0, 0.65, 0.15, 5.0
EDITS, EDITS_TIMES = 40, 150.0
"""Edits of a document, and how often `python -c pass` they may take: 50 ms for each where that takes 14 ms."""

PICTURE_BYTES, PICTURES_TIMES = 4_000_000, 20.0
"""Bytes of a notebook's pictures, and how often the time in which Python's ``json`` reads them they may take."""

READS_JSON = "import json, pathlib; [json.loads(path.read_bytes()) for path in pathlib.Path().glob('*.ipynb')]"

MEMORY_LIMIT, SAMPLE = 200.0, 0.005

# A process counts the memory of what it was before it became the command, so a small command would
# show this benchmark's own. A bare interpreter in between, forked and not spawned, keeps that small.
MEASURE_MEMORY = """
import os, sys
child = os.fork()
if not child:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


class UnexpectedExit(Exception):
    """A command that did not end with the exit code that it must end with."""


@dataclass(frozen=True)
class Command:
    """A process to measure, and the exit code that tells that it has done its work."""

    name: str
    argv: list[str]
    expected: int


@dataclass(frozen=True)
class Figure:
    """What one command took. ``ratio`` is how many times that hpolint takes; None for hpolint itself."""

    command: str
    median: float
    min: float
    max: float
    ratio: float | None = None


@dataclass(frozen=True)
class Case:
    """One comparison, hpolint's figure first. ``limit`` is the aim as a number, None where there is none."""

    name: str
    unit: str
    figures: list[Figure]
    aim: str
    limit: float | None = None
    within_aim: bool | None = None
    said: str = ""


@dataclass(frozen=True)
class Growth:
    """Processor time in seconds and memory of the largest process in MB, for so many of a kind."""

    kind: str
    size: int
    seconds: float
    megabytes: float


@dataclass
class Outcome:
    """All that is printed."""

    hpolint: str
    python: str
    rounds: int
    tree_files: int
    tree_bytes: int
    notes: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)


def main() -> int:
    """Measure in a temporary folder, print, and give the exit code."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        try:
            outcome = measure(folder, options.rounds)
        except UnexpectedExit as error:
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
    if options.plot is not None:
        from benchmarks.plot import write_plot

        write_plot(outcome, options.plot)
    print(json.dumps(asdict(outcome), indent=2) if options.output == "json" else as_text(outcome))
    return 0


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure hpolint's time and memory beside a reference.")
    parser.add_argument("--rounds", type=positive, default=ROUNDS, help="timed rounds after one warm-up (%(default)s)")
    parser.add_argument("--output", choices=("text", "json"), default="text")
    parser.add_argument("--plot", type=Path, help="an SVG file for a picture; needs the extra `benchmarks`")
    return parser.parse_args()


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


# Running and measuring.


def measure(folder: Path, rounds: int) -> Outcome:
    """Every case. Raises UnexpectedExit."""
    size = write_tree(folder / TREE)
    (folder / REQUEST).write_text(json.dumps(request(), indent=2) + "\n", encoding="utf-8")
    hpolint, python = hpolint_command(), Command("python -c pass", [sys.executable, "-c", "pass"], 0)
    version = Command("hpolint --version", [*hpolint, "--version"], 0)
    tree = Command("hpolint check TREE", [*hpolint, "check", TREE], 0)
    one = Command(f"hpolint check {REQUEST}", [*hpolint, *CHECK, REQUEST], 1)
    ripgrep = ripgrep_command()
    tree_references = [python, ripgrep] if ripgrep else [python]

    outcome = Outcome(said_by(version, folder), platform.python_version(), rounds, FILES, size)
    outcome.notes = notes(hpolint, ripgrep)
    outcome.cases.append(time_case("start", [version, python], folder, rounds, times("python", VERSION_TIMES)))
    aim = times("rg", TREE_TIMES)
    outcome.cases.append(time_case("unrelated tree", [tree, *tree_references], folder, rounds, aim))
    outcome.cases.append(time_case("one request", [one, python], folder, rounds, times("python", ONE_TIMES)))
    measure_notebooks(folder, rounds, hpolint, python, outcome)
    measure_pictures(folder, rounds, hpolint, outcome)
    measure_peers(folder, rounds, hpolint, outcome)
    outcome.growth = measure_growth(folder, hpolint)
    if hasattr(os, "wait4"):
        outcome.cases.append(memory_case("memory, unrelated tree", [tree, *tree_references], folder))
        outcome.cases.append(memory_case("memory, one request", [one, python], folder))
    else:
        outcome.notes.append("memory is not measured: this system does not tell a process's peak")
    return outcome


def measure_notebooks(folder: Path, rounds: int, hpolint: list[str], python: Command, outcome: Outcome) -> None:
    """The cases of notebooks: a tree of them, whose aim is what ruff takes, and the first one alone."""
    size = write_notebooks(folder / BOOKS)
    outcome.notes.append(f"NOTEBOOKS: {NOTEBOOKS:,} files, {size / 1_000_000:.1f} MB")
    books = Command("hpolint check NOTEBOOKS", [*hpolint, *CHECK, BOOKS], 1)
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    argv = ["check", "--select", "ALL", "--no-cache", "--output-format", "concise", BOOKS]
    references = [Command("ruff --select ALL NOTEBOOKS", [ruff, *argv], 1)] if ruff else [python]
    outcome.cases.append(time_case("notebooks", [books, *references], folder, rounds, times("ruff", BOOKS_TIMES)))
    if env := shutil.which("env"):
        kept = [env, f"HPOLINT_CACHE_DIR={folder / 'cache'}", *books.argv]
        again = [Command("hpolint check NOTEBOOKS, unchanged", kept, 1), *references]
        outcome.cases.append(time_case("notebooks again", again, folder, rounds, times("ruff", AGAIN_TIMES)))
    first = min(path.name for path in (folder / BOOKS).iterdir() if path.name.endswith("-0000.ipynb"))
    one = Command("hpolint check NOTEBOOK", [*hpolint, *CHECK, f"{BOOKS}/{first}"], 1)
    outcome.cases.append(time_case("one notebook", [one, python], folder, rounds, times("python", ONE_BOOK_TIMES)))
    argv = [sys.executable, "-m", "benchmarks.editing", str(folder / BOOKS / first), str(EDITS)]
    edited = Command(f"{EDITS} edits of NOTEBOOK", [*env_with_checkout(), *argv], 0)
    outcome.cases.append(time_case("edits", [edited, python], folder, rounds, times("python", EDITS_TIMES)))
    if Path("/proc/self/smaps_rollup").exists():
        values = alternate([books], MEMORY_ROUNDS, lambda command: shared_megabytes(command, folder))
        found = figures([books], values)
        within = found[0].median <= MEMORY_LIMIT
        aim = f"within {MEMORY_LIMIT:.0f} MB"
        outcome.cases.append(Case("memory, all processes", "MB", found, aim, MEMORY_LIMIT, within))


def measure_pictures(folder: Path, rounds: int, hpolint: list[str], outcome: Outcome) -> None:
    """What pictures add to notebooks with local modules: processor time for each MB, beside that of reading JSON."""
    full, bare = folder / "pictures", folder / "pictureless"
    megabytes = write_pictures(full, PICTURE_BYTES) / 1_000_000
    write_pictures(bare, 0)
    outcome.notes.append(f"PICTURES: {PICTURES} notebooks with {megabytes:.0f} MB of pictures, and without")
    check = Command("hpolint check PICTURES, each MB of them", [*hpolint, *CHECK, "."], 1)
    read = Command("python json.loads, each MB of them", [sys.executable, "-c", READS_JSON], 0)

    def added(command: Command) -> float:
        return (processor_seconds(command, full) - processor_seconds(command, bare)) * 1_000 / megabytes

    alternate([check, read], 1, added)
    found = figures([check, read], alternate([check, read], rounds, added))
    limit = PICTURES_TIMES * found[1].median
    aim = f"within {PICTURES_TIMES:g} × json = {limit:.1f} ms"
    outcome.cases.append(Case("pictures, processor time", "ms", found, aim, limit, found[0].median <= limit))


def measure_peers(folder: Path, rounds: int, hpolint: list[str], outcome: Outcome) -> None:
    """Other tools that are here, in turns with hpolint on the same files, each doing what it does."""
    there = {each.tool: each for each in peers.found()}
    for files, said in peers.write_files(folder).items():
        outcome.notes.append(f"{files}: {said}")
        own = Command(f"hpolint check {files}", [*hpolint, *CHECK, files], 1)
        others = [each for each in there.values() if each.files == files]
        commands = [own, *(Command(f"{each.tool}: {each.does}", each.argv, each.code) for each in others)]
        outcome.cases.append(time_case(files, commands, folder, rounds, no_aim))
    missing = [each.tool for each in peers.PEERS if each.tool not in there]
    if missing:
        outcome.notes.append(f"not on the PATH, and so not compared: {', '.join(missing)}")


def measure_growth(folder: Path, hpolint: list[str]) -> list[Growth]:
    """Processor time and memory of one run for each size."""
    found = []
    for kind, write in growth.KINDS.items():
        for size in growth.SIZES:
            place = folder / f"{write.__name__}-{size}"
            place.mkdir()
            write(place, size)
            command = Command(f"hpolint check, {size} {kind}", [*hpolint, *CHECK, str(place)], 1)
            spent = processor_seconds(command, folder)
            found.append(Growth(kind, size, spent, peak_megabytes(command, folder)))
    return found


def processor_seconds(command: Command, folder: Path) -> float:
    """The processor time of one run, with its worker processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(command, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def no_aim(_found: list[Figure]) -> tuple[str, float | None]:
    """Nothing is wanted of a case."""
    return "no aim", None


def times(reference: str, factor: float) -> Callable[[list[Figure]], tuple[str, float | None]]:
    """The aim that a command takes so many times what the reference takes in the same run."""

    def aim(found: list[Figure]) -> tuple[str, float | None]:
        other = next((figure for figure in found[1:] if figure.command.startswith(f"{reference} ")), None)
        if other is None:
            return f"within {factor:g} × {reference} (it is missing)", None
        return f"within {factor:g} × {reference} = {factor * other.median:.0f} ms", factor * other.median

    return aim


def shared_megabytes(command: Command, folder: Path) -> float:
    """The largest memory of one run over all of its processes at a time, what they share counted once. Linux only."""
    quiet, peak = subprocess.DEVNULL, 0
    with subprocess.Popen(
        command.argv, cwd=folder, env=environment(folder), stdin=quiet, stdout=quiet, stderr=quiet
    ) as running:
        while running.poll() is None:
            peak = max(peak, sum(map(proportional_kilobytes, [running.pid, *children(running.pid)])))
            time.sleep(SAMPLE)
    require(command, running.returncode)
    return peak * 1024 / 1_000_000


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in path.read_text().split()]
    return found


def proportional_kilobytes(pid: int) -> int:
    """A process's memory, what it shares divided among those that share it; 0 for one that has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def env_with_checkout() -> list[str]:
    """The beginning of a command that finds this checkout's benchmarks."""
    env = shutil.which("env")
    return [env, f"PYTHONPATH={Path(__file__).resolve().parents[1]}"] if env else []


def notes(hpolint: list[str], ripgrep: Command | None) -> list[str]:
    """What a reader must know to take the figures for what they are."""
    found = []
    if len(hpolint) > 1:
        found.append("there is no command hpolint beside this interpreter: `python -m hpolint` is measured")
    if ripgrep is None:
        found.append("RIPGREP IS MISSING: there is no `rg` on the PATH, so the tree has no aim and no second reference")
    return found


def hpolint_command() -> list[str]:
    """The console script of this interpreter's environment, as users run it, or the module."""
    script = shutil.which("hpolint", path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "hpolint"]


def ripgrep_command() -> Command | None:
    """A search for the same words with ripgrep; 1 is its exit code where nothing matches."""
    found = shutil.which("rg")
    return Command("rg -i -l … TREE", [found, "-i", "-l", RIPGREP_PATTERN, TREE], 1) if found else None


def environment(folder: Path) -> dict[str, str]:
    """The environment without what changes how the commands work, so that runs can be compared.

    An installed hpolint has its bytecode; a checkout may have none, or may not write it. Here the
    warm-up writes it, to a folder of the benchmark's own.
    """
    dropped = ("RIPGREP_CONFIG_PATH", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def said_by(command: Command, folder: Path) -> str:
    """The last line that a command prints, which tells whether it has found what is there."""
    done = subprocess.run(
        command.argv, cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    error = done.stderr.decode("utf-8", "replace")
    require(command, done.returncode, error)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[-1] if lines else ""


def require(command: Command, code: int, error: str = "") -> None:
    """Raises UnexpectedExit unless that is the expected exit code."""
    if code != command.expected:
        told = f"\n{error.rstrip()}" if error.strip() else ""
        raise UnexpectedExit(f"`{command.name}` ended with {code} and not with {command.expected}{told}")


def seconds(command: Command, folder: Path) -> float:
    """How long one run takes. Nothing is captured: reading a pipe would be measured too."""
    quiet, env = subprocess.DEVNULL, environment(folder)
    begin = time.perf_counter()
    done = subprocess.run(command.argv, cwd=folder, env=env, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    taken = time.perf_counter() - begin
    require(command, done.returncode)
    return taken


def peak_megabytes(command: Command, folder: Path) -> float:
    """The largest resident memory of one run."""
    argv = [sys.executable, "-I", "-S", "-c", MEASURE_MEMORY, *command.argv]
    done = subprocess.run(
        argv, cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    require(command, done.returncode, done.stderr.decode("utf-8", "replace"))
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return int(done.stdout) * unit / 1_000_000


def alternate(commands: list[Command], rounds: int, one: Callable[[Command], float]) -> list[list[float]]:
    """Each command's values, A B A B …: what disturbs the machine for a while disturbs all of them."""
    values: list[list[float]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, found in zip(commands, values, strict=True):
            found.append(one(command))
    return values


def figures(commands: list[Command], values: list[list[float]]) -> list[Figure]:
    """The values as figures. The first command is hpolint, the others what it is compared with."""
    medians = [statistics.median(found) for found in values]
    return [
        Figure(command.name, median, min(found), max(found), medians[0] / median if index else None)
        for index, (command, found, median) in enumerate(zip(commands, values, medians, strict=True))
    ]


def time_case(
    name: str,
    commands: list[Command],
    folder: Path,
    rounds: int,
    aim_of: Callable[[list[Figure]], tuple[str, float | None]],
) -> Case:
    """Time some commands in turns, in milliseconds, after one run of each that warms the caches."""
    said = [said_by(command, folder) for command in commands]
    found = figures(commands, alternate(commands, rounds, lambda command: seconds(command, folder) * 1_000))
    aim, limit = aim_of(found)
    within = found[0].median <= limit if limit is not None else None
    return Case(name, "ms", found, aim, limit, within, said[0])


def memory_case(name: str, commands: list[Command], folder: Path) -> Case:
    """Measure the peak memory of some commands. It hardly varies, so that few rounds will do."""
    values = alternate(commands, MEMORY_ROUNDS, lambda command: peak_megabytes(command, folder))
    return Case(name, "MB", figures(commands, values), "no aim")


def as_text(outcome: Outcome) -> str:
    """The outcome as a table, with what hpolint said below it."""
    head = (
        f"{outcome.hpolint}, Python {outcome.python}; medians of {outcome.rounds} rounds after a warm-up, "
        f"memory of {MEMORY_ROUNDS}; TREE: {outcome.tree_files:,} files, {outcome.tree_bytes / 1_000_000:.1f} MB"
    )
    rows = [("case", "command", "median", "min - max", "hpolint takes", "aim")]
    for case in outcome.cases:
        rows += case_rows(case)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if column in (2, 3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    kinds = {kind: [each for each in outcome.growth if each.kind == kind] for kind in growth.KINDS}
    grown = ["growth, one run each: processor time and memory of the largest process"] if outcome.growth else []
    for kind, each in kinds.items():
        told = (f"{one.size:,}: {one.seconds:.2f} s, {one.megabytes:.0f} MB" for one in each)
        grown += [f"  {kind}: {'; '.join(told)}"] if each else []
    said = [f"{case.figures[0].command}: {case.said}" for case in outcome.cases if case.said]
    marked = [f"note: {note}" for note in outcome.notes]
    return "\n".join([head, "", *lines, "", *grown, "", *said, *marked])


def case_rows(case: Case) -> list[tuple[str, str, str, str, str, str]]:
    """A case's lines of the table: hpolint with the aim, then what it is compared with."""
    digits = 0 if case.figures[0].min >= 1_000 else 1
    verdict = {True: ": yes", False: ": NO", None: ""}[case.within_aim]
    return [
        (
            "" if index else case.name,
            figure.command,
            f"{figure.median:.{digits}f} {case.unit}",
            f"{figure.min:.{digits}f} - {figure.max:.{digits}f}",
            "" if figure.ratio is None else f"{figure.ratio:.2f} x that",
            "" if index else f"{case.aim}{verdict}",
        )
        for index, figure in enumerate(case.figures)
    ]


if __name__ == "__main__":
    sys.exit(main())
