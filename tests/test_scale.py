"""The fleet that docs/scale.md shows does what the page says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hpolint.model.finding import RuleFailure
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
COPIES = 12
ALONE = "import json, sys; from fleet import checked\nfor each in sys.argv[1:]: print(json.dumps(checked(each)))"


@contextmanager
def started(*argv: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its own group, which ends with the test."""
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.live
def test_a_fleet_finds_what_one_process_finds_though_a_worker_is_killed(tmp_path: Path) -> None:
    """Each repository once, by any worker."""
    python = Path(os.environ["HPOLINT_DASK"])
    dask = str(python.parent / "dask")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "fleet.py").write_text(code, encoding="utf-8")
    folders = [str(tmp_path / "repositories" / f"{number:02}") for number in range(COPIES)]
    for folder in folders:
        shutil.copytree(ROOT / "fixtures" / "python", folder)
    alone = subprocess.run(
        [str(python), "-c", ALONE, *folders], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    worker = (dask, "worker", address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard")
    with (
        started(dask, "scheduler", "--port", str(port), "--dashboard-address", ":0"),
        started(*worker),
        started(*worker) as doomed,
        subprocess.Popen(
            [str(python), "fleet.py", address, *folders], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        ) as fleet,
    ):
        assert fleet.stdout is not None
        lines = [fleet.stdout.readline().rstrip()]
        os.killpg(doomed.pid, signal.SIGKILL)
        lines += fleet.stdout.read().splitlines()
    assert fleet.returncode == 0
    assert sorted(lines) == sorted(alone)
    assert all(json.loads(line)["findings"] and not json.loads(line)["failed"] for line in lines)


def test_the_pages_code_is_python_that_names_what_there_is() -> None:
    """Without Dask it does not run, but the attributes of the report that it uses exist."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    body = code.partition("\ndef main")[0].replace("from dask.distributed import Client, as_completed\n", "")
    script = f"{body}\nprint(json.dumps(checked(sys.argv[1])))\n"
    folder = str(ROOT / "fixtures" / "request")
    run = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["findings"]
    assert all(hasattr(RuleFailure, name) for name in re.findall(r"failure\.(\w+)", code))
