"""A large run is shared out among processes, and says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hpolint.run.file_run import START_METHOD
from tests.conftest import limited
from tests.test_cases import READ, UNREADABLE

TUNER = """
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
tuner = HyperparameterTuner(estimator, "auc", {{"eta": ContinuousParameter(0.001, 0.5, "Linear")}}, max_jobs={jobs})
tuner.fit()
"""

CHECK = """
import hpolint.run.candidate_check, multiprocessing, os, signal, sys
from hpolint.run import check, file_records, file_run
from hpolint.config.lookup import CheckOptions
from hpolint.reporters import reporter

def main():
    file_run.START_METHOD, file_run.PARALLEL_MIN_BYTES = sys.argv[2], 1
    if "--few" in sys.argv:
        file_run.PARALLEL_MIN_BYTES, file_run.PARALLEL_MIN_CANDIDATES = 2**40, 8
        sys.argv.remove("--few")
    if "--few-kept" in sys.argv:
        file_records.MAX_KEPT_CHARACTERS = 10_000
        sys.argv.remove("--few-kept")
    if "--no-fixes" in sys.argv:
        own = file_records.FileRecords.fix_texts
        def fix_texts(self, request):
            if multiprocessing.parent_process() is not None and request.file == "m03.py":
                os._exit(3)
            return own(self, request)
        file_records.FileRecords.fix_texts = fix_texts
        sys.argv.remove("--no-fixes")
    ends = {"--killed": lambda: os.kill(os.getpid(), signal.SIGKILL), "--ended": lambda: os._exit(3)}
    if len(sys.argv) > 3:
        read = hpolint.run.candidate_check.read_source
        def reading(name, *rest):
            if multiprocessing.parent_process() is not None and name in ("m03.py", "m11.py"):
                ends[sys.argv[3]]()
            return read(name, *rest)
        hpolint.run.candidate_check.read_source = reading
    with check.checked_paths(["."], CheckOptions(), None, int(sys.argv[1])) as made:
        report = made.report_with_fixes(made.report.findings)
    sys.stdout.write(reporter("json").render(report))

if __name__ == "__main__":
    main()
