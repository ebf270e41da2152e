"""Whether the cache ever shows: python -m tests.differential [--steps 100] [--seed S].

A small repository is edited at random; after each edit a check that may take what is kept must print what one prints
that reads everything. Exit codes: 0 if each did, 1 if one did not, 2 if next to nothing came from the cache.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.differential.edits import Edits
from tests.differential.runs import Done, run
from tests.differential.tree import REPOSITORY, make

PLAIN = ("check", "--all", "--output", "json")
CHECKS = (
    *(PLAIN,) * 6,
    ("check", "--all", "--output", "text", "--show-undecided"),
    ("check", "--output", "text", "--show-suppressed", "--statistics"),
    ("check", "--output", "sarif", "--select", "scale,script,launch"),
    ("check", "--output", "json", "--extend-select", "policy", "--config", "undecided.'house/few-trials'='warning'"),
    ("check", "--all", "--output", "text", "--diff", "--unsafe-fixes"),
    ("check", "--all", "--output", "markdown", "--isolated"),
)
COST = ("cost", "--output", "json")
PART_OF_COST = 0.1
PATHS = (
    *((".", ()),) * 9,
    *(("more", ("..",)), ("src", ("..", "../tune.py")), (".", ("tune.py", "deploy")), ("..", (REPOSITORY,))),
)
"""The folder of a run, from the repository, and the paths that it is given."""

COLUMNS = ("", "", "70")
CODES = (0, 1, 2)
UNREAD = 2


class Tally:
    """The outputs that came from the cache, judged by the files of the repository that were not opened."""

    def __init__(self) -> None:
        self.steps = self.whole = self.partly = self.missed = self.kept = self.read = self.changed = 0
        self.codes: Counter[int] = Counter()

    def add(self, cached: Done, fresh: Done) -> None:
        """A run that had the cache, and the one that read everything."""
        kept = len(fresh.opened - cached.opened)
        self.whole += not cached.opened
        self.partly += bool(cached.opened and kept)
        self.missed += bool(cached.opened and not kept)
        self.kept += kept if cached.opened else 0
        self.read += len(cached.opened)

    @property
    def is_too_little(self) -> bool:
        """Whether so few runs had anything from the cache that nothing is known of it."""
        return self.whole + self.partly < self.steps / 2

    def __str__(self) -> str:
        codes = ", ".join(f"{count:,} × {code}" for code, count in sorted(self.codes.items()))
        return (
            f"  {self.steps:,} edits, {self.changed:,} changed an output; exit codes: {codes}\n"
            f"  outputs: {self.whole:,} whole from the cache, {self.partly:,} in part, {self.missed:,} not at all\n"
            f"  files of the latter two: {self.kept:,} not read again, {self.read:,} read"
        )


class Tester:
    """A repository in a folder, its cache, and what is drawn by a seed; ``only`` is a part of the names to edit."""

    def __init__(self, folder: Path, seed: int, only: str = "") -> None:
        self._tree, self._cache = folder / "tree", str(folder / "cache")
        self._tree.mkdir()
        make(self._tree)
        self._draw = random.Random(seed)
        self._edits = Edits(self._tree, self._draw, lambda arguments: self._run(arguments, ".", self._cache), only)
        self._is_plain = bool(only)
        self._shown: dict[tuple[str, ...], str] = {}
        self._is_broken = False
        self.tally = Tally()

    def step(self) -> tuple[str, str]:
        """An edit, and the runs after it: what was done, and how their outputs differ; empty where they do not."""
        done = self._edits.edit(is_broken=self._is_broken)
        command, within, columns = self._drawn()
        done += f"; {'then' if within == '.' else f'in {within}'}: hpolint {' '.join(command)}"
        if command[0] == COST[0]:  # it has no option for that
            fresh = self._run(command, within, os.devnull, columns)
        else:
            fresh = self._run([*command, "--no-cache"], within, self._cache, columns)
        self._count(fresh, (within, columns, *command))
        if fresh.code not in CODES or "internal error" in fresh.shown:
            return done, fresh.shown
        for name in ("cached", "cached, once more"):
            cached = self._run(command, within, self._cache, columns)
            self.tally.add(cached, fresh)
            if cached.shown != fresh.shown:
                return done, _difference(fresh, cached, name)
        return done, ""

    def _drawn(self) -> tuple[Sequence[str], str, str]:
        """A command, the folder to run it in, and how wide its reports are."""
        if self._is_plain:
            return PLAIN, ".", ""
        arguments = COST if self._draw.random() < PART_OF_COST else self._draw.choice(CHECKS)
        within, paths = self._draw.choice(PATHS)
        if not (self._tree / REPOSITORY / within).is_dir():
            within, paths = ".", ()
        return [*arguments, *paths], within, self._draw.choice(COLUMNS)

    def _count(self, fresh: Done, command: tuple[str, ...]) -> None:
        self.tally.steps += 1
        self.tally.codes[fresh.code] += 1
        self.tally.changed += self._shown.get(command) not in (None, fresh.shown)
        self._shown[command] = fresh.shown
        self._is_broken = fresh.code == UNREAD and not fresh.out

    def _run(self, command: Sequence[str], within: str, cache: str, columns: str = "") -> Done:
        environment = {"HPOLINT_CACHE_DIR": cache, **({"COLUMNS": columns} if columns else {})}
        return run(command, self._tree / REPOSITORY / within, self._tree, environment)


def _difference(fresh: Done, cached: Done, name: str) -> str:
    lines = difflib.unified_diff(fresh.shown.splitlines(), cached.shown.splitlines(), "fresh", name, lineterm="")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Make so many steps, or until one run differs."""
    parser = argparse.ArgumentParser("python -m tests.differential")
    parser.add_argument("--steps", type=int, default=100, help="how many edits; 100 by default")
    parser.add_argument("--seed", type=int, help="which ones; others each time by default")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="edit only files with this in their paths, and run one command"
    )
    parser.add_argument("--verbose", action="store_true", help="print each step")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    with tempfile.TemporaryDirectory() as folder:
        tester = Tester(Path(folder).resolve(), seed, given.only)
        for number in range(given.steps):
            done, difference = tester.step()
            if given.verbose:
                _print(f"{number}: {done}")
            if difference:
                _print(f"seed {seed}, step {number}: {done}\n{difference}")
                return 1
    _print(f"seed {seed}: no output differs\n{tester.tally}")
    if tester.tally.is_too_little:
        _print("almost nothing came from the cache: this run does not test it")
        return 2
    return 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
