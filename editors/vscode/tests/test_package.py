"""What is installed, without a window."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

from conftest import EXTENSION, FIXTURES

from hpolint.discovery.byte_patterns import has_definition_pattern

ESCAPED = '{"\\u0048yperParameterTuningJobConfig": {}}'
MAX_FILES, MAX_BYTES = 8, 150_000


def test_the_package_is_small_and_whole(package: Path) -> None:
    """One bundle with its licence, icon and changelog."""
    with zipfile.ZipFile(package) as packed:
        names = packed.namelist()
    assert len(names) <= MAX_FILES
    assert package.stat().st_size <= MAX_BYTES
    for name in ("dist/extension.js", "icon.png", "changelog.md", "readme.md", "LICENSE.txt", "package.json"):
        assert f"extension/{name}" in names


def test_the_lock_file_names_no_place_and_checks_all() -> None:
    """Each package is what it was when the file was written, from wherever it comes."""
    locked = json.loads((EXTENSION / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, own in locked.items() if name and "integrity" not in own] == []
    assert [name for name, own in locked.items() if "resolved" in own] == []


def test_a_text_may_hold_a_job_where_the_command_says_so(tmp_path: Path) -> None:
    """The server is started for exactly the files that `hpolint check` would parse."""
    bundle = tmp_path / "candidates.cjs"
    esbuild = EXTENSION / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--platform=node", "--format=cjs", f"--outfile={bundle}"]
    subprocess.run([esbuild, EXTENSION / "src" / "candidates.ts", *options], check=True, capture_output=True)
    (tmp_path / "escaped.json").write_text(ESCAPED)
    files = [path for path in sorted(FIXTURES.rglob("*")) if path.is_file() and path.suffix != ".gz"]
    files.append(tmp_path / "escaped.json")
    program = (
        "const { mayHoldJob } = require(process.argv[1]); const fs = require('fs');"
        "const files = JSON.parse(fs.readFileSync(0, 'utf-8'));"
        "console.log(JSON.stringify(files.filter(file => mayHoldJob(fs.readFileSync(file, 'utf-8')))));"
    )
    asked = json.dumps([str(path) for path in files])
    run = subprocess.run(["node", "-e", program, bundle], input=asked, capture_output=True, text=True, check=True)
    expected = [str(path) for path in files if has_definition_pattern(path.read_bytes())]
    assert json.loads(run.stdout) == expected
    assert len(expected) < len(files)