"""


def tree(folder: Path, files: int) -> None:
    """Modules of different sizes, each with a tuner."""
    for number in range(files):
        padding = f"# {'.' * 100}\n" * (number * 37 % 50)
        (folder / f"m{number:02}.py").write_text(padding + TUNER.format(jobs=number + 3), encoding="utf-8")
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


@pytest.mark.parametrize("more", [(), ("--few",)])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_one_and_several_processes_give_the_same_report(tmp_path: Path, method: str, more: tuple[str, ...]) -> None:
    """Findings, undecided, skipped and their order do not depend on how many processors there are.

    ``--few``: the bytes are not worth a process, and the first few candidates are this one's own.
    """
    if method == "fork" and START_METHOD != "fork":
        pytest.skip("this system does not fork")
    tree(tmp_path, 40)
    alone = checked(tmp_path, 1, method)
    assert len(alone["findings"]) >= 40
    assert sum(bool(finding["fix"] and finding["fix"]["edits"]) for finding in alone["findings"]) >= 40
    assert checked(tmp_path, 3, method, *more) == alone


@pytest.mark.skipif(START_METHOD != "fork", reason="this system does not fork")
@pytest.mark.parametrize("more", ["--few-kept", "--no-fixes"])
def test_a_fix_is_written_also_where_its_file_is_not_kept(tmp_path: Path, more: str) -> None:
    """Files beyond the limit, and those of a process that dies as it writes fixes, are read and judged again."""
    tree(tmp_path, 40)
    assert checked(tmp_path, 2, "fork", more) == checked(tmp_path, 1, "fork")


@pytest.mark.skipif(START_METHOD != "fork", reason="this system does not fork")
def test_the_first_candidates_are_read_here_and_the_others_elsewhere(tmp_path: Path) -> None:
    """A process that dies is another one, from the ninth candidate on."""
    tree(tmp_path, 40)
    report = checked(tmp_path, 3, "fork", "--few", "--ended")
    why = "not checked: its worker process exited with code 3"
    assert report["unreadable"] == [f"m11.py: {why}"]


@pytest.mark.skipif(START_METHOD != "fork", reason="this system does not fork")
@pytest.mark.parametrize(
    ("how", "why"),
    [("--killed", "was killed by SIGKILL, perhaps for lack of memory"), ("--ended", "exited with code 3")],
)
def test_a_dead_process_costs_the_file_that_killed_it(tmp_path: Path, how: str, why: str) -> None:
    """The file is named with the reason; all that was found before stays, and another process does what is left."""
    tree(tmp_path, 20)
    alone, report = checked(tmp_path, 1, "fork"), checked(tmp_path, 2, "fork", how)
    lost = ("m03.py", "m11.py")
    assert report["unreadable"] == [f"{name}: not checked: its worker process {why}" for name in lost]
    assert report["findings"] == [finding for finding in alone["findings"] if finding["path"] not in lost]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_deep_nesting_comes_back_from_another_process(tmp_path: Path, method: str) -> None:
    """A request around a structure as deep as is read gives in several processes what it gives in one."""
    if method == "fork" and START_METHOD != "fork":
        pytest.skip("this system does not fork")
    tree(tmp_path, 3)
    deep = '{"a": ' * 190 + "1" + "}" * 190
    request = (
        '{"HyperParameterTuningJobName": "x", "Deep": %s, "HyperParameterTuningJobConfig": {"Strategy": "random"}}'
    )
    for number in range(3):
        (tmp_path / f"deep{number}.json").write_text(request % deep, encoding="utf-8")
    alone = checked(tmp_path, 1, method)
    assert len({finding["path"] for finding in alone["findings"]}) >= 6
    assert checked(tmp_path, 2, method) == alone


@pytest.mark.skipif(START_METHOD != "fork", reason="this system does not fork")
def test_a_tree_full_of_faults_gives_the_same_report(tmp_path: Path) -> None:
    """Whatever is wrong in it, however many processes there are: the same findings and lines in the same order."""
    tree(tmp_path, 8)
    for name, text in (READ | UNREADABLE).items():
        if not name.startswith("long"):
            (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\xfd HyperParameterTuningJobConfig")
    (tmp_path / "later.py").write_text("type X[T] = T\n" + TUNER.format(jobs=1), encoding="utf-8")
    os.symlink("loop.json", tmp_path / "loop.json")
    os.symlink("nowhere", tmp_path / "gone.yaml")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / ".gitignore").write_text("*.[a-Z]\nm03.py\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    alone = checked(tmp_path, 1, "fork")
    assert len(alone["findings"]) >= 15
    assert len(alone["notices"]) >= 3
    for processes in (2, 5):
        assert checked(tmp_path, processes, "fork") == alone


@pytest.mark.skipif(START_METHOD != "fork", reason="this system does not fork")
def test_an_error_does_not_wait_for_busy_workers(tmp_path: Path) -> None:
    """A run that fails here ends its workers in the middle of a file."""
    tree(tmp_path, 4)
    code = (
        "import time; from hpolint.run import candidate_check, check, file_run\n"
        "from hpolint.config.lookup import CheckOptions\n"
        "file_run.PARALLEL_MIN_BYTES = 1\n"
        "candidate_check.read_source = lambda *_: time.sleep(600)\n"
        "from hpolint.run.worker_pool import WorkerPool\n"
        "def receive(*_): raise ValueError('an error')\n"
        "WorkerPool._receive = receive\n"
        "check.check_paths(['.'], CheckOptions(), None, 2)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.stderr.endswith("ValueError: an error\n")


def test_a_small_run_stays_in_one_process(tmp_path: Path) -> None:
    """A process of its own costs more than a few files: a hook does not even load the module that starts one."""
    tree(tmp_path, 3)
    code = (
        "import sys\nfrom hpolint.config.lookup import CheckOptions\n"
        "from hpolint.run.check import check_paths\n"
        "report = check_paths(['.'], CheckOptions(), None, 8)\n"
        "print(len(report.jobs), 'hpolint.run.worker_pool' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, preexec_fn=limited
    )
    assert done.stdout.split() == [b"3", b"False"]
