"""Whether the tests see a mistake: python -m tests.mutants [--only PATTERN] [--groups N] [--count N] [--seed S].

Needs the extra ``mutants``. Exit codes: 0 if at least 95 of 100 mutants of each group of modules are caught, 1 if
fewer, 2 if the tests fail as it is.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

from tests.conftest import ROOT
from tests.mutants.groups import GROUPS, Group
from tests.mutants.mutations import Mutant, sample
from tests.mutants.runs import copied, passes, survives

PACKAGE = ROOT / "hpolint"
LEAST_CAUGHT = 0.95
CAUGHT, TOO_FEW, BROKEN = range(3)


def main(arguments: list[str]) -> int:
    """Try some mutants of each group; print the survivors and how many were caught."""
    parser = argparse.ArgumentParser("python -m tests.mutants")
    parser.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help="modules, as in fixes/proof.py or suppress*, or the name of a group; all by default",
    )
    parser.add_argument("--groups", type=int, help="how many groups: other ones each day, in turn; all by default")
    parser.add_argument("--count", type=int, default=100, help="how many mutants of each group; 100 by default")
    parser.add_argument("--seed", type=int, help="which ones; others each time by default")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    groups = [(group, paths) for group in GROUPS if (paths := group.paths(PACKAGE, given.only))]
    if not groups:
        parser.error(f"no group and no module that is mutated is named like {given.only}")
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    if given.groups is not None:
        first = datetime.now(UTC).date().toordinal() * given.groups
        groups = [groups[(first + number) % len(groups)] for number in range(min(given.groups, len(groups)))]
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(given.jobs):
            copies.put(copied(Path(folder, str(number))))
        return max(
            _held(group, sample(PACKAGE, paths, given.count, seed), copies, given.jobs, seed) for group, paths in groups
        )


def _held(group: Group, mutants: Sequence[Mutant], copies: SimpleQueue[Path], jobs: int, seed: int) -> int:
    """Try the mutants of a group; the exit code."""
    copy = copies.get()
    is_sound = passes(copy, group.tests, group.seconds)
    copies.put(copy)
    if not is_sound:
        sys.stderr.write(f"{group.name}: the tests fail without any mutant\n")
        return BROKEN
    with ThreadPoolExecutor(jobs) as pool:
        survived = list(pool.map(lambda mutant: _tried(copies, group, mutant), mutants))
    caught = survived.count(False)
    sys.stdout.write(f"{group.name}, seed {seed}: {caught} of {len(mutants)} mutants caught\n")
    sys.stdout.flush()
    return CAUGHT if caught >= LEAST_CAUGHT * len(mutants) else TOO_FEW


def _tried(copies: SimpleQueue[Path], group: Group, mutant: Mutant) -> bool:
    """Whether a mutant survives in one of the copies; one that does is printed at once."""
    copy = copies.get()
    try:
        survived = survives(copy, mutant.module, mutant.text, group.tests, group.seconds)
    finally:
        copies.put(copy)
    if survived:
        sys.stdout.write(f"survived: {mutant.description()}\n")
        sys.stdout.flush()
    return survived


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
