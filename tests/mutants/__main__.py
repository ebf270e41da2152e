"""Whether the tests see a mistake: python -m tests.mutants [--count 100] [--seed S] [--jobs 2].

Needs the extra ``mutants``. Exit codes: 0 if at least 95 of 100 mutants are caught, 1 if fewer, 2 if the tests fail as
it is.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.conftest import ROOT
from tests.mutants.mutations import Mutant, sample
from tests.mutants.runs import copied, passes, survives

LEAST_CAUGHT = 0.95


def main(arguments: list[str]) -> int:
    """Try some mutants, tell the survivors, and how many were caught."""
    parser = argparse.ArgumentParser("python -m tests.mutants")
    parser.add_argument("--count", type=int, default=100, help="how many mutants; 100 by default")
    parser.add_argument("--seed", type=int, help="which ones; others each time by default")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    mutants = sample(ROOT / "hpolint", given.count, seed)
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(given.jobs):
            place = Path(folder, str(number))
            place.mkdir()
            copies.put(copied(place))
        first = copies.get()
        if not passes(first):
            sys.stderr.write("the tests fail without any mutant\n")
            return 2
        copies.put(first)
        with ThreadPoolExecutor(given.jobs) as pool:
            survived = list(pool.map(lambda mutant: _tried(copies, mutant), mutants))
    caught = survived.count(False)
    sys.stdout.write(f"seed {seed}: {caught} of {len(mutants)} mutants caught, {survived.count(True)} survived\n")
    return 0 if caught >= LEAST_CAUGHT * len(mutants) else 1


def _tried(copies: SimpleQueue[Path], mutant: Mutant) -> bool:
    """Whether a mutant survives in one of the copies; one that does is told at once."""
    copy = copies.get()
    try:
        survived = survives(copy, mutant.module, mutant.text)
    finally:
        copies.put(copy)
    if survived:
        sys.stdout.write(f"survived: {mutant.told()}\n")
        sys.stdout.flush()
    return survived


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
