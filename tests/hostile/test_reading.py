"""Whatever a repository puts in a file's place, hpolint reads a bounded part of it, and never waits for a pipe."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hpolint import check
from hpolint.config.keys import KEYS
from hpolint.discovery import candidates
from hpolint.io.files import BoundedFile, NoFileError, TooLargeError, read_file, read_start
from tests.conftest import ROOT, Command

PACKAGE = ROOT / "hpolint"

READING = {
    *("open", "fdopen", "read_bytes", "read_text", "open_code", "mmap", "FileIO", "fromfile", "memmap"),
    *("copyfile", "copy", "copy2", "copytree", "copyfileobj", "open_path", "read_own"),
}
"""What opens a file, as a function or as a method."""

OF_MODULES = {"copy": "shutil", "copy2": "shutil"}
"""Names that mean something else elsewhere: they count for that module alone."""

MAY_OPEN = {
    "io/files.py": "the reader",
    "cache/entries.py": "the cache: its own files, bounded there",
    "discovery/walk.py: open_path": "a folder that is listed, and no file",
    "io/streams.py": "what is written",
    "run/fix_files.py: os.fdopen": "what is written",
    "diff/checkouts.py: open": "what is written",
    "data/__init__.py: read_own": "hpolint's own files",
    "schema/__init__.py: read_own": "hpolint's own files",
    "registry/__init__.py: read_own": "hpolint's own files",
    "registry/rule_reader.py: read_own": "hpolint's own files",
}
"""Modules, or what single ones of them may call, with the reason."""


def test_every_file_is_read_by_the_bounded_reader() -> None:
    """No module opens a file by itself: a device has no end, and a pipe may have no writer."""
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {ast.unparse(node.func)}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _opens(node.func)
    }
    allowed = {each for each in found if each in MAY_OPEN or each.partition(":")[0] in MAY_OPEN}
    assert found - allowed == set()
    used = {each if each in MAY_OPEN else each.partition(":")[0] for each in allowed}
    assert used == set(MAY_OPEN), "an exception without a use"


def test_a_notebook_of_many_values_is_refused() -> None:
    """An output of empty lists takes twenty times the file's size: 64 MB of them would take 1.6 GB."""
    output = "[]," * 2_700_000
    text = f'{{"cells": [{{"cell_type": "code", "outputs": [{output}[]], "source": "HyperparameterTuner(x)"}}]}}'
    (finding,) = check({"a.ipynb": text}).findings
    assert finding.text[0].endswith("cannot be read: the notebook has more than 4,000,000 values")


OPENS = {
    "cli/rule_files.py": "",
    "config/config_files.py": "`hpolint.toml`, `pyproject.toml` and extended files",
    "config/ignore_patterns.py": "`.gitignore`, `.git/info/exclude`",
    "config/named_files.py": "",
    "config/sdk_config.py": "the SDK's configuration of `sdk-config`",
    "cost/offers.py": "price files",
    "cost/responses.py": "",
    "diff/checkouts.py": "git's objects and index in `hpolint diff`",
    "diff/renames.py": "git's objects and index in `hpolint diff`",
    "diff/working_tree.py": "`.gitignore`, `.git/info/exclude`",
    "discovery/candidates.py": "definitions, notebooks, Python, logs of CloudTrail",
    "discovery/package_lists.py": "lists of packages, programs in other languages",
    "discovery/parent_requests.py": "requests beside a request with a warm start",
    "discovery/python_imports.py": "Python modules that a definition imports",
    "discovery/terraform_callers.py": "Terraform files that call a module",
    "discovery/walk.py": "files that a template names, CDK manifests, Terraform modules and `tfvars`",
    "fixes/other_files.py": "definitions, notebooks, Python, logs of CloudTrail",
    "fixes/rounds.py": "training scripts, requirements, modules of a script",
    "fixes/script_proof.py": "definitions, notebooks, Python, logs of CloudTrail",
    "fixes/write_back.py": "definitions, notebooks, Python, logs of CloudTrail",
    "guard/written_exemptions.py": "the source of a caller of `hpolint.guard`",
    "io/git_index.py": "`.git/index`",
    "io/git_remote.py": "`.git` (a file), `commondir`, `.git/config`",
    "readers/cloudformation/app_sources.py": "`cdk.json`, programs of CDK apps, stack traces beside templates",
    "readers/cloudformation/origins.py": "`cdk.json`, programs of CDK apps, stack traces beside templates",
    "readers/script_files.py": "training scripts, requirements, modules of a script",
    "registry/data_tables.py": "policies and their tables",
    "registry/rule_reader.py": "policies and their tables",
    "run/unsynthesized_apps.py": "`cdk.json`, programs of CDK apps, stack traces beside templates",
    "run/importers.py": "definitions, notebooks, Python, logs of CloudTrail",
    "run/launchers.py": "training scripts, requirements, modules of a script",
    "run/workspace.py": "`hpolint.toml`, `pyproject.toml` and extended files",
    "editor/documents.py": "definitions, notebooks, Python, logs of CloudTrail",
    "suppressions/baseline.py": "`hpolint-baseline.json`",
    "suppressions/config_entries.py": "`hpolint.toml`, `pyproject.toml` and extended files",
}
"""For each module that opens files, its row of the table in SECURITY.md; empty if the command line names the file."""


def test_security_has_a_row_for_each_key_and_each_file_that_is_opened() -> None:
    """A new key, or a module that opens files, says what a repository may decide with it."""
    opening = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"read_file", "read_start", "BoundedFile", "read_named", "read_patterns"}
    }
    assert opening - {"io/files.py"} == set(OPENS)
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert {row for row in OPENS.values() if row} <= set(_first_cells(text, "opens"))
    keys = {key for cell in _first_cells(text, "keys") for key in re.findall("`([a-z-]+)`", cell)}
    assert keys == set(KEYS)


