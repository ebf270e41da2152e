"""Builds tables and runs experiments: python -m evidence tables | run [NAME …] [--full] | check [NAME …]."""

from __future__ import annotations

import argparse
import os
import sys
import time

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported: several threads on busy cores are many times slower


def main() -> int:
    """Run a command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m evidence", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    tables = commands.add_parser("tables", help="build the tables of some tasks, or of all")
    tables.add_argument("names", nargs="*", metavar="TASK")
    tables.add_argument("--check", action="store_true", help="compare with the tables that are kept")
    run = commands.add_parser("run", help="run some experiments, or all")
    run.add_argument("names", nargs="*", metavar="EXPERIMENT")
    run.add_argument("--full", action="store_true", help="with all repetitions, and keep the results")
    for command in (tables, run):
        command.add_argument("--jobs", type=int, default=2, help="processes at once (default: 2)")
    given = parser.parse_args()
    return _tables(given) if given.command == "tables" else _run(given)


def _tables(given: argparse.Namespace) -> int:
    from evidence.tables import build, load, save
    from evidence.tasks import TASKS

    wrong = 0
    for task in (each for each in TASKS if not given.names or each.name in given.names):
        began = time.time()
        table = build(task, given.jobs)
        if given.check:
            is_same = table.digest == load(task).digest
            wrong += not is_same
            print(f"{task.name}: {'the same' if is_same else 'differs'}, {time.time() - began:.0f} s", flush=True)
        else:
            save(table)
            print(f"{task.name}: {time.time() - began:.0f} s, best {table.final.min():.4f}", flush=True)
    return 1 if wrong else 0


def _run(given: argparse.Namespace) -> int:
    from evidence import running

    known = running.all_experiments()
    unknown = set(given.names) - set(known)
    if unknown:
        print(f"no experiment {', '.join(sorted(unknown))}; known are {', '.join(known)}", file=sys.stderr)
        return 2
    for experiment in (each for name, each in known.items() if not given.names or name in given.names):
        repetitions = experiment.full if given.full else experiment.quick
        found = running.run(experiment, repetitions, progress=lambda line: print(line, flush=True), jobs=given.jobs)
        if given.full:
            print(running.save(found))
        for each in found["conditions"]:
            words = ", ".join(f"{name} {value}" for name, value in each["condition"].items())
            measures = "; ".join(
                f"{name} {own['effect']:g} [{own['interval'][0]:g}, {own['interval'][1]:g}]"
                for name, own in each["measures"].items()
            )
            print(f"  {words}: {measures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
