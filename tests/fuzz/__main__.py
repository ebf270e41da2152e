"""Mutated inputs by the thousand: python -m tests.fuzz --minutes 5, in a checkout with the test extra.

Exit codes: 0 no faults, 1 faults. The same seed gives the same inputs; what is found is kept, made small.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import Campaign, Found
from tests.fuzz.faults import Fault
from tests.fuzz.limits import Limits


def main(arguments: list[str]) -> int:
    """Run a campaign and print what it found."""
    given = _arguments(arguments)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    campaign = Campaign(seed, Limits(given.seconds), given.hostile)
    began = time.monotonic()
    _write(f"seed {seed}, {given.jobs} processes")
    if given.minutes is None and given.count is None:
        given.minutes = 1.0
    campaign.run(given.count, given.minutes, given.jobs)
    seconds = time.monotonic() - began
    _write(f"{campaign.inputs:,} inputs in {seconds:.0f} s: {campaign.inputs / seconds:.0f} inputs/s")
    for kind, count in sorted(campaign.tally.items()):
        _write(f"  {kind}: {count:,}")
    _write(f"{len(campaign.found)} faults")
    for found in sorted(campaign.found.values(), key=lambda each: -each.count):
        data = campaign.smallest(found, given.tries)
        _write_found(campaign, found, data)
        if given.keep:
            _keep(Path(given.keep), campaign, found, data)
    return 1 if campaign.found else 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, help="how long; 1 if neither this nor --count is given")
    parser.add_argument("--count", type=int, help="how many inputs; the same ones for the same seed")
    parser.add_argument("--hostile", action="store_true", help="inputs in which something grows, instead of mutants")
    parser.add_argument("--seed", type=int, help="where the inputs come from; a new one each time by default")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="of the processor's time, for one input")
    parser.add_argument("--tries", type=int, help="how many smaller inputs are tried for each fault at most")
    parser.add_argument("--keep", metavar="DIR", help="where minimised inputs are written, each with a word about it")
    return parser.parse_args(arguments)


def _write_found(campaign: Campaign, found: Found, data: bytes) -> None:
    fault = found.fault
    _write(
        f"- {fault.kind} in {fault.where}: {found.count} inputs, the smallest --seed {campaign.seed} #{found.number}"
    )
    _write(f"    {_line(fault)}")
    _write(f"    {campaign.made(found.number).suffix}, {len(data)} bytes: {data[:300]!r}")


def _line(fault: Fault) -> str:
    return (fault.text.splitlines() or [""])[0][:300]


def _keep(folder: Path, campaign: Campaign, found: Found, data: bytes) -> None:
    """Write the minimised input, and beside it where it came from."""
    folder.mkdir(parents=True, exist_ok=True)
    each = campaign.made(found.number)
    stem = re.sub(r"[^\w.-]+", "-", f"{found.fault.kind}-{found.fault.where}").strip("-")[:80]
    (folder / f"{stem}{each.suffix}").write_bytes(data)
    (folder / f"{stem}{each.suffix}.whole").write_bytes(each.data)
    about = {
        "kind": found.fault.kind,
        "where": found.fault.where,
        "text": found.fault.text,
        "seed": campaign.seed,
        "number": found.number,
        "original": each.original,
        "mutations": each.mutations,
        "inputs with it": found.count,
    }
    (folder / f"{stem}{each.suffix}.txt").write_text(json.dumps(about, indent=1) + "\n")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
