"""A large run is shared out among processes, and says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpolint.run import START
from tests.conftest import limited

TUNER = """
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
tuner = HyperparameterTuner(estimator, "auc", {{"eta": ContinuousParameter(0.001, 0.5, "Linear")}}, max_jobs={jobs})
tuner.fit()
"""

CHECK = """
import hpolint.outcome, multiprocessing, os, sys
from hpolint import run
from hpolint.config import Settings
from hpolint.reporters import reporter

def main():
    run.START, run.WORTH = sys.argv[2], 1
    if "--die" in sys.argv:
        read = hpolint.outcome.read_source
        def reading(name, data):
            if multiprocessing.parent_process() is not None:
                os._exit(3)
            return read(name, data)
        hpolint.outcome.read_source = reading
    report = run.check_paths(["."], Settings(), None, int(sys.argv[1]))
    sys.stdout.write(reporter("json").render(report))

if __name__ == "__main__":
    main()
"""


def tree(folder: Path, files: int) -> None:
    """Modules of different sizes, each with a tuner."""
    for number in range(files):
        padding = f"# {'.' * 100}\n" * (number * 37 % 50)
        (folder / f"m{number:02}.py").write_text(padding + TUNER.format(jobs=number + 1), encoding="utf-8")
    (folder / "broken.py").write_text("HyperparameterTuner(\n", encoding="utf-8")
    (folder / "template.yaml").write_text("{% if x %}\nHyperParameterTuningJobConfig: {\n", encoding="utf-8")


def checked(folder: Path, processes: int, method: str, *more: str) -> Any:
    """The JSON report of a run in so many processes."""
    script = folder / "check.script"
    script.write_text(CHECK, encoding="utf-8")
    argv = [sys.executable, str(script), str(processes), method, *more]
    done = subprocess.run(argv, cwd=folder, capture_output=True, check=True, preexec_fn=limited)
    report: Any = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_one_and_several_processes_give_the_same_report(tmp_path: Path, method: str) -> None:
    """Findings, undecided, skipped and their order do not depend on how many processors there are."""
    if method == "fork" and START != "fork":
        pytest.skip("this system does not fork")
    tree(tmp_path, 20)
    alone = checked(tmp_path, 1, method)
    assert len(alone["findings"]) >= 20
    assert checked(tmp_path, 3, method) == alone


@pytest.mark.skipif(START != "fork", reason="this system does not fork")
def test_files_lost_with_a_process_are_told(tmp_path: Path) -> None:
    """When a process dies, say for lack of memory, the run ends and tells how many files were not checked."""
    tree(tmp_path, 20)
    alone, report = checked(tmp_path, 1, "fork"), checked(tmp_path, 2, "fork", "--die")
    (told,) = [line for line in report["unreadable"] if "has died" in line]
    assert report["summary"]["files"] + int(told.split(" of them")[0].split()[-1]) == alone["summary"]["files"]


def test_a_small_run_stays_in_one_process(tmp_path: Path) -> None:
    """A process of its own costs more than a few files: a hook does not even load the module that starts one."""
    tree(tmp_path, 3)
    code = (
        "import sys; from hpolint.config import Settings; from hpolint.run import check_paths\n"
        "report = check_paths(['.'], Settings(), None, 8)\n"
        "print(len(report.jobs), 'hpolint.processes' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, preexec_fn=limited
    )
    assert done.stdout.split() == [b"3", b"False"]