def _first_cells(text: str, table: str) -> list[str]:
    """The first cell of each row of a table of SECURITY.md."""
    rows = text.partition(f"<!-- boundary: {table} -->")[2].partition("<!-- end of boundary -->")[0]
    return [line.split("|")[1].strip() for line in rows.strip().splitlines()[2:]]


def _opens(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in READING - set(OF_MODULES)
    if not isinstance(function, ast.Attribute) or function.attr not in READING:
        return False
    return ast.unparse(function.value) == OF_MODULES.get(function.attr, ast.unparse(function.value))


def test_the_reader_takes_what_it_may_and_names_the_limit(tmp_path: Path) -> None:
    """A file of the limit's size is read, one byte more is an error that says the limit; a folder is no file."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 2048)
    assert read_file(str(file), 2048) == b"x" * 2048
    with pytest.raises(TooLargeError, match="larger than 1 KB"):
        read_file(str(file), 1024)
    assert (read_start(str(file), 8), read_start(str(file), 4096)) == (b"x" * 8, b"x" * 2048)
    with pytest.raises(NoFileError, match="file"):
        read_file(str(tmp_path), 10)


NAMED = {
    "policies": ('policies = ["p"]\n', "p/acme/x.md", ("check",)),
    "extend": ('extend = "x.toml"\n', "x.toml", ("check",)),
    "sdk-config": ('sdk-config = "sdk.yaml"\n', "sdk.yaml", ("check",)),
    "prices": ('[cost]\nprices = "p.csv"\n', "p.csv", ("cost",)),
    "baseline": ('baseline = "known.json"\n', "known.json", ("check",)),
    "configuration": ("", "pyproject.toml", ("check",)),
    "rule file": ("", "acme/x.md", ("test", "acme/x.md")),
    "rule folder": ("", "acme/x.md", ("test", "acme")),
    "trials": ("", "trials.log", ("cost", "--trials", "trials.log")),
}
"""A configuration, the file that it or the command line names, and the command that reads it."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes with names")
@pytest.mark.parametrize("named", NAMED)
def test_a_pipe_is_not_waited_for(hpolint: Command, named: str) -> None:
    """In a file's place it is named, with exit code 2."""
    path, arguments = _prepared(hpolint, named)
    os.mkfifo(path)
    run = hpolint(*arguments)
    assert run.returncode == 2
    assert path.name.encode() in run.stderr + run.stdout
    assert b"internal error" not in run.stderr


@pytest.mark.parametrize("named", NAMED)
def test_what_is_too_large_is_named_with_the_limit(hpolint: Command, named: str) -> None:
    """A sparse file, which takes no space on the disk, would take all memory."""
    path, arguments = _prepared(hpolint, named)
    with path.open("wb") as file:
        file.write(b"---\n")
        file.truncate(1 << 32)
    run = hpolint(*arguments)
    assert run.returncode == 2
    assert re.search(rb"%s\b.*larger than \d+ MB" % re.escape(path.name).encode(), run.stderr + run.stdout)


def _prepared(hpolint: Command, named: str) -> tuple[Path, tuple[str, ...]]:
    configuration, file, arguments = NAMED[named]
    hpolint.write("hpolint.toml", configuration)
    path = hpolint.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    return path, arguments


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such device")
def test_a_device_without_an_end_is_not_read(hpolint: Command) -> None:
    """Linked to in the place of a policy it would take all memory."""
    path, arguments = _prepared(hpolint, "policies")
    path.symlink_to("/dev/zero")
    run = hpolint(*arguments)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"p/acme/x.md:1:1: not read: a link to outside of the policy folder" in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such device")
def test_standard_input_without_an_end_is_refused(hpolint: Command) -> None:
    """It is read to the limit of the largest file that is parsed."""
    with open("/dev/zero", "rb") as zeros:
        run = subprocess.run(
            [sys.executable, "-m", "hpolint", "check", "-"],
            stdin=zeros,
            capture_output=True,
            cwd=hpolint.folder,
            check=False,
        )
    assert run.returncode == 2
    assert b"standard input: larger than 64 MB" in run.stderr


def test_a_file_is_searched_to_a_bound_and_the_rest_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sparse file of 64 GB takes as long as what is searched; rules that must be decided fail."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(candidates, "MAX_SEARCHED_BYTES", 12 * 1024 * 1024)
    read: list[int] = []

    def counted(file: BoundedFile, size: int) -> bytes:
        data = original(file, size)
        read.append(len(data) if file.size == 1 << 36 else 0)
        return data

    original = BoundedFile.read
    monkeypatch.setattr(BoundedFile, "read", counted)
    with (tmp_path / "data.json").open("wb") as file:
        file.truncate(1 << 36)
    report = check(["."])
    assert sum(read) == 12 * 1024 * 1024
    assert report.notices == [
        "data.json: larger than 12 MB: the rest of it was not searched for a definition",
    ]
    assert report.findings == []
    demanded = check(["."], {"undecided": {"unreadable-definition": "error"}})
    assert [(each.rule.id, each.level) for each in demanded.findings] == [("hygiene/unreadable-definition", "error")]
    assert demanded.findings[0].text[0].startswith("This file may name a tuning job, and was not searched to its end")
    with (tmp_path / "data.json").open("wb") as file:
        file.truncate(12 * 1024 * 1024)
    assert check(["."]).notices == []
